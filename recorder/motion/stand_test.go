package motion

import (
	"testing"
	"time"
)

// coming is a thing that comes in from the left and stops at frame stop, at x 30.
func coming(n, stop int) float64 { return 30 + 1.5*min(0, float64(n-stop)) }

func TestWhoStandsIsNoMotionAndTheMovementGoesOnForASetTime(t *testing.T) {
	onEveryStage(t, func(t *testing.T, s *stage) {
		const stop = 110
		s.paint = func(n int, put brush) {
			if n >= learned {
				put(coming(n, stop), 20, 8, 24, 220)
			}
		}
		d := NewDetector(Settings{})
		lastMotion, lastStands, ended := 0, 0, 0
		s.play(d, 0, 300, func(n int, r Result) {
			if r.Motion {
				lastMotion = n
			}
			if r.Stands {
				lastStands = n
			}
			if n > stop && !r.Active && ended == 0 {
				ended = n
			}
		})
		if after := lastMotion - stop; after < 0 || after > 12 {
			t.Errorf("motion until %d frames after it stopped, want 12 at most", after)
		}
		if after := lastStands - stop; after < 95 || after > 125 {
			t.Errorf("it stands until %d frames after it stopped, want 10 s", after)
		}
		if want := lastStands + 21; ended != want {
			t.Errorf("the movement ended in frame %d, want %d: 2 s after it was let go", ended, want)
		}
	})
}

func TestAHoleDoesNotStand(t *testing.T) {
	onEveryStage(t, func(t *testing.T, s *stage) {
		for i := range s.room { // a plain place: the outline is the thing's alone
			s.room[i] = 100 + float64(i%stageWidth)/4
		}
		s.paint = func(n int, put brush) { // parked since before the first frame, drives off
			if x := 30 + max(0, float64(n-100)*4); x < stageWidth {
				put(x, 20, 12, 10, 220)
			}
		}
		d := NewDetector(Settings{})
		s.play(d, 0, 200, func(n int, r Result) {
			if r.Stands && n > 112 {
				t.Fatalf("frame %d: what has driven off stands", n)
			}
		})
	})
}

func TestWhoGoesAwayStandsNoMore(t *testing.T) {
	onEveryStage(t, func(t *testing.T, s *stage) {
		s.paint = func(n int, put brush) { // comes, stands for 4 s, and goes back
			if n >= learned {
				put(coming(n, 100)-1.5*max(0, float64(n-140)), 20, 8, 24, 220)
			}
		}
		d := NewDetector(Settings{})
		begun := 0
		was := false
		s.play(d, 0, 220, func(n int, r Result) {
			if r.Active && !was {
				begun++
			}
			if was = r.Active; r.Stands && n > 175 {
				t.Fatalf("frame %d: who has gone stands", n)
			}
		})
		if begun != 1 {
			t.Errorf("%d movements, want one", begun)
		}
	})
}

func TestStandingCountsWhereZonesLookAlone(t *testing.T) {
	left := Zone{Kind: Include, Points: []Point{{0, 0}, {0.5, 0}, {0.5, 1}, {0, 1}}}
	for _, c := range []struct {
		tile int // of a grid of 10×8
		want bool
	}{{0, true}, {4, true}, {5, false}, {9, false}, {70, true}, {79, false}} {
		change := Change{}
		change.reset(80, 60)
		change.Stands[c.tile>>6] |= 1 << (c.tile & 63)
		change.stands = true
		j := NewJudge(Settings{Zones: []Zone{left}})
		if r := j.Step(&change, began); r.Stands != c.want {
			t.Errorf("tile %d: stands %v, want %v", c.tile, r.Stands, c.want)
		}
	}
}

func TestAClockThatIsSetBackEndsNothingForHours(t *testing.T) {
	j := NewJudge(Settings{})
	moving, quiet := grid(10, 10, map[int]uint8{0: 6}), grid(10, 10, nil)
	for i := range 50 {
		moving.Levels[i] = 6
	}
	j.Step(moving, frameTime(0))
	if r := j.Step(moving, frameTime(1)); !r.Active || !r.Began.Equal(frameTime(0)) {
		t.Fatalf("two frames: %+v", r)
	}
	back := began.Add(-5 * time.Hour)
	for n := range 50 {
		if r := j.Step(quiet, back.Add(time.Duration(n)*100*time.Millisecond)); r.Active != (n <= 20) {
			t.Fatalf("frame %d of the time set back: active %v", n, r.Active)
		}
	}
	if r := j.Step(moving, back.Add(-time.Hour)); r.Active {
		t.Error("one frame behind a clock set back is a movement")
	}
}
