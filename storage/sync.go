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
// after it. Frames that come meanwhile wait for no fsync. A segment whose sync fails is given
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
	if err == nil || g.ended { // a commit came between: it synced by itself
		return nil
	}
	return g.giveUp(err)
}

// leave closes the file as it is.
func (g *Segment) leave() error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.ended {
		return nil
	}
	g.avi.Flush()
	g.ended = true
	return errors.Join(g.file.err, g.file.Sync(), g.file.Close())
}
