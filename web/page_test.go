package web

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// Everybody gets the page: access_test.go walks these too.
func init() {
	for _, at := range []string{
		"/{$}", "/live", "/live/{camera}", "/timeline", "/timeline/{camera}", "/events", "/events/{event}", "/storage", "/setup", "/setup/{camera}",
		"/setup/{camera}/{part}", "/more", "/more/{part}", "/more/{part}/{about}", "/mini/{camera}", "/assets/{version}/{file...}",
	} {
		w := walk["GET "+at]
		w.may = "nobody viewer neighbour read live control half-admin"
		walk["GET "+at] = w
	}
}

// anAsset is the path of a file of the page below /assets/.
func anAsset() string {
	p, err := thePage()
	if err != nil {
		panic(err)
	}
	return p.version + "/app.js"
}

// isPage tells a path that has the page, or could have it.
func isPage(p string) bool {
	first, _, _ := strings.Cut(strings.TrimPrefix(p, "/"), "/")
	return slices.Contains([]string{"", "live", "timeline", "events", "storage", "setup", "more", "mini"}, first)
}

func packed(t *testing.T) *page {
	t.Helper()
	p, err := thePage()
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestPageIsAtItsAddressesAndKnowsWhenItIsTheSame(t *testing.T) {
	s := open(t)
	v := s.visitor()
	first := v.want(http.StatusOK, "GET", "/", nil)
	for _, at := range []string{"/live", "/live/hall", "/timeline/hall?t=2026-11-22T14:05:00%2B01:00&span=1h", "/events/12", "/setup/hall/zones", "/more/cameras/hall"} {
		if got := v.want(http.StatusOK, "GET", at, nil); !bytes.Equal(got.body, first.body) || got.Header.Get("Content-Type") != "text/html; charset=utf-8" {
			t.Errorf("%s: got %q %.80s, want the shell", at, got.Header.Get("Content-Type"), got.body)
		}
	}
	again := v.send("GET", "/live", nil, func(r *http.Request) { r.Header.Set("If-None-Match", first.Header.Get("ETag")) })
	if again.StatusCode != http.StatusNotModified || first.Header.Get("Cache-Control") != "no-cache" {
		t.Errorf("the same shell again: got %s, Cache-Control %q", again.Status, first.Header.Get("Cache-Control"))
	}
	for _, at := range []string{"/lives", "/live/a/b", "/events/1/2", "/assets/", "/assets/index.html", "/assets/another/app.js"} {
		v.want(http.StatusNotFound, "GET", at, nil)
	}
}

func TestAssetsAreTheSameSmallAndPlainAndAreKeptForEver(t *testing.T) {
	s := open(t)
	p := packed(t)
	v := s.visitor()
	for name, file := range p.files {
		at := "/assets/" + p.version + "/" + name
		accept := func(text string) func(*http.Request) {
			return func(r *http.Request) { r.Header.Set("Accept-Encoding", text) }
		}
		plain := v.send("GET", at, nil, accept("br, gzip;q=0"))
		small := v.send("GET", at, nil, accept("br, gzip"))
		if plain.Header.Get("Content-Encoding") != "" || !bytes.Equal(plain.body, file.plain) || !strings.Contains(plain.Header.Get("Cache-Control"), "immutable") {
			t.Errorf("%s plain: got %d bytes, %v", name, len(plain.body), plain.Header)
		}
		body := small.body
		if small.Header.Get("Content-Encoding") == "gzip" {
			z, err := gzip.NewReader(bytes.NewReader(body))
			if err != nil {
				t.Fatal(err)
			}
			if body, err = io.ReadAll(z); err != nil {
				t.Fatal(err)
			}
		}
		if !bytes.Equal(body, file.plain) || small.Header.Get("ETag") == plain.Header.Get("ETag") && len(small.body) != len(plain.body) {
			t.Errorf("%s small: got %d bytes that become %d, %v", name, len(small.body), len(body), small.Header)
		}
	}
}

var (
	importing = regexp.MustCompile(`(?m)(?:^import\s[^'"]*|^export\s[^'"]*\sfrom\s*|^import\s*)['"](\.[^'"]+)['"]`)
	onDemand  = regexp.MustCompile(`(?:import\(|new URL\()\s*['"](\.[^'"]+)['"]`)
	preloaded = regexp.MustCompile(`rel="modulepreload" href="\{\{assets\}\}/([^"]+)"`)
)

// closure is a module with all that it imports at once.
func closure(t *testing.T, p *page, name string, into map[string]bool) {
	t.Helper()
	file, ok := p.files[name]
	if !ok {
		t.Errorf("%s is imported, and is not there", name)
		return
	}
	if into[name] {
		return
	}
	into[name] = true
	if strings.HasPrefix(name, "lib/") {
		return
	}
	for _, m := range importing.FindAllSubmatch(file.plain, -1) {
		closure(t, p, path.Join(path.Dir(name), string(m[1])), into)
	}
}

func TestModulesFindEachOther(t *testing.T) {
	p := packed(t)
	for name, file := range p.files {
		if path.Ext(name) != ".js" || strings.HasPrefix(name, "lib/") {
			continue
		}
		closure(t, p, name, make(map[string]bool))
		for _, m := range onDemand.FindAllSubmatch(file.plain, -1) {
			if want := path.Join(path.Dir(name), string(m[1])); p.files[want].plain == nil {
				t.Errorf("%s loads %s, which is not there", name, want)
			}
		}
	}
}

// The first load is the shell, its style, and the modules until the live wall stands.
func TestFirstLoadIsSmallAndPreloaded(t *testing.T) {
	p := packed(t)
	needs := make(map[string]bool)
	closure(t, p, "app.js", needs)
	closure(t, p, "views/live.js", needs)
	var named []string
	shell, err := assets.ReadFile("assets/index.html")
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range preloaded.FindAllSubmatch(shell, -1) {
		named = append(named, string(m[1]))
	}
	for name := range needs {
		if name != "app.js" && !slices.Contains(named, name) {
			t.Errorf("index.html does not preload %s, so it comes a round later", name)
		}
	}
	for _, name := range named {
		if !needs[name] {
			t.Errorf("index.html preloads %s, which the first load does not have", name)
		}
	}
	needs["style.css"], needs["early.js"], needs["icon.svg"] = true, true, true
	all, small := len(p.shell.plain), len(p.shell.small)
	for name := range needs {
		f := p.files[name]
		all += len(f.plain)
		small += max(len(f.small), len(f.plain)*btoi(f.small == nil))
	}
	if t.Logf("the first load: %d files, %d bytes, %d as they are sent", len(needs)+1, all, small); all > 300_000 {
		t.Errorf("the first load takes %d bytes, want 300,000 at most", all)
	}
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

// What the policy forbids would not fail loudly: a browser leaves it out. And nothing makes markup of a text: names and
// notes are what somebody typed, or what a stranger's camera says.
func TestPageKeepsToItsOwnPolicy(t *testing.T) {
	p := packed(t)
	forbidden := regexp.MustCompile(`\sstyle="|\sstyle=\$|<script>|\son[a-z]+="|\beval\(|new Function\(|innerHTML|outerHTML|insertAdjacentHTML|unsafeHTML|unsafeSVG|document\.write|srcdoc|createContextualFragment|https?://[^\s'"]+\.(?:js|css|woff2?)\b`)
	for name, file := range p.files {
		if strings.HasPrefix(name, "lib/") || strings.HasSuffix(name, ".css") {
			continue
		}
		if at := forbidden.FindIndex(file.plain); at != nil {
			t.Errorf("%s: %.80q", name, file.plain[max(0, at[0]-20):])
		}
	}
	if at := forbidden.FindIndex(p.shell.plain); at != nil {
		t.Errorf("the shell: %.80q", p.shell.plain[at[0]:])
	}
}
