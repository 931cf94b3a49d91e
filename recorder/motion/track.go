package motion

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math/bits"
	"time"
)

// ErrTrack is returned for bytes that are no track record.
var ErrTrack = errors.New("not a track record")

// TrackEvery is how often, at least, somebody who looks at a camera's pictures writes a record, if only to
// say that nothing changed: frames further from one were not looked at.
const TrackEvery = time.Second

// trackVersion stands in the upper half of a record's first byte. It changes only when a reader of
// this one would go wrong.
const trackVersion = 1

// Flags in the lower half.
const (
	trackLight   = 1 << iota // the light of the whole picture changes
	trackStands              // tiles follow in which a thing stands
	trackUnseen              // nobody looked at the frame: nothing follows
	trackDoubled             // every run counts for the row below too
)

// AppendTrack appends the change of a frame as it is kept in the journal, run-length coded, and returns
// the extended buffer. A frame in which nothing changed takes no byte unless sign is set: so a record is
// written now and then (TrackEvery), which tells that somebody looked, and the size of the grid.
//
//	u8       version << 4 | flags: 1 light, 2 stands, 4 unseen: then this is all, 8 doubled
//	uvarint  width, height of the grid in cells
//	uvarint  left, top, width, height of the part that the runs tell of; all else is 0
//	uvarint  with the flag stands: how many tiles, and of each its number less the one before (the first: less −1)
//	bits     runs of equal levels through that part, row by row, highest bit of a byte first; with the flag
//	         doubled through rows top, top+2, …, each of which stands for the one below it too, and top is even
//
// A run is its length less one and its level. The length is an Elias gamma code, of a run of
// zeros, which are longer, with a further bit below. The level is the place among the ten that it
// can have, since it is another than the run's before (the first: than 0, after a run of zeros that may
// be empty, so its length is told plus one): 0 to 5 in three bits, 6 to 9 in four.
func (c *Change) AppendTrack(dst []byte, sign bool) []byte {
	if c.Unseen {
		return append(dst, trackVersion<<4|trackUnseen)
	}
	left, top, right, bottom := c.box()
	if left == right && !c.Light && !c.stands && !sign {
		return dst
	}
	first := byte(trackVersion << 4)
	if c.Light {
		first |= trackLight
	}
	if c.stands {
		first |= trackStands
	}
	rows := 1
	if c.doubled {
		rows = 2
		first |= trackDoubled
	}
	dst = append(dst, first)
	for _, v := range [...]int{c.Width, c.Height, left, top, right - left, bottom - top} {
		dst = binary.AppendUvarint(dst, uint64(v))
	}
	if c.stands {
		dst = c.appendStands(dst)
	}
	w := bitWriter{dst: dst}
	level, run := uint8(0), 1 // the first run may be empty
	for y := top; y < bottom; y += rows {
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

func (c *Change) appendStands(dst []byte) []byte {
	count := 0
	for _, word := range c.Stands {
		count += bits.OnesCount64(word)
	}
	dst = binary.AppendUvarint(dst, uint64(count))
	before := -1
	for i := range tilesIn(c.Stands) {
		dst = binary.AppendUvarint(dst, uint64(i-before))
		before = i
	}
	return dst
}

// box is the smallest part with all cells that changed.
func (c *Change) box() (left, top, right, bottom int) {
	left, top = c.Width, c.Height
	e := c.extent()
	for y := e.top; y < e.bottom; y++ {
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
	low := lowBits(level)
	v := uint64(n - 1 + 1<<low)
	size := bits.Len64(v)
	w.put(v, 2*size-1-low)
}

// lowBits is how many bits stand below the gamma code of a run's length.
func lowBits(level uint8) int {
	if level == 0 {
		return 1
	}
	return 0
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
	if err := c.decode(record); err != nil {
		c.reset(c.Width, c.Height)
		return fmt.Errorf("decode track: %w: %w", ErrTrack, err)
	}
	return nil
}

func (c *Change) decode(record []byte) error {
	if record[0]>>4 != trackVersion {
		return fmt.Errorf("version %d", record[0]>>4)
	}
	if record[0]&trackUnseen != 0 {
		c.reset(c.Width, c.Height)
		c.Unseen = true
		return nil
	}
	var head [6]int
	rest := record[1:]
	for i := range head {
		v, n := binary.Uvarint(rest)
		if n <= 0 || v > maxCells {
			return errors.New("header")
		}
		head[i], rest = int(v), rest[n:]
	}
	width, height, left, top, wide, high := head[0], head[1], head[2], head[3], head[4], head[5]
	if int64(width)*int64(height) > maxCells || left+wide > width || top+high > height || (wide == 0) != (high == 0) {
		return fmt.Errorf("%d×%d at %d, %d of %d×%d", wide, high, left, top, width, height)
	}
	c.reset(width, height)
	if record[0]&trackStands != 0 {
		var ok bool
		if rest, ok = c.decodeStands(rest); !ok {
			return errors.New("tiles")
		}
	}
	if c.doubled = record[0]&trackDoubled != 0; c.doubled && (top%2 != 0 || high%2 != 0 && top+high != height) {
		return fmt.Errorf("rows %d to %d doubled", top, top+high)
	}
	if !c.decodeRuns(rest, left, top, wide, high) {
		return errors.New("runs")
	}
	c.Light = record[0]&trackLight != 0
	return nil
}

func (c *Change) decodeStands(b []byte) (rest []byte, ok bool) {
	count, n := binary.Uvarint(b)
	tiles := uint64(tilesOf(c.Width) * tilesOf(c.Height))
	if n <= 0 || count > tiles {
		return nil, false
	}
	b = b[n:]
	for next := uint64(0); count > 0; count-- {
		less, n := binary.Uvarint(b)
		if n <= 0 || less == 0 || less > tiles-next {
			return nil, false
		}
		next += less
		c.Stands[(next-1)>>6] |= 1 << ((next - 1) & 63)
		c.stands = true
		b = b[n:]
	}
	return b, true
}
