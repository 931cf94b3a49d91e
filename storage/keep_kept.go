package storage

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sort"
	"strings"
	"time"

	"v720dvr/camera"
)

// Kept is the time of each camera that keeps hold. The zero value holds none.
type Kept struct {
	of map[camera.ID][]span // in order; between two of them there is time
}

// span is [from, to) in µs since 1970.
type span struct{ from, to int64 }

// Kept looks up what the keeps hold that are in force by the wall clock's now.
func (v *View) Kept(ctx context.Context, now time.Time) (Kept, error) {
	list, err := v.listKeeps(ctx, `until IS NULL OR until > ?`, now.UnixMicro())
	if err != nil {
		return Kept{}, fmt.Errorf("look up keeps: %w", err)
	}
	return keptBy(list), nil
}

// keptBy joins spans that overlap or touch.
func keptBy(keeps []Keep) Kept {
	of := make(map[camera.ID][]span)
	for _, k := range keeps {
		of[k.Camera] = append(of[k.Camera], span{k.From.UnixMicro(), k.To.UnixMicro()})
	}
	for id, spans := range of {
		of[id] = joined(spans)
	}
	return Kept{of}
}

// joined puts spans in order, and makes one of those that overlap or touch.
func joined(spans []span) []span {
	slices.SortFunc(spans, func(a, b span) int { return cmp.Compare(a.from, b.from) })
	list := spans[:1]
	for _, next := range spans[1:] {
		if last := &list[len(list)-1]; next.from <= last.to {
			last.to = max(last.to, next.to)
		} else {
			list = append(list, next)
		}
	}
	return list
}

// overlaps tells whether one of joined spans has a part of [start, end), or of the moment that it is.
func overlaps(spans []span, start, end int64) bool {
	i := sort.Search(len(spans), func(i int) bool { return spans[i].to > start })
	return i < len(spans) && spans[i].from < max(end, start+1)
}

// Has tells whether a part of [start, end) of a camera is kept.
func (k Kept) Has(id camera.ID, start, end time.Time) bool {
	return k.has(id, start.UnixMicro(), end.UnixMicro())
}

// has takes a moment, too: one without a length.
func (k Kept) has(id camera.ID, start, end int64) bool { return overlaps(k.of[id], start, end) }

func (k Kept) segment(c candidate) bool { return k.has(c.camera, c.start, c.end.UnixMicro()) }

func (k Kept) deletion(d Deletion) bool { return k.Has(d.Camera, d.Start, d.End) }

// Mark is a text that becomes another one when something else of [from, to) is kept; zero times do not restrict.
func (k Kept) Mark(from, to time.Time) string {
	var text []string
	for id, spans := range k.of {
		for _, s := range spans {
			if (to.IsZero() || s.from < to.UnixMicro()) && (from.IsZero() || s.to > from.UnixMicro()) {
				text = append(text, fmt.Sprint(id, s.from, s.to))
			}
		}
	}
	slices.Sort(text)
	return strings.Join(text, " ")
}
