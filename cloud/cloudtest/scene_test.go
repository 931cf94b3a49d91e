package cloudtest

import (
	"bytes"
	"fmt"
	"image"
	"image/jpeg"
	"math/rand/v2"
	"os"
	"testing"
	"time"
)

var noon = time.Date(2026, 11, 22, 12, 34, 56, 789e6, time.UTC)

func decode(t testing.TB, picture []byte) *image.YCbCr {
	t.Helper()
	img, err := jpeg.Decode(bytes.NewReader(picture))
	if err != nil {
		t.Fatalf("decode picture of %d bytes: %v", len(picture), err)
	}
	return img.(*image.YCbCr)
}

func newScene(t testing.TB, o SceneOptions) *Scene {
	t.Helper()
	s, err := NewScene(o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// testdata/picture_head.bin is what stands before the scan in a real camera's picture.
func TestPictureHeadIsTheRealCamerasByteForByte(t *testing.T) {
	want, err := os.ReadFile("testdata/picture_head.bin")
	if err != nil {
		t.Fatal(err)
	}
	got := newScene(t, SceneOptions{}).Picture(0, noon)
	if !bytes.HasPrefix(got, want) {
		t.Errorf("head\ngot  % x\nwant % x", got[:len(want)], want)
	}
	if end := []byte("\xff\xff\xff\xff\xd9"); !bytes.HasSuffix(got, end) {
		t.Errorf("end: got % x, want % x", got[len(got)-8:], end)
	}
}

func TestScenePicturesDecodeAndCarryTheirNumber(t *testing.T) {
	sizes := []SceneOptions{{}, {Width: 640, Height: 480, Bytes: 18432}, {Width: 160, Height: 120, Bytes: 2048}, {Width: 240, Height: 160}, {Width: 320, Height: 240}, {Width: 1280, Height: 720}}
	for _, size := range sizes {
		t.Run(fmt.Sprintf("%dx%d", size.Width, size.Height), func(t *testing.T) {
			s := newScene(t, size)
			for i, n := range []uint32{0, 1, 2, 3, 17, 0xFFFFFFFF, 0x80000001, 0x12345678} {
				picture := s.Picture(int(n), noon.Add(time.Duration(i)*2500*time.Millisecond))
				img := decode(t, picture)
				if got := img.Rect.Size(); got != image.Pt(s.size.Width, s.size.Height) {
					t.Errorf("picture %d: size %v", n, got)
				}
				if img.SubsampleRatio != image.YCbCrSubsampleRatio422 {
					t.Errorf("picture %d: %v, want 4:2:2", n, img.SubsampleRatio)
				}
				if got, ok := ReadStamp(img); !ok || got != n {
					t.Errorf("picture %d: stamp %d, %v", n, got, ok)
				}
				if want := size.Bytes; want > 0 && (len(picture) < want*85/100 || len(picture) > want*115/100) {
					t.Errorf("picture %d: %d bytes, want %d within 15 %%", n, len(picture), want)
				}
			}
		})
	}
}

// Where pieces meet, only a right DC prediction gives the wall its brightness again.
func TestSceneHasNoSeamsWhereItsPiecesMeet(t *testing.T) {
	s := newScene(t, SceneOptions{})
	plain := decode(t, s.Picture(4, time.Unix(10, 0))) // nobody walks
	for i := 0; i < 50; i += 7 {                       // from the first column to the last
		at := time.Unix(0, 0).Add(time.Duration(i) * 100 * time.Millisecond)
		from, to := s.walk(at)
		if from >= to || !s.Moves(at) {
			t.Fatalf("nobody walks %v after the start", at.Sub(time.Unix(0, 0)))
		}
		img := decode(t, s.Picture(i, at))
		top := len(s.rows) - len(s.walker[0]) - len(s.rows)/12
		changed := 0
		for y := (s.clock.top + s.clock.rows) * mcuHeight; y < 480; y += 8 {
			for x := 0; x < 640; x += 8 {
				d := blockMean(img, x, y) - blockMean(plain, x, y)
				walker := x/mcuWidth >= from && x/mcuWidth < to && y/mcuHeight >= top && y/mcuHeight < top+len(s.walker[0])
				switch {
				case !walker && (d > 4 || d < -4):
					t.Fatalf("picture %d: block at %d,%d differs by %d from the still room", i, x, y, d)
				case walker && (d > 10 || d < -10):
					changed++
				}
			}
		}
		if visible := (min(to, s.columns) - max(from, 0)) * 2 * len(s.walker[0]); changed < visible/2 {
			t.Errorf("picture %d: %d of %d blocks of the walker differ from the room", i, changed, visible)
		}
	}
}

func blockMean(img *image.YCbCr, x, y int) int {
	sum := 0
	for dy := range 8 {
		for dx := range 8 {
			sum += int(img.Y[img.YOffset(x+dx, y+dy)])
		}
	}
	return sum / 64
}

func TestSceneNoiseNeverStandsStill(t *testing.T) {
	s := newScene(t, SceneOptions{})
	first := decode(t, s.Picture(1, noon))
	second := decode(t, s.Picture(2, noon))
	same := 0
	for y := 240; y < 480; y++ {
		if bytes.Equal(first.Y[y*first.YStride:][:640], second.Y[y*second.YStride:][:640]) {
			same++
		}
	}
	if same > 120 {
		t.Errorf("%d of 240 lines are the same in two pictures", same)
	}
}

func TestReadStampRefusesWhatIsNoStamp(t *testing.T) {
	s := newScene(t, SceneOptions{})
	img := decode(t, s.Picture(77, noon))
	for i := range stampCells { // any single cell turned around
		turned := *img
		turned.Y = bytes.Clone(img.Y)
		for y := range 8 {
			for x := i * 8; x < i*8+8; x++ {
				turned.Y[turned.YOffset(x, y)] = 255 - turned.Y[turned.YOffset(x, y)]
			}
		}
		if n, ok := ReadStamp(&turned); ok {
			t.Errorf("cell %d turned around: read %d", i, n)
		}
	}
	if _, ok := ReadStamp(image.NewGray(image.Rect(0, 0, 640, 480))); ok {
		t.Error("a black picture has a stamp")
	}
	if _, ok := ReadStamp(image.NewGray(image.Rect(0, 0, 4, 4))); ok {
		t.Error("a picture of 4×4 has a stamp")
	}
}

func TestSceneOptionsThatCannotBeDrawnAreErrors(t *testing.T) {
	for _, o := range []SceneOptions{{Width: 100, Height: 100}, {Width: 641, Height: 480}, {Width: 640, Height: 484}, {Bytes: 1000}, {Bytes: 1 << 20}} {
		if _, err := NewScene(o); err == nil {
			t.Errorf("%+v: want an error", o)
		}
	}
}

func TestTransformIsTheOneOfT81(t *testing.T) {
	lots := rand.New(rand.NewPCG(1, 2))
	ones := [64]byte{}
	for i := range ones {
		ones[i] = 1
	}
	for range 100 {
		var pixels [64]float32
		for i := range pixels {
			pixels[i] = float32(lots.IntN(256))
		}
		var got [64]int16
		transform(&pixels, &ones, &got)
		for i, place := range zigzag {
			want := 0.0
			for p, v := range pixels {
				want += float64(v-128) * float64(cosines[place/8][p/8]) * float64(cosines[place%8][p%8])
			}
			if d := float64(got[i]) - want; d > 0.52 || d < -0.52 {
				t.Fatalf("coefficient %d: got %d, want %.2f", i, got[i], want)
			}
		}
	}
}

func BenchmarkScenePicture(b *testing.B) {
	s := newScene(b, SceneOptions{})
	s.Picture(0, noon)
	b.ReportAllocs()
	size := 0
	for n := 0; b.Loop(); n++ {
		size = len(s.Picture(n, noon.Add(time.Duration(n)*100*time.Millisecond)))
	}
	b.SetBytes(int64(size))
}
