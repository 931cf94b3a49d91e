package archive

import (
	"context"
	"slices"
	"time"

	"v720dvr/camera"
	"v720dvr/storage"
)

// What says of which segments copies are made.
type What string

// What there is to choose.
const (
	Events What = "events" // those that show one
	All    What = "all"
	None   What = "off"
)

// around is Options.Around where nobody says more.
const around = 10 * time.Second

// planOf looks at all that is not archived. What comes meanwhile counts as not looked at.
func planOf(ctx context.Context, store *storage.Store, place string, what func(camera.ID) What, around time.Duration) (*plan, error) {
	newest, err := store.NewestSegment(ctx)
	if err != nil {
		return nil, err
	}
	p := &plan{now: time.Now(), what: what, newest: newest}
	for u, err := range store.Unarchived(ctx, place, around) {
		if err != nil {
			return nil, err
		}
		p.add(u)
	}
	return p, nil
}

// WaitsIn finds out what is to be copied to the archive of an address, for who deletes while none runs: it asks nobody, and is true for as long as
// nothing is recorded.
func WaitsIn(ctx context.Context, store *storage.Store, s3 string, what func(camera.ID) What) (storage.Waits, error) {
	place, err := Place(s3)
	if err != nil {
		return nil, err
	}
	p, err := planOf(ctx, store, place, what, around)
	if err != nil {
		return nil, err
	}
	return p.holds, nil
}

// mostQueued bounds the queue; what is behind it is counted.
const mostQueued = 1024

// A plan is what waits and what comes next of it. It is a pure function of what is added to it, in any order.
type plan struct {
	now  time.Time
	what func(camera.ID) What

	next    []storage.Unarchived // may go now, in its order, mostQueued at most
	waiting Waiting
	held    map[camera.ID][]span // what waits, in the order of time; joined where it touches
	newest  int64                // id of the last segment that was committed before this was looked up
}

// Waiting is how much is to be copied still.
type Waiting struct {
	Segments int
	Bytes    int64
	Resting  int       // of these, until another try is made
	Oldest   time.Time // start; zero for none
	Newest   time.Time
}

// span is [from, to) in µs since 1970.
type span struct{ from, to int64 }

// wants tells whether a segment is to be copied.
func wants(what What, u storage.Unarchived) bool {
	return what == All || what == Events && u.Shows
}

// before is the order in which segments are copied: those that show something first, the newest of each first.
func before(a, b storage.Unarchived) int {
	switch {
	case a.Shows != b.Shows && a.Shows:
		return -1
	case a.Shows != b.Shows:
		return 1
	case !a.Start.Equal(b.Start):
		return b.Start.Compare(a.Start)
	}
	return int(min(max(b.ID-a.ID, -1), 1))
}

// add takes a segment that is not archived.
func (p *plan) add(u storage.Unarchived) {
	if !wants(p.what(u.Camera), u) {
		return
	}
	p.waiting.Segments++
	p.waiting.Bytes += u.Bytes
	if p.waiting.Oldest.IsZero() || u.Start.Before(p.waiting.Oldest) {
		p.waiting.Oldest = u.Start
	}
	if u.Start.After(p.waiting.Newest) {
		p.waiting.Newest = u.Start
	}
	p.hold(u)
	if u.Try.Next.After(p.now) {
		p.waiting.Resting++
		return
	}
	if len(p.next) == mostQueued && before(p.next[mostQueued-1], u) < 0 {
		return
	}
	i, _ := slices.BinarySearchFunc(p.next, u, before)
	p.next = slices.Insert(p.next, i, u)
	p.next = p.next[:min(len(p.next), mostQueued)]
}

// hold remembers its time. A camera's segments come one behind the other in time, so that what waits of weeks on end is
// few spans.
func (p *plan) hold(u storage.Unarchived) {
	if p.held == nil {
		p.held = make(map[camera.ID][]span)
	}
	s, spans := span{u.Start.UnixMicro(), u.End.UnixMicro()}, p.held[u.Camera]
	i, _ := slices.BinarySearchFunc(spans, s, func(a, b span) int { return int(min(max(a.from-b.from, -1), 1)) })
	if i < len(spans) && s.to >= spans[i].from {
		s.to = max(s.to, spans[i].to)
		spans = slices.Delete(spans, i, i+1)
	}
	if i > 0 && spans[i-1].to >= s.from {
		spans[i-1].to = max(spans[i-1].to, s.to)
	} else {
		spans = slices.Insert(spans, i, s)
	}
	p.held[u.Camera] = spans
}

// holds tells whether a segment waits, or was committed behind the look.
func (p *plan) holds(id camera.ID, row int64, start, end time.Time) bool {
	if p == nil || row > p.newest {
		return true
	}
	from, to := start.UnixMicro(), end.UnixMicro()
	spans := p.held[id]
	i, _ := slices.BinarySearchFunc(spans, from, func(a span, from int64) int {
		if a.to <= from {
			return -1
		}
		return 1
	})
	return i < len(spans) && spans[i].from < max(to, from+1)
}
