package motion

import (
	"encoding/binary"
	"iter"
)

// A tile is 8×8 cells, 64×64 pixels: large enough to have a pattern. Those at the right and lower border
// have 3 to 10 rows or columns, since fewer would be too few to judge by.
const (
	tileCells = 8
	tileLeast = 3
)

// tile is what is known of one.
type tile struct {
	left, top, right, bottom int // cells; right and bottom are one beyond

	doubt   int32 // how far a cell may be off because of the light, levels × one
	step    int32 // mean change of light in this frame, levels × one; 0 when there was none
	sum     int32 // of its luma
	then    int32 // the same when scene.then was taken
	factor  int32 // that goes with it, 16.16
	torn    bool  // it changed in this frame, and not by one factor
	clipped bool  // torn, and too much of it is white or black to tell a factor
	// Of this frame, how many cells
	changed int32 // are off their background by their threshold or more
	moved   int32 // of these have moved
	stopped int32 // were let go
	again   int32 // show again what stood there before
	grouped bool  // it has been looked at by soften
	// levelled tells that some cell has a level in this frame.
	levelled bool

	active int32 // ms that something counts as moving here
	stands int32 // ms that a thing counts as standing here
	stood  int32 // cells of it
	// edgeNow and edgeBack are the edges of the picture and of its background around what does not move
	// here any more, levels × one.
	edgeNow, edgeBack int32
}

// tilesOf is how many tiles so many cells have, across or down.
func tilesOf(cells int) int { return max(1, (cells+tileCells-tileLeast)/tileCells) }

// makeTiles lays tiles over the grid.
func (s *scene) makeTiles() {
	s.across, s.down = tilesOf(s.width), tilesOf(s.height)
	s.tiles, s.sums = make([]tile, s.across*s.down), make([]uint64, s.across)
	for i := range s.tiles {
		t := &s.tiles[i]
		t.left, t.top = i%s.across*tileCells, i/s.across*tileCells
		t.right, t.bottom = t.left+tileCells, t.top+tileCells
		if i%s.across == s.across-1 {
			t.right = s.width
		}
		if i/s.across == s.down-1 {
			t.bottom = s.height
		}
	}
}

// tileAt is the tile of a cell.
func (s *scene) tileAt(x, y int) *tile {
	return &s.tiles[min(y/tileCells, s.down-1)*s.across+min(x/tileCells, s.across-1)]
}

// around gives tile i and the eight beside it, as pieces of three rows.
func (s *scene) around(i int) iter.Seq[[]tile] {
	tx, ty := i%s.across, i/s.across
	return func(yield func([]tile) bool) {
		for y := max(0, ty-1); y <= min(s.down-1, ty+1); y++ {
			if !yield(s.tiles[y*s.across+max(0, tx-1) : y*s.across+min(s.across, tx+2)]) {
				return
			}
		}
	}
}

// rows calls do with the first cell of each of its rows, on a grid this wide, and the one behind its last.
func (t *tile) rows(width int, do func(from, to int)) {
	for y := t.top; y < t.bottom; y++ {
		do(y*width+t.left, y*width+t.right)
	}
}

// sum adds up the luma of each tile's first eight rows and columns, of eight cells at once, as bytes
// of every second place and the others. Narrower ones take cells beside them in, or a row twice: only
// changes of the sum matter.
func (s *scene) sum(luma []byte) {
	const even = 0x00FF00FF00FF00FF
	if s.width < tileCells {
		return // too narrow to tell light from anything
	}
	for first := 0; first < len(s.tiles); first += s.across {
		row := s.tiles[first:][:s.across]
		clear(s.sums) // four sums of 16 bits each: eight rows of two bytes stay below 2^12
		for y := range tileCells {
			cells := luma[min(row[0].top+y, row[0].bottom-1)*s.width:][:s.width]
			for i := range s.sums {
				v := binary.LittleEndian.Uint64(cells[min(i*tileCells, len(cells)-tileCells):])
				s.sums[i] += v&even + v>>8&even
			}
		}
		for i, sums := range s.sums {
			row[i].sum = int32(sums * 0x0001000100010001 >> 48)
		}
	}
}

// remember keeps a tile of the picture to compare with.
func (s *scene) remember(t *tile, luma []byte) {
	t.rows(s.width, func(from, to int) { copy(s.then[from:to], luma[from:to]) })
	t.then = t.sum
}

// StandingTiles are the parts of the grid, in cells, in which a thing that has moved stands still.
func (c *Change) StandingTiles() (tiles []Region) {
	if !c.stands {
		return nil
	}
	s := scene{width: c.Width, height: c.Height}
	s.makeTiles()
	for i := range tilesIn(c.Stands) {
		t := &s.tiles[i]
		width, height := t.right-t.left, t.bottom-t.top
		tiles = append(tiles, Region{X: t.left, Y: t.top, Width: width, Height: height, Cells: width * height})
	}
	return tiles
}
