package card

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"

	"v720dvr/cloud/v720"
)

// Answer is a message from the camera. Its code stands in the content of a 301 or 502; some may say it outright.
type Answer struct {
	Outer  int64
	Code   v720.ForwardCode
	fields map[string]json.RawMessage
}

// ReadAnswer reads a package that is JSON; false when it is none that can be read, which is no reason
// to stop.
func ReadAnswer(p v720.Packet) (m Answer, ok bool) {
	if p.Cmd != v720.CmdJSON {
		return m, false
	}
	if json.NewDecoder(bytes.NewReader(v720.CleanJSON(p.Payload))).Decode(&m.fields) != nil {
		return m, false
	}
	m.Outer, _ = m.Number("code")
	m.Code = v720.ForwardCode(m.Outer)
	var inside map[string]json.RawMessage
	if content, has := m.fields["content"]; has && json.Unmarshal(content, &inside) == nil {
		m.fields = inside
		code, _ := m.Number("code")
		m.Code = v720.ForwardCode(code)
	}
	return m, true
}

// Number reads 5 and "5".
func (m Answer) Number(name string) (int64, bool) {
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

func (m Answer) text(name string) string {
	var text string
	if json.Unmarshal(m.fields[name], &text) != nil { // a number will do
		text = string(m.fields[name])
	}
	return text
}

// StateError is what a camera says of its SD card. docs/protocol.md, section 8: sdDevStatus.
type StateError int64

// The states of a card that are none to work with.
const (
	Missing     StateError = 0
	Fails       StateError = -1
	Unknown     StateError = -2
	NoSuchFile  StateError = -3
	FileDamaged StateError = -4
)

func (e StateError) Error() string {
	switch e {
	case Missing:
		return "there is no SD card in the camera"
	case Fails:
		return "the camera's SD card fails: format it, or take another one"
	case Unknown:
		return "the camera cannot read the file system of its SD card: format it (FAT32)"
	case NoSuchFile:
		return "there is no such file on the camera's SD card"
	case FileDamaged:
		return "the file on the camera's SD card is damaged"
	}
	return fmt.Sprintf("the camera's SD card is in a state that is not known (%d)", int64(e))
}

// cardState is the state that an answer tells, when it is none to go on with.
func (m Answer) cardState() error {
	if state, told := m.Number("sdDevStatus"); told && state != 1 {
		return StateError(state)
	}
	if status, told := m.Number("status"); told && status >= 400 {
		return fmt.Errorf("the camera answers with status %d", status)
	}
	return nil
}

// ask sends a command and waits for the answer with a code; what comes before is passed over.
func (c *Card) ask(ctx context.Context, command v720.ForwardCommand, code v720.ForwardCode) (m Answer, err error) {
	if err := c.Line.Command(command); err != nil {
		return m, err
	}
	err = c.Line.Await(ctx, 0, func(p v720.Packet) (bool, error) {
		var ok bool
		if m, ok = ReadAnswer(p); !ok || m.Code != code {
			return false, nil
		}
		return true, m.cardState()
	})
	return m, err
}
