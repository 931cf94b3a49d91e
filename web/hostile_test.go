package web

import (
	"bufio"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"v720dvr/storage"
)

// hostileParts reads testdata/hostile.txt, and adds what is too long to stand there.
func hostileParts(t testing.TB) map[string][]string {
	t.Helper()
	f, err := os.Open(filepath.Join("testdata", "hostile.txt"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	parts := make(map[string][]string)
	for lines := bufio.NewScanner(f); lines.Scan(); {
		kind, quoted, ok := strings.Cut(lines.Text(), " ")
		if !ok || kind == "#" {
			continue
		}
		text, err := strconv.Unquote(quoted)
		if err != nil {
			t.Fatalf("%s: %v", lines.Text(), err)
		}
		parts[kind] = append(parts[kind], text)
	}
	parts["body"] = append(parts["body"], strings.Repeat("[", 100_000), `{"user":"`+strings.Repeat("x", 200_000)+`"}`,
		`{"cameras":[`+strings.Repeat(`"0800c0000001",`, 5000)+`"x"]}`, "{"+strings.Repeat(`"a":1,`, 10_000)+`"b":1}`)
	parts["header"] = append(parts["header"], "Cookie: "+strings.Repeat("a=b; ", 2000), "Authorization: Bearer "+strings.Repeat("x", 8000))
	return parts
}

// harmless are the answers that nobody in particular may have.
func harmless(method, path string, status int) bool {
	return isPage(path) && (method == "GET" || method == "HEAD") || status >= 400 && status < 500
}

// Ten thousand requests of nobody, of a viewer and of a token for reading: nothing is opened that is not
// theirs, nothing breaks, and nothing grows.
func TestHostileRequestsCrossNoBoundary(t *testing.T) {
	parts := hostileParts(t)
	s := open(t)
	s.addUser("viewer", storage.RoleViewer, storage.SomeCameras(door))
	viewer := s.visitor()
	viewer.logIn("viewer", "password of viewer")
	at, err := url.Parse(s.base)
	if err != nil {
		t.Fatal(err)
	}
	session := viewer.http.Jar.Cookies(at)
	token := s.with("reader", storage.SomeCameras(door), ScopeRead).token
	if _, err := s.o.Store.Keep(t.Context(), storage.Keep{Camera: yard, From: noon, To: noon.Add(time.Minute), Note: "of " + string(yard)}); err != nil {
		t.Fatal(err)
	}
	before := s.accountsNow()

	h := s.handler()
	seed := rand.Uint64()
	random := rand.New(rand.NewPCG(seed, 1))
	pick := func(kind string) string { return parts[kind][random.IntN(len(parts[kind]))] }
	var heap uint64
	rounds := 10_000
	if testing.Short() { // under the race detector each costs ten times as much
		rounds = 2000
	}
	for i := range rounds {
		if i == rounds/5 {
			heap = heapNow()
		}
		method, path, body := pick("method"), pick("path"), pick("body")
		r := &http.Request{
			Method: method, Host: at.Host, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body)), ContentLength: int64(len(body)),
			Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, RemoteAddr: fmt.Sprintf("203.0.%d.%d:999", random.IntN(256), random.IntN(256)),
		}
		if r.URL, err = url.ParseRequestURI(path); err != nil {
			r.URL = &url.URL{Path: path} // net/http would refuse it
		}
		for range random.IntN(3) {
			name, value, _ := strings.Cut(pick("header"), ": ")
			r.Header.Add(name, value)
		}
		known := random.IntN(3)
		switch known {
		case 1:
			r.Header.Del("Cookie")
			for _, c := range session {
				r.AddCookie(c)
			}
		case 2:
			r.Header.Set("Authorization", "Bearer "+token)
		}
		w := httptest.NewRecorder()
		serve(h, w, r.WithContext(t.Context()))
		switch got := w.Body.String(); {
		case w.Code >= 500, w.Code/100 == 3 && w.Code != http.StatusNotModified:
			t.Errorf("seed %d: %s %s with %v and %.60q: answered %d %.200s", seed, method, path, r.Header, body, w.Code, got)
		case known == 0 && !harmless(method, r.URL.Path, w.Code):
			t.Errorf("seed %d: nobody got %d for %s %s with %v: %.200s", seed, w.Code, method, path, r.Header, got)
		case strings.Contains(got, string(yard)), strings.Contains(got, "secret.toml"), strings.Contains(got, "argon2id"), strings.Contains(got, "root:"):
			t.Errorf("seed %d: %s %s tells what is not for who asks: %.200s", seed, method, path, got)
		}
	}
	if grown := int64(heapNow()) - int64(heap); grown > 8<<20 {
		t.Errorf("the heap grew by %d bytes in %d requests", grown, rounds*4/5)
	}
	for line := range strings.Lines(s.log.String()) {
		if fields := strings.Fields(line); len(fields) < 2 || !strings.HasPrefix(fields[0], "time=") || fields[1] == "level=ERROR" {
			t.Errorf("seed %d: log: %.2000s", seed, line)
		}
	}
	s.log.reset()
	if after := s.accountsNow(); after != before {
		t.Errorf("seed %d: users, tokens, settings and keeps were %s, and are %s", seed, before, after)
	}
}

// serve contains the panic by which a connection is ended.
func serve(h http.Handler, w http.ResponseWriter, r *http.Request) {
	defer func() {
		if failed := recover(); failed != nil && failed != http.ErrAbortHandler {
			panic(failed)
		}
	}()
	h.ServeHTTP(w, r)
}

func (l *lockedBuffer) reset() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.b.Reset()
}

func heapNow() uint64 {
	runtime.GC()
	runtime.GC() // what pools hold goes at the second
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// accountsNow is who there is, what is set, and what is kept.
func (s *site) accountsNow() string {
	s.t.Helper()
	users, err := s.accounts.Users(s.t.Context())
	if err != nil {
		s.t.Fatal(err)
	}
	tokens, err := s.accounts.Tokens(s.t.Context())
	if err != nil {
		s.t.Fatal(err)
	}
	settings, err := s.o.Store.Settings(s.t.Context())
	if err != nil {
		s.t.Fatal(err)
	}
	var text strings.Builder
	for _, u := range users {
		fmt.Fprintln(&text, u)
	}
	for _, token := range tokens {
		fmt.Fprintln(&text, token.Name, token.Scopes, token.Cameras, token.Owner)
	}
	keeps, err := s.o.Store.Keeps(s.t.Context(), storage.KeepQuery{Cameras: storage.AllCameras, Limit: storage.MaxKeeps})
	if err != nil {
		s.t.Fatal(err)
	}
	fmt.Fprintln(&text, settings, keeps)
	return text.String()
}

// What net/http itself has to judge goes over a real connection.
func TestHostileBytesAreRefusedOnTheWire(t *testing.T) {
	s := open(t)
	long := strings.Repeat("x", mostHeader*3)
	for name, request := range map[string]string{
		"no request":             "\x16\x03\x01\x00\xa5\x01\x00\x00\xa1\x03\x03",
		"long line":              "GET /" + long + " HTTP/1.1\r\nHost: x\r\n\r\n",
		"long header":            "GET / HTTP/1.1\r\nHost: x\r\nX: " + long + "\r\n\r\n",
		"two lengths":            "POST /api/v1/session HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
		"length and chunks":      "POST /api/v1/session HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n0\r\n\r\nGET /api/v1/users HTTP/1.1\r\n\r\n",
		"chunks that are none":   "POST /api/v1/session HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\nzz\r\n",
		"huge chunk":             "POST /api/v1/session HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\nffffffffffffffff\r\n",
		"line break in a header": "GET /api/v1/users HTTP/1.1\r\nHost: x\r\nX: a\rb\r\nConnection: close\r\n\r\n",
		"absolute address":       "GET http://127.0.0.1/api/v1/users HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
		"star":                   "OPTIONS * HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
		"tunnel":                 "CONNECT 192.168.1.1:80 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
		"version":                "GET / HTTP/9.9\r\nHost: x\r\n\r\n",
		"no host":                "GET /api/v1/users HTTP/1.1\r\nConnection: close\r\n\r\n",
	} {
		if got := raw(t, s, request, true); got != nil && (got.StatusCode < 400 || got.StatusCode == http.StatusInternalServerError) {
			t.Errorf("%s: got %s", name, got.Status)
		}
	}
	s.visitor().want(200, "GET", "/", nil)
	if strings.Contains(s.log.String(), "level=ERROR") {
		t.Errorf("log: %s", s.log)
	}
}
