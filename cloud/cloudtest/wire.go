package cloudtest

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
)

// The camera's 20-byte header, little endian (docs/protocol.md, section 1):
//
//	0        4      6      7      8               16       20
//	| len u32 | cmd  | msg  | deal | forward id    | package | payload (len bytes)
//	|         | u16  | flag | flag | 8 bytes       | id u32  |
const headerSize = 20

// Commands and message flags that this camera knows. docs/protocol.md, section 1.
const (
	cmdJSON      = 0
	cmdJPEG      = 1
	cmdG711      = 4
	cmdPCM       = 6
	cmdFile      = 7
	cmdHeartbeat = 100
	cmdPing      = 101
	cmdPong      = 102
	cmdConfirm   = 605

	flagPlain  = 0
	flagHead   = 250
	flagBody   = 251
	flagEnd    = 252
	flagFinish = 255
)

// maxStreamMessage is what the vendor's own TCP decoder takes, header included; a camera has
// hardly more memory for it. docs/protocol.md, section 1.
const maxStreamMessage = 8092

type header struct {
	size    uint32 // of the payload
	cmd     uint16
	flag    uint8
	deal    uint8
	forward [8]byte // a camera sends zeros and does not read it
	id      uint32
}

func (h header) put(b []byte) {
	binary.LittleEndian.PutUint32(b, h.size)
	binary.LittleEndian.PutUint16(b[4:], h.cmd)
	b[6], b[7] = h.flag, h.deal
	copy(b[8:16], h.forward[:])
	binary.LittleEndian.PutUint32(b[16:], h.id)
}

// readHeader takes a header from the first 20 bytes of b.
func readHeader(b []byte) header {
	h := header{
		size: binary.LittleEndian.Uint32(b),
		cmd:  binary.LittleEndian.Uint16(b[4:]),
		flag: b[6], deal: b[7],
		id: binary.LittleEndian.Uint32(b[16:]),
	}
	copy(h.forward[:], b[8:16])
	return h
}

// message is a header with its payload in a slice of its own.
func message(cmd uint16, payload []byte) []byte {
	b := make([]byte, headerSize+len(payload))
	header{size: uint32(len(payload)), cmd: cmd}.put(b)
	copy(b[headerSize:], payload)
	return b
}

// readMessage reads one message from a stream. The payload stands in buf and is valid until
// the next call; buf holds maxStreamMessage bytes.
func readMessage(r io.Reader, buf []byte) (header, []byte, error) {
	if _, err := io.ReadFull(r, buf[:headerSize]); err != nil {
		return header{}, nil, err
	}
	h := readHeader(buf)
	if h.size > maxStreamMessage-headerSize {
		return h, nil, fmt.Errorf("message of cmd %d with %d bytes: a camera takes %d in all", h.cmd, h.size, maxStreamMessage)
	}
	payload := buf[headerSize : headerSize+h.size]
	if _, err := io.ReadFull(r, payload); err != nil {
		return h, nil, fmt.Errorf("read %d bytes of cmd %d: %w", h.size, h.cmd, noEOF(err))
	}
	return h, payload, nil
}

func noEOF(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}

// datagramMessage takes a datagram apart: one message, its length exactly what the header says.
func datagramMessage(b []byte) (header, []byte, error) {
	if len(b) < headerSize {
		return header{}, nil, fmt.Errorf("datagram of %d bytes: shorter than a header", len(b))
	}
	h := readHeader(b)
	if int64(h.size) != int64(len(b)-headerSize) {
		return h, nil, fmt.Errorf("datagram of cmd %d: header says %d bytes, %d came", h.cmd, h.size, len(b)-headerSize)
	}
	return h, b[headerSize:], nil
}

// order is any JSON that the server sends; a field that is not there stays zero.
// docs/protocol.md, sections 3 and 4.
type order struct {
	Code       int    `json:"code"`
	Status     int    `json:"status"`
	CliTarget  string `json:"cliTarget"`
	CliToken   string `json:"cliToken"`
	CliIP      string `json:"cliIp"`
	CliPort    int    `json:"cliPort"`
	CliNatIP   string `json:"cliNatIp"`
	CliNatPort int    `json:"cliNatPort"`
	IP         string `json:"ip"`
	Port       int    `json:"port"`
	Target     string `json:"target"`
	Content    struct {
		Code      int   `json:"code"`
		UnixTimer int64 `json:"unixTimer"`
	} `json:"content"`
	command []byte // what stands in Content
}

// readOrder is strict, since a server has no reason to send anything but plain JSON.
func readOrder(payload []byte) (order, error) {
	var o order
	if err := json.Unmarshal(payload, &o); err != nil {
		return o, fmt.Errorf("decode JSON %.80q: %w", payload, err)
	}
	var whole struct{ Content json.RawMessage }
	if err := json.Unmarshal(payload, &whole); err != nil {
		return o, fmt.Errorf("decode JSON %.80q: %w", payload, err)
	}
	o.command = whole.Content
	return o, nil
}

// What the camera writes, with the spaces it puts: code 100 and a 301 as captured, the others
// in the manner of the 301. docs/protocol.md, sections 3 and 4.

func registration(uid, token string) []byte {
	return fmt.Appendf(nil, `{"code": 100, "uid": "%s", "token": "%s" ,"domain": "v720.naxclow.com"}`, uid, token)
}

func udpRequest() []byte { return []byte(`{"code": 20}`) }

func probeAnswer(uid string) []byte {
	return fmt.Appendf(nil, `{"code": 51, "devTarget": "%s", "status": 200}`, uid)
}

// natAnswer is code 12: what code 21 told us is devIp and devPort, the camera's own end devNat.
func natAnswer(o order, told order, ownIP string, ownPort uint16) []byte {
	return fmt.Appendf(nil, `{"code": 12, "status": 200, "devIp": "%s", "devPort": %d, "devNatIp": "%s", "devNatPort": %d, "cliTarget": "%s", "cliToken": "%s"}`,
		told.IP, told.Port, ownIP, ownPort, o.CliTarget, o.CliToken)
}

// forwardAnswer is an echo with what was asked for.
func forwardAnswer(target string, code int, more string) []byte {
	return fmt.Appendf(nil, `{"code": 301, "target": "%s", "content": {"code": %d, %s}}`, target, code, more)
}

func forwardEcho(target string, code int) []byte {
	return fmt.Appendf(nil, `{"code": 301, "target": "%s", "content": {"code": %d}}`, target, code)
}

// withNUL is what newer firmware sends: the terminator of its C string is part of the message.
func withNUL(json []byte) []byte { return append(bytes.Clone(json), 0) }
