package v720

import (
	"bufio"
	"fmt"
	"io"
)

// Decoder takes packages out of a TCP stream, however they were cut into segments: several in
// one, one in several. It holds one package at a time, MaxPacket bytes at most.
type Decoder struct {
	r       *bufio.Reader
	payload []byte
}

// NewDecoder returns a Decoder that reads from r.
func NewDecoder(r io.Reader) *Decoder {
	return &Decoder{r: bufio.NewReaderSize(r, MaxPacket)}
}

// Next returns the next package. Its payload is valid until the call after it. The error is
// io.EOF at the end of a stream between two packages, io.ErrUnexpectedEOF inside one,
// ErrOversized where the framing is lost, or what the reader gave.
func (d *Decoder) Next() (Packet, error) {
	var header [HeaderSize]byte
	if _, err := io.ReadFull(d.r, header[:]); err != nil {
		return Packet{}, err
	}
	p, n := parseHeader(header[:])
	if n > MaxPacket-HeaderSize {
		return Packet{}, fmt.Errorf("%w: %d bytes of payload", ErrOversized, n)
	}
	if cap(d.payload) < int(n) {
		d.payload = make([]byte, n, MaxPacket)
	}
	p.Payload = d.payload[:n:n]
	if _, err := io.ReadFull(d.r, p.Payload); err != nil {
		if err == io.EOF {
			err = io.ErrUnexpectedEOF
		}
		return Packet{}, err
	}
	return p, nil
}
