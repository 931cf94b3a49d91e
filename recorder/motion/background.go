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
		t := &s.tiles[i]
		t.changed, t.moved, t.stopped, t.again, t.grouped, t.levelled = 0, 0, 0, 0, false, false
	}
	for y := range s.height {
		from, turn := y*s.width, y%turns == s.frames%turns
		if turn || r.young {
			for x := 0; x < s.width; x += tileCells {
				s.compareCells(luma, y, x, min(x+tileCells, s.width), &r, true)
			}
			if turn {
				s.thresholds(y)
			} else {
				s.bound(from, from+s.width)
			}
			continue
		}
		for x := 0; x < s.width; x += tileCells {
			if x+8 > s.width || !within(luma[from+x:], s.low[from+x:], s.high[from+x:]) {
				s.compareCells(luma, y, x, min(x+tileCells, s.width), &r, false)
			}
		}
	}
}

// compareCells looks at the cells of a row from x to end, which lie in one tile.
func (s *scene) compareCells(luma []byte, y, x, end int, r *rates, learn bool) {
	t := s.tileAt(x, y)
	doubt := t.doubt
	from := y*s.width + x
	cells := s.cells[from : y*s.width+end]
	shown := luma[from:][:len(cells)]
	for i := range cells {
		c := &cells[i]
		difference := int32(shown[i])*one - int32(c.back)
		threshold := int32(c.threshold) + doubt
		off := absolute(difference)
		if off*2 >= threshold {
			s.change.calm, t.levelled = false, true
			if off >= threshold {
				s.change.Levels[from+i] = s.differs(t, luma, from+i, difference, threshold, r)
				s.low[from+i], s.high[from+i] = 255, 0 // to be looked at until its row learns
				continue
			}
			s.change.Levels[from+i] = levels[off*normal/threshold]
		}
		if c.moved != 0 {
			c.moved, c.still = 0, 0
		}
		if learn {
			c.back += int16(difference * r.back >> 16)
			c.noise += c.noiseStep(off, r.up, r.down)
		}
	}
}

// bound notes for some cells between which luma nothing is to be done for them.
func (s *scene) bound(from, to int) {
	cells, low := s.cells[from:to], s.low[from:to]
	high := s.high[from:][:len(low)]
	for i := range low {
		low[i], high[i] = cells[i].bounds()
	}
}

// bounds are between which luma a cell is what it always is.
func (c *cell) bounds() (low, high byte) {
	if c.moved != 0 {
		return 255, 0
	}
	back, half := int32(c.back), int32(c.threshold)>>1
	return byte(max(0, (back-half)>>oneBits+1)), byte(min(255, (back+half)>>oneBits))
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

// noiseStep bounds what one frame teaches: noise at most doubles, however bright the thing was.
func (c *cell) noiseStep(off, up, down int32) int16 {
	noise := int32(c.noise)
	step := min(off, 2*noise+one) - noise
	rate := up + (down-up)&(step>>31) // down when it falls
	return int16(step * rate >> 16)
}

// differs is compare for a cell that is off its background by its threshold or more.
func (s *scene) differs(t *tile, luma []byte, i int, difference, threshold int32, r *rates) uint8 {
	c := &s.cells[i]
	if before := int32(c.before); before != 0 && absolute(difference-before) < threshold {
		// What stood here before is back: what came in between has left, and leaves no ghost.
		c.back, c.before = settled(int32(c.back)+int32(c.before)), -c.before
		c.moved, c.still = 0, 0
		t.again++
		return 0
	}
	off := absolute(difference)
	s.changed++
	t.changed++
	c.noise += c.noiseStep(off, r.busy, r.busy)
	if r.young {
		c.back += int16(difference * r.back >> 16)
	}
	if absolute(difference-int32(c.moved))*100 >= threshold*int32(moves*100) {
		c.moved, c.still = int16(difference), 0
		t.moved++
	} else {
		if c.still += r.tick; c.still >= votes && c.still-r.tick < votes {
			s.outline(t, luma, i)
		}
		if c.still >= letGo {
			c.before = int16(-difference)
			c.back = settled(int32(c.back) + difference)
			c.moved, c.still = 0, 0
			t.stopped++
			return 0
		}
	}
	return levels[min(off*normal/threshold, int32(len(levels)-1))]
}

// thresholds of one row, and its bounds: what the noise of a cell and of those beside it explains, since
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
	above, below = above[:len(row)], below[:len(row)]
	low, high := s.low[y*w:][:len(row)], s.high[y*w:][:len(row)]
	// Noise and background of the cell on the left, of this one and the one on the right; at the border
	// the cell stands for the one that is missing.
	leftNoise, leftBack := row[0].noise, row[0].back
	noise, back := leftNoise, leftBack
	for x := range row {
		rightNoise, rightBack := noise, back
		if x+1 < len(row) {
			right := &row[x+1]
			rightNoise, rightBack = right.noise, right.back
		}
		c, up, down := &row[x], &above[x], &below[x]
		most := int32(max(leftNoise, noise, rightNoise, up.noise, down.noise))
		edge := max(absolute(int32(rightBack)-int32(leftBack)), absolute(int32(down.back)-int32(up.back)))
		c.threshold = int16(min(least+(most*perNoise+edge*perEdge)>>8, 255*one))
		low[x], high[x] = c.bounds()
		leftNoise, leftBack, noise, back = noise, back, rightNoise, rightBack
	}
}

// absolute has no branch: differences of noise have any sign, and a wrong guess costs more than this.
func absolute(v int32) int32 {
	sign := v >> 31
	return v ^ sign - sign
}
