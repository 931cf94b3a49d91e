package cloud

import (
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"v720dvr/camera"
	"v720dvr/cloud/v720"
)

// conditions hold the Condition of every camera, and are the only writer of one. What changes becomes an
// event, held off against flapping. Its mutex is a leaf: nothing is called while it is held.
type conditions struct {
	server *Server

	mu  sync.Mutex
	all map[camera.ID]*condition // at most maxKnown
}

// condition is one camera's, with what it takes to keep it.
type condition struct {
	camera.Condition
	dirty  bool      // changed since ChangedConditions
	budget int       // changes that may still be told this minute
	begun  time.Time // of that minute
	woken  int       // times 242 was sent since it came to the broker
	wakeAt time.Time // when it is to be sent next
}

// countEvery is how often pictures are counted, for FPS and the totals.
const countEvery = 10 * time.Second

// changesAMinute bounds Changed events of a camera.
const changesAMinute = 10

func newConditions(s *Server, kept map[camera.ID]camera.Condition) *conditions {
	c := &conditions{server: s, all: make(map[camera.ID]*condition)}
	now := s.o.Now()
	for id, was := range kept {
		if len(c.all) == maxKnown {
			break
		}
		was = copyOf(was)
		if was.Reachable() || was.Since.IsZero() {
			was.Since = now
		}
		was.Control, was.Broker, was.FPS = false, false, 0
		c.all[id] = &condition{Condition: was}
	}
	return c
}

// Conditions returns what is known of each camera that was ever heard of, by a bound of maxKnown.
func (s *Server) Conditions() map[camera.ID]camera.Condition {
	c := s.conditions
	c.mu.Lock()
	defer c.mu.Unlock()
	all := make(map[camera.ID]camera.Condition, len(c.all))
	for id, one := range c.all {
		all[id] = copyOf(one.Condition)
	}
	return all
}

// Condition returns what is known of a camera.
func (s *Server) Condition(id camera.ID) camera.Condition {
	c := s.conditions
	c.mu.Lock()
	defer c.mu.Unlock()
	if one := c.all[id]; one != nil {
		return copyOf(one.Condition)
	}
	return camera.Condition{}
}

func copyOf(c camera.Condition) camera.Condition {
	c.Values, c.Texts, c.Networks = maps.Clone(c.Values), maps.Clone(c.Texts), slices.Clone(c.Networks)
	return c
}

// change changes one camera's, and tells what comes of it. A camera that was never let in on a control
// connection is nobody's yet, whoever makes it up: of it nothing is kept or told.
func (c *conditions) change(id camera.ID, do func(*condition) []camera.Event) {
	for _, e := range c.changed(id, do) {
		e.Camera, e.At = id, c.server.o.Now()
		c.server.o.Sink.Event(e)
	}
}

// changed is change without telling: it returns what is to be told.
func (c *conditions) changed(id camera.ID, do func(*condition) []camera.Event) []camera.Event {
	c.mu.Lock()
	defer c.mu.Unlock()
	one := c.all[id]
	if one == nil {
		if len(c.all) >= maxKnown {
			c.forgetOne()
		}
		one = &condition{Condition: camera.Condition{Since: c.server.o.Now()}}
		c.all[id] = one
	}
	events := do(one)
	one.dirty = true
	if !one.Registered {
		return nil
	}
	return events
}

// forgetOne makes room: one that was never let in, best one that is not there; else the one that has been away
// longest. Call it with mu held.
func (c *conditions) forgetOne() {
	var least camera.ID
	for id, one := range c.all {
		if of := c.all[least]; of == nil || one.lessThan(of) {
			least = id
		}
	}
	delete(c.all, least)
}

// lessThan tells which of two is forgotten first.
func (one *condition) lessThan(other *condition) bool {
	switch {
	case one.Registered != other.Registered:
		return !one.Registered
	case one.Reachable() != other.Reachable():
		return !one.Reachable()
	}
	return one.Since.Before(other.Since)
}

// watched are the values whose change is told: what somebody sets, and the SD card.
var watched = []string{"IrLed", "instLed", "mirrorFlip", "sdMoveMode", "sdCardReco", "moveAlert", "moveGrade", "sd_State", "sdDevStatus", "apStatus", "pirSysMode", "pirAlert", "lightGrade"}

// report takes what a camera says of itself.
func (c *conditions) report(id camera.ID, r v720.Report) {
	now := c.server.o.Now()
	c.change(id, func(one *condition) (events []camera.Event) {
		if one.begun.IsZero() || now.Sub(one.begun) >= time.Minute {
			one.begun, one.budget = now, changesAMinute
		}
		tell := func(detail string) {
			if one.budget--; one.budget >= 0 {
				events = append(events, camera.Event{Kind: camera.Changed, Detail: detail})
			}
		}
		for _, name := range watched {
			if is, ok := r.Values[name]; ok {
				if was, known := one.Values[name]; known && was != is {
					tell(fmt.Sprintf("%s %d → %d", name, was, is))
				}
			}
		}
		for _, name := range []string{"wifiName", "version"} {
			if is, was := r.Texts[name], one.Texts[name]; is != "" && was != "" && is != was {
				tell(fmt.Sprintf("%s %q → %q", name, was, is))
			}
		}
		if one.Values == nil { // each by itself: what was kept of a camera may have one of them alone
			one.Values = make(map[string]int64)
		}
		if one.Texts == nil {
			one.Texts = make(map[string]string)
		}
		for name, v := range r.Values {
			if _, known := one.Values[name]; known || len(one.Values) < mostValues {
				one.Values[name] = v
			}
		}
		maps.Copy(one.Texts, r.Texts)
		if r.Networks != nil {
			one.Networks = r.Networks
		}
		one.Reported = now
		return append(events, one.battery()...)
	})
}

// mostValues bounds what is kept of a camera that says other names each time.
const mostValues = 128

// battery tells when it gets low, and when it is fine again, with room between the two.
func (one *condition) battery() []camera.Event {
	percent, ok := one.Battery()
	switch {
	case !ok || percent < 0 || percent > 100:
	case !one.Low && percent <= camera.BatteryLowAt:
		one.Low = true
		return []camera.Event{{Kind: camera.BatteryLow, Detail: fmt.Sprint(percent)}}
	case one.Low && percent >= camera.BatteryFineAt:
		one.Low = false
		return []camera.Event{{Kind: camera.BatteryFine, Detail: fmt.Sprint(percent)}}
	}
	return nil
}

// control notes that a camera's control connection is there, or gone; welcome says that it is let in, and does
// not wait for approval. It is called with server.mu held, so that it and server.links tell the same: a link that
// parts takes nothing from the one that came after it.
func (c *conditions) control(id camera.ID, there, welcome bool) {
	now := c.server.o.Now()
	c.changed(id, func(one *condition) []camera.Event {
		was := one.Reachable()
		one.Registered = one.Registered || welcome
		if one.Control = there; there {
			one.Connections++
		} else {
			one.FPS = 0
		}
		if was != one.Reachable() {
			one.Since = now
		}
		return nil
	})
}

// welcome notes that a camera that waited was approved.
func (c *conditions) welcome(id camera.ID) {
	c.changed(id, func(one *condition) []camera.Event {
		one.Registered = true
		return nil
	})
}

// broker notes that a camera takes commands over MQTT, or does not any more.
func (c *conditions) broker(id camera.ID, there bool) {
	now := c.server.o.Now()
	c.change(id, func(one *condition) []camera.Event {
		was := one.Reachable()
		if there && !one.Broker {
			one.woken, one.wakeAt = 0, now.Add(wakeAfter)
		}
		one.Broker = there
		if was != one.Reachable() {
			one.Since = now
		}
		return nil
	})
}

// tick tells who has gone, or come back, for long enough.
func (c *conditions) tick(now time.Time) {
	c.mu.Lock()
	var due []camera.ID
	for id, one := range c.all {
		since := now.Sub(one.Since)
		if !one.Reachable() && !one.Absent && since >= camera.AbsentAfter || one.Reachable() && one.Absent && since >= camera.PresentAfter {
			due = append(due, id)
		}
	}
	c.mu.Unlock()
	for _, id := range due {
		c.change(id, func(one *condition) []camera.Event {
			if one.Absent = !one.Reachable(); one.Absent {
				return []camera.Event{{Kind: camera.Absent, Detail: "since " + one.Since.UTC().Format(time.RFC3339)}}
			}
			return []camera.Event{{Kind: camera.Present, Detail: "since " + one.Since.UTC().Format(time.RFC3339)}}
		})
	}
}

// count takes how many pictures a link has had so far. It belongs to the ticker, and to who ends the link.
func (c *conditions) count(l *link, now time.Time) {
	counted := l.counters()
	c.mu.Lock()
	defer c.mu.Unlock()
	one := c.all[l.camera]
	if one == nil {
		return
	}
	since := l.talliedAt
	if since.IsZero() {
		since = l.since
	}
	more := counted.Minus(l.tallied)
	l.tallied, l.talliedAt = counted, now
	one.Pictures += more.Pictures
	one.Lost += more.Lost
	if span := now.Sub(since).Seconds(); span > 0 && one.Control {
		one.FPS = float64(more.Pictures) / span
	}
	one.dirty = one.dirty || more.Pictures+more.Lost > 0
}

// ChangedConditions returns the conditions of registered cameras that changed since it was asked last.
func (s *Server) ChangedConditions() map[camera.ID]camera.Condition {
	c := s.conditions
	c.mu.Lock()
	defer c.mu.Unlock()
	changed := make(map[camera.ID]camera.Condition)
	for id, one := range c.all {
		if one.dirty && one.Registered {
			one.dirty = false
			changed[id] = copyOf(one.Condition)
		}
	}
	return changed
}
