package rtsp

import (
	"bytes"
	"errors"
	"fmt"
)

// picture is what RFC 2435 carries of a JPEG. Of everything else in it, a receiver makes the headers anew.
type picture struct {
	kind          byte      // 0: 4:2:2, 1: 4:2:0. Section 4.1
	width, height int       // multiples of 8, 2040 at most
	tables        [128]byte // quantization of brightness and colour, in zigzag order
	scan          []byte    // entropy-coded, without the marker at its end
}

// mostSize of a picture, in either direction: a byte holds eighths. RFC 2435, sections 3.1.5 and 3.1.6.
const mostSize = 2040

// errNoJPEG is a picture that cannot be read; it wraps what is wrong.
var errNoJPEG = errors.New("it is no JPEG that can be read")

// errUnfit is a picture that RFC 2435 has no place for, and that cannot be made fit without loss.
var errUnfit = errors.New("RTP has no place for it (RFC 2435)")

func broken(format string, args ...any) error {
	return fmt.Errorf("%w: %s", errNoJPEG, fmt.Sprintf(format, args...))
}

func unfit(format string, args ...any) error {
	return fmt.Errorf("%w: %s", errUnfit, fmt.Sprintf(format, args...))
}

// fitter makes pictures fit for RFC 2435. What it returns is good until it is asked again; it is for one goroutine.
type fitter struct {
	scan, recoded []byte // when it is another one than the camera's
	coding        [4]decoding
	ac            []uint32
	row           []block
	anew          bool // the last one was coded anew
}

// fit reads a JPEG and makes it fit without touching a coefficient:
//
//   - fill bytes before markers go;
//   - other Huffman tables than those of ITU T.81, Annex K, which receivers take for granted, are written in
//     those, symbol by symbol;
//   - restart markers go: the RFC has a place for them, and many receivers do not;
//   - blocks of 4:2:2 that stand in squares of 16 by 16, as ffmpeg has them, are put in order;
//   - a grey picture gets colours that are grey;
//   - a size that is no multiple of 8 becomes one: the encoder has filled its blocks anyway, and that part is
//     seen, up to 7 pixels at the right and the lower edge.
//
// 4:4:4, progressive pictures and those beyond 2040 pixels cannot be made fit without loss.
func (f *fitter) fit(jpeg []byte) (p picture, err error) {
	h, err := readHeader(jpeg)
	if err != nil {
		return picture{}, err
	}
	if p, err = h.shape(); err != nil {
		return picture{}, err
	}
	if p.scan, err = f.plain(h.scan, h.restart > 0); err != nil {
		return picture{}, err
	}
	f.anew = len(h.parts) == 1 || h.parts[0].sampling == 0x22 && p.kind == 0 || h.restart > 0 || !h.standard()
	if f.anew {
		if p.scan, err = f.recode(h, p.scan); err != nil {
			return picture{}, err
		}
	}
	return p, nil
}

// shape is all of a picture but its scan.
func (h *header) shape() (p picture, err error) {
	p = picture{width: (h.width + 7) &^ 7, height: (h.height + 7) &^ 7}
	if p.width > mostSize || p.height > mostSize {
		return p, unfit("it is %d×%d, and %d is the most", h.width, h.height, mostSize)
	}
	switch {
	case len(h.parts) == 1: // becomes 4:2:2
	case len(h.parts) != 3:
		return p, unfit("it has %d colours, want 3, or grey", len(h.parts))
	case h.rgb:
		return p, unfit("its colours are red, green and blue")
	default:
		switch sampled := fmt.Sprintf("%02x %02x %02x", h.parts[0].sampling, h.parts[1].sampling, h.parts[2].sampling); sampled {
		case "21 11 11", "22 12 12":
		case "22 11 11":
			p.kind = 1
		default:
			return p, unfit("its colours are sampled %s, want 4:2:2 or 4:2:0", sampled)
		}
	}
	colour := h.parts[len(h.parts)-1]
	for i, part := range []*part{&h.parts[0], &colour} {
		table := h.quantization[part.table]
		if table == nil {
			return p, broken("its quantization table %d is missing", part.table)
		}
		copy(p.tables[64*i:], table)
	}
	if len(h.parts) == 3 && h.parts[1].table != h.parts[2].table && !bytes.Equal(h.quantization[h.parts[1].table], h.quantization[h.parts[2].table]) {
		return p, unfit("its two colours have quantization tables of their own")
	}
	return p, nil
}

// plain takes the fill bytes out of a scan, and ends it before its marker. Without any it is the camera's own bytes.
func (f *fitter) plain(scan []byte, restarts bool) ([]byte, error) {
	out, from := f.scan[:0], 0 // what stands before from is in out
	for at := 0; ; {
		next := bytes.IndexByte(scan[at:], 0xFF)
		if next < 0 || at+next+1 == len(scan) { // it ends without a marker
			end := len(scan)
			if next >= 0 {
				end--
			}
			return f.rest(out, scan[from:end]), nil
		}
		at += next
		switch marker := scan[at+1]; {
		case marker == 0x00:
			at += 2
		case marker == 0xFF: // a fill byte: T.81, section B.1.1.2
			out = append(out, scan[from:at]...)
			at++
			from = at
		case marker >= 0xD0 && marker <= 0xD7 && restarts:
			at += 2
		case marker == 0xD9:
			return f.rest(out, scan[from:at]), nil
		default:
			return nil, unfit("marker %02x stands in its scan", marker)
		}
	}
}

func (f *fitter) rest(out, rest []byte) []byte {
	if len(out) == 0 {
		return rest
	}
	f.scan = append(out, rest...)
	return f.scan
}
