package cloudtest

import (
	"math/rand/v2"
	"net/netip"
	"time"
)

// Conditions of one direction of a link between two hosts. The zero value is a perfect wire.
//
// Loss, Doubled and Late are shares of the datagrams, from 0 to 1. Streams know none of them: TCP
// repairs what a link breaks, and only Latency, Jitter and Down reach those who use it.
type Conditions struct {
	Latency time.Duration // one way
	Jitter  time.Duration // up to so much on top, evenly drawn; datagrams may overtake each other, streams keep their order

	Loss float64 // of the datagrams that never come
	// Burst is the mean length of a run of lost datagrams; with 0 or 1 each is lost or not by
	// itself. The share in the long run is Loss all the same, and each flow, from one socket to one
	// address, has runs of its own. Where so much loss does not fit into runs so short (Loss above
	// Burst/(Burst+1)) they are longer.
	Burst   int
	Doubled float64       // of those that come twice
	Late    float64       // of those that LateBy is added to, so that others overtake them
	LateBy  time.Duration // beside Latency and Jitter

	// Down is a link that nothing passes. Datagrams are lost. A stream keeps what is written, up to
	// its size, and gives it when the link is up again, 0.2 to 1 s later; a dial waits likewise.
	Down bool
	// HeldUntil is when a link that stalls lets go: datagrams that would come before come then, all at once
	// and in order. Zero is a link that does not.
	HeldUntil time.Time
	// DatagramsDown is a link that only streams pass, as with a firewall that blocks UDP.
	DatagramsDown bool
}

// SetConditions rules the way from one host to another. Datagrams that were sent before come as
// they would have; streams that wait for a link wake up at once.
func (n *Network) SetConditions(from, to netip.Addr, c Conditions) {
	n.mu.Lock()
	n.links[link{from, to}] = c
	n.mu.Unlock()
	n.refresh()
}

// SetDefault rules all ways between two hosts that SetConditions was not called for.
func (n *Network) SetDefault(c Conditions) {
	n.mu.Lock()
	n.usual = c
	n.mu.Unlock()
	n.refresh()
}

// refresh tells streams and dials that conditions have changed.
func (n *Network) refresh() {
	n.mu.Lock()
	close(n.changed)
	n.changed = make(chan struct{})
	n.mu.Unlock()
	for _, c := range n.connected(func(*connection) bool { return true }) {
		c.refresh()
	}
}

func (n *Network) conditions(from, to netip.Addr) Conditions {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.between(from, to)
}

// between is called with Network.mu held.
func (n *Network) between(from, to netip.Addr) Conditions {
	if c, ok := n.links[link{from, to}]; ok || from == to {
		return c
	}
	return n.usual
}

func (c Conditions) delay(lots *rand.Rand) time.Duration {
	if c.Jitter <= 0 {
		return c.Latency
	}
	return c.Latency + time.Duration(lots.Int64N(int64(c.Jitter)+1))
}

// retransmission is how long after a link came back TCP sends again what was lost on it: its
// timer has backed off, and runs from before.
func retransmission(lots *rand.Rand) time.Duration {
	const shortest, longest = 200 * time.Millisecond, time.Second
	return shortest + time.Duration(lots.Int64N(int64(longest-shortest)+1))
}
