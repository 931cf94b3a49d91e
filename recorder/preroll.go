package recorder

import (
	"sync"
	"time"
)

// A preroll holds what a camera gave of late, as it came: pictures, sound and the places of lost pictures.
// It is bounded in seconds by its deck, and in bytes by the budget: all pre-rolls together may hold half of
// it, and give way to what waits for a disk. The oldest goes first, so what is held has no hole.
type preroll struct {
	budget *budget

	mu       sync.Mutex // against the budget, which takes the oldest
	ring     ring
	pictures int64 // that found no room so far
	hole     bool  // the last of them is missing right before what comes next
}

func newPreroll(b *budget) *preroll {
	p := &preroll{budget: b}
	b.joinRoll(p)
	return p
}

// hold takes an item that the budget has counted, and lets go what is from before floor.
func (p *preroll) hold(i item, floor time.Time) {
	p.mu.Lock()
	i.hole = i.hole || p.hole
	p.hole = false
	p.ring.add(i)
	p.budget.held.Add(i.cost())
	p.mu.Unlock()
	p.dropBefore(floor)
	p.budget.boundRolls()
}

// dropBefore lets go what was taken before a time. A piece of sound may lie before a picture that is older.
func (p *preroll) dropBefore(floor time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for p.ring.n > 0 && p.ring.first().at.Before(floor) {
		p.drop()
	}
}

// drop lets the oldest go; mu is held.
func (p *preroll) drop() item {
	i := p.ring.take()
	p.budget.held.Add(-i.cost())
	p.budget.give(i.cost())
	return i
}

// dropOldest makes room for others; false when nothing is held.
func (p *preroll) dropOldest() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.ring.n == 0 {
		return false
	}
	i := p.drop()
	if i.isPicture() {
		p.pictures++
	}
	if hole := i.hole || i.isPicture(); hole && p.ring.n > 0 {
		p.ring.first().hole = true
	} else if hole {
		p.hole = true
	}
	return true
}

func (p *preroll) oldest() (came time.Duration, ok bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.ring.n == 0 {
		return 0, false
	}
	return p.ring.first().came, true
}

// holdsFrom tells whether a picture taken at that time or later is held, and lets go all that came before
// the first such one.
func (p *preroll) holdsFrom(from time.Time) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	for n := range p.ring.n {
		if i := p.ring.at(n); i.isPicture() && !i.at.Before(from) {
			for range n {
				p.drop()
			}
			return true
		}
	}
	return false
}

// takeAll appends all that is held to dst; what it costs stays counted in the budget.
func (p *preroll) takeAll(dst []item) []item {
	p.mu.Lock()
	defer p.mu.Unlock()
	for p.ring.n > 0 {
		i := p.ring.take()
		p.budget.held.Add(-i.cost())
		dst = append(dst, i)
	}
	return dst
}

// clear lets all go.
func (p *preroll) clear() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for p.ring.n > 0 {
		p.drop()
	}
}

// shift moves what is held by what the wall clock was set by.
func (p *preroll) shift(by time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for n := range p.ring.n {
		i := p.ring.at(n)
		i.at = i.at.Add(by)
	}
}

func (p *preroll) dropped() int64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.pictures
}
