package recorder

import (
	"errors"
	"time"

	"v720dvr/camera"
	"v720dvr/storage"
	"v720dvr/storage/avi"
)

// picture puts a picture into the segment that is its own; false when the disk did not take it.
func (s *spool) picture(f camera.Frame) bool {
	s.settle(f.At)
	if err := s.place(f); err != nil {
		s.failed(err, f.At)
		return false
	}
	if s.trouble.wait > 0 {
		s.recovered(time.Now())
	}
	return true
}

func (s *spool) place(f camera.Frame) error {
	if !avi.IsPicture(f.JPEG) {
		s.refuse(f)
		return nil
	}
	turn := s.span.plan(f.At)
	if turn == goOn {
		s.releaseEnded(f.At)
		err := s.write(f)
		if !errors.Is(err, avi.ErrSizeChanged) && !errors.Is(err, avi.ErrFull) {
			return err
		}
	}
	if turn == breakOff {
		reason := GapSilent
		if s.span.hole {
			reason = GapDisk
		}
		s.finish(reason)
	}
	return s.begin(f)
}

// begin opens a segment with f as its first picture. If one is open, that one ends there, and is
// committed when the next is on its way and its sound has come.
func (s *spool) begin(f camera.Frame) error {
	start := f.At
	if s.segment == nil {
		start = s.streamStart(f.At)
	}
	next, err := s.store.Create(storage.SegmentSpec{Camera: s.id, Name: s.next.Name, Start: start, Gap: s.gap(start)})
	if err != nil {
		return err
	}
	if s.segment != nil {
		s.settleNow()
		s.ending = &ending{segment: s.segment, cut: f.At}
	}
	s.segment, s.settings, s.heard = next, s.next, time.Time{}
	s.span = span{boundary: nextBoundary(start, s.settings.length(), s.store.Location())}
	s.meter.change(func(n *DeckStats) { n.Segment = next.Path() })
	err = s.write(f)
	s.settle(f.At)
	if !s.settings.Audio {
		s.settleNow()
		s.held.clear()
	}
	if err != nil {
		return err
	}
	s.missing = nil
	s.releaseEnded(f.At)
	for _, e := range s.events {
		s.event(e)
	}
	s.events = nil
	return nil
}

// streamStart returns where a segment begins that follows on none: with the sound that was held
// before its first picture, of which no more than beforeFirst counts, and none that is in a segment.
func (s *spool) streamStart(first time.Time) time.Time {
	floor := first.Add(-beforeFirst)
	if s.missing != nil && s.missing.From.After(floor) && !s.missing.From.After(first) {
		floor = s.missing.From
	}
	for _, ok := s.held.before(floor); ok; _, ok = s.held.before(floor) {
	}
	start, ok := s.held.start()
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
func (s *spool) gap(start time.Time) *avi.Gap {
	if s.missing == nil || !start.After(s.missing.From) {
		return nil
	}
	// The picture that the disk refused is the first one of this segment, if it was not dropped.
	if s.missing.Reason == GapDisk && start.Sub(s.missing.From) < s.usual {
		return nil
	}
	return &avi.Gap{From: s.missing.From, To: start, Reason: s.missing.Reason}
}

// finish ends the open segment, if there is one, with nothing to follow on it: where the last
// frame would have given way to another, or with the last sound. reason is why the next one
// will not follow on; "" when nobody will ask.
func (s *spool) finish(reason string) {
	s.settleNow()
	if s.segment == nil {
		return
	}
	for a, ok := s.held.before(s.reach()); ok; a, ok = s.held.before(s.reach()) {
		if !s.hear(a) {
			s.dropSound()
		}
	}
	end := s.span.seen.Add(s.usual)
	if s.heard.After(end) {
		end = s.heard
	}
	segment := s.segment
	s.close(end, reason)
	s.commit(segment, end)
}

// close forgets the open segment.
func (s *spool) close(end time.Time, reason string) {
	s.segment, s.span = nil, span{}
	s.missing = &avi.Gap{From: end, Reason: reason}
	s.meter.change(func(n *DeckStats) { n.Segment = "" })
}

func (s Settings) length() time.Duration {
	if s.Segment <= 0 {
		return defaultSegment
	}
	return s.Segment
}
