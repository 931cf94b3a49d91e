package storage

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"v720dvr/camera"
	"v720dvr/storage/avi"
)

// SegmentRecord is a row of the index: a committed segment. Times are UTC, cut to a microsecond.
type SegmentRecord struct {
	ID     int64 // in the order of commits
	Camera camera.ID
	Name   string // what the camera was called then
	Volume string // id of the volume on which the file is
	Path   string // below recordings, with slashes; Store.Path makes it absolute
	Run    [16]byte
	Number uint32 // in the order in which the segments of the run were begun, from 1; 0: its file does not tell
	Start  time.Time
	End    time.Time

	Width, Height int
	Frames        int // pictures in the file, repaired ones among them
	Repaired      int
	Lost          int // pictures that are not in the file
	Missing       int // packages that never came
	HasAudio      bool
	Samples       int64 // of sound in the file, inserted silence among them
	Silence       int64 // samples of inserted silence
	Dropped       int64 // samples that were not written
	Bytes         int64 // size of the file
	// Gaps are what is missing right before it, in order, and Inside what is missing in it; nil for
	// nothing.
	Gaps, Inside []avi.Gap
	Thinned      int     // pictures that thinning took out
	ThinRate     float64 // pictures a second that it was thinned to last; 0: never
}

func newRecord(volume, path string, sums avi.Summary) SegmentRecord {
	r := SegmentRecord{
		Camera: camera.ID(sums.Camera), Name: sums.Name, Volume: volume, Path: path, Run: sums.Run, Number: sums.Number,
		Start: utcMicros(sums.Start), End: utcMicros(sums.End),
		Width: sums.Width, Height: sums.Height,
		Frames: sums.Frames, Repaired: sums.Repaired, Lost: sums.Lost, Missing: sums.Missing,
		HasAudio: sums.HasAudio, Samples: sums.Samples, Silence: sums.Silence, Dropped: sums.Dropped, Bytes: sums.Bytes,
	}
	r.Gaps, r.Inside = utcGaps(sums.Gaps), utcGaps(sums.Inside)
	if n := len(sums.Thinned); n > 0 {
		r.Thinned, r.ThinRate = sums.Taken(), sums.Thinned[n-1].Rate
	}
	return r
}

func utcGaps(gaps []avi.Gap) (list []avi.Gap) {
	for _, g := range gaps {
		list = append(list, avi.Gap{From: utcMicros(g.From), To: utcMicros(g.To), Reason: g.Reason})
	}
	return list
}

// utcMicros is a time as the index keeps it, without a monotonic reading.
func utcMicros(t time.Time) time.Time { return time.UnixMicro(t.UnixMicro()).UTC() }

// SegmentQuery chooses segments. Zero fields do not restrict.
type SegmentQuery struct {
	Camera   camera.ID
	From, To time.Time // segments that have a part in [From, To)
	Limit    int
}

const segmentColumns = `camera, name, volume, path, run, number, start, "end", width, height, frames, repaired, lost, missing,
	has_audio, samples, silence, dropped, bytes, thinned, thin_rate`

// insert writes the row, and those of the segment's gaps, events and levels, in the transaction that fulfils the
// intent. A row of the same path speaks of a file that somebody has removed, or the name would not
// have been free: it gives way.
func (s *Store) insert(ctx context.Context, r SegmentRecord, events []avi.Event, levels avi.Levels, intent string) (int64, error) {
	tx, err := s.index.write.BeginTx(ctx, nil)
	if err != nil {
		return 0, err
	}
	defer tx.Rollback()
	id, err := insertSegment(ctx, tx, r, events, levels)
	if err != nil {
		return 0, err
	}
	if err := fulfil(ctx, tx, r.Volume, intent); err != nil {
		return 0, err
	}
	return id, tx.Commit()
}

// insertSegment writes a row, under its id when it has one, and its gaps, events and levels.
func insertSegment(ctx context.Context, tx *sql.Tx, r SegmentRecord, events []avi.Event, levels avi.Levels) (int64, error) {
	result, err := tx.ExecContext(ctx, `INSERT OR REPLACE INTO segments (id, `+segmentColumns+`, passed)
		VALUES (nullif(?1, 0), ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, coalesce(nullif(?22, 0), 2147483647))`,
		r.ID, r.Camera, r.Name, r.Volume, r.Path, r.Run[:], r.Number, r.Start.UnixMicro(), r.End.UnixMicro(), r.Width, r.Height,
		r.Frames, r.Repaired, r.Lost, r.Missing, r.HasAudio, r.Samples, r.Silence, r.Dropped, r.Bytes,
		r.Thinned, rateOf(r))
	if err != nil {
		return 0, err
	}
	id, err := result.LastInsertId()
	if err != nil {
		return 0, err
	}
	if err := insertGaps(ctx, tx, id, r); err != nil {
		return 0, err
	}
	if err := insertLevels(ctx, tx, id, levels); err != nil {
		return 0, err
	}
	return id, insertEvents(ctx, tx, id, r.Camera, events)
}

// Segments lists committed segments in the order of time; those of a camera that one run recorded
// stand in the order in which they were begun, also where the clock was set back between them.
// With a Limit it is the first of them by their start that are listed.
func (v *View) Segments(ctx context.Context, q SegmentQuery) ([]SegmentRecord, error) {
	where, args := "1", []any(nil)
	restrict := func(condition string, arg any) {
		where += " AND " + condition
		args = append(args, arg)
	}
	if q.Camera != "" {
		restrict(`camera = ?`, q.Camera)
	}
	if !q.To.IsZero() {
		restrict(`start < ?`, q.To.UnixMicro())
	}
	if !q.From.IsZero() {
		restrict(`"end" > ?`, q.From.UnixMicro())
		// Says nothing new, but keeps SQLite from walking all that began before.
		restrict(`start > ?`, q.From.Add(-longest).UnixMicro())
	}
	limit := -1
	if q.Limit > 0 {
		limit = q.Limit
	}
	list, err := v.listSegments(ctx, where+` ORDER BY start, id LIMIT ?`, append(args, limit)...)
	if err != nil {
		return nil, fmt.Errorf("list segments: %w", err)
	}
	sortRecorded(list, SegmentRecord.recording)
	return list, nil
}

func (v *View) listSegments(ctx context.Context, where string, args ...any) ([]SegmentRecord, error) {
	tx, err := v.index.read.BeginTx(ctx, &sql.TxOptions{ReadOnly: true}) // the gaps of just these rows
	if err != nil {
		return nil, err
	}
	defer tx.Rollback()
	rows, err := tx.QueryContext(ctx, `SELECT id, `+segmentColumns+` FROM segments WHERE `+where, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []SegmentRecord
	for rows.Next() {
		r, err := scanSegment(rows)
		if err != nil {
			return nil, err
		}
		list = append(list, r)
	}
	if err := rows.Err(); err != nil || len(list) == 0 {
		return nil, err
	}
	return list, attachGaps(ctx, tx, list)
}

// longest bounds a segment's length: pictures and sound end within avi.MaxLength, and the last
// of the sound within a second more.
const longest = avi.MaxLength + time.Minute

func scanSegment(rows *sql.Rows) (SegmentRecord, error) {
	var r SegmentRecord
	var run []byte
	var start, end, rate int64
	err := rows.Scan(&r.ID, &r.Camera, &r.Name, &r.Volume, &r.Path, &run, &r.Number, &start, &end, &r.Width, &r.Height,
		&r.Frames, &r.Repaired, &r.Lost, &r.Missing, &r.HasAudio, &r.Samples, &r.Silence, &r.Dropped, &r.Bytes, &r.Thinned, &rate)
	if err != nil {
		return SegmentRecord{}, err
	}
	copy(r.Run[:], run)
	r.ThinRate = float64(rate) / 1000
	r.Start, r.End = time.UnixMicro(start).UTC(), time.UnixMicro(end).UTC()
	return r, nil
}
