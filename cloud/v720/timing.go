package v720

import "time"

// timing stands between the Assembler and its Media and gives everything its capture time. Most goes
// straight through. When the clock is in doubt, because a stream has just begun, or because sound comes
// much later than its samples say, what comes waits for two more packages of sound, which tell: a
// link that catches up brings them faster than the camera makes them, a camera that threw sound away
// does not. docs/time.md.
type timing struct {
	media   Media
	clock   Clock
	waiting []timed
	mute    bool // no sound comes: there is nothing to wait for
}

// timed is a picture, a package of sound, or a hole where samples are missing.
type timed struct {
	what      timedKind
	arrived   time.Time
	overtaken bool // later packages were here before it
	picture   Picture
	alaw      []byte
	samples   int // of sound, and of a hole
}

type timedKind int

const (
	timedPicture timedKind = iota
	timedSound
	timedHole
)

const (
	// doubtLag is sound so much later than the quickest package that it is asked why.
	doubtLag = 150 * time.Millisecond
	// doubtSounds packages of sound end a doubt: three at an even pace are punctual.
	doubtSounds = 3
	// maxDoubt bounds a doubt in time, and maxWaiting in pictures and packages of sound.
	maxDoubt   = time.Second
	maxWaiting = 64
)

// take times an item, now or when the doubt is over.
func (t *timing) take(i timed) {
	if len(t.waiting) == 0 && !t.doubts(i) {
		t.give(i)
		return
	}
	t.waiting = append(t.waiting, i)
	t.resolve(false)
}

// doubts tells whether an item cannot be timed by what is known.
func (t *timing) doubts(i timed) bool {
	if !t.clock.known {
		return i.what == timedSound || i.what == timedPicture && !t.mute
	}
	switch {
	case i.overtaken:
		return false // it was late, nothing else
	case i.what == timedSound:
		return t.clock.lag(i.arrived, i.samples) > doubtLag
	default:
		return i.what == timedPicture && t.clock.behind(i.arrived) > doubtLag
	}
}

// resolve gives what waits when the doubt is over; by force, it is.
func (t *timing) resolve(force bool) {
	if len(t.waiting) == 0 {
		return
	}
	last := t.waiting[len(t.waiting)-1]
	force = force || len(t.waiting) >= maxWaiting || last.arrived.Sub(t.waiting[0].arrived) >= maxDoubt
	if (last.what != timedSound || last.overtaken) && !force {
		return
	}
	if !t.clock.known {
		if sounds := t.sounds(); sounds >= doubtSounds || force {
			t.mute = sounds == 0
			t.clock.begin(t.waiting)
			t.flush(len(t.waiting))
		}
		return
	}
	offsets := t.clock.offsets(t.waiting)
	even, quickest := len(offsets), time.Duration(0)
	low, high := time.Duration(1<<62), -time.Duration(1<<62)
	sounds := 0
	for i := len(offsets) - 1; i >= 0; i-- {
		if t.waiting[i].what != timedSound || t.waiting[i].overtaken {
			continue
		}
		low, high = min(low, offsets[i]), max(high, offsets[i])
		if high-low >= steadySpread {
			break
		}
		even, quickest, sounds = i, low, sounds+1
	}
	switch {
	case last.what == timedSound && !last.overtaken && offsets[len(offsets)-1]-t.clock.quickest() <= doubtLag: // it has caught up
		t.flush(len(t.waiting))
	case sounds >= doubtSounds:
		t.flush(t.newer(even))
		t.clock.resume(quickest, t.waiting)
		t.flush(len(t.waiting))
	case force:
		t.flush(len(t.waiting))
	}
}

// newer finds the first of those before the punctual sound at even that are as new as it. When a link
// comes back, a camera sends at once all that it kept; what comes a moment later, without having been
// overtaken and at the pace of a camera, was taken then. (The first new picture often comes within
// that moment, and is taken for an old one: docs/time.md.)
func (t *timing) newer(even int) int {
	const moment = 30 * time.Millisecond
	first, pictures := even, 0
	for n := even - 1; n > 0; n-- {
		i := t.waiting[n]
		if i.what == timedPicture {
			pictures++
		}
		if i.arrived.Sub(t.waiting[0].arrived) <= moment && !i.overtaken {
			break
		}
		pace := time.Duration(pictures-1) * t.clock.usual * 2 / 3
		if !i.overtaken && t.waiting[even].arrived.Sub(i.arrived) >= pace {
			first = n
		}
	}
	return first
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
		t.give(i)
	}
	rest := copy(t.waiting, t.waiting[n:])
	clear(t.waiting[rest:]) // pictures are not kept alive
	t.waiting = t.waiting[:rest]
}

// give times an item by the clock and hands it on.
func (t *timing) give(i timed) {
	switch i.what {
	case timedSound:
		t.media.Sound(Sound{At: t.clock.Sound(i.arrived, i.samples), ALaw: i.alaw})
	case timedPicture:
		i.picture.At = t.clock.Picture(i.arrived)
		t.media.Picture(i.picture)
	case timedHole:
		t.clock.Skip(i.samples)
	}
}

// lost says that nobody knows how many samples are missing here.
func (t *timing) lost() {
	t.resolve(true)
	t.clock.Break()
}
