package motion

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"time"
)

// A variation makes another camera or another place of a clip: what is true of it stays true.
type variation struct {
	name string
	of   func(c clip, random *rand.Rand) clip
}

// variations are the world beside five clips: other light, other sensors, other lenses, other links.
var variations = []variation{
	{"as it is", func(c clip, _ *rand.Rand) clip { return c }},
	{"darker by half", levelled(func(v float64) float64 { return v * 0.5 })},
	{"dim", levelled(func(v float64) float64 { return v * 0.3 })},
	{"brighter, clipped", levelled(func(v float64) float64 { return v * 1.4 })},
	{"lifted", levelled(func(v float64) float64 { return 60 + v*0.7 })},
	{"steep", levelled(func(v float64) float64 { return 128 + (v-128)*1.4 })},
	{"negative", levelled(func(v float64) float64 { return 255 - v })},
	{"gamma 0.6", levelled(func(v float64) float64 { return 255 * math.Pow(v/255, 0.6) })},
	{"grain 0.5", grainy(0.5)},
	{"grain 1", grainy(1)},
	{"grain 2", grainy(2)},
	{"coarse by 2", levelled(func(v float64) float64 { return math.Round(v/2) * 2 })},
	{"coarse by 4", levelled(func(v float64) float64 { return math.Round(v/4) * 4 })},
	{"mirrored", placed(1, 1, func(x, y float64) (float64, float64) { return 1 - x, y })},
	{"upside down", placed(1, 1, func(x, y float64) (float64, float64) { return 1 - x, 1 - y })},
	{"grid × 0.5", placed(0.5, 0.5, same2)},
	{"grid × 0.75", placed(0.75, 0.75, same2)},
	{"grid × 1.5", placed(1.5, 1.5, same2)},
	{"grid × 2", placed(2, 2, same2)},
	{"1280×720", placed(2, 1.5, same2)},
	{"further off", placed(1, 1, func(x, y float64) (float64, float64) { return fold(1.5 * x), fold(1.5 * y) })},
	{"twice as far", placed(1, 1, func(x, y float64) (float64, float64) { return fold(2 * x), fold(2 * y) })},
	{"nearer", placed(1, 1, func(x, y float64) (float64, float64) { return 0.15 + 0.7*x, 0.15 + 0.7*y })},
	{"exposure wanders", lit(func(n int) float64 { return 1 + 0.15*math.Sin(float64(n)/18) })},
	{"mains flicker", lit(func(n int) float64 { return 1 + 0.02*math.Sin(float64(n)*2.3) })},
	{"shakes", shaken},
	{"20 a second", func(c clip, _ *rand.Rand) clip { c.interval = 50 * time.Millisecond; return c }},
	{"25 a second", func(c clip, _ *rand.Rand) clip { c.interval = 40 * time.Millisecond; return c }},
	{"7 a second", func(c clip, _ *rand.Rand) clip { c.interval = 143 * time.Millisecond; return c }},
	{"5 a second, slow", func(c clip, _ *rand.Rand) clip { c.interval = 200 * time.Millisecond; return c }},
	{"every 2nd", some(func(i int, _ *rand.Rand) bool { return i%2 == 0 })},
	{"10 % lost", some(func(_ int, random *rand.Rand) bool { return random.IntN(10) > 0 })},
	{"40 % lost", some(func(_ int, random *rand.Rand) bool { return random.IntN(10) > 3 })},
	{"stalls of 0.7 s", some(func(i int, _ *rand.Rand) bool { return i%25 > 6 })},
	{"stalls of 2 s", some(func(i int, _ *rand.Rand) bool { return i%60 > 19 })},
	{"jitter", func(c clip, random *rand.Rand) clip {
		for i := range c.luma {
			c.times = append(c.times, time.Duration(i)*100*time.Millisecond+time.Duration(random.IntN(80))*time.Millisecond)
		}
		return c
	}},
}

func same2(x, y float64) (float64, float64) { return x, y }

// fold mirrors what lies beyond 1 back into the picture.
func fold(x float64) float64 {
	if x > 1 {
		return 2 - x
	}
	return x
}

// each makes every frame of a clip anew.
func (c clip) each(width, height int, of func(n int, old []byte, put func(i int, v float64))) clip {
	made := make([][]byte, len(c.luma))
	for n, old := range c.luma {
		made[n] = make([]byte, width*height)
		of(n, old, func(i int, v float64) { made[n][i] = byte(math.Round(min(255, max(0, v)))) })
	}
	c.luma, c.width, c.height = made, width, height
	return c
}

func levelled(level func(float64) float64) func(clip, *rand.Rand) clip {
	return func(c clip, _ *rand.Rand) clip {
		return c.each(c.width, c.height, func(_ int, old []byte, put func(int, float64)) {
			for i, v := range old {
				put(i, level(float64(v)))
			}
		})
	}
}

func lit(factor func(n int) float64) func(clip, *rand.Rand) clip {
	return func(c clip, _ *rand.Rand) clip {
		return c.each(c.width, c.height, func(n int, old []byte, put func(int, float64)) {
			for i, v := range old {
				put(i, float64(v)*factor(n))
			}
		})
	}
}

// grainy adds noise to the mean of each cell: 8 times as much is on a pixel.
func grainy(deviation float64) func(clip, *rand.Rand) clip {
	return func(c clip, random *rand.Rand) clip {
		return c.each(c.width, c.height, func(_ int, old []byte, put func(int, float64)) {
			for i, v := range old {
				put(i, float64(v)+deviation*random.NormFloat64())
			}
		})
	}
}

// share is how much of a cell goes into another.
type share struct {
	cell   int
	weight float64
}

// placed samples a clip at other places, on a grid of another size: at four places in each cell, so that a
// smaller grid is a mean.
func placed(across, down float64, from func(x, y float64) (float64, float64)) func(clip, *rand.Rand) clip {
	return func(c clip, _ *rand.Rand) clip {
		width, height := int(float64(c.width)*across), int(float64(c.height)*down)
		parts := make([][]share, width*height)
		for i := range parts {
			for k := range 4 {
				x, y := from((float64(i%width)+0.25+0.5*float64(k%2))/float64(width), (float64(i/width)+0.25+0.5*float64(k/2))/float64(height))
				for _, p := range c.between(x*float64(c.width)-0.5, y*float64(c.height)-0.5) {
					parts[i] = append(parts[i], share{p.cell, p.weight / 4})
				}
			}
		}
		return c.each(width, height, func(_ int, old []byte, put func(int, float64)) {
			for i, parts := range parts {
				put(i, mixed(old, parts))
			}
		})
	}
}

func mixed(luma []byte, parts []share) (v float64) {
	for _, p := range parts {
		v += p.weight * float64(luma[p.cell])
	}
	return v
}

// between is a place between cells.
func (c clip) between(x, y float64) []share {
	x, y = min(max(x, 0), float64(c.width-1)), min(max(y, 0), float64(c.height-1))
	x0, y0 := int(x), int(y)
	x1, y1 := min(x0+1, c.width-1), min(y0+1, c.height-1)
	fx, fy := x-float64(x0), y-float64(y0)
	return []share{{y0*c.width + x0, (1 - fx) * (1 - fy)}, {y0*c.width + x1, fx * (1 - fy)}, {y1*c.width + x0, (1 - fx) * fy}, {y1*c.width + x1, fx * fy}}
}

// shaken moves each frame by up to a pixel, as wind at a camera does.
func shaken(c clip, random *rand.Rand) clip {
	return c.each(c.width, c.height, func(_ int, old []byte, put func(int, float64)) {
		dx, dy := (random.Float64()-0.5)/4, (random.Float64()-0.5)/4
		for i := range old {
			put(i, mixed(old, c.between(float64(i%c.width)+dx, float64(i/c.width)+dy)))
		}
	})
}

func some(keep func(i int, random *rand.Rand) bool) func(clip, *rand.Rand) clip {
	return func(c clip, random *rand.Rand) clip {
		kept := c
		kept.luma, kept.truth, kept.times = nil, nil, nil
		for i := range c.luma {
			if keep(i, random) {
				kept.luma, kept.truth = append(kept.luma, c.luma[i]), append(kept.truth, c.truth[i])
				kept.times = append(kept.times, time.Duration(i)*100*time.Millisecond)
			}
		}
		return kept
	}
}

// The table holds for other cameras, places and links too, under each variation alone and over all.
func TestTheTableHoldsForTheWorldBesideTheFootage(t *testing.T) {
	var all tally
	for _, v := range variations {
		var one tally
		for i, c := range footage(t) {
			one.add(v.of(c.warmed(), rand.New(rand.NewPCG(uint64(i), 7))).judged(Settings{}))
		}
		all.add(one)
		t.Logf("%-18s %s", v.name, one)
		if one.found < one.stretches || one.right < one.events || one.alarmed > 0 || one.moving*100 < one.movingAll*85 || one.idle*100 > one.idleAll*9 {
			t.Errorf("%s: %s", v.name, one)
		}
	}
	t.Logf("%-18s %s", "all", all)
	if all.moving*100 < all.movingAll*98 || all.idle*100 > all.idleAll*2 || all.nuisance*100 > all.nuisanceAll*2 {
		t.Errorf("all together: %s", all)
	}
}

func (a tally) String() string {
	return fmt.Sprintf("stretches %d/%d, events right %d/%d, moving %.3f of %d, idle %d/%d, nuisance %d/%d, calm with an event %d/%d", a.found, a.stretches, a.right, a.events,
		float64(a.moving)/float64(max(1, a.movingAll)), a.movingAll, a.idle, a.idleAll, a.nuisance, a.nuisanceAll, a.alarmed, a.calm)
}
