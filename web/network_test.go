package web

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"io"
	"net"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"v720dvr/storage"
	"v720dvr/storage/storagetest"
)

func TestEveryAnswerHasTheHeaders(t *testing.T) {
	s := open(t)
	for _, path := range []string{"/", "/api/v1/session", "/nothing", "/api/v1/cameras/../users"} {
		got := s.visitor().send("GET", path, nil)
		for _, name := range []string{"Content-Security-Policy", "X-Content-Type-Options", "X-Frame-Options", "Referrer-Policy", "Cross-Origin-Resource-Policy", "Cache-Control"} {
			if got.Header.Get(name) == "" {
				t.Errorf("%s: no %s", path, name)
			}
		}
		if csp := got.Header.Get("Content-Security-Policy"); !strings.HasPrefix(csp, "default-src 'none'") || strings.Contains(csp, "unsafe") || strings.Contains(csp, "*") {
			t.Errorf("%s: policy %q", path, csp)
		}
	}
}

func TestPageOfAnotherSiteChangesNothing(t *testing.T) {
	s := open(t)
	v := s.admin()
	for name, from := range map[string]func(*http.Request){
		"Origin":         func(r *http.Request) { r.Header.Set("Origin", "http://evil.example") },
		"Origin null":    func(r *http.Request) { r.Header.Set("Origin", "null") },
		"other port":     func(r *http.Request) { r.Header.Set("Origin", "http://127.0.0.1:1") },
		"Sec-Fetch-Site": func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "cross-site") },
	} {
		if got := v.send("POST", "/api/v1/cameras/"+string(door)+"/pause", fields{}, from); got.StatusCode != 403 {
			t.Errorf("%s: got %s", name, got.Status)
		}
	}
	if _, paused := s.o.Store.Paused(door, noon); paused {
		t.Error("it was done all the same")
	}
	if got := v.send("POST", "/api/v1/cameras/"+string(door)+"/pause", fields{}, func(r *http.Request) { r.Header.Set("Origin", s.base) }); got.StatusCode != 200 {
		t.Errorf("our own page: got %s %s", got.Status, got.body)
	}
}

func TestWithoutLogInOnlyThisMachineIsServed(t *testing.T) {
	store := storagetest.Open(t, storage.Options{})
	for listen, ok := range map[string]bool{
		"127.0.0.1:0": true, "[::1]:0": true, "localhost:0": true, "127.9.9.9:7720": true, "": true,
		":7720": false, "0.0.0.0:7720": false, "192.168.1.5:7720": false, "[::]:0": false, "localhost.evil.example:1": false, "x": false,
	} {
		if _, err := New(Options{Listen: listen, Open: true, Store: store, Box: newHall(store, time.Now)}); (err == nil) != ok {
			t.Errorf("%q: %v, want it taken: %v", listen, err, ok)
		}
	}
	s := open(t, func(o *Options) { o.Open = true })
	v := s.visitor()
	v.want(200, "GET", "/api/v1/users", nil)
	v.want(404, "POST", "/api/v1/session", fields{"user": "admin", "password": "x"})
	for host, want := range map[string]int{"localhost:7720": 200, "127.0.0.1": 200, "[::1]:80": 200, "evil.example": 421, "evil.example:7720": 421, "127.0.0.1.evil.example": 421} {
		got := raw(t, s, "GET /api/v1/users HTTP/1.1\r\nHost: "+host+"\r\nConnection: close\r\n\r\n", false)
		if got == nil || got.StatusCode != want {
			t.Errorf("Host %q: got %+v, want %d: its name may lead here from a page elsewhere", host, got, want)
		}
	}
}

// raw sends bytes, and reads an answer; nil when there is none. torn says that no more comes, which
// net/http takes for a client that has gone.
func raw(t *testing.T, s *site, request string, torn bool) *http.Response {
	t.Helper()
	c, err := net.Dial("tcp", s.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := c.SetDeadline(time.Now().Add(20 * time.Second)); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Write([]byte(request)); err != nil {
		return nil
	}
	if torn {
		if err := c.(*net.TCPConn).CloseWrite(); err != nil {
			return nil
		}
	}
	all, err := io.ReadAll(c)
	if len(all) == 0 || err != nil && !bytes.HasPrefix(all, []byte("HTTP/")) {
		return nil
	}
	got, err := http.ReadResponse(newReader(all), nil)
	if err != nil {
		t.Errorf("%.60q: answered with %.60q: %v", request, all, err)
		return nil
	}
	return got
}

func TestConnectionsOfAnAddressAreBounded(t *testing.T) {
	g := &guardedListener{of: make(map[netip.Prefix]int)}
	one, two, here := netip.MustParseAddr("192.168.1.5"), netip.MustParseAddr("192.168.1.6"), netip.MustParseAddr("127.0.0.1")
	for i := range mostOfOneAddress + 1 {
		if got := g.take(one); got != (i < mostOfOneAddress) {
			t.Fatalf("connection %d of an address: %v", i+1, got)
		}
	}
	if !g.take(two) {
		t.Error("another address is not let in")
	}
	for range mostConnections - mostOfOneAddress - 1 {
		if !g.take(here) {
			t.Fatal("this machine itself, a proxy of many, is bounded as one")
		}
	}
	if g.take(here) {
		t.Error("more than there may be at all")
	}
	g.leave(one)
	if !g.take(one) {
		t.Error("a place that is free is not given")
	}
	for range mostOfOneAddress {
		g.leave(one)
	}
	g.leave(two)
	for range mostConnections - mostOfOneAddress - 1 {
		g.leave(here)
	}
	if len(g.of) != 0 || g.all != 0 {
		t.Errorf("left are %v, %d", g.of, g.all)
	}
}

func TestRequestsOfAnAddressAreBounded(t *testing.T) {
	v, addr, now := newVisitors(), netip.MustParseAddr("2001:db8::1"), noon
	let := 0
	for range 2 * requestBurst {
		if v.allow(addr, now) {
			let++
		}
	}
	if let != requestBurst {
		t.Errorf("%d at once, want %d", let, requestBurst)
	}
	if !v.allow(addr, now.Add(time.Second)) || !v.allow(netip.MustParseAddr("2001:db8:1::1"), now) {
		t.Error("a second later, or from another address, nothing is let in")
	}
	for i := range 5000 {
		v.allow(netip.AddrFrom4([4]byte{10, 0, byte(i >> 8), byte(i)}), now)
	}
	if n := len(v.recent.now) + len(v.recent.before); n > 2*mostRecent {
		t.Errorf("%d addresses are remembered", n)
	}
}

func TestPanicCostsItsRequestAlone(t *testing.T) {
	s := open(t)
	broken := s.contained(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/half" {
			_, _ = w.Write([]byte("half"))
		}
		var nobody *Principal
		_ = nobody.Who
	}))
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- s.serve(ctx, l, broken) }()
	got, err := http.Get("http://" + l.Addr().String() + "/whole")
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(got.Body)
	got.Body.Close()
	if err != nil || got.StatusCode != 500 || got.Header.Get("Content-Type") != "application/problem+json" || strings.Contains(string(body), "nil pointer") {
		t.Errorf("got %s %q, %v", got.Status, body, err)
	}
	if got, err := http.Get("http://" + l.Addr().String() + "/half"); err == nil {
		if _, err := io.ReadAll(got.Body); err == nil && got.ContentLength < 0 {
			t.Error("half an answer looks like a whole one")
		}
		got.Body.Close()
	}
	stop()
	if err := <-done; err != nil {
		t.Error(err)
	}
	if log := s.log.String(); !strings.Contains(log, "level=ERROR") || !strings.Contains(log, "nil pointer") || !strings.Contains(log, "network_test.go") {
		t.Errorf("the log does not tell where: %s", log)
	}
}

func TestMadeCertificateStaysTheSame(t *testing.T) {
	var first *x509.Certificate
	dir := t.TempDir()
	for range 2 {
		store, err := storage.Open(t.Context(), storage.Options{Dir: dir})
		if err != nil {
			t.Fatal(err)
		}
		s, err := New(Options{Listen: "127.0.0.1:0", Open: true, TLS: TLS{Made: true}, Store: store, Box: newHall(store, time.Now)})
		if err != nil {
			t.Fatal(err)
		}
		c, err := s.openCertificate(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		leaf := c.current(time.Now()).Leaf
		if first == nil {
			first = leaf
		}
		if !leaf.Equal(first) {
			t.Error("another one at the second start: who trusted the first is asked again")
		}
		if leaf.VerifyHostname("localhost") != nil || leaf.VerifyHostname("127.0.0.1") != nil || leaf.NotAfter.Sub(leaf.NotBefore) > 825*24*time.Hour {
			t.Errorf("it is for %v %v until %v", leaf.DNSNames, leaf.IPAddresses, leaf.NotAfter)
		}
		// Shortly before its end a new one is made, of the same key.
		s.o.Now = func() time.Time { return leaf.NotAfter.Add(-renewAhead / 2) }
		c, err = s.openCertificate(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		renewed := c.current(time.Now()).Leaf
		if renewed.NotAfter.Before(leaf.NotAfter.AddDate(1, 0, 0)) || !bytes.Equal(renewed.RawSubjectPublicKeyInfo, leaf.RawSubjectPublicKeyInfo) {
			t.Errorf("renewed until %v", renewed.NotAfter)
		}
		if err := s.accounts.SetKey(t.Context(), "tls.cert", leaf.Raw); err != nil {
			t.Fatal(err)
		}
		if err := store.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

func TestTLSIsServedAndItsCookiesAreSafe(t *testing.T) {
	s := open(t, func(o *Options) { o.TLS.Made = true })
	pool := x509.NewCertPool()
	pool.AddCert(s.certificate.now.Leaf)
	v := s.visitor()
	v.http.Transport = &http.Transport{DisableKeepAlives: true, ForceAttemptHTTP2: true, TLSClientConfig: &tls.Config{RootCAs: pool}}
	got := v.logIn("admin", s.first)
	if got.ProtoMajor != 2 || got.Header.Get("Strict-Transport-Security") == "" {
		t.Errorf("got %s, %v", got.Proto, got.Header)
	}
	for _, c := range got.Cookies() {
		if !c.Secure || !strings.HasPrefix(c.Name, "__Host-") {
			t.Errorf("got cookie %+v", c)
		}
	}
	v.want(200, "GET", "/api/v1/users", nil)
	v.http.Transport = &http.Transport{DisableKeepAlives: true, TLSClientConfig: &tls.Config{RootCAs: pool, MaxVersion: tls.VersionTLS11}}
	if _, err := v.http.Get(s.base); err == nil {
		t.Error("TLS 1.1 is taken")
	}
}

// A certificate that is renewed is taken without a restart; half of one is not.
func TestCertificateFilesAreReadAgain(t *testing.T) {
	dir := t.TempDir()
	o := TLS{Cert: filepath.Join(dir, "cert.pem"), Key: filepath.Join(dir, "key.pem")}
	write := func(at time.Time) *x509.Certificate {
		t.Helper()
		store := storagetest.Open(t, storage.Options{})
		s, err := New(Options{Store: store, Box: newHall(store, time.Now), Now: func() time.Time { return at }})
		if err != nil {
			t.Fatal(err)
		}
		made, err := s.madeCertificate(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		key, err := x509.MarshalPKCS8PrivateKey(made.PrivateKey)
		if err != nil {
			t.Fatal(err)
		}
		for file, block := range map[string]*pem.Block{o.Cert: {Type: "CERTIFICATE", Bytes: made.Certificate[0]}, o.Key: {Type: "PRIVATE KEY", Bytes: key}} {
			if err := os.WriteFile(file, pem.EncodeToMemory(block), 0o600); err != nil {
				t.Fatal(err)
			}
			if err := os.Chtimes(file, at, at); err != nil {
				t.Fatal(err)
			}
		}
		return made.Leaf
	}
	first := write(noon)
	s := open(t, func(options *Options) { options.TLS = o })
	looked := time.Now()
	look := func() *x509.Certificate {
		looked = looked.Add(lookAtFiles + time.Second)
		return s.certificate.current(looked).Leaf
	}
	if !look().Equal(first) {
		t.Error("it is another one")
	}
	if err := os.WriteFile(o.Key, []byte("half"), 0o600); err != nil {
		t.Fatal(err)
	}
	if !look().Equal(first) || !strings.Contains(s.log.String(), "the one before is") {
		t.Error("half a key takes the certificate away, or nobody is told")
	}
	second := write(noon.Add(time.Hour))
	if !look().Equal(second) {
		t.Error("the new one is not taken")
	}
	missing, err := New(Options{Listen: "127.0.0.1:0", Store: s.o.Store, Box: s.hall, TLS: TLS{Cert: filepath.Join(dir, "none.pem"), Key: o.Key}})
	if err != nil {
		t.Fatal(err)
	}
	if err := missing.Listen(t.Context()); err == nil || !strings.Contains(err.Error(), "none.pem") {
		t.Errorf("a certificate that is not there: %v", err)
	}
}
