package web

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"v720dvr/camera"
	"v720dvr/storage"
)

// A day of four cameras as a timeline asks for it, of a store that has just been opened: 1152 segments of five
// minutes with levels of every second, 2000 events, and a picture every five seconds. The first answer of each is
// told as ms-cold, the mean of those after it as ns/op.
func BenchmarkTimelineOfADay(b *testing.B) {
	dir := b.TempDir()
	store, err := storage.Open(b.Context(), storage.Options{Dir: dir})
	if err != nil {
		b.Fatal(err)
	}
	cameras := []camera.ID{"0800c0000001", "0800c0000002", "0800c0000003", "0800c0000004"}
	midnight := time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC)
	picture, sound, events := scenery(b), make([]byte, 8000), 0
	for i := range 288 {
		for n, id := range cameras {
			segment, err := store.Create(storage.SegmentSpec{Camera: id, Start: midnight.Add(time.Duration(i) * 5 * time.Minute)})
			if err != nil {
				b.Fatal(err)
			}
			for at := range 300 {
				now := segment.Start().Add(time.Duration(at) * time.Second)
				for k := range sound {
					sound[k] = byte(k * (at + i))
				}
				frame := camera.Frame{At: now, JPEG: picture}
				if at%5 > 0 {
					frame.JPEG = picture[:700] // as much as has its size
				}
				err := segment.WriteJudged(frame, uint16(at*i), nil)
				if err == nil {
					err = segment.WriteAudio(camera.Audio{At: now, ALaw: sound})
				}
				if err == nil && at%150 == 7 && events < 2000 {
					events++
					err = segment.WriteEvent(camera.Event{Camera: id, At: now, Kind: camera.Motion, Detail: fmt.Sprint("zone ", n)})
				}
				if err != nil {
					b.Fatal(err)
				}
			}
			if _, err := segment.Commit(b.Context(), segment.Start().Add(5*time.Minute)); err != nil {
				b.Fatal(err)
			}
		}
	}
	if err := store.Close(); err != nil {
		b.Fatal(err)
	}
	unix := midnight.Unix()
	day := "from=2026-11-22T00:00:00Z&to=2026-11-23T00:00:00Z"
	of := "/api/v1/cameras/" + string(cameras[1])
	for _, c := range []struct{ name, path string }{
		{"segments of all", "/api/v1/segments?limit=5000&" + day},
		{"events of all", "/api/v1/events?limit=5000&" + day},
		{"spans of a camera", of + "/spans?res=60000&" + day},
		{"tile of 1 s", fmt.Sprintf("%s/tiles/1s/%d", of, (unix+40000)/1024)},
		{"tile of 10 s", fmt.Sprintf("%s/tiles/10s/%d", of, (unix+40000)/10240)},
		{"tile of 1 min", fmt.Sprintf("%s/tiles/1m/%d", of, (unix+70000)/61440)},
		{"tile of 10 min", fmt.Sprintf("%s/tiles/10m/%d", of, (unix+40000)/614400)},
		{"tile of 1 h", fmt.Sprintf("%s/tiles/1h/%d", of, (unix+40000)/3686400)},
		{"sheet", fmt.Sprintf("%s/sheets/%d", of, unix/600+70)},
		{"thumb", of + "/thumb.jpg?at=2026-11-22T11:00:00.5Z"},
	} {
		b.Run(strings.ReplaceAll(c.name, " ", "-"), func(b *testing.B) {
			store, err := storage.Open(b.Context(), storage.Options{Dir: dir})
			if err != nil {
				b.Fatal(err)
			}
			defer store.Close()
			s, err := New(Options{Store: store, Box: newHall(store, time.Now), ThumbCache: 1}) // so that every sheet is made
			if err != nil {
				b.Fatal(err)
			}
			token, hash := NewToken()
			if _, err := s.accounts.AddToken(b.Context(), storage.Token{Name: token[:20], Scopes: []string{"read"}, Cameras: storage.AllCameras, Created: time.Now()}, hash); err != nil {
				b.Fatal(err)
			}
			h := s.handler()
			u, err := url.ParseRequestURI(c.path)
			if err != nil {
				b.Fatal(err)
			}
			size := 0
			ask := func() {
				r := &http.Request{Method: "GET", URL: u, Host: "x", Header: http.Header{"Authorization": {"Bearer " + token}}, Body: http.NoBody, RemoteAddr: "127.0.0.1:1"}
				w := httptest.NewRecorder()
				h.ServeHTTP(w, r.WithContext(b.Context()))
				if size = w.Body.Len(); w.Code != 200 {
					b.Fatalf("%d %s", w.Code, w.Body)
				}
			}
			begun := time.Now()
			ask()
			cold := time.Since(begun)
			b.ReportAllocs()
			for b.Loop() {
				ask()
			}
			b.ReportMetric(float64(cold.Microseconds())/1000, "ms-cold")
			b.ReportMetric(float64(size), "bytes")
		})
	}
}
