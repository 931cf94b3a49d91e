package motion

import (
	"encoding/binary"
	"slices"
)

// Light multiplies: a cloud, a lamp, the camera's own exposure make what they touch brighter or
// darker by one factor and leave its pattern as it was. What moves brings a pattern of its own.
// So the picture is looked at in tiles, and a tile that changed by one factor all over takes its
// background along at once, however far and however fast.

const (
	tileCells = 8 // a tile is 8×8 cells, 64×64 pixels: large enough to have a pattern

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

// tile is what is known of one.
type tile struct {
	doubt   int32 // how far a cell may be off because of the light, levels × one
	step    int32 // mean change of light in this frame, levels × one; 0 when there was none
	sum     int32 // of its luma when then was taken
	factor  int32 // that goes with it, 16.16
	torn    bool  // it changed in this frame, and not by one factor
	clipped bool  // torn, and too much of it is white or black to tell a factor
	moved   int32 // cells that moved in this frame
	active  int32 // ms that something counts as moving here
}

// light finds the tiles whose light has changed and takes their backgrounds along.
func (s *scene) light(luma []byte, dt float64) {
	fade := rate(dt, doubtFades)
	s.factors = s.factors[:0]
	torn := false
	for i := range s.tiles {
		t := &s.tiles[i]
		t.doubt -= t.doubt * fade >> 16
		s.look(t, luma, i%s.across, i/s.across)
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
			s.relight(t, luma, i%s.across, i/s.across)
			total += t.step
		}
		if t.step != 0 || t.torn {
			s.remember(t, luma, i%s.across, i/s.across)
		}
	}
	s.shift += float64(total) / float64(one*len(s.tiles))
	s.shift -= s.shift * dt / (0.5 + dt)
}

// remember keeps a tile of the picture to compare with.
func (s *scene) remember(t *tile, luma []byte, tx, ty int) {
	s.rows(tx, ty, func(from, to int) { copy(s.then[from:to], luma[from:to]) })
	t.sum = s.sum(luma, tx, ty)
}

// sum is the luma of a tile, of eight cells at once, as bytes of every second place and the others.
// Of one that is cut off by the border it counts the first columns for the ones that are missing.
func (s *scene) sum(luma []byte, tx, ty int) int32 {
	const even = 0x00FF00FF00FF00FF
	x := max(0, min(tx*tileCells, s.width-tileCells))
	var sums uint64 // four of 16 bits: eight rows of two bytes stay below 2^12
	for y := ty * tileCells; y < (ty+1)*tileCells; y++ {
		at := min(y, s.height-1)*s.width + x
		if at+8 > len(luma) {
			break
		}
		v := binary.LittleEndian.Uint64(luma[at:])
		sums += v&even + v>>8&even
	}
	return int32(sums * 0x0001000100010001 >> 48)
}

// look compares a tile with what it was when its light last changed or something moved in it, by every
// other cell in both directions.
func (s *scene) look(t *tile, luma []byte, tx, ty int) {
	t.step, t.torn, t.clipped = 0, false, false
	if sum := s.sum(luma, tx, ty); absolute(sum-t.sum)*one < int32(lightStep*one*tileCells*tileCells) {
		return
	}
	var now, then [tileCells * tileCells / 4]int32
	var n, sumNow, sumThen, noise int32
	for y := ty * tileCells; y < min((ty+1)*tileCells, s.height); y += 2 {
		for i := y*s.width + tx*tileCells; i < y*s.width+min((tx+1)*tileCells, s.width); i += 2 {
			a, b := int32(luma[i]), int32(s.then[i])
			if max(a, b) > white || min(a, b) < black {
				continue
			}
			now[n&15], then[n&15] = a, b
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
		mean, lit := s.litAround(i%s.across, i/s.across)
		patch := lit >= 3 && !t.clipped
		if !everywhere && !patch {
			continue
		}
		own, best := t.factor, int32(same)
		if everywhere {
			best = all // of a tile that shows nothing of its background too
		}
		least := s.unexplained(luma, i%s.across, i/s.across, best)
		try := func(factor int32) {
			if rest := s.unexplained(luma, i%s.across, i/s.across, factor); rest < least {
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
func (s *scene) litAround(tx, ty int) (mean int32, lit int) {
	sum := int64(0)
	for y := max(0, ty-1); y <= min(s.down-1, ty+1); y++ {
		for _, t := range s.tiles[y*s.across+max(0, tx-1) : y*s.across+min(s.across, tx+2)] {
			if t.step != 0 && !t.torn {
				sum += int64(t.factor)
				lit++
			}
		}
	}
	return int32(sum / int64(max(1, lit))), lit
}

// unexplained is how far a tile is off its background under a factor, by every other cell. What
// is further off than light would leave it is something else, however far.
func (s *scene) unexplained(luma []byte, tx, ty int, factor int32) (rest int32) {
	const beyond = 16 * one
	for y := ty * tileCells; y < min((ty+1)*tileCells, s.height); y += 2 {
		for i := y*s.width + tx*tileCells; i < y*s.width+min((tx+1)*tileCells, s.width); i += 2 {
			lit := min(255*one, int64(s.cells[i].back)*int64(factor)>>16)
			rest += min(beyond, absolute(int32(luma[i])*one-int32(lit)))
		}
	}
	return rest
}

// relight takes a tile's backgrounds along with its light.
func (s *scene) relight(t *tile, luma []byte, tx, ty int) {
	sum, n := int32(0), int32(0)
	s.rows(tx, ty, func(from, to int) {
		for i := from; i < to; i++ {
			c := &s.cells[i]
			back := int32(c.back)
			if luma[i] > white && back > white*one || luma[i] < black && back < black*one {
				continue
			}
			lit := min(255*one, int32(int64(back)*int64(t.factor)>>16))
			// What was clipped may have been any brighter, or darker: what shows now is believed.
			if now := int32(luma[i]) * one; back > white*one && now > lit || back < black*one && now < lit {
				lit = now
			}
			sum += lit - back
			n++
			c.back = int16(lit)
			c.before = int16(min(255*one-lit, max(-lit, int32(int64(c.before)*int64(t.factor)>>16))))
		}
		s.bound(from, to)
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
