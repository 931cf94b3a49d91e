package recorder

import (
	"time"

	"v720dvr/camera"
	"v720dvr/recorder/schedule"
	"v720dvr/storage"
)

// The modes of a Plan. Any other text, and "", is continuous: of a mistake rather too much is recorded.
const (
	ModeContinuous = "continuous" // everything
	ModeMotion     = "motion"     // what triggers tell of, with their rolls
	ModeOff        = "off"        // nothing
)

// Settings of one camera's recording. The zero Settings record everything but sound.
type Settings struct {
	Name    string        // what people call it; "" is its id
	Segment time.Duration // length of a segment; 0 is 5 min
	Audio   bool          // whether sound is recorded
	Plan    schedule.Plan // which mode is in force when, by the store's zone; the zero Plan is continuous
	// In motion mode a file begins with the first picture at or after Preroll before its event, and ends
	// with the first at or after Postroll behind it.
	Preroll, Postroll time.Duration
	Motion            Motion // what is looked and listened for; the zero Motion is nothing
	Health            bool   // whether it is looked for what is wrong with pictures and sound
}

// Equal tells whether both say the same.
func (s Settings) Equal(other Settings) bool {
	return s.file() == other.file() && s.Preroll == other.Preroll && s.Postroll == other.Postroll && s.Plan.Equal(other.Plan) && s.Health == other.Health && s.Motion.Equal(other.Motion)
}

// fileSettings are those that a segment is written by: when they change another begins.
type fileSettings struct {
	name   string
	length time.Duration
	audio  bool
}

func (s Settings) file() fileSettings {
	length := s.Segment
	if length <= 0 {
		length = defaultSegment
	}
	return fileSettings{s.Name, length, s.Audio}
}

// rolls tells whether there is ever something to hold a pre-roll for.
func (s Settings) rolls() bool {
	for _, rule := range s.Plan.Rules {
		if rule.Mode == ModeMotion {
			return true
		}
	}
	return s.Plan.Otherwise == ModeMotion
}

type mode uint8

const (
	continuous mode = iota
	onMotion
	off
	paused
)

// A ruling is which mode is in force.
type ruling struct {
	mode   mode
	reason string    // in off and paused, a Gap constant of storage
	from   time.Time // since when
}

// A judge tells which mode is in force at a moment. It asks the schedule only where the answer may be
// another one; a pause is asked for each time, since privacy begins when a person says so.
type judge struct {
	id       camera.ID
	store    *storage.Store
	plan     schedule.Plan
	zone     *time.Location // that the decision was made in; nil: there is none
	decision schedule.Decision
}

// take takes another plan.
func (j *judge) take(plan schedule.Plan) { j.plan, j.zone = plan, nil }

// rule is the mode at a capture time.
func (j *judge) rule(at time.Time) ruling {
	if zone := j.store.Location(); zone != j.zone || !j.decision.Holds(at) {
		j.decision, j.zone = j.plan.Active(at, zone), zone
	}
	r := ruling{from: j.decision.From}
	switch {
	case j.decision.Mode == ModeMotion:
		r.mode = onMotion
	case j.decision.Mode == ModeOff && j.decision.Rule == schedule.None:
		r.mode, r.reason = off, storage.GapOff
	case j.decision.Mode == ModeOff:
		r.mode, r.reason = off, storage.GapSchedule
	}
	if p, is := j.store.Paused(j.id, at); is {
		return ruling{paused, storage.GapPaused, p.From}
	} else if p.Until.After(r.from) && !p.Until.After(at) {
		r.from = p.Until
	}
	return r
}
