package storage

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"

	"v720dvr/camera"
	"v720dvr/storage/avi"
)

// growing lists the segments of a camera that are being written, in the order in which they were begun;
// of all cameras with "".
func (s *Store) growing(id camera.ID) (list []*Segment) {
	s.mu.Lock()
	for segment := range s.open {
		if segment.spec.source == "" && (id == "" || segment.spec.Camera == id) {
			list = append(list, segment)
		}
	}
	s.mu.Unlock()
	slices.SortFunc(list, func(a, b *Segment) int { return a.spec.Start.Compare(b.spec.Start) })
	return list
}

// openGrowing opens a segment that is being written. ErrUnknown when it cannot: then there tells whether it
// may be one that is being committed.
func (s *Store) openGrowing(ctx context.Context, ref FootageRef) (f *Footage, there bool, err error) {
	if !bytes.Equal(ref.run[:8], s.run[:8]) {
		return nil, false, ErrUnknown
	}
	for _, segment := range s.growing("") {
		if segment.spec.Start.UnixMicro() != ref.start {
			continue
		}
		f, err := segment.footage(ctx)
		if err == nil && f.number == ref.number || err != nil && !errors.Is(err, ErrUnknown) {
			return f, true, err
		}
		if there = there || err != nil; err == nil {
			f.Close() // of another camera, begun in the same microsecond
		}
	}
	return nil, there, ErrUnknown
}

// OpenNewest opens the segment of a camera that is being written: the one that was begun last. ErrNoFootage
// when there is none with a picture.
func (s *Store) OpenNewest(ctx context.Context, id camera.ID) (*Footage, error) {
	for _, segment := range slices.Backward(s.growing(id)) {
		if f, err := segment.footage(ctx); !errors.Is(err, ErrUnknown) {
			return f, err
		}
	}
	return nil, fmt.Errorf("camera %s: nothing is being written: %w", id, ErrNoFootage)
}

// footage opens what was handed to the segment until now. ErrUnknown when that is no picture, or when the
// segment has just ended.
func (g *Segment) footage(ctx context.Context) (*Footage, error) {
	snapshot, ok, err := g.snapshot(ctx)
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, ErrUnknown
	}
	file, err := g.store.disk.Open(g.Path())
	if errors.Is(err, fs.ErrNotExist) {
		return nil, ErrUnknown
	}
	if err != nil {
		return nil, err
	}
	info, err := file.Stat()
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	m := snapshot.Meta()
	return &Footage{
		FootageRef: FootageRef{run: m.Run, number: m.Number, start: m.Start.UnixMicro()}, Camera: g.spec.Camera,
		Name: strings.TrimSuffix(filepath.Base(g.Path()), partSuffix) + segmentSuffix, Start: utcMicros(m.Start),
		Size: snapshot.Size(), Changed: info.ModTime(), Growing: true,
		file: file, front: snapshot.Front(), open: snapshot,
	}, nil
}

// snapshot waits for a write that is under way, as long as ctx lets it.
func (g *Segment) snapshot(ctx context.Context) (snapshot avi.Snapshot, ok bool, err error) {
	select {
	case g.mu <- struct{}{}:
		defer g.mu.Unlock()
	case <-ctx.Done():
		return snapshot, false, ctx.Err()
	}
	if g.err != nil {
		return snapshot, false, nil
	}
	snapshot, ok = g.avi.Snapshot()
	return snapshot, ok, nil
}
