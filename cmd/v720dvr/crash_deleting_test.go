package main

import (
	"crypto/sha256"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"v720dvr/camera"
	"v720dvr/storage"
)

// The plug is pulled while the recorder deletes, at whatever step it is: what is kept is there to the byte, no file is half
// deleted or without its row, and what was begun is ended by the next start.
func TestKilledWhileDeletingLosesNothingThatIsKept(t *testing.T) {
	times, seed := crashes(t)
	t.Logf("%d kills, V720DVR_TEST_SEED=%d", times, seed)
	random := rand.New(rand.NewPCG(seed, 10))
	dir := t.TempDir()
	kept := make(map[string][32]byte) // by path
	begin := time.Now().Add(-40 * 24 * time.Hour).Truncate(time.Second)
	deleted := 0
	for n := range times {
		// What is filmed in a round is older than a rule allows, but for a keep of each twentieth.
		store := openData(t, dir)
		begin = filmMuch(t, store, begin, 160, kept)
		before := countSegments(t, store)
		if err := store.Close(); err != nil {
			t.Fatal(err)
		}
		killWhileDeleting(t, dir, random)
		store = openData(t, dir)
		report, err := store.Check(t.Context())
		if err != nil || len(report.Problems) > 0 || report.Left > 0 || report.Unreadable > 0 {
			t.Errorf("check after kill %d: %+v, %v", n, report, err)
		}
		for path, sum := range kept {
			if got, err := os.ReadFile(filepath.Join(store.Recordings(), filepath.FromSlash(path))); err != nil || sha256.Sum256(got) != sum {
				t.Errorf("kill %d: %s is kept, and is not what it was: %v", n, path, err)
			}
		}
		recordedSince(t, store, make(map[[16]byte]bool)) // each file is whole
		deleted += before - countSegments(t, store)
		if err := store.Close(); err != nil {
			t.Fatal(err)
		}
		if t.Failed() {
			return
		}
	}
	t.Logf("%d segments were deleted, %d are kept", deleted, len(kept))
	if deleted < times*10 {
		t.Errorf("%d segments were deleted in %d rounds: too few to be killed at it", deleted, times)
	}
	if code, out, stderr := command(t, dir, "check").run(); code != exitDone {
		t.Errorf("check: exit code %d, %s%s", code, out, stderr)
	}
}

func openData(t *testing.T, dir string) *storage.Store {
	t.Helper()
	store, err := storage.Open(t.Context(), storage.Options{Dir: filepath.Join(dir, "data"), Log: testLog(t)})
	if err != nil {
		t.Fatal(err)
	}
	return store
}

// filmMuch records segments of a second of one camera, a minute apart, and keeps each twentieth. It tells when the next may begin.
func filmMuch(t *testing.T, store *storage.Store, begin time.Time, segments int, kept map[string][32]byte) time.Time {
	t.Helper()
	const id = camera.ID("0800c0F00009")
	for n := range segments {
		start := begin.Add(time.Duration(n) * time.Minute)
		segment, err := store.Create(storage.SegmentSpec{Camera: id, Name: "Shed", Start: start})
		if err != nil {
			t.Fatal(err)
		}
		if err := segment.WriteFrame(camera.Frame{At: start, JPEG: picture(3000)}); err != nil {
			t.Fatal(err)
		}
		row, err := segment.Commit(t.Context(), start.Add(time.Second))
		if err != nil {
			t.Fatal(err)
		}
		if n%20 == 7 {
			if _, err := store.Keep(t.Context(), storage.Keep{Camera: id, From: row.Start, To: row.End, Note: fmt.Sprint("kept ", n)}); err != nil {
				t.Fatal(err)
			}
			data, err := os.ReadFile(store.Path(row))
			if err != nil {
				t.Fatal(err)
			}
			kept[row.Path] = sha256.Sum256(data)
		}
	}
	return begin.Add(time.Duration(segments) * time.Minute)
}

func countSegments(t *testing.T, store *storage.Store) int {
	t.Helper()
	rows, err := store.Segments(t.Context(), storage.SegmentQuery{Camera: "0800c0F00009"})
	if err != nil {
		t.Fatal(err)
	}
	return len(rows)
}

// killWhileDeleting has a recorder that films delete by a size, and kills it within a second of that; or the command that does it
// without a recorder.
func killWhileDeleting(t *testing.T, dir string, random *rand.Rand) {
	t.Helper()
	apply := func() *process {
		p := command(t, dir, "retention", "apply", "--yes", "--more-than-half")
		p.Env = append(p.Env, "V720DVR_RETENTION_MAX_AGE=1d")
		return p
	}
	if random.IntN(2) == 0 {
		p := apply().start()
		pass(t, time.Duration(random.IntN(900))*time.Millisecond)
		p.Process.Kill()
		p.end()
		return
	}
	p := command(t, dir, "run", "--simulate", "1")
	p.Env = append(p.Env, "V720DVR_RETENTION_MAX_AGE=1d", "V720DVR_RECORDING_SEGMENT=5s")
	p.start()
	p.await("camera streaming.* addr=127")
	asked := apply().start()
	pass(t, time.Duration(random.IntN(1200))*time.Millisecond)
	p.Process.Kill()
	p.end()
	asked.Process.Kill() // it would go on by itself
	asked.end()
}
