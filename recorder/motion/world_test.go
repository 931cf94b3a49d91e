package motion

import (
	"math"
	"testing"
)

// pool is light that falls off softly around a place: a lamp on a wall, headlights.
func pool(x, y, atX, atY, radius, gain float64) float64 {
	dx, dy := (x-atX)/radius, (y-atY)/radius
	return 1 + gain*math.Exp(-dx*dx-dy*dy)
}

// What is no thing, and how many frames of it may be taken for one: it begins in frame 80. Where there are some
// the world is harder than the detector, and the number holds it to what it can.
func TestWhatIsNoThingIsHardlyEverTakenForOne(t *testing.T) {
	plainWall := func(s *stage) {
		for i := range s.room {
			s.room[i] = 90 + 0.3*float64(i%stageWidth)
		}
	}
	lamp := func(radius, gain float64) func(*stage) {
		return func(s *stage) {
			s.light = func(n, x, y int) float64 {
				if n < 80 || n >= 140 { // on, and off again
					return 1
				}
				return pool(float64(x), float64(y), 45, 25, radius, gain)
			}
		}
	}
	for _, c := range []struct {
		name  string
		plain bool
		set   func(*stage)
		most  int
	}{
		{"a lamp on a plain wall", true, lamp(10, 0.8), 0},
		{"a small lamp on a plain wall", true, lamp(6, 0.8), 0},
		{"a large lamp on a plain wall", true, lamp(20, 0.8), 0},
		{"a bright lamp on a plain wall", true, lamp(10, 2), 0},
		{"a lamp in a furnished room", false, lamp(10, 0.8), 0},
		{"a large lamp in a furnished room", false, lamp(20, 0.8), 0},
		{"headlights on a plain wall", true, func(s *stage) {
			s.light = func(n, x, y int) float64 {
				return pool(float64(x), float64(y), float64(n-80)*3-20, 25, 18, 0.8)
			}
		}, 0},
		{"headlights in a furnished room", false, func(s *stage) {
			s.light = func(n, x, y int) float64 {
				return pool(float64(x), float64(y), float64(n-80)*3-20, 25, 18, 0.8)
			}
		}, 14},
		{"snow", false, func(s *stage) {
			s.paint = func(n int, put brush) {
				for range 40 * min(1, n/80) {
					put(float64(s.random.IntN(80)), float64(s.random.IntN(60)), 1, 1, 255)
				}
			}
		}, 0},
		{"insects", false, func(s *stage) {
			s.paint = func(n int, put brush) {
				if n >= 80 && n%20 < 4 {
					put(float64(n%20)*15, 20, 3, 2, 250)
				}
			}
		}, 2},
		{"the coder's rate control", false, func(s *stage) {
			s.light = func(n, x, y int) float64 {
				if n%10 == 0 {
					return 1 + 0.02*math.Sin(float64(x*7+y*13))
				}
				return 1
			}
		}, 0},
		{"a flag, once it is known", false, func(s *stage) {
			s.paint = func(n int, put brush) {
				for k := range 5 {
					put(30, 20+2*float64(k), 10+3*math.Sin(float64(n)/4+float64(k)), 2, 60+40*float64(k%2))
				}
			}
		}, 0},
		{"light rain", false, func(s *stage) {
			s.paint = func(n int, put brush) {
				for range 25 {
					put(float64(s.random.IntN(80)), float64(s.random.IntN(60)), 0.1, 4+2*s.random.Float64(), 200)
				}
			}
		}, 3},
	} {
		onEveryStage(t, func(t *testing.T, s *stage) {
			if c.plain {
				plainWall(s)
			}
			c.set(s)
			d := NewDetector(Settings{})
			s.play(d, 0, 70, nil)
			if motion, _ := s.motions(d, 70, 200); motion > c.most {
				t.Errorf("%s: %d frames with motion, want %d at most", c.name, motion, c.most)
			}
		})
	}
}

// A person is as soft as a lens makes him, and still no light.
func TestThingsOutOfFocusAreStillThings(t *testing.T) {
	for _, blur := range []float64{0, 1, 2, 4} { // cells that an edge is drawn over
		onEveryStage(t, func(t *testing.T, s *stage) {
			for i := range s.room {
				s.room[i] = 100
			}
			s.light = func(n, x, y int) float64 {
				if n < learned {
					return 1
				}
				// A plain thing, so that nothing but its edges tells it from light.
				dx, dy := math.Abs(float64(x)-float64(n-learned)*1.2)-6, math.Abs(float64(y)-30)-14
				beyond := max(dx, dy)
				return 1 + 0.6*min(1, max(0, 0.5-beyond/(blur+0.01)))
			}
			d := NewDetector(Settings{})
			s.play(d, 0, learned+4, nil)
			if motion, _ := s.motions(d, learned+4, learned+54); motion < 45 {
				t.Errorf("edges over %v cells: found in %d frames of 50", blur, motion)
			}
		})
	}
}
