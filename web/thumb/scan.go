package thumb

import (
	"bytes"
	"fmt"
)

// maxBlocks is how many blocks an MCU may have. T.81, B.2.3.
const maxBlocks = 10

// padding behind a scan: reading runs off its end for less than an MCU of the longest symbols
// (64 of 16 + 15 bits a block, 2480 bytes) before it is noticed, and looks eight bytes ahead.
const padding = 2560

// scan is what SOS says, turned into the blocks of one MCU in their order.
type scan struct {
	blocks       [maxBlocks]block
	count        int
	across, down int // MCUs
	parts        [3]*part
	high         [3]int // blocks of an MCU, one below another
	of           int    // parts
}

// block is one of an MCU's blocks.
type block struct {
	dc, ac *code
	quant  *[4]int32
	last   *int32 // DC of the component
	part   *part
	step   int // from an MCU to the next in pix
	row    int // from a row of MCUs to the next
	at     int // of the first MCU's in pix
}

// scanOf reads SOS. T.81, B.2.3.
func (d *Decoder) scanOf(b []byte, dc *[3]int32) (s scan, err error) {
	p := &d.pic
	if p.count == 0 {
		return s, fmt.Errorf("%w: a scan without SOF", ErrDamaged)
	}
	if len(b) < 1 || int(b[0]) < 1 || int(b[0]) > p.count || len(b) != 4+2*int(b[0]) {
		return s, fmt.Errorf("%w: SOS of %d bytes", ErrDamaged, len(b))
	}
	alone := b[0] == 1
	s.across, s.down = p.across, p.down
	for n, c := range [][]byte{b[1:3], b[3:5], b[5:]}[:b[0]] {
		i := 0
		for i < p.count && (p.parts[i].id != c[0] || p.parts[i].read) {
			i++
		}
		if i == p.count || c[1]>>4 > 3 || c[1]&15 > 3 {
			return s, fmt.Errorf("%w: SOS of component %d", ErrDamaged, c[0])
		}
		part := &p.parts[i]
		first, second := p.codes[0][c[1]>>4], p.codes[1][c[1]&15]
		if first == nil || second == nil || !p.quantized[part.quant] {
			return s, fmt.Errorf("%w: component %d has no tables", ErrDamaged, c[0])
		}
		wide, high := part.wide, part.high
		if alone {
			// A block is the MCU of a scan of its own, and there are no more than the component needs. T.81, A.2.2
			wide, high = 1, 1
			s.across, s.down = blocksOf(p.width, part.wide, p.parts[:p.count], wideOf), blocksOf(p.height, part.high, p.parts[:p.count], highOf)
		}
		if s.count+wide*high > maxBlocks {
			return s, fmt.Errorf("%w: MCU of more than %d blocks", ErrDamaged, maxBlocks)
		}
		for k := range wide * high {
			s.blocks[s.count] = block{
				dc: first, ac: second, quant: &p.quant[part.quant], last: &dc[n], part: part,
				step: 2 * wide, row: 2 * high * part.stride, at: 2*(k/wide)*part.stride + 2*(k%wide),
			}
			s.count++
		}
		part.read = true
		s.parts[n], s.high[n], s.of = part, high, n+1
	}
	return s, nil
}

func wideOf(p part) int { return p.wide }
func highOf(p part) int { return p.high }

// blocksOf is how many blocks a component has in a direction. T.81, A.1.1.
func blocksOf(pixels, own int, parts []part, of func(part) int) int {
	most := 1
	for _, p := range parts {
		most = max(most, of(p))
	}
	samples := (pixels*own + most - 1) / most
	return (samples + 7) / 8
}

// scanAt reads the scan whose SOS and data these are, restart interval by restart interval, and tells where
// the marker behind it stands.
func (d *Decoder) scanAt(header, data []byte) (read int, err error) {
	var dc [3]int32
	s, err := d.scanOf(header, &dc)
	if err != nil {
		return 0, err
	}
	if n := len(data) + padding; cap(d.scan) < n {
		d.scan = make([]byte, n+n/4) // pictures vary in size: room for a busier one
	}
	interval, all := d.pic.restart, s.across*s.down
	if interval == 0 {
		interval = all
	}
	mcu := 0
	for number := byte(0); ; number++ {
		clean, marker, behind := unstuff(d.scan, data[read:])
		dc = [3]int32{}
		if err := s.read(clean, &mcu, min(mcu+interval, all)); err != nil {
			return 0, err
		}
		switch {
		case marker == 0 && mcu < all:
			return 0, fmt.Errorf("%w: in a scan", ErrTruncated)
		case mcu == all:
			return read + max(behind-2, 0), nil // the marker is read again; without one that says so
		case marker != rst0+number&7:
			return 0, fmt.Errorf("%w: marker %#x instead of a restart", ErrDamaged, marker)
		}
		read += behind
	}
}

// unstuff copies a restart interval up to its marker, without the zeros behind 0xFF, and zeros the
// padding behind it. marker is 0 when data ends first.
func unstuff(dst, data []byte) (clean []byte, marker byte, behind int) {
	n, at := 0, 0
	for {
		i := bytes.IndexByte(data[at:], 0xFF)
		if i < 0 {
			n += copy(dst[n:], data[at:])
			at = len(data)
			break
		}
		n += copy(dst[n:], data[at:at+i])
		for at += i; at < len(data) && data[at] == 0xFF; {
			at++
		}
		if at == len(data) {
			break
		}
		at++
		if data[at-1] != 0 {
			marker = data[at-1]
			break
		}
		dst[n] = 0xFF
		n++
	}
	clear(dst[n : n+padding])
	return dst[:n+padding], marker, at
}

// read reads MCUs up to number last. data has padding behind it.
func (s *scan) read(data []byte, mcu *int, last int) error {
	at, end := 0, 8*(len(data)-padding)
	for *mcu < last {
		y, x := *mcu/s.across, *mcu%s.across
		n := min(last-*mcu, s.across-x)
		var ok bool
		at, ok = s.row(data, at, end, x, y, n)
		if !ok && at > end {
			return fmt.Errorf("%w: in row %d of a scan", ErrTruncated, y)
		}
		if !ok {
			return fmt.Errorf("%w: bits in row %d of a scan", ErrDamaged, y)
		}
		if *mcu += n; *mcu%s.across == 0 {
			for i := range s.of {
				s.parts[i].rows = 2 * s.high[i] * (y + 1)
			}
		}
	}
	return nil
}

// row reads n MCUs of one row from bit position at. This loop is where the time goes.
func (s *scan) row(data []byte, at, end, x, y, n int) (int, bool) {
	for ; n > 0; n-- {
		for i := range s.blocks[:s.count] {
			b := &s.blocks[i]
			window, left := bitsAt(data, at), 57
			e := b.dc.values[window>>(64-windowBits)]
			if e != 0 {
				*b.last += int32(e) >> 16
				at += int(e & 0xFF)
				window <<= e & 63
				left -= int(e & 0xFF)
			} else {
				symbol, bits := b.dc.search(window)
				if bits == 0 {
					return at, false
				}
				*b.last += extend(window<<bits, symbol)
				at += bits + symbol
				left = 0
			}
			var low [4]int32 // right, down, (not used), both: coefficients 1, 2, 3, 4
			k := 1
			for k <= 4 { // one by one as long as the values count
				if left < 31 { // the longest symbol with its value
					window, left = bitsAt(data, at), 57
				}
				if e = b.ac.values[window>>(64-windowBits)]; e != 0 {
					at += int(e & 0xFF)
					window <<= e & 63
					left -= int(e & 0xFF)
					if k += int(e >> 8 & 0xFF); k <= 4 {
						low[k-1] = int32(e) >> 16
					}
					if k++; k > 64 { // its end: the rest is zero
						k = 64
					}
					continue
				}
				symbol, bits := b.ac.search(window)
				if bits == 0 {
					return at, false
				}
				run, size := symbol>>4, symbol&15
				if size == 0 && run != 15 {
					at += bits
					k = 64 // the rest is zero
					break
				}
				if k += run; k <= 4 {
					low[k-1] = extend(window<<(bits&63), size)
				}
				k++
				at += bits + size
				window <<= (bits + size) & 63
				left -= bits + size
			}
			for k < 64 {
				if left < 2*windowBits {
					window, left = bitsAt(data, at), 57
				}
				e := int(b.ac.skips[window>>(64-windowBits)])
				window <<= e >> 8 & 63
				left -= e >> 8
				at += e >> 8
				if k += e & 0xFF; k < 64 {
					e = int(b.ac.skips[window>>(64-windowBits)])
					window <<= e >> 8 & 63
					left -= e >> 8
					at += e >> 8
					if k += e & 0xFF; k < 64 {
						continue
					}
				}
				if k >= eob && k < eob+64 {
					break
				}
				// Back by this look: its symbol is longer than the window, or goes beyond the block.
				var ok bool
				if k, at, ok = b.ac.step(data, k-e&0xFF, at-e>>8); !ok {
					return at, false
				}
				left = 0
			}
			b.draw(b.at+y*b.row+x*b.step, low)
		}
		if at > end {
			return at, false
		}
		x++
	}
	return at, true
}

// step goes over one symbol of any length; k of 64 ends the block.
func (c *code) step(data []byte, k, at int) (nextK, behind int, ok bool) {
	symbol, bits := c.next(bitsAt(data, at))
	run, size := symbol>>4, symbol&15
	if size == 0 && run != 15 {
		return 64, at + bits, bits > 0
	}
	k += run + 1
	return k, at + bits + size, bits > 0 && k <= 64
}

// draw makes the four pixels of a block: the inverse transform of two by two, at a quarter of the scale of
// that of eight by eight. T.81, A.3.3.
func (b *block) draw(at int, low [4]int32) {
	q := b.quant
	mean, right, down, both := *b.last*q[0], low[0]*q[1], low[1]*q[2], low[3]*q[3]
	pix := b.part.pix[at:]
	stride := b.part.stride
	pix[0], pix[1] = level(mean+right+down+both), level(mean-right+down-both)
	pix[stride], pix[stride+1] = level(mean+right-down-both), level(mean-right-down+both)
}

func level(v int32) byte {
	v = (v+4)>>3 + 128
	return byte(max(0, min(v, 255)))
}
