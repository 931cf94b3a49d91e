package storage

import (
	"context"
	"database/sql/driver"
	"fmt"
	"sync"
	"time"

	"v720dvr/camera"
)

// shown are the events of each camera that were seen, heard or asked for, from begin to end, without their rolls. The zero
// value has none.
type shown struct {
	of map[camera.ID][]span // in order; between two of them there is time
	// told are the starts of segments in whose journals the ends stand. Without those nobody would know how long an event was.
	told map[camera.ID][]span
}

// longestGoing bounds how long an event without an end counts as going on: its end may stand in the segment that is
// being written, or be lost with a crash.
const longestGoing = time.Hour

// has tells whether a segment shows an event, with what was recorded so long before and behind it.
func (e shown) has(c candidate, before, after time.Duration) bool {
	return overlaps(e.told[c.camera], c.start, c.end.UnixMicro()) || overlaps(e.of[c.camera], c.start-after.Microseconds(), max(c.end.UnixMicro(), c.start+1)+before.Microseconds())
}

// shownEvents looks up the events that footage since a moment may show. It reads an index that has nothing else.
func (v *View) shownEvents(ctx context.Context, since time.Time) (shown, error) {
	of, told := make(map[camera.ID][]span), make(map[camera.ID][]span)
	conn, err := v.index.read.Conn(ctx)
	if err != nil {
		return shown{}, fmt.Errorf("look up events: %w", err)
	}
	defer conn.Close()
	err = eachRow(ctx, conn, `SELECT camera, shows, coalesce(shows_to, at), (SELECT start FROM segments WHERE id = segment AND shows < start)
			FROM events WHERE shows IS NOT NULL AND at >= ? ORDER BY camera, at, shows`,
		[]any{since.Add(-longest - longestGoing).UnixMicro()}, func(row []driver.Value) error {
			id, named := row[0].(string)
			begin, begun := row[1].(int64)
			at, over := row[2].(int64)
			if !named || !begun || !over {
				return fmt.Errorf("%v is no event", row)
			}
			of[camera.ID(id)] = append(of[camera.ID(id)], span{begin, max(at, begin+1)}) // a moment has a length, too
			if start, other := row[3].(int64); other {                                   // than that in which it began
				told[camera.ID(id)] = append(told[camera.ID(id)], span{start, start + 1})
			}
			return nil
		})
	if err != nil {
		return shown{}, fmt.Errorf("look up events: %w", err)
	}
	for id, spans := range of {
		last := &spans[len(spans)-1]
		if last.to == last.from+1 { // a begin without an end behind it
			last.to += longestGoing.Microseconds()
		}
		of[id] = joined(spans)
	}
	for id, spans := range told {
		told[id] = joined(spans)
	}
	return shown{of, told}, nil
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
	since := s.now().Add(-longestAge)
	told, err := s.eventsTold(ctx, AllCameras)
	if err != nil {
		return shown{}, err
	}
	s.shows.Lock()
	defer s.shows.Unlock()
	if s.shows.told == told && told != "" && !s.shows.since.After(since) {
		return s.shows.shown, nil
	}
	found, err := s.shownEvents(ctx, since)
	if err == nil {
		s.shows.told, s.shows.since, s.shows.shown = told, since, found
	}
	return found, err
}

// keptShown are the events that were looked up last: on a full disk somebody asks every few seconds.
type keptShown struct {
	sync.Mutex
	told  string // as eventsTold says it
	since time.Time
	shown shown
}

// spares is how old what shows an event may be for the rules to tell it from the rest; 0 when they never do.
func (r CameraRules) spares() time.Duration {
	if r.EventAge == 0 {
		return 0
	}
	return max(r.EventAge, r.MaxAge) + r.Before + r.After
}
