package compat

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"v720dvr/camera"
)

// Bounds and limits. docs/architecture.md.
const (
	mostReaders      = 64
	mostOfOneAddress = 24 // loopback is free
	mostConnections  = 256
	headIn           = 10 * time.Second // a request has come
	writeIn          = 10 * time.Second // a reader takes something
	waitPicture      = 5 * time.Second  // for the next picture, or piece of sound: as long as the Python server does
	lookAgain        = 5 * time.Second  // whether a reader may still
)

// Options are what a Server needs.
type Options struct {
	Listen string // "host:port" or ":port"
	// Open lets everybody in: only on a loopback address.
	Open bool
	// Authenticate finds out who reads; not called with Open. Its error is ErrDenied, or a *WaitError when nothing was
	// looked at.
	Authenticate func(ctx context.Context, user, password string, from netip.Addr) (Reader, error)
	Cameras      Cameras
	Log          *slog.Logger                                        // nil discards
	Bind         func(network, address string) (net.Listener, error) // nil: net.Listen
}

// Reader is who reads, and what may be read.
type Reader struct {
	Who   string // for the log
	May   func(camera.ID) bool
	Still func(context.Context) bool // whether that is as it was; asked every few seconds
}

// ErrDenied is a user, password or token that is none.
var ErrDenied = errors.New("user or password is wrong")

// WaitError refuses to look at a password: there were too many wrong ones.
type WaitError struct{ After time.Duration }

func (e *WaitError) Error() string {
	return fmt.Sprintf("too many wrong passwords; try again in %d s", seconds(e.After))
}

func seconds(d time.Duration) int { return int((d + time.Second - 1) / time.Second) }

// Cameras are what is to be read.
type Cameras interface {
	// Connected lists those that are connected now.
	Connected(ctx context.Context) ([]Camera, error)
	// Watch begins to take what comes of a camera.
	Watch(id camera.ID, want Want) Feed
}

// Camera is one that is connected.
type Camera struct {
	ID   camera.ID
	Addr netip.AddrPort // where it comes from
}

// Want says what of a camera.
type Want struct {
	Pictures bool
	Every    bool // each of them; else the newest alone, when there is time for it
	Sound    bool
}

// Feed is what comes of one camera, in order. It is for one goroutine, and holds what is not taken only for so long.
type Feed interface {
	// Ready holds a token when Next may have something.
	Ready() <-chan struct{}
	// Next takes a picture, which any decoder can read, or else sound: the other one is empty. It never waits; false when
	// there is nothing. What it gave before has been sent. Bytes are shared with everybody.
	Next() (camera.Frame, camera.Audio, bool)
	Close()
}

// Server serves them: New, Listen, Run, in this order.
type Server struct {
	o        Options
	listener net.Listener
	http     *http.Server
	ctx      context.Context // of Run

	patience    time.Duration // waitPicture
	again       time.Duration // lookAgain
	connections atomic.Int64
	serving     sync.WaitGroup // readers
	mu          sync.Mutex
	closed      bool
	readers     map[netip.Prefix]int // by where they are
	all         int
}

// New checks the options.
func New(o Options) (*Server, error) {
	host, _, err := net.SplitHostPort(o.Listen)
	if err != nil {
		return nil, fmt.Errorf("new server of the Python server's addresses: %w", err)
	}
	if addr, err := netip.ParseAddr(host); o.Open && host != "localhost" && (err != nil || !addr.IsLoopback()) {
		return nil, fmt.Errorf("listen at %q without log-in: everybody on the network would get in; want a loopback address", o.Listen)
	}
	if o.Cameras == nil || !o.Open && o.Authenticate == nil {
		return nil, errors.New("new server of the Python server's addresses: want cameras, and somebody who knows who may read")
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Bind == nil {
		o.Bind = net.Listen
	}
	s := &Server{o: o, readers: make(map[netip.Prefix]int), patience: waitPicture, again: lookAgain}
	s.http = &http.Server{
		Handler: s.handler(), ReadHeaderTimeout: headIn, IdleTimeout: time.Minute, MaxHeaderBytes: 16 << 10,
		BaseContext: func(net.Listener) context.Context { return s.ctx },
		ConnState:   s.connection, ErrorLog: slog.NewLogLogger(o.Log.Handler(), slog.LevelDebug),
	}
	return s, nil
}

// connection counts those that are open, and closes what is too many.
func (s *Server) connection(c net.Conn, state http.ConnState) {
	switch state {
	case http.StateNew:
		if s.connections.Add(1) > mostConnections {
			c.Close()
		}
	case http.StateClosed, http.StateHijacked:
		s.connections.Add(-1)
	}
}

// Listen binds the address.
func (s *Server) Listen() (err error) {
	if s.listener, err = s.o.Bind("tcp", s.o.Listen); err != nil {
		return fmt.Errorf("listen for who reads as from the Python server: %w", err)
	}
	return nil
}

// Addr is where it listens; nil before Listen.
func (s *Server) Addr() net.Addr {
	if s.listener == nil {
		return nil
	}
	return s.listener.Addr()
}

// Close gives up a server that was never run.
func (s *Server) Close() error {
	if s.listener == nil {
		return nil
	}
	return s.listener.Close()
}

// Run serves until ctx ends, and its readers with it.
func (s *Server) Run(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	s.ctx = ctx
	ended := make(chan error, 1)
	go func() { ended <- s.http.Serve(s.listener) }()
	select {
	case err := <-ended:
		return fmt.Errorf("serve who reads as from the Python server: %w", err)
	case <-ctx.Done():
	}
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
	err := s.http.Close() // it ends what is written to; ctx ends what waits
	<-ended
	s.serving.Wait()
	return err
}
