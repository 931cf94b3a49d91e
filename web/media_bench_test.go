package web

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"v720dvr/camera"
	"v720dvr/storage"
)

// An hour of a camera, twelve segments of 3000 pictures of 18 KB and their sound: as an AVI over loopback, its
// index, and pictures of it.
func BenchmarkHourOfFootage(b *testing.B) {
	store, err := storage.Open(b.Context(), storage.Options{Dir: b.TempDir()})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { store.Close() })
	jpeg, sound := append(numbered(1), make([]byte, 18<<10)...), make([]byte, 800)
	for i := range 12 {
		start := noon.Add(time.Duration(i) * 5 * time.Minute)
		segment, err := store.Create(storage.SegmentSpec{Camera: door, Start: start})
		if err != nil {
			b.Fatal(err)
		}
		for n := range 3000 {
			at := start.Add(time.Duration(n) * 100 * time.Millisecond)
			if err := segment.WriteFrame(camera.Frame{At: at, JPEG: jpeg}); err != nil {
				b.Fatal(err)
			}
			if err := segment.WriteAudio(camera.Audio{At: at, ALaw: sound}); err != nil {
				b.Fatal(err)
			}
		}
		commit(b, segment, start.Add(5*time.Minute))
	}
	s, err := New(Options{Store: store, Box: newHall(store, time.Now)})
	if err != nil {
		b.Fatal(err)
	}
	// Without a network there are no limits of addresses; who comes in so is the command line.
	served := httptest.NewServer(s.localHandler())
	b.Cleanup(served.Close)
	get := func(b *testing.B, path string) (header http.Header, size int64) {
		r, err := http.NewRequestWithContext(context.Background(), "GET", served.URL+path, nil)
		if err != nil {
			b.Fatal(err)
		}
		got, err := http.DefaultClient.Do(r)
		if err != nil {
			b.Fatal(err)
		}
		defer got.Body.Close()
		if size, err = io.Copy(io.Discard, got.Body); err != nil || got.StatusCode >= 300 {
			b.Fatal(got.Status, err)
		}
		return got.Header, size
	}
	hour := spanOf(0, time.Hour)
	for _, c := range []struct{ name, path string }{
		{"footage.avi", doorPath + "/footage.avi" + hour},
		{"segment", "/api/v1/segments/5/file"},
		{"index of 5000", doorPath + "/index" + hour},
		{"index of 20000", doorPath + "/index" + hour + "&limit=20000"},
		{"600 frames", doorPath + "/frames" + hour},
		{"frames of an hour, every 60th", doorPath + "/frames" + hour + "&step=60"},
		{"frame.jpg", doorPath + "/frame.jpg?at=" + at(17*time.Minute)},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				_, size := get(b, c.path)
				b.SetBytes(size)
			}
		})
	}
}
