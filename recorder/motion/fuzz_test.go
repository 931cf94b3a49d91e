package motion

import (
	"bytes"
	"errors"
	"image"
	"image/jpeg"
	"testing"
)

// FuzzDecoder holds the decoder against image/jpeg: what that reads to its end is not cut short
// here, sizes agree, and nothing panics.
func FuzzDecoder(f *testing.F) {
	for name := range goldens(f) {
		if name != busyPicture && name != realPicture { // small ones mutate faster
			f.Add(load(f, name))
		}
	}
	f.Add(load(f, "testdata/pictures/progressive.jpg"))
	var d Decoder
	f.Fuzz(func(t *testing.T, picture []byte) {
		luma, err := d.Decode(picture)
		if luma.Rows < 0 || luma.Rows > luma.Height || len(luma.Pix) != luma.Width*luma.Height || len(luma.Pix) > maxCells {
			t.Fatalf("%d×%d with %d rows and %d bytes", luma.Width, luma.Height, luma.Rows, len(luma.Pix))
		}
		if err == nil && luma.Rows != luma.Height {
			t.Fatalf("%d rows of %d and no error", luma.Rows, luma.Height)
		}
		if err != nil && !errors.Is(err, ErrTruncated) && !errors.Is(err, ErrDamaged) && !errors.Is(err, ErrUnsupported) {
			t.Fatalf("an error of no kind: %v", err)
		}
		config, configErr := jpeg.DecodeConfig(bytes.NewReader(picture))
		if configErr != nil || config.Width*config.Height > 1<<20 {
			return
		}
		if err == nil && (luma.Width != cells(config.Width) || luma.Height != cells(config.Height)) {
			t.Fatalf("%d×%d cells of %d×%d pixels", luma.Width, luma.Height, config.Width, config.Height)
		}
		full, fullErr := jpeg.Decode(bytes.NewReader(picture))
		if _, grey := full.(*image.Gray); fullErr == nil && grey && errors.Is(err, ErrTruncated) {
			t.Fatalf("image/jpeg reads it to its end: %v", err)
		}
	})
}

// FuzzTrack reads any bytes; what it accepts comes out of a second coding the same.
func FuzzTrack(f *testing.F) {
	for _, c := range trackTable {
		f.Add(c.record)
	}
	f.Fuzz(func(t *testing.T, record []byte) {
		var first, second Change
		if err := first.DecodeTrack(record); err != nil {
			if !errors.Is(err, ErrTrack) || first.Light || bytes.ContainsFunc(first.Levels, func(r rune) bool { return r != 0 }) {
				t.Fatalf("an error that leaves something, or of no kind: %v", err)
			}
			return
		}
		for _, level := range first.Levels {
			if level > MaxLevel {
				t.Fatalf("level %d", level)
			}
		}
		coded := first.AppendTrack(nil, false)
		if err := second.DecodeTrack(coded); err != nil {
			t.Fatalf("what was coded again is not read: %v", err)
		}
		if len(coded) > 0 && !equal(&first, &second) {
			t.Fatalf("%d×%d came back as %d×%d, or with other cells", first.Width, first.Height, second.Width, second.Height)
		}
		NewJudge(Settings{}).Step(&first, frameTime(0))
	})
}
