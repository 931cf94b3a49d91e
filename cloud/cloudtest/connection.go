package cloudtest

import (
	"net/netip"
	"sync"
	"time"
)

// connection is an open stream: two pipes under one lock, which is taken before Network.mu.
type connection struct {
	network *Network
	from    netip.AddrPort // who dialled
	to      netip.AddrPort

	mu   sync.Mutex
	out  *pipe // from → to
	home *pipe // to → from
	ends int   // that are not closed
}

// connect opens a stream between two ends; the network knows it from now on.
func (n *Network) connect(from, to netip.AddrPort) *connection {
	c := &connection{network: n, from: from, to: to, ends: 2}
	c.out = &pipe{network: n, from: from.Addr(), to: to.Addr(), lots: n.lots("tcp", from, to), mu: &c.mu}
	c.home = &pipe{network: n, from: to.Addr(), to: from.Addr(), lots: n.lots("tcp", to, from), mu: &c.mu}
	c.out.moved.L, c.home.moved.L = &c.mu, &c.mu
	c.out.back, c.home.back = c.home, c.out
	n.mu.Lock()
	n.connections[c] = struct{}{}
	n.mu.Unlock()
	c.refresh()
	return c
}

// connected lists the connections that a test picks.
func (n *Network) connected(pick func(*connection) bool) (picked []*connection) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for c := range n.connections {
		if pick(c) {
			picked = append(picked, c)
		}
	}
	return picked
}

// CutStreams resets all open streams between two hosts: at both ends what has arrived can be
// read, then reads and writes fail with ECONNRESET.
func (n *Network) CutStreams(a, b netip.Addr) {
	for _, c := range n.connected(func(c *connection) bool {
		return c.from.Addr() == a && c.to.Addr() == b || c.from.Addr() == b && c.to.Addr() == a
	}) {
		c.cut()
	}
}

func (c *connection) near() *stream {
	return &stream{connection: c, local: c.from, remote: c.to, in: c.home, out: c.out}
}

func (c *connection) far() *stream {
	return &stream{connection: c, local: c.to, remote: c.from, in: c.out, out: c.home}
}

// refresh brings both directions up to date with the conditions of their links.
func (c *connection) refresh() {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := time.Now()
	for _, p := range []*pipe{c.out, c.home} {
		down := c.network.conditions(p.from, p.to).Down
		switch {
		case down && !p.down:
			p.hold(now)
		case p.down && !down:
			p.release(now)
		}
	}
	c.stir()
}

// hold keeps back what has not arrived yet.
func (p *pipe) hold(now time.Time) {
	p.down, p.last = true, now
	for i := range p.arrives {
		if p.arrives[i].at.After(now) {
			p.arrives[i].at = time.Time{}
		}
	}
	if p.ended && p.endsAt.After(now) {
		p.endsAt = time.Time{}
	}
}

// release sends what was kept back.
func (p *pipe) release(now time.Time) {
	p.down = false
	at := p.arrival(now.Add(retransmission(p.lots)))
	for i := range p.arrives {
		if p.arrives[i].at.IsZero() {
			p.arrives[i].at = at
		}
	}
	if p.ended && p.endsAt.IsZero() {
		p.endsAt = at
	}
}

// lose forgets what has not arrived yet.
func (p *pipe) lose(now time.Time) {
	arrived, bytes := 0, 0
	for ; arrived < len(p.arrives) && !p.arrives[arrived].at.IsZero() && !p.arrives[arrived].at.After(now); arrived++ {
		bytes += p.arrives[arrived].bytes
	}
	p.arrives, p.buf = p.arrives[:arrived], p.buf[:bytes]
}

// stir wakes all who wait for something. Called with mu held.
func (c *connection) stir() {
	c.out.moved.Broadcast()
	c.home.moved.Broadcast()
}

// cut resets the stream.
func (c *connection) cut() {
	c.mu.Lock()
	for _, p := range []*pipe{c.out, c.home} {
		p.broken = true
		p.lose(time.Now())
	}
	c.stir()
	c.mu.Unlock()
	c.forget()
}

// close takes one end off; the network forgets a connection that has none.
func (c *connection) close(s *stream, silent bool) {
	c.mu.Lock()
	if s.out.ended {
		c.mu.Unlock()
		return // closed before
	}
	s.out.ended, s.out.endsAt = true, s.out.arrival(time.Now())
	s.in.closed = true
	if silent {
		s.out.silent, s.in.silent = true, true
	}
	s.out.sending.stop()
	s.in.reading.stop()
	if s.in.arriving != nil {
		s.in.arriving.Stop()
	}
	c.stir()
	c.ends--
	last := c.ends == 0
	c.mu.Unlock()
	if last {
		c.forget()
	}
}

func (c *connection) forget() {
	c.network.mu.Lock()
	defer c.network.mu.Unlock()
	delete(c.network.connections, c)
}
