package storage

import (
	"cmp"
	"math"
	"slices"
	"time"

	"v720dvr/camera"
)

// An Outlook says what rules come to when as much is recorded as in the last days.
type Outlook struct {
	Known bool // enough was recorded to say
	// Days are how far back the footage will reach of the camera that has the least; endless when no
	// rule ever takes anything.
	Days    float64
	Room    int64     // bytes that the box's rules leave for segments; 0 when they have no limit
	By      Rule      // the box's rule that Room follows from; "" without a limit
	Full    time.Time // when Room is used up; zero: it never is, or nobody knows
	Cameras []CameraOutlook
	Ahead   []Level // one a day, the first is now
}

// CameraOutlook is the Outlook of one camera.
type CameraOutlook struct {
	Camera camera.ID
	Bytes  int64 // now, the open segment among them
	Held   int64 // of these, by keeps
	Oldest time.Time
	Flow   Flow
	Days   float64 // how far back its footage will reach; endless when no rule takes it; 0 without a flow
	By     Rule    // the rule that takes it then; "" when none does
}

// Level is how many bytes are there at a time, by what comes on slow, usual and busy days.
type Level struct {
	At             time.Time
	Low, Mid, High int64
}

// noEnd is a number of days that no rule ends.
var noEnd = math.Inf(1)

// IsEndless tells whether a number of days is without end: a hundred years.
func IsEndless(days float64) bool { return days > 36_525 }

// Outlook looks ahead. It is a pure function of the Inventory: zone says what a day is, running since when
// the recorder has run without a rest, ahead how many days are looked at for Ahead.
func (v *Inventory) Outlook(rules Rules, zone *time.Location, running time.Time, ahead int) Outlook {
	flows, all := v.Flows(zone, running)
	o := Outlook{Known: all.Mid > 0 || all.High > 0}
	o.Room, o.By = v.room(rules)
	for i := range v.cameras {
		of := &v.cameras[i]
		c := CameraOutlook{
			Camera: of.id, Bytes: of.bytes, Held: of.held, Oldest: time.UnixMicro(v.rows[of.rows[0]].start).UTC(), Flow: flows[of.id],
		}
		c.Days, c.By = ownReach(rules.camera(of.id), c)
		o.Cameras = append(o.Cameras, c)
	}
	o.share()
	o.Days = noEnd
	for _, c := range o.Cameras {
		if c.Flow.Mid > 0 {
			o.Days = min(o.Days, c.Days)
		}
	}
	if !o.Known {
		o.Days = 0
	}
	for day := range ahead + 1 {
		t := float64(day)
		o.Ahead = append(o.Ahead, Level{
			At:  v.At.Add(time.Duration(day) * 24 * time.Hour),
			Low: v.level(o, rules, t, o.scale(all.Low)), Mid: v.level(o, rules, t, 1), High: v.level(o, rules, t, o.scale(all.High)),
		})
	}
	o.Full = v.full(o, rules)
	return o
}

// scale is by what all cameras' usual flow is to be taken so that their sum is that of a slow or busy
// day: the cameras have theirs on different days.
func (o Outlook) scale(sum float64) float64 {
	mid := 0.0
	for _, c := range o.Cameras {
		mid += c.Flow.Mid
	}
	if mid == 0 {
		return 1
	}
	return sum / mid
}

// room is how many bytes of segments the box's rules leave: 0 for any number.
func (v *Inventory) room(rules Rules) (bytes int64, by Rule) {
	if rules.MaxSize > 0 {
		bytes, by = rules.MaxSize, RuleMaxSize
	}
	if rules.MinFree > 0 && v.HasSpace {
		if free := max(v.Bytes()-v.lacks(rules), 1); by == "" || free < bytes {
			bytes, by = free, RuleMinFree
		}
	}
	return bytes, by
}

// ownReach is how many days a camera's own rules leave it.
func ownReach(rules CameraRules, c CameraOutlook) (days float64, by Rule) {
	if c.Flow.Mid <= 0 {
		return 0, ""
	}
	days = noEnd
	if rules.MaxAge > 0 {
		days, by = rules.MaxAge.Hours()/24, RuleMaxAge
	}
	if rules.MaxSize > 0 {
		if fits := float64(max(rules.MaxSize-c.Held, 0)) / c.Flow.Mid; fits < days {
			days, by = fits, RuleCameraSize
		}
	}
	return days, by
}

// share divides the box's room: the oldest of all goes first, so all cameras whose own rules leave them more
// reach back equally far.
func (o *Outlook) share() {
	if o.Room == 0 {
		return
	}
	left := float64(o.Room)
	flowing := 0.0
	var order []*CameraOutlook
	for i := range o.Cameras {
		c := &o.Cameras[i]
		left -= float64(c.Held)
		if c.Flow.Mid > 0 {
			flowing += c.Flow.Mid
			order = append(order, c)
		}
	}
	left = max(left, 0)
	slices.SortFunc(order, func(a, b *CameraOutlook) int { return cmp.Compare(a.Days, b.Days) })
	for i, c := range order {
		if equal := left / flowing; c.Days > equal {
			for _, rest := range order[i:] {
				rest.Days, rest.By = equal, o.By
			}
			return
		}
		left -= c.Days * c.Flow.Mid
		flowing -= c.Flow.Mid
	}
}

// level is how many bytes there are in so many days, when the usual flow is multiplied.
func (v *Inventory) level(o Outlook, rules Rules, days, times float64) int64 {
	sum := 0.0
	for _, c := range o.Cameras {
		sum += v.cameraLevel(c, rules.camera(c.Camera), days, times)
	}
	if o.Room > 0 {
		sum = min(sum, max(float64(o.Room), float64(v.Held())))
	}
	return int64(sum)
}

// cameraLevel is what a camera comes to by its own rules alone.
func (v *Inventory) cameraLevel(c CameraOutlook, rules CameraRules, days, times float64) float64 {
	flow := c.Flow.Mid * times
	if rules.MaxAge > 0 { // from when its oldest has that age, as much goes as comes
		days = min(days, max(0, (rules.MaxAge-v.At.Sub(c.Oldest)).Hours()/24))
	}
	bytes := float64(c.Bytes) + flow*days
	if rules.MaxSize > 0 {
		bytes = min(bytes, float64(max(rules.MaxSize, c.Held)))
	}
	return bytes
}

// fullWithin bounds the search for when the room is used up.
const fullWithin = 10 * 365.0 // days

// full is when the usual flow has used up the box's room: level never falls, so it is found by halving.
func (v *Inventory) full(o Outlook, rules Rules) time.Time {
	if o.Room == 0 || !o.Known {
		return time.Time{}
	}
	there := func(days float64) bool {
		sum := 0.0
		for _, c := range o.Cameras {
			sum += v.cameraLevel(c, rules.camera(c.Camera), days, 1)
		}
		return sum >= float64(o.Room)
	}
	if there(0) {
		return v.At
	}
	if !there(fullWithin) {
		return time.Time{}
	}
	low, high := 0.0, fullWithin
	for high-low > 1.0/24/60 {
		if mid := (low + high) / 2; there(mid) {
			high = mid
		} else {
			low = mid
		}
	}
	return v.At.Add(time.Duration(high * 24 * float64(time.Hour)))
}
