package recorder

import (
	"sync"
	"time"

	"v720dvr/camera"
)

// The bounds of a deck's queue. A camera of 10 pictures a second gives 20 items of 240 KB in
// all, so the queue takes a disk that stands still for 25 s; one of 25 pictures and 17 pieces
// of sound 12 s, unless its pictures are above 50 KB.
const (
	queueItems = 512
	queueBytes = 16 << 20
	// Places of dropped pictures that are kept for the ledger: 100 s at 10 a second. More are
	// counted only.
	queueLost = 1024
)

// quietSounds is how many items sound may leave lying without waking the deck: 3 s of a camera
// that sends no pictures.
const quietSounds = 32

type itemKind uint8

const (
	itemFrame itemKind = iota
	itemAudio
	itemEvent
)

// An item is a frame, a piece of sound or an event on its way to the deck.
type item struct {
	kind     itemKind
	repaired bool
	dropped  bool // the place of a picture that this queue dropped
	missing  int
	at       time.Time
	data     []byte // picture or sound
	event    camera.EventKind
	detail   string
}

func (i *item) size() int { return len(i.data) + len(i.detail) }

// A queue hands items to a deck, in order. push never waits: when the queue is full the oldest
// go, are counted, and pictures among them leave their place behind.
type queue struct {
	ready chan struct{} // holds one token when there may be something to do

	mu      sync.Mutex
	ring    [queueItems]item
	head, n int
	bytes   int
	lost    []item // the places of dropped pictures, without their bytes, older than all in the ring
	closed  bool
	frames  int64 // pictures dropped so far
	sounds  int64 // pieces of sound dropped so far
	events  int64 // events dropped so far
}

func newQueue() *queue { return &queue{ready: make(chan struct{}, 1)} }

// push puts an item in; after close it does nothing. Sound does not wake the deck: it would only
// be held until the next picture tells where it belongs, and a wake costs more than a piece of sound.
func (q *queue) push(i item) {
	q.mu.Lock()
	if q.closed {
		q.mu.Unlock()
		return
	}
	for q.n > 0 && (q.n == queueItems || q.bytes+i.size() > queueBytes) {
		q.drop()
	}
	q.ring[(q.head+q.n)%queueItems] = i
	q.n++
	q.bytes += i.size()
	wait := i.kind == itemAudio && q.n < quietSounds
	q.mu.Unlock()
	if !wait {
		q.wake()
	}
}

// drop takes the oldest item away; mu is held.
func (q *queue) drop() {
	i := q.take()
	switch i.kind {
	case itemFrame:
		if len(q.lost) < queueLost {
			q.lost = append(q.lost, item{kind: itemFrame, at: i.at, missing: i.missing, dropped: i.data != nil})
		}
		if i.data != nil {
			q.frames++
		}
	case itemAudio:
		q.sounds++
	case itemEvent:
		q.events++
	}
}

func (q *queue) take() item {
	i := q.ring[q.head]
	q.ring[q.head] = item{} // lets the picture go
	q.head = (q.head + 1) % queueItems
	q.n--
	q.bytes -= i.size()
	return i
}

// pop returns the oldest item; the places of dropped pictures come first, as lost frames. more is false when the queue is empty, and over when it will stay so.
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
		return q.take(), true, false
	}
	return item{}, false, q.closed
}

// close lets nothing more in; what is inside can still be popped.
func (q *queue) close() {
	q.mu.Lock()
	q.closed = true
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
