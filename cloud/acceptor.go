package cloud

import (
	"errors"
	"log/slog"
	"net"
	"sync"
	"time"
)

// acceptor serves the connections of one listener, each on a goroutine of its own, a bounded
// number at a time, and ends them all when told.
type acceptor struct {
	listener net.Listener
	limit    int // of connections at once
	log      *slog.Logger

	serving sync.WaitGroup
	mu      sync.Mutex
	closed  bool
	open    map[net.Conn]struct{} // not released
	count   int
}

func newAcceptor(l net.Listener, limit int, log *slog.Logger) *acceptor {
	return &acceptor{listener: l, limit: limit, log: log, open: make(map[net.Conn]struct{})}
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
			a.log.Warn("cannot accept a camera's connection", "addr", a.listener.Addr(), "err", err)
			time.Sleep(acceptPause)
			continue
		}
		if !a.admit(c) {
			a.log.Warn("too many connections at once, one is refused", "addr", a.listener.Addr(), "from", c.RemoteAddr(), "limit", a.limit)
			c.Close()
			continue
		}
		a.serving.Go(func() {
			defer a.dismiss(c)
			serve(c)
		})
	}
}

func (a *acceptor) admit(c net.Conn) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.closed || a.count >= a.limit {
		return false
	}
	a.count++
	a.open[c] = struct{}{}
	return true
}

func (a *acceptor) dismiss(c net.Conn) {
	a.mu.Lock()
	a.count--
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
