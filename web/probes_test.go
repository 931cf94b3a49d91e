package web

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"v720dvr/storage"
	"v720dvr/storage/storagetest"
)

func TestProbesTellNobodyMoreThanYesOrNo(t *testing.T) {
	store := storagetest.Open(t, storage.Options{})
	h := newHall(store, nil)
	s, err := New(Options{Store: store, Box: h})
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{"/healthz": "ok\n", "/readyz": "ok\n"} {
		got := httptest.NewRecorder()
		s.handler().ServeHTTP(got, httptest.NewRequest("GET", path, http.NoBody))
		if body, err := io.ReadAll(got.Body); err != nil || got.Code != 200 || string(body) != want {
			t.Errorf("GET %s: got %d %q, %v", path, got.Code, body, err)
		}
	}
	s.handler().ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/made/up", http.NoBody))
	counted := map[string]int64{}
	for _, r := range s.Requests() {
		counted[r.Route] = r.Count
	}
	if counted["GET /healthz"] != 1 || counted[""] != 1 || len(counted) != 3 {
		t.Errorf("got %v counted, want the routes, and what is none as one", counted)
	}
	got := httptest.NewRecorder()
	if probe(got, false); got.Code != 503 || got.Body.String() != "not ready\n" {
		t.Errorf("not ready: got %d %q", got.Code, got.Body)
	}
}
