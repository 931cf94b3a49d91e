package rtsp

import (
	"errors"
	"net"
	"net/netip"
	"strings"
	"sync"
	"time"
)

// door is the listener: it bounds connections, and lets nobody in who does not speak RTSP.
type door struct {
	net.Listener
	stats *counters
	mu    sync.Mutex
	all   int
	of    map[netip.Prefix]int
}

func newDoor(l net.Listener, stats *counters) *door {
	return &door{Listener: l, stats: stats, of: make(map[netip.Prefix]int)}
}

func (d *door) Accept() (net.Conn, error) {
	for {
		c, err := d.Listener.Accept()
		if err != nil {
			return nil, err
		}
		from := address(c.RemoteAddr())
		if !d.take(from) {
			d.stats.strangers.Add(1)
			c.Close()
			continue
		}
		in := &comer{Conn: c, stats: d.stats, leave: sync.OnceFunc(func() { d.leave(from) })}
		in.late = time.AfterFunc(helloIn, func() { c.Close() })
		return in, nil
	}
}

func (d *door) take(from netip.Addr) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	// A reader over UDP leaves its connection open, and one that asks anew has two for a moment.
	if d.all >= mostConnections || !from.IsLoopback() && d.of[place(from)] >= 2*mostOfOneAddress {
		return false
	}
	d.all++
	d.of[place(from)]++
	return true
}

func (d *door) leave(from netip.Addr) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.all--
	if d.of[place(from)]--; d.of[place(from)] == 0 {
		delete(d.of, place(from))
	}
}

// comer is a connection.
type comer struct {
	net.Conn
	stats *counters
	late  *time.Timer
	leave func()

	read  [4]byte // what came first
	count int
}

var errNotRTSP = errors.New("what came is no request of RTSP")

// beginnings are the first letters of the requests that a reader makes.
var beginnings = []string{"OPTI", "DESC", "SETU", "PLAY", "PAUS", "TEAR", "GET_", "SET_"}

// Read looks at the first four bytes. Those of HTTP would have gortsplib open a tunnel, of which we want none.
func (c *comer) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	if c.count < len(c.read) && n > 0 {
		c.count += copy(c.read[c.count:], b[:n])
		spoken := string(c.read[:c.count])
		for _, word := range beginnings {
			if strings.HasPrefix(word, spoken) {
				return n, err
			}
		}
		c.stats.strangers.Add(1)
		return 0, errNotRTSP
	}
	return n, err
}

// known says that who is there has shown who it is, and may stay.
func (c *comer) known() { c.late.Stop() }

func (c *comer) Close() error {
	c.late.Stop()
	c.leave()
	return c.Conn.Close()
}

// address of a connection; the zero one when it has none.
func address(a net.Addr) netip.Addr {
	at, err := netip.ParseAddrPort(a.String())
	if err != nil {
		return netip.Addr{}
	}
	return at.Addr().Unmap().WithZone("")
}

// place is what an address counts as: a household has a whole /64 of IPv6.
func place(addr netip.Addr) netip.Prefix {
	bits := 64
	if addr.Is4() {
		bits = 32
	}
	p, err := addr.Prefix(bits)
	if err != nil {
		return netip.Prefix{}
	}
	return p
}
