package recorder

import (
	"time"

	"v720dvr/camera"
)

// refuse counts what a segment cannot take for a picture and notes it as a lost one: a camera's
// bytes neither end nor begin a recording.
func (d *deck) refuse(f camera.Frame) {
	d.meter.change(func(s *DeckStats) { s.Refused++ })
	d.lost(camera.Frame{Camera: f.Camera, At: f.At})
}

// write hands a picture to the open segment.
func (d *deck) write(f camera.Frame) error {
	if err := d.segment.WriteFrame(f); err != nil {
		return err
	}
	if apart := f.At.Sub(d.span.last); !d.span.last.IsZero() && 0 < apart && apart <= time.Second {
		d.usual += (apart - d.usual) / 8
	}
	d.span.last, d.span.seen = f.At, f.At
	if d.segment.Size() > softFull {
		d.span.cut = true
	}
	d.meter.change(func(s *DeckStats) { s.Written++ })
	return nil
}

// lost notes in the open segment that a picture is missing: it never came whole, or the queue
// dropped it. Between segments the gap tells of it.
func (d *deck) lost(f camera.Frame) {
	if d.segment == nil || f.At.After(d.reach()) {
		return
	}
	if f.At.Before(d.span.last.Add(-setBack)) {
		f.At = d.span.last // nobody knows when; it stands where it was missed
	}
	if err := d.segment.WriteFrame(f); err != nil {
		d.failedAside(err, f.At)
	} else if f.At.After(d.span.seen) {
		d.span.seen = f.At
	}
}

// event notes an event in the open segment, or keeps it for the next one.
func (d *deck) event(e camera.Event) {
	if d.segment == nil || e.At.After(d.reach()) {
		if len(d.events) == maxEvents {
			d.events = append(d.events[:0], d.events[1:]...)
		}
		d.events = append(d.events, e)
		return
	}
	if err := d.segment.WriteEvent(e); err != nil {
		d.failedAside(err, e.At)
	}
}

// sound holds a piece back until a picture tells in which segment it belongs, at most maxHeld.
func (d *deck) sound(a camera.Audio) {
	d.held.add(a)
	if d.ending != nil {
		d.settle(d.ending.cut)
	}
	for a, ok := d.held.excess(); ok; a, ok = d.held.excess() {
		if d.segment != nil {
			d.hear(a)
		}
	}
}

func (d *deck) releaseEnded(by time.Time) {
	for a, ok := d.held.ended(by); ok; a, ok = d.held.ended(by) {
		d.hear(a)
	}
}

// hear hands sound to the open segment.
func (d *deck) hear(a camera.Audio) {
	if a.At.After(d.reach()) {
		d.meter.change(func(s *DeckStats) { s.DroppedSound++ })
		return
	}
	if end := end(a); d.hearIn(d.segment, a) && end.After(d.heard) {
		d.heard = end
	}
}

// reach is how far beyond its last frame a segment may go on with sound and notes: as long as
// it may be without frames, and the sound that is held then. A clock that jumps ahead would
// otherwise fill the segment with silence up to there.
func (d *deck) reach() time.Time { return d.span.seen.Add(silence + maxHeld*sample) }
