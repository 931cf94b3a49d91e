package motion

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math/bits"
)

// ErrTrack is returned for bytes that are no track record.
var ErrTrack = errors.New("not a track record")

// trackVersion stands in the upper half of a record's first byte. It changes only when a reader of
// this one would go wrong.
const trackVersion = 1

const trackLight = 1 // a flag in the lower half

// AppendTrack appends the change of a frame as it is kept in the journal (docs/storage.md), run-length
// coded, and returns the extended buffer. A frame in which nothing changed takes no byte.
//
//	u8       version << 4 | flags: 1 light
//	uvarint  width, height of the grid in cells
//	uvarint  left, top, width, height of the part that the runs tell of; all else is 0
//	bits     runs of equal levels through that part, row by row, highest bit of a byte first
//
// A run is its length less one and its level. The length is an Elias gamma code, of a run of
// zeros, which are longer, with a further bit below. The level is the place among the ten that it
// can have, since it is another than the run's before (the first: than 0, after a run of zeros that may
// be empty, so its length is told plus one): 0 to 5 in three bits, 6 to 9 in four.
func (c *Change) AppendTrack(dst []byte) []byte {
	left, top, right, bottom := c.box()
	if left == right && !c.Light {
		return dst
	}
	first := byte(trackVersion << 4)
	if c.Light {
		first |= trackLight
	}
	dst = append(dst, first)
	for _, v := range [...]int{c.Width, c.Height, left, top, right - left, bottom - top} {
		dst = binary.AppendUvarint(dst, uint64(v))
	}
	w := bitWriter{dst: dst}
	level, run := uint8(0), 1 // the first run may be empty
	for y := top; y < bottom; y++ {
		for _, l := range c.Levels[y*c.Width+left : y*c.Width+right] {
			if l == level {
				run++
				continue
			}
			w.length(level, run)
			w.level(level, l)
			level, run = l, 1
		}
	}
	if left < right {
		w.length(level, run)
	}
	return w.flush()
}

// box is the smallest part with all cells that changed.
func (c *Change) box() (left, top, right, bottom int) {
	left, top = c.Width, c.Height
	for y := range c.Height {
		row := c.Levels[y*c.Width:][:c.Width]
		for x := 0; x < len(row); x++ {
			if x+8 <= len(row) && binary.LittleEndian.Uint64(row[x:]) == 0 {
				x += 7
				continue
			}
			if row[x] != 0 {
				left, right = min(left, x), max(right, x+1)
				top, bottom = min(top, y), y+1
			}
		}
	}
	if right == 0 {
		return 0, 0, 0, 0
	}
	return left, top, right, bottom
}

// bitWriter collects bits, highest first.
type bitWriter struct {
	dst  []byte
	word uint64
	n    int // bits in word, below 8 between calls
}

func (w *bitWriter) put(v uint64, n int) {
	w.word = w.word<<n | v
	for w.n += n; w.n >= 8; {
		w.n -= 8
		w.dst = append(w.dst, byte(w.word>>w.n))
	}
}

func (w *bitWriter) length(level uint8, n int) {
	low := 0
	if level == 0 {
		low = 1
	}
	v := uint64(n - 1 + 1<<low)
	size := bits.Len64(v)
	w.put(v, 2*size-1-low)
}

// level tells the place of l among the levels that are not the one before.
func (w *bitWriter) level(before, l uint8) {
	if l > before {
		l--
	}
	if l < 6 {
		w.put(uint64(l), 3)
	} else {
		w.put(uint64(l)+6, 4)
	}
}

func (w *bitWriter) flush() []byte {
	if w.n > 0 {
		w.put(0, 8-w.n)
	}
	return w.dst
}

// DecodeTrack reads a record of AppendTrack. The grid of an empty record is the one that c has
// already, with nothing changed. With an error, which wraps ErrTrack, c has nothing changed.
func (c *Change) DecodeTrack(record []byte) error {
	if len(record) == 0 {
		c.reset(c.Width, c.Height)
		return nil
	}
	if record[0]>>4 != trackVersion {
		c.reset(c.Width, c.Height)
		return fmt.Errorf("decode track: %w: version %d", ErrTrack, record[0]>>4)
	}
	var head [6]int
	at := 1
	for i := range head {
		v, n := binary.Uvarint(record[at:])
		if n <= 0 || v > maxCells {
			c.reset(c.Width, c.Height)
			return fmt.Errorf("decode track: %w: header", ErrTrack)
		}
		head[i] = int(v)
		at += n
	}
	width, height, left, top, wide, high := head[0], head[1], head[2], head[3], head[4], head[5]
	if int64(width)*int64(height) > maxCells || left+wide > width || top+high > height || (wide == 0) != (high == 0) {
		c.reset(c.Width, c.Height)
		return fmt.Errorf("decode track: %w: %d×%d at %d, %d of %d×%d", ErrTrack, wide, high, left, top, width, height)
	}
	c.reset(width, height)
	if !c.runs(record[at:], left, top, wide, high) {
		c.reset(width, height)
		return fmt.Errorf("decode track: %w: runs", ErrTrack)
	}
	c.Light = record[0]&trackLight != 0
	return nil
}

// runs fills a part of the grid.
func (c *Change) runs(b []byte, left, top, wide, high int) bool {
	r := bitReader{b: b}
	c.calm = false
	level, first := uint8(0), 1
	x, y := 0, 0
	for cells := wide * high; cells > 0; first = 0 {
		n := r.length(level) - first
		if n > cells {
			return false
		}
		for cells -= n; n > 0; {
			row := c.Levels[(top+y)*c.Width+left+x:][:min(n, wide-x)]
			if level != 0 {
				for i := range row {
					row[i] = level
				}
			}
			n -= len(row)
			if x += len(row); x == wide {
				x, y = 0, y+1
			}
		}
		if cells > 0 {
			level = r.level(level)
		}
	}
	return r.at <= 8*len(b)
}

// bitReader reads what bitWriter wrote; behind the end it reads zeros.
type bitReader struct {
	b  []byte
	at int // in bits
}

// window is the next 57 bits or more, on top.
func (r *bitReader) window() uint64 {
	i := min(r.at>>3, len(r.b))
	if i+8 <= len(r.b) {
		return binary.BigEndian.Uint64(r.b[i:]) << (r.at & 7)
	}
	var last [8]byte
	copy(last[:], r.b[i:])
	return binary.BigEndian.Uint64(last[:]) << (r.at & 7)
}

// length is never below 1. One that no grid has room for is the largest there is.
func (r *bitReader) length(level uint8) int {
	low := 0
	if level == 0 {
		low = 1
	}
	window := r.window()
	zeros := bits.LeadingZeros64(window)
	if zeros > 20 {
		return maxCells + 2
	}
	size := 2*zeros + 1 + low
	r.at += size
	return int(window>>(64-size)) - 1<<low + 1
}

func (r *bitReader) level(before uint8) uint8 {
	window := r.window()
	l := uint8(window >> 61)
	r.at += 3
	if l >= 6 {
		l = uint8(window>>60) - 6
		r.at++
	}
	if l >= before {
		l++
	}
	return l
}
