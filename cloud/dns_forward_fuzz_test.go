package cloud

import (
	"bytes"
	"context"
	"encoding/binary"
	"io"
	"net"
	"net/netip"
	"testing"
	"time"
)

// parrot is a resolver that is asked: it says what it is told to, as an answer to the question that came when it is honest.
type parrot struct {
	net.Conn // nil: nothing else of it is used
	says     []byte
	honest   bool
	stream   bool
	left     *bytes.Reader
}

func (p *parrot) Write(asked []byte) (int, error) {
	says := bytes.Clone(p.says)
	if p.stream {
		asked = asked[2:]
	}
	if p.honest && len(says) >= dnsHeaderSize {
		copy(says, asked[:2])                      // the id
		binary.BigEndian.PutUint16(says[4:], 1)    // one question, and it is the one
		says[2] = says[2]&^0x78 | 0x80             // an answer to a query
		name := asked[dnsHeaderSize:]              // with what stands behind it: an OPT
		name = name[:bytes.IndexByte(name, 0)+1+4] // no label of this name has a zero in it
		says = append(says[:dnsHeaderSize:dnsHeaderSize], append(name, says[dnsHeaderSize:]...)...)
	}
	if p.stream {
		says = framed(append([]byte{0, 0}, says[:min(len(says), 65535)]...))
	}
	p.left = bytes.NewReader(says)
	return len(asked), nil
}

// Read gives the same datagram again and again, a stream once.
func (p *parrot) Read(b []byte) (int, error) {
	if p.stream {
		return p.left.Read(b)
	}
	p.left.Seek(0, io.SeekStart)
	n, err := p.left.Read(b)
	if err == io.EOF { // a datagram of nothing
		err = nil
	}
	return n, err
}

func (p *parrot) SetDeadline(time.Time) error { return nil }
func (p *parrot) Close() error                { return nil }

// FuzzForwarded: whatever a resolver that is asked says, only what answers the question is passed on, and what is
// passed on can be read and kept.
func FuzzForwarded(f *testing.F) {
	head := []byte{0, 0, 0x81, 0x80, 0, 1, 0, 1, 0, 0, 0, 0}
	address := []byte{0xc0, 12, 0, typeA, 0, classIN, 0, 0, 0, 60, 0, 4, 93, 184, 216, 34}
	f.Add(append(bytes.Clone(head), address...), true)
	f.Add(append([]byte{0, 0, 0x83, 0x80, 0, 1, 0, 1, 0, 0, 0, 0}, address...), true) // cut
	f.Add([]byte{0, 0, 0x81, 0x83, 0, 1, 0, 0, 0, 0, 0, 0}, true)                     // no such name
	f.Add(append(bytes.Clone(head), address[:9]...), true)
	f.Add(append(bytes.Clone(head), address...), false)
	f.Add([]byte{}, false)
	server := netip.MustParseAddrPort("192.168.1.1:53")
	f.Fuzz(func(t *testing.T, says []byte, honest bool) {
		forward := &forwarder{dial: func(_ context.Context, network, _ string) (net.Conn, error) {
			return &parrot{says: says, honest: honest, stream: network == "tcp"}, nil
		}}
		q := question{id: 7, flags: flagRecursion, name: wireName("Example.org"), kind: typeA, class: classIN, edns: true, size: largestDatagram}
		answer, err := forward.askServer(t.Context(), q, server)
		if err != nil {
			return
		}
		now := time.Now()
		var cache dnsCache
		cache.keep(q.lookup(), answer, now)
		kept, held := cache.answer(nil, q.lookup(), now.Add(time.Second))
		if held && len(kept) != len(answer) {
			t.Errorf("%d bytes are kept as %d", len(answer), len(kept))
		}
		q.own(answer)
		if !q.answeredBy(answer) {
			t.Errorf("passed on as an answer to %q: %x", nameText(q.name), answer)
		}
		if err := eachRecord(answer, q.questionEnd(), nil); err != nil {
			t.Errorf("passed on %x: %v", answer, err)
		}
		if fits := q.fit(answer); len(fits) > largestDatagram {
			t.Errorf("a datagram of %d bytes", len(fits))
		}
	})
}
