package recorder

import (
	"slices"
	"time"

	"v720dvr/camera"
)

// Trigger tells that something happened to a camera, from At until At+For as far as is known; 0 is a
// moment. It is told again to prolong it. Triggers of the future are taken to happen now.
type Trigger struct {
	Camera camera.ID
	Kind   camera.EventKind
	At     time.Time
	For    time.Duration
	Detail string // for the event that is told

	own bool // who tells of it tells its beginning and its end itself
}

// late is how late a trigger may come, behind pictures that were taken after it, to be placed as if it
// had come in time.
const late = 2 * time.Second

// mostEpisodes bounds those that are told of at a time. Two are usual: one that is over, and waits
// until no pre-roll reaches into it any more, and the next.
const mostEpisodes = 8

// An episode is triggers that join: no more than both rolls lie between them. In motion mode it is a
// file of its own.
type episode struct {
	begin, end time.Time          // of the triggers, without the rolls
	told       time.Time          // when the event that told of kinds happened, by the clock as it was then
	kinds      []camera.EventKind // of the triggers that do not tell their own end
	used       bool               // a picture of it was recorded in its file
	full       bool               // so was its last one, as far as is known
}

// ending is what is told when it is over.
func (e *episode) ending() string {
	return camera.Ending{Begin: e.told.UTC(), Seconds: e.end.Sub(e.begin).Seconds(), Kinds: e.kinds}.Detail()
}

// trigger takes a trigger. The answer is whether it is the first of its kind in its episode, so that an
// event is to be told.
func (p *planner) trigger(t Trigger) (first bool) {
	if p.mode == paused {
		return false
	}
	joined := episode{begin: t.At, end: t.At.Add(max(t.For, 0)), told: t.At}
	if !t.own {
		joined.kinds = []camera.EventKind{t.Kind}
	}
	place := 0
	for place < len(p.episodes) && p.episodes[place].end.Add(p.rolls()).Before(joined.begin) {
		place++
	}
	most := len(p.episodes) == mostEpisodes
	if most {
		place = min(place, mostEpisodes-1)
	}
	first = true
	for place < len(p.episodes) && (most || !p.episodes[place].begin.After(joined.end.Add(p.rolls()))) {
		most = false
		e := p.episodes[place]
		p.episodes = slices.Delete(p.episodes, place, place+1)
		first = first && !slices.Contains(e.kinds, t.Kind)
		joined = p.join(e, joined)
	}
	p.episodes = slices.Insert(p.episodes, place, joined)
	return first
}

// join makes one of two; older was told first.
func (p *planner) join(older, younger episode) episode {
	end := older.end
	if len(older.kinds) == 0 {
		older.told = younger.told
	}
	for _, kind := range younger.kinds {
		if !slices.Contains(older.kinds, kind) {
			older.kinds = append(older.kinds, kind)
		}
	}
	if younger.begin.Before(older.begin) {
		older.begin = younger.begin
	}
	if younger.end.After(older.end) {
		older.end = younger.end
	}
	older.used = older.used || younger.used
	older.full = older.full && older.end.Equal(end) || older.used && !p.last.Before(p.closes(&older))
	return older
}
