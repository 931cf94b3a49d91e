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
}

func (r *raster) fit(width, height int) {
	*r = raster{width: width, height: height, words: (width + 63) / 64}
	n := r.words * height
	r.set, r.solid, r.dense = make([]uint64, n), make([]uint64, n), make([]uint64, n)
}

// mark sets the bit of every cell whose level is what it needs or more, and tells whether there
// are any. It looks at eight cells at once: none of their bytes has its top bit set, so in levels
// less needs that bit is left where the level is enough, and a product moves the eight together.
func (r *raster) mark(levels, need []uint8) bool {
	const top = 0x8080808080808080
	clear(r.set)
	any := uint64(0)
	for y := range r.height {
		row, need := levels[y*r.width:][:r.width], need[y*r.width:][:r.width]
		set := r.set[y*r.words:][:r.words]
		x := 0
		for ; x+8 <= len(row); x += 8 {
			eight := binary.LittleEndian.Uint64(row[x:])
			if eight == 0 {
				continue
			}
			enough := ((eight | top) - binary.LittleEndian.Uint64(need[x:])) & top
			bits := (enough >> 7) * 0x0102040810204080 >> 56
			set[x>>6] |= bits << (x & 63)
			any |= bits
		}
		for ; x < len(row); x++ {
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
	for y := range r.height {
		for w := range r.words {
			here := r.set[y*r.words+w]
			if here == 0 {
				r.solid[y*r.words+w], r.dense[y*r.words+w] = 0, 0
				continue
			}
			var ones, twos, fours uint64 // the number of neighbours in binary; fours stays set
			add := func(neighbour uint64) {
				carry := ones & neighbour
				ones ^= neighbour
				fours |= twos & carry
				twos ^= carry
			}
			for dy := max(0, y-1); dy <= min(r.height-1, y+1); dy++ {
				left, middle, right := r.beside(dy, w)
				add(left)
				add(right)
				if dy != y {
					add(middle)
				}
			}
			r.solid[y*r.words+w] = here & (twos | fours)
			r.dense[y*r.words+w] = here & fours
			any |= here & (twos | fours)
		}
	}
	return any != 0
}

// beside is a word of a row, and the same one cell further on both sides.
func (r *raster) beside(y, w int) (left, middle, right uint64) {
	row := r.set[y*r.words:][:r.words]
	middle = row[w]
	left, right = middle<<1, middle>>1
	if w > 0 {
		left |= row[w-1] >> 63
	}
	if w < len(row)-1 {
		right |= row[w+1] << 63
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
