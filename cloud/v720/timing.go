package v720

import (
	"slices"
	"time"
)

// timing stands between the Assembler and its Media and gives everything its capture time. Most goes
// straight through. When the clock is in doubt, because a stream has just begun, because packages are
// missing, or because sound comes much later than its samples say, what comes waits for two more packages of
// sound, which tell: a link that catches up brings them faster than the camera makes them, a camera that
// threw sound away does not. docs/time.md.
type timing struct {
	media   Media
	clock   Clock
	waiting []timed
	bytes   int           // of the pictures that wait
	waited  time.Duration // by the stream's own time: a link that is down is no reason to decide
	mute    bool          // no sound comes: there is nothing to wait for
}

// timed is a picture, a package of sound, or a hole where samples may be missing.
type timed struct {
	what      timedKind
	arrived   time.Time
	overtaken bool // later packages were here before it
	picture   Picture
	alaw      []byte
	samples   int  // of sound; of a hole as far as is known
	step      int  // of a hole that is still to be measured: the samples of one package; else 0
	most      int  // of a hole: samples, if there was nothing else in it
	told      bool // of a hole: it was measured, and not guessed
}

type timedKind int

const (
	timedPicture timedKind = iota
	timedSound
	timedHole
)

const (
	// doubtLag is sound so much later than the quickest package that it is asked why.
	doubtLag = 80 * time.Millisecond
	// doubtSounds packages of sound end a doubt: three at an even pace are punctual.
	doubtSounds = 3
	// beginsQuicker is how much quicker sound may get at the beginning of a stream for what came first to be
	// timed by it: less is the network's doing.
	beginsQuicker = 10 * time.Millisecond
	// sureSounds are punctual even if each was a little less late than the one before.
	sureSounds = 6
	// maxDoubt bounds a doubt in time, maxWaiting in pictures, packages of sound and holes, twice the 111
	// that a camera sends at once when a link comes back, and maxEarly in bytes.
	maxDoubt   = time.Second
	maxWaiting = 256
)

// take times an item, now or when the doubt is over.
func (t *timing) take(i timed) {
	if len(t.waiting) == 0 && !t.doubts(i) {
		t.give(i)
		return
	}
	if n := len(t.waiting); n > 0 {
		t.waited += min(max(0, i.arrived.Sub(t.waiting[n-1].arrived)), idle)
	}
	t.waiting = append(t.waiting, i)
	t.bytes += len(i.picture.JPEG)
	t.resolve(false)
}

// doubts tells whether an item cannot be timed by what is known.
func (t *timing) doubts(i timed) bool {
	switch {
	case !t.clock.known:
		return i.what == timedSound || i.what == timedPicture && !t.mute
	case i.what == timedHole:
		return i.step > 0
	case i.what == timedSound:
		return t.clock.lag(i.arrived, i.samples) > doubtLag
	default:
		return t.clock.behind(i.arrived) > doubtLag
	}
}

// resolve gives what waits when the doubt is over; by force, it is.
func (t *timing) resolve(force bool) {
	if len(t.waiting) == 0 {
		return
	}
	last := t.waiting[len(t.waiting)-1]
	force = force || len(t.waiting) >= maxWaiting || t.bytes > maxEarly || t.waited >= maxDoubt
	switch {
	case last.what != timedSound && !force:
	case !t.clock.known:
		if t.begun() || force {
			t.mute = t.sounds() == 0
			t.clock.begin(t.waiting)
			t.measure(true)
			t.flush(len(t.waiting))
		}
	case t.measure(force):
		offsets := t.clock.offsets(t.waiting)
		even, sounds, quickest := t.steady(offsets)
		switch {
		case last.what == timedSound && offsets[len(offsets)-1]-t.clock.quickest() <= doubtLag: // it has caught up
			t.flush(len(t.waiting))
		case sounds >= sureSounds, sounds >= doubtSounds && !t.falling(even, sounds, offsets):
			t.flush(t.newer(even))
			t.clock.resume(quickest, t.waiting)
			t.flush(len(t.waiting))
		case force:
			t.flush(len(t.waiting))
		}
	}
}

// begun tells whether enough has come of a new stream to know its clock: doubtSounds, of which the last ones are no
// quicker than those before. A stream often begins late, and then catches up.
func (t *timing) begun() bool {
	var offsets []time.Duration // against the first
	var since time.Duration
	for _, i := range t.waiting {
		switch {
		case i.what == timedPicture:
		case len(offsets) == 0 && i.what == timedSound:
			offsets = append(offsets, 0)
			since = -i.arrived.Sub(t.waiting[0].arrived)
		case len(offsets) > 0:
			since -= samplesToTime(int64(i.samples))
			if i.what == timedSound {
				offsets = append(offsets, since+i.arrived.Sub(t.waiting[0].arrived))
			}
		}
	}
	n := len(offsets) - doubtSounds + 1
	return n > 0 && slices.Min(offsets[:n])-slices.Min(offsets[n:]) <= beginsQuicker
}

func (t *timing) sounds() (n int) {
	for _, i := range t.waiting {
		if i.what == timedSound {
			n++
		}
	}
	return n
}

// flush gives the first n of those that wait.
func (t *timing) flush(n int) {
	for _, i := range t.waiting[:n] {
		t.bytes -= len(i.picture.JPEG)
		t.give(i)
	}
	rest := copy(t.waiting, t.waiting[n:])
	clear(t.waiting[rest:]) // pictures are not kept alive
	t.waiting, t.waited = t.waiting[:rest], 0
}

// give times an item by the clock and hands it on.
func (t *timing) give(i timed) {
	switch i.what {
	case timedSound:
		t.media.Sound(Sound{At: t.clock.Sound(i.arrived, i.samples), ALaw: i.alaw})
	case timedPicture:
		if i.picture.JPEG == nil {
			i.picture.At = t.clock.Lost(i.arrived)
		} else {
			i.picture.At = t.clock.Picture(i.arrived, i.overtaken)
		}
		t.media.Picture(i.picture)
	case timedHole:
		if i.told {
			t.clock.Skip(i.samples)
		} else {
			t.clock.guess(i.samples, i.most)
		}
	}
}

// lost says that nobody knows how many samples are missing here.
func (t *timing) lost() {
	t.resolve(true)
	t.clock.Break()
}
