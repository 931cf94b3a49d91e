package cloudtest

import (
	"image"
	"image/color"
	"time"
)

// The stamp is the picture's number as cells of 8×8 pixels, black or white, from the top left
// corner: a mark of 4 (white, black, white, black), 32 bits with the high one first, white for
// one, and 4 bits of parity. 40 cells stand in one row, or in two when the picture is narrow.
const (
	stampMark  = 0b1010
	stampCells = 4 + 32 + 4
)

// stampBits gives the 40 cells, the first one on top of the low 40 bits.
func stampBits(n uint32) uint64 {
	return stampMark<<36 | uint64(n)<<4 | uint64(stampParity(n))
}

// stampParity is the exclusive or of the eight nibbles, turned around so that a black row
// has none.
func stampParity(n uint32) uint32 {
	n ^= n >> 16
	n ^= n >> 8
	n ^= n >> 4
	return ^n & 15
}

// stampColumns is how many cells stand in a row of a picture.
func stampColumns(width int) int { return min(stampCells, width/8) }

// ReadStamp reads the number that a Scene has put into its picture; false when none can be
// read with certainty.
func ReadStamp(picture image.Image) (n uint32, ok bool) {
	bounds := picture.Bounds()
	columns := stampColumns(bounds.Dx())
	if columns == 0 || bounds.Dy() < (stampCells+columns-1)/columns*8 {
		return 0, false
	}
	var cells uint64
	for i := range stampCells {
		corner := bounds.Min.Add(image.Pt(i%columns*8, i/columns*8))
		const dark, bright = 80, 176 // black is 16, white is 235: far from both is no cell
		switch level := cellLevel(picture, corner); {
		case level >= bright:
			cells = cells<<1 | 1
		case level <= dark:
			cells <<= 1
		default:
			return 0, false
		}
	}
	n = uint32(cells >> 4)
	return n, cells == stampBits(n)
}

// cellLevel is the mean luma of the inner 4×4 pixels of a cell.
func cellLevel(picture image.Image, corner image.Point) int {
	sum := 0
	for y := corner.Y + 2; y < corner.Y+6; y++ {
		for x := corner.X + 2; x < corner.X+6; x++ {
			if p, ok := picture.(*image.YCbCr); ok {
				sum += int(p.Y[p.YOffset(x, y)])
			} else {
				sum += int(color.GrayModel.Convert(picture.At(x, y)).(color.Gray).Y)
			}
		}
	}
	return sum / 16
}

// The clock is the capture time in digits of 3×5 cells, for people.
const (
	clockRows  = 5
	glyphWidth = 3
)

// glyphs holds the rows of each character, the left cell on top of three bits.
var glyphs = map[byte][clockRows]uint8{
	'0': {7, 5, 5, 5, 7}, '1': {2, 6, 2, 2, 7}, '2': {7, 1, 7, 4, 7}, '3': {7, 1, 7, 1, 7},
	'4': {5, 5, 7, 1, 1}, '5': {7, 4, 7, 1, 7}, '6': {7, 4, 7, 5, 7}, '7': {7, 1, 1, 2, 2},
	'8': {7, 5, 7, 5, 7}, '9': {7, 5, 7, 1, 7}, ':': {0, 2, 0, 2, 0}, '.': {0, 0, 0, 0, 2},
}

// clockLayouts from the one that says most; each character takes 4 cells with the space
// behind it.
var clockLayouts = []string{"15:04:05.000", "15:04:05", "04:05"}

// clockLayout is the longest that fits.
func clockLayout(columns int) string {
	for _, layout := range clockLayouts {
		if len(layout)*(glyphWidth+1) <= columns {
			return layout
		}
	}
	return clockLayouts[len(clockLayouts)-1]
}

// drawClock gives the cells of each row, one bit a cell, the leftmost on top; the first and
// the last row are dark.
func drawClock(at time.Time, layout string) (rows [1 + clockRows + 1]uint64) {
	var text [16]byte
	for i, char := range at.AppendFormat(text[:0], layout) {
		for y, cells := range glyphs[char] {
			rows[1+y] |= uint64(cells) << (61 - i*(glyphWidth+1))
		}
	}
	return rows
}
