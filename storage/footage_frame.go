package storage

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sort"
	"time"

	"v720dvr/camera"
	"v720dvr/storage/avi"
)

// A GapError is ErrNoFootage where it is known why.
type GapError struct{ Gap avi.Gap }

func (e *GapError) Error() string { return "no footage: " + e.Gap.Reason }

// Unwrap makes it an ErrNoFootage.
func (e *GapError) Unwrap() error { return ErrNoFootage }

// Found is a row with its file.
type Found struct {
	Row
	Ref FootageRef
}

const (
	// held is how long a picture may stand without being asked whether a gap has begun: a longer stretch
	// without one is a gap in a segment (docs/time.md).
	held = 2 * time.Second
	// lookBack is how far before a moment its picture may be: pictures that far apart are in two segments.
	lookBack = 30 * time.Second
)

// FrameAt finds the picture that stands at a moment: the newest that was captured at it or before. Where none
// stands it returns a *GapError that says why, or ErrNoFootage.
func (s *Store) FrameAt(ctx context.Context, id camera.ID, at time.Time) (Found, error) {
	found, err := s.newestBefore(ctx, id, at)
	if err == nil && at.Sub(found.Time()) <= held {
		return found, nil
	}
	if err != nil && !errors.Is(err, ErrNoFootage) {
		return Found{}, err
	}
	now, _ := s.wall()
	if at.After(now) { // nothing is known of it: what was last stands, as far as it goes
		return found, err
	}
	const around = 12 * time.Hour
	c, failed := s.Coverage(ctx, id, at.Add(-around), at.Add(around))
	if failed != nil {
		return Found{}, failed
	}
	for _, gap := range c.Gaps {
		if !gap.From.After(at) && gap.To.After(at) {
			return Found{}, fmt.Errorf("frame of camera %s: %w", id, &GapError{gap})
		}
	}
	return found, err
}

func (s *Store) newestBefore(ctx context.Context, id camera.ID, at time.Time) (Found, error) {
	reels, err := s.reels(ctx, id, at.Add(-lookBack), at.Add(time.Microsecond))
	if err != nil {
		return Found{}, fmt.Errorf("frame of camera %s: %w", id, err)
	}
	var newest Found
	sparse := false // of a thinned segment it stands until the next one in it
	for i := range slices.Backward(reels) {
		rows, err := s.rowsOf(ctx, &reels[i])
		if errors.Is(err, ErrNoFootage) {
			continue
		}
		if err != nil {
			return Found{}, fmt.Errorf("frame of camera %s: %w", id, err)
		}
		n := sort.Search(len(rows), func(i int) bool { return rows[i].At > at.UnixMicro() }) - 1
		for n >= 0 && rows[n].Kind != RowPicture {
			n--
		}
		if n >= 0 && rows[n].At > newest.At {
			newest, sparse = Found{rows[n], reels[i].ref()}, reels[i].record.Thinned > 0 && at.Before(reels[i].record.End)
		}
	}
	if newest.Size == 0 || !sparse && at.Sub(newest.Time()) > lookBack {
		return Found{}, fmt.Errorf("frame of camera %s: %w", id, ErrNoFootage)
	}
	return newest, nil
}

// A Projector reads what rows tell of. It keeps the file of the last one open; Close it. It is for one
// goroutine at a time.
type Projector struct {
	store *Store
	file  *Footage
}

// Projector begins to read.
func (s *Store) Projector() *Projector { return &Projector{store: s} }

// Read reads a row's bytes into dst, which grows when it is too small. ErrUnknown or ErrNoFootage when the
// file went before it was opened.
func (p *Projector) Read(ctx context.Context, dst []byte, ref FootageRef, r Row) ([]byte, error) {
	end := int64(r.Offset) + int64(r.Size)
	if p.file == nil || p.file.FootageRef != ref || p.file.Size < end {
		p.Close()
		file, err := p.store.OpenFootage(ctx, ref)
		if err != nil {
			return dst[:0], err
		}
		file.FootageRef = ref // the one asked by, whatever it is called now
		p.file = file
	}
	if end > p.file.Size || r.Size > avi.MaxPicture {
		return dst[:0], fmt.Errorf("read footage %v at %d: %w", ref, r.Offset, ErrNoFootage)
	}
	dst = slices.Grow(dst[:0], int(r.Size))[:r.Size]
	if n, err := p.file.ReadAt(dst, int64(r.Offset)); n < len(dst) {
		return dst[:0], fmt.Errorf("read footage %v at %d: %w", ref, r.Offset, err)
	}
	return dst, nil
}

// Close closes the file that was read last.
func (p *Projector) Close() {
	if p.file != nil {
		p.file.Close()
		p.file = nil
	}
}
