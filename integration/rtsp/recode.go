package rtsp

import "math/bits"

// recoding writes a scan anew in the codes of Annex K. No coefficient changes: only how it is written.
type recoding struct {
	from bitReader
	to   bitWriter
	last [3]int   // DC of the block before, of each colour, as it was read ...
	told [3]int   // ... and as it was written
	ac   []uint32 // of the blocks that were read and not written: symbols, and the bits behind them
	row  []block  // that stand in the row below
}

// block is one that was read.
type block struct {
	colour, dc int
	from, to   int // its part of ac
}

// recode writes the scan of a picture anew.
func (f *fitter) recode(h *header, scan []byte) ([]byte, error) {
	for i, p := range h.parts {
		if i == 2 && p.dc == h.parts[1].dc && p.ac == h.parts[1].ac {
			continue
		}
		if i == 2 {
			return nil, unfit("its two colours have Huffman tables of their own")
		}
		for class := range 2 {
			if err := f.coding[2*i+class].of(h.code(class, p)); err != nil {
				return nil, err
			}
		}
	}
	// The scan may stand in f.scan itself: what is written goes elsewhere.
	r := recoding{from: bitReader{data: scan}, to: bitWriter{out: f.recoded[:0]}, ac: f.ac[:0], row: f.row[:0]}
	var err error
	if len(h.parts) == 1 {
		err = r.grey(h, &f.coding)
	} else {
		err = r.colours(h, &f.coding)
	}
	if err == nil && r.from.over() {
		err = broken("its scan ends early")
	}
	r.to.align()
	f.recoded, f.ac, f.row = r.to.out, r.ac, r.row
	return r.to.out, err
}

// colours writes a picture of three colours, as rows of MCUs that are as high as a block of colour.
func (r *recoding) colours(h *header, from *[4]decoding) error {
	across, down, rows := int(h.parts[0].sampling>>4), int(h.parts[0].sampling&15), int(h.parts[1].sampling&15)
	wide, high := blocks(h.width, 8*across), blocks(h.height, 8*down)
	for i := range wide * high {
		if err := r.begin(i, h.restart); err != nil {
			return err
		}
		for n := range across * down {
			if err := r.take(from, 0, n >= across*down/rows); err != nil {
				return err
			}
		}
		for n := range 2 * rows {
			if err := r.take(from, 1+n/rows, n%rows > 0); err != nil {
				return err
			}
		}
		if i%wide == wide-1 {
			if i/wide*rows+1 < blocks(h.height, 8*down/rows) { // else it lies beyond the edge
				if err := r.later(); err != nil {
					return err
				}
			}
			r.row, r.ac = r.row[:0], r.ac[:0]
		}
	}
	return nil
}

// take reads a block, and writes it now or with those of the row below.
func (r *recoding) take(from *[4]decoding, colour int, later bool) error {
	b, err := r.read(from, colour)
	if err != nil {
		return err
	}
	if later {
		r.row = append(r.row, b)
		return nil
	}
	err = r.write(b)
	r.ac = r.ac[:b.from]
	return err
}

// later writes the row below.
func (r *recoding) later() error {
	for _, b := range r.row {
		if err := r.write(b); err != nil {
			return err
		}
	}
	return nil
}

// begin goes on with the next MCU, behind a restart marker where one is due. What is written has none.
func (r *recoding) begin(mcu, restart int) error {
	if restart == 0 || mcu == 0 || mcu%restart != 0 {
		return nil
	}
	if !r.from.restart() {
		return broken("a restart marker is missing")
	}
	r.last = [3]int{}
	return nil
}

// grey writes a picture without colours as one of 4:2:2 whose colours are 0.
func (r *recoding) grey(h *header, from *[4]decoding) error {
	wide, high := blocks(h.width, 8), blocks(h.height, 8)
	for i := range wide * high {
		if err := r.begin(i, h.restart); err != nil {
			return err
		}
		if err := r.take(from, 0, false); err != nil {
			return err
		}
		switch x := i % wide; {
		case x%2 == 0 && x < wide-1:
			continue
		case x%2 == 0:
			r.same(0) // beyond the edge
		}
		r.same(1)
		r.same(1)
	}
	return nil
}

func blocks(size, each int) int { return (size + each - 1) / each }

// read reads the next block, which is of a colour: 0 is brightness.
func (r *recoding) read(from *[4]decoding, colour int) (block, error) {
	class := min(colour, 1)
	symbol, ok := r.from.symbol(&from[2*class])
	if !ok || symbol > 11 {
		return block{}, broken("its scan has a code that is none")
	}
	r.last[colour] += extend(r.from.read(int(symbol)), int(symbol))
	b := block{colour: colour, dc: r.last[colour], from: len(r.ac)}
	for k := 1; k < 64; k++ {
		symbol, ok := r.from.symbol(&from[2*class+1])
		if !ok || symbol&15 > 10 || symbol&15 == 0 && symbol != 0 && symbol != 0xF0 {
			return b, broken("its scan has a code that is none")
		}
		if k += int(symbol >> 4); k > 63 {
			return b, broken("a block has more than 64 coefficients")
		}
		r.ac = append(r.ac, uint32(symbol)<<16|r.from.read(int(symbol&15)))
		if symbol == 0 {
			break
		}
	}
	if b.to = len(r.ac); r.from.over() {
		return b, broken("its scan ends early")
	}
	return b, nil
}

// write writes a block.
func (r *recoding) write(b block) error {
	class := min(b.colour, 1)
	to := annexKCodings()
	if err := r.dc(&to[0][class], b.dc-r.told[b.colour]); err != nil {
		return err
	}
	r.told[b.colour] = b.dc
	for _, ac := range r.ac[b.from:b.to] {
		symbol := ac >> 16
		c := to[1][class][symbol]
		r.to.write(uint32(c.code), int(c.length))
		r.to.write(ac&0xFFFF, int(symbol&15))
	}
	return nil
}

// same writes a block that is as the one before, and even.
func (r *recoding) same(class int) {
	for _, c := range [2]struct {
		code   uint16
		length byte
	}{annexKCodings()[0][class][0], annexKCodings()[1][class][0]} {
		r.to.write(uint32(c.code), int(c.length))
	}
}

// dc writes by how much DC changes. T.81, section F.1.2.1.
func (r *recoding) dc(to *coding, by int) error {
	size := bits.Len(uint(max(by, -by)))
	if size > 11 {
		return unfit("its brightness changes by more than a baseline JPEG can tell")
	}
	if by < 0 {
		by--
	}
	c := to[size]
	r.to.write(uint32(c.code), int(c.length))
	r.to.write(uint32(by)&(1<<size-1), size)
	return nil
}

// extend gives bits their sign. T.81, section F.2.2.1.
func extend(value uint32, size int) int {
	if size > 0 && value < 1<<(size-1) {
		return int(value) - (1<<size - 1)
	}
	return int(value)
}
