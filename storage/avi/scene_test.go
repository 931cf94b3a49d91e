package avi

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
	"time"
)

// start of all test segments: a time with a zone and odd microseconds.
var start = time.Date(2026, 11, 22, 14, 5, 0, 123456000, time.FixedZone("CET", 3600))

func at(d time.Duration) time.Time { return start.Add(d) }

func ms(n int) time.Duration { return time.Duration(n) * time.Millisecond }

func testMeta() Meta {
	return Meta{
		Camera: "0800c00128F8", Name: "front door", Start: start, Software: "v720dvr test",
		Run: [16]byte{1, 2, 3}, Previous: [32]byte{31: 9},
	}
}

// memory is a file in memory.
type memory struct{ b []byte }

func (m *memory) WriteAt(p []byte, off int64) (int, error) {
	if grow := int(off) + len(p) - len(m.b); grow > 0 {
		m.b = append(m.b, make([]byte, grow)...)
	}
	return copy(m.b[off:], p), nil
}

func (m *memory) ReadAt(p []byte, off int64) (int, error) {
	return bytes.NewReader(m.b).ReadAt(p, off)
}

func (m *memory) Truncate(size int64) error {
	m.b = append(m.b, make([]byte, max(int(size)-len(m.b), 0))...)[:size]
	return nil
}

func (m *memory) open(t testing.TB) *Reader {
	t.Helper()
	r, err := Open(m, int64(len(m.b)))
	if err != nil {
		t.Fatalf("open %d bytes: %v", len(m.b), err)
	}
	return r
}

// pictures draws n JPEGs, each another one, of even and odd lengths.
func pictures(t testing.TB, width, height, n int) [][]byte {
	t.Helper()
	drawn := make([][]byte, n)
	for i := range drawn {
		img := image.NewRGBA(image.Rect(0, 0, width, height))
		for y := range height {
			for x := range width {
				img.Set(x, y, color.RGBA{uint8(x*3 + i*7), uint8(y*5 + i), uint8(i), 255})
			}
		}
		var b bytes.Buffer
		if err := jpeg.Encode(&b, img, &jpeg.Options{Quality: 60 + i%7}); err != nil {
			t.Fatal(err)
		}
		drawn[i] = b.Bytes()
	}
	return drawn
}

// tone is A-law sound that never holds the byte of silence.
func tone(samples int) []byte {
	b := make([]byte, samples)
	for i := range b {
		b[i] = byte(0x20 + i%64)
	}
	return b
}

// realPicture is a picture of a real camera: fill bytes before DQT, SOS and EOI, odd length.
func realPicture(t testing.TB) []byte {
	t.Helper()
	b, err := os.ReadFile("testdata/real_camera_picture.jpg")
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// numbered is the picture with a comment behind SOI: as many different pictures as wanted, of even
// and odd lengths, that decoders take without a word.
func numbered(picture []byte, n int) []byte {
	comment := fmt.Sprintf("picture %d%s", n, strings.Repeat(".", n%3))
	b := append([]byte(nil), picture[:2]...)
	b = append(b, 0xFF, 0xFE, 0, byte(2+len(comment)))
	b = append(b, comment...)
	return append(b, picture[2:]...)
}

// A stall is a time in which a camera shows nothing.
type stall struct{ from, length time.Duration }

// captureTimes simulates a camera that keeps no rate: each picture is off by up to jitter, none
// falls into a stall. The times are since the segment's start, up to length, and rise.
func captureTimes(seed uint64, fps float64, jitter time.Duration, stalls []stall, length time.Duration) []time.Duration {
	random := rand.New(rand.NewPCG(seed, 720))
	var times []time.Duration
	for n := 0; ; n++ {
		ideal := time.Duration((float64(n) + 0.5) * float64(time.Second) / fps)
		if ideal+jitter >= length {
			return times
		}
		one := ideal + time.Duration((random.Float64()*2-1)*float64(jitter))
		inStall := slices.ContainsFunc(stalls, func(s stall) bool { return one >= s.from && one < s.from+s.length })
		if len(times) > 0 && one <= times[len(times)-1] || one < 0 || inStall {
			continue
		}
		times = append(times, one)
	}
}
