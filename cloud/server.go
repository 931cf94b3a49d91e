package cloud

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"v720dvr/camera"
	"v720dvr/cloud/capture"
	"v720dvr/cloud/v720"
)

// Server is the emulated cloud. New checks, Listen binds, Run works until its context ends.
type Server struct {
	o   Options
	log *slog.Logger

	http, control *acceptor
	media         PacketConn
	broker        *broker   // nil without MQTT
	dns           *resolver // nil without DNS

	mu       sync.RWMutex // guards what follows
	stopping bool         // no link joins any more
	links    map[camera.ID]*link
	routes   map[netip.AddrPort]*link
	trails   map[camera.ID]*link // without a connection; see trail.go

	knownMu sync.RWMutex               // a leaf: taken while a link is locked
	known   map[camera.ID]acquaintance // bounded by maxKnown

	elsewhere  *elsewhere                      // a broker that is not ours; nil without
	conditions *conditions                     // a leaf, with a mutex of its own
	hearing    hearing                         // who waits for what cameras say
	post       postbox                         // where commands are published; nil without MQTT
	tap        atomic.Pointer[capture.Capture] // nil without a capture; tap.go
	waking     atomic.Bool                     // cameras are being woken; wake.go
	errands    sync.WaitGroup                  // what Run waits for besides its own goroutines

	ended ended // links, until their last minute is told

	guard     *guard  // limits.go
	strangers counter // packages and messages that belong to no camera
	malformed counter // what did not parse
}

// New checks the options.
func New(o Options) (*Server, error) {
	if o.Registry == nil || o.Sink == nil {
		return nil, errors.New("cloud needs a registry and a sink")
	}
	o = o.withDefaults()
	s := &Server{
		o: o, log: o.Log, guard: newGuard(o.Log),
		links:  make(map[camera.ID]*link),
		routes: make(map[netip.AddrPort]*link),
		trails: make(map[camera.ID]*link),
		known:  make(map[camera.ID]acquaintance),
	}
	s.conditions = newConditions(s, o.Kept)
	if o.Broker != "" {
		e, err := newElsewhere(s, o.Broker)
		if err != nil {
			return nil, err
		}
		s.elsewhere, s.post = e, e
	}
	return s, nil
}

// Listen binds all sockets, or none: a busy port is an error here, before anything runs.
func (s *Server) Listen() (err error) {
	defer func() {
		if err != nil {
			s.closeSockets()
		}
	}()
	l, err := s.o.Listen("tcp", s.o.HTTP)
	if err != nil {
		return fmt.Errorf("listen for cameras' HTTP on %s (cloud.http): %w", s.o.HTTP, err)
	}
	s.http = newAcceptor(s, l)
	if err = s.listenControl(); err != nil {
		return err
	}
	if s.o.DNS != "" {
		if err = s.listenDNS(); err != nil {
			return err
		}
	}
	if s.o.MQTT == "" {
		return nil
	}
	if l, err = s.o.Listen("tcp", s.o.MQTT); err != nil {
		return fmt.Errorf("listen for cameras' MQTT on %s (cloud.mqtt): %w", s.o.MQTT, err)
	}
	if s.broker, err = newBroker(s, l); err == nil {
		s.post = s.broker
	}
	return err
}

// listenControl binds the control port on TCP and the media port of the same number on UDP.
func (s *Server) listenControl() error {
	l, media, err := listenBoth(s.o.Control, func(address string) (net.Listener, error) {
		l, err := s.o.Listen("tcp", address)
		if err != nil {
			return nil, fmt.Errorf("listen for cameras' control on %s (cloud.control): %w", address, err)
		}
		return l, nil
	}, func(address string) (PacketConn, error) {
		p, err := s.o.ListenPacket("udp", address)
		if err != nil {
			return nil, fmt.Errorf("listen for cameras' media on UDP %s (cloud.control): %w", address, err)
		}
		return p, nil
	})
	if err != nil {
		return err
	}
	s.control, s.media = newAcceptor(s, l), media
	return nil
}

// Addrs are the addresses that Listen bound.
type Addrs struct {
	HTTP, Control, MQTT net.Addr // MQTT is nil without a broker
	DNS                 net.Addr // nil without DNS
}

// Addrs returns what Listen bound.
func (s *Server) Addrs() Addrs {
	a := Addrs{HTTP: s.http.listener.Addr(), Control: s.control.listener.Addr()}
	if s.broker != nil {
		a.MQTT = s.broker.listener.Addr()
	}
	if s.dns != nil {
		a.DNS = s.dns.tcp.listener.Addr()
	}
	return a
}

// Close gives up what Listen bound when Run is not to be called.
func (s *Server) Close() { s.closeSockets() }

func (s *Server) closeSockets() {
	if s.http != nil {
		s.http.close()
	}
	if s.control != nil {
		s.control.close()
	}
	if s.media != nil {
		s.media.Close()
	}
	if s.broker != nil {
		s.broker.close()
	}
	if s.dns != nil {
		s.dns.close()
	}
}

// Run serves cameras until ctx ends. Then every stream is stopped with a 301/0, which takes
// farewell at most, and all sockets are closed.
func (s *Server) Run(ctx context.Context) error {
	var serving, receiving sync.WaitGroup
	serving.Go(func() { s.http.run(func(c net.Conn) { s.serveBootstrap(ctx, c) }) })
	serving.Go(func() { s.control.run(func(c net.Conn) { s.serveControl(ctx, c) }) })
	receiving.Go(s.receive)
	if s.dns != nil {
		serving.Go(func() { s.dns.run(ctx) })
	}
	ticking, stopTicking := context.WithCancel(context.Background())
	receiving.Go(func() { s.tick(ticking) })
	if s.elsewhere != nil {
		serving.Go(func() { s.elsewhere.run(ctx) })
	}
	if s.broker != nil {
		if err := s.broker.start(); err != nil {
			s.log.Error("broker does not start; cameras stream without it, but cannot be steered", "err", err)
		}
	}

	<-ctx.Done()
	s.http.close()
	s.control.close()
	s.mu.Lock()
	s.stopping = true
	s.mu.Unlock()
	for _, l := range s.allLinks() {
		l.farewell()
	}
	serving.Wait()
	stopTicking()
	s.closeSockets()
	receiving.Wait()
	s.errands.Wait()
	for _, l := range s.trails { // nobody else is left to use it
		l.end()
	}
	return nil
}

// maxConns bounds the connections of one listener: each camera, its successor that is about to
// replace it, and room for strangers.
func (s *Server) maxConns() int { return 2*s.o.MaxCameras + 32 }

// tick lets the deadlines of all sessions pass.
func (s *Server) tick(ctx context.Context) {
	every := time.NewTicker(v720.TickEvery)
	defer every.Stop()
	confirm := make([]byte, 0, v720.MaxPacket)
	minutes, counted := newMinutes(s), s.o.Now()
	for {
		select {
		case <-ctx.Done():
			return
		case <-every.C:
		}
		now := s.o.Now()
		links := s.allLinks()
		for _, l := range links {
			confirm = l.tick(now, confirm[:0])
		}
		confirm = s.tickTrails(now, confirm)
		minutes.tick(now, links)
		s.conditions.tick(now)
		if now.Sub(counted) >= countEvery {
			counted = now
			for _, l := range links {
				s.conditions.count(l, now)
			}
		}
		s.wakeSleepers(now)
	}
}

// allLinks copies the present links, so that no lock is held while they work.
func (s *Server) allLinks() []*link {
	s.mu.RLock()
	defer s.mu.RUnlock()
	all := make([]*link, 0, len(s.links))
	for _, l := range s.links {
		all = append(all, l)
	}
	return all
}

// newKeys draws the target (32 hex digits) and the token (8 characters) of one opening.
func newKeys() (target, token string) {
	var b [20]byte
	rand.Read(b[:]) // never fails; see crypto/rand
	return hex.EncodeToString(b[:16]), hex.EncodeToString(b[16:])
}

// portOf returns the port of a TCP or UDP address.
func portOf(a net.Addr) uint16 { return addrPortOf(a).Port() }

// addrPortOf returns a TCP or UDP address as a value, never an IPv4 address in IPv6 clothes.
func addrPortOf(a net.Addr) netip.AddrPort {
	parsed, err := netip.ParseAddrPort(a.String())
	if err != nil {
		return netip.AddrPort{}
	}
	return netip.AddrPortFrom(parsed.Addr().Unmap(), parsed.Port())
}
