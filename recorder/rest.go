package recorder

import (
	"time"

	"v720dvr/storage"
)

// A rest is why nothing is recorded of a camera, as its deck knows it. The spool keeps it for the next
// segment, with what the disk adds.
type rest struct {
	told   string    // the reason that the spool was told last; "" while something is recorded
	seen   time.Time // capture time of the last picture; before the first, when the recorder began
	begun  time.Time // of the recorder
	silent bool      // no picture for 10 s, or none yet
	left   bool      // since the last picture it was gone
	gone   bool      // its connection is gone
	came   bool      // it registered in this run
	known  bool      // a picture came, or away has passed without one
}

// away is how long after the recorder's begin a camera may take to come back until it is not the restart
// that is to blame. A camera that is well registers within 20 s, and streams 5 s later.
const away = 60 * time.Second

func (r *rest) shift(by time.Duration) {
	r.seen, r.begun = r.seen.Add(by), r.begun.Add(by)
}

// absent is the reason of a camera that sends no pictures.
func (r *rest) absent() string {
	if r.gone {
		return storage.GapOffline
	}
	return storage.GapSilent
}

// rests tells the spool that from a time on nothing is recorded, and why.
func (d *deck) rests(at time.Time, reason string) {
	if reason == d.rest.told {
		return
	}
	d.rest.told = reason
	d.meter.change(func(s *DeckStats) { s.Rest = reason })
	d.decide(item{kind: itemRest, at: at, note: &note{reason: reason}})
}

// renames tells it that what was missing since the last picture for one reason was so for another.
func (d *deck) renames(was, is string) {
	if d.rest.told == was {
		d.rest.told = is
		d.meter.change(func(s *DeckStats) { s.Rest = is })
	}
	d.decide(item{kind: itemRename, at: d.rest.seen, note: &note{was: was, reason: is}})
}

// recorded notes that a picture is.
func (d *deck) recorded() {
	if d.rest.told != "" {
		d.rest.told = ""
		d.meter.change(func(s *DeckStats) { s.Rest = "" })
	}
}

// ruled says why nothing is recorded when another mode is in force.
func (d *deck) ruled(since time.Time) {
	switch {
	case d.ruling.mode == off || d.ruling.mode == paused:
		d.rests(since, d.ruling.reason)
	case d.rest.silent && !d.rest.known:
		// The restart is the reason for a while.
	case d.rest.silent:
		d.rests(since, d.rest.absent())
	case d.ruling.mode == onMotion && !d.asksFor(since):
		d.rests(since, storage.GapIdle)
	}
}

// idles ends a file of motion mode that only waits for what may join it.
func (d *deck) idles(at time.Time) {
	if d.rest.told == "" && d.plan.waits() {
		d.rests(at, storage.GapIdle)
	}
}

// asksFor tells whether pictures from that time on are recorded in motion mode.
func (d *deck) asksFor(at time.Time) bool {
	from, ok := d.plan.wanted()
	return ok && !from.After(at)
}

// seen notes a picture, and tells whether the camera was silent before it.
func (d *deck) seen(at time.Time) (back bool) {
	r := &d.rest
	back, r.seen = r.silent, at
	if back {
		r.silent, r.known = false, true
	}
	return back
}

// fellSilent notes that no picture has come for 10 s.
func (d *deck) fellSilent() {
	if !d.rest.known {
		return
	}
	d.rest.silent = true
	d.endSight()
	d.idles(d.rest.seen)
	if d.ruling.mode == continuous || d.ruling.mode == onMotion {
		d.rests(d.rest.seen, d.rest.absent())
	}
	d.wakeSpool()
}

// settle ends the time in which a camera may come back after a restart.
func (d *deck) settle() {
	r := &d.rest
	if r.known || time.Since(d.begun) < away {
		return
	}
	r.known = true
	r.gone = r.gone || !r.came
	if d.ruling.mode == continuous || d.ruling.mode == onMotion {
		d.rests(r.begun.Add(away), r.absent())
	}
}
