package homeassistant

import "time"

// lossOver is how far back the part of lost pictures is told.
const lossOver = time.Minute

// A count is what a camera's counters were at a moment.
type count struct {
	at           time.Time
	frames, lost int64
}

// losses remembers a camera's counters for lossOver: as many as looks.
type losses []count

// look notes counters and tells the part of pictures that did not come whole, in percent; -1 where none was due.
func (l *losses) look(at time.Time, frames, lost int64) float64 {
	if n := len(*l); n > 0 && ((*l)[n-1].frames > frames || (*l)[n-1].lost > lost) {
		*l = nil // they count from 0 again
	}
	*l = append(*l, count{at, frames, lost})
	for len(*l) > 2 && at.Sub((*l)[1].at) >= lossOver {
		*l = append((*l)[:0], (*l)[1:]...)
	}
	first := (*l)[0]
	due := frames - first.frames + lost - first.lost
	if due == 0 {
		return -1
	}
	return 100 * float64(lost-first.lost) / float64(due)
}
