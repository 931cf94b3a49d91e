package recorder

import (
	"time"

	"v720dvr/camera"
	"v720dvr/recorder/live"
	"v720dvr/recorder/motion"
	"v720dvr/storage/avi"
)

// An Ailment is what is wrong with a camera now.
type Ailment struct {
	Kind  camera.EventKind // one of motion.Ailment
	Since time.Time        // when it began, a hold-off before it was told
}

// A checkup tells what is wrong with the pictures and the sound of a deck's camera, by what the eye has decoded
// anyway. It belongs to the deck's goroutine.
type checkup struct {
	on      bool
	health  motion.Health
	decoder motion.Decoder // where nobody looks for motion
	looked  time.Time      // with it
	ails    []Ailment      // never changed: what DeckStats hands out
	told    map[camera.EventKind]time.Time
}

// takeHealth takes other settings.
func (d *deck) takeHealth(s Settings) {
	c := &d.checkup
	if c.on && !s.Health {
		d.endHealth()
	}
	if c.on && !s.Audio {
		d.turns(c.health.StopHearing(d.latest))
	}
	c.on = s.Health
}

// examine looks at a picture once a second; where nobody looks for motion, every ten seconds, since it has to be
// decoded.
func (d *deck) examine(i *item) {
	c := &d.checkup
	if !c.on || !i.isPicture() || !d.attends(i.at) || !c.health.Due(i.at) {
		return
	}
	if d.sight.eye != nil {
		if d.sight.seen {
			d.turns(c.health.See(d.sight.eye.Luma(), i.at))
		}
		return
	}
	if since := i.at.Sub(c.looked); since >= 0 && since < motion.HealthSpare {
		return
	}
	c.looked = i.at
	luma, err := c.decoder.Decode(i.data)
	if err != nil {
		d.meter.change(func(n *DeckStats) { n.Unread++ })
		return
	}
	d.turns(c.health.See(luma, i.at))
}

// auscultate listens whether there is anything to hear.
func (d *deck) auscultate(i item) {
	if d.checkup.on && d.settings.Audio {
		d.turns(d.checkup.health.Hear(avi.Loudest(i.data), i.at))
	}
}

// endHealth ends what is told to be wrong: nobody knows any more.
func (d *deck) endHealth() {
	d.turns(d.checkup.health.Stop(d.latest))
	d.checkup.looked = time.Time{}
}

// turns tells what turns. It is no reason to record.
func (d *deck) turns(all []motion.Turn) {
	if len(all) == 0 {
		return
	}
	c := &d.checkup
	if c.told == nil {
		c.told = make(map[camera.EventKind]time.Time)
	}
	ails := make([]Ailment, 0, len(c.ails)+1)
	for _, turn := range all {
		kind := camera.EventKind(turn.Ailment)
		e := camera.Event{Camera: d.id, At: turn.At, Kind: kind, Detail: "since " + turn.Since.UTC().Format(time.RFC3339)}
		if began := c.told[kind]; turn.Ails {
			c.told[kind] = turn.At
			ails = append(ails, Ailment{kind, turn.Since})
			d.tellLive(live.Moment{Phase: live.PhaseStart, Kind: kind, Start: turn.At, End: turn.At, Detail: e.Detail})
		} else {
			ending := camera.Ending{Begin: began.UTC(), Seconds: turn.At.Sub(began).Seconds(), Kinds: []camera.EventKind{kind}}
			e.Kind, e.Detail = camera.Ended, ending.Detail()
			d.tellLive(live.Moment{Phase: live.PhaseEnd, Kind: kind, Start: began, End: turn.At})
			delete(c.told, kind)
		}
		d.tell(note{event: e, aside: d.rest.told != ""})
	}
	for _, a := range c.ails {
		if _, still := c.told[a.Kind]; still {
			ails = append(ails, a)
		}
	}
	c.ails = ails
	d.meter.change(func(n *DeckStats) { n.Ailments = ails })
}
