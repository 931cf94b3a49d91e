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

// A farSideTrap is an archive over TLS that kills a process behind so many bytes that come or go.
type farSideTrap struct {
	victim atomic.Pointer[victim] // nil: nobody
	killed chan struct{}
	refuse func(http.ResponseWriter) bool // answers instead of the archive; nil: never
}

type victim struct {
	process *process
	started chan struct{}
	behind  int64 // as many bytes of an object as this; more than it has: when all were served
}

// kill starts a process, and returns when it was killed.
func (f *farSideTrap) kill(t *testing.T, p *process, behind int64) {
	t.Helper()
	v := &victim{p, make(chan struct{}), behind}
	f.victim.Store(v)
	p.start()
	close(v.started)
	select {
	case <-f.killed:
		p.end()
	case <-time.After(30 * time.Second):
		t.Fatalf("it sends nothing and reads nothing; log:\n%s", p.errors())
	}
}

// take ends the process, and then the connection.
func (f *farSideTrap) take(v *victim) {
	<-v.started
	_ = v.process.Process.Kill()
	f.killed <- struct{}{}
	panic(http.ErrAbortHandler)
}

// serve answers the request of a victim.
func (f *farSideTrap) serve(s3 http.Handler, v *victim, w http.ResponseWriter, r *http.Request) {
	switch {
	case r.Method == http.MethodGet:
		s3.ServeHTTP(&reading{w, f, v, v.behind}, r)
		_ = http.NewResponseController(w).Flush()
	case v.behind < r.ContentLength:
		_, _ = io.CopyN(io.Discard, r.Body, v.behind)
	default: // the archive has it, and nobody is told
		s3.ServeHTTP(httptest.NewRecorder(), r)
	}
	f.take(v)
}

// reading takes the victim when so much was read of an object.
type reading struct {
	http.ResponseWriter
	trap   *farSideTrap
	victim *victim
	left   int64
}

func (r *reading) Write(b []byte) (int, error) {
	n, err := r.ResponseWriter.Write(b[:min(int64(len(b)), r.left)])
	if r.left -= int64(n); r.left > 0 || err != nil {
		return n, err
	}
	_ = http.NewResponseController(r.ResponseWriter).Flush()
	r.trap.take(r.victim)
	return n, nil
}

// newFarSide serves an archive; environment is what leads a v720dvr to it.
func newFarSide(t *testing.T) (trap *farSideTrap, environment []string) {
	t.Helper()
	trap = &farSideTrap{killed: make(chan struct{}, 1)}
	objects := s3mem.New()
	if err := objects.CreateBucket("bucket"); err != nil {
		t.Fatal(err)
	}
	s3 := gofakes3.New(objects).Server()
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if trap.refuse != nil && trap.refuse(w) {
			return
		}
		if strings.HasSuffix(r.URL.Path, ".avi") && (r.Method == http.MethodPut || r.Method == http.MethodGet) {
			if v := trap.victim.Swap(nil); v != nil {
				trap.serve(s3, v, w, r)
			}
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
	return trap, []string{
		"V720DVR_ARCHIVE_S3=" + server.URL + "/bucket/cameras", "V720DVR_ARCHIVE_ACCESS_KEY=key", "V720DVR_ARCHIVE_SECRET_ENV=ARCHIVE_SECRET", "ARCHIVE_SECRET=a-secret-of-ours",
		"V720DVR_ARCHIVE_CA_FILE=" + ca, "V720DVR_ARCHIVE_WHAT=all", "V720DVR_ARCHIVE_REGION=us-east-1", "V720DVR_ARCHIVE_STYLE=path",
		"V720DVR_CLOUD_HTTP=127.0.0.1:0", "V720DVR_CLOUD_CONTROL=127.0.0.1:0", "V720DVR_CLOUD_MQTT=127.0.0.1:0",
	}
}

// A recorder is killed while it sends: what counts as archived then is whole. A command is killed while it brings that back: what is
// here then is whole, too, and the next one goes on with the rest.
func TestKilledArchivingAndBringingBackCountNothingThatIsNotWhole(t *testing.T) {
	t.Parallel()
	const id = "0800c0F00001"
	times, seed := crashes(t)
	t.Logf("%d kills of each, V720DVR_TEST_SEED=%d", times, seed)
	random := rand.New(rand.NewPCG(seed, 721))
	trap, environment := newFarSide(t)
	dir := t.TempDir()
	data, begun := filepath.Join(dir, "data"), time.Now()
	at := func(args ...string) *process {
		p := command(t, dir, args...)
		p.Env = append(p.Env, environment...)
		return p
	}
	want := func(says string, args ...string) {
		t.Helper()
		if code, out, stderr := at(args...).run(); code != exitDone || !strings.Contains(out, says) {
			t.Fatalf("%s: exit code %d, %q %q, want %q", args, code, out, stderr, says)
		}
	}
	all := 0
	for n := range times + 1 {
		inStore(t, data, func(store *storage.Store) { // so that there is something to send at once
			for range 2 {
				filmNoise(t, store, id, begun.Add(-4*time.Hour+time.Duration(all)*time.Minute).Truncate(time.Second), random)
				all++
			}
		})
		p := at("run")
		if n < times {
			trap.kill(t, p, random.Int64N(300_000))
			continue
		}
		p.start().await("ready for cameras")
		for deadline := time.Now().Add(20 * time.Second); ; {
			var told web.Archive
			code, out, stderr := at("archive", "status", "--json").run()
			if err := json.Unmarshal([]byte(out), &told); code != exitDone || err != nil {
				t.Fatalf("status: exit code %d, %v, %q %q", code, err, out, stderr)
			}
			if told.Known && told.Waiting.Segments == 0 && told.Archived.Segments == all {
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
	want(fmt.Sprintf("%d copies read back, 0 are not", all), "archive", "verify", "--all")
	if code, out, _ := at("config", "print").run(); code != exitDone || strings.Contains(out, "a-secret-of-ours") || !strings.Contains(out, "ARCHIVE_SECRET") {
		t.Errorf("config print: exit code %d, %q", code, out)
	}
	inStore(t, data, func(store *storage.Store) {
		lost := storage.Rules{Twice: true, Camera: func(camera.ID) storage.CameraRules { return storage.CameraRules{MaxAge: time.Minute} }}
		if _, err := store.Sweep(t.Context(), lost); err != nil {
			t.Fatal(err)
		}
	})
	from, to := begun.Add(-5*time.Hour).Format(time.RFC3339), begun.Format(time.RFC3339)
	restore := []string{"archive", "restore", id, from, to}
	want("archive alone", "archive", "list", id, from, to)
	if code, _, stderr := at(restore...).run(); code != exitFailed || !strings.Contains(stderr, "--yes") {
		t.Errorf("restore without a yes: exit code %d, %q", code, stderr)
	}
	for range times {
		trap.kill(t, at(append(restore, "--yes")...), 1+random.Int64N(300_000))
		if code, out, stderr := at("check").run(); code != exitDone {
			t.Fatalf("check: exit code %d, %s%s", code, out, stderr)
		}
	}
	want("segments are here again", append(restore, "--yes")...)
	want(fmt.Sprintf("%d are here already; 0 are to be brought", all), append(restore, "--yes")...)
	want("", "check")
	if left, _ := filepath.Glob(filepath.Join(data, "recordings", "*", "*", "*.restore")); len(left) > 0 {
		t.Errorf("%v is left", left)
	}
}

// inStore does something with the store while nobody else has it.
func inStore(t *testing.T, dir string, do func(*storage.Store)) {
	t.Helper()
	store, err := storage.Open(t.Context(), storage.Options{Dir: dir, Log: testLog(t)})
	if err != nil {
		t.Fatal(err)
	}
	do(store)
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
}

// filmNoise makes a segment of a second and 200 kB, that no one can pack.
func filmNoise(t *testing.T, store *storage.Store, id camera.ID, start time.Time, random *rand.Rand) {
	t.Helper()
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

// Who applies the rules while nobody records is bound by archive.delete_waits too.
func TestRulesThatAreAppliedWithoutARunningOneWaitForTheArchive(t *testing.T) {
	t.Parallel()
	dir, random := t.TempDir(), rand.New(rand.NewPCG(1, 2))
	data, begun := filepath.Join(dir, "data"), time.Now().Truncate(time.Second)
	inStore(t, data, func(store *storage.Store) {
		for i := range 3 {
			filmNoise(t, store, "0800c0F00001", begun.Add(time.Duration(i-10)*time.Hour), random)
		}
	})
	for _, c := range []struct {
		waits string
		stay  int
	}{{"true", 3}, {"false", 0}} {
		p := command(t, dir, "retention", "apply", "--yes", "--more-than-half")
		p.Env = append(p.Env, "V720DVR_RETENTION_MAX_AGE=1h", "V720DVR_ARCHIVE_DELETE_WAITS="+c.waits, "V720DVR_ARCHIVE_S3=https://127.0.0.1:1/bucket",
			"V720DVR_ARCHIVE_ACCESS_KEY=key", "V720DVR_ARCHIVE_SECRET_ENV=ARCHIVE_SECRET", "V720DVR_ARCHIVE_WHAT=all")
		if code, out, stderr := p.run(); code != exitDone {
			t.Errorf("delete_waits=%s: exit code %d, %q %q", c.waits, code, out, stderr)
		}
		inStore(t, data, func(store *storage.Store) {
			if rows, err := store.Segments(t.Context(), storage.SegmentQuery{}); err != nil || len(rows) != c.stay {
				t.Errorf("delete_waits=%s: %d segments stay, %v, want %d", c.waits, len(rows), err, c.stay)
			}
		})
	}
}
