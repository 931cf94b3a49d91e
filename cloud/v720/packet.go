package v720

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// HeaderSize is the size of a package's header in bytes. docs/protocol.md, section 1.
const HeaderSize = 20

// MaxPacket bounds a package, header included, on TCP as on UDP. The vendor's own decoder
// refuses more, so no camera that works with it sends more. docs/protocol.md, section 1.
const MaxPacket = 8092

// Cmd says what a package carries. docs/protocol.md, section 1.
type Cmd uint16

// The commands that a server meets.
const (
	CmdJSON      Cmd = 0
	CmdJPEG      Cmd = 1
	CmdALaw      Cmd = 4
	CmdPCM       Cmd = 6
	CmdAVI       Cmd = 7 // file data of SD playback
	CmdHeartbeat Cmd = 100
	CmdPing      Cmd = 101
	CmdPong      Cmd = 102
	CmdConfirm   Cmd = 605
)

// Flag tells a media package's place in its frame. docs/protocol.md, sections 1 and 5.
type Flag uint8

// The flags of media packages.
const (
	FlagPlain  Flag = 0   // a camera without retransmission: a stream to be split at SOI and EOI
	FlagHead   Flag = 250 // the first package of a frame
	FlagBody   Flag = 251
	FlagEnd    Flag = 252 // the last package of a frame
	FlagFinish Flag = 255 // a frame in one package
)

// Packet is one package. Little endian on the wire:
//
//	0        4      6      7      8            16       20
//	| len    | cmd  | msg  | deal | forward id | id     | payload (len bytes)
//	| u32    | u16  | flag | flag | 8 bytes    | u32    |
type Packet struct {
	Cmd  Cmd
	Flag Flag
	Deal uint8
	// Forward is ignored on input. Appending fills in ASCII zeros where it is all zero, as the
	// app and the Python server send them.
	Forward [8]byte
	ID      uint32
	// Payload shares its memory with what it was parsed from.
	Payload []byte
}

var (
	// ErrShort is a package that ends before its header or its announced length does.
	ErrShort = errors.New("package is shorter than it says")
	// ErrOversized is a length above MaxPacket: on TCP the framing is lost and the connection with it.
	ErrOversized = errors.New("package is larger than any camera sends")
)

// asciiZeros is the forward id of everything we send.
var asciiZeros = [8]byte{'0', '0', '0', '0', '0', '0', '0', '0'}

// ParsePacket reads one package from a whole datagram. Bytes behind the announced length are
// ignored. The errors are ErrShort and ErrOversized, wrapped.
func ParsePacket(datagram []byte) (Packet, error) {
	if len(datagram) < HeaderSize {
		return Packet{}, fmt.Errorf("%w: %d bytes", ErrShort, len(datagram))
	}
	p, n := parseHeader(datagram)
	if n > MaxPacket-HeaderSize {
		return Packet{}, fmt.Errorf("%w: %d bytes of payload", ErrOversized, n)
	}
	if uint32(len(datagram)-HeaderSize) < n {
		return Packet{}, fmt.Errorf("%w: %d of %d bytes of payload", ErrShort, len(datagram)-HeaderSize, n)
	}
	p.Payload = datagram[HeaderSize : HeaderSize+n : HeaderSize+n]
	return p, nil
}

// parseHeader reads a header and the length of the payload behind it.
func parseHeader(h []byte) (Packet, uint32) {
	return Packet{
		Cmd:     Cmd(binary.LittleEndian.Uint16(h[4:])),
		Flag:    Flag(h[6]),
		Deal:    h[7],
		Forward: [8]byte(h[8:16]),
		ID:      binary.LittleEndian.Uint32(h[16:]),
	}, binary.LittleEndian.Uint32(h)
}

// Append appends the package's bytes to dst.
func (p Packet) Append(dst []byte) []byte {
	forward := p.Forward
	if forward == [8]byte{} {
		forward = asciiZeros
	}
	dst = binary.LittleEndian.AppendUint32(dst, uint32(len(p.Payload)))
	dst = binary.LittleEndian.AppendUint16(dst, uint16(p.Cmd))
	dst = append(dst, byte(p.Flag), p.Deal)
	dst = append(dst, forward[:]...)
	dst = binary.LittleEndian.AppendUint32(dst, p.ID)
	return append(dst, p.Payload...)
}
