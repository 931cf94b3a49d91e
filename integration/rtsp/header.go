package rtsp

import "bytes"

// header is what stands before a JPEG's scan. ITU T.81, Annex B.
type header struct {
	width, height int
	parts         []part
	restart       int // MCUs between two restart markers; 0 without
	rgb           bool
	quantization  [4][]byte    // in zigzag order
	huffman       [2][4][]byte // of DC and AC by number: 16 counts, and the symbols; nil: not in the file
	scan          []byte       // all behind the header
}

// part is a colour component.
type part struct {
	id       byte
	sampling byte // as in the file: horizontal in the upper four bits
	table    byte // of quantization
	dc, ac   byte // tables of Huffman codes
}

// readHeader reads up to the scan.
func readHeader(jpeg []byte) (*header, error) {
	if len(jpeg) < 4 || jpeg[0] != 0xFF || jpeg[1] != 0xD8 {
		return nil, broken("it does not begin as one")
	}
	h := new(header)
	for rest := jpeg[2:]; ; {
		if len(rest) < 2 || rest[0] != 0xFF {
			return nil, broken("a marker is missing in its header")
		}
		marker := rest[1]
		if marker == 0xFF { // a fill byte
			rest = rest[1:]
			continue
		}
		if len(rest) < 4 || marker == 0xD9 {
			return nil, broken("it ends before its scan")
		}
		size := int(rest[2])<<8 | int(rest[3])
		if size < 2 || len(rest) < 2+size {
			return nil, broken("segment %02x of %d bytes reaches beyond its end", marker, size)
		}
		body := rest[4 : 2+size]
		rest = rest[2+size:]
		if err := h.segment(marker, body); err != nil {
			return nil, err
		}
		if marker == 0xDA {
			h.scan = rest
			return h, nil
		}
	}
}

func (h *header) segment(marker byte, body []byte) error {
	switch marker {
	case 0xC0, 0xC1:
		return h.frame(body)
	case 0xC4:
		return h.codes(body)
	case 0xC2, 0xC3, 0xC5, 0xC6, 0xC7, 0xC9, 0xCA, 0xCB, 0xCD, 0xCE, 0xCF:
		return unfit("it is not coded as a baseline JPEG (SOF%d)", marker-0xC0)
	case 0xDA:
		return h.begin(body)
	case 0xDB:
		return h.quantize(body)
	case 0xDD:
		if len(body) != 2 {
			return broken("its restart interval has %d bytes, want 2", len(body))
		}
		h.restart = int(body[0])<<8 | int(body[1])
	case 0xEE: // Adobe's; 0 says that colours are not made of brightness and two differences
		h.rgb = len(body) >= 12 && bytes.HasPrefix(body, []byte("Adobe")) && body[11] == 0
	}
	return nil
}

func (h *header) frame(body []byte) error {
	if h.parts != nil {
		return broken("it has two frames")
	}
	if len(body) < 6 || len(body) != 6+3*int(body[5]) || body[5] == 0 || body[5] > 4 {
		return broken("its frame header has %d bytes", len(body))
	}
	if body[0] != 8 {
		return unfit("it has %d bits a sample, want 8", body[0])
	}
	h.height, h.width = int(body[1])<<8|int(body[2]), int(body[3])<<8|int(body[4])
	if h.width == 0 || h.height == 0 {
		return unfit("it is %d×%d", h.width, h.height)
	}
	for c := body[6:]; len(c) > 0; c = c[3:] {
		if c[2] > 3 {
			return broken("it names quantization table %d, and 3 is the last", c[2])
		}
		h.parts = append(h.parts, part{id: c[0], sampling: c[1], table: c[2]})
	}
	return nil
}

func (h *header) quantize(body []byte) error {
	for len(body) > 0 {
		wide, number := body[0]>>4, body[0]&15
		size := 64 << (wide & 1)
		if wide > 1 || number > 3 || len(body) < 1+size {
			return broken("its quantization tables have %d bytes too few, or too many", len(body))
		}
		table := body[1 : 1+size]
		if wide == 1 { // two bytes each, of which receivers want one
			narrow := make([]byte, 64)
			for i := range narrow {
				if table[2*i] != 0 {
					return unfit("it is quantized by more than 255")
				}
				narrow[i] = table[2*i+1]
			}
			table = narrow
		}
		h.quantization[number] = table
		body = body[1+size:]
	}
	return nil
}

func (h *header) codes(body []byte) error {
	for len(body) > 0 {
		if len(body) < 17 || body[0]>>4 > 1 || body[0]&15 > 3 {
			return broken("its Huffman tables end early, or have numbers that are none")
		}
		size := 16
		for _, n := range body[1:17] {
			size += int(n)
		}
		if size > 16+256 || len(body) < 1+size {
			return broken("a Huffman table of %d bytes reaches beyond its end", size)
		}
		h.huffman[body[0]>>4][body[0]&15] = body[1 : 1+size]
		body = body[1+size:]
	}
	return nil
}

// begin reads the header of the scan: one scan with all colours, in their order.
func (h *header) begin(body []byte) error {
	if h.parts == nil {
		return broken("its scan comes before its frame")
	}
	if len(body) < 1 || len(body) != 4+2*int(body[0]) {
		return broken("its scan header has %d bytes", len(body))
	}
	if int(body[0]) != len(h.parts) {
		return unfit("it has a scan for each colour")
	}
	for i := range h.parts {
		id, tables := body[1+2*i], body[2+2*i]
		if id != h.parts[i].id || tables>>4 > 3 || tables&15 > 3 {
			return broken("its scan names colour %d with the tables %02x", id, tables)
		}
		h.parts[i].dc, h.parts[i].ac = tables>>4, tables&15
	}
	return nil
}

// code is the Huffman table of a colour: DC with class 0, AC with 1. Cameras of Motion JPEG leave the tables of
// Annex K out.
func (h *header) code(class int, of part) []byte {
	number := of.dc
	if class == 1 {
		number = of.ac
	}
	if table := h.huffman[class][number]; table != nil {
		return table
	}
	return annexK(class, int(min(number, 1)))
}

// standard tells whether the scan is coded as receivers take for granted.
func (h *header) standard() bool {
	for i, p := range h.parts {
		for class := range 2 {
			if !bytes.Equal(h.code(class, p), annexK(class, min(i, 1))) {
				return false
			}
		}
	}
	return true
}
