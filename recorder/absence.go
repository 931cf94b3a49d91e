package recorder

import (
	"slices"
	"time"

	"v720dvr/storage"
	"v720dvr/storage/avi"
)

// An absence is what is missing of a camera since its last segment, while there is no next one: for
// which reason from when on, each stretch up to where the next begins and the last until now. The zero
// absence: nothing is missing, or the camera is new. It is a value without a clock.
type absence struct {
	stretches []stretch // at most avi.MaxGaps
}

type stretch struct {
	from   time.Time
	reason string // a Gap constant of storage, or seamless
}

// seamless is the reason of what is missing between two files that a set clock has cut apart: nothing,
// if a picture follows. When none does, the camera was silent.
const seamless = ""

// noticeable is from when on a time without pictures is told.
const noticeable = 2 * time.Second

// since is from when on something is missing.
func (a *absence) since() (from time.Time, ok bool) {
	if len(a.stretches) == 0 {
		return time.Time{}, false
	}
	return a.stretches[0].from, true
}

// reason is why something is missing now; seamless when nothing is.
func (a *absence) reason() string {
	if len(a.stretches) == 0 {
		return seamless
	}
	return a.stretches[len(a.stretches)-1].reason
}

// begin forgets what was missing: from that time on something is for that reason.
func (a *absence) begin(from time.Time, reason string) {
	a.stretches = append(a.stretches[:0], stretch{from, reason})
}

func (a *absence) end() { a.stretches = a.stretches[:0] }

// resume takes up what storage knows to be missing; the last gap goes on.
func (a *absence) resume(gaps []avi.Gap) {
	a.end()
	for _, g := range gaps {
		a.stretches = append(a.stretches, stretch{g.From, g.Reason})
	}
	a.join()
	a.bound()
}

// turn notes that from a time on the reason is another one, or the first one. The time may lie back.
func (a *absence) turn(at time.Time, reason string) {
	if len(a.stretches) == 0 {
		a.begin(at, reason)
		return
	}
	for len(a.stretches) > 1 && !a.stretches[len(a.stretches)-1].from.Before(at) {
		a.stretches = a.stretches[:len(a.stretches)-1]
	}
	switch last := &a.stretches[len(a.stretches)-1]; {
	case !last.from.Before(at):
		last.reason = reason
	case last.reason == seamless && at.Sub(last.from) <= noticeable:
		last.reason = reason
	case last.reason != reason:
		a.stretches = append(a.stretches, stretch{at, reason})
	}
	a.join()
	a.bound()
}

// rename gives the stretches that began at that time or behind it another reason.
func (a *absence) rename(since time.Time, was, is string) {
	for i := range a.stretches {
		if s := &a.stretches[i]; s.reason == was && !s.from.Before(since) {
			s.reason = is
		}
	}
	a.join()
}

// step notes that the wall clock was set, at the moment that it called was and calls is now. Set forward,
// what it left out is a stretch of its own. Set back, what is behind that moment has not happened yet.
func (a *absence) step(was, is time.Time) {
	if len(a.stretches) == 0 {
		return
	}
	now := a.reason()
	if is.After(was) {
		a.turn(was, storage.GapClock)
	} else if a.stretches[0].from.Sub(is) > day { // farther back than anything that this run recorded: a clock that was ahead
		a.begin(is, now)
	}
	a.turn(is, now)
}

func (a *absence) join() {
	a.stretches = slices.CompactFunc(a.stretches, func(one, next stretch) bool { return one.reason == next.reason })
}

// bound lets the shortest stretches go when there are too many: the one before it goes on instead.
func (a *absence) bound() {
	for len(a.stretches) > avi.MaxGaps {
		shortest, least := 1, time.Duration(1<<63-1)
		for i := 1; i < len(a.stretches)-1; i++ {
			if lasts := a.stretches[i+1].from.Sub(a.stretches[i].from); lasts < least {
				shortest, least = i, lasts
			}
		}
		a.stretches = slices.Delete(a.stretches, shortest, shortest+1)
		a.join()
	}
}

// gaps tells what is missing before a segment that begins at until; nil when nothing is, or when the
// clock was set back into what was recorded. least is what a picture that the disk refused may be
// waiting for the next file without anything having been missed.
func (a *absence) gaps(until time.Time, least time.Duration) (gaps []avi.Gap) {
	for i, s := range a.stretches {
		if !s.from.Before(until) {
			break
		}
		to := until
		if i+1 < len(a.stretches) && a.stretches[i+1].from.Before(until) {
			to = a.stretches[i+1].from
		}
		last := to.Equal(until)
		switch {
		case s.reason == seamless && to.Sub(s.from) > noticeable:
			s.reason = storage.GapSilent
		case s.reason == seamless, last && s.reason == storage.GapDisk && to.Sub(s.from) < least:
			if len(gaps) > 0 {
				gaps[len(gaps)-1].To = to
			}
			continue
		}
		gaps = append(gaps, avi.Gap{From: s.from, To: to, Reason: s.reason})
	}
	return gaps
}

// open tells it while there is no next segment: the last one's To is zero.
func (a *absence) open() (gaps []avi.Gap) {
	for i, s := range a.stretches {
		if s.reason == seamless {
			s.reason = storage.GapSilent
		}
		if gaps = append(gaps, avi.Gap{From: s.from, Reason: s.reason}); i > 0 {
			gaps[i-1].To = s.from
		}
	}
	return gaps
}
