package v720

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
)

// Code says what the JSON of a package with CmdJSON means. docs/protocol.md, sections 3 to 5.
type Code int

// The codes that a server sends and meets.
const (
	CodeNATRequest   Code = 11  // to the camera: open a media channel to this address
	CodeNATResponse  Code = 12  // its answer, on TCP
	CodeUDPRequest   Code = 20  // the camera's first datagram: where do you see me?
	CodeUDPResponse  Code = 21  // our answer
	CodeProbe        Code = 50  // to the camera, on UDP
	CodeProbeAnswer  Code = 51  // from the camera, on UDP: who it is
	CodeStatus       Code = 53  // to the camera: switch to command mode
	CodeTimeStamp    Code = 54  // a measurement of the round trip
	CodeTimeAnswer   Code = 55  // its answer, with the same stamp
	CodeRegister     Code = 100 // the camera's first message on TCP
	CodeRegisterDone Code = 101 // our answer
	CodeForward      Code = 301 // a command of the forward table inside
)

// Control is a JSON message from a camera: the union of the fields that a server needs of any
// code. Fields that a message has not are zero.
type Control struct {
	Code       Code
	UID        string // 100: the camera's id
	Token      string // 100: the pwd of its getA9ConfCheck answer
	Domain     string // 100
	Status     Number // 12, 51: 200 when all is well
	DevIP      string `json:"devIp"`
	DevPort    Number
	DevNATIP   string `json:"devNatIp"`
	DevNATPort Number
	CliTarget  string // 12: echoed from 11
	CliToken   string // 12: echoed from 11
	DevTarget  string // 51: the camera's id
	Target     string // 301
	// Content is the command of a 301; nil else.
	Content json.RawMessage
	// The app calls it one thing and a capture the other. docs/protocol.md, section 4.
	TimerStamp json.RawMessage
	TimeStamp  json.RawMessage
}

// Number is an integer that some firmware puts in quotes.
type Number int64

// UnmarshalJSON accepts 5, "5" and 5.0; what is no number leaves it as it is, for one odd field is no
// reason to lose a message.
func (n *Number) UnmarshalJSON(text []byte) error {
	text = bytes.Trim(text, `" `)
	if string(text) == "null" || len(text) == 0 {
		return nil
	}
	if v, err := strconv.ParseInt(string(text), 10, 64); err == nil {
		*n = Number(v)
		return nil
	}
	if v, err := strconv.ParseFloat(string(text), 64); err == nil && v >= -(1<<53) && v <= 1<<53 {
		*n = Number(v)
	}
	return nil
}

// UnmarshalJSON reads a code as a Number is read.
func (c *Code) UnmarshalJSON(text []byte) error {
	var n Number
	err := n.UnmarshalJSON(text)
	*c = Code(n)
	return err
}

// ParseControl reads the payload of a package with CmdJSON. It forgives what cameras do: NULs
// and white space around the value, anything behind it, control characters and bytes that are
// no UTF-8 inside its strings. An empty payload is legal and means nothing: it gives code 0.
// docs/protocol.md, section 1.
func ParseControl(payload []byte) (Control, error) {
	clean := CleanJSON(payload)
	if len(clean) == 0 {
		return Control{}, nil
	}
	var c Control
	err := json.NewDecoder(bytes.NewReader(clean)).Decode(&c)
	if odd := (*json.UnmarshalTypeError)(nil); errors.As(err, &odd) && odd.Field != "" {
		err = nil // the field is left out, the others are there
	}
	if err != nil {
		return Control{}, fmt.Errorf("parse control message: %w", err)
	}
	return c, nil
}

// CleanJSON copies a camera's JSON without what no parser takes: control characters become spaces,
// and those around it go.
func CleanJSON(text []byte) []byte {
	clean := make([]byte, len(text))
	for i, b := range text {
		if b < ' ' {
			b = ' ' // white space between tokens; inside a string an SSID's oddity
		}
		clean[i] = b
	}
	return bytes.TrimSpace(clean)
}

// ForwardCode gives the code of the command inside a 301; ok is false where there is none.
func (c Control) ForwardCode() (code ForwardCode, ok bool) {
	var content struct{ Code *Number }
	if json.Unmarshal(c.Content, &content) != nil || content.Code == nil {
		return 0, false
	}
	return ForwardCode(*content.Code), true
}
