package thumb

import (
	"bytes"
	"errors"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// pictures are those that the motion decoder is tested with: by libjpeg, with all that cameras do.
const pictures = "../../recorder/motion/testdata/pictures"

func load(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(pictures, name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// full is what image/jpeg makes of a picture, with the standard tables put in where it has none.
func full(b []byte) (*image.YCbCr, error) {
	if !bytes.Contains(b, []byte{0xFF, dht}) {
		tables := []byte{0xFF, dht, 0, 0}
		for class := range 2 {
			for number := range 2 {
				tables = append(append(tables, byte(class<<4|number)), standard()[class][number].raw...)
			}
		}
		tables[2], tables[3] = byte((len(tables)-2)>>8), byte(len(tables)-2)
		b = append(append(b[:2:2], tables...), b[2:]...)
	}
	picture, err := jpeg.Decode(bytes.NewReader(b))
	if err != nil {
		return nil, err
	}
	switch p := picture.(type) {
	case *image.YCbCr:
		return p, nil
	case *image.Gray:
		return &image.YCbCr{Y: p.Pix, YStride: p.Stride, Rect: p.Rect, SubsampleRatio: image.YCbCrSubsampleRatio420}, nil
	}
	return nil, errors.New("neither grey nor luma and chroma")
}

// wave are the two lowest cosines over eight pixels.
var wave = func() (t [2][8]float64) {
	for u := range t {
		for x := range t[u] {
			t[u][x] = math.Cos(float64(2*x+1) * float64(u) * math.Pi / 16)
		}
	}
	return t
}()

// lowestOf transforms a block of pixels forth, keeps the four lowest coefficients, and transforms them back, by
// the formulas of T.81, A.3.3. ok is false where pixels were cut off at 0 or 255: those do not tell.
func lowestOf(pix []byte, stride int) (small [2][2]float64, ok bool) {
	var c [2][2]float64
	for v := range 2 {
		for u := range 2 {
			for y := range 8 {
				for x := range 8 {
					s := pix[y*stride+x]
					if s <= 1 || s >= 254 {
						return small, false
					}
					c[v][u] += (float64(s) - 128) * wave[u][x] * wave[v][y]
				}
			}
			for _, f := range []int{u, v} {
				if c[v][u] /= 8; f > 0 {
					c[v][u] *= 2 / math.Sqrt2
				}
			}
			c[v][u] *= 8 // T.81's scale: the mean is an eighth of the first
		}
	}
	for y := range 2 {
		for x := range 2 {
			right, down := 1-2*float64(x), 1-2*float64(y)
			small[y][x] = (c[0][0]+right*c[0][1]+down*c[1][0]+right*down*c[1][1])/8 + 128
		}
	}
	return small, true
}

// compare holds a plane against the full one; it returns how many pixels were compared. A lenient one takes
// it that a few are off, and those at 0 and 255: what overflows is each decoder's own.
func compare(t *testing.T, name string, lenient bool, small, large []byte, smallStride, largeStride, width, height int) (compared int) {
	t.Helper()
	wrong := 0
	for y := 0; y < height; y += 2 {
		for x := 0; x < width; x += 2 {
			at := 4*y*largeStride + 4*x
			if at+7*largeStride+8 > len(large) || 4*x+8 > largeStride {
				continue
			}
			want, ok := lowestOf(large[at:], largeStride)
			if !ok {
				continue
			}
			for i := range 2 {
				for k := range 2 {
					if y+i >= height || x+k >= width {
						continue
					}
					got := small[(y+i)*smallStride+x+k]
					if lenient && (got == 0 || got == 255) {
						continue
					}
					compared++
					if math.Abs(float64(got)-want[i][k]) <= 1.6 {
						continue
					}
					if wrong++; !lenient || wrong > 16 && 2*wrong > compared {
						t.Fatalf("%s: pixel %d,%d: got %d, want %.1f", name, x+k, y+i, got, want[i][k])
					}
				}
			}
		}
	}
	return compared
}

func hold(t *testing.T, name string, lenient bool, small, large *image.YCbCr) (compared int) {
	t.Helper()
	if got, want := small.Rect.Size(), image.Pt(quarter(large.Rect.Dx()), quarter(large.Rect.Dy())); got != want {
		t.Fatalf("%s: a quarter of %v is %v", name, large.Rect.Size(), got)
	}
	compared = compare(t, name, lenient, small.Y, large.Y, small.YStride, large.YStride, small.Rect.Dx(), small.Rect.Dy())
	if large.Cb == nil {
		if small.Cb[0] != 128 || small.Cr[0] != 128 {
			t.Fatalf("%s: grey with the colour %d, %d", name, small.Cb[0], small.Cr[0])
		}
		return compared
	}
	if small.SubsampleRatio != large.SubsampleRatio {
		t.Fatalf("%s: sampled %v, want %v", name, small.SubsampleRatio, large.SubsampleRatio)
	}
	width, height := small.CStride, len(small.Cb)/small.CStride
	width, height = min(width, small.Rect.Dx()), min(height, small.Rect.Dy())
	if n := small.COffset(small.Rect.Dx()-1, small.Rect.Dy()-1); n < width*height-1 {
		width, height = n%small.CStride+1, n/small.CStride+1
	}
	compare(t, name+" Cb", lenient, small.Cb, large.Cb, small.CStride, large.CStride, width, height)
	compare(t, name+" Cr", lenient, small.Cr, large.Cr, small.CStride, large.CStride, width, height)
	return compared
}

func TestQuarterIsTheLowestCoefficientsOfTheFullPicture(t *testing.T) {
	names, err := filepath.Glob(filepath.Join(pictures, "*.jpg"))
	if err != nil || len(names) < 15 {
		t.Fatalf("%d pictures, %v", len(names), err)
	}
	var d Decoder
	for _, name := range names {
		name = filepath.Base(name)
		if strings.HasPrefix(name, "progressive") || strings.HasPrefix(name, "arithmetic") {
			if got, err := d.Quarter(load(t, name)); got != nil || !errors.Is(err, ErrUnsupported) {
				t.Errorf("%s: got %v, %v, want ErrUnsupported", name, got != nil, err)
			}
			continue
		}
		small, err := d.Quarter(load(t, name))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		large, err := full(load(t, name))
		if err != nil {
			t.Errorf("%s: image/jpeg: %v", name, err)
			continue
		}
		if name == "422_overdriven.jpg" {
			continue // beyond 0 and 255 each decoder does as it likes
		}
		if n := hold(t, name, false, small, large); n < 20 {
			t.Errorf("%s: only %d pixels tell", name, n)
		}
	}
}

// A picture that ends early gives the rows that were whole, and more of them the later it ends.
func TestTruncatedPictureGivesItsRows(t *testing.T) {
	for _, name := range []string{"422.jpg", "420_restart_row.jpg", "444.jpg", "grey.jpg", "422_three_scans.jpg"} {
		b := load(t, name)
		whole, err := Quarter(b)
		if err != nil {
			t.Fatal(err)
		}
		rows, some := 0, false
		for n := range len(b) - 2 {
			got, err := Quarter(b[:n])
			if err == nil && got.Rect == whole.Rect {
				continue // the last bits of a scan say nothing
			}
			if err == nil {
				t.Fatalf("%s: %d bytes of it: no error, %v", name, n, got.Rect)
			}
			if got == nil {
				continue
			}
			if got.Rect.Dy() < rows {
				t.Fatalf("%s: %d bytes of it give %d rows, fewer gave %d", name, n, got.Rect.Dy(), rows)
			}
			rows = got.Rect.Dy()
			some = some || rows < whole.Rect.Dy()
			for y := range rows {
				for x := range got.Rect.Dx() {
					if got.YCbCrAt(x, y) != whole.YCbCrAt(x, y) {
						t.Fatalf("%s: %d bytes of it: pixel %d,%d is %v, want %v", name, n, x, y, got.YCbCrAt(x, y), whole.YCbCrAt(x, y))
					}
				}
			}
		}
		if !some && name != "422_three_scans.jpg" {
			t.Errorf("%s: no part of it gave a part of its rows", name)
		}
	}
}

func TestWhatIsNoPictureIsRefused(t *testing.T) {
	good := load(t, "422.jpg")
	sofAt := bytes.Index(good, []byte{0xFF, sof0})
	huge := bytes.Clone(good)
	copy(huge[sofAt+5:], []byte{0xFF, 0xFF, 0xFF, 0xFF})
	for name, c := range map[string]struct {
		jpeg []byte
		want error
	}{
		"nothing":          {nil, ErrUnsupported},
		"text":             {[]byte("GET / HTTP/1.1"), ErrUnsupported},
		"SOI alone":        {good[:2], ErrTruncated},
		"65535 by 65535":   {huge, ErrUnsupported},
		"a scan, no frame": {append(good[:sofAt:sofAt], good[sofAt+19:]...), ErrDamaged},
	} {
		if got, err := Quarter(c.jpeg); got != nil || !errors.Is(err, c.want) {
			t.Errorf("%s: got %v, %v, want %v", name, got != nil, err, c.want)
		}
	}
}

// Once it is warm a Decoder allocates nothing.
func TestWarmDecoderAllocatesNothing(t *testing.T) {
	b := load(t, "422_own_tables.jpg")
	var d Decoder
	if n := testing.AllocsPerRun(20, func() {
		if _, err := d.Quarter(b); err != nil {
			t.Fatal(err)
		}
	}); n > 0 {
		t.Errorf("%v allocations a picture", n)
	}
}

// FuzzQuarter: no bytes make it panic, and of what image/jpeg reads too it makes the same.
func FuzzQuarter(f *testing.F) {
	names, err := filepath.Glob(filepath.Join(pictures, "*.jpg"))
	if err != nil {
		f.Fatal(err)
	}
	for _, name := range names {
		if b, err := os.ReadFile(name); err == nil && len(b) < 8<<10 && filepath.Base(name) != "422_overdriven.jpg" {
			f.Add(b)
		}
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		if len(b) > 64<<10 {
			return
		}
		if at := bytes.Index(b, []byte{0xFF, sof0}); at >= 0 && at+8 < len(b) {
			b[at+5], b[at+6], b[at+7], b[at+8] = 0, b[at+6]&127, 0, b[at+8]&127 // small ones: image/jpeg is slow
		}
		var d Decoder
		small, err := d.Quarter(b)
		if err != nil {
			if small != nil && small.Rect.Empty() {
				t.Fatal("an empty picture")
			}
			return
		}
		last := small.COffset(small.Rect.Dx()-1, small.Rect.Dy()-1)
		_, _ = small.Cb[last], small.Cr[last]
		_ = small.Y[small.YOffset(small.Rect.Dx()-1, small.Rect.Dy()-1)]
		for _, table := range d.pic.quant {
			for _, q := range table {
				if q > 255 { // what 32 bits do not hold each decoder loses in its own way
					return
				}
			}
		}
		for _, c := range d.pic.codes[1] {
			if c == nil {
				continue
			}
			for _, symbol := range c.raw[16:] {
				if symbol&15 == 0 && symbol != 0 && symbol != 0xF0 {
					return // EOBn in what is not progressive: image/jpeg obeys it, libjpeg does not
				}
			}
		}
		if n := bytes.Count(b, []byte{0xFF, sos}); n > 1 && n != d.pic.count {
			return // a component twice: image/jpeg shows the last, this the first
		}
		if large, err := full(b); err == nil {
			hold(t, "fuzzed", true, small, large)
		}
	})
}

// Pictures of noise, of any quality and size, against image/jpeg's reading of them.
func TestQuarterOfDrawnPictures(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 720))
	for range 60 {
		width, height := 1+random.IntN(90), 1+random.IntN(90)
		var img draw.Image = image.NewRGBA(image.Rect(0, 0, width, height))
		if random.IntN(4) == 0 {
			img = image.NewGray(img.Bounds())
		}
		for y := range height {
			for x := range width {
				img.Set(x, y, color.RGBA{uint8(60 + x + random.IntN(50)), uint8(50 + y + random.IntN(50)), uint8(60 + random.IntN(90)), 255})
			}
		}
		var b bytes.Buffer
		if err := jpeg.Encode(&b, img, &jpeg.Options{Quality: 1 + random.IntN(100)}); err != nil {
			t.Fatal(err)
		}
		small, err := Quarter(b.Bytes())
		if err != nil {
			t.Fatal(err)
		}
		large, err := full(b.Bytes())
		if err != nil {
			t.Fatal(err)
		}
		hold(t, "noise", false, small, large)
	}
}

func BenchmarkQuarter(b *testing.B) {
	picture := load(b, "422_busy.jpg")
	b.Run("here", func(b *testing.B) {
		b.ReportAllocs()
		b.SetBytes(int64(len(picture)))
		var d Decoder
		for b.Loop() {
			if _, err := d.Quarter(picture); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("image-jpeg and draw", func(b *testing.B) {
		b.ReportAllocs()
		b.SetBytes(int64(len(picture)))
		for b.Loop() {
			img, err := jpeg.Decode(bytes.NewReader(picture))
			if err != nil {
				b.Fatal(err)
			}
			small := image.NewRGBA(image.Rect(0, 0, 160, 120))
			for y := range 120 {
				for x := range 160 {
					small.Set(x, y, img.At(4*x, 4*y))
				}
			}
		}
	})
}

// A sheet of ten minutes: 60 pictures of 640×480.
func BenchmarkSheet(b *testing.B) {
	picture := load(b, "422_busy.jpg")
	var d Decoder
	sheet := NewSheet()
	b.Run("put", func(b *testing.B) {
		for b.Loop() {
			for cell := range SheetAcross * SheetDown {
				small, err := d.Quarter(picture)
				if err != nil {
					b.Fatal(err)
				}
				sheet.Put(cell, small)
			}
		}
	})
	b.Run("jpeg", func(b *testing.B) {
		size := 0
		for b.Loop() {
			made, err := sheet.JPEG()
			if err != nil {
				b.Fatal(err)
			}
			size = len(made)
		}
		b.ReportMetric(float64(size), "bytes")
	})
}
