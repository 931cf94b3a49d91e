package motion

import (
	"bytes"
	"encoding/binary"
	"fmt"
)

// Markers. T.81, table B.1.
const (
	sof0 = 0xC0
	sof1 = 0xC1
	dht  = 0xC4
	jpg  = 0xC8
	dac  = 0xCC
	sofF = 0xCF
	rst0 = 0xD0
	rst7 = 0xD7
	soi  = 0xD8
	eoi  = 0xD9
	sos  = 0xDA
	dqt  = 0xDB
	dri  = 0xDD
	tem  = 0x01
)

// segments goes from marker to marker up to the scan that has luma in it, and through that.
func (d *Decoder) segments(jpeg []byte) (Luma, error) {
	for at := 2; ; {
		marker, behind, ok := nextMarker(jpeg, at)
		if !ok {
			return Luma{}, fmt.Errorf("%w: no scan", ErrTruncated)
		}
		at = behind
		switch {
		case marker == eoi || marker == soi:
			return Luma{}, fmt.Errorf("%w: marker %#x before a scan", ErrDamaged, marker)
		case marker == tem || marker >= rst0 && marker <= rst7:
			continue // without a length
		case marker > sof1 && marker <= sofF && marker != dht && marker != jpg:
			return Luma{}, fmt.Errorf("%w: SOF %#x", ErrUnsupported, marker)
		}
		body, behind, err := segment(jpeg, at)
		if err != nil {
			return Luma{}, err
		}
		at = behind
		switch marker {
		case sof0, sof1:
			err = d.pic.frame(body)
		case dqt:
			err = d.pic.quantizers(body)
		case dht:
			err = d.huffman(body)
		case dri:
			if len(body) != 2 {
				return Luma{}, fmt.Errorf("%w: DRI of %d bytes", ErrDamaged, len(body))
			}
			d.pic.restart = int(binary.BigEndian.Uint16(body))
		case sos:
			s, has, err := d.scanOf(body)
			if err != nil {
				return Luma{}, err
			}
			if has {
				return d.decodeScan(&s, jpeg[at:])
			}
			continue // a scan of chroma alone: what stands in it is passed over like garbage
		}
		if err != nil {
			return Luma{}, err
		}
	}
}

// nextMarker finds the next marker and what stands behind it. Bytes before it are passed over, as
// libjpeg does, and so are fill bytes: any number of 0xFF may precede a marker. T.81, B.1.1.2.
func nextMarker(b []byte, at int) (marker byte, behind int, ok bool) {
	for at < len(b) {
		i := bytes.IndexByte(b[at:], 0xFF)
		if i < 0 {
			break
		}
		for at += i; at < len(b) && b[at] == 0xFF; {
			at++
		}
		if at < len(b) && b[at] != 0 {
			return b[at], at + 1, true
		}
		at++
	}
	return 0, 0, false
}

// segment is the body of a marker segment, whose length counts itself. T.81, B.1.1.4.
func segment(b []byte, at int) (body []byte, behind int, err error) {
	if len(b)-at < 2 {
		return nil, 0, fmt.Errorf("%w: in a header", ErrTruncated)
	}
	n := int(binary.BigEndian.Uint16(b[at:]))
	if n < 2 {
		return nil, 0, fmt.Errorf("%w: segment of %d bytes", ErrDamaged, n)
	}
	if n > len(b)-at {
		return nil, 0, fmt.Errorf("%w: in a header", ErrTruncated)
	}
	return b[at+2 : at+n], at + n, nil
}

// frame reads SOF. T.81, B.2.2.
func (p *picture) frame(b []byte) error {
	if p.count != 0 {
		return fmt.Errorf("%w: a second SOF", ErrDamaged)
	}
	if len(b) < 6 || len(b) != 6+3*int(b[5]) {
		return fmt.Errorf("%w: SOF of %d bytes", ErrDamaged, len(b))
	}
	if b[0] != 8 || b[5] != 1 && b[5] != 3 {
		return fmt.Errorf("%w: %d bits, %d components", ErrUnsupported, b[0], b[5])
	}
	p.height, p.width = int(binary.BigEndian.Uint16(b[1:])), int(binary.BigEndian.Uint16(b[3:]))
	if p.height == 0 || p.width == 0 || cells(p.width)*cells(p.height) > maxCells {
		return fmt.Errorf("%w: %d×%d", ErrUnsupported, p.width, p.height)
	}
	for i := range int(b[5]) {
		c := b[6+3*i:]
		p.parts[i] = part{id: c[0], across: int(c[1] >> 4), down: int(c[1] & 15), quant: c[2]}
		got := p.parts[i]
		if got.across < 1 || got.across > 4 || got.down < 1 || got.down > 4 || got.quant > 3 {
			return fmt.Errorf("%w: component %d", ErrDamaged, i)
		}
		if got.across > p.parts[0].across || got.down > p.parts[0].down {
			// libjpeg would scale such luma up from another size of block.
			return fmt.Errorf("%w: chroma finer than luma", ErrUnsupported)
		}
	}
	p.count = int(b[5])
	return nil
}

// cells is how many blocks of eight pixels cover n.
func cells(n int) int { return (n + 7) / 8 }

// quantizers reads DQT, of which the first value of each table matters alone. T.81, B.2.4.1.
func (p *picture) quantizers(b []byte) error {
	for len(b) > 0 {
		precision, number := b[0]>>4, b[0]&15
		n := 1 + 64*(1+int(precision))
		if precision > 1 || number > 3 || len(b) < n {
			return fmt.Errorf("%w: DQT", ErrDamaged)
		}
		if precision == 0 {
			p.quant[number] = int32(b[1])
		} else {
			p.quant[number] = int32(binary.BigEndian.Uint16(b[1:]))
		}
		b = b[n:]
	}
	return nil
}

// huffman reads DHT. Tables that came before, or that are the standard ones, are not built again.
// T.81, B.2.4.2.
func (d *Decoder) huffman(b []byte) error {
	for len(b) > 0 {
		class, number := b[0]>>4, b[0]&15
		if class > 1 || number > 3 {
			return fmt.Errorf("%w: DHT", ErrDamaged)
		}
		b = b[1:]
		known := standard().codes[class][number]
		if known == nil || !bytes.HasPrefix(b, known.raw) {
			known = d.codes[class][number]
		}
		if known == nil || !bytes.HasPrefix(b, known.raw) {
			var err error
			if known, _, err = parseCode(b, class == 0); err != nil {
				return err
			}
			d.codes[class][number] = known
		}
		d.pic.codes[class][number] = known
		b = b[len(known.raw):]
	}
	return nil
}

// pair is the tables of a component, built when they are first wanted.
func (d *Decoder) pair(dc, ac uint8) (*pair, error) {
	wantDC, wantAC := d.pic.codes[0][dc], d.pic.codes[1][ac]
	if wantDC == nil || wantAC == nil {
		return nil, fmt.Errorf("%w: no huffman tables %d and %d", ErrDamaged, dc, ac)
	}
	for _, p := range standard().pairs {
		if p.dc == wantDC && p.ac == wantAC {
			return p, nil
		}
	}
	p := d.pairs[dc][ac]
	if p == nil || p.dc != wantDC || p.ac != wantAC {
		p = newPair(wantDC, wantAC)
		d.pairs[dc][ac] = p
	}
	return p, nil
}
