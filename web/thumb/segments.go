package thumb

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

// segments goes from marker to marker until every component was read.
func (d *Decoder) segments(jpeg []byte) error {
	for at := 2; ; {
		marker, behind, ok := nextMarker(jpeg, at)
		if !ok {
			return fmt.Errorf("%w: before its last scan", ErrTruncated)
		}
		at = behind
		switch {
		case marker == eoi || marker == soi:
			return fmt.Errorf("%w: marker %#x before its last scan", ErrDamaged, marker)
		case marker == tem || marker >= rst0 && marker <= rst7:
			continue // without a length
		case marker > sof1 && marker <= sofF && marker != dht && marker != jpg:
			return fmt.Errorf("%w: SOF %#x", ErrUnsupported, marker)
		}
		body, behind, err := segment(jpeg, at)
		if err != nil {
			return err
		}
		at = behind
		switch marker {
		case sof0, sof1:
			err = d.frame(body)
		case dqt:
			err = d.pic.quantizers(body)
		case dht:
			err = d.huffman(body)
		case dri:
			if len(body) != 2 {
				return fmt.Errorf("%w: DRI of %d bytes", ErrDamaged, len(body))
			}
			d.pic.restart = int(binary.BigEndian.Uint16(body))
		case sos:
			var read int
			if read, err = d.scanAt(body, jpeg[at:]); err == nil && d.pic.complete() {
				return nil
			}
			at += read
		}
		if err != nil {
			return err
		}
	}
}

func (p *picture) complete() bool {
	for _, part := range p.parts[:p.count] {
		if !part.read {
			return false
		}
	}
	return true
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

// huffman reads DHT. Tables that came before, or that are the standard ones, are not built again.
// T.81, B.2.4.2.
func (d *Decoder) huffman(b []byte) error {
	for len(b) > 0 {
		class, number := b[0]>>4, b[0]&15
		if class > 1 || number > 3 {
			return fmt.Errorf("%w: DHT", ErrDamaged)
		}
		b = b[1:]
		known := standard()[class][number]
		if known == nil || !bytes.HasPrefix(b, known.raw) {
			known = d.codes[class][number]
		}
		if known == nil || !bytes.HasPrefix(b, known.raw) {
			var err error
			if known, err = newCode(b, class == 0); err != nil {
				return err
			}
			d.codes[class][number] = known
		}
		d.pic.codes[class][number] = known
		b = b[len(known.raw):]
	}
	return nil
}
