package v720

import (
	"bytes"
	"encoding/binary"
)

// MaxPicture bounds a picture under assembly, in bytes: 40 times what an A9 sends, 8 times what
// a 1280×720 model does. What grows past it is dropped and counted.
const MaxPicture = 1 << 20

// trailerSize is what stands behind a picture: one 0x00 and a u32. docs/protocol.md, section 5.
const trailerSize = 5

// tailSize is how far from the end EOI is searched where it is not where it should be.
const tailSize = 64

var (
	soi = []byte{0xFF, 0xD8}
	eoi = []byte{0xFF, 0xD9}
)

// trimPicture cuts the camera's trailer from the assembled payloads of one picture. jpeg begins
// with SOI, ends with EOI and shares data's memory; it is nil where one of them is not there.
// sized tells whether the trailer's size field is one of those known to be right: the picture's
// length L, L+1 (seen in one log), or what four or five bytes less than all would be.
//
// The place that the trailer implies is looked at before any search: a length of 0xD9FF reads
// "FF D9" in the trailer itself. docs/protocol.md, section 5.
func trimPicture(data []byte) (jpeg []byte, sized bool) {
	if !bytes.HasPrefix(data, soi) {
		return nil, false
	}
	total := len(data)
	end := 0
	switch {
	case bytes.HasSuffix(data[:max(0, total-trailerSize)], eoi):
		end = total - trailerSize
	case bytes.HasSuffix(data[:max(0, total-4)], eoi):
		end = total - 4
	default:
		from := max(len(soi), total-tailSize)
		at := bytes.LastIndex(data[min(from, total):], eoi)
		if at < 0 {
			return nil, false
		}
		end = from + at + len(eoi)
	}
	if end < len(soi)+len(eoi) {
		return nil, false
	}
	if total >= 4 {
		size := int64(binary.LittleEndian.Uint32(data[total-4:]))
		length := int64(end)
		sized = size == length || size == length+1 || size == int64(total)-4 || size == int64(total)-5
	}
	return data[:end], sized
}
