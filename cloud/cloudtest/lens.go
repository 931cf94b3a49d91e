package cloudtest

import (
	"bytes"
	"encoding/binary"
	"slices"
)

// A camera's lens: what its settings do to the pictures of a Source, in the coefficients, so that
// nothing else changes. Grey takes the colour out, as a camera in infrared does; a flip turns the order of
// blocks around and, within each, the sign of the cosines that are odd that way.
type lens struct {
	grey                 bool
	horizontal, vertical bool
}

// lensOf is what settings ask for. Of mirrorFlip 0 and 4 are known, as it is and upside down; one way each
// for 1 and 2 is this camera's own. docs/protocol.md, section 7.
func lensOf(s settings) lens {
	flip := s.values["mirrorFlip"]
	return lens{grey: s.values["IrLed"] == 1, horizontal: flip == 1 || flip >= 3, vertical: flip >= 2}
}

func (c *Camera) lens() lens {
	c.mu.Lock()
	defer c.mu.Unlock()
	return lensOf(c.settings)
}

// see gives the picture through the lens. One that this camera's simple decoder does not take (progressive,
// restart markers, broken) is given as it is.
func (l lens) see(jpeg []byte) []byte {
	if l == (lens{}) {
		return jpeg
	}
	f, ok := parseFrame(jpeg)
	if !ok || !f.decode() {
		return jpeg
	}
	for i := range f.blocks {
		c := f.component(i)
		if l.grey && c != 0 {
			f.blocks[i] = [64]int16{}
		}
		for k := range 64 {
			if u, v := zigzag[k]%8, zigzag[k]/8; (l.horizontal && u%2 == 1) != (l.vertical && v%2 == 1) {
				f.blocks[i][k] = -f.blocks[i][k]
			}
		}
	}
	f.reorder(l)
	return f.encode()
}

// frame is a baseline picture taken apart.
type frame struct {
	jpeg          []byte
	scan          int // where the entropy-coded bytes begin
	columns, rows int // MCUs
	parts         []component
	dc, ac        [4]*huffmanTable
	blocks        [][64]int16 // in the order of the scan, DC absolute
	perMCU        int
}

type component struct {
	id, h, v byte
	dc, ac   byte
}

// parseFrame reads the headers. ok is false for what decode cannot read.
func parseFrame(jpeg []byte) (f *frame, ok bool) {
	f = &frame{jpeg: jpeg, dc: [4]*huffmanTable{dcLuma, dcChroma}, ac: [4]*huffmanTable{acLuma, acChroma}}
	var width, height int
	for at := 2; at+4 <= len(jpeg); {
		if jpeg[at] != 0xFF {
			return nil, false
		}
		if jpeg[at+1] == 0xFF { // a fill byte
			at++
			continue
		}
		marker, size := jpeg[at+1], int(binary.BigEndian.Uint16(jpeg[at+2:]))
		if size < 2 || at+2+size > len(jpeg) {
			return nil, false
		}
		body := jpeg[at+4 : at+2+size]
		at += 2 + size
		switch {
		case marker == 0xC0:
			if len(body) < 6 || len(body) != 6+3*int(body[5]) || body[0] != 8 {
				return nil, false
			}
			height, width = int(binary.BigEndian.Uint16(body[1:])), int(binary.BigEndian.Uint16(body[3:]))
			for i := 6; i < len(body); i += 3 {
				f.parts = append(f.parts, component{id: body[i], h: body[i+1] >> 4, v: body[i+1] & 15})
			}
		case marker > 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8, marker == 0xDD:
			return nil, false
		case marker == 0xC4:
			if !f.tables(body) {
				return nil, false
			}
		case marker == 0xDA:
			f.scan = at
			return f, f.measure(width, height, body)
		}
	}
	return nil, false
}

// tables reads a DHT.
func (f *frame) tables(body []byte) bool {
	for len(body) >= 17 {
		class, counts := body[0], [16]byte(body[1:17])
		n := 0
		for _, c := range counts {
			n += int(c)
		}
		if len(body) < 17+n || class&0xEF > 3 || n > 256 {
			return false
		}
		t := newHuffman(class, counts, string(body[17:17+n]))
		if class&0x10 == 0 {
			f.dc[class] = t
		} else {
			f.ac[class&3] = t
		}
		body = body[17+n:]
	}
	return len(body) == 0
}

// measure counts MCUs.
func (f *frame) measure(width, height int, sos []byte) bool {
	if len(f.parts) == 0 || len(f.parts) > 3 || len(sos) < 1 || int(sos[0]) != len(f.parts) || len(sos) != 4+2*len(f.parts) {
		return false
	}
	wide, high := 1, 1
	for i := range f.parts {
		c := &f.parts[i]
		if c.h < 1 || c.h > 2 || c.v < 1 || c.v > 2 || sos[1+2*i] != c.id || sos[2+2*i]>>4 > 3 || sos[2+2*i]&15 > 3 {
			return false
		}
		c.dc, c.ac = sos[2+2*i]>>4, sos[2+2*i]&15
		if f.dc[c.dc] == nil || f.ac[c.ac] == nil {
			return false
		}
		wide, high = max(wide, int(c.h)), max(high, int(c.v))
		f.perMCU += int(c.h) * int(c.v)
	}
	f.columns, f.rows = (width+8*wide-1)/(8*wide), (height+8*high-1)/(8*high)
	return width > 0 && height > 0 && f.columns*f.rows <= 1<<16
}

// component tells which one the i-th block is of.
func (f *frame) component(i int) int {
	at := i % f.perMCU
	for c, part := range f.parts {
		if at -= int(part.h) * int(part.v); at < 0 {
			return c
		}
	}
	return len(f.parts) - 1
}

// decode reads the coefficients; false when the scan is broken.
func (f *frame) decode() bool {
	bits := bitReader{data: f.jpeg[f.scan:]}
	dc, ac := make([]decodeTable, len(f.parts)), make([]decodeTable, len(f.parts))
	for i, c := range f.parts {
		dc[i], ac[i] = decoding(f.dc[c.dc]), decoding(f.ac[c.ac])
	}
	last := make([]int16, len(f.parts))
	f.blocks = make([][64]int16, f.columns*f.rows*f.perMCU)
	for i := range f.blocks {
		c, b := f.component(i), &f.blocks[i]
		size, ok := bits.symbol(dc[c])
		if !ok || size > 11 {
			return false
		}
		last[c] += bits.number(uint(size))
		b[0] = last[c]
		for k := 1; k < 64; k++ {
			symbol, ok := bits.symbol(ac[c])
			if !ok {
				return false
			}
			run, size := int(symbol>>4), uint(symbol&15)
			if size == 0 && run != 15 {
				break
			}
			if k += run; k > 63 {
				return false
			}
			b[k] = bits.number(size)
		}
	}
	return true
}

// reorder turns around the order of blocks.
func (f *frame) reorder(l lens) {
	mcus := make([][64]int16, 0, len(f.blocks))
	for y := range f.rows {
		for x := range f.columns {
			fromX, fromY := x, y
			if l.horizontal {
				fromX = f.columns - 1 - x
			}
			if l.vertical {
				fromY = f.rows - 1 - y
			}
			at := (fromY*f.columns + fromX) * f.perMCU
			for _, c := range f.parts {
				for v := range int(c.v) {
					row := slices.Clone(f.blocks[at+v*int(c.h):][:c.h])
					if l.vertical {
						copy(row, f.blocks[at+(int(c.v)-1-v)*int(c.h):])
					}
					if l.horizontal {
						slices.Reverse(row)
					}
					mcus = append(mcus, row...)
				}
				at += int(c.h) * int(c.v)
			}
		}
	}
	f.blocks = mcus
}

// encode writes the picture with its own head and tables.
func (f *frame) encode() []byte {
	var w bitWriter
	last := make([]int16, len(f.parts))
	for i := range f.blocks {
		c, b := f.component(i), &f.blocks[i]
		part := f.parts[c]
		if f.dc[part.dc].length[sizeOf(b[0]-last[c])] == 0 {
			return f.jpeg // tables of its own, which have not what is needed now
		}
		w.dc(f.dc[part.dc], b[0]-last[c])
		w.ac(f.ac[part.ac], b)
		last[c] = b[0]
	}
	return append(w.appendScan(bytes.Clone(f.jpeg[:f.scan])), pictureEnd...)
}

// decodeTable finds a symbol by a code's length and bits.
type decodeTable map[uint32]byte

func decoding(t *huffmanTable) decodeTable {
	d := make(decodeTable, len(t.values))
	for _, symbol := range []byte(t.values) {
		d[uint32(t.length[symbol])<<16|uint32(t.code[symbol])] = symbol
	}
	return d
}

// bitReader reads a scan with its stuffed zeros. Behind its end are ones.
type bitReader struct {
	data []byte
	acc  uint32
	left uint
}

func (r *bitReader) bit() uint32 {
	if r.left == 0 {
		r.acc, r.left = 0xFF, 8
		if len(r.data) > 1 && (r.data[0] != 0xFF || r.data[1] == 0) {
			r.acc = uint32(r.data[0])
			if r.data[0] == 0xFF {
				r.data = r.data[1:]
			}
			r.data = r.data[1:]
		}
	}
	r.left--
	return r.acc >> r.left & 1
}

func (r *bitReader) symbol(t decodeTable) (byte, bool) {
	code := uint32(0)
	for length := uint32(1); length <= 16; length++ {
		code = code<<1 | r.bit()
		if symbol, ok := t[length<<16|code]; ok {
			return symbol, true
		}
	}
	return 0, false
}

// number reads what T.81 F.1.2 puts behind a size.
func (r *bitReader) number(size uint) int16 {
	if size == 0 {
		return 0
	}
	v := int16(0)
	for range size {
		v = v<<1 | int16(r.bit())
	}
	if v < 1<<(size-1) {
		v += -1<<size + 1
	}
	return v
}
