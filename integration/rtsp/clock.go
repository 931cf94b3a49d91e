package rtsp

import (
	"time"

	"v720dvr/camera"
)

// A clock makes RTP's times out of capture times, of one camera's pictures and sound together. As long as the wall
// clock is not set, RTP time is capture time: a sender report says the same of both, and they are in step.
type clock struct {
	began    bool
	at, came time.Time     // capture time, and when it came, of what was last
	shift    time.Duration // RTP time less capture time: not zero when the wall clock was set
	picture  time.Time     // in RTP time, the last one
	sound    time.Time     // in RTP time, where the last piece ended
}

const (
	// leap is how far capture times may run off from when things come. Beyond it the wall clock was set: a camera
	// that was held up by lost packages, and a queue, stay far below.
	leap = 5 * time.Second
	// soundStep is how far a piece of sound may stand from the end of the one before and follow on it all the same:
	// jitter is nobody's gap. As in the recordings.
	soundStep = 50 * time.Millisecond

	pictureTick = time.Second / 90000 // RFC 2435, section 3
	soundTick   = time.Second / camera.SampleRate
)

// move takes a capture time and when that came, and tells the RTP time of it.
func (c *clock) move(at, came time.Time) time.Time {
	at = at.Round(0)
	if off := at.Sub(c.at) - came.Sub(c.came); c.began && off.Abs() > leap {
		c.shift -= off
	}
	if !c.began || at.After(c.at) || at.Add(c.shift).After(c.picture) {
		c.at, c.came, c.began = at, came, true
	}
	return at.Add(c.shift)
}

// show tells the RTP time of a picture: behind that of the one before, whatever its capture time.
func (c *clock) show(at, came time.Time) time.Time {
	when := c.move(at, came)
	if least := c.picture.Add(pictureTick + 1); !c.picture.IsZero() && when.Before(least) {
		when = least
	}
	c.picture = when
	return when
}

// hear tells the RTP time of a piece of sound, and how many of its samples were sent already.
func (c *clock) hear(a camera.Audio, came time.Time) (when time.Time, skip int) {
	when = c.move(a.At, came)
	if !c.sound.IsZero() {
		switch off := when.Sub(c.sound); {
		case off.Abs() <= soundStep:
			when = c.sound
		case off < 0:
			skip = min(int((-off+soundTick-1)/soundTick), len(a.ALaw))
			when = c.sound
		}
	}
	if skip < len(a.ALaw) {
		c.sound = when.Add(time.Duration(len(a.ALaw)-skip) * soundTick)
	}
	return when, skip
}

// ticks is a time in so many parts of a second, as RTP counts them: without what is beyond 32 bits.
func ticks(t time.Time, rate int64) uint32 {
	return uint32(t.Unix()*rate + int64(t.Nanosecond())*rate/int64(time.Second))
}
