package motion

import "math/bits"

// MaxLevel is the level of a change that the lowest sensitivity sees.
const MaxLevel = 10

// Change is how much each cell of a frame changed against its background, without regard to
// settings: all that is needed to judge the frame, with these settings or with others.
type Change struct {
	Width, Height int // in cells
	// Light tells that the light of the whole picture changes.
	Light bool
	// Levels has a byte for each cell, row by row. Level n, 1 to MaxLevel, is seen by
	// sensitivities of 11-n and more; 0 by none. A Change belongs to who filled it: it is read, or
	// made anew, and not changed by hand.
	Levels []uint8

	calm bool // Levels are known to be all 0: most frames of a day need no look
}

// A sensitivity is how far a cell must be off its background, in sixteenths of what its own noise
// explains (scene.threshold). 5 is that itself; 10 is half of it, where grain begins to show; 1 is three times
// as much, what anybody would see at once. Between them each step is the same factor.
var needed = [11]int32{1: 48, 2: 36, 3: 28, 4: 21, 5: 16, 6: 14, 7: 12, 8: 11, 9: 9, 10: 8}

// normal is needed at sensitivity 5: what the model itself takes for changed.
const normal = 16

// levels is the level by sixteenths of the threshold.
var levels = func() (l [49]uint8) {
	for s := 1; s <= 10; s++ {
		for q := range l {
			if int32(q) >= needed[s] {
				l[q] = max(l[q], uint8(11-s))
			}
		}
	}
	return l
}()

// reset makes room for a picture of this size and clears it.
func (c *Change) reset(width, height int) {
	if n := width * height; len(c.Levels) != n {
		c.Levels = make([]uint8, n)
	} else if !c.calm {
		clear(c.Levels)
	}
	c.Width, c.Height, c.Light, c.calm = width, height, false, true
}

// coarse is how many changed cells cost a level of detail more: a large thing is found by any of its
// cells, and a track of large things would be long.
const coarse = 128

// plain is the level that sensitivity 5 sees. What is fainter needs more company to be more than grain.
const plain = 6

// tidy takes single cells and pairs away, which no sensitivity takes for anything, fainter ones with
// less than four neighbours, and small steps
// of level within a run of cells, which are noise: that makes the track short. It is done before
// anybody judges, so that the track tells exactly what was judged.
func (c *Change) tidy(r *raster, some []uint8) {
	if c.calm = !r.mark(c.Levels, some); c.calm {
		return
	}
	r.despeckle()
	for w, faint := range r.solid {
		for faint &^= r.dense[w]; faint != 0; faint &= faint - 1 {
			bit := bits.TrailingZeros64(faint)
			if x, y := w%r.words*64+bit, w/r.words; c.Levels[y*c.Width+x] < plain {
				r.solid[w] &^= 1 << bit
			}
		}
	}
	cells := 0
	for _, word := range r.solid {
		cells += bits.OnesCount64(word)
	}
	step := uint8(1 + min(cells/coarse, MaxLevel))
	for y := range c.Height {
		row := c.Levels[y*c.Width:][:c.Width]
		behind := 0
		for behind < len(row) {
			from, to := r.run(y, behind)
			clear(row[behind:from])
			behind = to
			if from == to {
				break
			}
			for level := row[from]; from < to; from++ {
				if l := row[from]; l+step < level || l > level+step {
					level = l
				}
				row[from] = level
			}
		}
	}
}
