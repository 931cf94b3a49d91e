package storage

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"sync"
	"time"

	"v720dvr/camera"
	"v720dvr/storage/avi"
)

// notes remembers what was noted last of a camera, so that saying it again writes nothing.
type notes struct {
	mu    sync.Mutex
	gaps  map[camera.ID][]avi.Gap // noted by this run
	rests map[camera.ID]bool      // of which rows of an earlier run are there
}

// NoteGaps keeps what is missing of a camera while there is no segment to tell of it: in order, each
// beginning where the one before ends; a zero To, of the last one, goes on. It replaces what was noted
// before, and nil clears it. (What an earlier run noted of a time that the wall clock has not reached
// stays: it is the clock that is wrong.) It is on disk when it returns; what is noted already costs
// nothing. The caller bounds them: a segment tells avi.MaxGaps.
func (s *Store) NoteGaps(ctx context.Context, id camera.ID, open []avi.Gap) error {
	s.notes.mu.Lock()
	known, rests := s.notes.gaps[id], s.notes.rests[id]
	s.notes.mu.Unlock()
	if !rests && slices.EqualFunc(known, open, sameGap) {
		return nil
	}
	now, _ := s.wall()
	err := s.inState(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, `DELETE FROM pending_gaps WHERE camera = ? AND (run = ? OR "from" <= ?)`,
			id, s.run[:], now.UnixMicro()); err != nil {
			return err
		}
		for i, g := range open {
			var to any
			if !g.To.IsZero() {
				to = g.To.UnixMicro()
			}
			if _, err := tx.ExecContext(ctx, `INSERT INTO pending_gaps (camera, run, number, "from", "to", reason) VALUES (?, ?, ?, ?, ?, ?)`,
				id, s.run[:], i, g.From.UnixMicro(), to, g.Reason); err != nil {
				return err
			}
		}
		return tx.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM pending_gaps WHERE camera = ? AND run <> ?)`, id, s.run[:]).Scan(&rests)
	})
	if err != nil {
		return fmt.Errorf("note what is missing of camera %s: %w", id, err)
	}
	s.notes.mu.Lock()
	defer s.notes.mu.Unlock()
	s.notes.gaps[id], s.notes.rests[id] = slices.Clone(open), rests
	return nil
}

func sameGap(a, b avi.Gap) bool {
	return a.From.Equal(b.From) && a.To.Equal(b.To) && a.Reason == b.Reason
}

// loadNotes learns of which cameras an earlier run noted something.
func (s *Store) loadNotes(ctx context.Context) error {
	ids, err := listColumn[camera.ID](ctx, s.state, `SELECT DISTINCT camera FROM pending_gaps`)
	if err != nil {
		return fmt.Errorf("list what is missing: %w", err)
	}
	s.notes.gaps, s.notes.rests = make(map[camera.ID][]avi.Gap), make(map[camera.ID]bool)
	for _, id := range ids {
		s.notes.rests[id] = true
	}
	return nil
}

// PendingGaps returns what NoteGaps keeps of a camera, in order, also what an earlier run noted.
func (v *View) PendingGaps(ctx context.Context, id camera.ID) ([]avi.Gap, error) {
	list, err := v.pending(ctx, id)
	if err != nil {
		return nil, fmt.Errorf("list what is missing of camera %s: %w", id, err)
	}
	var gaps []avi.Gap
	for _, p := range list {
		gaps = append(gaps, p.Gap)
	}
	return gaps, nil
}

type pendingGap struct {
	avi.Gap
	run [16]byte // that noted it
}

func (v *View) pending(ctx context.Context, id camera.ID) ([]pendingGap, error) {
	rows, err := v.state.read.QueryContext(ctx, `SELECT run, "from", "to", reason FROM pending_gaps WHERE camera = ? ORDER BY "from", run, number`, id)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []pendingGap
	for rows.Next() {
		var p pendingGap
		var run []byte
		var from int64
		var to sql.NullInt64
		if err := rows.Scan(&run, &from, &to, &p.Reason); err != nil {
			return nil, err
		}
		copy(p.run[:], run)
		p.From, p.To = time.UnixMicro(from).UTC(), fromMicros(to)
		list = append(list, p)
	}
	return list, rows.Err()
}
