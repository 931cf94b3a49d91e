package storage

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"time"

	"v720dvr/camera"
)

// ErrChanged is returned by Erase when other segments would go than were planned.
var ErrChanged = errors.New("what would be deleted is not what it was: look at it again")

// MaxErase bounds the span of an erasure: 9000 segments of five minutes.
const MaxErase = 31 * 24 * time.Hour

// Erasure is a span of a camera's footage that a person wants to be gone. Segments go whole: those that lie
// in the span, or, with Beyond, all of which a part lies in it. The rest is found out by PlanErase.
type Erasure struct {
	Camera   camera.ID
	From, To time.Time
	Beyond   bool

	Segments int
	Bytes    int64
	Events   int       // seen, heard or asked for, which go with their segments
	Gone     []Stretch // the time that really goes, in order; segments that touch are one
	// What is left alone though a part of it lies in the span.
	Kept      int    // segments that keeps hold
	KeptBytes int64  // of these
	Crossing  int    // segments that reach out of the span; 0 with Beyond
	Elsewhere int    // segments on volumes that are not mounted
	Open      bool   // the segment that is being written
	Plan      string // names just these segments, for Erase
}

// PlanErase finds out what Erase would delete now, and deletes nothing. ErrMalformed, wrapped, for a span that
// is none or longer than MaxErase.
func (s *Store) PlanErase(ctx context.Context, id camera.ID, from, to time.Time, beyond bool) (Erasure, error) {
	e, _, err := s.planErase(ctx, id, from, to, beyond)
	if err != nil {
		return Erasure{}, fmt.Errorf("plan what to delete of camera %s: %w", id, err)
	}
	return e, nil
}

func (s *Store) planErase(ctx context.Context, id camera.ID, from, to time.Time, beyond bool) (e Erasure, batch []candidate, err error) {
	e = Erasure{Camera: id, From: utcMicros(from), To: utcMicros(to), Beyond: beyond}
	if !e.From.Before(e.To) || e.To.Sub(e.From) > MaxErase {
		return e, nil, fmt.Errorf("%w: want a span of up to 31 days that ends behind its begin", ErrMalformed)
	}
	kept, err := s.Kept(ctx, s.now())
	if err != nil {
		return e, nil, err
	}
	for _, open := range s.present(id).open {
		e.Open = e.Open || open.spec.Start.Before(e.To)
	}
	err = s.index.read.QueryRowContext(ctx, `SELECT count(*) FROM segments WHERE camera = ? AND volume <> ? AND "end" > ? AND start < ? AND start > ?`,
		id, s.volume.ID, e.From.UnixMicro(), e.To.UnixMicro(), e.From.Add(-longest).UnixMicro()).Scan(&e.Elsewhere)
	if err != nil {
		return e, nil, fmt.Errorf("count segments elsewhere: %w", err)
	}
	names, ids := sha256.New(), []byte{'['}
	for c, err := range s.candidates(ctx, `camera = ? AND +volume = ? AND "end" > ? AND start < ? AND start > ?`,
		id, s.volume.ID, e.From.UnixMicro(), e.To.UnixMicro(), e.From.Add(-longest).UnixMicro()) {
		start := time.UnixMicro(c.start).UTC()
		switch {
		case err != nil:
			return e, nil, err
		case !beyond && (start.Before(e.From) || c.end.After(e.To)):
			e.Crossing++
			continue
		case kept.segment(c):
			e.Kept, e.KeptBytes = e.Kept+1, e.KeptBytes+c.bytes
			continue
		}
		batch = append(batch, c)
		e.Segments, e.Bytes = e.Segments+1, e.Bytes+c.bytes
		if n := len(e.Gone); n > 0 && start.Sub(e.Gone[n-1].To) <= unnoticed {
			e.Gone[n-1].To = later(e.Gone[n-1].To, c.end)
		} else {
			e.Gone = append(e.Gone, Stretch{start, c.end})
		}
		fmt.Fprintf(names, "%s %d\n", c.path, c.bytes)
		ids = append(strconv.AppendInt(ids, c.id, 10), ',')
	}
	e.Plan = hex.EncodeToString(names.Sum(nil)[:16])
	ids[len(ids)-1] = ']'
	if len(batch) > 0 {
		err = s.index.read.QueryRowContext(ctx, `SELECT count(*) FROM events WHERE segment IN (SELECT value FROM json_each(?))
			AND kind IN (?, ?, ?, ?)`, string(ids), camera.Motion, camera.Light, camera.Sound, camera.Asked).Scan(&e.Events)
	}
	return e, batch, err
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// Erase deletes what PlanErase found: each segment with its events, their lines in events.jsonl and their
// pictures. Its steps and its safety in a crash are those of retention, and so is the log, with who asked. Nothing goes
// that a Keep in force holds, that is being written, or that lies on another volume. ErrChanged, wrapped, when other
// segments than those of the plan would go: then nothing is deleted. It returns what went, also with an error.
func (s *Store) Erase(ctx context.Context, e Erasure, who string) (Sweep, error) {
	s.sweeping.Lock()
	defer s.sweeping.Unlock()
	swept := Sweep{ByRule: make(map[Rule]int)}
	if err := s.erase(ctx, e, who, &swept); err != nil {
		return swept, fmt.Errorf("delete footage of camera %s: %w", e.Camera, err)
	}
	return swept, nil
}

func (s *Store) erase(ctx context.Context, e Erasure, who string, swept *Sweep) error {
	if err := s.onVolume(); err != nil {
		return err
	}
	if err := s.resumeDeletions(ctx); err != nil {
		return err
	}
	found, segments, err := s.planErase(ctx, e.Camera, e.From, e.To, e.Beyond)
	if err != nil {
		return err
	}
	if found.Plan != e.Plan {
		return ErrChanged
	}
	// What was begun is done, whether who asked is still there or not: so what is told went, and nothing else.
	ctx = context.WithoutCancel(ctx)
	now := utcMicros(s.now())
	var batch []Deletion
	for i, c := range segments {
		batch = append(batch, Deletion{Camera: c.camera, Volume: s.volume.ID, Path: c.path, Start: time.UnixMicro(c.start).UTC(),
			End: c.end, Bytes: c.bytes, Rule: RuleHand, Who: who, Decided: now})
		if len(batch) < deletionBatch && i < len(segments)-1 {
			continue
		}
		if err := s.deleteBatch(ctx, batch, swept); err != nil {
			return err
		}
		batch = batch[:0]
	}
	return nil
}
