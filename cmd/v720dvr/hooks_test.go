package main

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// called is what a receiver was called with: ids, and how often.
type called struct {
	mu   sync.Mutex
	ids  map[string]int
	came chan string
}

func (c *called) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/away" {
		http.Error(w, "no such topic", http.StatusNotFound)
		return
	}
	id := r.Header.Get("Webhook-Id")
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ids[id]++; strings.HasSuffix(id, "-end") {
		c.came <- id
	}
}

// The end is told when it happens, and found in the index after a restart: it is the same one.
func TestAnEndIsToldOnceAlsoWhenTheIndexTellsItAgainAfterARestart(t *testing.T) {
	t.Parallel()
	c := &called{ids: map[string]int{}, came: make(chan string, 10)}
	receiver := httptest.NewServer(c)
	defer receiver.Close()
	dir := t.TempDir()
	text := "[recording]\npostroll = \"0s\"\n[motion]\nenabled = false\n[[hook]]\nname = \"home\"\non = [\"event_end\", \"segment\"]\nurl = \"" + receiver.URL + "/here?token=hidden\"\nsecret_env = \"HOME\"\n" +
		"[[hook]]\nname = \"away\"\non = [\"disk\"]\nurl = \"" + receiver.URL + "/away\"\nformat = \"ntfy\"\n"
	if err := os.WriteFile(filepath.Join(dir, "config.toml"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	p := command(t, dir, "run", "--simulate", "1").start()
	p.await("camera streaming.* addr=127")
	if code, _, stderr := command(t, dir, "cameras", "record", "0800c0F00001", "1s").run(); code != exitDone {
		t.Fatalf("record: exit code %d, %q", code, stderr)
	}
	select {
	case id := <-c.came:
		if !strings.Contains(id, "-asked-") {
			t.Errorf("got %s, want the end of what was asked for", id)
		}
	case <-time.After(20 * time.Second):
		t.Fatal("no end came")
	}
	code, out, stderr := command(t, dir, "hooks", "test").run()
	if code != exitFailed || !strings.Contains(stderr, "1 of 2 hooks failed") {
		t.Errorf("got exit code %d, %q, want one failure", code, stderr)
	}
	for _, want := range []string{"home, event_end: worked", `"test":true`, "200 OK", "away, disk: failed: it answers 404 Not Found", "no such topic"} {
		if !strings.Contains(out, want) {
			t.Errorf("%q is missing in\n%s", want, out)
		}
	}
	if strings.Contains(out, "hidden") {
		t.Errorf("it tells what is secret:\n%s", out)
	}
	p.finish() // commits the segment
	p = command(t, dir, "run", "--simulate", "1").start()
	p.await("camera streaming.* addr=127")
	// The segment's call stands behind the look for ends: when it was made, the ends have been looked at.
	for limit := time.Now().Add(20 * time.Second); ; {
		if _, out, _ := command(t, dir, "hooks", "list").run(); strings.Contains(out, "home") && strings.Contains(out, "worked") && c.has("segment-") {
			break
		}
		if time.Now().After(limit) {
			t.Fatal("the segment was not told")
		}
	}
	p.finish()
	c.mu.Lock()
	defer c.mu.Unlock()
	ends := 0
	for id, n := range c.ids {
		if n != 1 {
			t.Errorf("%s came %d times", id, n)
		}
		if strings.HasSuffix(id, "-end") {
			ends++
		}
	}
	if ends != 1 {
		t.Errorf("got %v, want one end", c.ids)
	}
}

func (c *called) has(prefix string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	for id := range c.ids {
		if strings.HasPrefix(id, prefix) {
			return true
		}
	}
	return false
}
