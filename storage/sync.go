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

// Sync is one pass over all open segments: what was handed over before the call is durable
// after it. Frames that come meanwhile wait for no fsync; a Commit waits for that of its own
// segment, and the pass for a Commit's. A segment whose sync fails is given
// up, and whoever writes to it learns it at the next write; the errors are returned too.
func (s *Store) Sync(ctx context.Context) error {
	s.mu.Lock()
	open := s.openSegments()
	s.mu.Unlock()
	var errs []error
	for _, segment := range open {
		if ctx.Err() != nil {
			return errors.Join(append(errs, ctx.Err())...)
		}
		if err := segment.sync(); err != nil {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

func (g *Segment) sync() error {
	g.syncing.Lock()
	defer g.syncing.Unlock()
	g.mu.Lock()
	if g.ended || !g.dirty {
		g.mu.Unlock()
		return nil
	}
	g.avi.Flush() // the file remembers its error
	if g.file.err != nil {
		defer g.mu.Unlock()
		return g.giveUp(g.file.err)
	}
	g.dirty = false
	g.mu.Unlock()

	err := g.file.Sync()

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
	return g.seal()
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

// seal makes an ended file durable and closes it. Any error gives the segment up, also that of
// a sync which was under way.
func (g *Segment) seal() error {
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
