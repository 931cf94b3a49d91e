package motion

import (
	"encoding/binary"
	"math/bits"
)

// raster is a grid with a bit for each cell, rows in whole words.
type raster struct {
	width, height int
	words         int // of a row
	set           []uint64
	solid         []uint64 // what despeckle left of them
	dense         []uint64 // and those with four neighbours or more
	top, bottom   int      // rows outside of which none is set
}

func (r *raster) fit(width, height int) {
	*r = raster{width: width, height: height, words: (width + 63) / 64}
	n := r.words * height
	r.set, r.solid, r.dense = make([]uint64, n), make([]uint64, n), make([]uint64, n)
}

// mark sets the bit of every cell in a part of the grid whose level is what it needs or more, and tells
// whether there are any. It looks at eight cells at once: none of their bytes has its top bit set, so in
// levels less needs that bit is left where the level is enough, and a product moves the eight together.
func (r *raster) mark(levels, need []uint8, e extent) bool {
	const signs = 0x8080808080808080
	r.top, r.bottom = e.top, e.bottom
	clear(r.set[e.top*r.words : e.bottom*r.words])
	any := uint64(0)
	for y := e.top; y < e.bottom; y++ {
		row := levels[y*r.width:][:r.width]
		need := need[y*r.width:][:len(row)]
		set := r.set[y*r.words:][:r.words]
		x := e.left &^ 7
		for ; x < e.right && x+8 <= len(row); x += 8 {
			enough := ((binary.LittleEndian.Uint64(row[x:]) | signs) - binary.LittleEndian.Uint64(need[x:])) & signs
			bits := (enough >> 7) * 0x0102040810204080 >> 56
			set[x>>6] |= bits << (x & 63)
			any |= bits
		}
		for ; x < e.right; x++ {
			if row[x] >= need[x] {
				set[x>>6] |= 1 << (x & 63)
				any = 1
			}
		}
	}
	return any != 0
}

// despeckle keeps the cells that have two more among their eight neighbours: grain, snow and
// insects come in ones and twos. It counts in all cells of a word at once.
func (r *raster) despeckle() bool {
	any := uint64(0)
	for y := r.top; y < r.bottom; y++ {
		for w := range r.words {
			at := y*r.words + w
			here := r.set[at]
			if here == 0 {
				r.solid[at], r.dense[at] = 0, 0
				continue
			}
			n := neighbours{}
			if y > r.top {
				left, middle, right := r.beside(at-r.words, w)
				n = n.plus(left).plus(middle).plus(right)
			}
			if y < r.bottom-1 {
				left, middle, right := r.beside(at+r.words, w)
				n = n.plus(left).plus(middle).plus(right)
			}
			left, _, right := r.beside(at, w)
			n = n.plus(left).plus(right)
			r.solid[at] = here & (n.twos | n.fours)
			r.dense[at] = here & n.fours
			any |= r.solid[at]
		}
	}
	return any != 0
}

// neighbours counts, for 64 cells at once, up to four; fours stays set.
type neighbours struct{ ones, twos, fours uint64 }

func (n neighbours) plus(more uint64) neighbours {
	carry := n.ones & more
	return neighbours{n.ones ^ more, n.twos ^ carry, n.fours | n.twos&carry}
}

// beside is word w of a row, which is word at of all, and the same one cell further on both sides.
func (r *raster) beside(at, w int) (left, middle, right uint64) {
	middle = r.set[at]
	left, right = middle<<1, middle>>1
	if w > 0 {
		left |= r.set[at-1] >> 63
	}
	if w < r.words-1 {
		right |= r.set[at+1] << 63
	}
	return left, middle, right
}

// run finds the next run of bits in a row; from is the width when there is none.
func (r *raster) run(y, at int) (from, to int) {
	row := r.solid[y*r.words:][:r.words]
	from = next(row, at, r.width, 0)
	return from, next(row, from, r.width, ^uint64(0))
}

// next is the first bit from at on that is set, or with flip all ones the first that is not.
func next(row []uint64, at, width int, flip uint64) int {
	for w := at >> 6; w < len(row); w++ {
		word := row[w] ^ flip
		if w == at>>6 {
			word &= ^uint64(0) << (at & 63)
		}
		if word != 0 {
			return min(width, w<<6+bits.TrailingZeros64(word))
		}
	}
	return width
}
