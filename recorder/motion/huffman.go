package motion

import (
	"encoding/binary"
	"fmt"
)

// windowBits is how many bits of the scan one look into a table reads. With the standard tables
// twelve hold one to five whole symbols of a busy picture, and a block's two tables stay together
// in a first-level cache of 32 KB.
const windowBits = 12

// In table entries: eob is added to the coefficients passed when the block ends with them.
const (
	tooLong = 64
	eob     = 128
)

// A code is one Huffman table of DHT, symbols up to 16 bits long. T.81, C.2 and F.2.2.3.
type code struct {
	raw     []byte     // 16 counts and the symbols, as they stood in DHT
	limit   [17]uint32 // codes of n bits are below limit[n], aligned to 16 bits; 0 when no shorter one is
	offset  [17]int32  // index of a code of n bits: the code plus this
	symbols [256]uint8
	skips   *skips // of an AC code, built with the first pair
}

// parseCode reads 16 counts and their symbols from the front of a DHT segment's rest and tells
// how long they are.
func parseCode(b []byte, dc bool) (*code, int, error) {
	if len(b) < 16 {
		return nil, 0, fmt.Errorf("%w: huffman table of %d bytes", ErrDamaged, len(b))
	}
	n := 16
	for _, count := range b[:16] {
		n += int(count)
	}
	if n > 16+256 || n > len(b) {
		return nil, 0, fmt.Errorf("%w: huffman table of %d symbols in %d bytes", ErrDamaged, n-16, len(b)-16)
	}
	c := &code{raw: append([]byte(nil), b[:n]...)}
	copy(c.symbols[:], b[16:n])
	next, index := uint32(0), int32(0)
	for bits := 1; bits <= 16; bits++ {
		c.offset[bits] = index - int32(next)
		next += uint32(b[bits-1])
		index += int32(b[bits-1])
		// No code may be all ones, so that there is always room for one more. T.81, C.2.
		if next >= 1<<bits && b[bits-1] > 0 {
			return nil, 0, fmt.Errorf("%w: huffman table with too many codes of %d bits", ErrDamaged, bits)
		}
		c.limit[bits] = next << (16 - bits)
		next <<= 1
	}
	for _, symbol := range b[16:n] {
		if dc && symbol > 15 {
			return nil, 0, fmt.Errorf("%w: huffman table for DC with symbol %d", ErrDamaged, symbol)
		}
	}
	return c, n, nil
}

// next reads the symbol at the top of a window of bits, 16 of them at least. bits is 0 when no
// symbol has this code.
func (c *code) next(window uint64) (symbol, bits int) {
	top := uint32(window >> 48)
	for n := 1; n <= 16; n++ {
		if top < c.limit[n] {
			return int(c.symbols[uint8(int32(top>>(16-n))+c.offset[n])]), n
		}
	}
	return 0, 0
}

// extend makes a difference of its size and bits at the top of a window. T.81, F.2.2.1.
func extend(window uint64, size int) int32 {
	if size == 0 {
		return 0
	}
	v := int32(window >> (64 - size))
	if v < 1<<(size-1) {
		v -= 1<<size - 1
	}
	return v
}

// skips leads through AC coefficients, several symbols a look: the low byte of an entry tells
// the coefficients passed (with eob when the block ends here), the high byte the bits used. An
// entry whose first symbol does not fit into the window is tooLong, which no block has room for.
type skips [1 << windowBits]uint16

func newSkips(ac *code) *skips {
	t := new(skips)
	for window := range t {
		passed, used := ac.walk(uint64(window)<<(64-windowBits), 0, 0)
		if used == 0 {
			passed = tooLong
		}
		t[window] = uint16(used<<8 | passed)
	}
	return t
}

// walk passes the AC symbols that stand whole within the first windowBits bits, of which used
// are spent already. Entries never pass the end of a block without eob: what could does not.
func (c *code) walk(window uint64, passed, used int) (int, int) {
	for {
		symbol, bits := c.next(window << used)
		run, size := symbol>>4, symbol&15
		if bits == 0 || used+bits+size > windowBits {
			return passed, used
		}
		switch {
		case symbol == 0:
			return passed + eob, used + bits
		case size == 0 && run != 15:
			return passed, used // EOBn: only progressive pictures have them
		case passed+run+1 > 62:
			return passed, used
		}
		passed += run + 1
		used += bits + size
	}
}

// A pair is the tables of a component. Its first looks read a block's DC difference together with
// what follows: the difference in the upper half, then bits used, then coefficients passed, as in
// skips. 0: the difference does not fit into the window.
type pair struct {
	dc, ac *code
	first  [1 << windowBits]uint32
}

func newPair(dc, ac *code) *pair {
	if ac.skips == nil {
		ac.skips = newSkips(ac)
	}
	p := &pair{dc: dc, ac: ac}
	for i := range p.first {
		window := uint64(i) << (64 - windowBits)
		size, bits := dc.next(window)
		if bits == 0 || bits+size > windowBits {
			continue
		}
		diff := extend(window<<bits, size) // below 2^12, since its bits stand in the window
		passed, used := ac.walk(window, 1, bits+size)
		p.first[i] = uint32(diff)<<16 | uint32(used)<<8 | uint32(passed)
	}
	return p
}

// slowDC reads one DC difference of any length at a bit position. T.81 allows 16 bits of code and
// 15 of difference.
func (p *pair) slowDC(scan []byte, at int) (diff int32, behind int, ok bool) {
	window := bitsAt(scan, at)
	size, bits := p.dc.next(window)
	return extend(window<<bits, size), at + bits + size, bits > 0
}

// slowAC passes one AC symbol of any length; k beyond 63 ends the block.
func (p *pair) slowAC(scan []byte, at, k int) (nextK, behind int, ok bool) {
	symbol, bits := p.ac.next(bitsAt(scan, at))
	run, size := symbol>>4, symbol&15
	if size == 0 && run != 15 {
		return 64, at + bits, bits > 0
	}
	k += run + 1
	return k, at + bits + size, bits > 0 && k <= 64
}

// bitsAt is the window at a bit position: 57 bits and more from there, first one on top.
func bitsAt(scan []byte, at int) uint64 {
	return binary.BigEndian.Uint64(scan[at>>3:]) << (at & 7)
}
