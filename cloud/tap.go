package cloud

import (
	"context"
	"errors"
	"io"
	"net"
	"net/netip"
	"sync/atomic"
	"time"

	"v720dvr/cloud/capture"
)

// Where a capture hears what cameras and cloud say to each other: each connection of a camera's port is
// a tapped one, each datagram passes tapIn or tapOut. Without a capture that is the read of one pointer.

// ErrCapturing says that a capture goes on already.
var ErrCapturing = errors.New("a capture goes on already")

// BeginCapture begins to take down what the cameras at some addresses, or all, and the cloud say to each
// other. write writes it as a pcapng file until its context ends, EndCapture is called or the file is full;
// it is to be called, and ends the capture. ErrCapturing while another one goes on.
func (s *Server) BeginCapture(o capture.Options) (write func(context.Context, io.Writer) error, err error) {
	c := capture.New(o)
	if !s.tap.CompareAndSwap(nil, c) {
		return nil, ErrCapturing
	}
	return func(ctx context.Context, w io.Writer) error {
		defer s.tap.CompareAndSwap(c, nil)
		err := c.Write(ctx, w)
		if n := c.Dropped(); n > 0 {
			s.log.Warn("a capture has holes: it was not written fast enough", "packets", n)
		}
		return err
	}, nil
}

// EndCapture ends the capture that goes on; false when none does.
func (s *Server) EndCapture() bool {
	c := s.tap.Load()
	if c == nil {
		return false
	}
	c.End()
	return true
}

// tappedConn is a connection of a camera.
type tappedConn struct {
	net.Conn
	tap           *atomic.Pointer[capture.Capture]
	camera, local netip.AddrPort
}

func tapped(conn net.Conn, tap *atomic.Pointer[capture.Capture]) net.Conn {
	t := &tappedConn{conn, tap, addrPortOf(conn.RemoteAddr()), addrPortOf(conn.LocalAddr())}
	if c := tap.Load(); c != nil {
		c.Open(t.camera, t.local, time.Now())
	}
	return t
}

func (t *tappedConn) Read(b []byte) (int, error) {
	n, err := t.Conn.Read(b)
	if c := t.tap.Load(); c != nil && n > 0 {
		c.Stream(t.camera, t.local, true, b[:n], time.Now())
	}
	return n, err
}

func (t *tappedConn) Write(b []byte) (int, error) {
	if c := t.tap.Load(); c != nil { // before it: the camera may answer at once
		c.Stream(t.camera, t.local, false, b, time.Now())
	}
	return t.Conn.Write(b)
}

func (t *tappedConn) Close() error {
	err := t.Conn.Close()
	if c := t.tap.Load(); c != nil && err == nil { // the first of several
		c.Close(t.camera, t.local, time.Now())
	}
	return err
}

// CloseWrite tells the other side that nothing more comes, where the connection can.
func (t *tappedConn) CloseWrite() error {
	if c, ok := t.Conn.(interface{ CloseWrite() error }); ok {
		return c.CloseWrite()
	}
	return errors.ErrUnsupported
}

// tapIn takes down a datagram that came.
func (s *Server) tapIn(from netip.AddrPort, datagram []byte) {
	if c := s.tap.Load(); c != nil {
		c.Datagram(from, s.mediaAddr(from), true, datagram, s.o.Now())
	}
}

// tapOut takes down a datagram that went.
func (s *Server) tapOut(to netip.AddrPort, datagram []byte) {
	if c := s.tap.Load(); c != nil {
		c.Datagram(to, s.mediaAddr(to), false, datagram, s.o.Now())
	}
}

// mediaAddr is our end of a camera's media: the socket is one for all networks, and the camera has come by
// its control connection.
func (s *Server) mediaAddr(other netip.AddrPort) netip.AddrPort {
	local := addrPortOf(s.media.LocalAddr())
	if !local.Addr().IsUnspecified() {
		return local
	}
	addr := netip.IPv4Unspecified()
	s.mu.RLock()
	for _, l := range s.links {
		if l.remote.Addr() == other.Addr() {
			addr = l.session.server.Addr().Unmap() // set once
		}
	}
	s.mu.RUnlock()
	return netip.AddrPortFrom(addr, local.Port())
}
