package recorder

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"time"

	"v720dvr/camera"
	"v720dvr/recorder/motion"
)

// Motion says what is looked and listened for in what a camera gives.
type Motion struct {
	Enabled bool // whether its pictures are looked at, and its sound if Sound says so
	motion.Settings
	Sound int // motion.EarSettings.Sensitivity, 1 to 10; 0: nobody listens
}

// Equal tells whether both say the same.
func (m Motion) Equal(other Motion) bool {
	return m.Enabled == other.Enabled && m.Sound == other.Sound && m.Sensitivity == other.Sensitivity &&
		m.MinSize == other.MinSize && m.Hold == other.Hold &&
		slices.EqualFunc(m.Zones, other.Zones, func(a, b motion.Zone) bool {
			return a.Name == b.Name && a.Kind == b.Kind && a.Sensitivity == b.Sensitivity && slices.Equal(a.Points, b.Points)
		})
}

// A sight is what a deck sees and hears in what comes. It belongs to the deck's goroutine, and holds one
// picture of each kind of event that goes on, and the last one.
type sight struct {
	settings Motion
	eye      *motion.Eye // nil: nothing is looked at
	ear      *motion.Ear // nil: nobody listens
	seen     bool        // the eye has read the last picture
	last     view
	going    []going
}

// going is an event that goes on, with the picture that shows it best so far.
type going struct {
	kind camera.EventKind
	best time.Time // motion.Event.Best that the picture is for
	jpeg []byte
}

// over is an event that is over, as its day's folder tells it.
type over struct {
	event   camera.Event // its beginning
	length  time.Duration
	picture []byte
}

// takeSight takes other settings: what was learned of the scene stays.
func (d *deck) takeSight(s Settings) {
	to := s.Motion
	ear := motion.EarSettings{Sensitivity: to.Sound, Hold: to.Hold}
	hears := to.Enabled && to.Sound > 0 && s.Audio
	if !to.Enabled || !hears && d.sight.ear != nil {
		d.endSeen()
	}
	d.sight.settings = to
	switch {
	case !to.Enabled:
		d.sight.eye = nil
	case d.sight.eye == nil:
		d.sight.eye = motion.NewEye(to.Settings)
	default:
		d.sight.eye.Set(to.Settings)
	}
	switch {
	case !hears:
		d.sight.ear = nil
	case d.sight.ear == nil:
		d.sight.ear = motion.NewEar(ear)
	default:
		d.sight.ear.Set(ear)
	}
}

// attends tells whether what was captured then is looked at and listened to: only where it may be recorded.
func (d *deck) attends(at time.Time) bool {
	return (d.ruling.mode == continuous || d.ruling.mode == onMotion) && !at.Before(d.hushed)
}

// watch looks at a picture. What moves in it triggers before the picture is recorded or held.
func (d *deck) watch(i *item) {
	s := &d.sight
	if s.eye == nil || !i.isPicture() || !d.attends(i.at) {
		return
	}
	seen := s.eye.See(i.data, i.at)
	s.seen = seen.Err == nil
	if !s.seen {
		d.meter.change(func(n *DeckStats) { n.Unread++ })
	}
	i.score, i.track = seen.Score, bytes.Clone(seen.Track)
	d.queue.budget.take(int64(len(i.track)))
	s.last = view{i.at, i.data}
	d.moves.Store(uint32(seen.Score))
	d.showGrid(seen, i)
	d.report(seen.News)
	if seen.Active && (seen.Motion || seen.Stands) {
		d.triggered(Trigger{Camera: d.id, Kind: camera.Motion, At: seen.Began, For: i.at.Sub(seen.Began), own: true}, false)
	}
}

// listen listens to a piece of sound.
func (d *deck) listen(i item) {
	if i.kind != itemAudio || !d.attends(i.at) {
		return
	}
	d.auscultate(i)
	if d.sight.ear == nil {
		return
	}
	news := d.sight.ear.Hear(i.data, i.at)
	d.report(news)
	for _, n := range news {
		d.triggered(Trigger{Camera: d.id, Kind: camera.Sound, At: n.Event.Start, For: n.Event.End.Sub(n.Event.Start), own: true}, false)
	}
}

// endSight ends what goes on: nothing more is seen for a while.
func (d *deck) endSight() {
	d.endSeen()
	d.endHealth()
}

// endSeen ends the events that go on.
func (d *deck) endSeen() {
	if d.sight.eye != nil {
		d.report(d.sight.eye.Stop())
	}
	if d.sight.ear != nil {
		d.report(d.sight.ear.Stop())
	}
	d.sight.last = view{}
}

// report tells what is new of events, and keeps the pictures that show them.
func (d *deck) report(news []motion.News) {
	for _, n := range news {
		kind := camera.EventKind(n.Event.Kind)
		at := slices.IndexFunc(d.sight.going, func(g going) bool { return g.kind == kind })
		if at < 0 {
			at = len(d.sight.going)
			d.sight.going = append(d.sight.going, going{kind: kind})
		}
		g := &d.sight.going[at]
		d.tellSeen(n)
		if n.Phase != motion.Ends {
			if g.jpeg == nil || !g.best.Equal(n.Event.Best) {
				g.best, g.jpeg = n.Event.Best, d.sight.last.jpeg
			}
			if n.Phase == motion.Begins {
				d.tellBegin(kind, n.Event)
			}
			continue
		}
		d.tellOver(kind, n.Event, g.jpeg)
		d.sight.going = slices.Delete(d.sight.going, at, at+1)
	}
}

// tellBegin tells the beginning: movement and noise with the picture that they begin before, a change of
// light where something is recorded, since it is no reason to record.
func (d *deck) tellBegin(kind camera.EventKind, e *motion.Event) {
	begin := camera.Event{Camera: d.id, At: e.Start, Kind: kind}
	if kind != camera.Light {
		d.notes = append(d.notes, noted{event: begin, silent: true})
	} else {
		d.tell(note{event: begin, silent: true, aside: d.rest.told != ""})
	}
}

// tellOver tells the end, with all that is known by then.
func (d *deck) tellOver(kind camera.EventKind, e *motion.Event, picture []byte) {
	ending := camera.Ending{
		Begin: e.Start.UTC(), Seconds: e.End.Sub(e.Start).Seconds(), Kinds: []camera.EventKind{kind},
		Peak: peakOf(e), PeakAt: e.PeakAt.UTC(), Best: e.Best.UTC(), Frames: e.Frames,
		Box: boxOf(e.Box, e), BestBox: boxOf(e.BestBox, e), Zones: d.zonesOf(e),
	}
	d.tell(note{
		event: camera.Event{Camera: d.id, At: e.End, Kind: camera.Ended, Detail: ending.Detail()},
		aside: kind == camera.Light && d.rest.told != "",
		over: &over{
			event:   camera.Event{Camera: d.id, At: e.Start, Kind: kind, Detail: strings.Join(ending.Zones, ", ")},
			length:  e.End.Sub(e.Start),
			picture: picture,
		},
	})
}

// boxOf makes a part of the picture of cells; nil when there are none.
func boxOf(r motion.Region, e *motion.Event) *camera.Box {
	if r.Width == 0 || e.Width == 0 || e.Height == 0 {
		return nil
	}
	across, down := float64(e.Width), float64(e.Height)
	return &camera.Box{X: float64(r.X) / across, Y: float64(r.Y) / down, Width: float64(r.Width) / across, Height: float64(r.Height) / down}
}

// zonesOf names the zones of an event.
func (d *deck) zonesOf(e *motion.Event) (names []string) {
	for _, i := range e.ZoneNumbers() {
		if i >= len(d.sight.settings.Zones) {
			continue // of settings that were changed meanwhile
		}
		name := d.sight.settings.Zones[i].Name
		if name == "" {
			name = fmt.Sprintf("zone %d", i+1)
		}
		names = append(names, name)
	}
	return names
}
