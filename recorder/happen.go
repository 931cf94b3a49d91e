package recorder

import (
	"time"

	"v720dvr/camera"
	"v720dvr/storage"
)

// happened takes an event of the camera.
func (d *deck) happened(i item) {
	e := &i.note.event
	e.At = i.at
	r := &d.rest
	switch e.Kind {
	case camera.Online:
		wasGone := r.gone
		r.gone, r.came = false, true
		r.left = r.left && e.Detail != camera.Reconnected
		switch {
		case e.Detail == camera.Reconnected && wasGone:
			d.renames(storage.GapOffline, storage.GapSilent)
		case r.told == storage.GapOffline:
			d.rests(e.At, storage.GapSilent)
		}
	case camera.Offline:
		wasGone := r.gone
		r.left = true
		if r.gone = true; !wasGone && r.silent && r.known { // that was why
			d.renames(storage.GapSilent, storage.GapOffline)
		}
	}
	if d.ruling.mode == paused {
		d.queue.budget.give(i.cost())
		return
	}
	if e.Kind == camera.Device { // it is told whether it is the first one of its episode or not
		d.queue.budget.give(i.cost())
		d.notes = append(d.notes, noted{event: *e})
		d.tellHappened(*e)
		d.triggered(Trigger{Camera: d.id, Kind: e.Kind, At: e.At}, false)
		return
	}
	i.note.aside = d.ruling.mode == off
	d.pass(i)
}

// farthest is a time behind all others.
var farthest = time.Unix(1<<40, 0)

// triggered takes a trigger; tell is whether an event is to be told of it.
func (d *deck) triggered(t Trigger, tell bool) {
	now, _ := d.follow()
	if end := t.At.Add(max(t.For, 0)); t.At.After(now) {
		t.At, t.For = now, end.Sub(now)
	}
	first := d.plan.trigger(t)
	if first && tell {
		e := camera.Event{Camera: d.id, At: t.At, Kind: t.Kind, Detail: t.Detail}
		d.notes = append(d.notes, noted{event: e})
		d.tellHappened(e)
	}
	d.release()
	d.rule(d.latest)
}

// A noted event waits to be told before the picture that it belongs before.
type noted struct {
	event  camera.Event
	silent bool // it stands in the segment only: its line is written when it is over
}

// tellNotes tells the events that belong before a picture of that time.
func (d *deck) tellNotes(at time.Time) {
	n := 0
	for ; n < len(d.notes) && !d.notes[n].event.At.After(at); n++ {
		d.tell(note{event: d.notes[n].event, silent: d.notes[n].silent})
	}
	d.notes = append(d.notes[:0], d.notes[n:]...)
}

// tell hands an event to the spool. What happens while nothing is to be recorded stands in no segment.
func (d *deck) tell(n note) {
	if d.ruling.mode == paused {
		return
	}
	n.aside = d.ruling.mode == off || n.aside
	if n.aside && n.silent && n.over == nil {
		return
	}
	d.decide(item{kind: itemEvent, at: n.event.At, note: &n})
}

// tellEnd tells that an episode is over, and ends its file.
func (d *deck) tellEnd(e episode, at time.Time) {
	d.tellEnded(e)
	if len(e.kinds) > 0 {
		d.tell(note{event: camera.Event{Camera: d.id, At: e.end, Kind: camera.Ended, Detail: e.ending()}})
	}
	if d.ruling.mode == onMotion && e.used && d.rest.told == "" {
		d.rests(at, storage.GapIdle)
	}
}

// endEpisodes ends what is under way.
func (d *deck) endEpisodes(at time.Time) {
	for e, ok := d.plan.end(at); ok; e, ok = d.plan.end(at) {
		d.tellEnd(e, at)
	}
}
