package recorder

import (
	"context"
	"errors"
	"fmt"
	"time"

	"v720dvr/storage"
	"v720dvr/storage/avi"
)

// A commit waits for the disk several times, and the pictures of the next segment do not wait for
// it: it has a goroutine of its own, one at a time for each spool.

// committed is how a commit ended.
type committed struct {
	segment *storage.Segment
	record  storage.SegmentRecord
	err     error
}

// commit begins to commit a segment. One that is still under way is waited for.
func (s *spool) commit(segment *storage.Segment, end time.Time) {
	s.awaitCommit()
	done := make(chan committed, 1)
	s.commits = done
	s.committing.Store(int64(time.Since(s.begun)) + 1)
	go func() {
		record, err := segment.Commit(context.Background(), end)
		s.committing.Store(0)
		done <- committed{segment, record, err}
		s.queue.wake() // so that it is heard of
	}()
}

// awaitCommit waits for the commit that is under way.
func (s *spool) awaitCommit() {
	if s.commits != nil {
		s.hearCommit(<-s.commits)
	}
}

// lookForCommit hears of a commit that has ended.
func (s *spool) lookForCommit() {
	if s.commits == nil {
		return
	}
	select {
	case c := <-s.commits:
		s.hearCommit(c)
	default:
	}
}

func (s *spool) hearCommit(c committed) {
	s.commits = nil
	switch {
	case errors.Is(c.err, avi.ErrEmpty):
		s.log.Debug("segment without a picture removed", "file", c.segment.Path())
	case c.err != nil:
		s.uncommitted = true
		s.note(fmt.Errorf("a segment was not committed, its .part file stays: %w", c.err))
	default:
		s.uncommitted = false
		s.meter.change(func(n *DeckStats) { n.Segments, n.Closed = n.Segments+1, time.Now() })
		s.log.Debug("segment committed", "file", c.record.Path, "frames", c.record.Frames, "lost", c.record.Lost, "bytes", c.record.Bytes)
	}
	s.segmentCommitted(c.segment)
}
