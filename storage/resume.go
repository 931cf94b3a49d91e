package storage

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"v720dvr/camera"
	"v720dvr/storage/avi"
)

// Resume tells what is missing of a camera from the end of what was recorded of it until now, when
// this run goes on with it: in order, each gap beginning where the one before ends. Up to the
// beginning of this run (the first StillAlive or Resume) it is what Coverage says: what was noted, until
// the run that noted it was last known alive, and GapRestarted. The last gap begins with this run and is
// open, its To zero; its reason is GapRestarted, since a camera takes a while to come back: whether it
// stayed away is the caller's to see. nil: nothing was ever recorded or noted of it.
//
// What lies in the future, by a clock that is behind, is left out. Who asks again when the clock has been
// set, gets it.
func (s *Store) Resume(ctx context.Context, id camera.ID, now time.Time) ([]avi.Gap, error) {
	gaps, err := s.resumeGaps(ctx, id, now)
	if err != nil {
		return nil, fmt.Errorf("find what is missing of camera %s: %w", id, err)
	}
	return gaps, nil
}

func (s *Store) resumeGaps(ctx context.Context, id camera.ID, now time.Time) ([]avi.Gap, error) {
	begun, err := s.beginRun(ctx, now)
	if err != nil {
		return nil, err
	}
	now = utcMicros(now)
	end, ok, err := s.recordedUntil(ctx, id, now)
	if err != nil || !ok {
		return nil, err
	}
	until := begun
	switch {
	case end.After(now): // the clock was set back into what was recorded
		return []avi.Gap{{From: begun, Reason: GapRestarted}}, nil
	case end.Equal(now):
		return []avi.Gap{{From: now, Reason: GapRestarted}}, nil
	case !end.Before(begun): // asked again in this run, which may have begun years ago by a clock that was behind
		until = now
	}
	c, err := s.coverage(ctx, id, end, until, present{})
	if err != nil {
		return nil, err
	}
	var gaps []avi.Gap
	for _, g := range c.Gaps {
		switch g.Reason {
		case GapDeleted, GapErased, GapUnfinished, GapUnknown: // nothing for a file
			g.Reason = GapRestarted
		}
		if n := len(gaps); n > 0 && gaps[n-1].Reason == g.Reason {
			gaps[n-1].To = g.To
			continue
		}
		gaps = append(gaps, g)
	}
	return append(gaps, avi.Gap{From: until, Reason: GapRestarted}), nil
}

// recordedUntil is when the footage of a camera ends, of which some may be deleted, or where nothing
// was ever recorded when the first gap that was noted begins. What began after now does not count.
func (s *Store) recordedUntil(ctx context.Context, id camera.ID, now time.Time) (end time.Time, ok bool, err error) {
	var until sql.NullInt64
	// No segment is longer than longest: the one that ends last began so much before the last one.
	err = s.index.read.QueryRowContext(ctx, `SELECT max("end") FROM segments WHERE camera = ?1 AND start <= ?2
		AND start >= (SELECT max(start) FROM segments WHERE camera = ?1 AND start <= ?2) - ?3`, id, now.UnixMicro(), longest.Microseconds()).Scan(&until)
	if err != nil {
		return end, false, err
	}
	var deleted, noted sql.NullInt64
	err = s.state.read.QueryRowContext(ctx, `SELECT
		(SELECT max("end") FROM (SELECT start, "end" FROM deletions WHERE camera = ?1 UNION ALL
			SELECT start, "end" FROM deletion_days WHERE camera = ?1) WHERE start <= ?2),
		(SELECT min("from") FROM pending_gaps WHERE camera = ?1 AND "from" <= ?2)`, id, now.UnixMicro()).Scan(&deleted, &noted)
	if err != nil {
		return end, false, err
	}
	if deleted.Valid && (!until.Valid || deleted.Int64 > until.Int64) {
		until = deleted
	}
	if !until.Valid {
		until = noted
	}
	return fromMicros(until), until.Valid, nil
}
