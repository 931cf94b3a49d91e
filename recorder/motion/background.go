package motion

import "encoding/binary"

// rates are how much of a difference is learned by one look, 16.16.
type rates struct {
	back, up, down, busy int32
	tick                 uint8 // time since the frame before, in 20 ms
	young                bool
}

// rate of an exponential mean with this time constant.
func rate(dt, time float64) int32 { return int32(65536 * dt / (time + dt)) }

// compare looks at every cell against its background. It is the loop of the detector: what
// nothing happened to goes through it in a few instructions, and learns when its row's turn comes.
func (s *scene) compare(luma []byte, dt float64) {
	r := rates{rate(dt*turns, backTime), rate(dt*turns, noiseUp), rate(dt*turns, noiseDown), rate(dt, noiseBusy), uint8(max(1, dt*50)), s.age < learning}
	if r.young {
		// All rows learn, and the first frames weigh most: a mean of what was seen so far.
		first := int32(65536 / (s.frames + 1))
		r.back, r.up, r.down = max(rate(dt, backTime), first), max(rate(dt, noiseUp), first), rate(dt, noiseDown)
		r.busy = r.up
	}
	for i := range s.tiles {
		s.tiles[i].moved = 0
	}
	for y := range s.height {
		if r.young || y%turns == s.frames%turns {
			s.compareCells(luma, y, 0, s.width, &r, true)
			if y%turns == s.frames%turns {
				s.thresholds(y)
			}
			s.bound(y*s.width, (y+1)*s.width)
			continue
		}
		from := y * s.width
		for x := 0; x < s.width; x += 8 {
			if x+8 > s.width || !within(luma[from+x:], s.low[from+x:], s.high[from+x:]) {
				s.compareCells(luma, y, x, min(x+8, s.width), &r, false)
			}
		}
	}
}

// compareCells looks at the cells of a row from x to end.
func (s *scene) compareCells(luma []byte, y, x, end int, r *rates, learn bool) {
	from, to := y*s.width+x, y*s.width+end
	tiles := s.tiles[y/tileCells*s.across:][:s.across]
	cells, luma, levelled := s.cells[from:to], luma[from:to], s.change.Levels[from:to]
	for i := range cells {
		c := &cells[i]
		t := &tiles[(x+i)/tileCells]
		difference := int32(luma[i])*one - int32(c.back)
		threshold := int32(c.threshold) + t.doubt
		off := absolute(difference)
		if off*2 >= threshold {
			s.change.calm = false
			if off >= threshold {
				levelled[i] = s.differs(c, t, difference, threshold, r)
				s.low[from+i], s.high[from+i] = 255, 0 // to be looked at until its row learns
				continue
			}
			levelled[i] = levels[off*normal/threshold]
		}
		if c.moved != 0 {
			c.moved, c.still = 0, 0
		}
		if learn {
			c.learn(difference, off, r)
		}
	}
}

// bound notes for some cells between which luma nothing is to be done for them.
func (s *scene) bound(from, to int) {
	cells, low, high := s.cells[from:to], s.low[from:to], s.high[from:to]
	for i := range cells {
		c := &cells[i]
		if c.moved != 0 {
			low[i], high[i] = 255, 0
			continue
		}
		back, half := int32(c.back), int32(c.threshold)/2
		low[i], high[i] = byte(max(0, (back-half)/one+1)), byte(min(255, (back+half)/one))
	}
}

// within tells whether the first eight bytes of luma lie between their bounds, all at once:
// in each byte of a word, a ≥ b is the top bit of a less b with the top bits' own carry put in.
func within(luma, low, high []byte) bool {
	const top = 0x8080808080808080
	v, l, h := binary.LittleEndian.Uint64(luma), binary.LittleEndian.Uint64(low), binary.LittleEndian.Uint64(high)
	above := (v | top) - (l &^ top)
	below := (h | top) - (v &^ top)
	above = (v&^l | ^(v^l)&above) & top
	below = (h&^v | ^(h^v)&below) & top
	return above&below == top
}

// settled keeps a background within what a picture can show.
func settled(v int32) int16 { return int16(min(255*one, max(0, v))) }

// learn takes what a cell shows for its background, and the difference for noise.
func (c *cell) learn(difference, off int32, r *rates) {
	c.back += int16(difference * r.back >> 16)
	c.noise += c.noiseStep(off, r.up, r.down)
}

// noiseStep bounds what one frame teaches: noise at most doubles, however bright the thing was.
func (c *cell) noiseStep(off, up, down int32) int16 {
	noise := int32(c.noise)
	step := min(off, 2*noise+one) - noise
	if step < 0 {
		up = down
	}
	return int16(step * up >> 16)
}

// differs is compare for a cell that is off its background by its threshold or more.
func (s *scene) differs(c *cell, t *tile, difference, threshold int32, r *rates) uint8 {
	if before := int32(c.before); before != 0 && absolute(difference-before) < threshold {
		// What stood here before is back: what came in between has left, and leaves no ghost.
		c.back, c.before = settled(int32(c.back)+int32(c.before)), -c.before
		c.moved, c.still = 0, 0
		return 0
	}
	off := absolute(difference)
	s.changed++
	c.noise += c.noiseStep(off, r.busy, r.busy)
	if r.young {
		c.back += int16(difference * r.back >> 16)
	}
	if absolute(difference-int32(c.moved))*100 >= threshold*int32(moves*100) {
		c.moved, c.still = int16(difference), 0
		t.moved++
	} else if c.still += r.tick; c.still >= letGo*50 {
		c.before = int16(-difference)
		c.back = settled(int32(c.back) + difference)
		c.moved, c.still = 0, 0
		return 0
	}
	return levels[min(off*normal/threshold, int32(len(levels)-1))]
}

// thresholds of one row: what the noise of a cell and of those beside it explains, since
// leaves do not keep to cells, and what a shake of the picture makes of the edges here.
func (s *scene) thresholds(y int) {
	factor := 1.0
	if s.age < learning {
		factor = 2 - s.age/learning
	}
	least, perNoise, perEdge := int32(factor*contrast*one), int32(factor*spread*256), int32(factor*shake*256)
	w := s.width
	row := s.cells[y*w:][:w]
	above, below := row, row
	if y > 0 {
		above = s.cells[(y-1)*w:][:w]
	}
	if y < s.height-1 {
		below = s.cells[(y+1)*w:][:w]
	}
	for x := range row {
		left, right := max(0, x-1), min(w-1, x+1)
		c := &row[x]
		noise := max(c.noise, row[left].noise, row[right].noise, above[x].noise, below[x].noise)
		across := absolute(int32(row[right].back) - int32(row[left].back))
		along := absolute(int32(below[x].back) - int32(above[x].back))
		c.threshold = int16(min(least+(int32(noise)*perNoise+max(across, along)*perEdge)>>8, 255*one))
	}
}

func absolute(v int32) int32 {
	if v < 0 {
		return -v
	}
	return v
}
