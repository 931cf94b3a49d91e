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
	if turn == goOn && s.asked != s.motion {
		turn = carryOn
	}
	if turn == goOn {
		s.releaseEnded(f.At)
		err := s.write(f)
		if !errors.Is(err, avi.ErrSizeChanged) && !errors.Is(err, avi.ErrFull) {
			return err
		}
	}
	if turn == breakOff {
		reason := storage.GapSilent
		switch {
		case s.span.hole:
			reason = storage.GapDisk
		case s.span.gone:
			reason = storage.GapOffline
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
	gaps := s.missing.gaps(start, s.usual)
	next, err := s.store.Create(storage.SegmentSpec{Camera: s.id, Name: s.next.name, Start: start, Gaps: gaps, Motion: s.asked})
	if err != nil {
		return err
	}
	if s.segment != nil {
		s.settleNow()
		s.stalled(f.At)
		s.ending = &ending{segment: s.segment, cut: f.At}
	}
	s.segment, s.settings, s.motion, s.heard = next, s.next, s.asked, time.Time{}
	s.span = span{boundary: nextBoundary(start, s.settings.length, s.store.Location())}
	if s.motion {
		s.span.boundary = start.Add(s.settings.length)
	}
	s.meter.change(func(n *DeckStats) { n.Segment = next.Path() })
	err = s.write(f)
	s.settle(f.At)
	if !s.settings.audio {
		s.settleNow()
		s.held.clear()
	}
	if err != nil {
		return err
	}
	if len(s.missing.stretches) > 0 {
		s.noting.teller = next
	}
	s.missing.end()
	s.releaseEnded(f.At)
	waiting := s.events
	s.events = nil
	for _, e := range waiting {
		s.event(e)
	}
	return nil
}

// streamStart returns where a segment begins that follows on none: with the sound that was held
// before its first picture, of which no more than beforeFirst counts, and none that is in a segment. An
// event's begins with its picture.
func (s *spool) streamStart(first time.Time) time.Time {
	floor := first.Add(-beforeFirst)
	if s.asked {
		floor = first
	}
	if from, ok := s.missing.since(); ok && from.After(floor) && !from.After(first) {
		floor = from
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

// finish ends the open segment, if there is one, with nothing to follow on it: where the last
// frame would have given way to another, or with the last sound. reason is why the next one will not
// follow on.
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

// close forgets the open segment: from its end on something is missing.
func (s *spool) close(end time.Time, reason string) {
	if end.After(s.reached) {
		s.reached = end
	}
	s.forget()
	s.missing.begin(end, reason)
}

func (s *spool) forget() {
	s.segment, s.span = nil, span{}
	s.meter.change(func(n *DeckStats) { n.Segment = "" })
}
