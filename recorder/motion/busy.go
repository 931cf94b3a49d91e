package motion

import (
	"cmp"
	"slices"
)

// Busy counts in how many frames each cell changed: where something moves all the time, a tree or a road, a zone
// may be left out. The zero value is ready, for changes that sensitivity 5 sees.
type Busy struct {
	// Sensitivity from which on a change counts, 1 to 10; 0 is 5.
	Sensitivity int

	Width, Height int      // of the grid, in cells; frames of another one are left out
	Frames        int      // that were looked at
	Changed       []uint32 // of each cell, row by row: frames in which it changed
}

// Step counts the next frame. What nobody looked at does not count.
func (b *Busy) Step(c *Change) {
	if c.Unseen || c.Width*c.Height == 0 {
		return
	}
	if b.Changed == nil {
		b.Width, b.Height, b.Changed = c.Width, c.Height, make([]uint32, c.Width*c.Height)
	}
	if c.Width != b.Width || c.Height != b.Height {
		return
	}
	b.Frames++
	if c.calm {
		return
	}
	need := uint8(11 - clamp(cmp.Or(b.Sensitivity, 5), 1, 10))
	e := c.extent()
	for y := e.top; y < e.bottom; y++ {
		row := y * b.Width
		for x := e.left; x < e.right; x++ {
			if c.Levels[row+x] >= need {
				b.Changed[row+x]++
			}
		}
	}
}

// Shares are the parts of the frames in which each cell changed, 0 to 1.
func (b *Busy) Shares() []float64 {
	shares := make([]float64, len(b.Changed))
	for i, n := range b.Changed {
		shares[i] = float64(n) / float64(max(1, b.Frames))
	}
	return shares
}

// Bounds of a proposal.
const (
	MostProposed  = 8 // zones
	leastProposed = 6 // cells of a zone
	roomyHull     = 1.6
)

// Propose makes zones to be left out of the cells that change in more than a part of the frames: convex ones,
// largest first, MostProposed at most. A region that its hull does not fit well is cut in two.
func (b *Busy) Propose(above float64) (zones []Zone) {
	busy := make([]bool, len(b.Changed))
	for i, share := range b.Shares() {
		busy[i] = share > above
	}
	regions := b.regions(busy)
	slices.SortStableFunc(regions, func(a, b []spot) int { return len(b) - len(a) })
	for _, r := range regions {
		for _, part := range fitting(r, 3) {
			if len(part) >= leastProposed && len(zones) < MostProposed {
				zones = append(zones, Zone{Kind: Exclude, Points: b.around(part)})
			}
		}
	}
	return zones
}

// spot is where a cell stands, or a corner of one.
type spot struct{ x, y int }

// regions are the cells that belong together, corners included.
func (b *Busy) regions(set []bool) (all [][]spot) {
	for i := range set {
		if !set[i] {
			continue
		}
		set[i] = false
		region := []spot{{i % b.Width, i / b.Width}}
		for k := 0; k < len(region); k++ {
			c := region[k]
			for y := max(0, c.y-1); y <= min(b.Height-1, c.y+1); y++ {
				for x := max(0, c.x-1); x <= min(b.Width-1, c.x+1); x++ {
					if at := y*b.Width + x; set[at] {
						set[at] = false
						region = append(region, spot{x, y})
					}
				}
			}
		}
		all = append(all, region)
	}
	return all
}

// fitting cuts a region in two along its longer side, so many times at most, where its hull has much more than it.
func fitting(region []spot, cuts int) [][]spot {
	if len(region) == 0 {
		return nil
	}
	if cuts == 0 || surface(hull(region)) <= roomyHull*float64(len(region)) {
		return [][]spot{region}
	}
	left, top, right, bottom := region[0].x, region[0].y, region[0].x, region[0].y
	for _, c := range region {
		left, right = min(left, c.x), max(right, c.x)
		top, bottom = min(top, c.y), max(bottom, c.y)
	}
	var one, two []spot
	for _, c := range region {
		if right-left >= bottom-top && 2*c.x <= left+right || right-left < bottom-top && 2*c.y <= top+bottom {
			one = append(one, c)
		} else {
			two = append(two, c)
		}
	}
	return append(fitting(one, cuts-1), fitting(two, cuts-1)...)
}

// around is the hull of cells as parts of the picture.
func (b *Busy) around(cells []spot) (points []Point) {
	for _, c := range hull(cells) {
		points = append(points, Point{float64(c.x) / float64(b.Width), float64(c.y) / float64(b.Height)})
	}
	return points
}

// hull is the smallest convex polygon around the corners of cells (A. M. Andrew's monotone chain, 1979).
func hull(cells []spot) []spot {
	corners := make([]spot, 0, 4*len(cells))
	for _, c := range cells {
		corners = append(corners, c, spot{c.x + 1, c.y}, spot{c.x, c.y + 1}, spot{c.x + 1, c.y + 1})
	}
	slices.SortFunc(corners, func(a, b spot) int { return cmp.Or(a.x-b.x, a.y-b.y) })
	corners = slices.Compact(corners)
	half := func(chain []spot) []spot {
		for _, p := range corners {
			for n := len(chain); n > 1 && bend(chain[n-2], chain[n-1], p) <= 0; n = len(chain) {
				chain = chain[:n-1]
			}
			chain = append(chain, p)
		}
		return chain[:len(chain)-1] // the last one begins the other half
	}
	lower := half(nil)
	slices.Reverse(corners)
	return append(lower, half(nil)...)
}

// bend is above 0 where a way over three points turns from x towards y.
func bend(a, b, c spot) int { return (b.x-a.x)*(c.y-a.y) - (b.y-a.y)*(c.x-a.x) }

// surface of a polygon, in cells.
func surface(points []spot) float64 {
	sum := 0
	for i, p := range points {
		q := points[(i+1)%len(points)]
		sum += p.x*q.y - q.x*p.y
	}
	return float64(max(sum, -sum)) / 2
}
