package storage

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"v720dvr/camera"
)

// MostLooked bounds the events that one page looks through for those that match, of each camera: half a second.
const MostLooked = 50_000

// EventPage lists events of committed segments by time, a page of them. Their ends are in EventRecord.Ending,
// and no rows of their own. Of kinds only these, unless it is empty; match, unless it is nil, says which of them are
// wanted. next is where the following page goes on, nil behind the last one: a page of few that match may be shorter
// than its limit, or empty, and have a next one.
func (v *View) EventPage(ctx context.Context, q PageQuery, kinds []camera.EventKind, match func(EventRecord) bool) (list []EventRecord, next *Place, err error) {
	cameras := q.Cameras.IDs
	if q.Cameras.All {
		cameras = []camera.ID{""} // SQLite has an index for all, and for one
	}
	for _, id := range cameras {
		some, end, err := v.matchingEvents(ctx, q, id, kinds, match)
		if err != nil {
			return nil, nil, fmt.Errorf("list events: %w", err)
		}
		list = append(list, some...)
		// Behind the place where one camera was given up, the others are not told: they would come before it.
		if end != nil && (next == nil || q.less(*end, *next)) {
			next = end
		}
	}
	slices.SortFunc(list, func(a, b EventRecord) int {
		if q.less(eventPlace(a), eventPlace(b)) {
			return -1
		}
		return 1
	})
	if next != nil {
		behind, _ := slices.BinarySearchFunc(list, *next, func(e EventRecord, p Place) int {
			if q.less(p, eventPlace(e)) {
				return 1
			}
			return -1
		})
		list = list[:behind]
	}
	if len(list) > q.Limit {
		list = list[:q.Limit]
		last := eventPlace(list[q.Limit-1])
		next = &last
	}
	return list, next, nil
}

func eventPlace(e EventRecord) Place { return Place{e.At, e.ID} }

// less tells whether a place comes before another one in the order of the page.
func (q PageQuery) less(a, b Place) bool {
	order := cmp.Or(a.At.Compare(b.At), cmp.Compare(a.ID, b.ID))
	return order < 0 != q.Newest && order != 0
}

// matchingEvents lists those of a camera, "" for all, as many as a page takes; end is where it was given up, nil when
// there are no more.
func (v *View) matchingEvents(ctx context.Context, q PageQuery, id camera.ID, kinds []camera.EventKind, match func(EventRecord) bool) (list []EventRecord, end *Place, err error) {
	w := q.where(id, "at")
	w.and(`kind <> 'ended'`)
	if !q.From.IsZero() {
		w.and(`at >= ?`, q.From.UnixMicro())
	}
	if len(kinds) > 0 {
		args := make([]any, len(kinds))
		for i, kind := range kinds {
			args[i] = kind
		}
		w.and(`kind IN (`+strings.Repeat("?, ", len(kinds)-1)+`?)`, args...)
	}
	limit := q.Limit
	if match != nil {
		q.Limit = MostLooked
	}
	rows, err := v.index.read.QueryContext(ctx, `SELECT `+eventColumns+` FROM events WHERE `+w.text+q.order("at"), w.args...)
	if err != nil {
		return nil, nil, err
	}
	defer rows.Close()
	looked := 0
	for rows.Next() {
		e, err := scanEvent(rows)
		if err != nil {
			return nil, nil, err
		}
		if looked++; match == nil || match(e) {
			list = append(list, e)
		}
		if len(list) == limit || looked == MostLooked {
			place := eventPlace(e)
			return list, &place, nil
		}
	}
	return list, nil, rows.Err()
}
