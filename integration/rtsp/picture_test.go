package rtsp

import (
	"bytes"
	"errors"
	"image"
	"image/jpeg"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/bluenviron/gortsplib/v5/pkg/format/rtpmjpeg"
	"github.com/pion/rtp"
)

// pictures are those of the motion decoder, which libjpeg made in all the ways there are.
const pictures = "../../recorder/motion/testdata/pictures"

// realPicture is a real camera's, with fill bytes before its end.
const realPicture = "../../cloud/v720/testdata/frame_with_pad_byte.bin"

func read(t testing.TB, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// received is a picture as a receiver puts it together: gortsplib's, which is not ours.
func received(t testing.TB, p picture) []byte {
	t.Helper()
	var d rtpmjpeg.Decoder
	if err := d.Init(); err != nil {
		t.Fatal(err)
	}
	var got []byte
	err := p.payloads(nil, func(payload []byte, last bool) (err error) {
		if len(payload) > mostPayload {
			t.Errorf("a payload has %d bytes", len(payload))
		}
		packet := &rtp.Packet{Header: rtp.Header{Marker: last}, Payload: bytes.Clone(payload)}
		if got, err = d.Decode(packet); errors.Is(err, rtpmjpeg.ErrMorePacketsNeeded) && !last {
			return nil
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func TestPicturesComeOutOfRTPWithTheSamePixels(t *testing.T) {
	files, err := filepath.Glob(pictures + "/*.jpg")
	if err != nil || len(files) < 20 {
		t.Fatalf("got %d pictures, %v", len(files), err)
	}
	anew := 0
	var f fitter
	for _, file := range append(files, realPicture) {
		name, data := filepath.Base(file), read(t, file)
		t.Run(name, func(t *testing.T) {
			p, err := f.fit(data)
			if reason, is := unfits[name]; is {
				if !errors.Is(err, errUnfit) || !strings.Contains(err.Error(), reason) {
					t.Errorf("got %v, want a refusal that says %q", err, reason)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if f.anew {
				anew++
			}
			samePixels(t, data, received(t, p))
		})
	}
	if anew != 6 {
		t.Errorf("%d were coded anew, want those with tables of their own, restart markers or squares, and the grey ones", anew)
	}
}

// unfits are the pictures that are refused, and why.
var unfits = map[string]string{
	"411.jpg": "sampled 41 11 11", "440.jpg": "sampled 12 11 11", "444.jpg": "sampled 11 11 11", "444_fine.jpg": "sampled 11 11 11",
	"420_coarse.jpg": "more than 255", "420_luma_last.jpg": "a scan for each colour",
	"progressive.jpg": "SOF2", "arithmetic.jpg": "SOF9", "422_three_scans.jpg": "a scan for each colour",
}

// samePixels holds planes against each other, over the size of the first picture; with djpeg the colours that people
// see too, where the sizes are the same.
func samePixels(t *testing.T, want, got []byte) {
	t.Helper()
	gotImage, err := jpeg.Decode(bytes.NewReader(got))
	if err != nil {
		t.Fatal(err)
	}
	wantImage, err := jpeg.Decode(bytes.NewReader(want))
	if err != nil { // of a camera that leaves its Huffman tables out
		wantImage = nil
	}
	g := gotImage.(*image.YCbCr)
	switch w := wantImage.(type) {
	case *image.YCbCr:
		if w.SubsampleRatio != g.SubsampleRatio {
			t.Fatalf("got %v, want %v", g.SubsampleRatio, w.SubsampleRatio)
		}
		for y := range w.Rect.Dy() {
			for x := range w.Rect.Dx() {
				if w.YCbCrAt(x, y) != g.YCbCrAt(x, y) {
					t.Fatalf("at %d, %d: got %v, want %v", x, y, g.YCbCrAt(x, y), w.YCbCrAt(x, y))
				}
			}
		}
	case *image.Gray:
		for y := range w.Rect.Dy() {
			for x := range w.Rect.Dx() {
				if c := g.YCbCrAt(x, y); c.Y != w.GrayAt(x, y).Y || c.Cb != 128 || c.Cr != 128 {
					t.Fatalf("at %d, %d: got %v, want grey %v", x, y, c, w.GrayAt(x, y))
				}
			}
		}
	}
	wantPNM, gotPNM := djpeg(t, want), djpeg(t, got)
	if wantPNM == nil && wantImage == nil {
		t.Skip("djpeg is not installed, and nothing else here reads this picture")
	}
	if head := bytes.SplitAfterN(wantPNM, []byte("\n"), 3); wantPNM != nil && string(head[0]) == "P6\n" && bytes.HasPrefix(gotPNM, slices.Concat(head[0], head[1])) && !bytes.Equal(wantPNM, gotPNM) {
		t.Error("djpeg sees other pixels")
	}
}

func djpeg(t *testing.T, data []byte) []byte {
	t.Helper()
	path, err := exec.LookPath("djpeg")
	if err != nil {
		if os.Getenv("V720DVR_TEST_ALL") != "" {
			t.Fatal("djpeg is not installed and V720DVR_TEST_ALL is set")
		}
		return nil
	}
	c := exec.CommandContext(t.Context(), path, "-pnm")
	c.Stdin = bytes.NewReader(data)
	out, err := c.Output()
	if err != nil {
		t.Fatalf("djpeg: %v", err)
	}
	return out
}

func TestPicturesAreRefusedWithTheReason(t *testing.T) {
	good := read(t, pictures+"/422.jpg")
	at := bytes.Index(good, []byte{0xFF, 0xC0})
	changed := func(change func(b []byte)) []byte {
		b := bytes.Clone(good)
		change(b)
		return b
	}
	for _, c := range []struct {
		name string
		data []byte
		is   error
		says string
	}{
		{"nothing", nil, errNoJPEG, "does not begin"},
		{"a header alone", []byte("\xFF\xD8\xFF\xD9\x00\x00"), errNoJPEG, "before its scan"},
		{"half a header", good[:at+8], errNoJPEG, "reaches beyond"},
		{"too wide", changed(func(b []byte) { b[at+7], b[at+8] = 0x08, 0x00 }), errUnfit, "2040 is the most"},
		{"no height", changed(func(b []byte) { b[at+5], b[at+6] = 0, 0 }), errUnfit, "×0"},
		{"12 bits", changed(func(b []byte) { b[at+4] = 12 }), errUnfit, "12 bits"},
		{"a quantization table that is none", changed(func(b []byte) { b[at+12] = 3 }), errNoJPEG, "table 3 is missing"},
	} {
		var f fitter
		if _, err := f.fit(c.data); !errors.Is(err, c.is) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: got %v, want %v that says %q", c.name, err, c.is, c.says)
		}
	}
}

// What stands in Annex K is what libjpeg writes, and every symbol that a baseline JPEG may have has a code.
func TestAnnexKIsComplete(t *testing.T) {
	h, err := readHeader(read(t, pictures+"/422.jpg"))
	if err != nil {
		t.Fatal(err)
	}
	for class := range 2 {
		for number := range 2 {
			if !bytes.Equal(h.huffman[class][number], annexK(class, number)) {
				t.Errorf("class %d, number %d: got % X, libjpeg has % X", class, number, annexK(class, number), h.huffman[class][number])
			}
		}
	}
	for run := range 16 {
		for size := 1; size <= 10; size++ {
			for number := range 2 {
				if annexKCodings()[1][number][run<<4|size].length == 0 {
					t.Errorf("no code for %d zeros and %d bits", run, size)
				}
			}
		}
	}
}

func FuzzFit(f *testing.F) {
	files, err := filepath.Glob(pictures + "/*.jpg")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range append(files, realPicture) {
		if data := read(f, file); len(data) < 32<<10 {
			f.Add(data)
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var x fitter
		p, err := x.fit(data)
		if err != nil {
			if !errors.Is(err, errNoJPEG) && !errors.Is(err, errUnfit) {
				t.Errorf("got %v", err)
			}
			return
		}
		if p.width%8+p.height%8 != 0 || p.width > mostSize || p.height > mostSize || p.width == 0 || p.height == 0 {
			t.Errorf("%d×%d", p.width, p.height)
		}
		sent := 0
		if err := p.payloads(nil, func(payload []byte, last bool) error {
			sent += len(payload)
			return nil
		}); err != nil || sent < len(p.scan) {
			t.Errorf("sent %d of %d bytes, %v", sent, len(p.scan), err)
		}
		// What was coded anew is coded as receivers want it.
		if x.anew && len(p.scan) > 2 {
			if _, err := x.fit(received(t, p)); err != nil || x.anew {
				t.Errorf("what was coded anew is not fit: %v", err)
			}
		}
	})
}

func BenchmarkFit(b *testing.B) {
	for _, name := range []string{"422.jpg", "422_own_tables.jpg", "grey.jpg"} {
		b.Run(name, func(b *testing.B) {
			data := read(b, pictures+"/"+name)
			var f fitter
			b.SetBytes(int64(len(data)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := f.fit(data); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
