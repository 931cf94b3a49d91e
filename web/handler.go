package web

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"os"
	"path"
	"runtime/debug"
	"strings"
	"time"

	"v720dvr/camera"
)

// handler is what every request from the network passes: answer counted and panics contained, headers,
// limits, then the routes.
func (s *Server) handler() http.Handler { return s.contained(http.HandlerFunc(s.fromNetwork)) }

// localHandler is handler for who comes through the data folder.
func (s *Server) localHandler() http.Handler {
	inner := s.contained(http.HandlerFunc(s.fromSocket))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		inner.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), localKey{}, CommandLine())))
	})
}

// contained logs each request at debug level, and makes an answer of a panic.
func (s *Server) contained(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		begun := time.Now()
		a := &answer{ResponseWriter: w}
		defer func() {
			failed := recover()
			if failed != nil && failed != http.ErrAbortHandler && a.failed == nil {
				s.o.Log.Error("a request met a bug; please report these lines", "method", r.Method, "path", r.URL.Path,
					"panic", fmt.Sprint(failed), "stack", string(debug.Stack()))
				if a.status == 0 {
					problem(a, http.StatusInternalServerError, "a bug in v720dvr; its log has more")
				}
			}
			ended := time.Now()
			s.tally.add(r.Pattern, a.status, a.took(begun, ended, routes[r.Pattern].stream))
			if s.o.Log.Enabled(r.Context(), slog.LevelDebug) { // else each of its values would be memory for nobody
				s.o.Log.Debug("request", "method", r.Method, "path", r.URL.Path, "status", a.status, "bytes", a.bytes,
					"took", ended.Sub(begun), "addr", r.RemoteAddr, "who", a.who)
			}
			if failed != nil && (failed == http.ErrAbortHandler || a.status != http.StatusInternalServerError) {
				panic(http.ErrAbortHandler) // half an answer: the connection ends, so that nobody takes it for a whole one
			}
		}()
		next.ServeHTTP(a, r)
	})
}

// answer is what is answered, with what the log wants to know of it.
type answer struct {
	http.ResponseWriter
	who    string
	status int
	bytes  int64
	failed error // of a write: who asked is gone
	begun  time.Time
}

func (a *answer) WriteHeader(status int) {
	if a.status == 0 || a.status < 200 {
		a.status, a.begun = status, time.Now()
	}
	a.ResponseWriter.WriteHeader(status)
}

func (a *answer) Write(b []byte) (int, error) {
	if a.status == 0 {
		a.status, a.begun = http.StatusOK, time.Now()
	}
	n, err := a.ResponseWriter.Write(b)
	a.bytes += int64(n)
	if err != nil {
		a.failed = err
	}
	return n, err
}

// took is how long an answer took to who waits for it: until it ended; of one that goes on, until it began.
func (a *answer) took(asked, ended time.Time, stream bool) time.Duration {
	if stream && a.status != 0 {
		ended = a.begun
	}
	return ended.Sub(asked)
}

// Unwrap lets http.ResponseController and the websocket through.
func (a *answer) Unwrap() http.ResponseWriter { return a.ResponseWriter }

// fromNetwork holds what comes from the network against what all of it must keep to.
func (s *Server) fromNetwork(w http.ResponseWriter, r *http.Request) {
	headers(w.Header(), s.tls())
	switch addr := remote(r); {
	case !s.visitors.allow(addr, time.Now()):
		w.Header().Set("Retry-After", "1")
		problem(w, http.StatusTooManyRequests, "too many requests from your address")
	case s.o.Open && !localHost(r.Host):
		// A page elsewhere whose name leads to this machine would be let in.
		problem(w, http.StatusMisdirectedRequest, "without log-in, only http://127.0.0.1 and http://localhost are answered")
	case s.origins.Check(r) != nil:
		problem(w, http.StatusForbidden, "this request comes from a page of another site")
	default:
		s.route(w, r)
	}
}

func (s *Server) fromSocket(w http.ResponseWriter, r *http.Request) {
	headers(w.Header(), false)
	s.route(w, r)
}

// route finds the route of a request, and asks whether it may be taken.
func (s *Server) route(w http.ResponseWriter, r *http.Request) {
	if !plain(r.URL.Path) {
		problem(w, http.StatusNotFound, "there is nothing at this address")
		return
	}
	h, pattern := s.mux.Handler(r)
	if pattern == "" {
		refused := &refusal{header: http.Header{}}
		h.ServeHTTP(refused, r)
		if allow := refused.header.Get("Allow"); allow != "" {
			w.Header().Set("Allow", allow)
			problem(w, http.StatusMethodNotAllowed, "this address takes "+allow)
			return
		}
		problem(w, http.StatusNotFound, "there is nothing at this address")
		return
	}
	s.mux.ServeHTTP(w, r)
}

// plain tells a path that means the same to everybody: nothing that another program would clean,
// decode once more or cut off.
func plain(p string) bool {
	if !strings.HasPrefix(p, "/") || strings.ContainsFunc(p, func(c rune) bool { return c < ' ' || c == 0x7f || c == '\\' || c == 0xFFFD }) {
		return false
	}
	clean := path.Clean(p)
	return p == clean || p == clean+"/" && clean != "/"
}

// refusal takes the answer of the mux to a request that has no route.
type refusal struct{ header http.Header }

func (r *refusal) Header() http.Header         { return r.header }
func (r *refusal) Write(b []byte) (int, error) { return len(b), nil }
func (r *refusal) WriteHeader(int)             {}

// handle serves a pattern to those who may. A pattern that routes has no line for is a bug.
func (s *Server) handle(pattern string, h http.Handler) {
	need, ok := routes[pattern]
	if !ok {
		panic(fmt.Sprintf("web: nothing says who may %s", pattern))
	}
	s.mux.Handle(pattern, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { s.admit(w, r, need, h) }))
}

// admit finds out who asks, and lets the request through or not.
func (s *Server) admit(w http.ResponseWriter, r *http.Request, need route, h http.Handler) {
	asks, err := s.identify(r)
	if err != nil && !errors.Is(err, errBadCredentials) {
		s.o.Log.Error("cannot find out who asks", "err", err)
		problem(w, http.StatusServiceUnavailable, "who you are cannot be looked up now")
		return
	}
	if asks != nil {
		if a, ok := w.(*answer); ok {
			a.who = asks.Who
		}
	}
	id := camera.ID("")
	if need.camera {
		if id, err = camera.ParseID(r.PathValue("camera")); err != nil {
			id = "" // nobody has it but who has all, and then it is not there
		}
	}
	status := decide(need, asks, id)
	if status == http.StatusOK && need.camera && id == "" {
		status = http.StatusNotFound
	}
	if status != http.StatusOK {
		if status == http.StatusUnauthorized && !browser(r) {
			w.Header().Add("WWW-Authenticate", `Basic realm="v720dvr"`)
		}
		refuse(w, status)
		return
	}
	s.let(w, r, need, asks, id, h)
}

// browser tells a browser, which asks people for a password of its own where it is asked for Basic. Others
// (ffmpeg) send what stands in http://token:…@host only when they are.
func browser(r *http.Request) bool { return strings.HasPrefix(r.UserAgent(), "Mozilla/") }

// let serves a request that may be served.
func (s *Server) let(w http.ResponseWriter, r *http.Request, need route, asks *Principal, id camera.ID, h http.Handler) {
	// A connection keeps the deadlines of the request before.
	if !deadline(w, time.Now().Add(requestTime)) {
		return // the connection is gone
	}
	ctx := context.WithValue(r.Context(), askKey{}, &ask{asks: asks, note: &note{about: string(id)}, request: r})
	if need.stream {
		var done func()
		ctx, done = s.streams.hold(ctx, asks)
		defer done()
	}
	r = r.WithContext(ctx)
	if !takeBody(w, r) || need.stream && !deadline(w, time.Time{}) {
		return
	}
	h.ServeHTTP(w, r)
	if a, ok := w.(*answer); ok && need.audit != "" && a.status < 400 {
		s.audit(ctx, need.audit)
	}
}

// deadline sets until when a body is to have come and an answer to have gone; zero: none.
func deadline(w http.ResponseWriter, at time.Time) bool {
	control := http.NewResponseController(w)
	for _, err := range []error{control.SetReadDeadline(at), control.SetWriteDeadline(at)} {
		if err != nil && !errors.Is(err, http.ErrNotSupported) {
			return false
		}
	}
	return true
}

// takeBody reads the body of a request before anybody looks at it, so that one which is too long, too
// slow or torn is refused in one way.
func takeBody(w http.ResponseWriter, r *http.Request) bool {
	if r.Body == nil || r.Body == http.NoBody {
		return true
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, mostBody))
	var long *http.MaxBytesError
	switch {
	case err == nil:
		r.Body = io.NopCloser(bytes.NewReader(body))
		return true
	case errors.As(err, &long):
		problem(w, http.StatusRequestEntityTooLarge, fmt.Sprintf("a body may have %d bytes", long.Limit))
	case errors.Is(err, os.ErrDeadlineExceeded):
		problem(w, http.StatusRequestTimeout, "the body did not come in time")
	default:
		problem(w, http.StatusBadRequest, "the body is torn")
	}
	return false
}

// remote is who sends a request; the zero Addr at the unix socket.
func remote(r *http.Request) netip.Addr {
	at, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}
	}
	return at.Addr().Unmap().WithZone("")
}

// localHost tells whether a request names this machine, and not a name that somebody else gave it.
func localHost(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	return loopback(strings.Trim(host, "[]"))
}
