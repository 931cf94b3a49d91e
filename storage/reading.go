package storage

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"time"

	"v720dvr/camera"
)

// Reading is a data folder whose footage is read, beside a running recorder or without one: it changes
// nothing and takes no lock. Of what is being written it knows nothing, nor of what a crash left open: both
// are gaps (GapUnfinished). Who has a running recorder asks that.
type Reading struct{ store *Store }

// OpenToRead opens a data folder to read its footage. Of the options Dir, Recordings, Location, Software and
// FS count.
func OpenToRead(ctx context.Context, o Options) (_ *Reading, err error) {
	v, err := OpenReadOnly(ctx, o.Dir)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(fmt.Errorf("open data folder %s: %w", o.Dir, err), v.Close())
		}
	}()
	s := &Store{View: *v, now: o.Now, log: o.Log, software: o.Software, disk: o.FS}
	s.SetLocation(o.Location)
	s.defaults()
	if s.dir, err = filepath.Abs(o.Dir); err != nil {
		return nil, err
	}
	s.recordings = filepath.Join(s.dir, "recordings")
	if o.Recordings != "" {
		if s.recordings, err = filepath.Abs(o.Recordings); err != nil {
			return nil, err
		}
	}
	if s.volume, err = readVolume(s.disk, s.recordings); errors.Is(err, fs.ErrNotExist) {
		err = fmt.Errorf("%w: is the disk with the recordings mounted?", err)
	}
	if err != nil {
		return nil, err
	}
	return &Reading{s}, nil
}

// Close closes the databases.
func (r *Reading) Close() error { return r.store.View.Close() }

// Verify is Store.Verify.
func (r *Reading) Verify(ctx context.Context, spec VerifySpec) (Verdict, error) {
	return r.store.Verify(ctx, spec)
}

// Signers is View.Signers.
func (r *Reading) Signers(ctx context.Context) ([]Signer, error) { return r.store.Signers(ctx) }

// Location is the zone of times.
func (r *Reading) Location() *time.Location { return r.store.Location() }

// Span is Store.Span.
func (r *Reading) Span(ctx context.Context, id camera.ID, from, to time.Time) (*Span, error) {
	return r.store.Span(ctx, id, from, to)
}

// Tape is Store.Tape.
func (r *Reading) Tape(ctx context.Context, id camera.ID, from, to time.Time) (*Tape, error) {
	return r.store.Tape(ctx, id, from, to)
}

// FrameAt is Store.FrameAt.
func (r *Reading) FrameAt(ctx context.Context, id camera.ID, at time.Time) (Found, error) {
	return r.store.FrameAt(ctx, id, at)
}

// Projector is Store.Projector.
func (r *Reading) Projector() *Projector { return r.store.Projector() }

// Nearest is Store.Nearest.
func (r *Reading) Nearest(ctx context.Context, id camera.ID, from, to time.Time) (before, after time.Time, err error) {
	return r.store.Nearest(ctx, id, from, to)
}

// Nearest tells for a span without a picture where footage ends before it and begins behind it; zero where there is none.
func (s *Store) Nearest(ctx context.Context, id camera.ID, from, to time.Time) (before, after time.Time, err error) {
	list, err := s.listSegments(ctx, `camera = ? AND start < ? ORDER BY start DESC LIMIT 1`, id, from.UnixMicro())
	if err == nil && len(list) > 0 {
		before = list[0].End
		if before.After(from) { // it reaches into the span, with no picture there
			before = from
		}
	}
	var next []SegmentRecord
	if err == nil {
		next, err = s.listSegments(ctx, `camera = ? AND start >= ? ORDER BY start LIMIT 1`, id, to.UnixMicro())
	}
	if err != nil {
		return before, after, fmt.Errorf("look for footage of camera %s: %w", id, err)
	}
	if len(next) > 0 {
		after = next[0].Start
	}
	for _, g := range s.growing(id) {
		switch at := utcMicros(g.spec.Start); {
		case !at.Before(to) && (after.IsZero() || at.Before(after)):
			after = at
		case at.Before(from):
			before = from
		}
	}
	return before, after, nil
}
