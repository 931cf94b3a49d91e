package storage

import (
	"time"

	"v720dvr/camera"
)

// Tally sums segments up. The zero value is none.
type Tally struct {
	Segments int
	Bytes    int64
	From, To time.Time // start of the first, end of the last; there may be others between them
}

func (f *Tally) add(start, end time.Time, bytes int64) {
	if f.Segments == 0 || start.Before(f.From) {
		f.From = start
	}
	if f.Segments == 0 || end.After(f.To) {
		f.To = end
	}
	f.Segments++
	f.Bytes += bytes
}

// A Trial is what a sweep by some rules would delete at once. Nothing is.
type Trial struct {
	Goes    Tally
	ByRule  map[Rule]Tally
	Cameras []CameraTrial // of which there is anything, by the start of their first segment
	All     Tally         // committed before
	Short   int64         // bytes that MinFree would still lack
	Choked  []Choke       // rules that keeps would be in the way of
}

// CameraTrial is what would go of one camera.
type CameraTrial struct {
	Camera camera.ID
	Goes   Tally
	Stays  Tally
}

// Most tells whether more than half of all bytes would go: that wants to be said twice.
func (t Trial) Most() bool { return t.Goes.Bytes > t.All.Bytes-t.Goes.Bytes }

// Try asks what a Sweep by these rules would delete now. It is the planner's own answer: Plan and
// Sweep come to the same.
func (v *Inventory) Try(rules Rules) Trial {
	t := Trial{ByRule: make(map[Rule]Tally), Cameras: make([]CameraTrial, len(v.cameras))}
	at := make(map[camera.ID]*CameraTrial, len(v.cameras))
	for i, of := range v.cameras {
		t.Cameras[i].Camera = of.id
		at[of.id] = &t.Cameras[i]
	}
	rules.Twice = true // it is asked, and says itself when it is so much
	goes := make([]bool, len(v.rows))
	p := newPlan(v.At, rules, v.stock(rules))
	p.taking = func(c candidate) { goes[c.number] = true }
	p.walk(func(d Deletion, _ error) bool { // an Inventory is read without errors
		t.Goes.add(d.Start, d.End, d.Bytes)
		by := t.ByRule[d.Rule]
		by.add(d.Start, d.End, d.Bytes)
		t.ByRule[d.Rule] = by
		at[d.Camera].Goes.add(d.Start, d.End, d.Bytes)
		return true
	})
	for i, one := range v.rows {
		start, end := time.UnixMicro(one.start).UTC(), time.UnixMicro(one.end).UTC()
		t.All.add(start, end, one.bytes)
		if !goes[i] {
			t.Cameras[one.shelf].Stays.add(start, end, one.bytes)
		}
	}
	t.Short, t.Choked = p.lacks(), p.choked
	return t
}
