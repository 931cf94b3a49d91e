package storage

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"

	"v720dvr/camera"
)

// mostLostEvents bounds the events that stay in the history without footage; the oldest go first.
const mostLostEvents = 50_000

// removeRow takes the row of a file that is gone, after a look that the volume is not.
func (s *Store) removeRow(ctx context.Context, r SegmentRecord) error {
	s.entering.Lock()
	defer s.entering.Unlock()
	if err := s.onVolume(); err != nil {
		return err
	}
	if _, err := s.disk.Stat(s.Path(r)); !errors.Is(err, fs.ErrNotExist) {
		return err // it is back
	}
	if has, err := s.hasRow(ctx, r.Path); err != nil || !has {
		return err // retention took it meanwhile, or it was moved
	}
	return s.lose(ctx, r)
}

// lose takes the row of a segment that somebody took away past us; entering is held. It is written down as a
// deletion, so that coverage tells what became of it, and its events stay, without footage. Done twice after
// a crash it is the same.
func (s *Store) lose(ctx context.Context, r SegmentRecord) error {
	kept, err := s.Kept(ctx, s.now())
	if err != nil {
		return err
	}
	now := s.now().UnixMicro()
	if _, err := s.state.write.ExecContext(ctx, `INSERT INTO deletions (volume, path, camera, start, "end", bytes, rule, who, decided, done)
		SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, '', ?8, ?8 WHERE NOT EXISTS
			(SELECT 1 FROM deletions INDEXED BY deletions_outside WHERE camera = ?3 AND start = ?4 AND "end" = ?5 AND rule = 'outside')`,
		r.Volume, r.Path, r.Camera, r.Start.UnixMicro(), r.End.UnixMicro(), r.Bytes, RuleOutside, now); err != nil {
		return fmt.Errorf("write down what was taken away: %w", err)
	}
	tx, err := s.index.write.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	for _, statement := range []string{
		`UPDATE events SET segment = NULL WHERE segment = (SELECT id FROM segments WHERE id = ?1 AND path = ?2)`,
		`DELETE FROM segments WHERE id = ?1 AND path = ?2`,
	} {
		if _, err := tx.ExecContext(ctx, statement, r.ID, r.Path); err != nil {
			return fmt.Errorf("take the row of %s: %w", r.Path, err)
		}
	}
	if _, err := tx.ExecContext(ctx, `DELETE FROM events WHERE id IN (SELECT id FROM events WHERE segment IS NULL ORDER BY at DESC LIMIT -1 OFFSET ?)`, mostLostEvents); err != nil {
		return err
	}
	if err := tx.Commit(); err != nil {
		return err
	}
	if kept.Has(r.Camera, r.Start, r.End) {
		s.log.Error("footage that is kept was taken away past v720dvr", "camera", r.Camera, "file", r.Path, "start", r.Start, "do", "put the file back: it is found by itself")
	} else {
		s.log.Info("footage was taken away past v720dvr", "camera", r.Camera, "file", r.Path, "start", r.Start)
	}
	return nil
}

// takeBackLoss forgets that a segment was taken away, when its file is there again.
func (s *Store) takeBackLoss(ctx context.Context, said fileSummary) error {
	const these = ` FROM deletions INDEXED BY deletions_outside WHERE camera = ? AND start = ? AND "end" = ? AND rule = 'outside'`
	args := []any{camera.ID(said.sums.Camera), said.sums.Start.UnixMicro(), said.sums.End.UnixMicro()}
	var id int64
	err := s.state.read.QueryRowContext(ctx, `SELECT id`+these+` LIMIT 1`, args...).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err == nil {
		_, err = s.state.write.ExecContext(ctx, `DELETE`+these, args...)
	}
	if err != nil {
		return fmt.Errorf("take back that a segment is gone: %w", err)
	}
	return nil
}
