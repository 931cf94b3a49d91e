package storage

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"v720dvr/camera"
)

// writeIntents writes down what is about to be deleted, in one durable transaction.
func (s *Store) writeIntents(ctx context.Context, batch []Deletion) error {
	return s.inState(ctx, func(tx *sql.Tx) error {
		for _, d := range batch {
			if _, err := tx.ExecContext(ctx, `INSERT INTO deletions (volume, path, camera, start, "end", bytes, rule, who, decided, link) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
				d.Volume, d.Path, d.Camera, d.Start.UnixMicro(), d.End.UnixMicro(), d.Bytes, d.Rule, d.Who, d.Decided.UnixMicro(), d.place.append()); err != nil {
				return err
			}
		}
		return nil
	})
}

// deletionsDone turns intents into the log, and signs that it was lawful.
func (s *Store) deletionsDone(ctx context.Context, gone []Deletion) error {
	key, err := s.signer(ctx)
	if err != nil { // the disk is not to fill for want of a key
		s.log.Error("what is deleted cannot be signed for: v720dvr verify will miss it", "err", err)
	}
	err = s.inState(ctx, func(tx *sql.Tx) error {
		for _, d := range gone {
			if _, err := tx.ExecContext(ctx, `UPDATE deletions SET done = ?, link = NULL WHERE volume = ? AND path = ? AND done IS NULL`,
				s.now().UnixMicro(), d.Volume, d.Path); err != nil {
				return err
			}
			if err := s.bury(ctx, tx, key, d); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("write down what was deleted: %w", err)
	}
	return nil
}

const deletionColumns = `camera, volume, path, start, "end", bytes, rule, who, decided, done, link`

// pendingDeletions lists intents on the mounted volume, a batch at most.
func (s *Store) pendingDeletions(ctx context.Context) ([]Deletion, error) {
	list, err := s.deletions(ctx, `volume = ? AND done IS NULL ORDER BY id LIMIT ?`, s.volume.ID, deletionBatch)
	if err != nil {
		return nil, fmt.Errorf("list deletions that were broken off: %w", err)
	}
	return list, nil
}

// beingDeleted tells whether a path below the recordings has an intent: its file has no row and is
// to have none.
func (s *Store) beingDeleted(ctx context.Context, path string) (yes bool, err error) {
	err = s.state.read.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM deletions WHERE volume = ? AND done IS NULL AND path = ?)`,
		s.volume.ID, path).Scan(&yes)
	return yes, err
}

// Deletions lists what retention and people deleted last, newest first, at most so many. The last 50,000 are
// kept one by one.
func (v *View) Deletions(ctx context.Context, limit int) ([]Deletion, error) {
	list, err := v.deletions(ctx, `1 ORDER BY id DESC LIMIT ?`, limit)
	if err != nil {
		return nil, fmt.Errorf("list deletions: %w", err)
	}
	return list, nil
}

func (v *View) deletions(ctx context.Context, where string, args ...any) ([]Deletion, error) {
	rows, err := v.state.read.QueryContext(ctx, `SELECT `+deletionColumns+` FROM deletions WHERE `+where, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []Deletion
	for rows.Next() {
		var d Deletion
		var start, end, decided int64
		var done sql.NullInt64
		var link []byte
		if err := rows.Scan(&d.Camera, &d.Volume, &d.Path, &start, &end, &d.Bytes, &d.Rule, &d.Who, &decided, &done, &link); err != nil {
			return nil, err
		}
		d.Start, d.End, d.Decided = time.UnixMicro(start).UTC(), time.UnixMicro(end).UTC(), time.UnixMicro(decided).UTC()
		d.Done, d.place = fromMicros(done), parsePlace(link)
		list = append(list, d)
	}
	return list, rows.Err()
}

// DeletionDay is what retention deleted long ago of a camera's footage of one day, by one rule.
type DeletionDay struct {
	Camera     camera.ID
	Day        time.Time // of the footage, UTC
	Rule       Rule
	Segments   int
	Bytes      int64
	Start, End time.Time // of the first and of the last of it
	Done       time.Time // when the last of it was deleted
}

// mostDeletions is how many stay in the log one by one, which takes 10 MB or so: with 288 segments a
// day half a year of one camera, four days of 40.
const mostDeletions = 50_000

// foldDeletions sums older deletions up by camera, day and rule: state.sqlite stays small.
func (s *Store) foldDeletions(ctx context.Context) error {
	err := s.inState(ctx, func(tx *sql.Tx) error {
		var upTo sql.NullInt64
		err := tx.QueryRowContext(ctx, `SELECT max(id) - ? FROM deletions`, s.deletionsKept).Scan(&upTo)
		if err != nil || upTo.Int64 <= 0 {
			return err
		}
		if _, err := tx.ExecContext(ctx, `INSERT INTO deletion_days (camera, day, rule, segments, bytes, start, "end", done)
			SELECT camera, start / 86400000000, rule, count(*), sum(bytes), min(start), max("end"), max(done)
			FROM deletions WHERE id <= ? AND done IS NOT NULL GROUP BY 1, 2, 3
			ON CONFLICT DO UPDATE SET segments = segments + excluded.segments, bytes = bytes + excluded.bytes,
				start = min(start, excluded.start), "end" = max("end", excluded."end"), done = max(done, excluded.done)`, upTo); err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `DELETE FROM deletions WHERE id <= ? AND done IS NOT NULL`, upTo)
		return err
	})
	if err != nil {
		return fmt.Errorf("sum up old deletions: %w", err)
	}
	return nil
}

// DeletionDays lists, by day, what of the log was summed up.
func (v *View) DeletionDays(ctx context.Context) ([]DeletionDay, error) {
	rows, err := v.state.read.QueryContext(ctx, `SELECT camera, day, rule, segments, bytes, start, "end", done FROM deletion_days ORDER BY day, camera, rule`)
	if err != nil {
		return nil, fmt.Errorf("list days of deletions: %w", err)
	}
	defer rows.Close()
	var list []DeletionDay
	for rows.Next() {
		var d DeletionDay
		var day, start, end, done int64
		if err := rows.Scan(&d.Camera, &day, &d.Rule, &d.Segments, &d.Bytes, &start, &end, &done); err != nil {
			return nil, fmt.Errorf("list days of deletions: %w", err)
		}
		d.Day = time.Unix(day*86400, 0).UTC()
		d.Start, d.End, d.Done = time.UnixMicro(start).UTC(), time.UnixMicro(end).UTC(), time.UnixMicro(done).UTC()
		list = append(list, d)
	}
	return list, rows.Err()
}

func (s *Store) inState(ctx context.Context, do func(*sql.Tx) error) error {
	tx, err := s.state.write.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	if err := do(tx); err != nil {
		return err
	}
	return tx.Commit()
}
