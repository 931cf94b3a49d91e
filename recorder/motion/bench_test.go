package motion

import (
	"bytes"
	"encoding/binary"
	"image/jpeg"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// BenchmarkDecode is the decoder beside image/jpeg and libjpeg-turbo's 1/8 grey, which a C program
// measures where a compiler and libjpeg are. On a machine that does other things compare the
// ratios, of several runs.
func BenchmarkDecode(b *testing.B) {
	busy := load(b, busyPicture)
	b.Run("ours", func(b *testing.B) {
		var d Decoder
		b.ReportAllocs()
		for b.Loop() {
			if _, err := d.Decode(busy); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("image-jpeg", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := jpeg.Decode(bytes.NewReader(busy)); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("libjpeg", func(b *testing.B) {
		program := filepath.Join(b.TempDir(), "libjpeg")
		if out, err := exec.Command("cc", "-O2", "-o", program, "testdata/libjpeg.c", "-ljpeg").CombinedOutput(); err != nil {
			if os.Getenv("V720DVR_TEST_ALL") != "" {
				b.Fatalf("no C compiler or no libjpeg (Debian: gcc, libjpeg-dev), and V720DVR_TEST_ALL is set: %v %s", err, out)
			}
			b.Skipf("SKIPPED: no C compiler or no libjpeg (Debian: gcc, libjpeg-dev): %v %s", err, out)
		}
		const rounds = 2000
		cmd := exec.Command(program, strconv.Itoa(rounds))
		cmd.Stdin = bytes.NewReader(append(binary.LittleEndian.AppendUint32(nil, uint32(len(busy))), busy...))
		out, err := cmd.Output() // it measures itself: one run is enough
		if err != nil {
			b.Fatal(err)
		}
		ns, err := strconv.ParseFloat(strings.TrimSpace(string(out)), 64)
		if err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(ns, "ns/op")
	})
}

// BenchmarkStep is the detector on what it mostly sees, and on what it has most to do with.
func BenchmarkStep(b *testing.B) {
	for _, c := range footage(b) {
		b.Run(c.name, func(b *testing.B) {
			d := NewDetector(Settings{})
			b.ReportAllocs()
			n := 0
			for b.Loop() {
				// There and back, so that the end does not jump to the beginning.
				i := n % (2*len(c.luma) - 2)
				i = min(i, 2*len(c.luma)-2-i)
				d.Step(c.at(i), frameTime(n))
				n++
			}
		})
	}
}

// BenchmarkEye is all that a frame costs, of a real camera's size.
func BenchmarkEye(b *testing.B) {
	busy := load(b, busyPicture)
	eye := NewEye(Settings{})
	b.ReportAllocs()
	for n := 0; b.Loop(); n++ {
		if seen := eye.See(busy, frameTime(n)); seen.Err != nil {
			b.Fatal(seen.Err)
		}
	}
}

// BenchmarkEar is what 100 ms of sound cost.
func BenchmarkEar(b *testing.B) {
	random := rand.New(rand.NewPCG(1, 1))
	sound := make([]byte, 800)
	for i := range sound {
		sound[i] = byte(random.Uint32())
	}
	ear := NewEar(EarSettings{})
	b.ReportAllocs()
	for n := 0; b.Loop(); n++ {
		ear.Hear(sound, frameTime(n))
	}
}

// BenchmarkJudgeDay judges a day's track again, 864,000 frames, from its records: of a street with
// somebody on it a tenth of the time, and of one where it never ends.
func BenchmarkJudgeDay(b *testing.B) {
	records := recordsOf(b, "tree_hand", 65, 120)
	for _, c := range []struct {
		name string
		busy int // one of so many minutes
	}{{"tenth", 10}, {"all", 1}} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				j := NewJudge(Settings{Sensitivity: 7})
				change := Change{Width: 80, Height: 60}
				for n := range 864000 {
					var record []byte
					if n/600%c.busy == 0 {
						record = records[n%len(records)]
					}
					if err := change.DecodeTrack(record); err != nil {
						b.Fatal(err)
					}
					j.Step(&change, frameTime(n))
				}
			}
		})
	}
}
