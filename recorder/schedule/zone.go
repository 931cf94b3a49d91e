package schedule

import "time"

// reach is how far around a moment changes of the clock count. No zone was ever more than 16 hours
// off UTC, and none was ever moved by more than a day (Alaska 1867, Samoa 2011).
const reach = 48 * time.Hour

// readingOf tells what clocks show at t, in t's zone.
func readingOf(t time.Time) reading {
	_, offset := t.Zone()
	return minute(t.Unix() + int64(offset))
}

// minute rounds seconds down; zones were off by odd seconds before there were time zones.
func minute(seconds int64) reading {
	r := seconds / 60
	if seconds%60 < 0 {
		r--
	}
	return reading(r)
}

// periodEnd returns when clocks in t's zone are changed next, or before, but behind t; the zero
// time is never. Of a day that time.Time.ZoneBounds puts behind its own period's end, the 31st of
// December of leap years beyond the zone's table, it returns the day after.
func periodEnd(t time.Time) time.Time {
	_, end := t.ZoneBounds()
	if !end.IsZero() && !end.After(t) {
		return t.Add(24 * time.Hour)
	}
	return end
}

// readings tells the highest that clocks have shown by t, and the lowest that they will show from
// t on. Both are what they show at t, but for the hours that come twice.
func readings(t time.Time) (highest, lowest reading) {
	highest = readingOf(t)
	lowest = highest
	begin, _ := t.ZoneBounds()
	for !begin.IsZero() && t.Sub(begin) < reach {
		before := begin.Add(-1)
		_, offset := before.Zone()
		highest = max(highest, minute(begin.Unix()+int64(offset)-1))
		begin, _ = before.ZoneBounds()
	}
	for end := periodEnd(t); !end.IsZero() && end.Sub(t) < reach; end = periodEnd(end) {
		lowest = min(lowest, readingOf(end))
	}
	return highest, lowest
}

// firstReached returns when clocks first show r or more.
func firstReached(r reading, zone *time.Location) time.Time {
	return reached(r, time.Unix(int64(r)*60, 0).Add(-reach).In(zone))
}

// reached returns when clocks show r or more, from a moment on at which they show less.
func reached(r reading, from time.Time) time.Time {
	for {
		end := periodEnd(from)
		_, offset := from.Zone()
		at := max(int64(r)*60-int64(offset), from.Unix())
		if end.IsZero() || at < end.Unix() {
			return time.Unix(at, 0).In(from.Location())
		}
		from = end
	}
}

// lastReached returns from when on clocks never show less than r.
func lastReached(r reading, zone *time.Location) time.Time {
	seconds := int64(r) * 60
	from := time.Unix(seconds, 0).Add(-reach).In(zone)
	until := from.Add(2 * reach)
	at := from.Unix()
	for {
		end := periodEnd(from)
		_, offset := from.Zone()
		if less := seconds - int64(offset); from.Unix() < less { // they show less until then, or until they are changed
			at = less
			if !end.IsZero() {
				at = min(less, end.Unix())
			}
		}
		if end.IsZero() || end.After(until) {
			return time.Unix(at, 0).In(zone)
		}
		from = end
	}
}
