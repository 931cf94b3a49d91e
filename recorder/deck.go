package recorder

import (
	"sync/atomic"
	"time"

	"v720dvr/camera"
)

// A deck decides what is recorded of one camera, and hands it on to its spool. It never waits for
// a disk. Everything but queue, meter, wanted and what they hold belongs to run's goroutine.
type deck struct {
	id       camera.ID
	begun    time.Time // of the recorder: items say when they came since then
	queue    *queue
	spool    *spool
	meter    *meter
	wanted   atomic.Pointer[Settings]
	settings Settings
	last     time.Duration // when the last picture came
	owed     bool          // the spool is to be woken
}

func newDeck(id camera.ID, settings Settings, r *Recorder) *deck {
	m := new(meter)
	m.stats.Camera = id
	d := &deck{
		id: id, begun: r.begun, meter: m, settings: settings,
		// In this order: of two items that came together, the spool's is the older one.
		spool: newSpool(id, settings, m, r), queue: newQueue(r.budget),
	}
	d.wanted.Store(&settings)
	return d
}

// apply is called from outside.
func (d *deck) apply(s Settings) {
	if *d.wanted.Load() != s {
		d.wanted.Store(&s)
		d.queue.wake()
	}
}

func (d *deck) stats(now time.Duration) DeckStats {
	s := d.meter.read(now)
	for _, q := range []*queue{d.queue, d.spool.queue} {
		n, frames, sounds := q.stats()
		s.Queue += n
		s.Dropped += frames
		s.DroppedSound += sounds
	}
	return s
}

// run takes items until the queue is closed and empty.
func (d *deck) run() {
	defer d.spool.queue.close()
	d.last = time.Since(d.begun)
	idle := time.NewTimer(silence)
	defer idle.Stop()
	silent := false
	for {
		d.takeUp(*d.wanted.Load())
		i, more, over := d.queue.pop()
		if more {
			if d.take(i) && silent {
				silent = false
				idle.Reset(silence)
			}
			continue
		}
		d.wakeSpool()
		if over {
			return
		}
		select {
		case <-d.queue.ready:
		case <-idle.C:
			// What lies in the queue may hold a picture that came in this moment.
			for i, more, _ := d.queue.pop(); more; i, more, _ = d.queue.pop() {
				d.take(i)
			}
			if left := d.last + silence - time.Since(d.begun); left > 0 {
				idle.Reset(left)
				continue
			}
			silent = true
			d.decide(item{kind: itemSilence})
		}
	}
}

// takeUp hands new settings on: they hold from this place in the order on.
func (d *deck) takeUp(s Settings) {
	if s == d.settings {
		return
	}
	d.settings = s
	d.decide(item{kind: itemSettings, note: &note{settings: s}})
}

func (d *deck) decide(i item) {
	i.came = time.Since(d.begun)
	d.spool.queue.budget.take(i.cost())
	d.pass(i)
	d.wakeSpool()
}

// wakeSpool wakes it once for all that was passed on.
func (d *deck) wakeSpool() {
	if d.owed {
		d.owed = false
		d.spool.queue.wake()
	}
}

func (d *deck) pass(i item) {
	if d.spool.queue.pass(i) {
		d.owed = true
	}
}

// take tells whether the item was a picture.
func (d *deck) take(i item) (picture bool) {
	if picture = i.isPicture(); picture {
		d.last = i.came
		d.meter.picture(i.at, len(i.data), i.repaired, i.came)
	} else if i.kind == itemFrame && !i.dropped {
		d.meter.change(func(n *DeckStats) { n.Lost++ })
	}
	if d.settings.Record {
		d.pass(i)
	} else {
		d.queue.budget.give(i.cost())
	}
	return picture
}
