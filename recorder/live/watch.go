package live

import (
	"slices"
	"time"

	"v720dvr/camera"
)

// Want is what a viewer wants of a camera.
type Want struct {
	Pictures bool
	FPS      float64 // pictures, and grids, a second at most; 0: all that come
	Every    bool    // pictures wait in a line until they are taken, and need no Ack: for who hands them on at once
	Sound    bool
	Grids    bool // what moves, of as many pictures a second
}

// nothing tells whether nothing is wanted.
func (w Want) nothing() bool { return !w.Pictures && !w.Sound && !w.Grids }

// watch is a camera that a viewer wants something of.
type watch struct {
	viewer *Viewer
	id     camera.ID
	feed   *feed
	want   Want
	pace   pace
	shown  uint32 // number of the picture that was taken last
	waits  bool   // it stands in the viewer's queue

	gridPace  pace
	grid      Grid
	gridWaits bool // grid is one that was not taken, and the watch stands in the viewer's grids
}

// A pace thins pictures to so many a second by their capture times, evenly: of 10 a second to 6 it takes
// the 1st, 2nd, 4th, 6th, 7th and 9th. It lets each come half an interval early, so that jitter costs
// none where as many come as are wanted.
type pace struct {
	interval time.Duration // 0: all are due
	next     time.Time     // when the next one is due
}

func paceOf(fps float64) pace {
	if fps <= 0 {
		return pace{}
	}
	return pace{interval: time.Duration(float64(time.Second) / fps)}
}

// due says whether a picture is to be shown, and counts it when it is.
func (p *pace) due(at time.Time) bool {
	if p.interval == 0 {
		return true
	}
	switch early := p.next.Sub(at); {
	case early <= -p.interval, early > 2*p.interval: // none came for long, or the clock was set back: begin anew
		p.next = at
	case early >= p.interval/2:
		return false
	}
	p.next = p.next.Add(p.interval)
	return true
}

// begin has the latest picture of the camera sent at once, if it was not.
func (w *watch) begin() {
	if w.want.Pictures && w.feed.latest.JPEG != nil && w.shown != w.feed.pictures {
		w.pace.due(w.feed.latest.At)
		w.viewer.see(w)
	}
}

// end takes a watch off its feed, and the feed away where nothing ever came.
func (w *watch) end(h *Hub) {
	w.feed.watches = slices.DeleteFunc(w.feed.watches, func(other *watch) bool { return other == w })
	if len(w.feed.watches) == 0 && w.feed.pictures == 0 && w.feed.sounds == 0 {
		delete(h.feeds, w.id)
	}
}
