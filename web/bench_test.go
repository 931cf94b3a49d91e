package web

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
	"time"

	"v720dvr/camera"
	"v720dvr/storage"
)

// A day of four cameras: 1152 segments of five minutes, and as many events. The files are of a second.
func BenchmarkDayOfFourCameras(b *testing.B) {
	store, err := storage.Open(b.Context(), storage.Options{Dir: b.TempDir()})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { store.Close() })
	cameras := []camera.ID{"0800c0000001", "0800c0000002", "0800c0000003", "0800c0000004"}
	for i := range 288 {
		for _, id := range cameras {
			film(b, store, id, noon.Add(time.Duration(i)*5*time.Minute))
		}
	}
	s, err := New(Options{Store: store, Box: newHall(store, time.Now)})
	if err != nil {
		b.Fatal(err)
	}
	some, hash := NewToken()
	if _, err := s.accounts.AddToken(b.Context(), storage.Token{Name: "some", Scopes: []string{"read"}, Cameras: storage.SomeCameras(cameras...), Created: time.Now()}, hash); err != nil {
		b.Fatal(err)
	}
	all, hash := NewToken()
	if _, err := s.accounts.AddToken(b.Context(), storage.Token{Name: "all", Scopes: []string{"read"}, Cameras: storage.AllCameras, Created: time.Now()}, hash); err != nil {
		b.Fatal(err)
	}
	h := s.handler()
	day := "from=2026-11-22T00:00:00Z&to=2026-11-24T00:00:00Z&limit=5000"
	for _, c := range []struct{ name, token, path string }{
		{"segments", all, "/api/v1/segments?" + day}, {"events", all, "/api/v1/events?" + day},
		{"segments of a viewer", some, "/api/v1/segments?" + day}, {"events of a viewer", some, "/api/v1/events?" + day},
		{"coverage", all, "/api/v1/cameras/0800c0000001/coverage?from=2026-11-22T00:00:00Z&to=2026-11-24T00:00:00Z"},
		{"cameras", all, "/api/v1/cameras"},
	} {
		b.Run(c.name, func(b *testing.B) {
			u, err := url.ParseRequestURI(c.path)
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				r := &http.Request{Method: "GET", URL: u, Host: "x", Header: http.Header{"Authorization": {"Bearer " + c.token}}, Body: http.NoBody, RemoteAddr: "127.0.0.1:1"}
				w := httptest.NewRecorder()
				h.ServeHTTP(w, r.WithContext(b.Context()))
				if w.Code != 200 {
					b.Fatalf("%d %s", w.Code, w.Body)
				}
			}
		})
	}
}

func BenchmarkPassword(b *testing.B) {
	dear := argon{memory: 32 << 10, passes: 2, lanes: 1}
	for b.Loop() {
		dear.hash("correct horse battery staple", []byte("0123456789abcdef"))
	}
}
