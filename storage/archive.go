package storage

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"v720dvr/camera"
)

// Archived is a copy of a segment that stands whole in an archive. It stays what it is when the segment here
// changes or goes: what was copied first is the better one. Times are UTC, to a microsecond.
type Archived struct {
	Place      string // which archive: its address, bucket and prefix
	Key        string // of the object, behind the place
	Camera     camera.ID
	Start, End time.Time // of the segment; camera and start name it
	Bytes      int64
	SHA256     [32]byte
	ETag       string    // as the archive tells it
	At         time.Time // when it was found whole there
}

// ArchiveTry is a copy that is under way, or has failed.
type ArchiveTry struct {
	Place  string
	Key    string
	Camera camera.ID
	Start  time.Time
	Upload string    // the multipart upload that goes on; "" for none
	Tries  int       // that failed
	Next   time.Time // not before; zero: at once
	Err    string    // of the last try; "" for none
}

// ArchiveTotals is how much stands in an archive.
type ArchiveTotals struct {
	Segments       int
	Bytes          int64
	Oldest, Newest time.Time // starts; zero for none
	Last           time.Time // when the last one came; zero for none
}

// NoteArchived writes down, durably, that a copy is whole, and forgets its tries.
func (s *Store) NoteArchived(ctx context.Context, a Archived) error {
	err := s.inState(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, `INSERT INTO archived (place, camera, start, "end", key, bytes, sha256, etag, at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
			ON CONFLICT (place, camera, start) DO UPDATE SET "end" = excluded."end", key = excluded.key, bytes = excluded.bytes,
				sha256 = excluded.sha256, etag = excluded.etag, at = excluded.at`,
			a.Place, a.Camera, a.Start.UnixMicro(), a.End.UnixMicro(), a.Key, a.Bytes, a.SHA256[:], a.ETag, a.At.UnixMicro()); err != nil {
			return err
		}
		return forgetTry(ctx, tx, a.Place, a.Camera, a.Start)
	})
	if err != nil {
		return fmt.Errorf("write down that %s is archived: %w", a.Key, err)
	}
	return nil
}

// ForgetArchived takes back that a copy is whole: it is not there any more, or is another one. The segment is
// copied anew when it is still here.
func (s *Store) ForgetArchived(ctx context.Context, a Archived) error {
	if _, err := s.state.write.ExecContext(ctx, `DELETE FROM archived WHERE place = ? AND camera = ? AND start = ?`,
		a.Place, a.Camera, a.Start.UnixMicro()); err != nil {
		return fmt.Errorf("forget that %s is archived: %w", a.Key, err)
	}
	return nil
}

// NoteArchiveTry writes down how a copy goes.
func (s *Store) NoteArchiveTry(ctx context.Context, t ArchiveTry) error {
	if _, err := s.state.write.ExecContext(ctx, `INSERT OR REPLACE INTO archive_tries (place, camera, start, key, upload, tries, next, error) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
		t.Place, t.Camera, t.Start.UnixMicro(), t.Key, t.Upload, t.Tries, notBefore(t.Next), t.Err); err != nil {
		return fmt.Errorf("write down how the copy of %s goes: %w", t.Key, err)
	}
	return nil
}

// notBefore is a moment as a row has it: 0 for none.
func notBefore(at time.Time) int64 {
	if at.IsZero() {
		return 0
	}
	return at.UnixMicro()
}

// ForgetArchiveTry forgets a copy that has no segment any more.
func (s *Store) ForgetArchiveTry(ctx context.Context, t ArchiveTry) error {
	return s.inState(ctx, func(tx *sql.Tx) error { return forgetTry(ctx, tx, t.Place, t.Camera, t.Start) })
}

func forgetTry(ctx context.Context, tx *sql.Tx, place string, id camera.ID, start time.Time) error {
	_, err := tx.ExecContext(ctx, `DELETE FROM archive_tries WHERE place = ? AND camera = ? AND start = ?`, place, id, start.UnixMicro())
	return err
}

// RetryArchive has everything that rests after a failure tried again at once.
func (s *Store) RetryArchive(ctx context.Context, place string) error {
	if _, err := s.state.write.ExecContext(ctx, `UPDATE archive_tries SET next = 0 WHERE place = ?`, place); err != nil {
		return fmt.Errorf("have copies tried again: %w", err)
	}
	return nil
}

// ArchiveTries lists the copies of an archive that are under way or have failed, by camera and start.
func (v *View) ArchiveTries(ctx context.Context, place string) ([]ArchiveTry, error) {
	list, err := v.archiveTries(ctx, `place = ? ORDER BY camera, start`, place)
	if err != nil {
		return nil, fmt.Errorf("list copies under way: %w", err)
	}
	return list, nil
}

func (v *View) archiveTries(ctx context.Context, where string, args ...any) ([]ArchiveTry, error) {
	rows, err := v.state.read.QueryContext(ctx, `SELECT place, camera, start, key, upload, tries, next, error FROM archive_tries WHERE `+where, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []ArchiveTry
	for rows.Next() {
		var t ArchiveTry
		var start, next int64
		if err := rows.Scan(&t.Place, &t.Camera, &start, &t.Key, &t.Upload, &t.Tries, &next, &t.Err); err != nil {
			return nil, err
		}
		t.Start = time.UnixMicro(start).UTC()
		if next != 0 {
			t.Next = time.UnixMicro(next).UTC()
		}
		list = append(list, t)
	}
	return list, rows.Err()
}

// ArchiveTotals sums up what stands in an archive.
func (v *View) ArchiveTotals(ctx context.Context, place string) (t ArchiveTotals, err error) {
	var oldest, newest, last sql.NullInt64
	err = v.state.read.QueryRowContext(ctx, `SELECT count(*), coalesce(sum(bytes), 0), min(start), max(start), max(at) FROM archived WHERE place = ?`, place).
		Scan(&t.Segments, &t.Bytes, &oldest, &newest, &last)
	if err != nil {
		return t, fmt.Errorf("sum up what is archived: %w", err)
	}
	t.Oldest, t.Newest, t.Last = fromMicros(oldest), fromMicros(newest), fromMicros(last)
	return t, nil
}

// ArchivedOf lists what stands in an archive of a camera ("" for all), that has a part in [from, to), by camera and start. Zero times
// do not restrict.
func (v *View) ArchivedOf(ctx context.Context, place string, id camera.ID, from, to time.Time) ([]Archived, error) {
	where, args := `place = ?`, []any{place}
	if id != "" {
		where, args = where+` AND camera = ?`, append(args, id)
	}
	if !from.IsZero() {
		where, args = where+` AND "end" > ?`, append(args, from.UnixMicro())
	}
	if !to.IsZero() {
		where, args = where+` AND start < ?`, append(args, to.UnixMicro())
	}
	list, err := v.listArchived(ctx, where+` ORDER BY camera, start`, args...)
	if err != nil {
		return nil, fmt.Errorf("list what is archived: %w", err)
	}
	return list, nil
}

// FindArchived finds the copy whose object has a key. ErrUnknown, wrapped, without one.
func (v *View) FindArchived(ctx context.Context, place, key string) (Archived, error) {
	list, err := v.listArchived(ctx, `place = ? AND key = ?`, place, key)
	if err == nil && len(list) == 0 {
		err = ErrUnknown
	}
	if err != nil {
		return Archived{}, fmt.Errorf("find archived %s: %w", key, err)
	}
	return list[0], nil
}

func (v *View) listArchived(ctx context.Context, where string, args ...any) (list []Archived, err error) {
	rows, err := v.state.read.QueryContext(ctx, `SELECT place, key, camera, start, "end", bytes, sha256, etag, at FROM archived WHERE `+where, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var a Archived
		var start, end, at int64
		var sum []byte
		if err := rows.Scan(&a.Place, &a.Key, &a.Camera, &start, &end, &a.Bytes, &sum, &a.ETag, &at); err != nil {
			return nil, err
		}
		if copy(a.SHA256[:], sum) != len(a.SHA256) {
			return nil, errors.New("a checksum in state.sqlite is none")
		}
		a.Start, a.End, a.At = time.UnixMicro(start).UTC(), time.UnixMicro(end).UTC(), time.UnixMicro(at).UTC()
		list = append(list, a)
	}
	return list, rows.Err()
}
