package motion

import (
	"bytes"
	"encoding/binary"
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
	wide, high   int // cells in an MCU
}

// block is one of an MCU's blocks.
type block struct {
	pair   *pair
	luma   bool
	chroma uint8 // 0 or 1: which of the two, where it is not luma
	x, y   int   // of a luma block within its MCU, in cells
}

// scanOf reads SOS; has tells whether luma is in it. T.81, B.2.3.
func (d *Decoder) scanOf(b []byte) (s scan, has bool, err error) {
	p := &d.pic
	if p.count == 0 {
		return s, false, fmt.Errorf("%w: a scan without SOF", ErrDamaged)
	}
	if len(b) < 1 || int(b[0]) < 1 || int(b[0]) > p.count || len(b) != 4+2*int(b[0]) {
		return s, false, fmt.Errorf("%w: SOS of %d bytes", ErrDamaged, len(b))
	}
	var seen [3]bool
	for _, c := range [][]byte{b[1:3], b[3:5], b[5:]}[:b[0]] {
		i := 0
		for i < p.count && (p.parts[i].id != c[0] || seen[i]) {
			i++
		}
		if i == p.count || c[1]>>4 > 3 || c[1]&15 > 3 {
			return s, false, fmt.Errorf("%w: SOS of component %d", ErrDamaged, c[0])
		}
		seen[i] = true
		part := p.parts[i]
		if b[0] == 1 {
			part.across, part.down = 1, 1 // a block is the MCU of a scan of its own. T.81, A.2.2
		}
		pair, err := d.pair(c[1]>>4, c[1]&15)
		if err != nil {
			return s, false, err
		}
		if s.count+part.across*part.down > maxBlocks {
			return s, false, fmt.Errorf("%w: MCU of more than %d blocks", ErrDamaged, maxBlocks)
		}
		for n := range part.across * part.down {
			s.blocks[s.count] = block{pair: pair, luma: i == 0, chroma: uint8(max(0, i-1)), x: n % part.across, y: n / part.across}
			s.count++
		}
		if i == 0 {
			s.wide, s.high = part.across, part.down
			s.across = (cells(p.width) + part.across - 1) / part.across
			s.down = (cells(p.height) + part.down - 1) / part.down
		}
	}
	if seen[0] && p.quant[p.parts[0].quant] == 0 {
		return s, false, fmt.Errorf("%w: no quantizer for luma", ErrDamaged)
	}
	return s, seen[0], nil
}

// decodeScan reads the scan that has luma in it, restart interval by restart interval.
func (d *Decoder) decodeScan(s *scan, data []byte) (Luma, error) {
	luma := Luma{Width: cells(d.pic.width), Height: cells(d.pic.height)}
	if n := luma.Width * luma.Height; cap(d.luma) < n {
		d.luma = make([]byte, n)
	}
	luma.Pix = d.luma[:luma.Width*luma.Height]
	if n := len(data) + padding; cap(d.scan) < n {
		d.scan = make([]byte, n+n/4) // pictures vary in size: room for a busier one
	}
	if n := s.across * s.down; cap(d.spent) < n {
		d.spent = make([]uint16, n)
	}
	luma.spent, luma.across, luma.wide, luma.high = d.spent[:s.across*s.down], s.across, s.wide, s.high
	r := reader{scan: s, luma: &luma, quant: d.pic.quant[d.pic.parts[0].quant]}
	for i := range r.tints {
		r.tints[i].quant = d.pic.quant[d.pic.parts[i+1].quant]
	}
	interval := d.pic.restart
	if interval == 0 {
		interval = s.across * s.down
	}
	for number := byte(0); ; number++ {
		clean, marker, behind := unstuff(d.scan, data)
		if err := r.interval(clean, interval); err != nil {
			return luma, err
		}
		switch {
		case marker == 0:
			return luma, fmt.Errorf("%w: behind row %d", ErrTruncated, luma.Rows)
		case r.mcu == s.across*s.down:
			luma.Colour = d.pic.colour(&r)
			return luma, nil
		case marker != rst0+number&7:
			return luma, fmt.Errorf("%w: marker %#x instead of a restart", ErrDamaged, marker)
		}
		data = data[behind:]
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

// reader goes through the MCUs of a scan.
type reader struct {
	scan  *scan
	luma  *Luma
	quant int32
	tints [2]tint
	mcu   int // the next one
}

// tint is what is known of a chroma component.
type tint struct {
	quant, dc int32
	sum       int64 // of the magnitudes of its DC coefficients
}

// colour is Luma.Colour of a picture that was read to its end.
func (p *picture) colour(r *reader) float64 {
	if p.count == 1 {
		return 0
	}
	per := p.parts[1].across*p.parts[1].down + p.parts[2].across*p.parts[2].down // blocks of chroma in an MCU
	blocks := r.mcu * per
	if r.scan.count != r.scan.wide*r.scan.high+per || r.tints[0].quant == 0 || r.tints[1].quant == 0 {
		return -1
	}
	return float64(r.tints[0].sum*int64(r.tints[0].quant)+r.tints[1].sum*int64(r.tints[1].quant)) / float64(8*blocks)
}

// interval reads up to n MCUs, with the DC prediction beginning at 0. data has padding behind it.
func (r *reader) interval(data []byte, n int) error {
	s := r.scan
	at, end, dc := 0, 8*(len(data)-padding), int32(0)
	r.tints[0].dc, r.tints[1].dc = 0, 0
	for last := min(r.mcu+n, s.across*s.down); r.mcu < last; {
		y, x := r.mcu/s.across, r.mcu%s.across
		n := min(last-r.mcu, s.across-x)
		var ok bool
		at, dc, ok = r.mcus(data, at, end, dc, x, y, n)
		r.luma.Rows = min(y*s.high, r.luma.Height)
		if !ok && at > end {
			return fmt.Errorf("%w: in row %d", ErrTruncated, r.luma.Rows)
		}
		if !ok {
			return fmt.Errorf("%w: bits in row %d", ErrDamaged, r.luma.Rows)
		}
		r.mcu += n
		if r.mcu%s.across == 0 {
			r.luma.Rows = min((y+1)*s.high, r.luma.Height)
		}
	}
	return nil
}

// mcus reads n MCUs of one row from bit position at. Of each block the DC difference of luma is
// kept, of chroma how far off grey it is, and all else passed over: this loop is where the time goes.
func (r *reader) mcus(data []byte, at, end int, dc int32, x, y, n int) (int, int32, bool) {
	s := r.scan
	blocks := s.blocks[:s.count]
	width, height := r.luma.Width, r.luma.Height
	spent := r.luma.spent[y*s.across:][:s.across]
	for ; n > 0; n-- {
		before := at
		for i := range blocks {
			b := &blocks[i]
			p := b.pair
			window := binary.BigEndian.Uint64(data[at>>3:]) << (at & 7)
			e := p.first[window>>(64-windowBits)]
			diff, k := int32(e)>>16, int(e&0xFF)
			at += int(e >> 8 & 0xFF)
			if e == 0 {
				var ok bool
				if diff, at, ok = p.slowDC(data, at); !ok {
					return at, dc, false
				}
				k = 1
				window = binary.BigEndian.Uint64(data[at>>3:]) << (at & 7)
			}
			skips := p.ac.skips
			window <<= e >> 8 & 63
			for k < 64 {
				// One load is enough for three looks.
				e := int(skips[window>>(64-windowBits)])
				window <<= e >> 8 & 63
				k += e & 0xFF
				at += e >> 8
				if k < 64 {
					e = int(skips[window>>(64-windowBits)])
					window <<= e >> 8 & 63
					k += e & 0xFF
					at += e >> 8
					if k < 64 {
						e = int(skips[window>>(64-windowBits)])
						k += e & 0xFF
						at += e >> 8
						if k < 64 {
							window = binary.BigEndian.Uint64(data[at>>3:]) << (at & 7)
							continue
						}
					}
				}
				if k >= eob && k < eob+64 {
					break
				}
				// Back by this look: it is longer than the window or goes beyond the block.
				var ok bool
				if k, at, ok = p.slowAC(data, at-e>>8, k-e&0xFF); !ok {
					return at, dc, false
				}
				window = binary.BigEndian.Uint64(data[at>>3:]) << (at & 7)
			}
			if !b.luma {
				t := &r.tints[b.chroma&1]
				t.dc += diff
				t.sum += int64(absolute(t.dc))
				continue
			}
			dc += diff
			if x, y := x*s.wide+b.x, y*s.high+b.y; x < width && y < height {
				r.luma.Pix[y*width+x] = level(dc, r.quant)
			}
		}
		if at > end {
			return at, dc, false
		}
		spent[x] = uint16(at - before) // ten blocks of the longest symbols are below 2^15
		x++
	}
	return at, dc, true
}

// level turns a DC coefficient into brightness, as libjpeg's 1×1 inverse transform does: the mean
// of the block is an eighth of it, and what is far out of range wraps at ten bits.
func level(dc, quant int32) byte {
	v := (int32(int16(dc))*quant+4)>>3 + 128
	if v>>8 != 0 {
		v = (v - 128) & 1023
		switch {
		case v < 128:
			return byte(v + 128)
		case v < 512:
			return 255
		case v < 896:
			return 0
		}
		v -= 896
	}
	return byte(v)
}
