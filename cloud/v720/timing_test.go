package v720

import (
	"testing"
	"time"
)

const ms = time.Millisecond

// reel feeds a timing and holds what comes out against the truth, in order.
type reel struct {
	t      *testing.T
	timing timing
	truth  []time.Time // of pictures
	heard  []time.Time // of sounds
	worst  time.Duration
	out    int
}

func newReel(t *testing.T) *reel {
	r := &reel{t: t}
	r.timing.media = r
	return r
}

func (r *reel) Picture(p Picture) {
	r.worst = max(r.worst, p.At.Sub(r.truth[0]).Abs())
	r.truth, r.out = r.truth[1:], r.out+1
}

func (r *reel) Sound(s Sound) {
	r.worst = max(r.worst, s.At.Sub(r.heard[0]).Abs())
	r.heard, r.out = r.heard[1:], r.out+1
}

// picture was taken at this time and came then.
func (r *reel) picture(taken, came time.Duration) {
	r.truth = append(r.truth, start.Add(taken))
	r.timing.take(timed{what: timedPicture, arrived: start.Add(came), overtaken: came-taken > 50*ms, picture: Picture{JPEG: soi}})
}

// sound of so many samples ended at this time and came then.
func (r *reel) sound(ended, came time.Duration, samples int) {
	r.heard = append(r.heard, start.Add(ended-samplesToTime(int64(samples))))
	r.timing.take(timed{what: timedSound, arrived: start.Add(came), alaw: make([]byte, samples), samples: samples})
}

func (r *reel) hole(came time.Duration, guess, most, step int) {
	r.timing.take(timed{what: timedHole, arrived: start.Add(came), samples: guess, most: most, step: step})
}

// run is an undisturbed camera of ten pictures a second, and sound of 100 ms, from one time to another.
func (r *reel) run(from, to time.Duration) {
	for at := from; at < to; at += 100 * ms {
		r.picture(at+50*ms, at+52*ms)
		r.sound(at+100*ms, at+102*ms, 800)
	}
}

func (r *reel) end(limit time.Duration, items int) {
	r.t.Helper()
	r.timing.resolve(true)
	if r.worst > limit {
		r.t.Errorf("off by %v, want at most %v", r.worst, limit)
	}
	if r.out != items {
		r.t.Errorf("%d pictures and sounds came out, want %d", r.out, items)
	}
}

func TestHoleIsMeasuredByTheSoundBehindIt(t *testing.T) {
	for _, guess := range []int{0, 1, 2, 5} {
		r := newReel(t)
		r.run(0, 2*time.Second)
		r.hole(2302*ms, guess*800, 5*800, 800) // two packages of sound, and pictures
		r.run(2200*ms, 5*time.Second)
		r.end(10*ms, 40+56)
	}
}

func TestHolesBehindEachOtherAreMeasuredTogether(t *testing.T) {
	r := newReel(t)
	r.run(0, 2*time.Second)
	r.hole(2152*ms, 0, 800, 800) // each held one of sound
	r.picture(2150*ms, 2152*ms)
	r.hole(2252*ms, 0, 800, 800)
	r.run(2200*ms, 5*time.Second)
	r.end(100*ms, 40+1+56) // what stands between them may be anywhere there
}

func TestHoleThatWasCountedTooLargeIsTakenBack(t *testing.T) {
	var c Clock
	at := start
	for range 50 {
		at = at.Add(100 * ms)
		c.Sound(at, 800)
	}
	c.Skip(2 * 800) // and nothing was missing
	for range 5 {
		at = at.Add(100 * ms)
		if first := c.Sound(at, 800); at.Sub(first)-100*ms > 10*ms {
			t.Errorf("sound of %v at %v", at.Add(-100*ms), first)
		}
	}
}

// The sound of such a camera is never sent again: behind an outage its pictures come alone.
func TestPicturesOfAnOutageKeepTheirPaceWithoutSound(t *testing.T) {
	for _, between := range []time.Duration{40 * ms, 100 * ms, 200 * ms} {
		r := newReel(t)
		now, heard, items := time.Duration(0), time.Duration(0), 0
		live := func(until time.Duration) {
			for ; now < until; now += between {
				for ; heard+60*ms <= now; heard += 60 * ms {
					r.sound(heard+60*ms, heard+62*ms, 480)
					items++
				}
				r.picture(now, now+2*ms)
				items++
			}
		}
		live(3 * time.Second)
		// Two seconds were kept, four more thrown away; the ids of lost sound are holes, guessed badly.
		for ; now < 5*time.Second; now += between {
			missing := 0
			for ; heard+60*ms <= now; heard += 60 * ms {
				missing++
			}
			r.hole(9*time.Second, (missing+1)/2*480, missing*480, 480)
			r.picture(now, 9*time.Second)
			items++
		}
		now = 9100 * ms
		heard = 9060 * ms
		live(12 * time.Second)
		r.end(100*ms, items)
	}
}

func TestSoundThatWasThrownAwayIsToldFromSoundThatIsLate(t *testing.T) {
	r := newReel(t)
	r.run(0, 5*time.Second)
	// Half a second was kept and comes at once, three were thrown away.
	for at := 5000 * ms; at < 5500*ms; at += 100 * ms {
		r.picture(at+50*ms, 8500*ms)
		r.sound(at+100*ms, 8500*ms, 800)
	}
	r.picture(8650*ms, 8652*ms)
	r.sound(8700*ms, 8702*ms, 800)
	r.picture(8750*ms, 8752*ms)
	r.sound(8800*ms, 8930*ms, 800) // one that was late itself
	r.run(8800*ms, 12*time.Second)
	r.end(30*ms, 100+10+4+64)
}

func TestLinkThatCatchesUpSlowlyIsToldFromACameraThatThrewSoundAway(t *testing.T) {
	for _, faster := range []float64{1.5, 2, 5} {
		r := newReel(t)
		r.run(0, 5*time.Second)
		// Nothing passes for three seconds, and all is kept on the way.
		const stall = 3 * time.Second
		at, items := 5*time.Second, 100
		for ; ; at += 100 * ms {
			came := func(taken time.Duration) time.Duration {
				return max(taken+2*ms, 5*time.Second+stall+time.Duration(float64(taken-5*time.Second)/faster))
			}
			r.picture(at+50*ms, came(at+50*ms))
			r.sound(at+100*ms, came(at+100*ms), 800)
			items += 2
			if came(at+100*ms) == at+102*ms {
				break
			}
		}
		at += 100 * ms
		r.run(at, at+3*time.Second)
		t.Logf("%.2f times as fast as the camera: off by %v", faster, r.worst)
		r.end(100*ms, items+60)
	}
}

// A link, or a box that is busy as it starts, is late at first and then catches up.
func TestAStreamThatBeginsLateHasItsTimesFromTheBeginningOn(t *testing.T) {
	for _, late := range []time.Duration{0, 60 * ms, 150 * ms, 300 * ms, 450 * ms} {
		for _, samples := range []int{480, 800} {
			r := newReel(t)
			length := samplesToTime(int64(samples))
			items := 0
			for at := length; at < 3*time.Second; at += length {
				r.sound(at, max(at, late)+2*ms, samples)
				r.picture(at+length/2, max(at+length/2, late)+2*ms)
				items += 2
			}
			r.end(length/2+10*ms, items) // a picture that was late may be anywhere between its sounds
		}
	}
}

func TestDoubtIsBoundedInItemsBytesAndTime(t *testing.T) {
	r := newReel(t)
	r.run(0, 2*time.Second)
	for n := range 3 * maxWaiting { // no sound ever tells
		r.hole(10*time.Second, 0, 800, 800)
		r.picture(2*time.Second, 10*time.Second)
		if len(r.timing.waiting) > maxWaiting {
			t.Fatalf("%d wait after %d", len(r.timing.waiting), n)
		}
	}
	large := timed{what: timedPicture, arrived: start.Add(11 * time.Second), picture: Picture{JPEG: make([]byte, MaxPicture)}}
	r.hole(11*time.Second, 0, 800, 800)
	for range 8 {
		r.truth = append(r.truth, start)
		r.timing.take(large)
		if r.timing.bytes > maxEarly+MaxPicture {
			t.Fatalf("%d bytes wait", r.timing.bytes)
		}
	}
	r.timing.resolve(true)
	if r.timing.bytes != 0 || len(r.timing.waiting) != 0 {
		t.Errorf("%d bytes in %d items wait on", r.timing.bytes, len(r.timing.waiting))
	}
}

func TestWhatWasOvertakenCountsAsArrivedWithWhatOvertookIt(t *testing.T) {
	var e early
	at := func(n int) time.Time { return start.Add(time.Duration(n) * ms) }
	e.put(Packet{ID: 14}, 10, at(0), 0)
	e.put(Packet{ID: 16}, 10, at(40), 0)
	e.put(Packet{ID: 15}, 10, at(240), 0)
	e.put(Packet{ID: 11}, 10, at(250), 0)
	for i, want := range []time.Time{at(0), at(0), at(40), at(40)} {
		if got := e.list[i].arrived; !got.Equal(want) {
			t.Errorf("package %d arrived at %v, want %v", e.list[i].packet.ID, got.Sub(start), want.Sub(start))
		}
	}
}
