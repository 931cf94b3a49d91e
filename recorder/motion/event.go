package motion

import (
	"math/bits"
	"time"
)

// Sound is the kind of an event that was heard: see Ear.
const Sound Kind = "sound"

// Event is a movement, a change of light or a noise, from its first moment to its last.
type Event struct {
	Kind Kind
	// Start is the first frame of it and End the last one until now, in which it is seen; what comes
	// within Settings.Hold after End still belongs to it. Of sound they are moments.
	Start, End time.Time
	// Peak is the largest score of a frame (Result.Score), at PeakAt; light and sound have none.
	Peak   uint16
	PeakAt time.Time
	// Loudness is, of sound, the most that it was louder than the place usually is, in dB, at PeakAt.
	Loudness float64
	// Frames counts those in which something moves, or the light changes.
	Frames int
	// Box is the smallest part of the picture with all that moved, in cells of a grid of Width×Height.
	Box           Region
	Width, Height int
	// Zones has a bit for each of Settings.Zones in which something moved.
	Zones uint64
	// Best is the frame that shows it best: the largest and sharpest of a movement, the last of a change
	// of light. BestBox is the largest thing that moves in it.
	Best    time.Time
	BestBox Region

	weight int // of Best
}

// ZoneNumbers are the indexes in Settings.Zones of those that something moved in.
func (e *Event) ZoneNumbers() (zones []int) {
	for set := e.Zones; set != 0; set &= set - 1 {
		zones = append(zones, bits.TrailingZeros64(set))
	}
	return zones
}

// Phase tells what is new of an event.
type Phase string

// The phases. The texts are those that subscribers get: they never change. An event is told of by one
// Begins, any number of Goes and one Ends.
const (
	Begins Phase = "start"
	Goes   Phase = "update" // it has a better picture, or is a second older
	Ends   Phase = "end"
)

// News is something new of an event. The Event is the teller's own: it stands until its next step.
type News struct {
	Phase Phase
	Event *Event
}
