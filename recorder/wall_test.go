package recorder

import (
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// A wrongClock is a wall clock that tests set.
type wrongClock struct{ by atomic.Int64 }

func wrongBy(off time.Duration) *wrongClock {
	c := new(wrongClock)
	c.set(off)
	return c
}

func (c *wrongClock) now() time.Time        { return time.Now().Add(c.off()) }
func (c *wrongClock) off() time.Duration    { return time.Duration(c.by.Load()) }
func (c *wrongClock) set(off time.Duration) { c.by.Store(int64(off)) }

func TestAWallClockThatIsSetShowsOnceAndOneThatIsSlewedDoesNot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		wrong := wrongBy(-time.Hour)
		c := newWallClock(wrong.now)
		if at := c.today(); !at.Equal(time.Now().Add(-time.Hour)) {
			t.Errorf("got %v at first", at)
		}
		for range 1000 { // an hour, by 0.5 ms a second
			pause(time.Second)
			wrong.set(wrong.off() + 500*time.Microsecond)
			if _, steps := c.read(); steps != 0 {
				t.Fatalf("slewing was taken for a step of %v", steps)
			}
		}
		taken := time.Now()
		pause(time.Second)
		for _, by := range []time.Duration{time.Hour, -10 * 365 * 24 * time.Hour, 20 * 365 * 24 * time.Hour, leastStep, -leastStep} {
			_, before := c.read()
			wrong.set(wrong.off() + by)
			offset, steps := c.read()
			if steps-before != by {
				t.Errorf("set by %v: got %v", by, steps-before)
			}
			if _, again := c.read(); again != steps {
				t.Errorf("set by %v: it showed twice", by)
			}
			if got := c.of(taken, offset); !got.Equal(taken.Add(wrong.off())) {
				t.Errorf("set by %v: a picture of then is of %v, want %v", by, got, taken.Add(wrong.off()))
			}
		}
	})
}

// Outside a bubble a time with a monotonic reading is by that, and one without is wall time already.
func TestCaptureTimesAreTakenByTheMonotonicClock(t *testing.T) {
	off := 3 * time.Hour
	c := newWallClock(func() time.Time { return time.Now().Add(off) })
	now := time.Now()
	if !strings.Contains(now.String(), " m=") {
		t.Fatal("this test needs a monotonic clock")
	}
	off = -time.Hour
	offset, steps := c.read()
	if d := (steps + 4*time.Hour).Abs(); d > 50*time.Millisecond {
		t.Errorf("got steps of %v, want −4 h", steps)
	}
	got := c.of(now, offset)
	if d := got.Sub(now.Round(0)) + time.Hour; d.Abs() > 50*time.Millisecond || strings.Contains(got.String(), " m=") || got.Nanosecond()%1000 != 0 {
		t.Errorf("got %v, want an hour before %v, in whole microseconds", got, now)
	}
	if wall := now.Round(0); !c.of(wall, offset).Equal(wall.Truncate(time.Microsecond)) {
		t.Errorf("wall time %v became %v", wall, c.of(wall, offset))
	}
}

func TestPicturesFromBeforeAStepAreTakenByTheClockBehindIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		wrong := new(wrongClock)
		r := startRig(t, Options{Now: wrong.now}, recordAll(time.Hour))
		s := newScene(door, 10)
		s.play(r, 2*time.Second)
		early := s.frame(time.Now().Add(-50 * time.Millisecond))
		wrong.set(time.Hour)
		r.Frame(early)
		s.play(r, 2*time.Second)
		r.stop()
		all := readTape(t, r.store, door)
		if len(all.segments) != 2 || all.segments[0].Frames != 20 || all.segments[1].Frames != 21 || !all.frames[20].At.Equal(early.At.Add(time.Hour)) {
			t.Errorf("got %+v", all.segments)
		}
	})
}
