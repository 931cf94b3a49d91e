package storage

import (
	"time"

	"v720dvr/camera"
)

// Upcoming is footage that a rule takes next: segments of one camera and one day, behind one another.
type Upcoming struct {
	Camera camera.ID
	Tally
	Rule Rule
	When time.Time // the first of it goes; the rest follows
	Last time.Time // the last of it goes
}

// mostSteps bounds how many segments Upcoming looks at: some days of 40 cameras.
const mostSteps = 50_000

// Upcoming lists what goes next when as much is recorded as in the last days, in the order in which
// it goes, so many rows at most and within a time. It is a pure function of the Inventory, and goes by the
// planner's rules: each camera's own, then the box's; the oldest first, nothing that is kept.
func (v *Inventory) Upcoming(rules Rules, zone *time.Location, running time.Time, within time.Duration, limit int) []Upcoming {
	flows, _ := v.Flows(zone, running)
	f := &future{v: v, rules: rules, zone: zone, now: v.At, short: float64(v.lacks(rules)), rows: make(map[int]int)}
	for i := range v.cameras {
		of := &v.cameras[i]
		h := pile{flow: flows[of.id].Mid / float64(24*time.Hour), bytes: float64(of.bytes), rules: rules.camera(of.id)}
		f.flow += h.flow
		f.bytes += h.bytes
		f.piles = append(f.piles, h)
		f.settle(i, plain)
		f.settle(i, eventful)
	}
	for range mostSteps {
		next, list, rule, at := f.next()
		if rule == "" || at.Sub(v.At) > within || !f.take(next, list, rule, at, limit) {
			break
		}
	}
	return f.list
}

// A future is the simulation on its way.
type future struct {
	v     *Inventory
	rules Rules
	zone  *time.Location
	piles []pile // as Inventory.cameras
	now   time.Time
	flow  float64 // bytes a nanosecond, of all
	bytes float64 // of all, at the Inventory's moment, without what went since
	short float64 // that MinFree lacks, in the same way
	list  []Upcoming
	rows  map[int]int // a camera's last place in list
}

// A pile is a camera in a future.
type pile struct {
	rules CameraRules
	next  [2]int // of its rows: the oldest that is there and may go, of those without and with an event
	flow  float64
	bytes float64
}

// settle passes by what is kept, what waits to be archived (nobody knows for how long), and what stands in the other list.
func (f *future) settle(i, list int) {
	h, of := &f.piles[i], &f.v.cameras[i]
	for ; h.next[list] < len(of.rows); h.next[list]++ {
		if one := f.v.rows[of.rows[h.next[list]]]; !one.kept && !one.waits && f.showsEvent(i, one) == (list == eventful) {
			return
		}
	}
}

// showsEvent tells whether the rules may spare a segment for what it shows.
func (f *future) showsEvent(i int, one item) bool {
	rules, of := f.piles[i].rules, f.v.cameras[i].id
	return rules.EventAge > 0 && f.v.shown.has(candidate{place: place{start: one.start}, camera: of, end: time.UnixMicro(one.end)}, rules.Before, rules.After)
}

// head is the oldest of one of a camera's lists.
func (f *future) head(i, list int) (one item, ok bool) {
	h, of := &f.piles[i], &f.v.cameras[i]
	if h.next[list] >= len(of.rows) {
		return item{}, false
	}
	return f.v.rows[of.rows[h.next[list]]], true
}

// isLast tells of a camera's newest, which sizes leave alone, while nothing newer comes.
func (f *future) isLast(i, list int) bool {
	return f.piles[i].next[list] == len(f.v.cameras[i].rows)-1 && f.piles[i].flow == 0
}

// forSize is which of a camera's heads a size takes at a moment: what shows an event that is young enough goes behind
// all else. young tells that it is such a one.
func (f *future) forSize(i int, at time.Time) (list int, young, ok bool) {
	place := func(list int) (int, bool) {
		_, there := f.head(i, list)
		return f.piles[i].next[list], there && !f.isLast(i, list)
	}
	first, any := place(plain)
	second, other := place(eventful)
	if other {
		one, _ := f.head(i, eventful)
		young = !at.After(time.UnixMicro(one.end).Add(f.piles[i].rules.EventAge))
	}
	switch {
	case any && (!other || young || first < second):
		return plain, false, true
	case other:
		return eventful, young, true
	}
	return plain, false, false
}

// reached is when something that grows comes to a limit: now when it is there; ok is false for never.
func (f *future) reached(bytes, limit, flow float64) (time.Time, bool) {
	switch {
	case bytes > limit:
		return f.now, true
	case flow <= 0:
		return time.Time{}, false
	}
	wait := (limit - bytes) / flow
	if wait > float64(200*365*24*time.Hour) {
		return time.Time{}, false
	}
	at := f.v.At.Add(time.Duration(wait))
	if at.Before(f.now) {
		at = f.now
	}
	return at, true
}

// next is whose head goes next, of which list, by which rule and when; the rule is "" when none takes anything.
func (f *future) next() (camera, list int, rule Rule, at time.Time) {
	earlier := func(i, of int, by Rule, when time.Time) {
		if rule == "" || when.Before(at) {
			camera, list, rule, at = i, of, by, when
		}
	}
	for i, h := range f.piles {
		for of := plain; of <= eventful; of++ {
			if one, ok := f.head(i, of); ok && h.rules.MaxAge > 0 {
				by, age := RuleMaxAge, h.rules.MaxAge
				if of == eventful && h.rules.EventAge > age {
					by, age = RuleEventAge, h.rules.EventAge
				}
				when := time.UnixMicro(one.end).UTC().Add(age + time.Microsecond) // from when it is older
				earlier(i, of, by, later(when, f.now))
			}
		}
		if h.rules.MaxSize > 0 {
			if when, ok := f.reached(h.bytes, float64(h.rules.MaxSize), h.flow); ok {
				if of, _, ok := f.forSize(i, when); ok {
					earlier(i, of, RuleCameraSize, when)
				}
			}
		}
	}
	forBox := func(by Rule, bytes, limit float64) {
		when, ok := f.reached(bytes, limit, f.flow)
		if !ok {
			return
		}
		if i, of, ok := f.oldest(when); ok {
			earlier(i, of, by, when)
		}
	}
	if f.rules.MaxSize > 0 {
		forBox(RuleMaxSize, f.bytes, float64(f.rules.MaxSize))
	}
	if f.rules.MinFree > 0 && f.v.HasSpace {
		forBox(RuleMinFree, f.short, 0)
	}
	return camera, list, rule, at
}

// oldest is what the box's rules take at a moment, of all cameras.
func (f *future) oldest(at time.Time) (camera, list int, found bool) {
	first, behind := int32(0), false
	for i := range f.piles {
		of, young, ok := f.forSize(i, at)
		if !ok {
			continue
		}
		number := f.v.cameras[i].rows[f.piles[i].next[of]]
		if !found || behind && !young || behind == young && number < first {
			camera, list, first, behind, found = i, of, number, young, true
		}
	}
	return camera, list, found
}

// take has a camera's head go; false when the list is full.
func (f *future) take(i, list int, rule Rule, at time.Time, limit int) bool {
	one, _ := f.head(i, list)
	h := &f.piles[i]
	h.next[list]++
	f.settle(i, list)
	h.bytes -= float64(one.bytes)
	f.bytes -= float64(one.bytes)
	f.short -= float64(one.bytes)
	f.now = at
	start, end := time.UnixMicro(one.start).UTC(), time.UnixMicro(one.end).UTC()
	if last, ok := f.rows[i]; ok {
		row := &f.list[last]
		if row.Rule == rule && sameDay(row.From.In(f.zone), start.In(f.zone)) {
			row.add(start, end, one.bytes)
			row.Last = at
			return true
		}
	}
	if len(f.list) == limit {
		return false
	}
	f.rows[i] = len(f.list)
	row := Upcoming{Camera: f.v.cameras[i].id, Rule: rule, When: at, Last: at}
	row.add(start, end, one.bytes)
	f.list = append(f.list, row)
	return true
}

func sameDay(a, b time.Time) bool {
	return a.YearDay() == b.YearDay() && a.Year() == b.Year()
}
