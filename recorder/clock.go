package recorder

import "time"

const day = 24 * time.Hour

// nextBoundary returns the first boundary after t: the next multiple of length in local time,
// counted from midnight, so that each day begins with a segment of its own. It is computed from
// UTC with the zone's offset: when clocks are changed before that boundary comes, the boundary is
// the next one of the new time, and none is skipped or comes twice. Where the change itself stands
// on a boundary of the old time, that one counts.
func nextBoundary(t time.Time, length time.Duration, zone *time.Location) time.Time {
	t = t.In(zone)
	next := localMultiple(t, length, offset(t))
	_, change := t.ZoneBounds()
	// On the 31st of December of leap years beyond a zone's table ZoneBounds returns an end that has passed.
	if !change.After(t) || !next.After(change) {
		return next
	}
	after := offset(change)
	// A nanosecond before the change is before a boundary that stands on it.
	return localMultiple(change.Add(-1), length, after).In(zone)
}

func offset(t time.Time) time.Duration {
	_, seconds := t.Zone()
	return time.Duration(seconds) * time.Second
}

// localMultiple returns the first multiple after t if local time were UTC + offset for ever.
func localMultiple(t time.Time, length, offset time.Duration) time.Time {
	local := time.Duration(t.UnixNano()) + offset
	sinceMidnight := (local%day + day) % day // also before 1970
	next := min((sinceMidnight/length+1)*length, day)
	return t.Add(next - sinceMidnight)
}

// What a deck tolerates between two pictures before it ends the segment.
const (
	silence = 10 * time.Second // without a frame
	setBack = 2 * time.Second  // capture times that run backwards: a clock was set
)

// A turn is what a picture means for the segments.
type turn uint8

const (
	goOn     turn = iota // it goes into the open segment
	begin                // it begins a segment; none is open
	carryOn              // it begins the next segment, and the open one ends there
	breakOff             // it begins a segment with nothing of the open one reaching to it
)

// A span is what is known of the open segment when a picture comes. The zero span: none is open.
type span struct {
	last     time.Time // capture time of its last picture; zero when none is open
	seen     time.Time // the same, of its last frame: lost ones count, the camera was not silent
	boundary time.Time // from then on pictures belong to the next one
	cut      bool      // the next one is wanted at once: settings have changed
	dropped  bool      // a picture was dropped behind the last one
	gone     bool      // behind the last one the camera was gone
	hole     bool      // pictures were dropped behind the last frame that nothing tells of
}

// plan decides what a picture of that capture time means.
func (s span) plan(at time.Time) turn {
	switch {
	case s.last.IsZero():
		return begin
	case at.Sub(s.seen) > silence, s.last.Sub(at) > setBack:
		return breakOff
	case s.cut, !at.Before(s.boundary):
		return carryOn
	}
	return goOn
}
