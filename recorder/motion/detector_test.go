package motion

import (
	"math"
	"testing"
	"time"
)

func TestWhoWalksIsFoundHoweverSmall(t *testing.T) {
	for _, c := range []struct {
		name                        string
		width, height, speed, grain float64
		contrast                    float64
		want                        int // frames of 80
	}{
		{"near", 10, 30, 1, 0.4, 50, 78},
		{"at 15 m", 2.5, 7, 0.3, 0.4, 30, 76},
		{"slow", 6, 16, 0.1, 0.4, 40, 70}, // seen by its edge alone, which goes from cell to cell
		{"dim", 6, 16, 0.5, 0.4, 15, 76},
		{"in grain", 6, 16, 0.5, 1.5, 40, 76},
		{"a cat", 5, 3, 0.6, 0.4, 30, 76},
	} {
		onEveryStage(t, func(t *testing.T, s *stage) {
			s.grain = c.grain
			for i := range s.room { // an empty place, so that contrast is what it says
				s.room[i] = 100 + float64(i%stageWidth)/4
			}
			s.paint = func(n int, put brush) {
				if n >= learned {
					put(-c.width+float64(n-learned)*c.speed+c.width/2, 25, c.width, c.height, 110+c.contrast)
				}
			}
			d := NewDetector(Settings{})
			if early, _ := s.motions(d, 0, learned); early > 0 {
				t.Errorf("%s: %d frames of %d with motion before anybody came", c.name, early, learned)
			}
			const span = 80
			if found, _ := s.motions(d, learned, learned+span); found < c.want {
				t.Errorf("%s: found in %d frames of %d, want %d", c.name, found, span, c.want)
			}
		})
	}
}

func TestGrainIsNoMotion(t *testing.T) {
	onEveryStage(t, func(t *testing.T, s *stage) {
		s.grain = 3 // a cell's mean: 24 levels a pixel, a night with the gain turned up
		if found, _ := s.motions(NewDetector(Settings{}), 0, 300); found > 3 {
			t.Errorf("%d frames of 300 with motion in grain", found)
		}
	})
}

func TestLeavesAreNoMotionOnceLearned(t *testing.T) {
	onEveryStage(t, func(t *testing.T, s *stage) {
		s.leaves = func(x, y int) bool { return x < 40 && y < 30 }
		d := NewDetector(Settings{})
		s.play(d, 0, learned, nil)
		if found, _ := s.motions(d, learned, 400); found > 6 {
			t.Errorf("%d frames of 340 with motion in leaves", found)
		}
		s.paint = func(n int, put brush) { put(float64(n-400)*0.5, 20, 6, 18, 220) }
		if found, _ := s.motions(d, 400, 480); found < 76 {
			t.Errorf("in front of leaves found in %d frames of 80", found)
		}
	})
}

func TestSwitchedLightIsLightAndNoMotion(t *testing.T) {
	for _, factor := range []float64{0.4, 0.7, 1.3, 1.8} {
		onEveryStage(t, func(t *testing.T, s *stage) {
			s.light = func(n, _, _ int) float64 {
				if n >= 80 && n < 120 {
					return factor
				}
				return 1
			}
			motion, light := s.motions(NewDetector(Settings{}), 0, 160)
			if motion > 0 || light < 2 || light > 30 {
				t.Errorf("light × %v: %d frames with motion, %d with light", factor, motion, light)
			}
		})
	}
}

func TestWhoWalksIsFoundWhileLightIsSwitched(t *testing.T) {
	onEveryStage(t, func(t *testing.T, s *stage) {
		s.light = func(n, _, _ int) float64 {
			if n/7%2 == 1 { // again and again
				return 1.4
			}
			return 1
		}
		s.paint = func(n int, put brush) {
			if n >= learned {
				put(float64(n-learned)*0.8, 20, 8, 24, 30)
			}
		}
		d := NewDetector(Settings{})
		s.play(d, 0, learned, nil)
		motion, light := s.motions(d, learned, learned+80)
		if motion < 72 || light < 10 {
			t.Errorf("found in %d frames of 80, light told in %d", motion, light)
		}
	})
}

func TestCloudsAndExposureAreNoMotion(t *testing.T) {
	lights := map[string]func(n, x, y int) float64{
		"clouds": func(n, x, y int) float64 { // a soft edge that wanders, 0.8 cells a frame
			return 1 - 0.35/(1+math.Exp((float64(x)-float64(n)*0.8+60)/12))
		},
		"exposure": func(n, _, _ int) float64 { return 1 + 0.25*math.Sin(float64(n)/15) },
		"flicker":  func(n, _, _ int) float64 { return 1 + 0.03*math.Sin(float64(n)*2.1) },
	}
	for name, light := range lights {
		onEveryStage(t, func(t *testing.T, s *stage) {
			s.light = light
			if motion, _ := s.motions(NewDetector(Settings{}), 0, 250); motion > 2 {
				t.Errorf("%s: %d frames of 250 with motion", name, motion)
			}
		})
	}
}

func TestInfraredIsLightAndTheDetectorSeesOnBehindIt(t *testing.T) {
	onEveryStage(t, func(t *testing.T, s *stage) {
		d := NewDetector(Settings{})
		s.play(d, 0, learned, nil)
		for i, v := range s.room { // another spectrum, lit from the camera
			x, y := float64(i%stageWidth)-40, float64(i/stageWidth)-30
			s.room[i] = (220 - 0.6*v) * math.Exp(-(x*x+y*y)/2000)
		}
		motion, light := s.motions(d, learned, learned+20)
		if motion > 1 || light == 0 {
			t.Errorf("going over: %d frames with motion, %d with light", motion, light)
		}
		s.paint = func(n int, put brush) { put(float64(n-learned-20), 20, 8, 24, 30) }
		if motion, _ = s.motions(d, learned+20, learned+70); motion < 47 {
			t.Errorf("then found in %d frames of 50", motion)
		}
	})
}

func TestWhatLeavesLeavesNoGhostForMoreThanASecond(t *testing.T) {
	onEveryStage(t, func(t *testing.T, s *stage) {
		s.paint = func(n int, put brush) { // it is there from the first frame, and drives off
			if x := 30 + max(0, float64(n-100)*4); x < stageWidth {
				put(x, 20, 12, 10, 220)
			}
		}
		d := NewDetector(Settings{})
		s.play(d, 0, 100, nil)
		if found, _ := s.motions(d, 101, 112); found < 10 {
			t.Errorf("driving off found in %d frames of 11", found)
		}
		s.play(d, 112, 124, nil) // gone in frame 113, at the latest
		if ghost, _ := s.motions(d, 124, 180); ghost > 0 {
			t.Errorf("%d frames with a ghost", ghost)
		}
	})
}

func TestWhatStopsIsLetGoAndComesBackWithoutAGhost(t *testing.T) {
	onEveryStage(t, func(t *testing.T, s *stage) {
		s.paint = func(n int, put brush) { // comes, stands from frame 100 to 200, goes on
			x := -12 + float64(n-learned)
			if n > 100 {
				x = -12 + float64(100-learned) + max(0, float64(n-200))
			}
			if n >= learned {
				put(x, 20, 12, 10, 220)
			}
		}
		d := NewDetector(Settings{})
		s.play(d, 0, 111, nil)
		if found, _ := s.motions(d, 111, 200); found > 0 {
			t.Errorf("%d frames with motion while it stood", found)
		}
		s.play(d, 200, 202, nil)
		s.play(d, 202, 240, func(n int, r Result) {
			left := stageWidth
			for _, region := range r.Regions {
				left = min(left, region.X)
			}
			// Where it stood the room is known: nothing is left changed there for long.
			if x := -12 + (100 - learned) + (n - 200); !r.Motion || left < x-6 {
				t.Errorf("frame %d: motion %v from column %d on, the thing begins at %d", n, r.Motion, left, x)
			}
		})
	})
}

func TestThreeSecondsAreEnoughToSeeWhoComes(t *testing.T) {
	onEveryStage(t, func(t *testing.T, s *stage) {
		s.paint = func(n int, put brush) { put(float64(n-30)-6, 20, 8, 24, 20) }
		d := NewDetector(Settings{})
		s.play(d, 0, 30, nil)
		if found, _ := s.motions(d, 30, 70); found < 38 {
			t.Errorf("found in %d frames of 40", found)
		}
	})
}

func TestLostAndLateFramesMakeNoMotion(t *testing.T) {
	onEveryStage(t, func(t *testing.T, s *stage) {
		s.paint = func(n int, put brush) { // a thing is put down while no frame comes
			if n > 150 {
				put(30, 20, 8, 8, 220)
			}
		}
		s.light = func(n, _, _ int) float64 { return 1 + 0.001*float64(n) }
		d := NewDetector(Settings{})
		s.play(d, 0, 100, nil)
		count := 0
		see := func(_ int, r Result) {
			if r.Motion {
				count++
			}
		}
		s.play(d, 140, 145, see)                        // 4 s are missing
		s.play(d, 180, 200, see)                        // 3.5 s, and the room is another one
		d.Step(s.frame(200), frameTime(200))            // the same time twice
		see(200, d.Step(s.frame(200), frameTime(200)))  //
		see(201, d.Step(s.frame(201), frameTime(190)))  // a clock that goes back
		see(202, d.Step(s.frame(202), frameTime(2020))) // three minutes
		s.play(d, 2021, 2040, see)
		if count > 0 {
			t.Errorf("%d frames with motion", count)
		}
	})
}

func TestSpeckleIsNoMotion(t *testing.T) {
	onEveryStage(t, func(t *testing.T, s *stage) {
		s.paint = func(n int, put brush) { // snow
			for range 40 {
				put(float64(s.random.IntN(stageWidth)), float64(s.random.IntN(stageHeight)), 1, 1, 255)
			}
		}
		if found, _ := s.motions(NewDetector(Settings{}), 0, 200); found > 2 {
			t.Errorf("%d frames of 200 with motion in snow", found)
		}
	})
}

func TestAnotherPictureSizeIsANewScene(t *testing.T) {
	d := NewDetector(Settings{})
	s := newStage(1)
	s.play(d, 0, learned, nil)
	for _, size := range [][2]int{{1, 1}, {7, 3}, {160, 90}, {65, 9}, {80, 60}} {
		l := Luma{Width: size[0], Height: size[1], Rows: size[1], Pix: make([]byte, size[0]*size[1])}
		for n := range 20 {
			for i := range l.Pix {
				l.Pix[i] = byte(i*7 + n*n*31)
			}
			r := d.Step(l, frameTime(learned+n))
			if c := d.Change(); c.Width != size[0] || c.Height != size[1] || len(c.Levels) != len(l.Pix) {
				t.Fatalf("%v: change is %d×%d", size, c.Width, c.Height)
			}
			if n == 0 && r.Motion {
				t.Errorf("%v: motion in the first frame", size)
			}
		}
	}
}

func TestStepDoesNotAllocate(t *testing.T) {
	s := newStage(1)
	s.paint = func(n int, put brush) { put(float64(n%80), 20, 8, 24, 220) }
	var frames []Luma
	for n := range 80 {
		frames = append(frames, s.frame(n))
	}
	d := NewDetector(Settings{})
	n := 0
	step := func() {
		d.Step(frames[n%len(frames)], frameTime(n))
		n++
	}
	step()
	if allocs := testing.AllocsPerRun(200, step); allocs != 0 {
		t.Errorf("%v allocations a step", allocs)
	}
}

func TestMovementBeginsWithTwoFramesAndIsHeld(t *testing.T) {
	j := NewJudge(Settings{Hold: time.Second})
	moving, quiet := &Change{Width: 10, Height: 10, Levels: make([]uint8, 100)}, &Change{Width: 10, Height: 10, Levels: make([]uint8, 100)}
	for i := range 50 {
		moving.Levels[i] = 6
	}
	for i, c := range []struct {
		at             int // in 100 ms
		moving, active bool
	}{
		{0, false, false}, {1, true, false}, {7, true, false}, // a second one too late
		{9, true, true}, {10, false, true}, {19, false, true}, {20, false, false}, // held for 1 s from 9
		{21, true, false}, {22, false, false}, {26, true, true}, {40, false, false},
	} {
		change := quiet
		if c.moving {
			change = moving
		}
		if r := j.Step(change, frameTime(c.at)); r.Active != c.active || r.Motion != c.moving {
			t.Errorf("step %d at %d: motion %v, active %v, want %v and %v", i, c.at, r.Motion, r.Active, c.moving, c.active)
		}
	}
}
