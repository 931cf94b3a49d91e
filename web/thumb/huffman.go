package thumb

import (
	"encoding/binary"
	"fmt"
	"sync"
)

// windowBits is how many bits of the scan one look into a table reads.
const windowBits = 10

// In entries of skips: eob is added to the coefficients passed when the block ends with them, tooLong
// is more than any block has room for.
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
	// look has, for what stands in a window, the first symbol's bits and above them the symbol; 0 when it
	// does not fit.
	look [1 << windowBits]uint16
	// values has, for a symbol that fits together with its value, all its bits, above them the run of zeros
	// before it, which is 64 where the block ends, and in the upper half the value; 0 when it does not fit.
	values [1 << windowBits]uint32
	// skips has, of an AC code, how many coefficients all symbols that fit pass over, with eob when the
	// block ends with them, and above that their bits.
	skips [1 << windowBits]uint16
}

// newCode reads 16 counts and their symbols from the front of a DHT segment's rest.
func newCode(b []byte, dc bool) (*code, error) {
	if len(b) < 16 {
		return nil, fmt.Errorf("%w: huffman table of %d bytes", ErrDamaged, len(b))
	}
	n := 16
	for _, count := range b[:16] {
		n += int(count)
	}
	if n > 16+256 || n > len(b) {
		return nil, fmt.Errorf("%w: huffman table of %d symbols in %d bytes", ErrDamaged, n-16, len(b)-16)
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
			return nil, fmt.Errorf("%w: huffman table with too many codes of %d bits", ErrDamaged, bits)
		}
		c.limit[bits] = next << (16 - bits)
		next <<= 1
	}
	for _, symbol := range b[16:n] {
		if dc && symbol > 15 {
			return nil, fmt.Errorf("%w: huffman table for DC with symbol %d", ErrDamaged, symbol)
		}
	}
	for i := range c.look {
		window := uint64(i) << (64 - windowBits)
		if symbol, bits := c.search(window); bits > 0 && bits <= windowBits {
			c.look[i] = uint16(symbol<<8 | bits)
			run, size := symbol>>4, symbol&15
			if !dc && size == 0 && run != 15 {
				run = 64
			}
			if bits += size; bits <= windowBits {
				c.values[i] = uint32(extend(window<<(bits-size), size))<<16 | uint32(run<<8|bits)
			}
		}
	}
	if !dc {
		for i := range c.skips {
			c.skips[i] = c.skip(uint64(i) << (64 - windowBits))
		}
	}
	return c, nil
}

// search reads the symbol at the top of a window of bits, 16 of them at least. bits is 0 when no
// symbol has this code.
func (c *code) search(window uint64) (symbol, bits int) {
	top := uint32(window >> 48)
	for n := 1; n <= 16; n++ {
		if top < c.limit[n] {
			return int(c.symbols[uint8(int32(top>>(16-n))+c.offset[n])]), n
		}
	}
	return 0, 0
}

// next is search by the table.
func (c *code) next(window uint64) (symbol, bits int) {
	if e := c.look[window>>(64-windowBits)]; e != 0 {
		return int(e >> 8), int(e & 0xFF)
	}
	return c.search(window)
}

// skip makes an entry of skips: it goes through the symbols that stand whole within the window. An entry never
// passes the end of a block without eob.
func (c *code) skip(window uint64) uint16 {
	passed, used := 0, 0
	for {
		e := c.look[window<<used>>(64-windowBits)]
		symbol, bits := int(e>>8), int(e&0xFF)
		run, size := symbol>>4, symbol&15
		switch {
		case bits == 0 || used+bits+size > windowBits:
		case symbol == 0:
			return uint16((used+bits)<<8 | passed + eob)
		case size == 0 && run != 15: // EOBn: only progressive pictures have them
		case passed+run+1 > 62:
		default:
			passed += run + 1
			used += bits + size
			continue
		}
		if used == 0 {
			passed = tooLong
		}
		return uint16(used<<8 | passed)
	}
}

// extend makes a value of its size and bits at the top of a window. T.81, F.2.2.1.
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

// bitsAt is the window at a bit position: 57 bits and more from there, first one on top.
func bitsAt(scan []byte, at int) uint64 {
	return binary.BigEndian.Uint64(scan[at>>3:]) << (at & 7)
}

// standard are the tables of T.81, K.3, by class and number: 0 for luma, 1 for chroma. Cameras that leave DHT
// out mean these. Nothing in them is changed.
var standard = sync.OnceValue(func() (t [2][4]*code) {
	for i, symbols := range standardAC {
		t[0][i] = must(newCode(append(standardCounts[0][i][:], 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11), true))
		t[1][i] = must(newCode(append(standardCounts[1][i][:], symbols...), false))
	}
	return t
})

func must(c *code, err error) *code {
	if err != nil {
		panic(err) // the constants below are wrong
	}
	return c
}

var standardCounts = [2][2][16]byte{
	{{0, 1, 5, 1, 1, 1, 1, 1, 1}, {0, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1}},
	{{0, 2, 1, 3, 3, 2, 4, 3, 5, 5, 4, 4, 0, 0, 1, 0x7D}, {0, 2, 1, 2, 4, 4, 3, 4, 7, 5, 4, 4, 0, 1, 2, 0x77}},
}

var standardAC = [2]string{
	"\x01\x02\x03\x00\x04\x11\x05\x12\x21\x31\x41\x06\x13\x51\x61\x07\x22\x71\x14\x32\x81\x91\xa1\x08" +
		"\x23\x42\xb1\xc1\x15\x52\xd1\xf0\x24\x33\x62\x72\x82\x09\x0a\x16\x17\x18\x19\x1a\x25\x26\x27\x28" +
		"\x29\x2a\x34\x35\x36\x37\x38\x39\x3a\x43\x44\x45\x46\x47\x48\x49\x4a\x53\x54\x55\x56\x57\x58\x59" +
		"\x5a\x63\x64\x65\x66\x67\x68\x69\x6a\x73\x74\x75\x76\x77\x78\x79\x7a\x83\x84\x85\x86\x87\x88\x89" +
		"\x8a\x92\x93\x94\x95\x96\x97\x98\x99\x9a\xa2\xa3\xa4\xa5\xa6\xa7\xa8\xa9\xaa\xb2\xb3\xb4\xb5\xb6" +
		"\xb7\xb8\xb9\xba\xc2\xc3\xc4\xc5\xc6\xc7\xc8\xc9\xca\xd2\xd3\xd4\xd5\xd6\xd7\xd8\xd9\xda\xe1\xe2" +
		"\xe3\xe4\xe5\xe6\xe7\xe8\xe9\xea\xf1\xf2\xf3\xf4\xf5\xf6\xf7\xf8\xf9\xfa",
	"\x00\x01\x02\x03\x11\x04\x05\x21\x31\x06\x12\x41\x51\x07\x61\x71\x13\x22\x32\x81\x08\x14\x42\x91" +
		"\xa1\xb1\xc1\x09\x23\x33\x52\xf0\x15\x62\x72\xd1\x0a\x16\x24\x34\xe1\x25\xf1\x17\x18\x19\x1a\x26" +
		"\x27\x28\x29\x2a\x35\x36\x37\x38\x39\x3a\x43\x44\x45\x46\x47\x48\x49\x4a\x53\x54\x55\x56\x57\x58" +
		"\x59\x5a\x63\x64\x65\x66\x67\x68\x69\x6a\x73\x74\x75\x76\x77\x78\x79\x7a\x82\x83\x84\x85\x86\x87" +
		"\x88\x89\x8a\x92\x93\x94\x95\x96\x97\x98\x99\x9a\xa2\xa3\xa4\xa5\xa6\xa7\xa8\xa9\xaa\xb2\xb3\xb4" +
		"\xb5\xb6\xb7\xb8\xb9\xba\xc2\xc3\xc4\xc5\xc6\xc7\xc8\xc9\xca\xd2\xd3\xd4\xd5\xd6\xd7\xd8\xd9\xda" +
		"\xe2\xe3\xe4\xe5\xe6\xe7\xe8\xe9\xea\xf2\xf3\xf4\xf5\xf6\xf7\xf8\xf9\xfa",
}
