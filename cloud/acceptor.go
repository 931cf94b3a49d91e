package cloud

import (
	"errors"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/time/rate"

	"v720dvr/cloud/capture"
)

// acceptor serves the connections of one listener, each on a goroutine of its own, a bounded
// number at a time and of each address, and ends them all when told.
type acceptor struct {
	listener   net.Listener
	guard      *guard
	limit      int                              // of connections at once
	perAddress int                              // of these, from one address
	fresh      *buckets                         // new connections
	tap        *atomic.Pointer[capture.Capture] // nil: nobody takes down what is said

	serving sync.WaitGroup
	mu      sync.Mutex
	closed  bool
	open    map[net.Conn]struct{} // not released
	count   int
	from    map[netip.Addr]int // connections of each owner; together they are count
}

func newAcceptor(s *Server, l net.Listener) *acceptor {
	burst := 4 * s.perAddress()
	return &acceptor{
		listener: l, guard: s.guard, limit: s.maxConns(), perAddress: s.perAddress(),
		tap:   &s.tap,
		fresh: newBuckets(rate.Limit(float64(burst)/time.Minute.Seconds()), burst),
		open:  make(map[net.Conn]struct{}), from: make(map[netip.Addr]int),
	}
}

// acceptPause keeps a listener that fails from filling the log and a core.
const acceptPause = 100 * time.Millisecond

// run accepts until close, and returns when the last connection has ended.
func (a *acceptor) run(serve func(net.Conn)) {
	defer a.serving.Wait()
	for {
		c, err := a.listener.Accept()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil {
			// Out of descriptors, most likely: it heals when connections end.
			a.guard.log.Warn("cannot accept a camera's connection", "addr", a.listener.Addr(), "err", err)
			time.Sleep(acceptPause)
			continue
		}
		if a.tap != nil {
			c = tapped(c, a.tap)
		}
		from := addrPortOf(c.RemoteAddr()).Addr()
		why, stopping := a.admit(c, from)
		if why != "" {
			a.guard.refuse(from, "connection refused", "port", addrPortOf(a.listener.Addr()).Port(), "why", why, "do", raiseMaxCameras)
		}
		if why != "" || stopping {
			c.Close()
			continue
		}
		a.serving.Go(func() {
			defer a.dismiss(c, from)
			serve(c)
		})
	}
}

// admit takes a connection in, or says why not: too much of it, or we are stopping.
func (a *acceptor) admit(c net.Conn, from netip.Addr) (why string, stopping bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	switch {
	case a.closed:
		return "", true
	case a.count >= a.limit:
		return "too many connections at once", false
	case from.IsLoopback():
	case a.from[owner(from)] >= a.perAddress:
		return "too many connections from this address at once", false
	case !a.fresh.take(from, time.Now()):
		return "too many new connections from this address in a minute", false
	}
	a.count++
	a.from[owner(from)]++
	a.open[c] = struct{}{}
	return "", false
}

func (a *acceptor) dismiss(c net.Conn, from netip.Addr) {
	a.mu.Lock()
	a.count--
	if a.from[owner(from)]--; a.from[owner(from)] == 0 {
		delete(a.from, owner(from))
	}
	delete(a.open, c)
	a.mu.Unlock()
	c.Close()
}

// release takes a connection out of those that close ends: who serves it ends it.
func (a *acceptor) release(c net.Conn) {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.open, c)
}

// close ends the listener and every connection that was not released.
func (a *acceptor) close() {
	a.listener.Close()
	a.mu.Lock()
	defer a.mu.Unlock()
	a.closed = true
	for c := range a.open {
		c.Close()
	}
}
