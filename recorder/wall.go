package recorder

import (
	"fmt"
	"sync"
	"time"
)

// leastStep is by how much wall clock and monotonic clock must disagree for the wall clock to have been
// set. Less is followed, by a followRate-th of the time that passes, so that no time goes back: NTP slews a
// clock by a two-thousandth.
const (
	leastStep  = 200 * time.Millisecond
	followRate = 100
)

// A wallClock is the box's time of day, held against the monotonic clock. Capture times come on the
// monotonic one; everything behind the decks is wall time, by the clock as it is now. It is to be read at
// least once a second, so that slewing never adds up to a step.
type wallClock struct {
	now   func() time.Time // nil: time.Now, of which one reading has both clocks
	begun time.Time        // by time.Now
	start time.Time        // the same moment by the wall clock

	mu     sync.Mutex
	ticks  time.Duration // of the last reading, since begun
	offset time.Duration // by which the wall clock has left the monotonic one since begun
	steps  time.Duration // of that, what it was set by at once
}

func newWallClock(now func() time.Time) *wallClock {
	c := &wallClock{now: now, begun: time.Now()}
	if c.start = c.begun.Round(0); now != nil {
		c.start = now().Round(0)
	}
	return c
}

// read looks at both clocks. A step shows in steps, once and for all who ask.
func (c *wallClock) read() (offset, steps time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	// A goroutine may be held up between the two readings, hardly three times on end.
	var apart time.Duration
	for range 3 {
		offset, ticks := c.measure()
		apart = offset - c.offset
		if apart.Abs() < leastStep {
			most := (ticks - c.ticks) / followRate
			c.offset += min(max(apart, -most), most)
			c.ticks = ticks
			return c.offset, c.steps
		}
	}
	c.ticks, c.offset, c.steps = time.Since(c.begun), c.offset+apart, c.steps+apart
	return c.offset, c.steps
}

func (c *wallClock) measure() (offset, ticks time.Duration) {
	now := time.Now()
	wall := now
	if c.now != nil {
		wall = c.now()
	}
	ticks = now.Sub(c.begun)
	return wall.Round(0).Sub(c.start) - ticks, ticks
}

// of makes wall time of a time.Now's, by an offset that was read, cut to the microsecond that files
// count in: so deck and file agree on which side of a cut a sample is. A time without a monotonic
// reading is wall time already, unless time.Now has none either (in a testing/synctest bubble).
func (c *wallClock) of(at time.Time, offset time.Duration) time.Time {
	if hasTicks(at) || !hasTicks(c.begun) {
		at = c.start.Add(at.Sub(c.begun) + offset)
	}
	return at.Round(0).Truncate(time.Microsecond)
}

// today is the wall clock's time.
func (c *wallClock) today() time.Time {
	offset, _ := c.read()
	return c.of(time.Now(), offset)
}

func hasTicks(t time.Time) bool { return t != t.Round(0) }

// setBy says by how much the clock was set, for people.
func setBy(by time.Duration) string {
	if by < 0 {
		return fmt.Sprintf("set back by %v", -by.Round(time.Millisecond))
	}
	return fmt.Sprintf("set forward by %v", by.Round(time.Millisecond))
}
