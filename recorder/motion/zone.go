package motion

// Point is a place in the picture: 0, 0 is the upper left corner, 1, 1 the lower right one.
type Point struct{ X, Y float64 }

// ZoneKind tells what a zone does to the cells in it.
type ZoneKind string

// The kinds of a zone, as config.toml writes them. With an include zone, what lies in none is
// not looked at; an exclude zone takes away from both.
const (
	Include ZoneKind = "include"
	Exclude ZoneKind = "exclude"
)

// Zone is a part of the picture that is looked at or left out. A cell belongs to it when its middle
// lies within, so that no cell is in none or in two of zones that share an edge.
type Zone struct {
	Name string
	Kind ZoneKind
	// Points are the corners in order, at least 3. A polygon that crosses itself has the parts in it that
	// an odd number of its edges surround.
	Points []Point
	// Sensitivity of an include zone, 1 to 10; 0 is that of the picture. Where zones with one of
	// their own overlap, the later one counts.
	Sensitivity int
}

// unseen is more than any level: cells that are not looked at need it.
const unseen = MaxLevel + 1

// MostZones bounds how many zones a camera can have.
const MostZones = 64

// within gives for each zone the cells of a grid that count in it, a bit each: none of an excluded one.
func (s Settings) within(need []uint8, width, height int) (sets [][]uint64) {
	for _, z := range s.Zones {
		set := make([]uint64, (width*height+63)/64)
		for i := range width * height {
			if z.Kind == Include && need[i] != unseen && z.holds(middleOf(i%width, i/width, width, height)) {
				set[i>>6] |= 1 << (i & 63)
			}
		}
		sets = append(sets, set)
	}
	return sets
}

// middleOf is the middle of a cell.
func middleOf(x, y, width, height int) Point {
	return Point{(float64(x) + 0.5) / float64(width), (float64(y) + 0.5) / float64(height)}
}

// need is the level that each cell of a grid needs to count.
func (s Settings) need(dst []uint8, width, height int) []uint8 {
	outside := uint8(11 - s.Sensitivity)
	for _, z := range s.Zones {
		if z.Kind == Include {
			outside = unseen
		}
	}
	dst = dst[:0]
	for y := range height {
		for x := range width {
			middle := middleOf(x, y, width, height)
			need := outside
			for _, z := range s.Zones {
				if z.Kind == Include && z.holds(middle) {
					need = uint8(11 - s.Sensitivity)
					if z.Sensitivity != 0 {
						need = uint8(11 - clamp(z.Sensitivity, 1, 10))
					}
				}
			}
			for _, z := range s.Zones {
				if z.Kind == Exclude && z.holds(middle) {
					need = unseen
				}
			}
			dst = append(dst, need)
		}
	}
	return dst
}

// holds counts the edges to the right of a point: odd within.
func (z Zone) holds(p Point) bool {
	within := false
	for i, a := range z.Points {
		b := z.Points[(i+1)%len(z.Points)]
		if (a.Y > p.Y) != (b.Y > p.Y) && p.X < a.X+(b.X-a.X)*(p.Y-a.Y)/(b.Y-a.Y) {
			within = !within
		}
	}
	return within
}
