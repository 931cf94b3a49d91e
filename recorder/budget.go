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
// A deck holds 2 s of sound besides, which wait for a picture.
type budget struct {
	most    int64
	used    atomic.Int64
	dropped atomic.Int64 // pictures, by queues and spools, since the recorder was made

	mu     sync.Mutex // held by who makes room, so that the oldest are looked for once
	queues []*queue
}

func newBudget(most int64) *budget { return &budget{most: most} }

func (b *budget) join(q *queue) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.queues = append(b.queues, q)
}

// take counts bytes that begin to wait, and makes room for them.
func (b *budget) take(n int64) {
	if b.used.Add(n) > b.most {
		b.makeRoom()
	}
}

// give counts bytes that wait no longer.
func (b *budget) give(n int64) { b.used.Add(-n) }

// makeRoom drops the oldest items. It looks at two queues a camera for each, a few µs, and only
// while a disk does not keep up.
func (b *budget) makeRoom() {
	b.mu.Lock()
	defer b.mu.Unlock()
	for b.used.Load() > b.most {
		var longest *queue
		oldest := time.Duration(math.MaxInt64)
		for _, q := range b.queues {
			if came, ok := q.oldest(); ok && came < oldest {
				longest, oldest = q, came
			}
		}
		if longest == nil || !longest.dropOldest() {
			return // what is in hand is above the bound alone
		}
	}
}
