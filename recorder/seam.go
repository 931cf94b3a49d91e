package recorder

import (
	"time"

	"v720dvr/camera"
	"v720dvr/storage"
)

// An ending is a segment that has its last picture and waits for the rest of its sound: a package
// of sound comes when its last sample was heard, behind the pictures that were taken meanwhile.
type ending struct {
	segment *storage.Segment
	cut     time.Time // where it ends and the next one begins
}

// seamWait is how long an ending waits for its sound, in capture time: ten of the longest packages.
const seamWait = time.Second

// settle gives the segment that ends its sound up to the cut and commits it, when that sound has
// come. by is how far the pictures have come. While a segment is ending no sound is held: what is
// before the cut goes into it, and what is behind the cut ends the waiting.
func (s *spool) settle(by time.Time) {
	e := s.ending
	if e == nil {
		return
	}
	soundEnd, hasSound := e.segment.SoundEnd()
	fails := false // the disk: its sound stands still, and what is behind the cut is not its
	for {
		if hasSound && !fails {
			s.held.join(soundEnd)
		}
		a, ok := s.held.before(e.cut)
		if !ok {
			break
		}
		if !s.hearIn(e.segment, a) {
			s.dropSound()
			fails = true
		}
		soundEnd, hasSound = e.segment.SoundEnd() // it may be its first
	}
	if hasSound && !fails && len(s.held.pieces) == 0 && by.Sub(e.cut) < seamWait {
		return
	}
	s.ending = nil
	s.commit(e.segment, e.cut)
}

// settleNow commits the segment that ends without waiting any longer.
func (s *spool) settleNow() {
	if s.ending != nil {
		s.settle(s.ending.cut.Add(seamWait))
	}
}

// hearIn hands sound to a segment. If the disk fails, the next picture or the commit will meet the
// same error and deal with it.
func (s *spool) hearIn(segment *storage.Segment, a camera.Audio) bool {
	return segment.WriteAudio(a) == nil
}
