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
	// Unseen tells that nobody looked at the frame, which may have been damaged: nothing is known of it.
	Unseen bool
	// Levels has a byte for each cell, row by row. Level n, 1 to MaxLevel, is seen by
	// sensitivities of 11-n and more; 0 by none. A Change belongs to who filled it: it is read, or
	// made anew, and not changed by hand.
	Levels []uint8
	// Stands has a bit for each tile of 8×8 cells, row by row, lowest bit first: a thing that has moved
	// stands still there. The last tile across and down has what is left, 3 to 10 cells.
	Stands []uint64

	calm        bool   // Levels are known to be all 0: most frames of a day need no look
	stands      bool   // some of Stands are set
	doubled     bool   // every second row is as the one above it
	within      extent // of what may have changed; the zero value when that is not known
	coded, part []byte
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
		e := c.extent()
		clear(c.Levels[min(e.top*c.Width, n):min(e.bottom*c.Width, n)])
	}
	if n := (tilesOf(width)*tilesOf(height) + 63) / 64; len(c.Stands) != n {
		c.Stands = make([]uint64, n)
	} else if c.stands {
		clear(c.Stands)
	}
	c.Width, c.Height, c.Light, c.Unseen, c.calm, c.stands, c.doubled = width, height, false, false, true, false, false
	c.within = extent{}
}

// extent is a part of a grid, in cells; right and bottom are one beyond.
type extent struct{ left, top, right, bottom int }

// extent has all that may have changed.
func (c *Change) extent() extent {
	if c.within == (extent{}) {
		return extent{right: c.Width, bottom: c.Height}
	}
	return c.within
}

// mostRuns is how many runs of one level a track may have before detail is given up, so that records of a
// busy scene stay near 200 bytes: first small steps between levels, up to coarseStep, then every second row.
// A large thing is found by any of its cells.
const (
	mostRuns   = 170
	coarseStep = 4
)

// plain is the level that sensitivity 5 sees. What is fainter needs more company to be more than grain.
const plain = 6

// tidy takes away single cells and pairs, which no sensitivity takes for anything, fainter ones with
// less than four neighbours, and small steps of level within a run of cells, which are noise: that makes the
// track short. It is done before anybody judges, so that the track tells exactly what was judged.
func (c *Change) tidy(r *raster, some []uint8) {
	if c.calm = !r.mark(c.Levels, some, extent{right: c.Width, bottom: c.Height}); c.calm {
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
	step := c.countRuns(r, 1)
	rows := 1
	if c.doubled = step > coarseStep; c.doubled {
		c.double(r)
		rows = 2
		step = c.countRuns(r, rows)
	}
	e := extent{left: c.Width, top: c.Height}
	for y := 0; y < c.Height; y += rows {
		row := c.Levels[y*c.Width:][:c.Width]
		for behind := 0; behind < len(row); {
			from, to := r.run(y, behind)
			clear(row[behind:from])
			if behind = to; from == to {
				break
			}
			e = extent{min(e.left, from), min(e.top, y), max(e.right, to), min(y+rows, c.Height)}
			for level := row[from]; from < to; from++ {
				if l := row[from]; l+step < level || l > level+step {
					level = l
				}
				row[from] = level
			}
		}
		if y+1 < c.Height && rows == 2 {
			copy(c.Levels[(y+1)*c.Width:][:c.Width], row)
		}
	}
	if c.calm = e.bottom == 0; !c.calm {
		c.within = e
	}
}

// double makes every second row the most of itself and of the one below it.
func (c *Change) double(r *raster) {
	for y := 0; y+1 < c.Height; y += 2 {
		row, below := c.Levels[y*c.Width:][:c.Width], c.Levels[(y+1)*c.Width:][:c.Width]
		any := uint64(0)
		for w := y * r.words; w < (y+1)*r.words; w++ {
			r.solid[w] |= r.solid[w+r.words]
			any |= r.solid[w]
		}
		if any == 0 {
			continue
		}
		for x, l := range below {
			row[x] = max(row[x], l)
		}
	}
}

// countRuns finds the least step between levels with which mostRuns are enough, of every so manieth row.
func (c *Change) countRuns(r *raster, rows int) (step uint8) {
	var steps [MaxLevel + 1]int // how often a cell is so many levels off the one on its left
	runs := 0
	for y := 0; y < c.Height; y += rows {
		row := c.Levels[y*c.Width:][:c.Width]
		for behind := 0; behind < len(row); {
			from, to := r.run(y, behind)
			if behind = to; from == to {
				break
			}
			runs += 2 // its first level, and the zeros behind it
			for x := from + 1; x < to; x++ {
				steps[absolute(int32(row[x])-int32(row[x-1]))]++
			}
		}
	}
	for step = MaxLevel; step > 1 && runs+steps[step] <= mostRuns; step-- {
		runs += steps[step]
	}
	return step
}
