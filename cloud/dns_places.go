package cloud

import (
	"fmt"
	"net/netip"
	"sync"
)

// Questions that wait for other resolvers, each with a goroutine and up to 64 KB. An address has a quarter of
// them, so that one whose names nobody answers leaves the others theirs.
const (
	forwardsAtMax     = 256
	forwardsOfAddress = forwardsAtMax / 4
)

// places are those of questions that wait.
type places struct {
	mu    sync.Mutex
	taken int
	of    map[netip.Addr]int // by owner; together they are taken
}

// take takes a place for a question of an address; full says why there is none.
func (p *places) take(from netip.Addr) (full string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	from = owner(from)
	switch {
	case p.taken >= forwardsAtMax:
		return fmt.Sprintf("%d wait for other resolvers already", forwardsAtMax)
	case p.of[from] >= forwardsOfAddress:
		return fmt.Sprintf("%d of this address wait for other resolvers already", forwardsOfAddress)
	}
	if p.of == nil {
		p.of = make(map[netip.Addr]int)
	}
	p.taken++
	p.of[from]++
	return ""
}

// leave gives a place back.
func (p *places) leave(from netip.Addr) {
	p.mu.Lock()
	defer p.mu.Unlock()
	from = owner(from)
	p.taken--
	if p.of[from]--; p.of[from] == 0 {
		delete(p.of, from)
	}
}
