package storage

import (
	"context"
	"errors"
	"path/filepath"
	"time"
)

// fillLevels gives their levels to segments that were entered by an earlier version of v720dvr, the newest
// first. rest is called behind each batch with the time that it took. A file that cannot be read goes
// without: Check tells of it.
func (s *Store) fillLevels(ctx context.Context, rest func(context.Context, time.Duration) error) error {
	const batch = 64
	for below := int64(1 << 62); ; {
		begun := time.Now()
		bare, err := s.withoutLevels(ctx, below, batch)
		if err != nil || len(bare) == 0 {
			return err
		}
		for _, r := range bare {
			if err := s.fillLevelsOf(ctx, r); err != nil {
				return err
			}
			below = r.ID
		}
		if err := rest(ctx, time.Since(begun)); err != nil {
			return err
		}
	}
}

// withoutLevels lists ids and paths alone.
func (s *Store) withoutLevels(ctx context.Context, below int64, most int) (list []SegmentRecord, err error) {
	rows, err := s.index.read.QueryContext(ctx, `SELECT id, path FROM segments
		WHERE id < ? AND volume = ? AND NOT EXISTS (SELECT 1 FROM levels WHERE segment = id) ORDER BY id DESC LIMIT ?`, below, s.volume.ID, most)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var r SegmentRecord
		if err := rows.Scan(&r.ID, &r.Path); err != nil {
			return nil, err
		}
		list = append(list, r)
	}
	return list, rows.Err()
}

func (s *Store) fillLevelsOf(ctx context.Context, r SegmentRecord) error {
	said, err := s.readSegment(filepath.Join(s.recordings, filepath.FromSlash(r.Path)), false)
	if err != nil || !said.ours {
		return ctx.Err()
	}
	tx, err := s.index.write.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	var still bool // retention may have taken it meanwhile, or somebody written its row again
	err = tx.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM segments WHERE id = ? AND path = ?) AND NOT EXISTS (SELECT 1 FROM levels WHERE segment = ?)`,
		r.ID, r.Path, r.ID).Scan(&still)
	if err != nil || !still {
		return err
	}
	return errors.Join(insertLevels(ctx, tx, r.ID, said.levels), tx.Commit())
}
