package motion

import (
	"errors"
	"fmt"
)

// What can be wrong with a picture. Decode wraps them with the place.
var (
	ErrTruncated   = errors.New("picture ends early")
	ErrDamaged     = errors.New("picture damaged")
	ErrUnsupported = errors.New("not a baseline JPEG of luma and chroma, or too large")
)

// maxCells bounds what a header can make Decode allocate: 4096 × 4096 pixels. The cameras known
// send 1280×720 at most. docs/protocol.md, section 5.
const maxCells = 512 * 512

// Luma is a picture at an eighth of its width and height: a byte for each block of 8×8 pixels,
// its mean brightness, byte for byte what libjpeg gives at scale 1/8 in grey.
type Luma struct {
	Width, Height int    // in cells: pixels / 8, rounded up
	Rows          int    // complete rows in Pix from the top; Height unless there was an error
	Pix           []byte // Width × Height, row by row; what stands below Rows means nothing
	// Colour is how far the blocks' mean chroma is off grey, in levels and in the mean of both chroma components: 0 for
	// a picture without colour, negative where that is not known (its chroma stands in scans of its own).
	Colour float64

	spent              []uint16 // bits that each MCU took
	across, wide, high int      // MCUs in a row, and their size in cells
}

// Detail is how many bits the camera spent on a part of the picture, chroma included, to the MCU: of one
// thing the more the larger and the sharper it is, since motion blurs. 0 for a picture that no Decoder read.
func (l Luma) Detail(r Region) (bits int) {
	if len(l.spent) == 0 || r.Width <= 0 || r.Height <= 0 {
		return 0
	}
	for y := r.Y / l.high; y <= (r.Y+r.Height-1)/l.high && (y+1)*l.across <= len(l.spent); y++ {
		row := l.spent[y*l.across:][:l.across]
		for x := r.X / l.wide; x <= (r.X+r.Width-1)/l.wide && x < len(row); x++ {
			bits += int(row[x])
		}
	}
	return bits
}

// Decoder reads the luma of JPEG pictures, of which it looks at the DC coefficients alone. The
// zero value is ready. It belongs to one goroutine; one a camera keeps its buffers and tables warm.
type Decoder struct {
	codes [2][4]*code // last seen that are not standard, by class and number
	pairs [4][4]*pair // of codes of which one at least is not standard
	scan  []byte      // a restart interval without stuffing, with padding behind it
	luma  []byte
	spent []uint16
	pic   picture
}

// picture is what the headers of one picture say.
type picture struct {
	width, height int // in pixels; 0 before SOF
	parts         [3]part
	count         int      // of parts: 1 or 3
	quant         [4]int32 // the DC quantizer of each table; 0 before DQT
	codes         [2][4]*code
	restart       int // MCUs in a restart interval; 0 when there are none
}

// part is a component of a picture.
type part struct {
	id     uint8
	across int // blocks in an MCU
	down   int
	quant  uint8
}

// Decode reads a picture. Luma.Pix is the decoder's own and stands until the next call.
// With an error the rows that were whole before it are there: Luma.Rows tells how many.
//
// Pictures are baseline JPEG (SOF0, or SOF1 with 8 bits) of one component or of luma with two
// chroma components, luma sampled as finely as chroma or finer: 4:4:4, 4:2:2, 4:4:0, 4:2:0, 4:1:1.
// Huffman tables that are missing are the standard ones; fill bytes may stand before markers.
// Errors are ErrTruncated, ErrDamaged or ErrUnsupported, wrapped.
func (d *Decoder) Decode(jpeg []byte) (Luma, error) {
	if len(jpeg) < 2 || jpeg[0] != 0xFF || jpeg[1] != soi {
		return Luma{}, fmt.Errorf("decode picture: %w: no SOI", ErrUnsupported)
	}
	d.pic = picture{}
	for class, codes := range standard().codes {
		d.pic.codes[class] = codes
	}
	luma, err := d.segments(jpeg)
	if err != nil {
		return luma, fmt.Errorf("decode picture: %w", err)
	}
	return luma, nil
}
