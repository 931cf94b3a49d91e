package recorder

import (
	"time"

	"v720dvr/camera"
	"v720dvr/storage"
	"v720dvr/storage/avi"
)

// refuse counts what a segment cannot take for a picture and notes it as a lost one: a camera's
// bytes neither end nor begin a recording.
func (s *spool) refuse(f camera.Frame) {
	s.meter.change(func(n *DeckStats) { n.Refused++ })
	s.lost(camera.Frame{Camera: f.Camera, At: f.At})
}

// write hands a picture to the open segment.
func (s *spool) write(f camera.Frame) error {
	if err := s.segment.WriteJudged(f, s.score, s.track); err != nil {
		return err
	}
	if apart := f.At.Sub(s.span.last); !s.span.last.IsZero() && 0 < apart && apart <= time.Second {
		s.usual += (apart - s.usual) / 8
	}
	s.stalled(f.At)
	s.span.last, s.span.seen = f.At, f.At
	s.span.dropped, s.span.hole, s.span.gone = false, false, false
	if s.segment.Size() > softFull {
		s.span.cut = true
	}
	s.meter.change(func(n *DeckStats) { n.Written++ })
	return nil
}

// stalled notes in the open segment that for longer than a moment it has no picture, until that one.
func (s *spool) stalled(until time.Time) {
	if s.span.last.IsZero() || until.Sub(s.span.last) <= noticeable {
		return
	}
	reason := storage.GapSilent
	switch {
	case s.span.dropped:
		reason = storage.GapDisk
	case s.span.gone:
		reason = storage.GapOffline
	}
	if err := s.segment.WriteGap(avi.Gap{From: s.span.last.Add(s.usual), To: until, Reason: reason}); err != nil {
		s.failedAside(err)
	}
}

// lost notes in the open segment that a picture is missing: it never came whole, or the queue
// dropped it. Between segments the gap tells of it.
func (s *spool) lost(f camera.Frame) {
	if s.segment == nil || f.At.After(s.reach()) {
		return
	}
	if f.At.Before(s.span.last.Add(-setBack)) {
		f.At = s.span.last // nobody knows when; it stands where it was missed
	}
	if err := s.segment.WriteFrame(f); err != nil {
		s.failedAside(err)
	} else if f.At.After(s.span.seen) {
		s.span.seen = f.At
	}
}

// event notes an event in the open segment, or keeps it for the next one.
func (s *spool) event(e camera.Event) {
	if s.segment == nil || e.At.After(s.reach()) {
		if len(s.events) == maxEvents {
			s.events = append(s.events[:0], s.events[1:]...)
		}
		s.events = append(s.events, e)
		return
	}
	if err := s.segment.WriteEvent(e); err != nil {
		s.failedAside(err)
	}
	s.toldIn[e.Kind] = s.segment
}

// sound holds a piece back until a picture tells in which segment it belongs, at most maxHeld.
func (s *spool) sound(a camera.Audio) {
	s.held.add(a)
	if s.ending != nil {
		s.settle(s.ending.cut)
	}
	for a, ok := s.held.excess(); ok; a, ok = s.held.excess() {
		if s.segment != nil && !s.hear(a) {
			s.dropSound()
		}
	}
}

// releaseEnded hands over the sound that ended by then. What the disk refuses waits on: the next
// picture meets the same error and begins a segment.
func (s *spool) releaseEnded(by time.Time) {
	for a, ok := s.held.ended(by); ok; a, ok = s.held.ended(by) {
		if !s.hear(a) {
			s.held.putBack(a)
			return
		}
	}
}

// hear hands sound to the open segment; false when the disk did not take it.
func (s *spool) hear(a camera.Audio) bool {
	if a.At.After(s.reach()) {
		s.dropSound()
		return true
	}
	if !s.hearIn(s.segment, a) {
		return false
	}
	if end := end(a); end.After(s.heard) {
		s.heard = end
	}
	return true
}

func (s *spool) dropSound() { s.meter.change(func(n *DeckStats) { n.DroppedSound++ }) }

// reach is how far beyond its last frame a segment may go on with sound and notes: as long as
// it may be without frames, and the sound that is held then. A clock that jumps ahead would
// otherwise fill the segment with silence up to there.
func (s *spool) reach() time.Time { return s.span.seen.Add(silence + maxHeld*sample) }
