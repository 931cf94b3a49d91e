package avi

import (
	"slices"
	"testing"
	"time"
)

// The cameras that decide the tick, 300 s each. docs/decisions/0001-avi-tick.md quotes what
// TestTickMeasurement logs for them.
var tickCameras = []struct {
	name   string
	fps    float64
	jitter time.Duration
	bunch  bool // after a stall its pictures come with capture times close together
}{
	{"8 fps", 8, ms(15), false},
	{"10.3 fps", 10.3, ms(15), false},
	{"10.3 fps, bunched", 10.3, ms(15), true},
	{"15 fps", 15, ms(15), false},
	{"20 fps", 20, ms(12), false},
	{"25 fps", 25, ms(10), false},
	{"25.3 fps, bunched", 25.3, ms(10), true},
}

// The stalls of every one of them.
var tickStalls = []stall{{40 * time.Second, 3 * time.Second}, {120 * time.Second, 9 * time.Second}, {200 * time.Second, time.Second}}

// bunched adds pictures 12 ms apart behind each stall, as many as a second of a camera holds.
func bunched(times []time.Duration, fps float64) []time.Duration {
	for _, s := range tickStalls {
		for i := range int(fps) {
			times = append(times, s.from+s.length+time.Duration(i)*ms(12))
		}
	}
	slices.Sort(times)
	return slices.Compact(times)
}

type tickResult struct {
	worst, mean, end time.Duration
	empty            int
}

func measureTick(rate int64, times []time.Duration, length time.Duration) tickResult {
	g := grid{rate: rate}
	var r tickResult
	var sum time.Duration
	for _, at := range times {
		tick := g.nearest(at.Microseconds())
		r.empty += int(tick - g.next)
		g.next = tick + 1
		off := (time.Duration(g.micros(tick))*time.Microsecond - at).Abs()
		r.worst, sum = max(r.worst, off), sum+off
	}
	r.mean = sum / time.Duration(len(times))
	end := max(g.next, g.nearest(length.Microseconds()))
	r.empty += int(end - g.next)
	r.end = time.Duration(g.micros(end))*time.Microsecond - length
	return r
}

func TestTickMeasurement(t *testing.T) {
	const length, picture = 300 * time.Second, 18 << 10
	t.Logf("%-18s %5s %9s %9s %9s %10s", "camera", "Hz", "worst", "mean", "end", "overhead")
	for _, c := range tickCameras {
		times := captureTimes(1, c.fps, c.jitter, tickStalls, length)
		if c.bunch {
			times = bunched(times, c.fps)
		}
		for _, rate := range []int64{10, 25, 50, 100} {
			r := measureTick(rate, times, length)
			overhead := float64(r.empty*tickCost) / float64(len(times)*picture) * 100
			t.Logf("%-18s %5d %9s %9s %9s %8.2f %%", c.name, rate, r.worst.Round(time.Millisecond),
				r.mean.Round(time.Millisecond/10), r.end.Round(time.Millisecond), overhead)
			if rate != TickRate {
				continue
			}
			if limit := ms(100); r.worst > limit && !c.bunch {
				t.Errorf("%s: a picture stands %v from its capture time, at most %v", c.name, r.worst, limit)
			}
			if limit := ms(200); r.end.Abs() > limit {
				t.Errorf("%s: the end is off by %v, at most %v", c.name, r.end, limit)
			}
		}
	}
}
