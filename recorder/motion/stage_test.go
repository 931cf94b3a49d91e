package motion

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"
)

// stage is a scene made by rule, on the grid that the detector sees: a room with furniture, grain,
// light, and things that move in it. Frames are 100 ms apart.
type stage struct {
	random *rand.Rand
	room   []float64
	grain  float64                   // standard deviation of a cell's mean, levels
	light  func(n, x, y int) float64 // factor; nil: none
	leaves func(x, y int) bool       // cells that sway; nil: none
	paint  func(n int, put brush)    // things; nil: none
}

// brush puts a thing there: a pattern of its own around a brightness.
type brush func(x, y, width, height, brightness float64)

const stageWidth, stageHeight = 80, 60

var began = time.Date(2026, 11, 22, 14, 0, 0, 0, time.UTC)

func frameTime(n int) time.Time { return began.Add(time.Duration(n) * 100 * time.Millisecond) }

func newStage(seed uint64) *stage {
	s := &stage{random: rand.New(rand.NewPCG(seed, 6)), room: make([]float64, stageWidth*stageHeight), grain: 0.4}
	for y := range stageHeight {
		for x := range stageWidth {
			s.room[y*stageWidth+x] = 90 + 0.5*float64(x) + 8*math.Sin(float64(x)/3)*math.Cos(float64(y)/4)
		}
	}
	for range 12 { // furniture
		x0, y0, w, h, v := s.random.IntN(70), s.random.IntN(50), 3+s.random.IntN(15), 3+s.random.IntN(12), 40+160*s.random.Float64()
		for y := y0; y < min(y0+h, stageHeight); y++ {
			for x := x0; x < min(x0+w, stageWidth); x++ {
				s.room[y*stageWidth+x] = v + 4*math.Sin(float64(x*y))
			}
		}
	}
	return s
}

func (s *stage) frame(n int) Luma {
	picture := make([]float64, len(s.room))
	copy(picture, s.room)
	sway := math.Sin(float64(n)*0.9)*0.7 + 0.5*s.random.NormFloat64()
	if s.leaves != nil {
		for i := range picture {
			if s.leaves(i%stageWidth, i/stageWidth) {
				picture[i] += 25 * math.Sin(float64(i*i%97)+sway+0.3*s.random.NormFloat64())
			}
		}
	}
	if s.paint != nil {
		s.paint(n, func(x, y, width, height, brightness float64) {
			for cy := max(0, math.Floor(y)); cy < min(stageHeight, y+height); cy++ {
				for cx := max(0, math.Floor(x)); cx < min(stageWidth, x+width); cx++ {
					// The part of the cell that is covered, since things do not move by cells.
					part := overlap(cx, x, width) * overlap(cy, y, height)
					i := int(cy)*stageWidth + int(cx)
					picture[i] += part * (brightness + 6*math.Sin(2*(cx-x)+3*(cy-y)) - picture[i])
				}
			}
		})
	}
	l := Luma{Width: stageWidth, Height: stageHeight, Rows: stageHeight, Pix: make([]byte, len(picture))}
	for i, v := range picture {
		if s.light != nil {
			v *= s.light(n, i%stageWidth, i/stageWidth)
		}
		l.Pix[i] = byte(math.Round(min(255, max(0, v+s.grain*s.random.NormFloat64()))))
	}
	return l
}

// overlap is the part of the cell at c that lies between from and from+size.
func overlap(c, from, size float64) float64 {
	return max(0, min(c+1, from+size)-max(c, from))
}

// play steps a detector through frames and calls see with each result.
func (s *stage) play(d *Detector, from, to int, see func(n int, r Result)) {
	for n := from; n < to; n++ {
		r := d.Step(s.frame(n), frameTime(n))
		if see != nil {
			see(n, r)
		}
	}
}

// motions plays and counts frames with motion and with light.
func (s *stage) motions(d *Detector, from, to int) (motion, light int) {
	s.play(d, from, to, func(_ int, r Result) {
		if r.Motion {
			motion++
		}
		if r.Light {
			light++
		}
	})
	return motion, light
}

const learned = 60 // frames after which a stage's detector knows its room

func onEveryStage(t *testing.T, play func(t *testing.T, s *stage)) {
	for seed := range uint64(4) {
		s := newStage(seed)
		play(t, s)
		if t.Failed() {
			t.Fatalf("stage %d", seed)
		}
	}
}
