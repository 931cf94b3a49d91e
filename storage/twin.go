package storage

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"path"
	"path/filepath"

	"v720dvr/camera"
	"v720dvr/storage/avi"
)

// A segment is known by what its file says: camera, run, number and start. Its name and folder are where it
// lies. So one that a person has moved or renamed is the same, and a second file that says so is a copy.

// twin is the row of a segment, as a file's own words find it.
type twin struct {
	id    int64
	path  string
	bytes int64
}

// isTwin tells whether a file says it is the segment of a row.
func isTwin(r SegmentRecord, sums avi.Summary) bool {
	return camera.ID(sums.Camera) == r.Camera && sums.Run == r.Run && sums.Number == r.Number && sums.Start.UnixMicro() == r.Start.UnixMicro()
}

// lister is a database or a transaction.
type lister interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// findTwin finds the row of the segment that a file holds, on a volume. Files that tell no number, of early
// versions and of others, are the same when their ends are too.
func findTwin(ctx context.Context, db lister, volume string, file freshFile) (t twin, found bool, err error) {
	sums := &file.said.sums
	rows, err := db.QueryContext(ctx, `SELECT id, path, bytes, run FROM segments
		WHERE camera = ?1 AND start = ?2 AND number = ?3 AND volume = ?4 AND (?3 > 0 OR "end" = ?5)`,
		sums.Camera, sums.Start.UnixMicro(), sums.Number, volume, sums.End.UnixMicro())
	if err != nil {
		return t, false, fmt.Errorf("look for the segment of %s: %w", file.path, err)
	}
	defer rows.Close()
	for rows.Next() {
		var one twin
		var run []byte
		if err := rows.Scan(&one.id, &one.path, &one.bytes, &run); err != nil {
			return t, false, err
		}
		if bytes.Equal(run, sums.Run[:]) && (!found || one.path == file.path) {
			t, found = one, true
		}
	}
	return t, found, rows.Err()
}

// moveRow has a row follow its file; entering is held. Its number stays, and those of its events: whoever
// names them finds them.
func (s *Store) moveRow(ctx context.Context, from twin, to freshFile) error {
	if err := s.onVolume(); err != nil {
		return err
	}
	if err := s.disk.SyncDir(filepath.Join(s.recordings, filepath.FromSlash(path.Dir(to.path)))); err != nil {
		return err
	}
	if inPlace(to.path, to.said.sums) {
		if _, err := s.claimFolder(ctx, path.Dir(path.Dir(to.path)), camera.ID(to.said.sums.Camera)); err != nil {
			return err
		}
	}
	tx, err := s.index.write.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	if _, err = tx.ExecContext(ctx, `UPDATE segments SET path = ? WHERE id = ? AND path = ?`, to.path, from.id, from.path); err != nil {
		return fmt.Errorf("move the row of %s to %s: %w", from.path, to.path, err)
	}
	if from.bytes != to.said.sums.Bytes { // another edition of it
		r := newRecord(s.volume.ID, to.path, to.said.sums)
		r.ID = from.id
		if _, err := insertSegment(ctx, tx, r, to.said.events, to.said.levels); err != nil {
			return err
		}
	}
	if err := tx.Commit(); err != nil {
		return err
	}
	s.log.Info("a segment was moved, and is found where it lies now", "from", from.path, "to", to.path)
	return nil
}

// lostRows are events that stay in the history without their footage.
type lostRows map[lostKey][]int64

type lostKey struct {
	at           int64
	kind, detail string
}

// lostEvents are those of a camera in the time of these.
func lostEvents(ctx context.Context, tx *sql.Tx, id camera.ID, events []avi.Event) (lostRows, error) {
	from, to := events[0].At.UnixMicro(), events[0].At.UnixMicro()
	for _, e := range events {
		from, to = min(from, e.At.UnixMicro()), max(to, e.At.UnixMicro())
	}
	rows, err := tx.QueryContext(ctx, `SELECT id, at, kind, detail FROM events INDEXED BY events_without_footage
		WHERE segment IS NULL AND camera = ? AND at >= ? AND at <= ? ORDER BY id`, id, from, to)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	lost := make(lostRows)
	for rows.Next() {
		var id int64
		var key lostKey
		if err := rows.Scan(&id, &key.at, &key.kind, &key.detail); err != nil {
			return nil, err
		}
		lost[key] = append(lost[key], id)
	}
	return lost, rows.Err()
}

// take gives the number of an event that finds its footage again, once; 0 for one that is new.
func (l lostRows) take(e avi.Event) int64 {
	key := lostKey{e.At.UnixMicro(), e.Kind, string(e.Body)}
	ids := l[key]
	if len(ids) == 0 {
		return 0
	}
	l[key] = ids[1:]
	return ids[0]
}
