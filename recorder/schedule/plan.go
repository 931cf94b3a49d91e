package schedule

import (
	"slices"
	"time"
)

// A Rule sets a mode while its window is open. What the modes are is the caller's business.
type Rule struct {
	Window Window
	Mode   string
}

// A Plan is the schedule of one camera. The zero Plan is always in mode "".
type Plan struct {
	Rules     []Rule // of several that are open the last decides
	Otherwise string // the mode while no window is open
}

// Equal tells whether both say the same: line by line, so that "0 6 * * *" and "00 6 * * *" differ.
func (p Plan) Equal(other Plan) bool {
	return p.Otherwise == other.Otherwise && slices.Equal(p.Rules, other.Rules)
}

// None is the Rule of a Decision when no window is open.
const None = -1

// A Decision is the mode that is in force, and why.
type Decision struct {
	Mode string
	Rule int // the index in Plan.Rules of the one that decides, or None
	// It is in force from From until before Until; the zero times are for ever, as far as 40
	// years tell. Around a change of the clocks From may be a later moment since which it is.
	From, Until time.Time
}

// Holds tells whether the decision is still in force at t, or was already. A caller that keeps it
// asks the plan again when it does not, or when the zone or the plan is another one.
func (d Decision) Holds(t time.Time) bool {
	return !t.Before(d.From) && (d.Until.IsZero() || t.Before(d.Until))
}

// Active returns what is in force at a moment, by the clocks of a zone. It takes 1 µs for a rule
// that is there each day, and 0.1 ms for the rarest, which waits for a 29th of February on a Sunday.
func (p Plan) Active(now time.Time, zone *time.Location) Decision {
	now = now.In(zone)
	d := Decision{Mode: p.Otherwise, Rule: None}
	for i := len(p.Rules) - 1; i >= 0 && d.Rule == None; i-- {
		w := &p.Rules[i].Window
		g := w.look(now)
		if g.open {
			d.Mode, d.Rule = p.Rules[i].Mode, i
		}
		// A rule before the one that decides changes nothing; each behind it is closed, and
		// decides when it opens.
		if from := w.from(g, zone); from.After(d.From) {
			d.From = from
		}
		if until := w.until(g, zone); !until.IsZero() && (d.Until.IsZero() || until.Before(d.Until)) {
			d.Until = until
		}
	}
	return d
}

// turns bounds how many decisions Next looks at: windows that change the mode seldom or never may
// open and close each minute.
const turns = 1000

// Next returns the next n changes of the mode after now: decisions, each with another mode than
// the one before it, and in force from From. There are fewer when there are no more, or when the
// windows open and close a thousand times without changing the mode.
func (p Plan) Next(now time.Time, zone *time.Location, n int) []Decision {
	var changes []Decision
	last := p.Active(now, zone)
	for idle := 0; idle < turns && len(changes) < n && !last.Until.IsZero(); idle++ {
		next := p.Active(last.Until, zone)
		next.From = last.Until
		if next.Mode != last.Mode {
			changes = append(changes, next)
			idle = 0
		}
		last = next
	}
	return changes
}
