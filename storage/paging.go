package storage

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"v720dvr/camera"
)

// A Place is where a page of a list ended: behind the row of this time and number.
type Place struct {
	At time.Time
	ID int64
}

// PageQuery asks for a page of a list that may be long.
type PageQuery struct {
	Cameras  CameraSet // of these alone
	From, To time.Time // segments that overlap [From, To), events in it; zero does not restrict
	After    *Place    // the page before ended there; nil is the first page
	Newest   bool      // the newest first
	Limit    int       // rows; must be given
}

// SegmentPage lists committed segments by their start, a page of them. Where the clock was set back
// while they were recorded that is not the order in which they were: Segments has that.
func (v *View) SegmentPage(ctx context.Context, q PageQuery) ([]SegmentRecord, error) {
	return page(q, func(id camera.ID) ([]SegmentRecord, error) {
		w := q.where(id, "start")
		if !q.From.IsZero() {
			w.and(`"end" > ?`, q.From.UnixMicro())
			w.and(`start > ?`, q.From.Add(-longest).UnixMicro()) // says nothing new, but keeps SQLite from walking all that began before
		}
		list, err := v.listSegments(ctx, w.text+q.order("start"), w.args...)
		if err != nil {
			return nil, fmt.Errorf("list segments: %w", err)
		}
		return list, nil
	}, func(r SegmentRecord) Place { return Place{r.Start, r.ID} })
}

// page asks for all cameras at once, or for each and merges: SQLite has an index for either, and
// none for some cameras in the order of time.
func page[T any](q PageQuery, list func(camera.ID) ([]T, error), place func(T) Place) ([]T, error) {
	if q.Cameras.All {
		return list("")
	}
	var merged []T
	for _, id := range q.Cameras.IDs {
		some, err := list(id)
		if err != nil {
			return nil, err
		}
		merged = append(merged, some...)
	}
	slices.SortFunc(merged, func(a, b T) int {
		x, y := place(a), place(b)
		order := cmp.Or(x.At.Compare(y.At), cmp.Compare(x.ID, y.ID))
		if q.Newest {
			return -order
		}
		return order
	})
	return merged[:min(len(merged), q.Limit)], nil
}

// A condition is what stands behind WHERE.
type condition struct {
	text string
	args []any
}

func (c *condition) and(text string, args ...any) {
	c.text += " AND " + text
	c.args = append(c.args, args...)
}

// where restricts rows to a page's, of a camera unless id is "".
func (q PageQuery) where(id camera.ID, column string) condition {
	w := condition{text: "1"}
	if id != "" {
		w.and(`camera = ?`, id)
	}
	if !q.To.IsZero() {
		w.and(column+` < ?`, q.To.UnixMicro())
	}
	if q.After != nil {
		w.and(`(`+column+`, id) `+map[bool]string{false: ">", true: "<"}[q.Newest]+` (?, ?)`, q.After.At.UnixMicro(), q.After.ID)
	}
	return w
}

func (q PageQuery) order(column string) string {
	by := fmt.Sprintf(" ORDER BY %s, id LIMIT %d", column, q.Limit)
	if q.Newest {
		by = strings.Replace(by, ", id", " DESC, id DESC", 1)
	}
	return by
}
