package web

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"sync"
	"time"

	"v720dvr/recorder/live"
	"v720dvr/storage"
	"v720dvr/web/thumb"
)

// Options of a Server. Store and Box must be given; every other field's zero value works.
type Options struct {
	// Listen is the address of page and API, "host:port"; port 0 is a free one. "" has none: then
	// the API is at what ServeLocal is given alone.
	Listen string
	// Open lets everybody in, as an admin. It is refused where Listen is not a loopback address.
	Open bool
	TLS  TLS

	Store *storage.Store
	Box   Box
	// Live has what cameras see and hear now; nil: they see nothing.
	Live *live.Hub
	// ThumbCache is how many bytes of small pictures and sheets of them stay in memory; 0 is 32 MiB.
	ThumbCache int64

	// Metrics answers scrapes of Prometheus at /metrics; nil: nothing is there.
	Metrics http.Handler

	Version string           // of the program, for who asks
	Now     func() time.Time // the wall clock; nil is time.Now
	// Announce is told the password of the first admin, once, when there is no user yet. Nil logs it.
	Announce func(user, password string)
	Log      *slog.Logger // nil discards
	// Bind opens the listener; nil is net.Listen.
	Bind func(network, address string) (net.Listener, error)
}

// Server is a runner.
type Server struct {
	o        Options
	accounts *storage.Accounts
	run      string // tells one life of the process from another
	mux      *http.ServeMux
	openapi  []byte
	origins  *http.CrossOriginProtection

	tally     tally
	passwords *passwords
	guesses   *guesses
	proofs    *proofs
	visitors  *visitors
	streams   streams
	audience  *audience
	scalers   chan *thumb.Decoder // that nobody uses now
	media     media
	thumbs    *thumbs
	deviceKey []byte                           // of device cookies; nil without an address to log in at
	deferred  chan func(context.Context) error // what is written down in its own time

	listener    net.Listener
	certificate *certificate // nil without TLS
}

// laterMost bounds what waits to be written down: notes of when something was used last. What
// finds no place is noted at its next use.
const laterMost = 64

// New checks the options and makes a Server.
func New(o Options) (*Server, error) {
	switch {
	case o.Store == nil:
		return nil, errors.New("new web server: no store was given")
	case o.Box == nil:
		return nil, errors.New("new web server: no box was given")
	}
	if err := checkOpen(o); err != nil {
		return nil, fmt.Errorf("new web server: %w", err)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Live == nil {
		o.Live = live.NewHub()
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Bind == nil {
		o.Bind = net.Listen
	}
	if o.Announce == nil {
		o.Announce = func(user, password string) {
			o.Log.Warn("first start: log in on the page, and choose a password of your own; this one is not shown again", "user", user, "password", password)
		}
	}
	s := &Server{
		o: o, accounts: o.Store.Accounts(), run: newSecret()[:16],
		mux: http.NewServeMux(), origins: http.NewCrossOriginProtection(),
		passwords: newPasswords(), guesses: newGuesses(), proofs: newProofs(), visitors: newVisitors(), audience: newAudience(), scalers: newScalers(),
		thumbs:   newThumbs(o.ThumbCache),
		deferred: make(chan func(context.Context) error, laterMost),
	}
	s.streams.kicked = make(chan struct{}, 1)
	return s, s.serveAPI()
}

// checkOpen refuses to let everybody on the network in.
func checkOpen(o Options) error {
	if !o.Open || o.Listen == "" {
		return nil
	}
	host, _, err := net.SplitHostPort(o.Listen)
	if err != nil {
		return err
	}
	if !loopback(host) {
		return fmt.Errorf("listen at %q without log-in: everybody on the network would get in; want a loopback address", o.Listen)
	}
	return nil
}

// loopback tells a host of this machine alone.
func loopback(host string) bool {
	addr, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && addr.IsLoopback()
}

// Listen binds the address, and makes the first user when there is none.
func (s *Server) Listen(ctx context.Context) (err error) {
	if s.o.Listen == "" {
		return nil
	}
	if s.certificate, err = s.openCertificate(ctx); err != nil {
		return fmt.Errorf("serve page and API with TLS: %w", err)
	}
	if s.listener, err = s.o.Bind("tcp", s.o.Listen); err != nil {
		return fmt.Errorf("listen for page and API: %w", err)
	}
	if s.o.Open {
		return nil
	}
	if s.deviceKey, err = s.accounts.Key(ctx, "device", drawKey); err == nil {
		err = s.firstUser(ctx)
	}
	if err != nil {
		return errors.Join(err, s.listener.Close())
	}
	return nil
}

func drawKey() ([]byte, error) {
	key := make([]byte, 32)
	rand.Read(key)
	return key, nil
}

// Addr is where page and API are; nil before Listen, and without an address.
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

func (s *Server) tls() bool { return s.o.TLS.on() }

// firstUser makes an admin where there is no user, and tells its password.
func (s *Server) firstUser(ctx context.Context) error {
	users, err := s.accounts.Users(ctx)
	if err != nil || len(users) > 0 {
		return err
	}
	password := NewPassword()
	hash, err := HashPassword(password)
	if err != nil {
		return err
	}
	added, err := s.accounts.FirstUser(ctx, "admin", hash, s.o.Now())
	if added {
		s.o.Announce("admin", password)
	}
	return err
}

// Run serves until ctx ends. It returns within a second of that.
func (s *Server) Run(ctx context.Context) error {
	var running sync.WaitGroup
	running.Go(func() { s.writeLater(ctx) })
	running.Go(func() { s.watchStreams(ctx) })
	running.Go(func() { s.watchCameras(ctx) })
	defer s.audience.dismiss()
	defer running.Wait()
	if s.listener == nil {
		<-ctx.Done()
		return nil
	}
	return s.serve(ctx, s.guarded(s.listener), s.handler())
}

// ServeLocal serves the API on a listener that only this machine's owner can reach, such as the unix
// socket in the data folder: who comes in there is CommandLine(). It returns when ctx ends, and closes
// the listener. Run must run beside it.
func (s *Server) ServeLocal(ctx context.Context, l net.Listener) error {
	return s.serve(ctx, l, s.localHandler())
}

// later has something written down, in its own time.
func (s *Server) later(write func(context.Context) error) {
	select {
	case s.deferred <- write:
	default:
	}
}

func (s *Server) writeLater(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case write := <-s.deferred:
			if err := write(ctx); err != nil && ctx.Err() == nil {
				s.o.Log.Warn("cannot note when a session or token was used", "err", err)
			}
		}
	}
}
