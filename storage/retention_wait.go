package storage

import (
	"time"

	"v720dvr/camera"
)

// Waits tells of a committed segment, by its row, whether it is to be copied away before it may go. It is asked for
// every segment that a plan looks at, while nothing is locked, and must not be slow.
type Waits func(id camera.ID, row int64, start, end time.Time) bool

// SetWaits has retention wait for what is to be copied away: ages, sizes and thinning leave it alone. For free space it goes behind all
// else and by a rule of its own, RuleUnarchived: what is happening now counts more than a copy that nobody takes. nil ends that.
func (s *Store) SetWaits(waits Waits) {
	if waits == nil {
		s.waits.Store(nil)
		return
	}
	s.waits.Store(&waits)
}

// isWaiting tells whether a segment is to be copied away as it is now.
func (s *Store) isWaiting(r SegmentRecord) bool {
	waits := s.waits.Load()
	return waits != nil && (*waits)(r.Camera, r.ID, r.Start, r.End)
}
