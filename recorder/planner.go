package recorder

import (
	"slices"
	"time"
)

// A planner decides which pictures are recorded, and where an event's file begins and ends. It is a value
// without a clock: time is what the pictures and the calls say. All times are wall time.
type planner struct {
	mode              mode
	preroll, postroll time.Duration
	episodes          []episode // in order, none within the rolls of another
	last              time.Time // the last picture that was recorded
}

// A verdict is what becomes of a picture or a piece of sound.
type verdict uint8

const (
	hold     verdict = iota // in the pre-roll: a trigger may still ask for it
	forget                  // at once
	keep                    // in the segment
	keepFile                // in the file of an episode
)

// rolls is how far apart two triggers may be to be one episode.
func (p *planner) rolls() time.Duration { return p.preroll + p.postroll }

// opens is from when on pictures belong to an episode, closes when the first one is its last.
func (p *planner) opens(e *episode) time.Time  { return e.begin.Add(-p.preroll) }
func (p *planner) closes(e *episode) time.Time { return e.end.Add(p.postroll) }

// over takes out an episode that nothing joins any more when a picture of that time comes, or when that
// time has passed without one. It is called until there is none, and before picture.
func (p *planner) over(at time.Time) (e episode, ok bool) {
	if len(p.episodes) == 0 {
		return episode{}, false
	}
	head := &p.episodes[0]
	gone := at.After(p.isOver(head))
	if len(p.episodes) > 1 && !at.Before(p.closes(head)) && !at.Before(p.opens(&p.episodes[1])) {
		gone = true
	}
	if !gone {
		return episode{}, false
	}
	return p.pop(), true
}

// isOver is when no trigger can join any more: none whose pre-roll reaches the episode's post-roll, and
// that comes late.
func (p *planner) isOver(e *episode) time.Time { return p.closes(e).Add(p.preroll + late) }

// end takes out an episode, whatever its time, and cuts it off where that is.
func (p *planner) end(at time.Time) (e episode, ok bool) {
	if len(p.episodes) == 0 {
		return episode{}, false
	}
	e = p.pop()
	if e.end.After(at) {
		e.end = at
	}
	if e.end.Before(e.begin) {
		e.begin = e.end
	}
	return e, true
}

// pop takes out the first episode.
func (p *planner) pop() episode {
	e := p.episodes[0]
	p.episodes = slices.Delete(p.episodes, 0, 1)
	return e
}

// picture decides about a picture. They come in order.
func (p *planner) picture(at time.Time) verdict {
	switch p.mode {
	case continuous:
		p.last = at
		return keep
	case off:
		return hold
	case paused:
		return forget
	}
	if len(p.episodes) == 0 {
		return hold
	}
	e := &p.episodes[0]
	switch {
	case e.full, at.Before(p.opens(e)):
		return hold
	case e.used && at.After(p.closes(e)) && at.Sub(p.last) > silence: // the camera was silent: its file has ended
		e.full = true
		return hold
	}
	e.used, e.full, p.last = true, !at.Before(p.closes(e)), at
	return keepFile
}

// beside decides about what is no picture, but sound or the place of a lost one: it goes with those that
// were taken before it.
func (p *planner) beside(at time.Time) verdict {
	switch {
	case p.mode == continuous:
		return keep
	case p.mode == paused:
		return forget
	case p.mode == onMotion && !at.After(p.last),
		p.mode == onMotion && len(p.episodes) > 0 && p.episodes[0].used && !p.episodes[0].full:
		return keepFile
	}
	return hold
}

// waits tells whether a file of motion mode has its last picture, and is open for what may join.
func (p *planner) waits() bool {
	return p.mode == onMotion && len(p.episodes) > 0 && p.episodes[0].used && p.episodes[0].full
}

// wanted is from when on pictures are asked for that may be held; ok is false when none are.
func (p *planner) wanted() (from time.Time, ok bool) {
	if p.mode != onMotion {
		return time.Time{}, false
	}
	for i := range p.episodes {
		if e := &p.episodes[i]; !e.full {
			return p.opens(e), true
		}
	}
	return time.Time{}, false
}

// turn takes another mode, in force from that time on. What an episode had of a file has ended; it goes on
// in another one if it is not over.
func (p *planner) turn(to mode, at time.Time) {
	if to == p.mode {
		return
	}
	p.mode = to
	for i := range p.episodes {
		e := &p.episodes[i]
		e.used, e.full = false, !at.Before(p.closes(e))
	}
}

// shift moves all that is known by what the wall clock was set by.
func (p *planner) shift(by time.Duration) {
	p.last = p.last.Add(by)
	for i := range p.episodes {
		e := &p.episodes[i]
		e.begin, e.end = e.begin.Add(by), e.end.Add(by)
	}
}
