package schedule

import (
	"fmt"
	"time"
)

// A Window is open from each moment of start to the next of stop. The zero Window never opens.
type Window struct {
	start, stop Cron
	both        hours // the minutes of stop that are none of start, on a day that both name
}

// NewWindow reads the lines of a window. One that never closes is an error.
func NewWindow(start, stop string) (Window, error) {
	var w Window
	var err error
	if w.start, err = Parse(start); err != nil {
		return Window{}, fmt.Errorf("start of a window: %w", err)
	}
	if w.stop, err = Parse(stop); err != nil {
		return Window{}, fmt.Errorf("stop of a window: %w", err)
	}
	for hour := range w.both {
		w.both[hour] = w.stop.minutes[hour] &^ w.start.minutes[hour]
	}
	if _, ok := w.stops().next(epoch); !ok {
		return Window{}, fmt.Errorf("a window from %q to %q never closes: whenever it stops it starts again", start, stop)
	}
	return w, nil
}

// String names the lines.
func (w Window) String() string { return fmt.Sprintf("from %q to %q", w.start, w.stop) }

// Start is the line by which the window opens.
func (w Window) Start() Cron { return w.start }

// Stop is the line by which the window closes.
func (w Window) Stop() Cron { return w.stop }

func (w *Window) starts() moments { return w.start.moments() }

// stops are the moments of stop that are none of start: a start wins.
func (w *Window) stops() moments {
	return func(d *date) *hours {
		switch {
		case !w.stop.on(d):
			return nil
		case w.start.on(d):
			return &w.both
		}
		return &w.stop.minutes
	}
}

// A glance is what a window looks like at a moment.
type glance struct {
	open            bool
	highest, lowest reading // what clocks have shown, and will
	start, stop     reading // the last ones that have taken effect
	started         bool    // there is a start; without one the window never was open
	stopped         bool    // there is a stop
}

// look tells whether w is open: whether of what has taken effect by t a start is the last, in the
// order of what clocks show and not of what came when, which differ in an hour that comes twice.
func (w *Window) look(t time.Time) glance {
	var g glance
	g.highest, g.lowest = readings(t)
	g.start, g.started = w.starts().last(g.highest)
	g.stop, g.stopped = w.stops().last(g.lowest)
	g.open = g.started && (!g.stopped || g.start > g.stop)
	return g
}

// from returns since when w has been as it is; the zero time is for ever. Where clocks were
// changed within that time it may return a later moment since which it has.
func (w *Window) from(g glance, zone *time.Location) time.Time {
	switch {
	case g.open && g.stopped:
		if opened, ok := w.starts().next(g.stop); ok {
			return firstReached(opened, zone)
		}
	case !g.open && g.started:
		if closed, ok := w.stops().next(g.start); ok {
			return lastReached(closed, zone)
		}
	}
	return time.Time{}
}

// tries bounds how many moments until looks at. Only those have no effect that clocks skip or
// repeat, a few at each change.
const tries = 64

// until returns when w, which looks like g now, opens or closes; the zero time is never.
func (w *Window) until(g glance, zone *time.Location) time.Time {
	was := g.open
	for range tries {
		var at time.Time
		if was {
			stop, ok := w.stops().next(max(g.lowest, g.start))
			if !ok {
				break
			}
			at = lastReached(stop, zone)
		} else {
			start, ok := w.starts().next(g.highest)
			if !ok {
				break
			}
			at = firstReached(start, zone)
		}
		if g = w.look(at); g.open != was {
			return at
		}
	}
	return time.Time{}
}
