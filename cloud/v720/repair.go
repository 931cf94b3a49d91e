package v720

import "time"

const (
	// reorder is how long a package may be overtaken on the way: what is missing longer was lost.
	reorder = 250 * time.Millisecond
	// again is from where on a package that fills a hole was sent again, and not merely overtaken.
	again = 100 * time.Millisecond
	// unproven is the patience with a camera that was not seen to send anything again yet.
	unproven = 1500 * time.Millisecond
	// repairable is the patience with one that was: a camera keeps 111 packages, some 4 s, until they are
	// confirmed, and stops when there are more. docs/protocol.md, section 6.
	repairable = 4 * time.Second
	// Holes on end that were never filled, after which a camera is taken for one that sends nothing
	// again: of one that was not seen to, and of one that was.
	unansweredUnproven = 3
	unansweredProven   = 12
)

// repair learns whether a camera sends again what was lost, so that a hole is waited for as long as
// it can be filled, and no longer.
type repair struct {
	proven     bool // it was seen to
	unanswered int  // holes on end that were given up
}

// filled says that a hole was filled after it was known for so long.
func (r *repair) filled(age time.Duration) {
	if age >= again {
		r.proven, r.unanswered = true, 0
	}
}

// gaveUp says that a hole was waited for in vain.
func (r *repair) gaveUp() {
	if r.unanswered++; r.proven && r.unanswered >= unansweredProven {
		r.proven = false
	}
}

// patience is how long a hole may stay.
func (r *repair) patience() time.Duration {
	switch {
	case r.proven:
		return repairable
	case r.unanswered >= unansweredUnproven:
		return reorder
	default:
		return unproven
	}
}

// flow is the stream's own time: it stands still while nothing comes. A link that is down for seconds
// must not use up the time in which a camera can send again.
type flow struct {
	last    time.Time
	elapsed time.Duration
}

// idle is from where on a stream is said to stand still: a camera with sound alone sends ten packages
// a second.
const idle = 250 * time.Millisecond

func (f *flow) pass(now time.Time) {
	f.elapsed += min(max(0, now.Sub(f.last)), idle)
	f.last = now
}

// givenUp remembers the last holes that were given up, to tell a package that comes too late from
// one that comes twice.
type givenUp struct {
	ranges [16]struct{ from, to uint32 } // to is behind the last
	next   int
}

func (g *givenUp) add(from, to uint32) {
	g.ranges[g.next%len(g.ranges)] = struct{ from, to uint32 }{from, to}
	g.next++
}

func (g *givenUp) has(id uint32) bool {
	for _, r := range g.ranges {
		if id-r.from < r.to-r.from {
			return true
		}
	}
	return false
}
