package cloudtest

import (
	"context"
	"io"
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
			s.Close()
		default:
			return
		}
	}
}

// stream is one end of a connection.
type stream struct {
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
	// A port of an open stream may be drawn again: the two ends never look each other up by it.
	from, err := h.ephemeral(func(uint16) bool { return false })
	n.mu.Unlock()
	if err != nil {
		return nil, err
	}
	out, back := n.lots("tcp", from, to), n.lots("tcp", to, from)
	there := func() time.Duration { return n.conditions(from.Addr(), to.Addr()).delay(out) }
	home := func() time.Duration { return n.conditions(to.Addr(), from.Addr()).delay(back) }

	if err := rest(ctx, there()); err != nil {
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
	request, answer := newPipe(there), newPipe(home)
	select {
	case l.queue <- &stream{local: to, remote: from, in: request, out: answer}:
	case <-l.closed:
		return nil, os.NewSyscallError("connect", syscall.ECONNREFUSED)
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	select {
	case <-l.closed: // closed while the stream was put into its queue
		l.drain()
	default:
	}
	near := &stream{local: from, remote: to, in: answer, out: request}
	if err := rest(ctx, home()); err != nil {
		near.Close()
		return nil, err
	}
	return near, nil
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
	s.out.end()
	s.in.hangUp()
	return nil
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
