package thumb

import (
	"encoding/binary"
	"errors"
	"fmt"
	"image"
)

// What can be wrong with a picture. Quarter wraps them.
var (
	ErrTruncated   = errors.New("picture ends early")
	ErrDamaged     = errors.New("picture damaged")
	ErrUnsupported = errors.New("not a baseline JPEG of grey or of luma and chroma, or too large")
)

// maxPixels bounds what a header can make Quarter allocate: 3 MB.
const maxPixels = 4096 * 4096

// Quarter reads a picture at a quarter of its width and height, rounded up. Chroma is sampled as in the
// picture; grey has neutral chroma. With an error the image has the rows that were whole before, or is nil.
//
// Pictures are baseline JPEG (SOF0, or SOF1 with 8 bits) of one component or three, in one scan or several.
// Huffman tables that are missing are the standard ones; fill bytes may stand before markers. Errors are
// ErrTruncated, ErrDamaged or ErrUnsupported, wrapped.
func Quarter(jpeg []byte) (*image.YCbCr, error) { return new(Decoder).Quarter(jpeg) }

// Decoder is Quarter for many pictures: it keeps buffers and tables. The zero value is ready. It belongs to
// one goroutine.
type Decoder struct {
	codes [2][4]*code // last seen that are not standard, by class and number
	scan  []byte      // a restart interval without stuffing, with padding behind it
	plane [3][]byte
	image image.YCbCr
	pic   picture
}

// picture is what the headers of one picture say.
type picture struct {
	width, height int // in pixels; 0 before SOF
	across, down  int // MCUs
	parts         [3]part
	count         int // of parts: 1 or 3
	quant         [4][4]int32
	quantized     [4]bool
	codes         [2][4]*code
	restart       int // MCUs in a restart interval; 0 when there are none
}

// part is a component of a picture.
type part struct {
	id         uint8
	wide, high int // blocks in an MCU
	quant      uint8
	read       bool // its scan has begun
	pix        []byte
	stride     int
	rows       int // of pix that are whole
}

// Quarter is the function Quarter. The image is the decoder's own and stands until the next call.
func (d *Decoder) Quarter(jpeg []byte) (*image.YCbCr, error) {
	if len(jpeg) < 2 || jpeg[0] != 0xFF || jpeg[1] != soi {
		return nil, fmt.Errorf("make a small picture: %w: no SOI", ErrUnsupported)
	}
	d.pic = picture{codes: standard()}
	err := d.segments(jpeg)
	if err != nil {
		err = fmt.Errorf("make a small picture: %w", err)
	}
	return d.whole(err == nil), err
}

// whole is the image as far as it was read.
func (d *Decoder) whole(complete bool) *image.YCbCr {
	p := &d.pic
	if p.count == 0 {
		return nil
	}
	luma, height := &p.parts[0], quarter(p.height)
	ratio, _ := p.ratio()
	if !complete {
		height = min(height, luma.rows)
		if p.count == 3 {
			times := luma.high / p.parts[1].high
			height = min(height, p.parts[1].rows*times, p.parts[2].rows*times)
		}
	}
	if height == 0 {
		return nil
	}
	d.image = image.YCbCr{
		Y: luma.pix, YStride: luma.stride, SubsampleRatio: ratio, Rect: image.Rect(0, 0, quarter(p.width), height),
		Cb: p.parts[1].pix, Cr: p.parts[2].pix, CStride: p.parts[1].stride,
	}
	return &d.image
}

// quarter is how many of a quarter's pixels cover n.
func quarter(n int) int { return (n + 3) / 4 }

// ratio is how chroma is sampled; not ok for what image.YCbCr does not know.
func (p *picture) ratio() (image.YCbCrSubsampleRatio, bool) {
	if p.count == 1 {
		return image.YCbCrSubsampleRatio420, true
	}
	luma, cb, cr := &p.parts[0], &p.parts[1], &p.parts[2]
	if cb.wide != cr.wide || cb.high != cr.high || luma.wide%cb.wide != 0 || luma.high%cb.high != 0 {
		return 0, false
	}
	switch [2]int{luma.wide / cb.wide, luma.high / cb.high} {
	case [2]int{1, 1}:
		return image.YCbCrSubsampleRatio444, true
	case [2]int{2, 1}:
		return image.YCbCrSubsampleRatio422, true
	case [2]int{2, 2}:
		return image.YCbCrSubsampleRatio420, true
	case [2]int{1, 2}:
		return image.YCbCrSubsampleRatio440, true
	case [2]int{4, 1}:
		return image.YCbCrSubsampleRatio411, true
	case [2]int{4, 2}:
		return image.YCbCrSubsampleRatio410, true
	}
	return 0, false
}

// frame reads SOF, and makes room. T.81, B.2.2.
func (d *Decoder) frame(b []byte) error {
	p := &d.pic
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
	if p.height == 0 || p.width == 0 || p.width*p.height > maxPixels {
		return fmt.Errorf("%w: %d×%d", ErrUnsupported, p.width, p.height)
	}
	wide, high := 1, 1
	for i := range int(b[5]) {
		c := b[6+3*i:]
		part := part{id: c[0], wide: int(c[1] >> 4), high: int(c[1] & 15), quant: c[2]}
		if part.wide < 1 || part.wide > 4 || part.high < 1 || part.high > 4 || part.quant > 3 {
			return fmt.Errorf("%w: component %d", ErrDamaged, i)
		}
		if b[5] == 1 {
			part.wide, part.high = 1, 1 // a block is the MCU of the only component. T.81, A.2.2
		}
		p.parts[i] = part
		wide, high = max(wide, part.wide), max(high, part.high)
	}
	count := int(b[5])
	p.count = count
	if _, ok := p.ratio(); !ok {
		p.count = 0
		return fmt.Errorf("%w: chroma sampled otherwise", ErrUnsupported)
	}
	p.across, p.down = (p.width+8*wide-1)/(8*wide), (p.height+8*high-1)/(8*high)
	for i := range count {
		part := &p.parts[i]
		part.stride = 2 * part.wide * p.across
		part.pix = d.room(i, part.stride*2*part.high*p.down)
	}
	if count == 1 {
		stride := p.across // two pixels a block, half as many of chroma
		for i := 1; i < 3; i++ {
			p.parts[i].pix, p.parts[i].stride = d.room(i, stride*p.down), stride
			for k := range p.parts[i].pix {
				p.parts[i].pix[k] = 128
			}
		}
	}
	return nil
}

// room is a plane of so many bytes.
func (d *Decoder) room(i, n int) []byte {
	if cap(d.plane[i]) < n {
		d.plane[i] = make([]byte, n)
	}
	return d.plane[i][:n]
}

// quantizers reads DQT, of which the four lowest of each table matter. T.81, B.2.4.1.
func (p *picture) quantizers(b []byte) error {
	for len(b) > 0 {
		precision, number := b[0]>>4, b[0]&15
		n := 1 + 64*(1+int(precision))
		if precision > 1 || number > 3 || len(b) < n {
			return fmt.Errorf("%w: DQT", ErrDamaged)
		}
		for i, place := range lowest {
			if precision == 0 {
				p.quant[number][i] = int32(b[1+place])
			} else {
				p.quant[number][i] = int32(binary.BigEndian.Uint16(b[1+2*place:]))
			}
		}
		p.quantized[number] = true
		b = b[n:]
	}
	return nil
}

// lowest are the places of the four lowest coefficients in zigzag order: the mean, and what rises to the
// right, downwards, and both ways. T.81, A.3.6.
var lowest = [4]int{0, 1, 2, 4}
