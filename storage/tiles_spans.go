package storage

import (
	"context"
	"fmt"
	"slices"
	"time"

	"v720dvr/camera"
	"v720dvr/storage/avi"
)

// MostSpans is how many spans Spans gives at most, of all its lists together.
const MostSpans = 2000

// Spans is a stretch of a camera's time as a timeline draws it. What is nearer to one another than Res is one
// span, so that nothing smaller than a pixel is told apart. Each list is in order.
type Spans struct {
	From, To time.Time     // as was asked for; of a running store To is now at the latest
	Res      time.Duration // as was asked for, or more where it would be more than MostSpans
	Recorded []Stretch     // footage
	Thinned  []Stretch     // of it, what has fewer pictures than were recorded
	Gaps     []GapSpan     // what is not footage, and why
	Events   []EventSpan   // what was seen, heard or asked for in committed segments; those of the connection are none
}

// Stretch is a time from From up to To, UTC.
type Stretch struct{ From, To time.Time }

// GapSpan is one gap, or several that are near to one another.
type GapSpan struct {
	Stretch
	Reason string // of the longest
	Count  int

	longest time.Duration
}

// EventSpan is one event, or several that are near to one another. An event that is not over has no length.
type EventSpan struct {
	Stretch
	ID    int64              // of the first
	Kinds []camera.EventKind // in order of their appearance
	Count int
}

// Spans tells what was recorded of a camera in [from, to), why the rest was not, and what happened, for a
// timeline with this many seconds a pixel.
func (v *View) Spans(ctx context.Context, id camera.ID, from, to time.Time, res time.Duration) (Spans, error) {
	c, err := v.Coverage(ctx, id, from, to)
	if err != nil {
		return Spans{}, err
	}
	return v.spans(ctx, id, c, res)
}

// Spans is View.Spans of the running recorder, as Coverage is.
func (s *Store) Spans(ctx context.Context, id camera.ID, from, to time.Time, res time.Duration) (Spans, error) {
	c, err := s.Coverage(ctx, id, from, to)
	if err != nil {
		return Spans{}, err
	}
	return s.spans(ctx, id, c, res)
}

func (v *View) spans(ctx context.Context, id camera.ID, c Coverage, res time.Duration) (Spans, error) {
	// What began before may last until then.
	const longestEvent = time.Hour
	events, err := v.Events(ctx, EventQuery{Camera: id, From: c.From.Add(-longestEvent), To: c.To})
	if err != nil {
		return Spans{}, fmt.Errorf("spans of camera %s: %w", id, err)
	}
	s := Spans{From: c.From, To: c.To, Res: max(res, time.Millisecond)}
	s.Recorded = recordedOf(c)
	for _, g := range c.Gaps {
		s.Gaps = append(s.Gaps, GapSpan{Stretch{g.From, g.To}, g.Reason, 1, g.To.Sub(g.From)})
	}
	for _, e := range events {
		span := Stretch{e.At, e.At}
		if e.Ending != nil {
			span.To = e.At.Add(time.Duration(e.Ending.Seconds * float64(time.Second)))
		}
		if isSeen(e.Kind) && (!span.From.Before(c.From) || span.To.After(c.From)) {
			s.Events = append(s.Events, EventSpan{span, e.ID, []camera.EventKind{e.Kind}, 1})
		}
	}
	if s.Thinned, err = v.thinned(ctx, id, c.From, c.To); err != nil {
		return Spans{}, fmt.Errorf("spans of camera %s: %w", id, err)
	}
	for s.merge(); len(s.Recorded)+len(s.Thinned)+len(s.Gaps)+len(s.Events) > MostSpans; s.merge() {
		s.Res *= 2
	}
	return s, nil
}

// isSeen tells an event of what a camera shows from one of its connection, and from an end, which stands
// with what it ends.
func isSeen(kind camera.EventKind) bool {
	switch kind {
	case camera.Online, camera.Offline, camera.Streaming, camera.Stalled, camera.Device, camera.Clock, camera.Ended,
		camera.Absent, camera.Present, camera.BatteryLow, camera.BatteryFine, camera.Changed,
		camera.Frozen, camera.Black, camera.Covered, camera.Grey, camera.Blurred, camera.Deaf:
		return false
	}
	return true
}

// recordedOf is what lies between the gaps.
func recordedOf(c Coverage) (list []Stretch) {
	at := c.From
	for _, g := range append(slices.Clip(c.Gaps), avi.Gap{From: c.To, To: c.To}) {
		if at.Before(g.From) {
			list = append(list, Stretch{at, g.From})
		}
		at = g.To
	}
	return list
}

// merge makes one of what is nearer than Res; gaps that touch stay apart when both are longer than that. So each
// list has two spans in that time, at most.
func (s *Spans) merge() {
	for _, list := range []*[]Stretch{&s.Recorded, &s.Thinned} {
		*list = mergeNear(*list, s.Res, func(r *Stretch) *Stretch { return r }, func(*Stretch, Stretch) bool { return true })
	}
	s.Gaps = mergeNear(s.Gaps, s.Res, func(g *GapSpan) *Stretch { return &g.Stretch }, func(g *GapSpan, more GapSpan) bool {
		if g.To.Sub(g.From) >= s.Res && more.To.Sub(more.From) >= s.Res {
			return false
		}
		if g.Count += more.Count; more.longest > g.longest {
			g.Reason, g.longest = more.Reason, more.longest
		}
		return true
	})
	s.Events = mergeNear(s.Events, s.Res, func(e *EventSpan) *Stretch { return &e.Stretch }, func(e *EventSpan, more EventSpan) bool {
		e.Count += more.Count
		for _, kind := range more.Kinds {
			if !slices.Contains(e.Kinds, kind) {
				e.Kinds = append(e.Kinds, kind)
			}
		}
		return true
	})
}

// mergeNear joins each with the one before it, where they are near and join does.
func mergeNear[T any](list []T, res time.Duration, stretch func(*T) *Stretch, join func(*T, T) bool) []T {
	kept := list[:0]
	for _, next := range list {
		if n := len(kept); n > 0 {
			last, here := stretch(&kept[n-1]), stretch(&next)
			if here.From.Sub(last.To) < res && join(&kept[n-1], next) {
				if here.To.After(last.To) {
					last.To = here.To
				}
				continue
			}
		}
		kept = append(kept, next)
	}
	return kept
}
