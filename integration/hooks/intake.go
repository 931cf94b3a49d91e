package hooks

import (
	"context"
	"encoding/json"
	"time"

	"v720dvr/camera"
	"v720dvr/recorder/live"
	"v720dvr/storage"
)

const (
	lookEvery   = 5 * time.Second  // into the index
	updateEvery = 10 * time.Second // of an event at most
	mostLook    = 500              // rows at once
	mostGoing   = 1024             // events of which a hook knows that it told their start
)

// intake decides what hooks are told, and writes it down.
type intake struct {
	r       *Runner
	hooks   []Hook
	wake    []chan struct{} // of each hook's delivery
	states  []memory
	ended   int64   // row of the index up to which ends are written down
	segment []int64 // of each hook: up to which segments are; -1 unknown
	failed  bool    // the last try to write something down
}

// memory is what an intake knows of a hook. A restart forgets it: then a cool-down begins anew, and a start may be
// told again.
type memory struct {
	last  map[camera.ID]time.Time // when what it was told last happened
	going map[string]time.Time    // events whose start it was told, and when it was told of them last
}

func newIntake(r *Runner, hooks []Hook) *intake {
	in := &intake{r: r, hooks: hooks, states: make([]memory, len(hooks)), segment: make([]int64, len(hooks))}
	for i := range hooks {
		in.wake = append(in.wake, make(chan struct{}, 1))
		in.segment[i] = -1
		in.states[i] = memory{last: make(map[camera.ID]time.Time), going: make(map[string]time.Time)}
	}
	return in
}

// moments takes what is new of events. One that found no place is in the index when its segment is committed.
func (in *intake) moments(ctx context.Context, viewer *live.Viewer) {
	for {
		item, ok := viewer.Next()
		if !ok {
			return
		}
		if item.Moment != nil {
			in.add(ctx, ofMoment(*item.Moment))
		}
	}
}

// add writes an occurrence down for those hooks that want it.
func (in *intake) add(ctx context.Context, o Occurrence) {
	for i := range in.hooks {
		if calls := in.calls(i, o); len(calls) > 0 {
			in.write(ctx, i, calls, 0)
		}
	}
}

// calls makes the calls of a hook for an occurrence. An end that it does not want is settled too, so that it is not
// asked about again when it comes to the index.
func (in *intake) calls(i int, o Occurrence) []storage.HookCall {
	h, m := &in.hooks[i], &in.states[i]
	o.Version = 1
	event := ""
	if o.isEvent() {
		event = eventKey(o.Camera, o.Kind, o.Start)
	}
	wanted := h.wants(o)
	// With a least length the start is told when the event has reached it.
	if o.On == EventUpdate && h.MinLength > 0 && m.going[event].IsZero() {
		late := o
		late.On, late.ID = EventStart, event+"-start"
		if h.wants(late) {
			o, wanted = late, true
		}
	}
	if o.On == EventUpdate && o.At.Sub(m.going[event]) < updateEvery {
		wanted = false
	}
	if wanted {
		wanted = m.allows(h, o, event)
	}
	if !wanted && o.On != EventEnd {
		return nil
	}
	if o.On == EventEnd {
		delete(m.going, event)
	}
	body, err := json.Marshal(stored{o.On, o.At, o})
	if err != nil { // a time that JSON has no form for
		in.r.o.Log.Warn("something that happened cannot be told", "what", o.On, "camera", o.Camera, "err", err)
		return nil
	}
	return []storage.HookCall{{Key: o.ID, Ends: o.On == EventEnd, At: o.At, Body: body, Due: time.Now(), Settled: !wanted}}
}

// allows holds an occurrence against the cool-down. What goes on of an event whose start was told is told.
func (m *memory) allows(h *Hook, o Occurrence, event string) bool {
	_, told := m.going[event]
	last, since := m.last[o.Camera], time.Duration(0)
	if !last.IsZero() {
		since = o.At.Sub(last)
	}
	if h.Cooldown > 0 && !told && !last.IsZero() && since >= 0 && since < h.Cooldown {
		return false
	}
	if !told {
		m.last[o.Camera] = o.At
	}
	if o.On == EventStart || o.On == EventUpdate {
		if len(m.going) >= mostGoing {
			clear(m.going) // ends that never came
		}
		m.going[event] = o.At
	}
	return true
}

func (in *intake) write(ctx context.Context, i int, calls []storage.HookCall, segment int64) bool {
	lost, err := in.r.o.Queue.AddCalls(ctx, in.hooks[i].Name, calls, segment)
	if lost > 0 {
		in.r.o.Log.Warn("too many calls of a hook wait: some are not made", "hook", in.hooks[i].Name, "calls", lost)
	}
	if err != nil && ctx.Err() == nil && !in.failed {
		in.r.o.Log.Error("what hooks are to be told cannot be written down; ends of events are found again in the index", "err", err)
	}
	in.failed = err != nil
	if err != nil {
		return false
	}
	select {
	case in.wake[i] <- struct{}{}:
	default:
	}
	return true
}

// look finds in the index what was committed meanwhile: segments, and ends of events that were not told yet. At
// a start that is all of the last days that is not settled; afterwards what is new.
func (in *intake) look(ctx context.Context) {
	records, err := in.r.o.Queue.Hooks(ctx)
	if err != nil {
		in.unread(ctx, err)
		return
	}
	since := time.Now().Add(-storage.SettledFor)
	for {
		rows, err := in.r.o.Queue.Ended(ctx, in.ended, since, mostLook)
		if err != nil {
			in.unread(ctx, err)
			return
		}
		if len(rows) == 0 {
			break
		}
		if !in.ends(ctx, rows) {
			return
		}
		in.ended = rows[len(rows)-1].ID
	}
	for _, record := range records {
		for i := range in.hooks {
			if in.hooks[i].Name == record.Name {
				in.segments(ctx, i, record.Segment)
			}
		}
	}
}

func (in *intake) unread(ctx context.Context, err error) {
	if ctx.Err() == nil {
		in.r.o.Log.Warn("hooks cannot look for what was recorded; it is tried again", "err", err)
	}
}

// ends writes down those of some rows; false when that failed.
func (in *intake) ends(ctx context.Context, rows []storage.EventRecord) bool {
	for i := range in.hooks {
		var calls []storage.HookCall
		for _, row := range rows {
			for _, o := range ofEnded(row) {
				calls = append(calls, in.calls(i, o)...)
			}
		}
		if len(calls) > 0 && !in.write(ctx, i, calls, 0) {
			return false
		}
	}
	return true
}

// segments tells a hook those that were committed, and where it is then.
func (in *intake) segments(ctx context.Context, i int, behind int64) {
	if in.segment[i] < 0 {
		in.segment[i] = behind
	}
	for {
		rows, err := in.r.o.Queue.SegmentsBehind(ctx, in.segment[i], mostLook)
		if err != nil {
			in.unread(ctx, err)
			return
		}
		if len(rows) == 0 {
			return
		}
		var calls []storage.HookCall
		for _, row := range rows {
			if time.Since(row.End) < storage.SettledFor {
				calls = append(calls, in.calls(i, ofSegment(row, in.r.o.Queue.Path(row)))...)
			}
		}
		last := rows[len(rows)-1].ID
		if !in.write(ctx, i, calls, last) {
			return
		}
		in.segment[i] = last
	}
}
