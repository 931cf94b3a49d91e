package v720

import "time"

// Clock finds capture times. Nothing on the wire carries one, but pictures and sound share one
// sequence of packages, and a camera's sound is a clock that stalls and bursts cannot hurry: a
// package of 800 samples took the camera 100 ms to fill, however it travelled.
//
// A sound package's lag is how much later it came, against the count of samples, than the
// quickest package of the last seconds. A picture was captured between the end of the sound
// package before it and the end of the one behind it, and never after its own arrival: in a
// quiet network the arrival decides, in a burst the sound does. docs/time.md.
//
// Calls come in the order of the sequence. The zero Clock is ready.
type Clock struct {
	rate    int64 // samples counted since the last anchor
	anchor  time.Time
	quick   [2]time.Duration // smallest offset in the present and the last span of clockSpan samples
	spanEnd int64
	known   bool // quick holds something

	steady []arrival // the last packages, to tell a stall that swallowed sound from a late link

	soundEnd time.Time     // capture time of the end of the last sound package
	soundLen time.Duration // its length
	since    int           // pictures since it
	last     time.Time     // capture time of the last picture
	usual    time.Duration // between pictures that came in time, smoothed
}

// arrival is one sound package: when it came, and how much later than its samples say.
type arrival struct {
	at     time.Time
	offset time.Duration
}

const (
	// clockSpan is how long an offset is remembered, at least once and at most twice, in samples:
	// a camera clock off by 0.3 % moves 30 ms in twice this.
	clockSpan = 5 * sampleRate
	// steadyCount packages that came at an even pace, and late, are a stall in which the camera
	// threw sound away, and not a link that is still catching up: a link that catches up is quicker than
	// the camera.
	steadyCount  = 16
	steadySpread = 60 * time.Millisecond
	steadyLag    = 80 * time.Millisecond
	// maxLag is more than a camera holds back: its window of 111 packages is some 4 s. Beyond it
	// sound was thrown away. docs/protocol.md, section 6.
	maxLag = 6 * time.Second
	// maxSince pictures behind one sound package mean that sound has ended: the quickest model
	// sends 25 a second, two or three to a package of sound.
	maxSince = 4
)

// sampleRate of all sound, in samples a second. docs/protocol.md, section 5.
const sampleRate = 8000

func samplesToTime(n int64) time.Duration {
	return time.Duration(n) * (time.Second / sampleRate)
}

// Sound takes a sound package's arrival and its number of samples, and returns the capture time
// of the first of them.
func (c *Clock) Sound(at time.Time, samples int) time.Time {
	if c.anchor.IsZero() {
		c.anchor = at
	}
	c.rate += int64(samples)
	c.soundLen = samplesToTime(int64(samples))
	offset := at.Sub(c.anchor) - samplesToTime(c.rate)
	c.observe(arrival{at, offset})

	lag := offset - min(c.quick[0], c.quick[1])
	c.soundEnd = at.Add(-lag)
	c.since = 0
	return c.soundEnd.Add(-c.soundLen)
}

// observe keeps the smallest offset.
func (c *Clock) observe(a arrival) {
	if !c.known || a.offset-min(c.quick[0], c.quick[1]) > maxLag {
		c.rebase(a.offset)
	}
	if c.rate >= c.spanEnd {
		c.quick[1], c.quick[0] = c.quick[0], a.offset
		c.spanEnd = c.rate + clockSpan
	}
	c.quick[0] = min(c.quick[0], a.offset)

	if len(c.steady) == steadyCount {
		copy(c.steady, c.steady[1:])
		c.steady = c.steady[:steadyCount-1]
	}
	c.steady = append(c.steady, a)
	if len(c.steady) < steadyCount {
		return
	}
	low, high := a.offset, a.offset
	for _, s := range c.steady {
		low, high = min(low, s.offset), max(high, s.offset)
	}
	if high-low < steadySpread && low-min(c.quick[0], c.quick[1]) > steadyLag {
		c.rebase(low)
	}
}

// rebase takes offset for that of a package without lag.
func (c *Clock) rebase(offset time.Duration) {
	c.quick = [2]time.Duration{offset, offset}
	c.spanEnd = c.rate + clockSpan
	c.known = true
}

// Picture takes the arrival of a picture's earliest package and returns its capture time.
func (c *Clock) Picture(at time.Time) time.Time {
	captured := at
	limit := c.soundEnd.Add(c.soundLen)
	c.since++
	if c.soundLen > 0 && c.since <= maxSince && at.After(limit) {
		// Late: at its usual distance from the last one, as far as the sound around it allows.
		captured = c.last.Add(c.usual)
		if c.last.IsZero() || captured.After(limit) {
			captured = limit
		}
		if captured.Before(c.soundEnd) {
			captured = c.soundEnd
		}
	} else if !c.last.IsZero() {
		if step := at.Sub(c.last); step > 0 && step < time.Second {
			c.usual += (step - c.usual) / 8
		}
	}
	if captured.Before(c.last) {
		captured = c.last
	}
	// Not captured itself: a wall clock that was stepped meanwhile is read off at, the newest.
	c.last = at.Add(captured.Sub(at))
	return c.last
}

// Break says that packages are missing, so that samples may not have been counted: until sound
// comes again, arrivals decide.
func (c *Clock) Break() {
	c.anchor, c.rate, c.known = time.Time{}, 0, false
	c.steady = c.steady[:0]
	c.soundEnd, c.soundLen = time.Time{}, 0
}
