package cloud

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"
)

// What others are asked. The bounds are those of a house: a page of a browser asks for some dozens of names.
const (
	forwardLimit = 5 * time.Second         // for an answer in all; then SERVFAIL
	forwardTry   = 1500 * time.Millisecond // for one server, the first time
	wrongAnswers = 16                      // datagrams that do not fit, before TCP is taken instead
)

// forwarder asks other resolvers. Whoever answers must know the port, the id and the case of each
// letter of the name (draft-vixie-dnsext-dns0x20): all three are drawn by lot.
type forwarder struct {
	servers func() []netip.AddrPort // to ask, in order; none of them is ourselves
	dial    func(ctx context.Context, network, address string) (net.Conn, error)
	last    atomic.Uint32 // the server that answered last

	mu      sync.Mutex
	flights map[lookup]*flight
}

// flight is a question that others are asked now. Who asks for the same waits for its answer: also when
// it is our own question, which came back to us around a loop of resolvers.
type flight struct {
	done   chan struct{}
	answer []byte
	err    error
}

var errNoServers = errors.New("no resolver to ask: name one as cloud.dns_forward")

// ask returns an answer to q, with an id of no meaning and the name in any case.
func (f *forwarder) ask(ctx context.Context, q question) ([]byte, error) {
	key := q.lookup()
	f.mu.Lock()
	if under := f.flights[key]; under != nil {
		f.mu.Unlock()
		select {
		case <-under.done:
			return under.answer, under.err
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	mine := &flight{done: make(chan struct{})}
	if f.flights == nil {
		f.flights = make(map[lookup]*flight)
	}
	f.flights[key] = mine
	f.mu.Unlock()

	mine.answer, mine.err = f.askServers(ctx, q)
	f.mu.Lock()
	delete(f.flights, key)
	f.mu.Unlock()
	close(mine.done)
	return mine.answer, mine.err
}

// askServers tries one server after the other, twice, from the one that answered last.
func (f *forwarder) askServers(ctx context.Context, q question) (answer []byte, err error) {
	servers := f.servers()
	if len(servers) == 0 {
		return nil, errNoServers
	}
	first := int(f.last.Load())
	for try := range 2 * len(servers) {
		i := (first + try) % len(servers)
		patience := forwardTry
		if try >= len(servers) {
			patience *= 2
		}
		limited, cancel := context.WithTimeout(ctx, patience)
		answer, err = f.askServer(limited, q, servers[i])
		cancel()
		if err == nil {
			f.last.Store(uint32(i))
			return answer, nil
		}
		if ctx.Err() != nil {
			break
		}
	}
	return nil, err
}

// errOverTCP says that a server's answer is to be had over TCP.
var errOverTCP = errors.New("answer does not fit into a datagram")

// askServer asks one server, by datagram first.
func (f *forwarder) askServer(ctx context.Context, q question, server netip.AddrPort) ([]byte, error) {
	sent := q.disguised()
	answer, err := f.exchange(ctx, "udp", sent, server)
	if errors.Is(err, errOverTCP) {
		answer, err = f.exchange(ctx, "tcp", sent, server)
	}
	if err != nil {
		return nil, fmt.Errorf("ask the resolver %s: %w", server, err)
	}
	return answer, nil
}

// disguised is q as it is asked of others: with another id, and each letter of its name in a case that
// was drawn. What else its OPT record held was for us alone (RFC 6891, 6.1.1).
func (q question) disguised() question {
	var lot [2 + maxName]byte
	rand.Read(lot[:]) // never fails; see crypto/rand
	q.id = binary.BigEndian.Uint16(lot[:])
	q.name = bytes.Clone(q.name)
	for i, c := range q.name {
		if folded := c | 0x20; 'a' <= folded && folded <= 'z' && lot[2+i]&1 != 0 {
			q.name[i] ^= 0x20
		}
	}
	return q
}

// append writes q as a query.
func (q question) append(dst []byte) []byte {
	dst = binary.BigEndian.AppendUint16(dst, q.id)
	dst = binary.BigEndian.AppendUint16(dst, q.flags&(flagAuthentic|flagChecked)|flagRecursion)
	for _, n := range []uint16{1, 0, 0, q.extra()} {
		dst = binary.BigEndian.AppendUint16(dst, n)
	}
	dst = q.appendAsked(dst)
	if q.edns {
		dst = q.appendOPT(dst)
	}
	return dst
}

// answeredBy tells whether a message answers q and nothing else, to the letter.
func (q question) answeredBy(b []byte) bool {
	if len(b) < q.questionEnd() || binary.BigEndian.Uint16(b) != q.id || binary.BigEndian.Uint16(b[4:]) != 1 {
		return false
	}
	flags := binary.BigEndian.Uint16(b[2:])
	if flags&flagResponse == 0 || flags>>11&15 != 0 {
		return false
	}
	var asked [maxName + 4]byte
	return bytes.Equal(q.appendAsked(asked[:0]), b[dnsHeaderSize:q.questionEnd()])
}

// exchange sends a question from a port of its own, and reads until an answer to it comes.
func (f *forwarder) exchange(ctx context.Context, network string, q question, server netip.AddrPort) ([]byte, error) {
	conn, err := f.dial(ctx, network, server.String())
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	stop := context.AfterFunc(ctx, func() { conn.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	if network == "tcp" {
		return overTCP(conn, q)
	}
	if _, err := conn.Write(q.append(nil)); err != nil {
		return nil, err
	}
	datagram := make([]byte, 4096)
	for range wrongAnswers {
		n, err := conn.Read(datagram)
		if err != nil {
			return nil, err
		}
		answer := datagram[:n]
		switch {
		case !q.answeredBy(answer): // somebody guesses, or it keeps no case
		case binary.BigEndian.Uint16(answer[2:])&flagTruncated != 0:
			return nil, errOverTCP
		case eachRecord(answer, q.questionEnd(), nil) == nil:
			return answer, nil
		}
	}
	return nil, errOverTCP
}

// overTCP exchanges q on a connection: who answers there is who was asked, and keeps the case or not.
func overTCP(conn io.ReadWriter, q question) ([]byte, error) {
	if _, err := conn.Write(framed(q.append(make([]byte, 2, 512)))); err != nil {
		return nil, err
	}
	answer, err := readFramed(conn, nil)
	if err != nil {
		return nil, err
	}
	if end := q.questionEnd(); len(answer) >= end && lower(answer[dnsHeaderSize:dnsHeaderSize+len(q.name)]) == lower(q.name) {
		copy(answer[dnsHeaderSize:], q.name)
	}
	if !q.answeredBy(answer) || eachRecord(answer, q.questionEnd(), nil) != nil {
		return nil, errBadAnswer
	}
	return answer, nil
}

// framed fills in the length of a message that stands behind two bytes for it. RFC 1035, 4.2.2.
func framed(b []byte) []byte {
	binary.BigEndian.PutUint16(b, uint16(len(b)-2))
	return b
}

// readFramed reads a message of a stream, into buf where it fits.
func readFramed(r io.Reader, buf []byte) ([]byte, error) {
	var length [2]byte
	if _, err := io.ReadFull(r, length[:]); err != nil {
		return nil, err
	}
	n := int(binary.BigEndian.Uint16(length[:]))
	if cap(buf) < n {
		buf = make([]byte, n)
	}
	_, err := io.ReadFull(r, buf[:n])
	return buf[:n], err
}
