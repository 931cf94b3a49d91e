package storage

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"v720dvr/camera"
	"v720dvr/storage/avi"
)

// EventRecord is a row of the index: an event of a committed segment. The time is UTC, cut to a
// microsecond.
type EventRecord struct {
	ID      int64
	Segment int64 // SegmentRecord.ID
	Camera  camera.ID
	At      time.Time
	Kind    camera.EventKind
	Detail  string
}

// insertEvents writes the events of a segment's journal, within the transaction that writes its row.
func insertEvents(ctx context.Context, tx *sql.Tx, segment int64, id camera.ID, events []avi.Event) error {
	for _, e := range events {
		if _, err := tx.ExecContext(ctx, `INSERT INTO events (segment, camera, at, kind, detail) VALUES (?, ?, ?, ?, ?)`,
			segment, id, e.At.UnixMicro(), e.Kind, string(e.Body)); err != nil {
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

// eventColumns are what scanEvents reads.
const eventColumns = `id, segment, camera, at, kind, detail`

func scanEvents(rows *sql.Rows) (list []EventRecord, err error) {
	defer rows.Close()
	for rows.Next() {
		var e EventRecord
		var at int64
		if err := rows.Scan(&e.ID, &e.Segment, &e.Camera, &at, &e.Kind, &e.Detail); err != nil {
			return nil, err
		}
		e.At = time.UnixMicro(at).UTC()
		list = append(list, e)
	}
	return list, rows.Err()
}
