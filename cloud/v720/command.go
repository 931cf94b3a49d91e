package v720

import (
	"encoding/json"
	"fmt"
	"strconv"
)

// MQTTCode is a command on a camera's MQTT topic. Its numbers and those of a ForwardCode are two spaces:
// 212 is the PIR's mode here and the motor there. docs/protocol.md, section 7.
type MQTTCode int

// ForwardCode is a command inside a CodeForward message: a table of its own, with other
// meanings than the MQTT commands of the same numbers. docs/protocol.md, section 7.
type ForwardCode int

// The forward codes that open and close a stream, and those that a server looks for in answers.
const (
	ForwardStop       ForwardCode = 0
	ForwardAudio      ForwardCode = 1 // sound alone
	ForwardVideo      ForwardCode = 2 // pictures alone
	ForwardLive       ForwardCode = 3 // picture and sound
	ForwardBaseInfo   ForwardCode = 4
	ForwardRetransmit ForwardCode = 298
)

// MQTTCommand is one to publish on a camera's sub topic. Only the functions MQTT… make one.
type MQTTCommand struct {
	Code   MQTTCode
	params []param
}

// ForwardCommand is one for the control connection, inside a 301. Only the functions Forward… make one.
type ForwardCommand struct {
	Code   ForwardCode
	params []param
}

// param is a key with its value, in its place on the wire.
type param struct {
	key   string
	value any // an int or a string
}

// Payload is the command's JSON, compact, in the order of the table.
func (c MQTTCommand) Payload() []byte { return command(int(c.Code), c.params) }

// Content is the command's JSON, as it stands in a 301.
func (c ForwardCommand) Content() []byte { return command(int(c.Code), c.params) }

// Payload is the 301 that carries the command. target is that of the opening. docs/protocol.md, section 4.
func (c ForwardCommand) Payload(target string) []byte { return forwardContent(target, c.Content()) }

// forwardContent wraps what is JSON already.
func forwardContent(target string, content []byte) []byte {
	return fmt.Appendf(nil, `{"code":301,"target":%s,"content":%s}`, quote(target), content)
}

func command(code int, params []param) []byte {
	b := strconv.AppendInt([]byte(`{"code":`), int64(code), 10)
	for _, p := range params {
		b = append(append(append(b, ','), quote(p.key)...), ':')
		switch v := p.value.(type) {
		case int:
			b = strconv.AppendInt(b, int64(v), 10)
		case string:
			b = append(b, quote(v)...)
		}
	}
	return append(b, '}')
}

func bit(on bool) int {
	if on {
		return 1
	}
	return 0
}

// RawMQTT takes any JSON object for the sub topic as it is: for people who explore. It is an error
// when it is no object with a code.
func RawMQTT(text []byte) ([]byte, error) { return rawCommand(text) }

// RawForward takes any JSON object as the content of a 301, and gives the 301.
func RawForward(target string, text []byte) ([]byte, error) {
	content, err := rawCommand(text)
	if err != nil {
		return nil, err
	}
	return forwardContent(target, content), nil
}

// maxRaw bounds a raw command: cameras take messages of some 8 KB in all. docs/protocol.md, section 1.
const maxRaw = 4096

func rawCommand(text []byte) ([]byte, error) {
	if len(text) > maxRaw {
		return nil, fmt.Errorf("a command of %d bytes: cameras take %d at most", len(text), maxRaw)
	}
	var c struct{ Code *int }
	if err := json.Unmarshal(text, &c); err != nil || c.Code == nil {
		return nil, fmt.Errorf("%.80q is no command: want a JSON object with a code, as {\"code\":202,\"IrLed\":1}", text)
	}
	return text, nil
}
