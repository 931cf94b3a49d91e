package motion

import (
	"encoding/binary"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// plainRegions is measure by flood, one cell after the other.
func plainRegions(c *Change, need []uint8, minSize int) (regions []Region, cells []bool) {
	at := func(x, y int) bool {
		return x >= 0 && y >= 0 && x < c.Width && y < c.Height && c.Levels[y*c.Width+x] >= need[y*c.Width+x]
	}
	solid, cells := make([]bool, len(c.Levels)), make([]bool, len(c.Levels))
	for i := range solid {
		x, y, neighbours := i%c.Width, i/c.Width, 0
		for k := range 9 {
			if k != 4 && at(x+k%3-1, y+k/3-1) {
				neighbours++
			}
		}
		solid[i] = at(x, y) && neighbours >= 2
	}
	seen := make([]bool, len(solid))
	for i := range solid {
		if !solid[i] || seen[i] {
			continue
		}
		r := Region{X: c.Width, Y: c.Height}
		right, bottom := 0, 0
		seen[i] = true
		var flooded []int
		for open := []int{i}; len(open) > 0; {
			x, y := open[0]%c.Width, open[0]/c.Width
			flooded = append(flooded, open[0])
			open = open[1:]
			r.X, r.Y, right, bottom = min(r.X, x), min(r.Y, y), max(right, x+1), max(bottom, y+1)
			r.Cells++
			for k := range 9 {
				nx, ny := x+k%3-1, y+k/3-1
				if nx < 0 || ny < 0 || nx >= c.Width || ny >= c.Height {
					continue
				}
				if n := ny*c.Width + nx; solid[n] && !seen[n] {
					seen[n] = true
					open = append(open, n)
				}
			}
		}
		if r.Cells >= minSize {
			r.Width, r.Height = right-r.X, bottom-r.Y
			regions = append(regions, r)
			for _, n := range flooded {
				cells[n] = true
			}
		}
	}
	return regions, cells
}

func TestRegionsAreThoseOfAPlainFlood(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := Change{Width: rapid.IntRange(1, 150).Draw(t, "width"), Height: rapid.IntRange(1, 40).Draw(t, "height")}
		c.Levels = make([]uint8, c.Width*c.Height)
		random := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		density := rapid.IntRange(1, 90).Draw(t, "density")
		for i := range c.Levels {
			if random.IntN(100) < density {
				c.Levels[i] = uint8(random.IntN(MaxLevel + 1))
			}
		}
		j := NewJudge(Settings{Sensitivity: rapid.IntRange(1, 10).Draw(t, "sensitivity"), MinSize: 0.01})
		r := j.Step(&c, frameTime(0))
		want, cells := plainRegions(&c, j.need, j.minSize)
		largest := 0
		all, _ := plainRegions(&c, j.need, 1)
		for _, r := range all {
			largest = max(largest, r.Cells)
		}
		if r.Largest != largest || r.Needed != j.minSize || r.Motion != (r.Largest >= r.Needed) {
			t.Fatalf("the largest has %d of %d cells, want %d", r.Largest, r.Needed, largest)
		}
		got := slices.Clone(r.Regions)
		order := func(a, b Region) int {
			return slices.Compare([]int{a.Y, a.X, a.Width, a.Height, a.Cells}, []int{b.Y, b.X, b.Width, b.Height, b.Cells})
		}
		slices.SortFunc(got, order)
		slices.SortFunc(want, order)
		if !slices.Equal(got, want) {
			t.Fatalf("%d×%d: got %v, want %v", c.Width, c.Height, got, want)
		}
		count := 0
		for i, on := range cells {
			if on {
				count++
			}
			if got := r.Cells[i>>6]>>(i&63)&1 == 1; got != on {
				t.Fatalf("cell %d is %v, want %v", i, got, on)
			}
		}
		if r.Motion != (count > 0) || int64(r.Score) > 65535*int64(count)/int64(len(c.Levels))+1 || r.Motion && r.Score == 0 {
			t.Fatalf("motion %v and score %d with %d of %d cells", r.Motion, r.Score, count, len(c.Levels))
		}
	})
}

func TestMoreSensitivityNeverSeesLess(t *testing.T) {
	for s := 2; s <= 10; s++ {
		if needed[s] >= needed[s-1] {
			t.Errorf("sensitivity %d needs %d, %d needs %d", s, needed[s], s-1, needed[s-1])
		}
	}
	if got := levels[normal]; got != 6 {
		t.Errorf("a cell at its threshold has level %d, so that sensitivity %d sees it; want 6", got, 11-got)
	}
	if levels[normal-1] >= 6 || levels[normal/2] != 1 || levels[normal/2-1] != 0 || levels[len(levels)-1] != MaxLevel {
		t.Errorf("levels are %v", levels)
	}
}

func TestWithinIsEightComparisons(t *testing.T) {
	var luma, low, high [8]byte
	check := func(i int) {
		want := true
		for k := range luma {
			want = want && luma[k] >= low[k] && luma[k] <= high[k]
		}
		if got := within(luma[:], low[:], high[:]); got != want {
			t.Fatalf("case %d: % x between % x and % x: got %v", i, luma, low, high, got)
		}
	}
	for v := range 256 { // all of one place, beside others that lie within
		for bound := range 256 {
			low, high = [8]byte{}, [8]byte{255, 255, 255, 255, 255, 255, 255, 255}
			luma[v%8], low[v%8] = byte(v), byte(bound)
			check(v)
			low[v%8], high[v%8] = 0, byte(bound)
			check(v)
		}
	}
	random := rand.New(rand.NewPCG(1, 1))
	for i := range 100000 {
		binary.LittleEndian.PutUint64(luma[:], random.Uint64())
		for k, v := range luma {
			low[k] = byte(random.IntN(int(v) + 1 + i%2*(255-int(v))))
			high[k] = byte(int(v) + random.IntN(256-int(v)))
		}
		check(i)
	}
}
