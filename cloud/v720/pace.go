package v720

import (
	"slices"
	"time"
)

const (
	// punctual is what comes no later than that, network and drift included.
	punctual = 50 * time.Millisecond
	// maxEarlier is how much sooner than what overtook it a picture is taken to have been there.
	maxEarlier = 75 * time.Millisecond
)

// Picture takes the arrival of a picture's earliest package and returns its capture time. When that
// package was overtaken, it is the arrival of what overtook it, and the picture was there some time before.
func (c *Clock) Picture(at time.Time, overtaken bool) time.Time {
	c.since++
	captured, from, limit := at, c.soundEnd.Add(-c.fewer), c.soundEnd.Add(c.soundLen+c.more)
	heard := c.soundLen > 0 && c.since <= maxSince
	// At its usual distance from the last one, as far as the sound around it allows.
	expected := c.last.Add(c.usual)
	late := heard && at.Sub(limit) >= punctual && !c.last.IsZero()
	switch {
	case late:
		captured = expected
	case overtaken && !c.last.IsZero():
		captured = at.Add(-min(maxEarlier, max(0, at.Sub(expected)*3/4)))
	}
	if heard {
		captured = earlier(later(captured, earlier(from, at)), limit)
	}
	captured = later(captured, c.last)
	c.keepPace(at, !late)
	// Not captured itself: a wall clock that was stepped meanwhile is read off at, the newest.
	c.last = at.Add(captured.Sub(at))
	return c.last
}

// Lost is Picture for one that never came: it says nothing of the pace.
func (c *Clock) Lost(at time.Time) time.Time {
	at = c.Picture(at, true)
	c.inTime = time.Time{}
	return at
}

// keepPace learns how far pictures are apart from those that came right behind another and not late.
func (c *Clock) keepPace(at time.Time, inTime bool) {
	if step := at.Sub(c.inTime); inTime && !c.inTime.IsZero() && step > 0 && step < time.Second {
		c.steps[c.stepped%len(c.steps)] = step
		c.stepped++
		sorted := c.steps
		few := sorted[:min(c.stepped, len(sorted))]
		slices.Sort(few)
		c.usual = few[len(few)/2]
	}
	c.inTime = time.Time{}
	if inTime {
		c.inTime = at
	}
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
