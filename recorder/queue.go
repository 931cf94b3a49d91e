package recorder

import (
	"sync"
	"time"

	"v720dvr/camera"
)

// Places of dropped pictures that a queue keeps for the ledger: 100 s at 10 a second. More are
// counted only.
const queueLost = 1024

// quietSounds is how many items sound may leave lying without waking anybody: 3 s of a camera
// that sends no pictures.
const quietSounds = 32

// itemCost is what an item takes in memory besides its bytes, so that the budget bounds their
// number too.
const itemCost = 96

// A ring begins with leastRing items, and is let go when it is empty and was above mostIdleRing.
const (
	leastRing    = 16
	mostIdleRing = 256
)

type itemKind uint8

const (
	itemFrame itemKind = iota
	itemAudio
	itemEvent
	itemSettings // new settings, from here on
	itemSilence  // the camera has sent no picture for so long that its segment ends
)

// An item is what comes of a camera, or what the deck decided, on its way to the disk.
type item struct {
	kind     itemKind
	repaired bool
	dropped  bool // the place of a picture that a queue dropped
	hole     bool // right before it are dropped pictures whose places were not kept
	missing  int32
	at       time.Time
	came     time.Duration // since the recorder was made, on the monotonic clock
	data     []byte        // picture or sound
	note     *note         // of an event or of settings
}

type note struct {
	event    camera.Event
	settings Settings
}

func (i *item) cost() int64 {
	n := int64(itemCost + len(i.data))
	if i.note != nil {
		n += int64(len(i.note.event.Detail)) + itemCost
	}
	return n
}

// isPicture tells whether there is a picture in it, not the place of one.
func (i *item) isPicture() bool { return i.kind == itemFrame && i.data != nil }

// A queue hands items on, in order. Who puts in never waits: the budget of all queues drops the
// oldest, counts them, and pictures among them leave their place behind.
type queue struct {
	budget *budget
	ready  chan struct{} // holds one token when there may be something to do
	closed chan struct{} // closed when nothing more comes

	mu      sync.Mutex
	ring    []item // its length is a power of two, or 0
	head, n int
	lost    []item // places of dropped pictures, and what the deck decided; older than all in the ring
	hole    bool   // behind those, more were dropped
	over    bool   // closed
	frames  int64  // pictures dropped so far
	sounds  int64  // pieces of sound dropped so far
}

func newQueue(b *budget) *queue {
	q := &queue{budget: b, ready: make(chan struct{}, 1), closed: make(chan struct{})}
	b.join(q)
	return q
}

// push takes an item that has just come, and wakes whoever waits for it; after close it does nothing.
func (q *queue) push(i item) {
	wake, ok := q.put(i)
	if !ok {
		return
	}
	q.budget.take(i.cost())
	if wake {
		q.wake()
	}
}

// pass takes an item that came out of another queue, and that the budget has counted. It wakes
// nobody; the answer is whether somebody should be.
func (q *queue) pass(i item) (wake bool) {
	wake, _ = q.put(i)
	return wake
}

// put tells whether to wake somebody. Sound alone does not: it would only be held until the next
// picture tells where it belongs, and a wake costs more than a piece of sound.
func (q *queue) put(i item) (wake, ok bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.over {
		return false, false
	}
	if q.n == len(q.ring) {
		q.grow()
	}
	q.ring[(q.head+q.n)&(len(q.ring)-1)] = i
	q.n++
	return i.kind != itemAudio || q.n >= quietSounds, true
}

func (q *queue) grow() {
	ring := make([]item, max(2*len(q.ring), leastRing))
	n := copy(ring, q.ring[q.head:])
	copy(ring[n:], q.ring[:q.head])
	q.ring, q.head = ring, 0
}

// pop returns the oldest item; the places of dropped pictures come first, as lost frames. What it
// costs stays counted until somebody gives it back. more is false when the queue is empty, and over
// when it will stay so.
func (q *queue) pop() (i item, more, over bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	switch {
	case len(q.lost) > 0:
		i = q.lost[0]
		if q.lost = q.lost[1:]; len(q.lost) == 0 {
			q.lost = nil
		}
		return i, true, false
	case q.n > 0:
		i = q.take()
		i.hole = i.hole || q.hole
		q.hole = false
		return i, true, false
	}
	return item{}, false, q.over
}

// take takes the oldest out of the ring.
func (q *queue) take() item {
	i := q.ring[q.head]
	q.ring[q.head] = item{} // lets the picture go
	q.head = (q.head + 1) & (len(q.ring) - 1)
	if q.n--; q.n == 0 && len(q.ring) > mostIdleRing {
		q.ring, q.head = nil, 0
	}
	return i
}

// oldest is when the oldest item of the ring came.
func (q *queue) oldest() (came time.Duration, ok bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.n == 0 {
		return 0, false
	}
	return q.ring[q.head].came, true
}

// dropOldest makes room; false when there is nothing in the ring.
func (q *queue) dropOldest() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.n == 0 {
		return false
	}
	i := q.take()
	switch i.kind {
	case itemSettings, itemSilence: // what was decided stays
		q.lost = append(q.lost, i)
		return true
	case itemFrame:
		if i.data != nil {
			q.frames++
			q.budget.dropped.Add(1)
		}
		if len(q.lost) < queueLost {
			place := item{kind: itemFrame, at: i.at, came: i.came, missing: i.missing, dropped: i.dropped || i.data != nil}
			q.lost = append(q.lost, place)
			q.budget.give(i.cost() - place.cost())
			return true
		}
		q.hole = true
	case itemAudio:
		q.sounds++
	}
	q.budget.give(i.cost())
	return true
}

// close lets nothing more in; what is inside can still be popped.
func (q *queue) close() {
	q.mu.Lock()
	if !q.over {
		q.over = true
		close(q.closed)
	}
	q.mu.Unlock()
	q.wake()
}

func (q *queue) wake() {
	select {
	case q.ready <- struct{}{}:
	default:
	}
}

func (q *queue) stats() (length int, frames, sounds int64) {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.n, q.frames, q.sounds
}
