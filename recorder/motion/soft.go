package motion

// What has edges is a thing; light falls off. A lamp on a wall, headlights that pass, a shadow of
// something far away change many cells much, and those at their border little. A thing changes the last
// cell that it covers nearly as much as any other.

const (
	// softStep is how much less the cell behind a border may be changed than the one before it, as a part
	// of the mean change within, for the border to be soft there, and softLevels how much in levels in any
	// case, for grain: an edge that is drawn over five cells, 40 pixels, has no more. So far out of focus are
	// things within a hand's breadth alone.
	softStep, softLevels = 0.2, 3.0
	// softBorder is the part of a border that must be soft, and leastBorder how long it must be, in
	// pairs of cells, to tell.
	softBorder  = 0.8
	leastBorder = 12
	// groupCells is how many changed cells make a tile a part of a group.
	groupCells = 2
)

// soften finds what has changed without having edges, and takes it for light.
func (s *scene) soften(luma []byte) {
	for i := range s.tiles {
		if t := &s.tiles[i]; t.changed >= groupCells && !t.grouped {
			s.group(i)
			if s.isSoft(luma) {
				s.takeLight(luma)
			}
		}
	}
}

// group collects the tiles with changes that are connected to one, corners included.
func (s *scene) group(first int) {
	s.grouped = append(s.grouped[:0], first)
	s.tiles[first].grouped = true
	for n := 0; n < len(s.grouped); n++ {
		i := s.grouped[n]
		tx, ty := i%s.across, i/s.across
		for y := max(0, ty-1); y <= min(s.down-1, ty+1); y++ {
			for x := max(0, tx-1); x <= min(s.across-1, tx+1); x++ {
				if t := &s.tiles[y*s.across+x]; t.changed >= groupCells && !t.grouped {
					t.grouped = true
					s.grouped = append(s.grouped, y*s.across+x)
				}
			}
		}
	}
}

// isSoft looks at the border of what has changed in the group.
func (s *scene) isSoft(luma []byte) bool {
	cells, sum := int32(0), int32(0)
	s.inGroup(func(_, _, i int) {
		cells++
		sum += absolute(s.off(luma, i))
	})
	if cells == 0 {
		return false
	}
	// Where a grid is finer than the lens, a cell beside another tells nothing.
	reach := max(1, (s.width+40)/80)
	b := border{most: max(int32(softLevels*one), int32(softStep*float64(sum)/float64(cells)))}
	s.inGroup(func(x, y, i int) {
		off := s.off(luma, i)
		s.beside(&b, luma, off, x-reach, y)
		s.beside(&b, luma, off, x+reach, y)
		s.beside(&b, luma, off, x, y-reach)
		s.beside(&b, luma, off, x, y+reach)
	})
	return b.pairs >= leastBorder && float64(b.soft) >= softBorder*float64(b.pairs)
}

// inGroup calls do with every cell of the group that has changed.
func (s *scene) inGroup(do func(x, y, i int)) {
	for _, i := range s.grouped {
		t := &s.tiles[i]
		for y := t.top; y < t.bottom; y++ {
			for x := t.left; x < t.right; x++ {
				if i := y*s.width + x; s.change.Levels[i] >= plain {
					do(x, y, i)
				}
			}
		}
	}
}

// border is where a group ends: pairs of cells, one of it and one beside it, and how many of them differ by
// the most that is soft, or less.
type border struct {
	most, pairs, soft int32
}

// beside adds a cell that is beside one of the group, which is off its background by off, when it has not
// changed itself, and is not one whose light has just been taken out.
func (s *scene) beside(b *border, luma []byte, off int32, x, y int) {
	if x < 0 || y < 0 || x >= s.width || y >= s.height {
		return
	}
	i := y*s.width + x
	if s.change.Levels[i] >= plain || s.tileAt(x, y).step != 0 {
		return
	}
	b.pairs++
	if absolute(off-s.off(luma, i)) <= b.most {
		b.soft++
	}
}

// off is how far a cell is off its background, levels × one.
func (s *scene) off(luma []byte, i int) int32 { return int32(luma[i])*one - int32(s.cells[i].back) }

// takeLight makes what the group shows its background.
func (s *scene) takeLight(luma []byte) {
	for _, i := range s.grouped {
		t := &s.tiles[i]
		sum := int32(0)
		t.rows(s.width, func(from, to int) {
			for i := from; i < to; i++ {
				c := &s.cells[i]
				off := s.off(luma, i)
				sum += off
				if t.torn && t.step != 0 {
					c.before -= int16(off) // relight has noted what was there before it
				} else {
					c.before = int16(-off)
				}
				c.back = int16(luma[i]) * one
				c.moved, c.still = 0, 0
			}
			clear(s.change.Levels[from:to])
			s.bound(from, to)
		})
		mean := sum / int32((t.right-t.left)*(t.bottom-t.top))
		t.doubt = min(64*one, t.doubt+int32(edgeDoubt*float64(absolute(mean))))
		s.changed -= int(t.changed)
		t.changed, t.moved = 0, 0
		s.shift += float64(mean) / float64(one*len(s.tiles))
		s.remember(t, luma)
	}
}
