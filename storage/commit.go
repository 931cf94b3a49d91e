package storage

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"
	"time"

	"v720dvr/storage/avi"
	"v720dvr/storage/chain"
)

// Commit ends the segment at end: it finishes the file, fsyncs it, gives it its name, fsyncs
// the folder, and then writes the row: who finds a row finds the file. An fsync of Store.Sync
// that is under way is waited for, since its error is this file's.
//
// On any error there is no row. A segment without a picture is removed and avi.ErrEmpty returned,
// or the disk's error when it could not be removed. A segment that was committed before, or left
// by Store.Close, is os.ErrClosed. Everything else is ErrGivenUp: the file bears its .part name,
// as far as the disk let it be taken back.
func (g *Segment) Commit(ctx context.Context, end time.Time) (SegmentRecord, error) {
	h := g.store.chainOf(g.spec.Camera)
	h.mu.Lock()
	defer h.mu.Unlock()
	sums, isSealed, err := g.finish(ctx, h, end)
	if errors.Is(err, avi.ErrEmpty) {
		failed := g.store.disk.Remove(g.Path())
		g.store.forget(g) // behind it: what nobody writes is finished by who looks through the folder
		if failed != nil {
			return SegmentRecord{}, fmt.Errorf("remove segment without a picture: %w", failed)
		}
		g.store.dropIntent(ctx, g.Path())
		return SegmentRecord{}, err
	}
	if err != nil {
		return SegmentRecord{}, fmt.Errorf("commit segment: %w", err)
	}
	record, err := g.publish(ctx, h, sums, isSealed)
	if err != nil {
		g.mu.Lock()
		defer g.mu.Unlock()
		return SegmentRecord{}, fmt.Errorf("commit segment: %w", g.giveUp(err))
	}
	g.store.forget(g)
	return record, nil
}

// finish writes the end of the file and makes it durable. From here on the segment is ended.
func (g *Segment) finish(ctx context.Context, h *chainHead, end time.Time) (sums avi.Summary, isSealed bool, err error) {
	sums, isSealed, err = g.writeEnd(ctx, h, end)
	switch {
	case errors.Is(err, avi.ErrEmpty):
		if failed := g.discard(); failed != nil {
			return sums, false, failed
		}
		return sums, false, err
	case err != nil:
		return sums, false, err
	}
	// Close, then rename: Windows refuses the reverse, and network shares may.
	return sums, isSealed, g.makeDurable()
}

func (g *Segment) writeEnd(ctx context.Context, h *chainHead, end time.Time) (sums avi.Summary, isSealed bool, err error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.ended {
		return avi.Summary{}, false, g.over()
	}
	sums, err = g.avi.Close(end)
	if errors.Is(err, avi.ErrEmpty) {
		g.ended = true
		return sums, false, err
	}
	if err == nil {
		isSealed, err = g.store.seal(ctx, h, g.file, g.avi.Content(), g.sealFlags())
	}
	if err != nil {
		return sums, false, g.giveUp(err)
	}
	g.ended = true // a pass of the sync that comes from now on leaves it alone
	return sums, isSealed, nil
}

func (g *Segment) sealFlags() uint32 {
	if g.spec.source != "" {
		return chain.Imported
	}
	return 0
}

// publish gives the finished file its name, and then writes the row. Its link counts unless the file is a .part again.
func (g *Segment) publish(ctx context.Context, h *chainHead, sums avi.Summary, isSealed bool) (r SegmentRecord, err error) {
	s := g.store
	name, err := s.rename(g.Path())
	if err != nil {
		return r, err
	}
	defer func() {
		stays := err == nil
		if err != nil { // a segment without a row is a .part
			failed := s.disk.Rename(name, g.Path())
			err, stays = errors.Join(err, failed), failed != nil
		}
		if stays && isSealed {
			s.sealed(ctx, h)
		}
	}()
	if err := s.disk.SyncDir(filepath.Dir(name)); err != nil {
		return r, err
	}
	intent, err := s.intentOf(g.Path())
	if err != nil {
		return r, err
	}
	path, err := filepath.Rel(s.recordings, name)
	if err != nil {
		return r, err
	}
	r = newRecord(s.volume.ID, filepath.ToSlash(path), sums)
	if r.ID, err = s.insert(ctx, r, g.events, g.avi.Levels(), intent); err != nil {
		return r, fmt.Errorf("write its row: %w", err)
	}
	return r, nil
}

// rename gives a .part its name. That was free when the .part was made; if somebody has put a
// file there since, the next free one is taken.
func (s *Store) rename(part string) (string, error) {
	base := strings.TrimSuffix(part, partSuffix)
	name := base + segmentSuffix
	for n := 2; ; n++ {
		err := s.disk.Rename(part, name)
		if !errors.Is(err, fs.ErrExist) {
			return name, err
		}
		name = fmt.Sprintf("%s_%d%s", base, n, segmentSuffix)
	}
}

func (s *Store) forget(segment *Segment) {
	s.mu.Lock()
	delete(s.open, segment)
	s.mu.Unlock()
}
