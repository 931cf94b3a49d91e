package avi

import "testing"

var pictureSizes = []struct {
	name          string
	jpeg          string
	width, height int
	ok            bool
}{
	{"frame header at once", "\xff\xd8\xff\xc0\x00\x11\x08\x01\xe0\x02\x80\x03", 640, 480, true},
	{"extended", "\xff\xd8\xff\xc1\x00\x11\x08\x00\x02\x00\x03\x03", 3, 2, true},
	{"progressive behind APP0", "\xff\xd8\xff\xe0\x00\x04ab\xff\xc2\x00\x11\x08\x01\xc2\x03\x20\x03", 800, 450, true},
	{"fill bytes", "\xff\xd8\xff\xff\xff\xdb\x00\x03x\xff\xff\xff\xff\xc0\x00\x11\x08\x01\xe0\x01\xe0\x03", 480, 480, true},
	{"DHT is no frame header", "\xff\xd8\xff\xc4\x00\x11\x08\x01\xe0\x02\x80\x03", 0, 0, false},
	{"scan without frame header", "\xff\xd8\xff\xda\xff\xc0\x00\x11\x08\x01\xe0\x02\x80\x03", 0, 0, false},
	{"cut in the frame header", "\xff\xd8\xff\xc0\x00\x11\x08\x01\xe0", 0, 0, false},
	{"cut behind a marker", "\xff\xd8\xff\xff", 0, 0, false},
	{"segment of length 1", "\xff\xd8\xff\xe0\x00\x01\xff\xc0\x00\x11\x08\x01\xe0\x02\x80\x03", 0, 0, false},
	{"no width", "\xff\xd8\xff\xc0\x00\x11\x08\x01\xe0\x00\x00\x03", 0, 0, false},
	{"no SOI", "\xff\xc0\x00\x11\x08\x01\xe0\x02\x80\x03", 0, 0, false},
	{"nothing", "", 0, 0, false},
}

func TestPictureSizeIsReadFromTheFrameHeader(t *testing.T) {
	for _, c := range pictureSizes {
		width, height, ok := pictureSize([]byte(c.jpeg))
		if width != c.width || height != c.height || ok != c.ok {
			t.Errorf("%s: %dx%d %v, want %dx%d %v", c.name, width, height, ok, c.width, c.height, c.ok)
		}
	}
	if width, height, ok := pictureSize(realPicture(t)); width != 640 || height != 480 || !ok {
		t.Errorf("a picture of a real camera: %dx%d %v, want 640x480", width, height, ok)
	}
}
