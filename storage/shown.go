package storage

import (
	"context"
	"fmt"
	"time"

	"v720dvr/camera"
)

// shown are the events of each camera that were seen, heard or asked for, from begin to end, without their rolls. The zero
// value has none.
type shown struct {
	of map[camera.ID][]span // in order; between two of them there is time
}

// longestGoing bounds how long an event without an end counts as going on: its end may stand in the segment that is
// being written, or be lost with a crash.
const longestGoing = time.Hour

// has tells whether a segment shows an event, with what was recorded so long before and behind it.
func (e shown) has(c candidate, before, after time.Duration) bool {
	return overlaps(e.of[c.camera], c.start-after.Microseconds(), max(c.end.UnixMicro(), c.start+1)+before.Microseconds())
}

// shownEvents looks up the events that footage since a moment may show. It reads an index that has nothing else.
func (v *View) shownEvents(ctx context.Context, since time.Time) (shown, error) {
	of := make(map[camera.ID][]span)
	rows, err := v.index.read.QueryContext(ctx, `SELECT camera, shows, at FROM events
		WHERE shows IS NOT NULL AND at >= ? ORDER BY camera, at, shows`, since.Add(-longest-longestGoing).UnixMicro())
	if err != nil {
		return shown{}, fmt.Errorf("look up events: %w", err)
	}
	defer rows.Close()
	var id []byte
	var begin, at int64
	known := camera.ID("")
	for rows.Next() {
		if err := rows.Scan((*rawText)(&id), &begin, &at); err != nil {
			return shown{}, fmt.Errorf("look up events: %w", err)
		}
		if string(id) != string(known) {
			known = camera.ID(id)
		}
		of[known] = append(of[known], span{min(begin, at), max(begin, at) + 1}) // a moment has a length, too
	}
	if err := rows.Err(); err != nil {
		return shown{}, fmt.Errorf("look up events: %w", err)
	}
	for id, spans := range of {
		last := &spans[len(spans)-1]
		if last.to == last.from+1 { // a begin without an end behind it
			last.to += longestGoing.Microseconds()
		}
		of[id] = joined(spans)
	}
	return shown{of}, nil
}

// shownFor looks up what the rules spare; nothing, and quickly, when none does.
func (s *Store) shownFor(ctx context.Context, rules Rules, cameras []cameraStock) (shown, error) {
	longestAge := time.Duration(0)
	for _, c := range cameras {
		longestAge = max(longestAge, rules.camera(c.id).spares())
	}
	if longestAge == 0 {
		return shown{}, nil
	}
	return s.shownEvents(ctx, s.now().Add(-longestAge))
}

// spares is how old what shows an event may be for the rules to tell it from the rest; 0 when they never do.
func (r CameraRules) spares() time.Duration {
	if r.EventAge == 0 {
		return 0
	}
	return max(r.EventAge, r.MaxAge) + r.Before + r.After
}
