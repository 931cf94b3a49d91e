package recorder

import (
	"context"
	"errors"
	"time"

	"v720dvr/camera"
	"v720dvr/storage"
	"v720dvr/storage/avi"
)

// picture puts a picture into the segment that is its own. now is on the monotonic clock.
func (d *deck) picture(f camera.Frame, now time.Time) {
	d.settle(f.At)
	if d.trouble.resting(now) {
		d.drop()
		return
	}
	err := d.place(f)
	if err != nil {
		d.failed(err, f.At, now)
		d.drop()
		return
	}
	if d.trouble.overcome(now) {
		d.log.Info("recording again")
		d.meter.change(func(s *DeckStats) { s.Err = "" })
	}
}

func (d *deck) place(f camera.Frame) error {
	if !avi.IsPicture(f.JPEG) {
		d.refuse(f)
		return nil
	}
	turn := d.span.plan(f.At)
	if turn == goOn {
		d.releaseEnded(f.At)
		err := d.write(f)
		if !errors.Is(err, avi.ErrSizeChanged) && !errors.Is(err, avi.ErrFull) {
			return err
		}
	}
	if turn == breakOff {
		d.finish(GapSilent)
	}
	return d.begin(f)
}

// begin opens a segment with f as its first picture. If one is open, that one ends there, and is
// committed when the next is on its way and its sound has come.
func (d *deck) begin(f camera.Frame) error {
	start := f.At
	if d.segment == nil {
		start = d.streamStart(f.At)
	}
	next, err := d.store.Create(storage.SegmentSpec{Camera: d.id, Name: d.next.Name, Start: start, Gap: d.gap(start)})
	if err != nil {
		return err
	}
	if d.segment != nil {
		d.settleNow()
		d.ending = &ending{segment: d.segment, cut: f.At}
	}
	d.segment, d.settings, d.heard = next, d.next, time.Time{}
	d.span = span{boundary: nextBoundary(start, d.settings.length(), d.store.Location())}
	d.meter.change(func(s *DeckStats) { s.Segment = next.Path() })
	err = d.write(f)
	d.settle(f.At)
	if !d.settings.Audio {
		d.settleNow()
		d.held.clear()
	}
	if err != nil {
		return err
	}
	d.missing = nil
	d.releaseEnded(f.At)
	for _, e := range d.events {
		d.event(e)
	}
	d.events = nil
	return nil
}

// streamStart returns where a segment begins that follows on none: with the sound that was held
// before its first picture, of which no more than beforeFirst counts, and none that is in a segment.
func (d *deck) streamStart(first time.Time) time.Time {
	floor := first.Add(-beforeFirst)
	if d.missing != nil && d.missing.From.After(floor) && !d.missing.From.After(first) {
		floor = d.missing.From
	}
	for _, ok := d.held.before(floor); ok; _, ok = d.held.before(floor) {
	}
	start, ok := d.held.start()
	switch {
	case !ok || start.After(first):
		return first
	case start.Before(floor): // by part of a sample
		return floor
	}
	return start
}

// gap returns what is missing before a segment that begins at start; nil when nothing is, or
// when the clock was set back into what was recorded.
func (d *deck) gap(start time.Time) *avi.Gap {
	if d.missing == nil || !start.After(d.missing.From) {
		return nil
	}
	return &avi.Gap{From: d.missing.From, To: start, Reason: d.missing.Reason}
}

// finish ends the open segment, if there is one, with nothing to follow on it: where the last
// frame would have given way to another, or with the last sound. reason is why the next one
// will not follow on; "" when nobody will ask.
func (d *deck) finish(reason string) {
	d.settleNow()
	if d.segment == nil {
		return
	}
	for a, ok := d.held.before(d.reach()); ok; a, ok = d.held.before(d.reach()) {
		d.hear(a)
	}
	end := d.span.seen.Add(d.usual)
	if d.heard.After(end) {
		end = d.heard
	}
	segment := d.segment
	d.close(end, reason)
	d.commit(segment, end)
}

// close forgets the open segment.
func (d *deck) close(end time.Time, reason string) {
	d.segment, d.span = nil, span{}
	d.missing = &avi.Gap{From: end, Reason: reason}
	d.meter.change(func(s *DeckStats) { s.Segment = "" })
}

// commit is done in the deck's goroutine: what comes meanwhile waits in the queue.
func (d *deck) commit(segment *storage.Segment, end time.Time) {
	record, err := segment.Commit(context.Background(), end)
	switch {
	case errors.Is(err, avi.ErrEmpty):
		d.log.Debug("segment without a picture removed", "file", segment.Path())
	case err != nil:
		if d.trouble.wait > 0 || d.uncommitted {
			d.log.Debug("segment not committed", "error", err) // said already
		} else {
			d.log.Error("segment not committed; its .part file stays", "error", err)
		}
		d.uncommitted = true
		d.meter.change(func(s *DeckStats) { s.Err = err.Error() })
	default:
		d.meter.change(func(s *DeckStats) {
			s.Segments++
			if d.uncommitted && d.trouble.wait == 0 {
				s.Err = ""
			}
		})
		d.uncommitted = false
		d.log.Debug("segment committed", "file", record.Path, "frames", record.Frames, "lost", record.Lost, "bytes", record.Bytes)
	}
}

func (s Settings) length() time.Duration {
	if s.Segment <= 0 {
		return defaultSegment
	}
	return s.Segment
}
