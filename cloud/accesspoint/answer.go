package accesspoint

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"

	"v720dvr/cloud/v720"
)

// answer is a message from the camera. Its code stands in the content of a 502; some may say it outright.
type answer struct {
	outer, code int64
	fields      map[string]json.RawMessage
}

// readAnswer reads a package that is JSON; false when it is none that can be read, which is no reason
// to stop.
func readAnswer(p v720.Packet) (m answer, ok bool) {
	if p.Cmd != v720.CmdJSON {
		return m, false
	}
	if json.NewDecoder(bytes.NewReader(v720.CleanJSON(p.Payload))).Decode(&m.fields) != nil {
		return m, false
	}
	m.outer, _ = m.number("code")
	m.code = m.outer
	var inside map[string]json.RawMessage
	if content, has := m.fields["content"]; has && json.Unmarshal(content, &inside) == nil {
		m.fields = inside
		m.code, _ = m.number("code")
	}
	return m, true
}

// number reads 5 and "5".
func (m answer) number(name string) (int64, bool) {
	raw, has := m.fields[name]
	if !has {
		return 0, false
	}
	var n json.Number
	if json.Unmarshal(raw, &n) != nil {
		return 0, false
	}
	v, err := n.Int64()
	return v, err == nil
}

func (m answer) text(name string) string {
	var text string
	if json.Unmarshal(m.fields[name], &text) != nil { // a number will do
		text = string(m.fields[name])
	}
	return text
}

// CardError is what a camera says of its SD card. docs/protocol.md, section 8: sdDevStatus.
type CardError int64

// The states of a card that are none to work with.
const (
	CardMissing     CardError = 0
	CardFails       CardError = -1
	CardUnknown     CardError = -2
	CardNoSuchFile  CardError = -3
	CardFileDamaged CardError = -4
)

func (e CardError) Error() string {
	switch e {
	case CardMissing:
		return "there is no SD card in the camera"
	case CardFails:
		return "the camera's SD card fails: format it, or take another one"
	case CardUnknown:
		return "the camera cannot read the file system of its SD card: format it (FAT32)"
	case CardNoSuchFile:
		return "there is no such file on the camera's SD card"
	case CardFileDamaged:
		return "the file on the camera's SD card is damaged"
	}
	return fmt.Sprintf("the camera's SD card is in a state that is not known (%d)", int64(e))
}

// cardState is the state that an answer tells, when it is none to go on with.
func (m answer) cardState() error {
	if state, told := m.number("sdDevStatus"); told && state != 1 {
		return CardError(state)
	}
	if status, told := m.number("status"); told && status >= 400 {
		return fmt.Errorf("the camera answers with status %d", status)
	}
	return nil
}

// ask sends a command and waits for the answer with a code; what comes before is passed over.
func (c *Camera) ask(ctx context.Context, command v720.ForwardCommand, code int64) (m answer, err error) {
	if err := c.command(command.Content()); err != nil {
		return m, err
	}
	err = c.await(ctx, func(p v720.Packet) (bool, error) {
		var ok bool
		if m, ok = readAnswer(p); !ok || m.code != code {
			return false, nil
		}
		return true, m.cardState()
	})
	return m, err
}
