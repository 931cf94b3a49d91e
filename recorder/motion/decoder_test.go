package motion

import (
	"bytes"
	"errors"
	"image"
	"image/jpeg"
	"math/rand/v2"
	"strings"
	"testing"
)

func TestDecoderEqualsLibjpegByteForByte(t *testing.T) {
	var d Decoder // one for all: tables and buffers of the picture before must not show
	for name, want := range goldens(t) {
		luma, err := d.Decode(load(t, name))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got := fingerprint(luma.Width, luma.Height, luma.Pix); got != want || luma.Rows != luma.Height {
			t.Errorf("%s: got %s and %d rows, libjpeg %s", name, got, luma.Rows, want)
		}
	}
}

func TestGoldensAreWhatDjpegGives(t *testing.T) {
	for name, want := range goldens(t) {
		width, height, luma := djpeg(t, load(t, name))
		if got := fingerprint(width, height, luma); got != want {
			t.Errorf("%s: djpeg gives %s, the golden file says %s", name, got, want)
		}
	}
}

func TestDecoderEqualsDjpegOnPicturesDrawnByLot(t *testing.T) {
	var d Decoder
	for seed := range uint64(60) {
		picture := madePicture(t, rand.New(rand.NewPCG(seed, 1)))
		got, err := d.Decode(picture)
		if err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		width, height, want := djpeg(t, picture)
		if got.Width != width || got.Height != height || !bytes.Equal(got.Pix, want) {
			t.Fatalf("seed %d: %d×%d differs from djpeg's %d×%d", seed, got.Width, got.Height, width, height)
		}
	}
}

// image/jpeg decodes in full: where nothing is clipped, a block's mean is its DC coefficient.
func TestDecoderAgreesWithTheMeanOfWholeBlocks(t *testing.T) {
	var d Decoder
	for name := range goldens(t) {
		if strings.Contains(name, "no_tables") || strings.Contains(name, "overdriven") {
			continue // image/jpeg has no tables of its own; clipped everywhere
		}
		picture := load(t, name)
		full, err := jpeg.Decode(bytes.NewReader(picture))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		luma, err := d.Decode(picture)
		if err != nil {
			t.Fatal(err)
		}
		compared := 0
		for y := range full.Bounds().Dy() / 8 {
			for x := range full.Bounds().Dx() / 8 {
				mean, clipped := blockMean(full, x, y)
				if clipped {
					continue
				}
				compared++
				if got := int(luma.Pix[y*luma.Width+x]); got-mean > 1 || mean-got > 1 {
					t.Errorf("%s: cell %d,%d is %d, the mean of its block %d", name, x, y, got, mean)
				}
			}
		}
		if compared < 20 {
			t.Errorf("%s: only %d blocks could be compared", name, compared)
		}
	}
}

func blockMean(full image.Image, x, y int) (mean int, clipped bool) {
	sum := 0
	for i := range 64 {
		var v byte
		switch p := full.(type) {
		case *image.YCbCr:
			v = p.Y[p.YOffset(8*x+i%8, 8*y+i/8)]
		case *image.Gray:
			v = p.GrayAt(8*x+i%8, 8*y+i/8).Y
		}
		clipped = clipped || v == 0 || v == 255
		sum += int(v)
	}
	return (sum + 32) / 64, clipped
}

func TestCutPictureGivesAnErrorAndTheRowsBefore(t *testing.T) {
	for _, name := range []string{"testdata/pictures/422.jpg", "testdata/pictures/420_restart_row.jpg", "testdata/pictures/422_restart_3.jpg", "testdata/pictures/grey.jpg"} {
		var d Decoder
		picture := load(t, name)
		whole, err := d.Decode(picture)
		if err != nil {
			t.Fatal(err)
		}
		want := bytes.Clone(whole.Pix)
		rows := 0
		for n := range len(picture) {
			got, err := d.Decode(picture[:n])
			if err == nil {
				t.Fatalf("%s cut to %d of %d bytes: no error", name, n, len(picture))
			}
			if !errors.Is(err, ErrTruncated) && n >= 2 {
				t.Fatalf("%s cut to %d of %d bytes: %v, want ErrTruncated", name, n, len(picture), err)
			}
			if got.Rows < rows {
				t.Fatalf("%s cut to %d bytes: %d rows, with a byte less there were %d", name, n, got.Rows, rows)
			}
			rows = got.Rows
			if whole := rows * whole.Width; !bytes.Equal(got.Pix[:whole], want[:whole]) {
				t.Fatalf("%s cut to %d bytes: the %d rows before are not those of the whole picture", name, n, rows)
			}
		}
		if rows != whole.Height {
			t.Errorf("%s without its last byte: %d rows of %d", name, rows, whole.Height)
		}
	}
}

func TestDecoderSaysWhatItDoesNotRead(t *testing.T) {
	picture := load(t, "testdata/pictures/422.jpg")
	sof := bytes.Index(picture, []byte{0xFF, sof0})
	with := func(at int, b ...byte) []byte {
		changed := bytes.Clone(picture)
		copy(changed[at:], b)
		return changed
	}
	for _, c := range []struct {
		name    string
		picture []byte
		want    error
	}{
		{"nothing", nil, ErrUnsupported},
		{"no JPEG", []byte("RIFF"), ErrUnsupported},
		{"SOI alone", []byte{0xFF, soi}, ErrTruncated},
		{"EOI at once", []byte{0xFF, soi, 0xFF, eoi}, ErrDamaged},
		{"progressive", load(t, "testdata/pictures/progressive.jpg"), ErrUnsupported},
		{"arithmetic", load(t, "testdata/pictures/arithmetic.jpg"), ErrUnsupported},
		{"12 bits", with(sof+4, 12), ErrUnsupported},
		{"no height", with(sof+5, 0, 0), ErrUnsupported},
		{"8192×8192", with(sof+5, 0x20, 0, 0x20, 0), ErrUnsupported},
		{"chroma finer than luma", with(sof+11, 0x11, 0, 2, 0x21), ErrUnsupported},
		{"sampling of 0", with(sof+11, 0x01), ErrDamaged},
		{"a segment of length 1", with(2, 0xFF, 0xE0, 0, 1), ErrDamaged},
		{"no quantizers", bytes.ReplaceAll(picture, []byte{0xFF, dqt}, []byte{0xFF, 0xED}), ErrDamaged},
		{"a scan first", []byte{0xFF, soi, 0xFF, sos, 0, 8, 1, 1, 0, 0, 63, 0}, ErrDamaged},
		{"too many codes of a bit", []byte{0xFF, soi, 0xFF, dht, 0, 22, 0, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3}, ErrDamaged},
	} {
		var d Decoder
		if luma, err := d.Decode(c.picture); !errors.Is(err, c.want) || luma.Rows != 0 {
			t.Errorf("%s: got %d rows and %v, want %v", c.name, luma.Rows, err, c.want)
		}
	}
}

func TestDamagedBitsNeverPanicAndMostlyAreNoticed(t *testing.T) {
	picture := load(t, "testdata/pictures/422_restart_3.jpg")
	random := rand.New(rand.NewPCG(1, 2))
	var d Decoder
	noticed := 0
	const rounds = 2000
	for range rounds {
		damaged := bytes.Clone(picture)
		for range 1 + random.IntN(20) {
			damaged[2+random.IntN(len(damaged)-2)] ^= 1 << random.IntN(8)
		}
		if _, err := d.Decode(damaged); err != nil {
			noticed++
		}
	}
	if noticed < rounds/3 {
		t.Errorf("damage was noticed in %d of %d pictures", noticed, rounds)
	}
}

func TestDecoderDoesNotAllocate(t *testing.T) {
	own, standard, real := load(t, "testdata/pictures/422_own_tables.jpg"), load(t, busyPicture), load(t, realPicture)
	var d Decoder
	decode := func() {
		for _, picture := range [][]byte{own, standard, real} {
			if _, err := d.Decode(picture); err != nil {
				t.Fatal(err)
			}
		}
	}
	decode()
	if n := testing.AllocsPerRun(20, decode); n != 0 {
		t.Errorf("%v allocations for three pictures, want none", n)
	}
}
