package recorder

import (
	"time"

	"v720dvr/storage"
)

// accept takes an item out of the queue, and tells whether the camera gave a picture, also one that a
// queue dropped.
func (d *deck) accept(i item) (gave bool) {
	_, offset := d.follow()
	i.at = d.clock.of(i.at, offset)
	d.settle()
	switch i.kind {
	case itemEvent:
		d.happened(i)
		return false
	case itemTrigger:
		t := i.note.trigger
		t.At = i.at
		d.queue.budget.give(i.cost())
		d.triggered(t, true)
		return false
	}
	switch {
	case i.isPicture():
		d.meter.picture(i.at, len(i.data), i.repaired, i.came)
		gave = true
	case i.dropped:
		gave = true
	case i.kind == itemFrame:
		d.meter.change(func(n *DeckStats) { n.Lost++ })
	}
	if !gave {
		d.show(i)
		d.listen(i)
		d.route(i)
		return false
	}
	i.gone, d.rest.left = d.rest.left, false
	d.last = i.came
	d.rule(i.at)
	back := d.seen(i.at)
	d.show(i)
	d.watch(&i)
	d.examine(&i)
	d.route(i)
	if back && d.ruling.mode == onMotion && !d.asksFor(i.at) {
		d.rests(i.at, storage.GapIdle) // also where the event that it fell silent in was over meanwhile
	}
	return true
}

// route does with a picture, a piece of sound or the place of a lost picture what the plan says.
func (d *deck) route(i item) {
	verdict := hold
	if i.at.Before(d.hushed) {
		verdict = forget
	} else if i.isPicture() {
		verdict = d.plan.picture(i.at)
	} else {
		verdict = d.plan.beside(i.at)
	}
	switch {
	case verdict == keep || verdict == keepFile:
		d.record(i, verdict == keepFile)
	case verdict == hold && d.settings.rolls():
		newest := d.latest
		if i.at.After(newest) {
			newest = i.at
		}
		d.roll.hold(i, newest.Add(-d.plan.preroll-late))
	default:
		d.queue.budget.give(i.cost())
	}
}

// record hands an item to the spool.
func (d *deck) record(i item, motion bool) {
	if i.isPicture() {
		d.roll.clear() // what is held is older, and belongs nowhere any more
		d.tellNotes(i.at)
		d.recorded()
	}
	i.motion = motion
	d.pass(i)
}

// release records what is held, as far as the plan asks for it now.
func (d *deck) release() {
	if from, ok := d.plan.wanted(); ok && d.roll.holdsFrom(from) {
		d.replayed = d.roll.takeAll(d.replayed[:0])
		now := time.Since(d.begun)
		for _, i := range d.replayed {
			i.came = now // it did not wait for the disk until now
			if i.isPicture() {
				d.endOver(i.at)
			}
			d.route(i)
		}
		clear(d.replayed)
	}
	d.tellNotes(farthest)
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
