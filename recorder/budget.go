package recorder

import (
	"math"
	"sync"
	"sync/atomic"
	"time"
)

// The budget that Options do not name: an eighth of the machine's memory, between these bounds.
const (
	leastWaiting = 64 << 20
	mostWaiting  = 256 << 20
)

func defaultBudget() int64 {
	memory := machineMemory()
	if memory == 0 { // not known
		return mostWaiting
	}
	return min(max(memory/8, leastWaiting), mostWaiting)
}

// A budget bounds in bytes what waits in the queues of all decks together: 64 cameras that give
// 240 KB a second each fill 256 MiB in 17 s. Beyond it the oldest go first, whosever they are.
// Pre-rolls are in it, with half of it at most; they go before anything that waits. A deck holds 2 s of
// sound besides, which wait for a picture.
type budget struct {
	most    int64
	used    atomic.Int64
	held    atomic.Int64 // of those, in pre-rolls
	dropped atomic.Int64 // pictures, by queues and spools, since the recorder was made

	mu     sync.Mutex // held by who makes room, so that the oldest are looked for once
	queues []*queue
	rolls  []*preroll
}

func newBudget(most int64) *budget { return &budget{most: most} }

func (b *budget) join(q *queue) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.queues = append(b.queues, q)
}

func (b *budget) joinRoll(p *preroll) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.rolls = append(b.rolls, p)
}

// take counts bytes that begin to wait, and makes room for them.
func (b *budget) take(n int64) {
	if b.used.Add(n) > b.most {
		b.makeRoom()
	}
}

// give counts bytes that wait no longer.
func (b *budget) give(n int64) { b.used.Add(-n) }

// makeRoom drops the oldest items: of the pre-rolls, and when those are empty of the queues. It looks at two
// queues a camera for each, a few µs, and only while a disk does not keep up.
func (b *budget) makeRoom() {
	b.mu.Lock()
	defer b.mu.Unlock()
	for b.used.Load() > b.most {
		if !dropOldest(b.rolls) && !dropOldest(b.queues) {
			return // what is in hand is above the bound alone
		}
	}
}

// boundRolls holds the pre-rolls to their half.
func (b *budget) boundRolls() {
	if b.held.Load() <= b.most/2 {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	for b.held.Load() > b.most/2 && dropOldest(b.rolls) {
	}
}

// dropOldest drops the oldest item of all; false when there is none.
func dropOldest[T interface {
	oldest() (came time.Duration, ok bool)
	dropOldest() bool
}](all []T) bool {
	var from T
	found, oldest := false, time.Duration(math.MaxInt64)
	for _, one := range all {
		if came, ok := one.oldest(); ok && came < oldest {
			from, oldest, found = one, came, true
		}
	}
	return found && from.dropOldest()
}
