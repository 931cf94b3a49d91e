package avi

// IsPicture tells whether WriteFrame takes these bytes for a picture: a JPEG with a frame header, of
// at most MaxPicture bytes.
func IsPicture(jpeg []byte) bool {
	_, _, ok := pictureSize(jpeg)
	return ok && len(jpeg) <= MaxPicture
}

// pictureSize finds width and height in a JPEG's frame header (SOF0, SOF1 or SOF2; ITU T.81
// B.2.2), reading no further than it. Any number of fill bytes FF before a marker is legal
// (T.81 B.1.1.2), and real cameras write them. docs/protocol.md, section 5.
func pictureSize(jpeg []byte) (width, height int, ok bool) {
	if len(jpeg) < 4 || jpeg[0] != 0xFF || jpeg[1] != 0xD8 {
		return 0, 0, false
	}
	for b := jpeg[2:]; len(b) >= 2 && b[0] == 0xFF; {
		marker := b[1]
		switch {
		case marker == 0xFF:
			b = b[1:]
			continue
		case marker == 0x01 || marker >= 0xD0 && marker <= 0xD8: // TEM, RSTn, SOI: no length
			b = b[2:]
			continue
		case marker == 0xD9 || marker == 0xDA: // EOI, SOS: no frame header came
			return 0, 0, false
		}
		if len(b) < 4 {
			return 0, 0, false
		}
		length := int(b[2])<<8 | int(b[3])
		if marker >= 0xC0 && marker <= 0xC2 {
			if length < 8 || len(b) < 9 {
				return 0, 0, false
			}
			height, width = int(b[5])<<8|int(b[6]), int(b[7])<<8|int(b[8])
			if width == 0 || height == 0 {
				return 0, 0, false
			}
			return width, height, true
		}
		if length < 2 || len(b) < 2+length {
			return 0, 0, false
		}
		b = b[2+length:]
	}
	return 0, 0, false
}
