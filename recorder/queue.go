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
const itemCost = 128

type itemKind uint8

const (
	itemFrame itemKind = iota
	itemAudio
	itemEvent
	itemTrigger
	// From here on it is what the deck decided.
	itemSettings // new settings, from here on
	itemRest     // nothing is recorded from at on, and why
	itemRename   // what was missing since at for one reason was so for another
	itemClock    // the wall clock was set
)

// An item is what comes of a camera, or what the deck decided, on its way to the disk.
type item struct {
	kind     itemKind
	repaired bool
	gone     bool   // right before it the camera was gone
	dropped  bool   // the place of a picture that a queue dropped
	hole     bool   // right before it are dropped pictures whose places were not kept
	motion   bool   // it belongs into the file of an event in motion mode
	score    uint16 // of motion in a picture
	missing  int32
	at       time.Time     // as it was handed in; behind the deck by the wall clock
	came     time.Duration // since the recorder was made, on the monotonic clock
	data     []byte        // picture or sound
	track    []byte        // what changed in a picture: motion.Seen.Track
	note     *note         // of all but pictures and sound
}

type note struct {
	event   camera.Event
	aside   bool // the event is told beside the recordings, and stands in none
	silent  bool // the event stands in a recording only
	over    *over
	trigger Trigger
	file    fileSettings
	reason  string // of a rest; what a rename makes of was
	was     string
	by      time.Duration // that the wall clock was set by
}

func (i *item) cost() int64 {
	n := int64(itemCost + len(i.data) + len(i.track))
	if i.note != nil {
		n += int64(len(i.note.event.Detail)+len(i.note.trigger.Detail)) + itemCost
		if i.note.over != nil {
			n += int64(len(i.note.over.picture)) + itemCost
		}
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

	mu     sync.Mutex
	ring   ring
	lost   []item // places of dropped pictures, and what the deck decided; older than all in the ring
	hole   bool   // behind those, more were dropped
	over   bool   // closed
	frames int64  // pictures dropped so far
	sounds int64  // pieces of sound dropped so far
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
	q.ring.add(i)
	return i.kind != itemAudio || q.ring.n >= quietSounds, true
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
	case q.ring.n > 0:
		i = q.ring.take()
		i.hole = i.hole || q.hole
		q.hole = false
		return i, true, false
	}
	return item{}, false, q.over
}

// oldest is when the oldest item of the ring came.
func (q *queue) oldest() (came time.Duration, ok bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.ring.n == 0 {
		return 0, false
	}
	return q.ring.first().came, true
}

// dropOldest makes room; false when there is nothing in the ring.
func (q *queue) dropOldest() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.ring.n == 0 {
		return false
	}
	i := q.ring.take()
	switch {
	case i.kind >= itemSettings: // what was decided stays
		q.lost = append(q.lost, i)
		return true
	case i.kind == itemFrame:
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
	case i.kind == itemAudio:
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
	return q.ring.n, q.frames, q.sounds
}
