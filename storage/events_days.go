package storage

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"v720dvr/camera"
)

// DayCount is what a calendar shows of a day.
type DayCount struct {
	From, To time.Time
	Events   int           // of committed segments that began in it
	Footage  time.Duration // of committed segments of all cameras, gaps inside them too
}

// EventDays counts what there is between each two of the bounds, which are in order: days of 23, 24 and 25 hours are for who
// knows the zone to say. Of events these kinds alone.
func (v *View) EventDays(ctx context.Context, cameras CameraSet, kinds []camera.EventKind, bounds []time.Time) ([]DayCount, error) {
	if len(bounds) < 2 {
		return nil, nil
	}
	var args []any
	marks := func(n int, one string) string { return strings.TrimSuffix(strings.Repeat(one+", ", n), ", ") }
	for i := range bounds[1:] {
		args = append(args, i, bounds[i].UnixMicro(), bounds[i+1].UnixMicro())
	}
	whose := ""
	restrict := func() {
		if !cameras.All {
			whose = ` AND camera IN (` + marks(len(cameras.IDs), "?") + `)`
			for _, id := range cameras.IDs {
				args = append(args, id)
			}
		}
	}
	for _, kind := range kinds {
		args = append(args, kind)
	}
	restrict()
	args = append(args, longest.Microseconds())
	restrict()
	rows, err := v.index.read.QueryContext(ctx, `WITH days (n, a, b) AS (VALUES `+marks(len(bounds)-1, "(?, ?, ?)")+`)
		SELECT a, b, (SELECT count(*) FROM events WHERE at >= a AND at < b AND kind IN (`+marks(len(kinds), "?")+`)`+whose+`),
			(SELECT coalesce(sum(min("end", b) - max(start, a)), 0) FROM segments WHERE start < b AND start > a - ? AND "end" > a`+whose+`)
		FROM days ORDER BY n`, args...)
	if err != nil {
		return nil, fmt.Errorf("count events by day: %w", err)
	}
	defer rows.Close()
	var list []DayCount
	for rows.Next() {
		var from, to, footage int64
		var d DayCount
		if err := rows.Scan(&from, &to, &d.Events, &footage); err != nil {
			return nil, fmt.Errorf("count events by day: %w", err)
		}
		d.From, d.To, d.Footage = time.UnixMicro(from).UTC(), time.UnixMicro(to).UTC(), time.Duration(footage)*time.Microsecond
		list = append(list, d)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("count events by day: %w", err)
	}
	return list, nil
}

// EventsMark is a text that becomes another one when an event of these cameras in [q.From, q.To) comes, goes or ends:
// so that who has the list finds out for a millisecond whether it is the same still.
func (v *View) EventsMark(ctx context.Context, q PageQuery) (string, error) {
	if q.From.IsZero() && q.To.IsZero() {
		return v.eventsTold(ctx, q.Cameras)
	}
	text := `1`
	var args []any
	if !q.From.IsZero() {
		text, args = text+` AND at >= ?`, append(args, q.From.UnixMicro())
	}
	if !q.To.IsZero() { // what ends an event may stand behind
		text, args = text+` AND at < ?`, append(args, q.To.Add(time.Hour).UnixMicro())
	}
	if !q.Cameras.All {
		text += ` AND camera IN (` + strings.TrimSuffix(strings.Repeat("?, ", len(q.Cameras.IDs)), ", ") + `)`
		for _, id := range q.Cameras.IDs {
			args = append(args, id)
		}
	}
	// A number may come again when the newest row has gone; then its moment is another one.
	var count, last, seconds, micros int64
	err := v.index.read.QueryRowContext(ctx, `SELECT count(*), coalesce(max(id), 0), coalesce(sum(at / 1000000), 0), coalesce(sum(at % 1000000), 0)
		FROM events WHERE `+text, args...).Scan(&count, &last, &seconds, &micros)
	if err != nil {
		return "", fmt.Errorf("look for changes of events: %w", err)
	}
	return fmt.Sprintf("%d %d %d %d", count, last, seconds, micros), nil
}

// eventsTold is EventsMark of all times: a number of each camera, that the index keeps.
func (v *View) eventsTold(ctx context.Context, cameras CameraSet) (string, error) {
	rows, err := v.index.read.QueryContext(ctx, `SELECT camera, number FROM events_told ORDER BY camera`)
	if err != nil {
		return "", fmt.Errorf("look for changes of events: %w", err)
	}
	defer rows.Close()
	var text strings.Builder
	for rows.Next() {
		var id camera.ID
		var number int64
		if err := rows.Scan(&id, &number); err != nil {
			return "", fmt.Errorf("look for changes of events: %w", err)
		}
		if cameras.Has(id) {
			fmt.Fprint(&text, id, " ", number, " ")
		}
	}
	return text.String(), rows.Err()
}

// EventsOf returns events by their numbers, by time; numbers of none are passed over. 10,000 at most.
func (v *View) EventsOf(ctx context.Context, ids []int64) ([]EventRecord, error) {
	const most = 10_000
	if len(ids) > most {
		return nil, errors.New("find events: too many numbers")
	}
	if len(ids) == 0 {
		return nil, nil
	}
	args := make([]any, len(ids))
	for i, id := range ids {
		args[i] = id
	}
	rows, err := v.index.read.QueryContext(ctx, `SELECT `+eventColumns+` FROM events
		WHERE kind <> 'ended' AND id IN (`+strings.Repeat("?, ", len(ids)-1)+`?) ORDER BY at, id`, args...)
	if err != nil {
		return nil, fmt.Errorf("find events: %w", err)
	}
	list, err := scanEvents(rows)
	if err != nil {
		return nil, fmt.Errorf("find events: %w", err)
	}
	return list, nil
}
