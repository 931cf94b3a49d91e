package cloudtest

import (
	"math/bits"
	"net"
	"net/netip"
	"os"
	"slices"
	"sync"
	"syscall"
	"time"
)

const (
	// socketBuffer is Linux's default net.core.rmem_default: what has arrived and nobody has
	// read. What comes when it is full is dropped and counted.
	socketBuffer = 212992
	// flightLimit bounds what is on its way to one socket, in datagrams.
	flightLimit = 1 << 16
	// datagramLimit is the largest payload of a UDP datagram over IPv4.
	datagramLimit = 65507
)

// socket is a datagram socket in memory.
type socket struct {
	host  *host
	addr  netip.AddrPort
	outer netip.AddrPort // as the others see it: RebindUDP; guarded by Network.mu

	mu      sync.Mutex
	moved   sync.Cond
	flows   map[netip.AddrPort]*flow // of what is sent, at most flowsLimit
	flying  []datagram               // on their way here, by arrival
	queue   []datagram               // arrived
	used    int                      // bytes that queue takes of socketBuffer
	spare   [][]byte                 // read and to be used again, at most sparePackages
	closed  bool
	reading deadline
	arrives *time.Timer // wakes the reader when the next of flying arrives
}

const sparePackages = 128

type datagram struct {
	at   time.Time
	from netip.AddrPort
	data []byte
}

func (h *host) ListenPacket(network, address string) (PacketConn, error) {
	if network != "udp" && network != "udp4" {
		return nil, net.UnknownNetworkError(network)
	}
	n := h.network
	n.mu.Lock()
	defer n.mu.Unlock()
	addr, err := h.bind(address, func(port uint16) bool { return h.sockets[port] != nil })
	if err != nil {
		return nil, &net.OpError{Op: "listen", Net: network, Err: err}
	}
	s := &socket{host: h, addr: addr, outer: addr, flows: map[netip.AddrPort]*flow{}}
	s.moved.L = &s.mu
	h.sockets[addr.Port()] = s
	return s, nil
}

func (s *socket) LocalAddr() net.Addr { return net.UDPAddrFromAddrPort(s.addr) }

func (s *socket) WriteToUDPAddrPort(b []byte, to netip.AddrPort) (int, error) {
	if len(b) > datagramLimit {
		return 0, s.failed("write", os.NewSyscallError("sendto", syscall.EMSGSIZE))
	}
	n := s.host.network
	n.mu.Lock()
	from, c := s.outer, n.between(s.addr.Addr(), to.Addr())
	var target *socket
	if h := n.hosts[to.Addr()]; h != nil {
		target = h.sockets[to.Port()]
	}
	n.mu.Unlock()
	copies, delays, err := s.draw(&c, to)
	if err != nil {
		return 0, s.failed("write", err)
	}
	if target == nil && copies > 0 {
		n.traffic.unheard.Add(1)
		return len(b), nil
	}
	now := time.Now()
	for _, delay := range delays[:copies] {
		at := now.Add(delay)
		if at.Before(c.HeldUntil) {
			at = c.HeldUntil
		}
		target.receive(b, from, at)
	}
	return len(b), nil
}

// draw decides what becomes of a datagram: how many copies of it come, and when.
func (s *socket) draw(c *Conditions, to netip.AddrPort) (copies int, delays [2]time.Duration, err error) {
	t := &s.host.network.traffic
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return 0, delays, net.ErrClosed
	}
	t.sent.Add(1)
	if c.Down || c.DatagramsDown {
		t.lost.Add(1)
		return 0, delays, nil
	}
	if !c.chancy() {
		delays[0] = c.Latency
		return 1, delays, nil
	}
	f := s.flows[to]
	if f == nil {
		if len(s.flows) == flowsLimit {
			clear(s.flows)
		}
		f = &flow{lots: s.host.network.lots("udp", s.addr, to)}
		s.flows[to] = f
	}
	if f.lost(c) {
		t.lost.Add(1)
		return 0, delays, nil
	}
	copies = 1
	if f.doubled(c) {
		t.doubled.Add(1)
		copies = 2
	}
	for i := range copies {
		var late bool
		if delays[i], late = f.delay(c); late {
			t.late.Add(1)
		}
	}
	return copies, delays, nil
}

func (s *socket) receive(b []byte, from netip.AddrPort, at time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed || len(s.flying) >= flightLimit {
		s.host.network.traffic.dropped.Add(1)
		return
	}
	var data []byte
	if last := len(s.spare) - 1; last >= 0 {
		data, s.spare = s.spare[last][:0], s.spare[:last]
	}
	d := datagram{at, from, append(data, b...)}
	place := len(s.flying) // behind all that arrive at the same time: a clean wire keeps the order
	for place > 0 && s.flying[place-1].at.After(at) {
		place--
	}
	s.flying = slices.Insert(s.flying, place, d)
	if place == 0 { // else the reader is awake, or a timer wakes it before
		s.moved.Signal()
	}
}

// settle moves what has arrived until now into the queue, as far as the buffer holds it.
func (s *socket) settle(now time.Time) {
	n := 0
	for ; n < len(s.flying) && !now.Before(s.flying[n].at); n++ {
		d := s.flying[n]
		if s.used+kernelSize(len(d.data)) > socketBuffer {
			s.host.network.traffic.dropped.Add(1)
			s.keepSpare(d.data)
			continue
		}
		s.used += kernelSize(len(d.data))
		s.queue = append(s.queue, d)
	}
	s.flying = slices.Delete(s.flying, 0, n)
}

// kernelSize is what a datagram takes of a socket buffer on Linux (skb->truesize): payload,
// headers and a 320-byte record in a power of two, and 256 bytes for the sk_buff. It is why
// the default buffer holds some 90 packages of 1024 bytes and not 200.
func kernelSize(payload int) int {
	const headers, record, skBuff = 28 + 64, 320, 256
	return 1<<bits.Len(uint(payload+headers+record-1)) + skBuff
}

func (s *socket) keepSpare(data []byte) {
	if len(s.spare) < sparePackages {
		s.spare = append(s.spare, data)
	}
}

// ReadFromUDPAddrPort reads one datagram; what does not fit into b is lost, as with UDP.
func (s *socket) ReadFromUDPAddrPort(b []byte) (int, netip.AddrPort, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for {
		now := time.Now()
		s.settle(now)
		switch {
		case s.closed:
			return 0, netip.AddrPort{}, s.failed("read", net.ErrClosed)
		case s.reading.passed(now):
			return 0, netip.AddrPort{}, s.failed("read", os.ErrDeadlineExceeded)
		case len(s.queue) > 0:
			d := s.queue[0]
			s.queue = slices.Delete(s.queue, 0, 1)
			s.used -= kernelSize(len(d.data))
			s.keepSpare(d.data)
			if len(s.queue) > 0 {
				s.moved.Signal() // there may be a second reader
			}
			return copy(b, d.data), d.from, nil
		case len(s.flying) > 0 && s.arrives == nil:
			s.arrives = time.AfterFunc(time.Until(s.flying[0].at), s.wake)
		case len(s.flying) > 0:
			s.arrives.Reset(time.Until(s.flying[0].at))
		}
		s.moved.Wait()
	}
}

func (s *socket) wake() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.moved.Broadcast()
}

func (s *socket) SetReadDeadline(t time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.reading.set(t, s.wake)
	s.moved.Broadcast()
	return nil
}

func (s *socket) Close() error {
	n := s.host.network
	n.mu.Lock()
	if s.host.sockets[s.outer.Port()] == s {
		delete(s.host.sockets, s.outer.Port())
	}
	n.mu.Unlock()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	s.reading.stop()
	if s.arrives != nil {
		s.arrives.Stop()
	}
	s.moved.Broadcast()
	return nil
}

func (s *socket) failed(op string, err error) error {
	return &net.OpError{Op: op, Net: "udp", Source: s.LocalAddr(), Err: err}
}
