package web

import (
	"net"
	"net/netip"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// place is what an address counts as: a household has a whole /64 of IPv6.
func place(addr netip.Addr) netip.Prefix {
	bits := 64
	if addr.Is4() {
		bits = 32
	}
	p, err := addr.Prefix(bits)
	if err != nil {
		return netip.Prefix{} // no address: all of these count as one
	}
	return p
}

// recent remembers something of the keys that came last: at least mostRecent of them, at most twice
// as many. Whoever makes up more makes the oldest be forgotten, and nothing grow.
type recent[K comparable, V any] struct {
	now, before map[K]*V
}

const mostRecent = 1024

// of returns what is remembered of a key, made by fresh when nothing is.
func (r *recent[K, V]) of(key K, fresh func() *V) *V {
	if v, ok := r.now[key]; ok {
		return v
	}
	v, ok := r.before[key]
	if !ok {
		v = fresh()
	}
	if len(r.now) >= mostRecent || r.now == nil {
		r.before, r.now = r.now, make(map[K]*V)
	}
	r.now[key] = v
	return v
}

// visitors bounds the requests of an address.
type visitors struct {
	mu     sync.Mutex
	recent recent[netip.Prefix, rate.Limiter]
}

// A page that opens asks for some 200 things at once, one that scrubs for 20 a second.
const (
	requestRate  = 200  // requests a second of an address
	requestBurst = 1000 // at once
)

func newVisitors() *visitors { return new(visitors) }

// allow counts a request. This machine's own are free: a proxy's are everybody's.
func (v *visitors) allow(addr netip.Addr, now time.Time) bool {
	if addr.IsLoopback() {
		return true
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.recent.of(place(addr), func() *rate.Limiter { return rate.NewLimiter(requestRate, requestBurst) }).AllowN(now, 1)
}

// Connections at once. A browser takes seven, a program one or two; a proxy all that there are.
const (
	mostConnections  = 512
	mostOfOneAddress = 64
)

// guarded bounds the connections of a listener; what is beyond is closed.
func (s *Server) guarded(l net.Listener) net.Listener {
	return &guardedListener{Listener: l, of: make(map[netip.Prefix]int)}
}

type guardedListener struct {
	net.Listener
	mu  sync.Mutex
	all int
	of  map[netip.Prefix]int // as many as there are connections
}

func (g *guardedListener) Accept() (net.Conn, error) {
	for {
		c, err := g.Listener.Accept()
		if err != nil {
			return nil, err
		}
		from := peer(c)
		if g.take(from) {
			return &guardedConn{Conn: c, leave: sync.OnceFunc(func() { g.leave(from) })}, nil
		}
		c.Close()
	}
}

func peer(c net.Conn) netip.Addr {
	at, err := netip.ParseAddrPort(c.RemoteAddr().String())
	if err != nil {
		return netip.Addr{}
	}
	return at.Addr().Unmap().WithZone("")
}

func (g *guardedListener) take(from netip.Addr) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.all >= mostConnections || !from.IsLoopback() && g.of[place(from)] >= mostOfOneAddress {
		return false
	}
	g.all++
	g.of[place(from)]++
	return true
}

func (g *guardedListener) leave(from netip.Addr) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.all--
	if g.of[place(from)]--; g.of[place(from)] == 0 {
		delete(g.of, place(from))
	}
}

type guardedConn struct {
	net.Conn
	leave func()
}

func (c *guardedConn) Close() error {
	c.leave()
	return c.Conn.Close()
}
