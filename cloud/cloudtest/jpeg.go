package cloudtest

import (
	"encoding/binary"
	"math"
)

// The camera's own JPEG (docs/protocol.md, section 5; a test holds the head against a real
// picture byte for byte): baseline, 4:2:2, two quantization tables, the standard Huffman
// tables of ITU-T T.81 Annex K, no restart markers, fill bytes before three of the markers.

// lumaQuant and chromaQuant are the real camera's, in zigzag order.
var lumaQuant = [64]byte{
	4, 3, 3, 3, 3, 2, 4, 3, 3, 3, 4, 4, 4, 5, 6, 10,
	6, 6, 5, 5, 6, 13, 9, 10, 7, 10, 15, 13, 16, 15, 15, 13,
	14, 14, 17, 19, 24, 20, 17, 18, 23, 18, 14, 14, 21, 29, 21, 23,
	25, 26, 27, 27, 27, 16, 20, 30, 32, 29, 26, 31, 24, 27, 27, 26,
}

var chromaQuant = [64]byte{
	4, 4, 4, 6, 5, 6, 12, 6, 6, 12, 26, 17, 14, 17, 26, 26,
	26, 26, 26, 26, 26, 26, 26, 26, 26, 26, 26, 26, 26, 26, 26, 26,
	26, 26, 26, 26, 26, 26, 26, 26, 26, 26, 26, 26, 26, 26, 26, 26,
	26, 26, 26, 26, 26, 26, 26, 26, 26, 26, 26, 26, 26, 26, 26, 26,
}

// zigzag gives the place in a block, row by row, of each coefficient (T.81, figure A.6).
var zigzag = [64]int{
	0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5,
	12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13, 6, 7, 14, 21, 28,
	35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51,
	58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63,
}

// huffmanTable is a DHT segment's content, and the code that it gives to each symbol.
type huffmanTable struct {
	class  byte // as DHT writes it: 0x00, 0x01 DC, 0x10, 0x11 AC
	counts [16]byte
	values string
	code   [256]uint16
	length [256]uint8
}

// The standard tables, T.81 K.3 to K.6.
var (
	dcLuma   = newHuffman(0x00, [16]byte{0, 1, 5, 1, 1, 1, 1, 1, 1}, "\x00\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b")
	dcChroma = newHuffman(0x01, [16]byte{0, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1}, "\x00\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b")
	acLuma   = newHuffman(0x10, [16]byte{0, 2, 1, 3, 3, 2, 4, 3, 5, 5, 4, 4, 0, 0, 1, 125},
		"\x01\x02\x03\x00\x04\x11\x05\x12\x21\x31\x41\x06\x13\x51\x61\x07\x22\x71\x14\x32\x81\x91\xa1\x08\x23\x42\xb1\xc1\x15\x52\xd1\xf0"+
			"\x24\x33\x62\x72\x82\x09\x0a\x16\x17\x18\x19\x1a\x25\x26\x27\x28\x29\x2a\x34\x35\x36\x37\x38\x39\x3a\x43\x44\x45\x46\x47\x48\x49"+
			"\x4a\x53\x54\x55\x56\x57\x58\x59\x5a\x63\x64\x65\x66\x67\x68\x69\x6a\x73\x74\x75\x76\x77\x78\x79\x7a\x83\x84\x85\x86\x87\x88\x89"+
			"\x8a\x92\x93\x94\x95\x96\x97\x98\x99\x9a\xa2\xa3\xa4\xa5\xa6\xa7\xa8\xa9\xaa\xb2\xb3\xb4\xb5\xb6\xb7\xb8\xb9\xba\xc2\xc3\xc4\xc5"+
			"\xc6\xc7\xc8\xc9\xca\xd2\xd3\xd4\xd5\xd6\xd7\xd8\xd9\xda\xe1\xe2\xe3\xe4\xe5\xe6\xe7\xe8\xe9\xea\xf1\xf2\xf3\xf4\xf5\xf6\xf7\xf8\xf9\xfa")
	acChroma = newHuffman(0x11, [16]byte{0, 2, 1, 2, 4, 4, 3, 4, 7, 5, 4, 4, 0, 1, 2, 119},
		"\x00\x01\x02\x03\x11\x04\x05\x21\x31\x06\x12\x41\x51\x07\x61\x71\x13\x22\x32\x81\x08\x14\x42\x91\xa1\xb1\xc1\x09\x23\x33\x52\xf0"+
			"\x15\x62\x72\xd1\x0a\x16\x24\x34\xe1\x25\xf1\x17\x18\x19\x1a\x26\x27\x28\x29\x2a\x35\x36\x37\x38\x39\x3a\x43\x44\x45\x46\x47\x48"+
			"\x49\x4a\x53\x54\x55\x56\x57\x58\x59\x5a\x63\x64\x65\x66\x67\x68\x69\x6a\x73\x74\x75\x76\x77\x78\x79\x7a\x82\x83\x84\x85\x86\x87"+
			"\x88\x89\x8a\x92\x93\x94\x95\x96\x97\x98\x99\x9a\xa2\xa3\xa4\xa5\xa6\xa7\xa8\xa9\xaa\xb2\xb3\xb4\xb5\xb6\xb7\xb8\xb9\xba\xc2\xc3"+
			"\xc4\xc5\xc6\xc7\xc8\xc9\xca\xd2\xd3\xd4\xd5\xd6\xd7\xd8\xd9\xda\xe2\xe3\xe4\xe5\xe6\xe7\xe8\xe9\xea\xf2\xf3\xf4\xf5\xf6\xf7\xf8\xf9\xfa")
)

// newHuffman numbers the codes as T.81 C.2 does.
func newHuffman(class byte, counts [16]byte, values string) *huffmanTable {
	t := &huffmanTable{class: class, counts: counts, values: values}
	code, next := uint16(0), 0
	for i, count := range counts {
		for range count {
			t.code[values[next]], t.length[values[next]] = code, uint8(i+1)
			code++
			next++
		}
		code <<= 1
	}
	return t
}

const (
	fillBeforeDQT1 = "\xff\xff\xff"
	fillBeforeSOS  = "\xff\xff"
	pictureEnd     = "\xff\xff\xff" + "\xff\xd9" // fill bytes, EOI
)

// pictureHead is all that stands before the scan.
func pictureHead(width, height int) []byte {
	// APP0 with the camera's idea of a density: the default picture is 0x0280 × 0x01E0.
	b := []byte("\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00")
	b = binary.BigEndian.AppendUint16(b, uint16(width))
	b = binary.BigEndian.AppendUint16(b, uint16(height))
	b = append(b, "\x00\x00\xff\xc0\x00\x11\x08"...)
	b = binary.BigEndian.AppendUint16(b, uint16(height))
	b = binary.BigEndian.AppendUint16(b, uint16(width))
	b = append(b, "\x03\x01\x21\x00\x02\x11\x01\x03\x11\x01"...) // 4:2:2
	b = append(b, "\xff\xdb\x00\x43\x00"...)
	b = append(b, lumaQuant[:]...)
	b = append(b, fillBeforeDQT1+"\xff\xdb\x00\x43\x01"...)
	b = append(b, chromaQuant[:]...)
	for _, t := range []*huffmanTable{dcLuma, dcChroma, acLuma, acChroma} {
		b = append(b, 0xFF, 0xC4)
		b = binary.BigEndian.AppendUint16(b, uint16(2+1+len(t.counts)+len(t.values)))
		b = append(b, t.class)
		b = append(b, t.counts[:]...)
		b = append(b, t.values...)
	}
	return append(b, fillBeforeSOS+"\xff\xda\x00\x0c\x03\x01\x00\x02\x11\x03\x11\x00\x3f\x00"...)
}

// cosines[u][x] is C(u)/2 · cos((2x+1)uπ/16), T.81 A.3.3.
var cosines = func() (c [8][8]float32) {
	for u := range c {
		for x := range c[u] {
			scale := 0.5
			if u == 0 {
				scale = 0.5 / math.Sqrt2
			}
			c[u][x] = float32(scale * math.Cos(float64((2*x+1)*u)*math.Pi/16))
		}
	}
	return c
}()

// transform gives the quantized coefficients of a block in zigzag order. Pixels are 0 to 255.
func transform(pixels *[64]float32, quant *[64]byte, out *[64]int16) {
	var rows, full [64]float32
	for y := range 8 {
		transform1(pixels[8*y:], rows[8*y:], 1)
	}
	for x := range 8 {
		transform1(rows[x:], full[x:], 8)
	}
	full[0] -= 128 * 8 // the level shift, all of it in the DC
	for i, place := range zigzag {
		v := full[place] / float32(quant[i])
		out[i] = int16(math.Floor(float64(v) + 0.5))
	}
}

// transform1 is the transform of 8 values that stand step apart: even coefficients from the
// sums of mirrored values, odd ones from their differences.
func transform1(in, out []float32, step int) {
	var sum, diff [4]float32
	for x := range 4 {
		a, b := in[x*step], in[(7-x)*step]
		sum[x], diff[x] = a+b, a-b
	}
	for u := range 8 {
		v, c := &sum, &cosines[u]
		if u&1 == 1 {
			v = &diff
		}
		out[u*step] = v[0]*c[0] + v[1]*c[1] + v[2]*c[2] + v[3]*c[3]
	}
}
