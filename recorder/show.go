package recorder

import (
	"math"

	"v720dvr/camera"
	"v720dvr/recorder/live"
	"v720dvr/recorder/motion"
)

// A showing is what a deck gives to those who look live: what came, as it came, and what is new of events.
// Nothing in a pause.
type showing struct {
	hub    *live.Hub                  // nil: nobody can look
	number func() int64               // of the next event in this run
	going  map[camera.EventKind]int64 // numbers of the events that began
}

func newShowing(r *Recorder) showing {
	return showing{hub: r.live, number: func() int64 { return r.moments.Add(1) }, going: make(map[camera.EventKind]int64)}
}

// show shows a picture, or a piece of sound.
func (d *deck) show(i item) {
	if d.showing.hub == nil || d.ruling.mode == paused || i.at.Before(d.hushed) {
		return
	}
	switch {
	case i.isPicture():
		d.showing.hub.Frame(camera.Frame{Camera: d.id, At: i.at, JPEG: i.data, Repaired: i.repaired, Missing: int(i.missing)})
	case i.kind == itemAudio:
		d.meter.sound(i.data, i.came)
		d.showing.hub.Audio(camera.Audio{Camera: d.id, At: i.at, ALaw: i.data})
	}
}

// showGrid shows what was seen to move in a picture. All of it is known already, and the track is the journal's: who
// looks costs the deck nothing more.
func (d *deck) showGrid(seen motion.Seen, i *item) {
	c := d.sight.eye.Change()
	if d.showing.hub == nil || seen.Err != nil || c.Width*c.Height == 0 {
		return
	}
	part := func(cells int) uint16 { return uint16(min(65535, 65535*cells/(c.Width*c.Height))) }
	d.showing.hub.Grid(live.Grid{
		Camera: d.id, At: i.at, Score: seen.Score, Largest: part(seen.Largest), Needed: part(seen.Needed),
		Motion: seen.Motion, Active: seen.Active, Light: seen.Light, Track: i.track,
	})
}

// forgetShown takes back what was shown: it is nobody's business any more.
func (d *deck) forgetShown() {
	if d.showing.hub != nil {
		d.showing.hub.Forget(d.id)
	}
}

// tellLive tells what is new of an event.
func (d *deck) tellLive(m live.Moment) {
	s := &d.showing
	if s.hub == nil || d.ruling.mode == paused {
		return
	}
	m.Camera, m.ID = d.id, s.going[m.Kind]
	switch {
	case m.Phase == live.PhaseStart:
		m.ID = s.number()
		s.going[m.Kind] = m.ID
	case m.ID == 0: // its beginning was not told: it lay in a pause
		return
	case m.Phase == live.PhaseEnd:
		delete(s.going, m.Kind)
	}
	s.hub.Moment(m)
}

// tellSeen tells what is new of what was seen or heard.
func (d *deck) tellSeen(n motion.News) {
	if d.showing.hub == nil {
		return
	}
	e := n.Event
	d.tellLive(live.Moment{
		Phase: string(n.Phase), Kind: camera.EventKind(e.Kind), Start: e.Start, End: e.End,
		Peak: peakOf(e), Best: e.Best, Box: boxOf(e.Box, e), Zones: d.zonesOf(e),
	})
}

// tellHappened tells of an event that came from outside, and tellEnded that those of an episode are over.
func (d *deck) tellHappened(e camera.Event) {
	d.tellLive(live.Moment{Phase: live.PhaseStart, Kind: e.Kind, Start: e.At, End: e.At, Detail: e.Detail})
}

func (d *deck) tellEnded(e episode) {
	for _, kind := range e.kinds {
		d.tellLive(live.Moment{Phase: live.PhaseEnd, Kind: kind, Start: e.told, End: e.end})
	}
}

// peakOf is the part of the picture that moved, 0 to 1; of sound how much louder it was than usual, in dB.
func peakOf(e *motion.Event) float64 {
	if e.Kind == motion.Sound {
		return math.Round(e.Loudness*10) / 10
	}
	return math.Round(float64(e.Peak)/65535*1e4) / 1e4
}
