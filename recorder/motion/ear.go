package motion

import (
	"math"
	"time"
)

// What the ear is built on.
const (
	// window is how many samples are one loudness: 50 ms, a syllable or a bang.
	window     = 400
	sampleRate = 8000
	windowTime = window * time.Second / sampleRate
	// quietest is the least loudness of a place that is believed, in dB of full scale: below it A-law
	// has a handful of steps left, and a microphone nothing to say.
	quietest = -60.0
	// floorUp and floorDown are how fast the usual loudness follows, in dB a second: a fan that is switched on
	// is usual within half a minute, and pauses keep speech from ever being.
	floorUp, floorDown = 0.5, 2.0
	// wavers is how many mean deviations of the usual loudness are usual too: rain, wind, a road.
	wavers = 3.0
	// waverTime is how fast these are learned, in seconds.
	waverTime = 10.0
	// listening is how long a new place is learned fast, in seconds, and nothing is told of it.
	listening = 3.0
	// bang is how much beyond what is needed, in dB, one window alone is enough; else it takes two within
	// nearby.
	bang   = 10.0
	nearby = 250 * time.Millisecond
	// falls is how much softer, in dB, it may be meanwhile without being over.
	falls = 3.0
)

// EarSettings are what a person sets. The zero value is sensitivity 5, 2 s.
type EarSettings struct {
	// Sensitivity goes from 1, what is 24 dB louder than usual, a shout in a quiet room, to 10, 6 dB. 0 is 5.
	Sensitivity int
	// Hold is how long a noise goes on after the last of it. 0 is 2 s, less than 0 is none.
	Hold time.Duration
}

// Ear finds noise in the sound of one camera: what is louder than the place usually is. It does not know what
// it hears. It allocates nothing, and takes a few microseconds for 100 ms.
type Ear struct {
	hold   time.Duration
	needed float64 // dB over the floor

	sum, squares int64 // of the window that fills
	count        int
	next         time.Time // when the next sample is due

	floor, waver float64 // dB of full scale; dB
	age          float64 // seconds that were heard
	now          float64 // the last window's loudness

	first time.Time // the window that was loud and may begin a noise
	noise telling
	news  []News
}

// NewEar makes one that learns its place from the first 3 s.
func NewEar(s EarSettings) *Ear {
	e := new(Ear)
	e.Set(s)
	return e
}

// Set changes the settings. What was learned stays, and a noise that goes on goes on.
func (e *Ear) Set(s EarSettings) {
	if s.Sensitivity == 0 {
		s.Sensitivity = 5
	}
	if s.Hold == 0 {
		s.Hold = 2 * time.Second
	}
	e.hold = s.Hold
	e.needed = 26 - 2*float64(clamp(s.Sensitivity, 1, 10)) // 24 … 6
}

// Hear takes the next sound, G.711 A-law at 8000 Hz, and the capture time of its first sample, and tells
// what is new. A hole of 100 ms or more is no reason to believe anything. What it returns stands until the next
// call.
func (e *Ear) Hear(alaw []byte, at time.Time) []News {
	e.news = e.news[:0]
	if off := at.Sub(e.next); off > 100*time.Millisecond || off < -100*time.Millisecond {
		e.sum, e.squares, e.count = 0, 0, 0
	}
	for i, code := range alaw {
		v := int64(linear[code])
		e.sum += v
		e.squares += v * v
		if e.count++; e.count == window {
			e.hear(at.Add(time.Duration(i+1) * time.Second / sampleRate).Add(-windowTime))
			e.sum, e.squares, e.count = 0, 0, 0
		}
	}
	e.next = at.Add(time.Duration(len(alaw)) * time.Second / sampleRate)
	return e.news
}

// Stop ends what goes on: no sound follows.
func (e *Ear) Stop() []News {
	e.news = e.news[:0]
	e.end()
	return e.news
}

// Loudness is that of the last 50 ms and what it usually is, in dB of full scale.
func (e *Ear) Loudness() (now, usual float64) { return e.now, max(e.floor, quietest) }

// hear takes a window that began at a time.
func (e *Ear) hear(at time.Time) {
	// The variance: what does not change, and what changes slower than the window, is no sound.
	power := (float64(e.squares) - float64(e.sum)*float64(e.sum)/window) / window
	e.now = 10*math.Log10(max(power, 1)) - 20*math.Log10(32768)
	known, above := e.age >= listening, e.now-max(e.floor, quietest)
	over := above - wavers*e.waver - e.needed // in dB, of what is told of
	e.learn(over)
	if known {
		e.judge(over, above, at)
	}
}

// learn follows the usual loudness.
func (e *Ear) learn(over float64) {
	const dt = float64(window) / sampleRate
	e.age += dt
	off := e.now - e.floor
	switch {
	case e.age <= dt:
		e.floor = e.now
		return
	case e.age < listening:
		e.floor += off * dt / (0.5 + dt)
	default:
		e.floor += max(-floorDown*dt, min(floorUp*dt, off))
	}
	if over < -falls { // a noise is no waver
		e.waver += (math.Abs(off) - e.waver) * dt / (waverTime + dt)
	}
}

// judge makes an event of windows that are loud.
func (e *Ear) judge(over, above float64, at time.Time) {
	n := &e.noise
	if n.open && (at.Sub(n.event.End) > e.hold || at.Before(n.event.Start)) {
		e.end()
	}
	switch {
	case !n.open && over >= 0:
		start := e.first
		e.first = at
		if since := at.Sub(start); since <= 0 || since > nearby {
			if start = at; over < bang {
				return
			}
		}
		n.event = Event{Kind: Sound, Start: start, End: at.Add(windowTime), PeakAt: at, Best: at, Loudness: above}
		n.open, n.told = true, at
		e.news = append(e.news, News{Begins, &n.event})
	case n.open && over >= -falls:
		n.event.End = at.Add(windowTime)
		if above > n.event.Loudness {
			n.event.Loudness, n.event.PeakAt, n.event.Best = above, at, at
		}
		if at.Sub(n.told) >= tellEvery {
			n.told = at
			e.news = append(e.news, News{Goes, &n.event})
		}
	}
}

func (e *Ear) end() {
	if e.noise.open {
		e.noise.open = false
		e.news = append(e.news, News{Ends, &e.noise.event})
	}
}

// linear is what each A-law code means, of 16 bits. ITU-T G.711, table 1a: even bits inverted, sign, three
// bits of segment, four of step.
var linear = func() (t [256]int16) {
	for code := range t {
		c := byte(code) ^ 0x55
		v := int16(c&0x0F)<<4 + 8
		if segment := c >> 4 & 7; segment > 0 {
			v = (v + 0x100) << (segment - 1)
		}
		if c&0x80 == 0 {
			v = -v
		}
		t[code] = v
	}
	return t
}()
