package cloudtest

import (
	"context"
	"io"
	"math/rand/v2"
	"net"
	"net/netip"
	"os"
	"sync"
	"syscall"
	"time"
)

// backlog bounds the streams that wait to be accepted; a dial waits behind them.
const backlog = 128

// listener accepts the streams that other hosts dial.
type listener struct {
	host   *host
	addr   netip.AddrPort
	queue  chan *stream
	closed chan struct{}
	once   sync.Once
}

func (h *host) Listen(network, address string) (net.Listener, error) {
	if network != "tcp" && network != "tcp4" {
		return nil, net.UnknownNetworkError(network)
	}
	n := h.network
	n.mu.Lock()
	defer n.mu.Unlock()
	addr, err := h.bind(address, func(port uint16) bool { return h.listeners[port] != nil })
	if err != nil {
		return nil, &net.OpError{Op: "listen", Net: network, Err: err}
	}
	l := &listener{host: h, addr: addr, queue: make(chan *stream, backlog), closed: make(chan struct{})}
	h.listeners[addr.Port()] = l
	return l, nil
}

func (l *listener) Addr() net.Addr { return net.TCPAddrFromAddrPort(l.addr) }

func (l *listener) Accept() (net.Conn, error) {
	select {
	case <-l.closed: // asked alone first: a closed listener accepts nothing more
	default:
		select {
		case s := <-l.queue:
			return s, nil
		case <-l.closed:
		}
	}
	return nil, &net.OpError{Op: "accept", Net: "tcp", Addr: l.Addr(), Err: net.ErrClosed}
}

// Close frees the port and resets the streams that nobody has accepted.
func (l *listener) Close() error {
	l.once.Do(func() {
		n := l.host.network
		n.mu.Lock()
		delete(l.host.listeners, l.addr.Port())
		n.mu.Unlock()
		close(l.closed)
	})
	l.drain()
	return nil
}

func (l *listener) drain() {
	for {
		select {
		case s := <-l.queue:
			s.connection.cut()
		default:
			return
		}
	}
}

// stream is one end of a connection.
type stream struct {
	connection    *connection
	local, remote netip.AddrPort
	in, out       *pipe
}

func (h *host) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	if network != "tcp" && network != "tcp4" {
		return nil, net.UnknownNetworkError(network)
	}
	to, err := netip.ParseAddrPort(address)
	if err != nil {
		return nil, &net.OpError{Op: "dial", Net: network, Err: err}
	}
	conn, err := h.dial(ctx, to)
	if err != nil {
		return nil, &net.OpError{Op: "dial", Net: network, Addr: net.TCPAddrFromAddrPort(to), Err: err}
	}
	return conn, nil
}

func (h *host) dial(ctx context.Context, to netip.AddrPort) (*stream, error) {
	n := h.network
	n.mu.Lock()
	from, err := h.ephemeral(func(port uint16) bool { return n.streams(netip.AddrPortFrom(h.addr, port)) })
	n.mu.Unlock()
	if err != nil {
		return nil, err
	}
	lots := n.lots("dial", from, to)
	if err := n.pass(ctx, from.Addr(), to.Addr(), lots); err != nil {
		return nil, err
	}
	n.mu.Lock()
	target := n.hosts[to.Addr()]
	var l *listener
	if target != nil {
		l = target.listeners[to.Port()]
	}
	n.mu.Unlock()
	switch {
	case target == nil:
		return nil, os.NewSyscallError("connect", syscall.EHOSTUNREACH)
	case l == nil:
		return nil, os.NewSyscallError("connect", syscall.ECONNREFUSED)
	}
	c := n.connect(from, to)
	select {
	case l.queue <- c.far():
	case <-l.closed:
		c.cut()
		return nil, os.NewSyscallError("connect", syscall.ECONNREFUSED)
	case <-ctx.Done():
		c.cut()
		return nil, ctx.Err()
	}
	select {
	case <-l.closed: // closed while the stream was put into its queue
		l.drain()
	default:
	}
	near := c.near()
	if err := n.pass(ctx, to.Addr(), from.Addr(), lots); err != nil {
		near.Close()
		return nil, err
	}
	return near, nil
}

// streams tells whether a stream was dialled from this address. Called with Network.mu held.
func (n *Network) streams(from netip.AddrPort) bool {
	for c := range n.connections {
		if c.from == from {
			return true
		}
	}
	return false
}

// pass waits until one step of the handshake has come over: while the link is down TCP tries it
// again and again.
func (n *Network) pass(ctx context.Context, from, to netip.Addr, lots *rand.Rand) error {
	var again time.Duration
	for {
		n.mu.Lock()
		c, changed := n.between(from, to), n.changed
		n.mu.Unlock()
		if !c.Down {
			return rest(ctx, again+c.delay(lots))
		}
		select {
		case <-changed:
			again = retransmission(lots)
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// rest waits for d, or until ctx ends: then it says why.
func rest(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (s *stream) Read(b []byte) (int, error) {
	n, err := s.in.read(b)
	return n, s.failed("read", err)
}

func (s *stream) Write(b []byte) (int, error) {
	n, err := s.out.write(b)
	return n, s.failed("write", err)
}

// Close ends both directions: the other end reads what is under way, then io.EOF.
func (s *stream) Close() error {
	s.connection.close(s, false)
	return nil
}

// vanish closes this end as a power cut does: the other one hears nothing of it, ever.
func (s *stream) vanish() { s.connection.close(s, true) }

// reset closes this end so that the other one fails, if word of it can come there at all.
func (s *stream) reset() {
	if c := s.connection; c.network.conditions(s.local.Addr(), s.remote.Addr()).Down {
		s.vanish()
	} else {
		c.cut()
	}
}

func (s *stream) LocalAddr() net.Addr  { return net.TCPAddrFromAddrPort(s.local) }
func (s *stream) RemoteAddr() net.Addr { return net.TCPAddrFromAddrPort(s.remote) }

func (s *stream) SetDeadline(t time.Time) error {
	s.in.setDeadline(&s.in.reading, t)
	s.out.setDeadline(&s.out.sending, t)
	return nil
}

func (s *stream) SetReadDeadline(t time.Time) error {
	s.in.setDeadline(&s.in.reading, t)
	return nil
}

func (s *stream) SetWriteDeadline(t time.Time) error {
	s.out.setDeadline(&s.out.sending, t)
	return nil
}

// failed dresses an error as package net does, so that errors.Is and net.Error see what they
// are used to; io.EOF stays bare.
func (s *stream) failed(op string, err error) error {
	if err == nil || err == io.EOF {
		return err
	}
	return &net.OpError{Op: op, Net: "tcp", Source: s.LocalAddr(), Addr: s.RemoteAddr(), Err: err}
}
