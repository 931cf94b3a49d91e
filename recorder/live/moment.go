package live

import (
	"slices"
	"time"

	"v720dvr/camera"
)

// Moment is what is new of an event, in the words of the API.
type Moment struct {
	Camera camera.ID        `json:"camera"`
	ID     int64            `json:"id"`    // number of the event in this run
	Phase  string           `json:"phase"` // PhaseStart, PhaseUpdate or PhaseEnd
	Kind   camera.EventKind `json:"kind"`
	Start  time.Time        `json:"start"`        // its first moment
	End    time.Time        `json:"end,omitzero"` // the last one in which it was noticed, until now
	// Peak, Best, Box and Zones as in camera.Ending, as far as is known by now.
	Peak   float64     `json:"peak,omitempty"`
	Best   time.Time   `json:"best,omitzero"`
	Box    *camera.Box `json:"box,omitempty"`
	Zones  []string    `json:"zones,omitempty"` // not changed once handed over; nor is Box
	Detail string      `json:"detail,omitempty"`
}

// The phases of an event: one start, any number of updates, one end.
const (
	PhaseStart  = "start"
	PhaseUpdate = "update"
	PhaseEnd    = "end"
)

// mostMoments of a viewer wait; of one that reads nothing a day may hold more. The oldest are dropped.
const mostMoments = 64

// moments are those that a viewer has not got yet, in order. Of an event at most two wait: its start and
// an update, or one of them and its end.
type moments struct {
	list   []Moment
	missed int // since the last one that was taken
}

// add puts a moment behind the others, or its news into one that waits.
func (q *moments) add(m Moment) {
	for i := len(q.list) - 1; i >= 0; i-- {
		old := &q.list[i]
		if old.Camera != m.Camera || old.ID != m.ID {
			continue
		}
		if m.Phase == PhaseUpdate && old.Phase != PhaseEnd || m.Phase == PhaseEnd && old.Phase == PhaseUpdate {
			phase := old.Phase
			*old = m
			if m.Phase == PhaseUpdate {
				old.Phase = phase // an event that begins, as it is now
			}
			return
		}
		break
	}
	if len(q.list) == mostMoments {
		q.list = slices.Delete(q.list, 0, 1)
		q.missed++
	}
	q.list = append(q.list, m)
}

// take is the first that waits; nil when none does.
func (q *moments) take() *Moment {
	if len(q.list) == 0 {
		return nil
	}
	m := q.list[0]
	q.list = slices.Delete(q.list, 0, 1)
	return &m
}
