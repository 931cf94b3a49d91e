package recorder

import (
	"context"
	"time"

	"v720dvr/storage"
)

// noting is what a spool has noted in the store of what is missing.
type noting struct {
	teller *storage.Segment // tells what is noted, and is not committed yet; nil when none does
	failed bool             // the last try
}

// resume learns what was missing when the last run ended.
func (s *spool) resume() {
	gaps, err := s.store.Resume(context.Background(), s.id, s.clock.today())
	if err != nil {
		s.log.Warn("cannot tell what is missing since the last segment", "error", err)
	}
	s.missing.resume(gaps)
}

// rests ends the open segment: from that time on nothing is recorded for that reason. Without one it is
// the reason that changes.
func (s *spool) rests(at time.Time, reason string) {
	s.tellAll()
	if s.segment == nil {
		s.missing.turn(at, reason)
		s.noteGaps()
		s.recovered(time.Now())
		return
	}
	before := storage.GapSilent
	if s.span.dropped {
		before = storage.GapDisk
	}
	s.finish(reason)
	// A camera that was silent before it was switched off was silent until then.
	if end, ok := s.missing.since(); ok && reason != storage.GapIdle && at.Sub(end) > noticeable {
		s.missing.begin(end, before)
		s.missing.turn(at, reason)
	}
	s.held.clear()
	s.recovered(time.Now())
}

// step takes note that the wall clock was set: the open segment ends, and the next picture begins one. The
// event tells it in both.
func (s *spool) step(n *note) {
	is := n.event.At
	was := is.Add(-n.by)
	before := n.event
	before.At = was
	s.tellAll()
	if s.segment != nil {
		s.event(before)
		s.finish(seamless)
		if n.by < 0 {
			end, _ := s.missing.since()
			s.missing.begin(end.Add(n.by), seamless)
		} else {
			end, _ := s.missing.since()
			s.missing.begin(end, storage.GapClock)
			s.missing.turn(end.Add(n.by), seamless)
		}
	} else {
		s.missing.step(was, is)
	}
	if n.by > 0 {
		s.lookAhead(is)
	}
	s.noteGaps()
	for i := range s.events { // those that wait are told by the clock as it is now
		s.events[i].At = s.events[i].At.Add(n.by)
	}
	if !n.aside {
		s.event(n.event)
		s.tell(n.event)
	}
	s.held.shift(n.by)
}

// lookAhead asks again what was recorded last: a clock that was behind at the start hid it. What this run
// has recorded itself, before its clock was set back, tells nothing new.
func (s *spool) lookAhead(now time.Time) {
	gaps, err := s.store.Resume(context.Background(), s.id, now)
	from, ok := s.missing.since()
	if err == nil && len(gaps) > 0 && gaps[0].From.After(s.reached) && (!ok || gaps[0].From.After(from)) && gaps[0].From.Before(now) {
		reason := s.missing.reason() // goes on
		s.missing.resume(gaps)
		s.missing.turn(now, reason)
	}
}

// noteGaps keeps what is missing in the store, while there is no segment to tell of it. It waits for the
// disk of the data folder; while a commit is under way it is left to hearCommit.
func (s *spool) noteGaps() {
	if s.commits != nil || s.segment != nil {
		return
	}
	s.noting.teller = nil
	s.writeGaps()
}

// segmentCommitted clears what was noted when the segment that tells of it can be found.
func (s *spool) segmentCommitted(segment *storage.Segment) {
	switch {
	case s.segment == nil:
		s.noteGaps()
	case s.noting.teller == segment:
		s.noting.teller = nil
		s.writeGaps()
	}
}

func (s *spool) writeGaps() {
	err := s.store.NoteGaps(context.Background(), s.id, s.missing.open())
	if err != nil && !s.noting.failed {
		s.log.Warn("cannot write down what is missing; a restart may not tell the reason", "error", err)
	}
	s.noting.failed = err != nil
}
