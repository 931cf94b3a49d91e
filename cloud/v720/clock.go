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

	// guessed are samples that were counted of holes without proof: too many, if sound then seems to come
	// before it was taken. step is how many a package has.
	guessed, step int64

	steady []arrival // the last packages, to tell a stall that swallowed sound from a late link

	soundEnd time.Time     // capture time of the end of the last sound package
	soundLen time.Duration // its length
	fewer    time.Duration // by so much it is earlier, if the holes since were smaller than guessed
	more     time.Duration // by so much later, if they were larger
	since    int           // pictures since it
	last     time.Time     // capture time of the last picture
	usual    time.Duration // between pictures: the median of steps
	steps    [9]time.Duration
	stepped  int       // steps so far
	inTime   time.Time // when the last picture came, if it came in time
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
	steadyLag    = 40 * time.Millisecond
	// maxLag is more than a link is down without the stream being opened again.
	maxLag = 30 * time.Second
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
	c.step, c.soundLen = int64(samples), samplesToTime(int64(samples))
	offset := c.takeBack(at.Sub(c.anchor) - samplesToTime(c.rate))
	c.observe(arrival{at, offset})

	c.soundEnd = at.Add(c.quickest() - offset)
	c.since, c.fewer, c.more = 0, 0, 0
	return c.soundEnd.Add(-c.soundLen)
}

// takeBack takes back what was counted of holes too much, as far as sound seems to come before it was
// taken by more than half a package, and returns its offset by the new count.
func (c *Clock) takeBack(offset time.Duration) time.Duration {
	for c.known && c.step > 0 && c.guessed >= c.step && offset-c.quickest() < -samplesToTime(c.step)/2 {
		c.guessed -= c.step
		c.rate -= c.step
		offset += samplesToTime(c.step)
	}
	return offset
}

// quickest is the offset of the quickest package of the last seconds.
func (c *Clock) quickest() time.Duration { return min(c.quick[0], c.quick[1]) }

// lag tells how much later than the quickest the next package of sound is.
func (c *Clock) lag(at time.Time, samples int) time.Duration {
	return at.Sub(c.anchor) - samplesToTime(c.rate+int64(samples)) - c.quickest()
}

// behind tells how much later a picture came than the sound behind it was taken, as far as the sound
// before it tells; zero where sound has ended.
func (c *Clock) behind(at time.Time) time.Duration {
	if c.soundLen == 0 || c.since >= maxSince {
		return 0
	}
	return at.Sub(c.soundEnd.Add(c.soundLen))
}

// offsets of the sounds among what comes next; for all else nothing. Holes that are not measured yet
// count for nothing.
func (c *Clock) offsets(coming []timed) []time.Duration {
	all := make([]time.Duration, len(coming))
	rate := c.rate
	for n, i := range coming {
		if i.what == timedPicture || i.step > 0 {
			continue
		}
		rate += int64(i.samples)
		if i.what == timedSound {
			all[n] = i.arrived.Sub(c.anchor) - samplesToTime(rate)
		}
	}
	return all
}

// begin takes the quickest of what comes for punctual, so that what comes before it has its time too.
func (c *Clock) begin(coming []timed) {
	for _, i := range coming {
		if i.what == timedSound {
			c.anchor = i.arrived
			break
		}
	}
	if c.anchor.IsZero() {
		return
	}
	quickest := time.Duration(1 << 62)
	for n, offset := range c.offsets(coming) {
		if coming[n].what == timedSound {
			quickest = min(quickest, offset)
		}
	}
	c.resume(quickest, coming)
}

// resume takes an offset for that of a package without lag, and what comes next for taken just before
// the first of its sounds ends.
func (c *Clock) resume(quickest time.Duration, coming []timed) {
	c.rebase(quickest)
	rate := c.rate
	for _, i := range coming {
		switch i.what {
		case timedHole:
			rate += int64(i.samples)
		case timedSound:
			c.soundEnd, c.soundLen = c.anchor.Add(samplesToTime(rate)+quickest), samplesToTime(int64(i.samples))
			c.since, c.fewer, c.more = 0, 0, 0
			return
		}
	}
}

// observe keeps the smallest offset.
func (c *Clock) observe(a arrival) {
	if !c.known || a.offset-c.quickest() > maxLag {
		c.rebase(a.offset)
	}
	if c.rate >= c.spanEnd {
		c.quick[1], c.quick[0] = c.quick[0], a.offset
		c.spanEnd = c.rate + clockSpan
		c.guessed = 0
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
	if high-low < steadySpread && low-c.quickest() > steadyLag {
		c.rebase(low)
	}
}

// rebase takes offset for that of a package without lag.
func (c *Clock) rebase(offset time.Duration) {
	c.quick = [2]time.Duration{offset, offset}
	c.spanEnd = c.rate + clockSpan
	c.known = true
}

// Skip says that so many samples will never come: they took the camera their time all the same.
func (c *Clock) Skip(samples int) {
	if c.anchor.IsZero() {
		return
	}
	c.rate += int64(samples)
	c.guessed += int64(samples)
	c.soundEnd = c.soundEnd.Add(samplesToTime(int64(samples)))
	c.since = 0
}

// guess says that samples are missing, so many more likely than others, and most at the most. Pictures
// keep their pace until sound comes.
func (c *Clock) guess(samples, most int) {
	if c.anchor.IsZero() {
		return
	}
	c.Skip(samples)
	c.fewer += samplesToTime(int64(samples))
	c.more += samplesToTime(int64(most - samples))
}

// Break says that packages are missing, so that samples may not have been counted: until sound
// comes again, arrivals decide.
func (c *Clock) Break() {
	c.anchor, c.rate, c.known = time.Time{}, 0, false
	c.steady = c.steady[:0]
	c.soundEnd, c.soundLen, c.fewer, c.more = time.Time{}, 0, 0, 0
}
