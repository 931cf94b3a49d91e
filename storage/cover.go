package storage

import (
	"cmp"
	"slices"
	"time"
)

// Reasons that Coverage computes, as GapDeleted; they stand in no file.
const (
	// GapUnfinished: it is in a segment that is being written, or that a crash left open and that the next
	// start finishes, and that nobody has told of.
	GapUnfinished = "unfinished"
	// GapUnknown: nothing tells of it: somebody took files away.
	GapUnknown = "unknown"
)

// Through a time when nothing else is known of a camera, v720dvr's coming and going explains this
// much: up to a second of pictures and ten of StillAlive before its end, and behind its start what a
// camera takes to come back.
const (
	edgeBefore = 15 * time.Second
	edgeBehind = time.Minute
)

// stretch is a time, in µs since 1970.
type stretch struct{ from, to int64 }

// removal is a segment that was deleted, or several of a day.
type removal struct {
	stretch
	reason string // GapDeleted or GapErased
}

// covered is a segment, for the ledger.
type covered struct {
	stretch
	inside                          []claim // gaps
	frames, repaired, lost, missing int64
}

// facts are what is known around a span of a camera's time.
type facts struct {
	segments    []covered // of which some part is in the span
	told        []claim   // gaps before them and inside, and closed ones that were noted
	deleted     []removal
	deletedDays []removal // of segments that are summed up
	nextSegment int64     // start of the first one behind the span; never for none
	nextDeleted removal   // the first one behind the span; from is never for none
	runs        []runSpan
	running     bool      // the last of the runs goes on
	pending     []claim   // open gaps that were noted, up to where they are believed
	unfinished  []stretch // between what is known on both sides of an unfinished segment
	first       int64     // since when the camera is known
	last, now   int64     // start of its last segment, and the present
}

// cover puts together what is known: each moment of the span becomes recorded, or part of one gap.
func cover(from, to int64, f facts) Coverage {
	c := Coverage{From: fromMicro(from), To: fromMicro(to)}
	for _, s := range f.segments {
		c.Frames += s.frames
		c.Repaired += s.repaired
		c.Lost += s.lost
		c.Missing += s.missing
	}
	recorded, gaps := settleClaims(from, to, f.claims())
	c.Recorded, c.Gaps = time.Duration(recorded)*time.Microsecond, gaps
	c.Share = float64(recorded) / float64(to-from)
	return c
}

func fromMicro(at int64) time.Time { return time.UnixMicro(at).UTC() }

func (f *facts) claims() []claim {
	claims := notRunning(f.runs, f.running)
	for _, s := range f.segments {
		claims = append(claims, s.recorded()...)
	}
	claims = append(claims, f.seams()...)
	for _, g := range append(slices.Clip(f.told), f.pending...) {
		if g.rank == isTold && g.reason == GapClock {
			g.rank = isClock
		}
		claims = append(claims, g)
	}
	for _, d := range f.deleted {
		claims = append(claims, claim{d.from, d.to, isDeleted, d.reason})
	}
	for _, d := range f.deletedDays {
		claims = append(claims, claim{d.from, d.to, isDeletedToo, d.reason})
	}
	for _, u := range f.unfinished {
		claims = append(claims, claim{u.from, u.to, isUnfinished, GapUnfinished})
	}
	claims = append(claims, f.beforeDeleted()...)
	return append(claims,
		claim{longAgo, f.first, isBefore, GapOffline},
		claim{f.last, f.now, isAway, GapOffline})
}

// unnoticed is up to when nobody tells of a time without pictures: the one before it stands so long.
const unnoticed = 2 * time.Second

// seams claims what lies between two segments and is too short to be told of. So ends one that the disk
// ended: what finishes it cannot know how long its last picture stood.
func (f *facts) seams() (claims []claim) {
	all := slices.SortedFunc(slices.Values(f.segments), func(a, b covered) int { return cmp.Compare(a.from, b.from) })
	for i := 1; i < len(all); i++ {
		if apart := all[i].from - all[i-1].to; 0 < apart && apart <= unnoticed.Microseconds() {
			claims = append(claims, claim{all[i-1].to, all[i].from, isSeam, ""})
		}
	}
	return claims
}

// recorded is a segment without the gaps inside it.
func (s covered) recorded() (claims []claim) {
	at := s.from
	gaps := slices.SortedFunc(slices.Values(s.inside), func(a, b claim) int { return cmp.Compare(a.from, b.from) })
	for _, g := range gaps {
		if g.from > at {
			claims = append(claims, claim{at, min(g.from, s.to), isRecorded, ""})
		}
		at = max(at, g.to)
	}
	if at < s.to {
		claims = append(claims, claim{at, s.to, isRecorded, ""})
	}
	return claims
}

// beforeDeleted claims what the segments that were deleted had told: from what begins before one up to it.
func (f *facts) beforeDeleted() (claims []claim) {
	type beginning struct {
		at     int64
		reason string // of what was deleted; "" for a segment that is there
	}
	var all []beginning
	for _, s := range f.segments {
		all = append(all, beginning{s.from, ""})
	}
	for _, d := range append(slices.Clip(f.deleted), f.deletedDays...) {
		all = append(all, beginning{d.from, d.reason})
	}
	if d := f.nextDeleted; d.from < f.nextSegment {
		all = append(all, beginning{d.from, d.reason})
	}
	// Stable, so segments come first: one that is there would have told.
	slices.SortStableFunc(all, func(a, b beginning) int { return cmp.Compare(a.at, b.at) })
	at := f.first
	for _, b := range all {
		if b.reason != "" {
			claims = append(claims, claim{at, b.at, isDeletedToo, b.reason})
		}
		at = b.at
	}
	return claims
}

// notRunning claims the times between the runs. Between two rows of one run the clock was set.
func notRunning(runs []runSpan, running bool) (claims []claim) {
	runs = slices.SortedStableFunc(slices.Values(runs), func(a, b runSpan) int { return a.begun.Compare(b.begun) })
	reached, run := int64(longAgo), [16]byte{}
	hole := func(to int64, next [16]byte) {
		if run == next && run != [16]byte{} {
			claims = append(claims, claim{reached, to, isNotRunning, GapClock})
			return
		}
		claims = append(claims, claim{reached, to, isNotRunning, GapRestarted},
			claim{to, to + edgeBehind.Microseconds(), isEdge, GapRestarted})
		if to < never || !running {
			claims = append(claims, claim{reached - edgeBefore.Microseconds(), reached, isEdge, GapRestarted})
		}
	}
	for _, r := range runs {
		if begun := r.begun.UnixMicro(); begun > reached {
			hole(begun, r.run)
		}
		if alive := r.alive.UnixMicro(); alive > reached {
			reached, run = alive, r.run
		}
	}
	hole(never, [16]byte{})
	return claims
}
