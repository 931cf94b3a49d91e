package storage

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"v720dvr/camera"
	"v720dvr/storage/avi"
)

// chooseFrames says which frames of a segment stay at a rate of so many thousandths of a picture a second. Time since
// 1970 is cut into slots of that length: of each the first picture stays. So what stays is spread evenly, also over the
// borders of segments; to choose again changes nothing; and of slots that divide one another, as those of 2 and of 0.1
// pictures a second do, choosing by both comes to the same as by the longer alone. All pictures in the spans stay (in
// order, apart from one another), and the first and the last. Lost ones are none.
func chooseFrames(frames []avi.FrameInfo, rate uint32, whole []span) (keep []bool) {
	keep = make([]bool, len(frames))
	slot := max(1_000_000_000/int64(rate), 1) // µs
	first, last, taken := true, -1, int64(0)
	for i := range frames {
		if frames[i].Lost {
			keep[i] = true
			continue
		}
		at := frames[i].At.UnixMicro()
		n := floor(at, slot)
		if keep[i] = first || n > taken || inSpans(whole, at); keep[i] && (first || n > taken) {
			taken = n
		}
		first, last = false, i
	}
	if last >= 0 {
		keep[last] = true
	}
	return keep
}

func inSpans(spans []span, at int64) bool {
	i, found := slices.BinarySearchFunc(spans, at, func(s span, at int64) int { return cmp.Compare(s.from, at) })
	return found || i > 0 && at < spans[i-1].to
}

// sortedSpans joins spans that overlap or touch.
func sortedSpans(spans []span) []span {
	slices.SortFunc(spans, func(a, b span) int { return cmp.Compare(a.from, b.from) })
	var joined []span
	for _, next := range spans {
		if n := len(joined); n > 0 && next.from <= joined[n-1].to {
			joined[n-1].to = max(joined[n-1].to, next.to)
		} else {
			joined = append(joined, next)
		}
	}
	return joined
}

// showsEvent tells a kind around which all pictures stay: the kinds that event_age spares, and those of later versions.
func showsEvent(kind camera.EventKind) bool { return kind == camera.Device || isSeen(kind) }

// longestEvent bounds how far back an event may have begun that goes on still. One that is older and has no end was
// ended by a kill.
const longestEvent = 24 * time.Hour

// eventSpans are the times of a camera's events with a part in [from, to), with their rolls, joined and in order. One
// of which nobody told the end reaches to the end of its segment; open is from when on one may be going on still, or never.
func (s *Store) eventSpans(ctx context.Context, id camera.ID, from, to time.Time, of CameraThin) (spans []span, open int64, err error) {
	first, behind := from.Add(-of.Behind-longestEvent).UnixMicro(), to.Add(of.Before).UnixMicro()
	open = never
	add := func(begin, end int64) {
		begin, end = begin-of.Before.Microseconds(), end+of.Behind.Microseconds()+1 // the picture of the last moment, too
		if end > from.UnixMicro() && begin < to.UnixMicro() {
			spans = append(spans, span{begin, end})
		}
	}
	over, err := listColumn[string](ctx, s.index, `SELECT detail FROM events WHERE camera = ? AND begin IS NOT NULL AND begin > ? AND begin < ?`, id, first, behind)
	if err != nil {
		return nil, open, fmt.Errorf("list events that are over: %w", err)
	}
	for _, detail := range over {
		if ending, ok := camera.ParseEnding(detail); ok && slices.ContainsFunc(ending.Kinds, showsEvent) {
			begin := ending.Begin.UnixMicro()
			add(begin, begin+int64(min(max(ending.Seconds, 0), longestEvent.Seconds())*1e6))
		}
	}
	rows, err := s.index.read.QueryContext(ctx, `SELECT e.at, e.kind, s."end" FROM events e JOIN segments s ON s.id = e.segment WHERE e.camera = ? AND e.at > ? AND e.at < ?
		AND NOT EXISTS (SELECT 1 FROM events o WHERE o.camera = e.camera AND o.begin = e.at)`, id, first, behind)
	if err != nil {
		return nil, open, fmt.Errorf("list events without an end: %w", err)
	}
	defer rows.Close()
	recent := s.now().Add(-longestEvent).UnixMicro()
	for rows.Next() {
		var at, end int64
		var kind camera.EventKind
		if err := rows.Scan(&at, &kind, &end); err != nil {
			return nil, open, fmt.Errorf("list events without an end: %w", err)
		}
		if !showsEvent(kind) {
			continue
		}
		add(at, max(at, end))
		if at > recent {
			open = min(open, at-of.Before.Microseconds())
		}
	}
	return sortedSpans(spans), open, rows.Err()
}
