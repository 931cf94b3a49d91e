package main

import (
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"

	"v720dvr/camera"
	"v720dvr/storage"
	"v720dvr/web"
)

// farSideOf is an archive over TLS; told hears of each request that sends something.
func farSideOf(t *testing.T, told func(*http.Request)) (environment []string) {
	t.Helper()
	objects := s3mem.New()
	if err := objects.CreateBucket("bucket"); err != nil {
		t.Fatal(err)
	}
	s3 := gofakes3.New(objects).Server()
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPut {
			told(r)
		}
		s3.ServeHTTP(w, r)
	}))
	server.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	server.StartTLS()
	t.Cleanup(server.Close)
	ca := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(ca, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	return []string{
		"V720DVR_ARCHIVE_S3=" + server.URL + "/bucket/cameras", "V720DVR_ARCHIVE_ACCESS_KEY=key", "V720DVR_ARCHIVE_SECRET_ENV=ARCHIVE_SECRET", "ARCHIVE_SECRET=a-secret-of-ours",
		"V720DVR_ARCHIVE_CA_FILE=" + ca, "V720DVR_ARCHIVE_WHAT=all", "V720DVR_ARCHIVE_REGION=us-east-1", "V720DVR_ARCHIVE_STYLE=path",
	}
}

// A recorder is killed while it sends; what counts as archived then is whole, and what is lost here comes back.
func TestKilledArchivingCountsNothingThatIsNotWhole(t *testing.T) {
	t.Parallel()
	const id = "0800c0F00001"
	times, seed := crashes(t)
	t.Logf("%d kills, V720DVR_TEST_SEED=%d", times, seed)
	random := rand.New(rand.NewPCG(seed, 721))
	var kill atomic.Pointer[process]
	killed := make(chan struct{}, 1)
	behind := atomic.Int64{} // bytes of a body behind which the recorder is killed
	environment := farSideOf(t, func(r *http.Request) {
		if p := kill.Swap(nil); p != nil {
			_, _ = io.CopyN(io.Discard, r.Body, behind.Load())
			_ = p.Process.Kill()
			killed <- struct{}{}
		}
	})
	dir := t.TempDir()
	begun := time.Now()
	film := func(store *storage.Store, n int) { // so that there is something to send at once
		start := begun.Add(-2*time.Hour + time.Duration(n)*time.Minute).Truncate(time.Second)
		segment, err := store.Create(storage.SegmentSpec{Camera: id, Start: start})
		if err != nil {
			t.Fatal(err)
		}
		for i := range 10 {
			if err := segment.WriteFrame(camera.Frame{Camera: id, At: start.Add(time.Duration(i) * 100 * time.Millisecond), JPEG: noise(random, 20_000)}); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := segment.Commit(t.Context(), start.Add(time.Second)); err != nil {
			t.Fatal(err)
		}
	}
	at := func(args ...string) *process {
		p := command(t, dir, args...)
		p.Env = append(p.Env, environment...)
		return p
	}
	for n := range times + 1 {
		store, err := storage.Open(t.Context(), storage.Options{Dir: filepath.Join(dir, "data"), Log: testLog(t)})
		if err != nil {
			t.Fatal(err)
		}
		film(store, 2*n)
		film(store, 2*n+1)
		if err := store.Close(); err != nil {
			t.Fatal(err)
		}
		p := at("run")
		p.Env = append(p.Env, "V720DVR_CLOUD_HTTP=127.0.0.1:0", "V720DVR_CLOUD_CONTROL=127.0.0.1:0", "V720DVR_CLOUD_MQTT=127.0.0.1:0")
		if n < times {
			behind.Store(random.Int64N(200_000))
			p.start()
			kill.Store(p)
			select {
			case <-killed:
			case <-time.After(20 * time.Second):
				t.Fatalf("nothing was sent; log:\n%s", p.errors())
			}
			p.end()
			continue
		}
		p.start()
		p.await("ready for cameras")
		for deadline := time.Now().Add(20 * time.Second); ; {
			var told web.Archive
			code, out, stderr := at("archive", "status", "--json").run()
			if err := json.Unmarshal([]byte(out), &told); code != exitDone || err != nil {
				t.Fatalf("status: exit code %d, %v, %q %q", code, err, out, stderr)
			}
			if told.Known && told.Waiting.Segments == 0 && told.Archived.Segments == 2*(times+1) {
				break
			}
			if time.Now().After(deadline) {
				t.Fatalf("got %+v; log:\n%s", told, p.errors())
			}
		}
		p.finish()
		if strings.Contains(p.errors(), "a-secret-of-ours") {
			t.Error("the secret is in the log")
		}
	}
	if code, out, stderr := at("archive", "verify", "--all").run(); code != exitDone || !strings.Contains(out, fmt.Sprintf("%d copies read back, 0 are not", 2*(times+1))) {
		t.Errorf("verify: exit code %d, %q %q", code, out, stderr)
	}
	if code, out, _ := at("config", "print").run(); code != exitDone || strings.Contains(out, "a-secret-of-ours") || !strings.Contains(out, "ARCHIVE_SECRET") {
		t.Errorf("config print: exit code %d, %q", code, out)
	}
	store, err := storage.Open(t.Context(), storage.Options{Dir: filepath.Join(dir, "data")})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := store.Sweep(t.Context(), storage.Rules{Twice: true, Camera: func(camera.ID) storage.CameraRules { return storage.CameraRules{MaxAge: time.Minute} }}); err != nil {
		t.Fatal(err)
	}
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	from, to := begun.Add(-3*time.Hour).Format(time.RFC3339), begun.Format(time.RFC3339)
	if code, out, stderr := at("archive", "list", id, from, to).run(); code != exitDone || strings.Count(out, "archive alone") != 2*(times+1) {
		t.Errorf("list: exit code %d, %q %q", code, out, stderr)
	}
	if code, _, stderr := at("archive", "restore", id, from, to).run(); code != exitFailed || !strings.Contains(stderr, "--yes") {
		t.Errorf("restore without a yes: exit code %d, %q", code, stderr)
	}
	if code, out, stderr := at("archive", "restore", id, from, to, "--yes").run(); code != exitDone || !strings.Contains(out, fmt.Sprintf("%d segments are here again", 2*(times+1))) {
		t.Errorf("restore: exit code %d, %q %q", code, out, stderr)
	}
	if code, out, stderr := at("check").run(); code != exitDone {
		t.Errorf("check: exit code %d, %s%s", code, out, stderr)
	}
}

// noise is a picture that no one can pack.
func noise(random *rand.Rand, size int) []byte {
	b := []byte{0xFF, 0xD8, 0xFF, 0xC0, 0, 17, 8, 480 >> 8, 480 & 0xFF, 640 >> 8, 640 & 0xFF, 3, 1, 0x21, 0, 2, 0x11, 1, 3, 0x11, 1, 0xFF, 0xFE, byte((size + 2) >> 8), byte(size + 2)}
	for range size {
		b = append(b, byte(random.IntN(255)))
	}
	return append(b, 0xFF, 0xD9)
}

func TestArchiveCommandsSayWhatIsMissing(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, c := range []struct {
		args        []string
		environment string
		code        int
		says        string
	}{
		{[]string{"archive", "verify"}, "", exitFailed, "archive.s3 names it"},
		{[]string{"archive", "list", "0800c0F00001", "then", "14:00"}, "", exitUsage, "is no time"},
		{[]string{"archive", "restore"}, "", exitUsage, "two times"},
		{[]string{"archive", "verify"}, "V720DVR_ARCHIVE_S3=https://key:secret@host/bucket", exitUsage, "archive.secret_file"},
		{[]string{"archive", "verify"}, "V720DVR_ARCHIVE_S3=https://host/bucket", exitUsage, "wants a key"},
	} {
		p := command(t, dir, c.args...)
		p.Env = append(p.Env, c.environment)
		if code, _, stderr := p.run(); code != c.code || !strings.Contains(stderr, c.says) {
			t.Errorf("%q with %q: exit code %d, %q; want %d and %q", c.args, c.environment, code, stderr, c.code, c.says)
		}
	}
	if code, out, _ := command(t, dir, "archive", "status").run(); code != exitDone || !strings.Contains(out, "There is no archive") {
		t.Errorf("status: exit code %d, %q", code, out)
	}
}
