package recorder

import (
	"errors"
	"time"

	"v720dvr/storage"
	"v720dvr/storage/avi"
)

// failed ends the segment after an error of the disk and has the spool rest. at is when the picture
// in hand was captured, which waits for the next try with all that comes behind it.
func (s *spool) failed(err error, at time.Time) {
	s.note(err)
	s.trouble.strike(time.Now())
	switch {
	case s.segment == nil:
		s.missing.turn(at, storage.GapDisk)
		s.noteGaps()
	case errors.Is(err, storage.ErrGivenUp):
		s.giveUp(at)
	default: // the next segment could not be begun, and this one is as good as ever
		s.finish(storage.GapDisk)
	}
}

// giveUp forgets a segment that the disk has ended. What was missing before one whose first picture failed
// still is.
func (s *spool) giveUp(at time.Time) {
	if last := s.span.last; !last.IsZero() {
		s.close(last.Add(time.Second/avi.TickRate), storage.GapDisk) // what finishes the file knows of no more
	} else {
		s.forget()
		s.missing.turn(at, storage.GapDisk)
	}
	s.noteGaps()
}

// failedAside is for what was no picture: the next one meets the same error, and waits.
func (s *spool) failedAside(err error) { s.log.Debug("not noted in the segment", "error", err) }

// note tells of an error of the disk.
func (s *spool) note(err error) {
	s.trouble.note(time.Now())
	s.meter.change(func(n *DeckStats) { n.Err = err.Error() })
	s.disk.failed(s, err)
}

// recovered ends the trouble when it has been over for long enough.
func (s *spool) recovered(now time.Time) {
	if s.uncommitted || !s.trouble.overcome(now) {
		return
	}
	s.meter.change(func(n *DeckStats) { n.Err = "" })
	s.disk.recovered(s)
}

// trouble is how a spool keeps away from a disk that fails: 1 s after the first error, then twice
// as long each time, up to 30 s. Times are on the monotonic clock.
type trouble struct {
	wait  time.Duration // 0: there is none
	until time.Time     // rest until then
	since time.Time     // the last error
	last  bool          // the next try is the last one
}

const (
	shortestRest = time.Second
	longestRest  = 30 * time.Second
	steady       = 10 * time.Second // without an error end the trouble
)

// note is an error that the spool need not rest for.
func (t *trouble) note(now time.Time) {
	t.since = now
	t.wait = max(t.wait, shortestRest/2)
}

// strike is an error that it rests after.
func (t *trouble) strike(now time.Time) {
	t.since = now
	t.wait = min(max(2*t.wait, shortestRest), longestRest)
	t.until = now.Add(t.wait)
}

// overcome tells once that the trouble is over: nothing has failed for long enough.
func (t *trouble) overcome(now time.Time) bool {
	if t.wait == 0 || now.Sub(t.since) < steady || now.Sub(t.until) < steady {
		return false
	}
	*t = trouble{last: t.last}
	return true
}
