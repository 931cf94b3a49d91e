package motion

import (
	"encoding/binary"
	"math/bits"
	"sync"
)

// A day of track is a hundred million runs. So a look into a table gives a whole run where it can, length
// and level, and what it says is written eight cells at once.

// runBits is how many bits a look reads: nine of ten runs are shorter.
const runBits = 12

// A look is what stands at the top of a window: from the highest bit down, four of bits used, six of the
// run's length, one that is set when a run of zeros follows, and four of the place that the level behind it has
// among those that it can have. 0: it is longer than the window.
type look uint16

const (
	lookUsed, lookLength, lookZeros = 12, 5, 4 // where they begin
	ofZeros                         = 1 << runBits
)

// looks are for runs of another level than 0, and behind them for runs of zeros: 16 KB, which a first-level
// cache has room for.
var looks = sync.OnceValue(func() *[2 * ofZeros]look {
	t := new([2 * ofZeros]look)
	for i := range t {
		level := uint8(1 - i/ofZeros) // or any other
		r := bitReader{window: uint64(i%ofZeros) << (64 - runBits)}
		length := r.length(lowBits(level))
		place := r.place()
		if r.used <= runBits {
			t[i] = look(r.used)<<lookUsed | look(length)<<lookLength | look(place)
			if level != 0 && place == 0 {
				t[i] |= 1 << lookZeros
			}
		}
	}
	return t
})

// bitReader takes codes from the top of a window.
type bitReader struct {
	window uint64
	used   int
}

// length reads a run's, with low bits below its gamma code. It is never below 1; one that no grid has
// room for is the largest there is.
func (r *bitReader) length(low int) int {
	zeros := bits.LeadingZeros64(r.window)
	if zeros > 20 {
		return maxCells + 2
	}
	size := 2*zeros + 1 + low
	v := int(r.window>>(64-size)) - 1<<low + 1
	r.window <<= size
	r.used += size
	return v
}

// place reads that of the next level.
func (r *bitReader) place() uint8 {
	if l := uint8(r.window >> 61); l < 6 {
		r.used += 3
		return l
	}
	r.used += 4
	return uint8(r.window>>60) - 6
}

// levelAt is the level at a place among those that are not the one before.
func levelAt(place, before uint8) uint8 {
	if place >= before {
		return place + 1
	}
	return place
}

// decodeRuns fills a part of the grid.
func (c *Change) decodeRuns(b []byte, left, top, wide, high int) bool {
	if wide == 0 {
		return true
	}
	t := looks()
	// Behind the end zeros are read, and a run writes up to seven cells too many. Before the first cell
	// stands one that is none, so that the first run, of zeros, is never empty.
	c.coded = append(append(c.coded[:0], b...), make([]byte, 16)...)
	if n := 1 + wide*high + 8; len(c.part) < n {
		c.part = make([]byte, n)
	}
	coded, part := c.coded, c.part
	rows := high
	if c.doubled {
		rows = (high + 1) / 2
	}
	level, cell, cells := uint8(0), 0, 1+wide*rows
	table := ofZeros
	for at := 0; at <= 8*len(b); {
		window := binary.BigEndian.Uint64(coded[at>>3:]) << (at & 7)
		known := true
		for left := 64 - at&7; left >= runBits; { // several looks with one load
			l := t[(table+int(window>>(64-runBits)))&(2*ofZeros-1)]
			used, length := int(l>>lookUsed), int(l>>lookLength&0x3F)
			if known = used != 0 && cell+length < cells; !known {
				break
			}
			// The next look waits for these two alone.
			window <<= used & 63
			table = int(l>>lookZeros&1) << runBits
			splat := uint64(level) * 0x0101010101010101
			for end := cell + length; ; cell += 8 {
				binary.LittleEndian.PutUint64(part[cell:], splat)
				if cell+8 >= end {
					cell = end
					break
				}
			}
			at += used
			left -= used
			level = levelAt(uint8(l&0xF), level)
		}
		if known {
			continue
		}
		// What the table does not know: a long run, and the last one, which no level follows.
		r := bitReader{window: binary.BigEndian.Uint64(coded[at>>3:]) << (at & 7)}
		length := r.length(lowBits(level))
		if cell+length >= cells {
			fill(part[cell:cells], level)
			c.place(left, top, wide, high)
			return cell+length == cells && at+r.used <= 8*len(b)
		}
		fill(part[cell:cell+length], level)
		cell += length
		level = levelAt(r.place(), level)
		table = 0
		if level == 0 {
			table = ofZeros
		}
		at += r.used
	}
	return false
}

func fill(cells []byte, level uint8) {
	if level == 0 {
		clear(cells)
		return
	}
	for i := range cells {
		cells[i] = level
	}
}

// place puts the part that was read where it belongs.
func (c *Change) place(left, top, wide, high int) {
	c.calm, c.within = false, extent{left, top, left + wide, top + high}
	for y := range high {
		row := y
		if c.doubled {
			row = y / 2
		}
		copy(c.Levels[(top+y)*c.Width+left:][:wide], c.part[1+row*wide:])
	}
}
