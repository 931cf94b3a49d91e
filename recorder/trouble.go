package recorder

import (
	"errors"
	"time"

	"v720dvr/storage"
	"v720dvr/storage/avi"
)

// drop counts a picture that is not recorded because of the disk.
func (d *deck) drop() { d.meter.change(func(s *DeckStats) { s.Dropped++ }) }

// failed ends the segment after an error of the disk and has the deck rest. at is when the
// picture was captured that is now missing.
func (d *deck) failed(err error, at, now time.Time) {
	first := d.trouble.strike(now)
	d.meter.change(func(s *DeckStats) { s.Err = err.Error() })
	if first {
		d.log.Error("recording failed; it is tried again", "error", err)
	} else {
		d.log.Debug("recording failed again", "error", err, "next", d.trouble.wait)
	}
	switch {
	case d.segment == nil:
		if d.missing == nil {
			d.missing = &avi.Gap{From: at, Reason: GapDisk}
		}
	case errors.Is(err, storage.ErrGivenUp):
		switch {
		case !d.span.last.IsZero():
			d.close(d.span.last.Add(d.usual), GapDisk)
		case d.missing != nil: // its first picture failed: what was missing before still is
			d.close(d.missing.From, d.missing.Reason)
		default:
			d.close(at, GapDisk)
		}
	default: // the next segment could not be begun, and this one is as good as ever
		d.finish(GapDisk)
	}
}

// failedAside is for what was no picture.
func (d *deck) failedAside(err error, at time.Time) {
	if errors.Is(err, storage.ErrGivenUp) {
		d.failed(err, at, time.Now())
		return
	}
	d.log.Debug("not noted in the segment", "error", err)
}

// trouble is how a deck keeps away from a disk that fails: 1 s after the first error, then twice
// as long each time, up to 30 s. Times are on the monotonic clock.
type trouble struct {
	wait  time.Duration // 0: there is none
	until time.Time
}

const (
	shortestRest = time.Second
	longestRest  = 30 * time.Second
	steady       = 10 * time.Second // of writing without an error end the trouble
)

// strike notes an error and tells whether it is the first.
func (t *trouble) strike(now time.Time) (first bool) {
	first = t.wait == 0
	t.wait = min(max(2*t.wait, shortestRest), longestRest)
	t.until = now.Add(t.wait)
	return first
}

func (t *trouble) resting(now time.Time) bool { return t.wait > 0 && now.Before(t.until) }

// overcome tells once that a picture written at now ends the trouble.
func (t *trouble) overcome(now time.Time) bool {
	if t.wait == 0 || now.Sub(t.until) < steady {
		return false
	}
	*t = trouble{}
	return true
}
