package web

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path"
	"strings"
	"testing"
	"time"

	"v720dvr/storage"
	"v720dvr/storage/storagetest"
)

// fuzzed is a server without a listener, with a token that may everything.
func fuzzed(f *testing.F) (h http.Handler, token string) {
	f.Helper()
	cost = argon{memory: 8, passes: 1, lanes: 1}
	store := storagetest.Open(f, storage.Options{})
	s, err := New(Options{Store: store, Box: newHall(store, time.Now)})
	if err != nil {
		f.Fatal(err)
	}
	s.deviceKey = []byte("a key")
	token, hash := NewToken()
	if _, err := s.accounts.AddToken(f.Context(), storage.Token{Name: "fuzz", Scopes: []string{"admin"}, Cameras: storage.AllCameras, Created: time.Now()}, hash); err != nil {
		f.Fatal(err)
	}
	return s.handler(), token
}

func ask1(t *testing.T, h http.Handler, r *http.Request) *httptest.ResponseRecorder {
	t.Helper()
	w := httptest.NewRecorder()
	serve(h, w, r.WithContext(t.Context()))
	if w.Code >= 500 && w.Code != http.StatusNotImplemented && w.Code != http.StatusServiceUnavailable {
		t.Errorf("%s %q: answered %d %.300s", r.Method, r.URL.Path, w.Code, w.Body)
	}
	return w
}

// Nobody gets more than the front, whatever the path.
func FuzzPath(f *testing.F) {
	for _, p := range hostileParts(f)["path"] {
		f.Add(p)
	}
	h, token := fuzzed(f)
	f.Fuzz(func(t *testing.T, text string) {
		u, err := url.ParseRequestURI(text)
		if err != nil {
			return
		}
		r := &http.Request{Method: "GET", URL: u, Host: "x", Header: http.Header{}, Body: http.NoBody, RemoteAddr: "127.0.0.1:1"}
		if w := ask1(t, h, r); !isPage(u.Path) && w.Code < 400 {
			t.Errorf("nobody got %d for %q", w.Code, text)
		}
		r.Header = http.Header{"Authorization": {"Bearer " + token}}
		if w := ask1(t, h, r); w.Code < 400 && u.Path != path.Clean(u.Path) {
			t.Errorf("%q is not plain, and was answered with %d", text, w.Code)
		}
	})
}

// Nobody becomes somebody, whatever cookies and tokens are made up.
func FuzzCredentials(f *testing.F) {
	for _, header := range hostileParts(f)["header"] {
		name, value, _ := strings.Cut(header, ": ")
		f.Add(value, name == "Cookie")
	}
	h, token := fuzzed(f)
	f.Fuzz(func(t *testing.T, value string, cookie bool) {
		if strings.Contains(value, token) {
			return
		}
		name := map[bool]string{true: "Cookie", false: "Authorization"}[cookie]
		r := &http.Request{Method: "GET", URL: &url.URL{Path: "/api/v1/session"}, Host: "x", Header: http.Header{name: {value}}, Body: http.NoBody, RemoteAddr: "127.0.0.1:1"}
		if w := ask1(t, h, r); w.Code != http.StatusUnauthorized {
			t.Errorf("%s %q: got %d %s", name, value, w.Code, w.Body)
		}
	})
}

// An admin may send anything as a body: it is taken or refused.
func FuzzBody(f *testing.F) {
	for i, body := range hostileParts(f)["body"] {
		f.Add(body, byte(i))
	}
	h, token := fuzzed(f)
	var targets []string
	for pattern := range routes {
		if !strings.HasPrefix(pattern, "GET ") {
			targets = append(targets, strings.NewReplacer("{camera}", string(door), "{user}", "nobody", "{token}", "nobody").Replace(pattern))
		}
	}
	f.Fuzz(func(t *testing.T, body string, target byte) {
		method, p, _ := strings.Cut(targets[int(target)%len(targets)], " ")
		r := &http.Request{
			Method: method, URL: &url.URL{Path: p}, Host: "x", RemoteAddr: "127.0.0.1:1", ContentLength: int64(len(body)),
			Header: http.Header{"Authorization": {"Bearer " + token}}, Body: io.NopCloser(strings.NewReader(body)),
		}
		ask1(t, h, r)
	})
}

func FuzzCursor(f *testing.F) {
	f.Add(cursor(storage.Place{At: noon, ID: 7}))
	f.Add("LTkyMjMzNzIwMzY4NTQ3NzU4MDguMQ")
	f.Fuzz(func(t *testing.T, text string) {
		if p, err := parseCursor(text); err == nil && cursor(p) != text {
			t.Errorf("%q reads as %+v, which is written %q", text, p, cursor(p))
		}
	})
}
