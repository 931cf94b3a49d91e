package cloudtest

import (
	"bytes"
	"image"
	"image/jpeg"
	"testing"
	"time"
)

// pictureOf draws one and decodes it.
func pictureOf(t *testing.T, l lens) *image.YCbCr {
	t.Helper()
	s, err := NewScene(SceneOptions{Width: 160, Height: 120, Bytes: 4096})
	if err != nil {
		t.Fatal(err)
	}
	decoded, err := jpeg.Decode(bytes.NewReader(l.see(s.Picture(7, time.UnixMilli(0)))))
	if err != nil {
		t.Fatal(err)
	}
	return decoded.(*image.YCbCr)
}

func TestInfraredTakesTheColourAndNothingElse(t *testing.T) {
	plain, grey := pictureOf(t, lens{}), pictureOf(t, lens{grey: true})
	if !bytes.Equal(plain.Y, grey.Y) {
		t.Error("the brightness is another one")
	}
	if bytes.Count(plain.Cb, []byte{128}) == len(plain.Cb) {
		t.Error("the scene has no colour, so that nothing is seen of this")
	}
	if bytes.Count(grey.Cb, []byte{128}) != len(grey.Cb) || bytes.Count(grey.Cr, []byte{128}) != len(grey.Cr) {
		t.Error("there is colour")
	}
}

func TestAFlipTurnsThePictureAround(t *testing.T) {
	plain := pictureOf(t, lens{})
	for name, l := range map[string]lens{"across": {horizontal: true}, "down": {vertical: true}, "both": {horizontal: true, vertical: true}} {
		flipped := pictureOf(t, l)
		for y := range 120 {
			for x := range 160 {
				fromX, fromY := x, y
				if l.horizontal {
					fromX = 159 - x
				}
				if l.vertical {
					fromY = 119 - y
				}
				want, got := int(plain.Y[plain.YOffset(fromX, fromY)]), int(flipped.Y[flipped.YOffset(x, y)])
				if want-got > 1 || got-want > 1 { // an inverse transform rounds
					t.Fatalf("%s: brightness %d at %d, %d, want %d", name, got, x, y, want)
				}
			}
		}
	}
}

func TestALensGivesBackWhatItCannotRead(t *testing.T) {
	s, err := NewScene(SceneOptions{Width: 160, Height: 120})
	if err != nil {
		t.Fatal(err)
	}
	picture := bytes.Clone(s.Picture(0, time.UnixMilli(0)))
	for _, broken := range [][]byte{nil, picture[:2], picture[:100], picture[:len(picture)/2], append(bytes.Clone(picture[:2]), 0xFF, 0xDD, 0, 4, 0, 1)} {
		if got := (lens{grey: true}).see(broken); !bytes.Equal(got, broken) && len(broken) < 200 {
			t.Errorf("got %d bytes of %d", len(got), len(broken))
		}
	}
}

func FuzzLens(f *testing.F) {
	s, err := NewScene(SceneOptions{Width: 160, Height: 120})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(bytes.Clone(s.Picture(0, time.UnixMilli(0))))
	f.Fuzz(func(t *testing.T, picture []byte) { lens{true, true, true}.see(picture) })
}
