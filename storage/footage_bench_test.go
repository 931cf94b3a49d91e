package storage_test

import (
	"io"
	"testing"
	"time"

	"v720dvr/camera"
	"v720dvr/storage"
)

// hour films an hour of a camera: twelve segments of 3000 pictures of 18 KB, and their sound.
func hour(b *testing.B) *storage.Store {
	b.Helper()
	store, err := storage.Open(b.Context(), storage.Options{Dir: b.TempDir()})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { store.Close() })
	picture, sound := append(jpeg(1), make([]byte, 18<<10)...), tone(1)
	for i := range 12 {
		start := noon.Add(time.Duration(i) * 5 * time.Minute)
		segment := create(b, store, storage.SegmentSpec{Camera: hallway, Name: "hall", Start: start})
		for n := range 3000 {
			at := start.Add(time.Duration(n) * 100 * time.Millisecond)
			if err := segment.WriteFrame(camera.Frame{At: at, JPEG: picture}); err != nil {
				b.Fatal(err)
			}
			if err := segment.WriteAudio(camera.Audio{At: at, ALaw: sound}); err != nil {
				b.Fatal(err)
			}
		}
		if _, err := segment.Commit(b.Context(), start.Add(5*time.Minute)); err != nil {
			b.Fatal(err)
		}
	}
	return store
}

// An hour as one file: measured (what passes until its first byte), and written.
func BenchmarkSpanOfAnHour(b *testing.B) {
	store := hour(b)
	b.Run("measure", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			span, err := store.Span(b.Context(), hallway, noon, noon.Add(time.Hour))
			if err != nil || span.Summary.Frames != 36_000 {
				b.Fatal(err)
			}
			span.Close()
		}
	})
	b.Run("write", func(b *testing.B) {
		span, err := store.Span(b.Context(), hallway, noon, noon.Add(time.Hour))
		if err != nil {
			b.Fatal(err)
		}
		defer span.Close()
		b.SetBytes(span.Summary.Bytes)
		b.ReportAllocs()
		for b.Loop() {
			if err := span.WriteTo(b.Context(), io.Discard); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// The rows of an hour, 72,000, in pages as the player asks; and a picture of it.
func BenchmarkIndexOfAnHour(b *testing.B) {
	store := hour(b)
	pages := func(b *testing.B, limit int) (rows int) {
		q := storage.RowQuery{Camera: hallway, From: noon, To: noon.Add(time.Hour), Limit: limit}
		for {
			page, err := store.Rows(b.Context(), q)
			if err != nil {
				b.Fatal(err)
			}
			rows += len(page.Rows)
			if q.After = page.Next; page.Next == nil {
				return rows
			}
		}
	}
	b.Run("first time", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			store.ForgetRows()
			if n := pages(b, 100_000); n != 72_000 {
				b.Fatal(n)
			}
		}
	})
	b.Run("kept", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			pages(b, 5000)
		}
	})
	b.Run("frame", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := store.FrameAt(b.Context(), hallway, noon.Add(17*time.Minute)); err != nil {
				b.Fatal(err)
			}
		}
	})
}
