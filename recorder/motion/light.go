package motion

import "slices"

// Light multiplies: a cloud, a lamp, the camera's own exposure make what they touch brighter or
// darker by one factor and leave its pattern as it was. What moves brings a pattern of its own.
// So the picture is looked at in tiles, and a tile that changed by one factor all over takes its
// background along at once, however far and however fast.

const (
	// lightStep is the least mean change of a tile, in levels, that is looked into: smaller ones
	// add up until they reach it.
	lightStep = 0.5
	// lightSoft is how far, in levels, a tile without a pattern may change between two looks and
	// still be taken for light: nothing solid has edges that soft.
	lightSoft = 4
	// lightRest is the part of the change that one factor leaves in a cell, in the mean, at most.
	lightRest = 0.2
	// grain is what noise and coding leave in any case: in levels, and in noises of the cells (two
	// pictures of it, so more than one).
	grain, grainNoise = 0.7, 1.5
	// lightDoubt is the part of what was taken out that stays in doubt, since light does not fall
	// on everything alike; edgeDoubt the same where a patch of light ends; doubtFades how long that
	// is, in seconds: exposure and lamps have settled by then.
	lightDoubt, edgeDoubt, doubtFades = 0.3, 0.9, 1.0
	// lightJump is the change of the whole picture within half a second, in levels, that is
	// told of as light: less is what clouds and exposure do all day.
	lightJump = 8
	// Beyond white and black a cell is clipped, and does not follow the light.
	white, black = 250, 5
)

// light finds the tiles whose light has changed and takes their backgrounds along.
func (s *scene) light(luma []byte, dt float64) {
	fade := rate(dt, doubtFades)
	s.factors = s.factors[:0]
	s.sum(luma)
	torn := false
	for i := range s.tiles {
		t := &s.tiles[i]
		t.doubt -= t.doubt * fade >> 16
		s.look(t, luma)
		if t.step != 0 || t.torn {
			s.factors = append(s.factors, t.factor)
			torn = torn || t.torn
		}
	}
	if torn {
		s.mend(luma)
	}
	total := int32(0)
	for i := range s.tiles {
		t := &s.tiles[i]
		if t.step != 0 {
			s.relight(t, luma)
			total += t.step
		}
		if t.step != 0 || t.torn {
			s.remember(t, luma)
		}
	}
	s.shift += float64(total) / float64(one*len(s.tiles))
	s.shift -= s.shift * dt / (0.5 + dt)
}

// look compares a tile with what it was when its light last changed or something moved in it, by every
// other cell in both directions.
func (s *scene) look(t *tile, luma []byte) {
	t.step, t.torn, t.clipped = 0, false, false
	if absolute(t.sum-t.then)*one < int32(lightStep*one*tileCells*tileCells) {
		return
	}
	var now, then [32]int32 // 5×5 at most
	var n, sumNow, sumThen, noise int32
	// Of tiles that the border cuts short every row or column, so that enough is left.
	down, across := step(t.bottom-t.top), step(t.right-t.left)
	for y := t.top; y < t.bottom; y += down {
		for i := y*s.width + t.left; i < y*s.width+t.right; i += across {
			a, b := int32(luma[i]), int32(s.then[i])
			if max(a, b) > white || min(a, b) < black {
				continue
			}
			now[n&31], then[n&31] = a, b
			sumNow, sumThen = sumNow+a, sumThen+b
			noise += int32(s.cells[i].noise)
			n++
		}
	}
	if n < 8 { // mostly clipped: it follows the whole picture's light alone
		t.factor, t.torn, t.clipped = same, true, true
		return
	}
	change := absolute(sumNow - sumThen)
	if change*one < int32(lightStep*one)*n {
		return
	}
	factor := int32(int64(sumNow) << 16 / int64(sumThen))
	mean, rest, pattern := sumThen/n, int32(0), int32(0) // the sums below in levels × one
	for i := range n {
		rest += absolute(now[i]*one - int32(int64(then[i])*int64(factor)>>9))
		pattern += absolute(then[i]-mean) * one
	}
	explained := int32(grain*one*float64(n)) + int32(grainNoise*float64(noise)) + int32(lightRest*float64(change*one))
	t.factor = factor
	if rest > explained || change > lightSoft*n && pattern < 4*rest {
		t.torn = true
		return
	}
	t.step = (sumNow - sumThen) * one / n
}

// step is how far apart cells of a tile of this size are looked at.
func step(size int) int {
	if size <= tileCells/2 {
		return 1
	}
	return 2
}

// same is the factor of light that did not change.
const same = 1 << 16

// everywhere is the factor that the whole picture's light changed by: a third of the tiles agree on
// it, those included that changed too much to be sure of alone.
func (s *scene) everywhere() (factor, tolerance int32, ok bool) {
	if len(s.factors)*3 < len(s.tiles) {
		return same, 0, false
	}
	slices.Sort(s.factors)
	factor = s.factors[len(s.factors)/2]
	tolerance = int32(lightRest * float64(absolute(factor-same)))
	agree := 0
	for _, f := range s.factors {
		if absolute(f-factor) <= tolerance {
			agree++
		}
	}
	return factor, tolerance, agree*3 >= len(s.tiles)
}

// mend finds the light of tiles that changed and not by one factor for sure, since something moves in
// them or a patch of light ends there: of the factors that are likely the one that explains most of
// the background that is still to be seen.
func (s *scene) mend(luma []byte) {
	all, tolerance, everywhere := s.everywhere()
	for i := range s.tiles {
		t := &s.tiles[i]
		if !t.torn {
			continue
		}
		if everywhere && absolute(t.factor-all) <= tolerance {
			t.torn, t.step = false, 1
			continue
		}
		mean, lit := s.litAround(i)
		patch := lit >= 3 && !t.clipped
		if !everywhere && !patch {
			continue
		}
		own, best := t.factor, int32(same)
		if everywhere {
			best = all // of a tile that shows nothing of its background too
		}
		least := s.unexplained(t, luma, best)
		try := func(factor int32) {
			if rest := s.unexplained(t, luma, factor); rest < least {
				best, least = factor, rest
			}
		}
		if everywhere {
			try(same)
		}
		if patch {
			try(mean)
			try(own)
		}
		if best != same {
			t.factor = best
			t.step = 1 // that there is one; relight makes it what it is
		}
	}
}

// litAround is the mean factor of the tiles around one that changed by a factor, and how many did.
func (s *scene) litAround(i int) (mean int32, lit int) {
	sum := int64(0)
	for row := range s.around(i) {
		for k := range row {
			if t := &row[k]; t.step != 0 && !t.torn {
				sum += int64(t.factor)
				lit++
			}
		}
	}
	return int32(sum / int64(max(1, lit))), lit
}

// unexplained is how far a tile is off its background under a factor, by every other cell. What
// is further off than light would leave it is something else, however far.
func (s *scene) unexplained(t *tile, luma []byte, factor int32) (rest int32) {
	const beyond = 16 * one
	for y := t.top; y < t.bottom; y += 2 {
		for i := y*s.width + t.left; i < y*s.width+t.right; i += 2 {
			lit := min(255*one, int64(s.cells[i].back)*int64(factor)>>16)
			rest += min(beyond, absolute(int32(luma[i])*one-int32(lit)))
		}
	}
	return rest
}

// relight takes a tile's backgrounds along with its light.
func (s *scene) relight(t *tile, luma []byte) {
	sum, n := int32(0), int32(0)
	factor, torn := int64(t.factor), t.torn
	t.rows(s.width, func(from, to int) {
		cells := s.cells[from:to]
		shown, low, high := luma[from:][:len(cells)], s.low[from:][:len(cells)], s.high[from:][:len(cells)]
		for i := range cells {
			c := &cells[i]
			back := int32(c.back)
			lit := min(255*one, int32(int64(back)*factor>>16))
			if back > white*one || back < black*one {
				now := int32(shown[i])
				if back > white*one && now > white || back < black*one && now < black {
					continue
				}
				// What was clipped may have been any brighter, or darker: what shows now is believed.
				if now *= one; back > white*one && now > lit || back < black*one && now < lit {
					lit = now
				}
			}
			sum += lit - back
			n++
			c.back = int16(lit)
			low[i], high[i] = c.bounds()
			if torn {
				c.before = int16(back - lit) // it may have been no light: then this comes back
			} else if c.before != 0 {
				c.before = int16(min(255*one-lit, max(-lit, int32(int64(c.before)*factor>>16))))
			}
		}
	})
	if n == 0 {
		return
	}
	t.step = sum / n
	doubt := lightDoubt
	if t.torn {
		doubt = edgeDoubt
	}
	t.doubt = min(64*one, t.doubt+int32(doubt*float64(absolute(t.step))))
}
