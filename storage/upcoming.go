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
		f.settle(i)
	}
	for range mostSteps {
		next, rule, at := f.next()
		if rule == "" || at.Sub(v.At) > within || !f.take(next, rule, at, limit) {
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
	next  int // of its rows: the oldest that is there and not kept
	flow  float64
	bytes float64
}

// settle passes by what is kept.
func (f *future) settle(i int) {
	h, of := &f.piles[i], &f.v.cameras[i]
	for h.next < len(of.rows) && f.v.rows[of.rows[h.next]].kept {
		h.next++
	}
}

// head is a camera's oldest.
func (f *future) head(i int) (one item, ok bool) {
	h, of := &f.piles[i], &f.v.cameras[i]
	if h.next >= len(of.rows) {
		return item{}, false
	}
	return f.v.rows[of.rows[h.next]], true
}

// isLast tells of a camera's newest, which sizes leave alone, while nothing newer comes.
func (f *future) isLast(i int) bool {
	return f.piles[i].next == len(f.v.cameras[i].rows)-1 && f.piles[i].flow == 0
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

// next is whose head goes next, by which rule and when; the rule is "" when none takes anything.
func (f *future) next() (camera int, rule Rule, at time.Time) {
	earlier := func(i int, by Rule, when time.Time) {
		if rule == "" || when.Before(at) {
			camera, rule, at = i, by, when
		}
	}
	oldest, first := -1, int32(0)
	for i, h := range f.piles {
		one, ok := f.head(i)
		if !ok {
			continue
		}
		if h.rules.MaxAge > 0 {
			when := time.UnixMicro(one.end).UTC().Add(h.rules.MaxAge + time.Microsecond) // from when it is older
			if when.Before(f.now) {
				when = f.now
			}
			earlier(i, RuleMaxAge, when)
		}
		if f.isLast(i) {
			continue
		}
		if h.rules.MaxSize > 0 {
			if when, ok := f.reached(h.bytes, float64(h.rules.MaxSize), h.flow); ok {
				earlier(i, RuleCameraSize, when)
			}
		}
		if number := f.v.cameras[i].rows[h.next]; oldest < 0 || number < first {
			oldest, first = i, number
		}
	}
	if oldest < 0 {
		return camera, rule, at
	}
	if f.rules.MaxSize > 0 {
		if when, ok := f.reached(f.bytes, float64(f.rules.MaxSize), f.flow); ok {
			earlier(oldest, RuleMaxSize, when)
		}
	}
	if f.rules.MinFree > 0 && f.v.HasSpace {
		if when, ok := f.reached(f.short, 0, f.flow); ok {
			earlier(oldest, RuleMinFree, when)
		}
	}
	return camera, rule, at
}

// take has a camera's head go; false when the list is full.
func (f *future) take(i int, rule Rule, at time.Time, limit int) bool {
	one, _ := f.head(i)
	h := &f.piles[i]
	h.next++
	f.settle(i)
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
