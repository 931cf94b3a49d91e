package avi

import (
	"os"
	"path/filepath"
	"testing"
)

// BenchmarkWriter writes pictures of 18 KB with 100 ms of sound each, into memory that forgets
// (the Writer's own cost) and into a file; a new segment every 3000 pictures, which are 5 min.
func BenchmarkWriter(b *testing.B) {
	picture := append(realPicture(b), make([]byte, 18<<10-15535)...)
	sound := tone(800)
	b.Run("discard", func(b *testing.B) { benchmarkWriter(b, picture, sound, func() writerAt { return &sparse{} }) })
	b.Run("file", func(b *testing.B) {
		path := filepath.Join(b.TempDir(), "segment.avi")
		benchmarkWriter(b, picture, sound, func() writerAt {
			file, err := os.Create(path)
			if err != nil {
				b.Fatal(err)
			}
			b.Cleanup(func() { file.Close() })
			return file
		})
	})
}

type writerAt interface {
	WriteAt(p []byte, off int64) (int, error)
}

func benchmarkWriter(b *testing.B, picture, sound []byte, create func() writerAt) {
	b.SetBytes(int64(len(picture) + len(sound)))
	b.ReportAllocs()
	const segment = 3000
	var w *Writer
	for i := 0; b.Loop(); i++ {
		n := i % segment
		if n == 0 {
			if w != nil {
				if _, err := w.Close(at(ms(100 * segment))); err != nil {
					b.Fatal(err)
				}
			}
			w, _ = NewWriter(create(), testMeta())
		}
		if err := w.WriteFrame(Frame{At: at(ms(100 * n)), JPEG: picture}); err != nil {
			b.Fatal(err)
		}
		if err := w.WriteAudio(at(ms(100*n)), sound); err != nil {
			b.Fatal(err)
		}
		if n%10 == 9 {
			if err := w.Flush(); err != nil {
				b.Fatal(err)
			}
		}
	}
}

func BenchmarkOpenFinished(b *testing.B) { benchmarkOpen(b, true) }

func BenchmarkOpenUnfinished(b *testing.B) { benchmarkOpen(b, false) }

// benchmarkOpen opens 5 min of a camera: 3000 pictures and as many pieces of sound.
func benchmarkOpen(b *testing.B, finished bool) {
	picture, sound := realPicture(b), tone(800)
	path := filepath.Join(b.TempDir(), "segment.avi")
	file, err := os.Create(path)
	if err != nil {
		b.Fatal(err)
	}
	defer file.Close()
	w, _ := NewWriter(file, testMeta())
	for n := range 3000 {
		if err := w.WriteFrame(Frame{At: at(ms(100 * n)), JPEG: picture}); err != nil {
			b.Fatal(err)
		}
		if err := w.WriteAudio(at(ms(100*n)), sound); err != nil {
			b.Fatal(err)
		}
	}
	if finished {
		if _, err := w.Close(at(ms(300_000))); err != nil {
			b.Fatal(err)
		}
	}
	info, err := file.Stat()
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if r, err := Open(file, info.Size()); err != nil || len(r.Frames()) != 3000 {
			b.Fatal(err)
		}
	}
}
