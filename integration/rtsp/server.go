package rtsp

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/bluenviron/gortsplib/v5"
	"github.com/bluenviron/gortsplib/v5/pkg/auth"

	"v720dvr/camera"
)

// Bounds. docs/architecture.md.
const (
	mostReaders      = 64
	mostOfOneAddress = 24  // loopback is free
	mostConnections  = 128 // a reader over UDP has one too
	waitingPackets   = 512 // of RTP for a reader, a power of two: 2 to 4 s of a camera
)

// How things go on and end.
const (
	freshFor  = 10 * time.Second // a picture that is older is none to begin with
	waitFirst = 5 * time.Second  // for a picture of a camera that gave none lately
	goneAfter = 30 * time.Second // without picture and sound, readers are ended
	idleFor   = 10 * time.Second // a channel goes on without readers: they ask, and then begin
	lookAgain = 5 * time.Second  // whether readers may still
	helloIn   = 15 * time.Second // a connection has shown who it is
	writeIn   = 10 * time.Second // a reader takes something
)

// Options are what a Server needs.
type Options struct {
	// Listen is where, as "host:port" or ":port"; over UDP it sends from the first even port from there, and from the
	// next one.
	Listen string
	// Open lets everybody in: only on a loopback address.
	Open bool
	// Authenticate finds out who reads; not called with Open. Its error is a *WaitError when nothing was looked at.
	Authenticate func(ctx context.Context, user, password string, from netip.Addr) (Reader, error)
	Cameras      Cameras
	Log          *slog.Logger // nil discards
	// Bind and BindPacket open sockets; nil: those of package net.
	Bind       func(network, address string) (net.Listener, error)
	BindPacket func(network, address string) (net.PacketConn, error)
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
	return fmt.Sprintf("too many wrong passwords; try again in %d s", int((e.After+time.Second-1)/time.Second))
}

// Cameras is what is to be read.
type Cameras interface {
	// Find finds a camera by its name or id; the case of letters does not count. ErrNoCamera when there is none.
	Find(ctx context.Context, called string) (camera.ID, error)
	// Watch begins to take what comes of a camera.
	Watch(id camera.ID) Feed
}

// ErrNoCamera is a camera that is not known.
var ErrNoCamera = errors.New("there is no such camera")

// Feed is what comes of one camera, in order. It is for one goroutine, and holds what is not taken only for so long.
type Feed interface {
	// Ready holds a token when Next may have something.
	Ready() <-chan struct{}
	// Next takes a picture, or else sound: the other one is empty. It never waits; false when there is nothing. Bytes
	// are shared with everybody.
	Next() (camera.Frame, camera.Audio, bool)
	// Dropped tells how many pictures and pieces of sound it had to let go so far because nobody took them; behind Close
	// too.
	Dropped() int64
	// Close ends it.
	Close()
}

// Server serves RTSP: New, Listen, Run, in this order.
type Server struct {
	o        Options
	listener net.Listener
	packets  map[string]net.PacketConn // by address, until gortsplib has them; nil without UDP
	rtsp     *gortsplib.Server
	door     *door
	stats    counters

	mu       sync.Mutex
	ctx      context.Context // of Run
	running  sync.WaitGroup
	channels map[camera.ID]*channel
	readers  map[*gortsplib.ServerSession]*reading
}

// counters are Stats as they are counted.
type counters struct {
	pictures, sounds, fitted, refused, slow, denied, strangers, dropped, panics atomic.Int64
}

// Stats count since the start.
type Stats struct {
	Readers   int   // now
	Pictures  int64 // sent, each once, whatever the number of readers
	Sounds    int64 // likewise, pieces
	Fitted    int64 // pictures that were coded anew to be fit
	Refused   int64 // pictures that could not be sent
	Slow      int64 // readers that were ended because they did not take what came
	Denied    int64 // answers to who may not, or too many at once
	Strangers int64 // connections that did not speak RTSP, or were too many
	Dropped   int64 // pictures and sound that nobody took in time: this machine was too busy
	Panics    int64 // mistakes of ours that cost a picture or an answer
}

// New checks the options.
func New(o Options) (*Server, error) {
	host, _, err := net.SplitHostPort(o.Listen)
	if err != nil {
		return nil, fmt.Errorf("new RTSP server: %w", err)
	}
	if addr, err := netip.ParseAddr(host); o.Open && host != "localhost" && (err != nil || !addr.IsLoopback()) {
		return nil, fmt.Errorf("new RTSP server: listen at %q without log-in: everybody on the network would get in; want a loopback address", o.Listen)
	}
	if o.Cameras == nil || !o.Open && o.Authenticate == nil {
		return nil, errors.New("new RTSP server: want cameras, and somebody who knows who may read")
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Bind == nil {
		o.Bind = net.Listen
	}
	if o.BindPacket == nil {
		o.BindPacket = net.ListenPacket
	}
	return &Server{o: o, channels: make(map[camera.ID]*channel), readers: make(map[*gortsplib.ServerSession]*reading)}, nil
}

// Listen binds the sockets. Without those of UDP there is TCP, which every reader falls back to.
func (s *Server) Listen() (err error) {
	if s.listener, err = s.o.Bind("tcp", s.o.Listen); err != nil {
		return fmt.Errorf("listen for RTSP: %w", err)
	}
	s.door = newDoor(s.listener, &s.stats)
	s.rtsp = &gortsplib.Server{
		RTSPAddress: s.o.Listen, Handler: &handler{s}, WriteQueueSize: waitingPackets, WriteTimeout: writeIn,
		// Passwords are kept as argon2id, of which no Digest can be made.
		AuthMethods: []auth.VerifyMethod{auth.VerifyMethodBasic},
		Listen:      func(string, string) (net.Listener, error) { return s.door, nil },
	}
	if err := s.listenPackets(); err != nil {
		s.o.Log.Warn("RTSP is served over TCP alone: its ports of UDP cannot be bound", "err", err)
	}
	return nil
}

func (s *Server) listenPackets() error {
	host, _, err := net.SplitHostPort(s.o.Listen)
	if err != nil {
		return err
	}
	at, err := netip.ParseAddrPort(s.listener.Addr().String())
	if err != nil {
		return err
	}
	even := (int(at.Port()) + 1) &^ 1
	packets, names := make(map[string]net.PacketConn), [2]string{}
	for i := range names {
		names[i] = net.JoinHostPort(host, strconv.Itoa(even+i))
		packet, err := s.o.BindPacket("udp", names[i])
		if err != nil {
			for _, other := range packets {
				other.Close()
			}
			return err
		}
		packets[names[i]] = packet
	}
	s.packets = packets
	s.rtsp.UDPRTPAddress, s.rtsp.UDPRTCPAddress = names[0], names[1]
	s.rtsp.ListenPacket = func(_, address string) (net.PacketConn, error) {
		if packet := s.packets[address]; packet != nil {
			return packet, nil
		}
		return nil, fmt.Errorf("no socket was opened for %s", address)
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
	var errs []error
	if s.listener != nil {
		errs = append(errs, s.listener.Close())
	}
	for _, packet := range s.packets {
		errs = append(errs, packet.Close())
	}
	return errors.Join(errs...)
}

// Run serves until ctx ends.
func (s *Server) Run(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	s.mu.Lock()
	s.ctx = ctx
	s.mu.Unlock()
	if err := s.rtsp.Start(); err != nil {
		return errors.Join(fmt.Errorf("serve RTSP: %w", err), s.Close())
	}
	defer s.running.Wait()
	s.running.Go(func() { s.lookAfterReaders(ctx) })
	failed := make(chan error, 1)
	s.running.Go(func() { failed <- s.rtsp.Wait() })
	select {
	case <-ctx.Done():
	case err := <-failed:
		if ctx.Err() == nil {
			cancel()
			return fmt.Errorf("serve RTSP: %w", err)
		}
	}
	cancel()
	s.rtsp.Close()
	return nil
}

// Stats tells what came of it so far.
func (s *Server) Stats() Stats {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := &s.stats
	return Stats{
		Readers: len(s.readers), Pictures: c.pictures.Load(), Sounds: c.sounds.Load(), Fitted: c.fitted.Load(), Refused: c.refused.Load(),
		Slow: c.slow.Load(), Denied: c.denied.Load(), Strangers: c.strangers.Load(), Dropped: c.dropped.Load(), Panics: c.panics.Load(),
	}
}
