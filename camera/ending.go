package camera

import (
	"encoding/json"
	"time"
)

// Ending is the Detail of an Ended event, as JSON: what is over, and what is known of it by then.
// docs/storage.md, "Events".
type Ending struct {
	Begin   time.Time   `json:"begin"`   // At of the event that told the beginning, UTC
	Seconds float64     `json:"seconds"` // from there to its end
	Kinds   []EventKind `json:"kinds"`   // of what began, in the order it came

	// What the recorder saw or heard itself is one event with one ending, and has a peak: of motion the
	// part of the picture that moves, 0 to 1; of sound how much louder it was than usual, in dB.
	Peak   float64   `json:"peak,omitempty"`
	PeakAt time.Time `json:"peak_at,omitzero"`
	// Best is the capture time of the picture that shows it best, and BestBox what moves in that one; Box is
	// the part of the picture in which something moved at any time.
	Best    time.Time `json:"best,omitzero"`
	BestBox *Box      `json:"best_box,omitempty"`
	Box     *Box      `json:"box,omitempty"`
	Zones   []string  `json:"zones,omitempty"`  // in which something moved: names, or "zone 2"
	Frames  int       `json:"frames,omitempty"` // with motion, or in which the light changed
}

// Box is a part of a picture: 0, 0 is its upper left corner, 1, 1 its lower right one.
type Box struct {
	X      float64 `json:"x" doc:"Of the upper left corner, as a part of the width"`
	Y      float64 `json:"y"`
	Width  float64 `json:"width"`
	Height float64 `json:"height"`
}

// Detail is what an event says of it.
func (e Ending) Detail() string {
	text, err := json.Marshal(e)
	if err != nil { // a year with five digits
		return ""
	}
	return string(text)
}

// ParseEnding reads the Detail of an Ended event; false when it is none.
func ParseEnding(detail string) (e Ending, ok bool) {
	err := json.Unmarshal([]byte(detail), &e)
	return e, err == nil && !e.Begin.IsZero() && e.Seconds >= 0
}
