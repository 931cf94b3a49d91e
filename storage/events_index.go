package storage

import (
	"context"
	"database/sql"
	"fmt"
	"io/fs"
	"time"

	"v720dvr/camera"
	"v720dvr/storage/avi"
)

// EventRecord is a row of the index: an event of a committed segment. The time is UTC, cut to a
// microsecond.
type EventRecord struct {
	ID      int64
	Segment int64 // SegmentRecord.ID; 0: its footage was taken away by hand
	Camera  camera.ID
	At      time.Time
	Kind    camera.EventKind
	Detail  string
	// Ending is what is known of it since it is over; nil of what has no length, or goes on, or whose end stands in
	// a segment that is not committed, or was deleted.
	Ending *camera.Ending
}

// insertEvents writes the events of a segment's journal, within the transaction that writes its row.
func insertEvents(ctx context.Context, tx *sql.Tx, segment int64, id camera.ID, events []avi.Event) error {
	if len(events) == 0 {
		return nil
	}
	lost, err := lostEvents(ctx, tx, id, events)
	if err != nil {
		return err
	}
	for _, e := range events {
		if found := lost.take(e); found != 0 { // its number stays
			if _, err := tx.ExecContext(ctx, `UPDATE events SET segment = ? WHERE id = ?`, segment, found); err != nil {
				return err
			}
			continue
		}
		var begin sql.NullInt64
		if e.Kind == string(camera.Ended) {
			ending, ok := camera.ParseEnding(string(e.Body))
			begin = sql.NullInt64{Int64: ending.Begin.UnixMicro(), Valid: ok}
		}
		if _, err := tx.ExecContext(ctx, `INSERT INTO events (segment, camera, at, kind, detail, begin) VALUES (?, ?, ?, ?, ?, ?)`,
			segment, id, e.At.UnixMicro(), e.Kind, string(e.Body), begin); err != nil {
			return err
		}
	}
	return nil
}

// EventQuery chooses events. Zero fields do not restrict.
type EventQuery struct {
	Camera   camera.ID
	Segment  int64     // SegmentRecord.ID
	From, To time.Time // From <= at < To
	Limit    int
}

// Events lists events of committed segments by time.
func (v *View) Events(ctx context.Context, q EventQuery) ([]EventRecord, error) {
	where, args := "1", []any(nil)
	restrict := func(condition string, arg any) {
		where += " AND " + condition
		args = append(args, arg)
	}
	if q.Camera != "" {
		restrict(`camera = ?`, q.Camera)
	}
	if q.Segment != 0 {
		restrict(`segment = ?`, q.Segment)
	}
	if !q.From.IsZero() {
		restrict(`at >= ?`, q.From.UnixMicro())
	}
	if !q.To.IsZero() {
		restrict(`at < ?`, q.To.UnixMicro())
	}
	limit := -1
	if q.Limit > 0 {
		limit = q.Limit
	}
	rows, err := v.index.read.QueryContext(ctx, `SELECT `+eventColumns+` FROM events WHERE `+where+`
		ORDER BY at, id LIMIT ?`, append(args, limit)...)
	if err != nil {
		return nil, fmt.Errorf("list events: %w", err)
	}
	list, err := scanEvents(rows)
	if err != nil {
		return nil, fmt.Errorf("list events: %w", err)
	}
	return list, nil
}

// Event returns an event of a committed segment; fs.ErrNotExist when none has that number, which a reindex may
// give to another one.
func (v *View) Event(ctx context.Context, id int64) (EventRecord, error) {
	rows, err := v.index.read.QueryContext(ctx, `SELECT `+eventColumns+` FROM events WHERE id = ?`, id)
	if err != nil {
		return EventRecord{}, fmt.Errorf("find event %d: %w", id, err)
	}
	list, err := scanEvents(rows)
	if err == nil && len(list) == 0 {
		err = fs.ErrNotExist
	}
	if err != nil {
		return EventRecord{}, fmt.Errorf("find event %d: %w", id, err)
	}
	return list[0], nil
}

// eventColumns are what scanEvents reads. What is over names the kinds that are.
const eventColumns = `id, coalesce(segment, 0), camera, at, kind, detail, (SELECT detail FROM events AS over
	WHERE over.camera = events.camera AND over.begin = events.at AND instr(over.detail, '"' || events.kind || '"') > 0)`

func scanEvents(rows *sql.Rows) (list []EventRecord, err error) {
	defer rows.Close()
	for rows.Next() {
		e, err := scanEvent(rows)
		if err != nil {
			return nil, err
		}
		list = append(list, e)
	}
	return list, rows.Err()
}

func scanEvent(rows *sql.Rows) (e EventRecord, err error) {
	var at int64
	var over sql.NullString
	if err := rows.Scan(&e.ID, &e.Segment, &e.Camera, &at, &e.Kind, &e.Detail, &over); err != nil {
		return e, err
	}
	e.At = time.UnixMicro(at).UTC()
	if ending, ok := camera.ParseEnding(over.String); ok {
		e.Ending = &ending
	}
	return e, nil
}
