package motion

import "time"

// An Ailment is what is wrong with a camera's pictures or sound. The texts are those of events: they never change.
type Ailment string

// The ailments. A picture that is Black is nothing else, and one that is Covered neither.
const (
	Frozen  Ailment = "frozen"  // pictures come, and each is the one before
	Black   Ailment = "black"   // there is nothing to see, not even a lamp
	Covered Ailment = "covered" // dark and even all over
	Grey    Ailment = "grey"    // without colour, and not dark: infrared, mostly
	Blurred Ailment = "blurred" // far less detail than this camera usually has
	Deaf    Ailment = "deaf"    // sound comes, and is digital silence
)

// ailments in the order of their numbers.
var ailments = [...]Ailment{Frozen, Black, Covered, Grey, Blurred, Deaf}

// Their numbers.
const (
	nFrozen = iota
	nBlack
	nCovered
	nGrey
	nBlurred
	nDeaf
)

// Hold-off. What is wrong is told when it has been so for all of AilsAfter, and told to be over when it has been fine
// for all of WellAfter. A microphone that gives anything is well: so its silence must be long, since a quiet room and a
// noise gate give zeros too.
const (
	AilsAfter = time.Minute
	WellAfter = 30 * time.Second
	DeafAfter = 30 * time.Minute
)

const (
	// HealthEvery is how often Health needs a picture at most; HealthSpare how often at least.
	HealthEvery = time.Second
	HealthSpare = 10 * time.Second
	// healthGap is a time without a look after which nobody knows what was meanwhile: what was about to be told is not.
	healthGap = 25 * time.Second
	// rounding is what glance.fine is of a picture without detail, since cells are whole levels.
	rounding = 0.25
	// smallest is the side, in cells, of a picture that anything can be told of.
	smallest = 2 * tileCells
	// usualAfter is how long a camera is looked at before its usual detail is known, usualTime how fast that follows
	// then: a camera that looks at another place is fine again after half a day.
	usualAfter = 10 * time.Minute
	usualTime  = 12 * time.Hour
)

// Turn tells that something is wrong from now on, or is no longer.
type Turn struct {
	Ailment Ailment
	Ails    bool
	Since   time.Time // when it began to be so, a hold-off ago
	At      time.Time // when this is told
}

// Health tells what is wrong with what a camera gives. It is a state machine, as Detector is, and allocates nothing; the
// zero value is ready. docs/motion.md, "Health".
type Health struct {
	holds  [len(ailments)]held
	seen   time.Time // the last look
	heard  time.Time // the last sound
	print  uint64
	usuals [2]usual // of pictures with colour, and without: infrared has another sharpness
	turns  []Turn
}

// held is one ailment with its hold-off.
type held struct {
	ails  bool
	since time.Time // it has been otherwise without a break; zero: it has not
}

// usual is the detail that a camera usually has.
type usual struct {
	age    time.Duration
	detail detail
}

// detail is relative: to what is large in the picture, and to its light.
type detail struct{ ofCoarse, ofLight float64 }

// Due tells whether a picture of that time is to be looked at.
func (h *Health) Due(at time.Time) bool {
	since := at.Sub(h.seen)
	return since >= HealthEvery || since < 0
}

// See takes a picture that was read to its end and its capture time, and tells what turns. What it returns stands until
// the next call.
func (h *Health) See(l Luma, at time.Time) []Turn {
	h.turns = h.turns[:0]
	since := at.Sub(h.seen)
	known := since >= 0 && since <= healthGap
	if !known {
		h.forget(nFrozen, nDeaf)
		since = 0
	}
	h.seen = at
	if l.Width < smallest || l.Height < smallest {
		return h.turns
	}
	k := lookAt(l)
	same := known && k.print == h.print
	h.print = k.print
	is := h.judge(k, l.Colour, same, since)
	for i, ails := range is {
		h.hold(i, ails, at, AilsAfter, WellAfter)
	}
	return h.turns
}

// Hear takes how loud the loudest sample of a piece of sound is, 0 for none but the two smallest steps, and its capture
// time, and tells what turns.
func (h *Health) Hear(loud uint8, at time.Time) []Turn {
	h.turns = h.turns[:0]
	if since := at.Sub(h.heard); since < 0 || since > healthGap {
		h.forget(nDeaf, nDeaf+1)
	}
	h.heard = at
	h.hold(nDeaf, loud == 0, at, DeafAfter, 0)
	return h.turns
}

// Stop tells that nobody looks or listens any more: what was wrong is over, as far as anybody knows. What is usual stays.
func (h *Health) Stop(at time.Time) []Turn {
	h.turns = h.turns[:0]
	for i := range h.holds {
		h.end(i, at)
	}
	h.seen, h.heard = time.Time{}, time.Time{}
	return h.turns
}

// StopHearing tells that nobody listens any more.
func (h *Health) StopHearing(at time.Time) []Turn {
	h.turns = h.turns[:0]
	h.end(nDeaf, at)
	h.heard = time.Time{}
	return h.turns
}

func (h *Health) end(i int, at time.Time) {
	if h.holds[i].ails {
		h.turns = append(h.turns, Turn{Ailment: ailments[i], Since: at, At: at})
	}
	h.holds[i] = held{}
}

// forget drops what was about to be told.
func (h *Health) forget(from, to int) {
	for i := from; i < to; i++ {
		h.holds[i].since = time.Time{}
	}
}

// hold takes what one look says of an ailment.
func (h *Health) hold(i int, ails bool, at time.Time, begins, ends time.Duration) {
	s := &h.holds[i]
	if ails == s.ails {
		s.since = time.Time{}
		return
	}
	if s.since.IsZero() {
		s.since = at
	}
	need := begins
	if s.ails {
		need = ends
	}
	if at.Sub(s.since) >= need {
		h.turns = append(h.turns, Turn{Ailment: ailments[i], Ails: ails, Since: s.since, At: at})
		*s = held{ails: ails}
	}
}

// judge tells what is wrong in one picture. What was told already is believed a little longer: the second number of
// each pair.
func (h *Health) judge(k glance, colour float64, same bool, since time.Duration) (is [nDeaf]bool) {
	than := func(i int, begins, stays float64) float64 {
		if h.holds[i].ails {
			return stays
		}
		return begins
	}
	if k.mean < than(nBlack, 22, 28) && k.lights < than(nBlack, 0.004, 0.01) {
		is[nBlack] = true
		return is
	}
	// Both by the light there is: in half of it a wall has half of its edges.
	if k.mean < than(nCovered, 110, 125) && k.uneven < than(nCovered, 0.5+0.03*k.mean, 0.75+0.045*k.mean) && k.edges < than(nCovered, 0.8+0.01*k.mean, 1.2+0.015*k.mean) {
		is[nCovered] = true
		return is
	}
	is[nFrozen] = same
	if k.mean < than(nGrey, 40, 32) {
		return is
	}
	kind := 0
	if colour >= 0 && colour < than(nGrey, 0.25, 0.6) {
		is[nGrey], kind = true, 1
	}
	fine := max(0, k.fine-rounding)
	now := detail{fine / max(k.coarse, 1), fine / k.mean}
	u := &h.usuals[kind]
	share := than(nBlurred, 0.4, 0.55)
	is[nBlurred] = u.age >= usualAfter && now.ofCoarse < share*u.detail.ofCoarse && now.ofLight < share*u.detail.ofLight
	u.learn(now, since, is[nBlurred])
	return is
}

// learn follows what is usual: a plain mean first, and slowly then, and where it is not usual.
func (u *usual) learn(now detail, since time.Duration, blurred bool) {
	if u.age == 0 {
		u.detail = now
	}
	over := usualTime
	if !blurred {
		u.age = min(u.age+max(since, 1), usualTime)
		over = u.age
	}
	rate := float64(since) / float64(over)
	u.detail.ofCoarse += (now.ofCoarse - u.detail.ofCoarse) * rate
	u.detail.ofLight += (now.ofLight - u.detail.ofLight) * rate
}
