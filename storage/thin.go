package storage

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strconv"
	"time"

	"v720dvr/camera"
	"v720dvr/storage/avi"
)

// ThinRules say which old segments are written again with fewer pictures. The zero value thins nothing.
type ThinRules struct {
	// Camera returns what holds for one camera; nil is nothing.
	Camera func(camera.ID) CameraThin
	// Rate bounds what is read and written, in bytes a second; 0 is no bound.
	Rate int64
}

// CameraThin holds for one camera.
type CameraThin struct {
	Steps []ThinStep // each later than the one before, with fewer pictures
	// Before and Behind an event all pictures stay: its rolls.
	Before, Behind time.Duration
}

// ThinStep keeps FPS pictures a second, at most, of footage older than After; footage of events as it is.
type ThinStep struct {
	After  time.Duration // since the segment's end
	FPS    float64       // from 0.001
	Silent bool          // sound goes, too
}

func (t ThinStep) rate() uint32 { return avi.ThinRate(t.FPS) }

// String is the rule as files and logs name it: "thin after 7d to 2 fps".
func (t ThinStep) String() string {
	after := t.After.String()
	if day := 24 * time.Hour; t.After >= day && t.After%day == 0 {
		after = strconv.Itoa(int(t.After/day)) + "d"
	}
	text := fmt.Sprintf("thin after %s to %v fps", after, float64(t.rate())/1000)
	if t.Silent {
		text += " without sound"
	}
	return text
}

func (r ThinRules) camera(id camera.ID) CameraThin {
	if r.Camera == nil {
		return CameraThin{}
	}
	return r.Camera(id)
}

// ThinPass is what one pass of thinning did.
type ThinPass struct {
	Segments int   // written again with fewer pictures
	Taken    int   // pictures that went
	Freed    int64 // bytes
	Passed   int   // segments of which there was nothing to take out, or too little to be worth it
	Failed   int   // that could not be read or written; the log says why, and the next pass tries again
}

// Thinned is a segment that was thinned.
type Thinned struct {
	Camera     camera.ID
	Volume     string
	Path       string // below recordings, with slashes
	Start, End time.Time
	Rule       string
	Taken      int   // pictures
	Bytes      int64 // of the file before
	Less       int64 // bytes that it is smaller
	Done       time.Time
	statement  []byte // what was signed of it; nil: the segment had no seal
}

// worthThinning is the part of a file that must go at least: for less it is not written again.
const worthThinning = 0.05

// mostFailures on end let a pass stop: then it is not one file that is the matter.
const mostFailures = 3

// errNotThinned says that a segment is not what it was when it was looked up, or is in use: another time.
var errNotThinned = errors.New("segment is not thinned now")

// Thin writes segments again of which the rules keep fewer pictures, the newest that are due first: what goes next by
// sizes is the oldest. It leaves alone what a Keep in force overlaps, segments of events that are not over, what is
// being read for a span, and what has no row. One pass runs at a time, and ends at the first moment of ctx's end.
// Recording and deleting wait for nothing but the change of a name. ErrWrongVolume when the volume that was opened
// is not there; an error for want of room when the disk has not enough for the largest of them: nothing is lost.
func (s *Store) Thin(ctx context.Context, rules ThinRules) (done ThinPass, err error) {
	s.thinning.Lock()
	defer s.thinning.Unlock()
	if err := s.thin(ctx, rules, &done); err != nil {
		return done, fmt.Errorf("thin recordings: %w", err)
	}
	return done, nil
}

func (s *Store) thin(ctx context.Context, rules ThinRules, done *ThinPass) error {
	if err := s.onVolume(); err != nil {
		return err
	}
	if err := s.recoverThinning(ctx); err != nil {
		return err
	}
	ids, err := listColumn[camera.ID](ctx, s.index, `SELECT DISTINCT camera FROM folders ORDER BY camera`)
	if err != nil {
		return err
	}
	failures := 0
	for _, id := range ids {
		of := rules.camera(id)
		err := s.eachDue(ctx, id, of, func(r SegmentRecord, step ThinStep) error {
			thinned, err := s.thinSegment(ctx, r, of, step, rules.Rate)
			switch {
			case ctx.Err() != nil:
				return ctx.Err()
			case errors.Is(err, errNotThinned):
			case errors.Is(err, ErrWrongVolume), isFull(err):
				return err
			case err != nil:
				s.log.Warn("a segment could not be thinned; it stays as it is", "camera", id, "file", r.Path, "err", err)
				done.Failed++
				if failures++; failures == mostFailures {
					return err
				}
			case thinned.Taken == 0 && thinned.Less == 0:
				done.Passed++
			default:
				failures = 0
				done.Segments, done.Taken, done.Freed = done.Segments+1, done.Taken+thinned.Taken, done.Freed+thinned.Less
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// eachDue calls for each segment of a camera that a step is about and that was not passed by it, the newest first.
func (s *Store) eachDue(ctx context.Context, id camera.ID, of CameraThin, do func(SegmentRecord, ThinStep) error) error {
	now := s.now()
	for i, step := range of.Steps {
		behind := int64(math.MinInt64) // the next step has what ended before
		if i+1 < len(of.Steps) {
			behind = now.Add(-of.Steps[i+1].After).UnixMicro()
		}
		due := now.Add(-step.After).UnixMicro()
		for start, last := due, int64(math.MaxInt64); ; {
			page, err := s.listSegments(ctx, `camera = ? AND passed > ? AND volume = ? AND (start, id) < (?, ?) AND "end" <= ? AND "end" > ?
				ORDER BY start DESC, id DESC LIMIT ?`, id, step.rate(), s.volume.ID, start, last, due, behind, stockPage)
			if err != nil {
				return fmt.Errorf("list segments to thin: %w", err)
			}
			kept, err := s.Kept(ctx, now)
			if err != nil {
				return err
			}
			for _, r := range page {
				if err := ctx.Err(); err != nil {
					return err
				}
				start, last = r.Start.UnixMicro(), r.ID
				if kept.Has(r.Camera, r.Start, r.End) || s.isWaiting(r) {
					continue
				}
				if err := do(r, step); err != nil {
					return err
				}
			}
			if len(page) < stockPage {
				break
			}
		}
	}
	return nil
}

// passOver notes that a segment has nothing to take out at a rate.
func (s *Store) passOver(ctx context.Context, r SegmentRecord, rate uint32) error {
	_, err := s.index.write.ExecContext(ctx, `UPDATE segments SET passed = min(passed, ?) WHERE id = ? AND path = ? AND bytes = ?`, rate, r.ID, r.Path, r.Bytes)
	return err
}

// Thinnings lists what was thinned last, newest first, at most so many. The last 50,000 are kept.
func (v *View) Thinnings(ctx context.Context, limit int) ([]Thinned, error) {
	rows, err := v.state.read.QueryContext(ctx, `SELECT camera, volume, path, start, "end", rule, taken, bytes, less, done FROM thinnings ORDER BY id DESC LIMIT ?`, limit)
	if err != nil {
		return nil, fmt.Errorf("list thinnings: %w", err)
	}
	defer rows.Close()
	var list []Thinned
	for rows.Next() {
		var t Thinned
		var start, end, done int64
		if err := rows.Scan(&t.Camera, &t.Volume, &t.Path, &start, &end, &t.Rule, &t.Taken, &t.Bytes, &t.Less, &done); err != nil {
			return nil, fmt.Errorf("list thinnings: %w", err)
		}
		t.Start, t.End, t.Done = time.UnixMicro(start).UTC(), time.UnixMicro(end).UTC(), time.UnixMicro(done).UTC()
		list = append(list, t)
	}
	return list, rows.Err()
}

func (s *Store) logThinned(ctx context.Context, t Thinned) error {
	result, err := s.state.write.ExecContext(ctx, `INSERT INTO thinnings (volume, path, camera, start, "end", rule, taken, bytes, less, done, statement) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		t.Volume, t.Path, t.Camera, t.Start.UnixMicro(), t.End.UnixMicro(), t.Rule, t.Taken, t.Bytes, t.Less, t.Done.UnixMicro(), t.statement)
	if err != nil {
		return err
	}
	id, err := result.LastInsertId()
	if err == nil && id > int64(s.deletionsKept) {
		_, err = s.state.write.ExecContext(ctx, `DELETE FROM thinnings WHERE id <= ?`, id-int64(s.deletionsKept))
	}
	return err
}
