package storage

import (
	"context"
	"errors"
)

func (s *Store) openSegments() []*Segment {
	open := make([]*Segment, 0, len(s.open))
	for segment := range s.open {
		open = append(open, segment)
	}
	return open
}

// Sync is one pass over the volume: what was handed over to open segments before the call is
// durable after it. Frames that come meanwhile wait for no fsync; a Commit waits for the pass, and
// the pass leaves a segment that is being committed to its Commit. A segment whose sync fails is
// given up, and whoever writes to it learns it at the next write; the errors are returned too.
func (s *Store) Sync(ctx context.Context) error {
	s.passing.Lock()
	defer s.passing.Unlock()
	if err := ctx.Err(); err != nil {
		return err
	}
	s.mu.Lock()
	open := s.openSegments()
	s.mu.Unlock()
	var errs []error
	var pass []*Segment
	var files []File
	for _, segment := range open {
		switch ready, err := segment.beginSync(); {
		case err != nil:
			errs = append(errs, err)
		case ready:
			pass, files = append(pass, segment), append(files, segment.file.File)
		}
	}
	if len(pass) == 0 {
		return errors.Join(errs...)
	}
	failed := s.disk.SyncFiles(files)
	for i, segment := range pass {
		var cause error
		if failed != nil {
			cause = failed[i]
		}
		errs = append(errs, segment.endSync(cause))
	}
	return errors.Join(errs...)
}

// beginSync hands journal and header to the file, so that it shows its length, and tells whether
// there is something to sync. Then syncing is held until endSync.
func (g *Segment) beginSync() (ready bool, err error) {
	if !g.syncing.TryLock() { // it is being committed, which syncs it
		return false, nil
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if !g.ended && g.dirty {
		g.avi.Flush() // the file remembers its error
		if g.file.err == nil {
			g.dirty = false
			return true, nil
		}
		err = g.giveUp(g.file.err)
	}
	g.syncing.Unlock()
	return false, err
}

func (g *Segment) endSync(err error) error {
	defer g.syncing.Unlock()
	g.mu.Lock()
	defer g.mu.Unlock()
	if err == nil || g.err != nil { // a write failed meanwhile, and closed the file: that was told
		return nil
	}
	// Even if a Commit has written the end meanwhile: it waits for us, and finds the error.
	return g.giveUp(err)
}

// leave closes the file as it is.
func (g *Segment) leave() error {
	if !g.writeJournal() {
		return nil
	}
	return g.makeDurable()
}

// writeJournal ends the segment with what its journal still holds; false if it has ended before.
func (g *Segment) writeJournal() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.ended {
		return false
	}
	g.avi.Flush() // the file remembers its error
	g.ended = true
	return true
}

// makeDurable makes an ended file durable and closes it. Any error gives the segment up, also that of
// a sync which was under way.
func (g *Segment) makeDurable() error {
	g.syncing.Lock()
	defer g.syncing.Unlock()
	if err := g.failure(); err != nil {
		return err
	}
	if err := errors.Join(g.file.err, g.file.Sync(), g.file.Close()); err != nil {
		g.mu.Lock()
		defer g.mu.Unlock()
		return g.giveUp(err)
	}
	return nil
}

// discard closes a file that is not to be kept; what Close says of its bytes matters to nobody.
// The error is that of a sync which was under way and gave the segment up.
func (g *Segment) discard() error {
	g.syncing.Lock()
	defer g.syncing.Unlock()
	if err := g.failure(); err != nil {
		return err
	}
	g.file.Close()
	return nil
}
