package main

import (
	"encoding/binary"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	"v720dvr/camera"
	"v720dvr/storage"
	"v720dvr/storage/avi"
)

// crashes is how often TestKilledRecorderLosesNothing kills: 3 times, or V720DVR_TEST_CRASHES
// (`make crash`: 100). V720DVR_TEST_SEED repeats a run as far as a kill can be repeated.
func crashes(t *testing.T) (times int, seed uint64) {
	t.Helper()
	times, seed = 3, uint64(time.Now().UnixNano())
	if testing.Short() {
		times = 1
	}
	if text := os.Getenv("V720DVR_TEST_CRASHES"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil {
			t.Fatal(err)
		}
		times = n
	}
	if text := os.Getenv("V720DVR_TEST_SEED"); text != "" {
		n, err := strconv.ParseUint(text, 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		seed = n
	}
	return times, seed
}

// The plug is pulled from the process at random moments: at the start, while it records, while it
// commits. After each everything that was handed to a segment is there.
func TestKilledRecorderLosesNothing(t *testing.T) {
	t.Parallel()
	times, seed := crashes(t)
	t.Logf("%d kills, V720DVR_TEST_SEED=%d", times, seed)
	random := rand.New(rand.NewPCG(seed, 720))
	dir := t.TempDir()
	known := make(map[[16]byte]bool) // runs that were looked at
	total := 0
	for n := range times {
		handed := killOnce(t, dir, random)
		store, err := storage.Open(t.Context(), storage.Options{Dir: filepath.Join(dir, "data"), Log: testLog(t)})
		if err != nil {
			t.Fatalf("start after kill %d: %v", n, err)
		}
		report, err := store.Check(t.Context())
		if err != nil || len(report.Problems) > 0 || report.Left > 0 || report.Unreadable > 0 {
			t.Errorf("check after kill %d: %+v, %v", n, report, err)
		}
		got := recordedSince(t, store, known)
		if err := store.Close(); err != nil {
			t.Fatal(err)
		}
		for id, frames := range handed {
			total += got[id]
			if int64(got[id]) < frames {
				t.Errorf("kill %d: camera %s has %d pictures in its files, %d were handed over", n, id, got[id], frames)
			}
		}
		if t.Failed() {
			return
		}
	}
	t.Logf("%d pictures survived", total)
	if code, out, stderr := command(t, dir, "check").run(); code != exitDone {
		t.Errorf("check: exit code %d, %s%s", code, out, stderr)
	}
}

// killOnce starts v720dvr and kills it. It returns how many pictures of each camera it had handed
// to a file shortly before.
func killOnce(t *testing.T, dir string, random *rand.Rand) map[camera.ID]int64 {
	t.Helper()
	p := command(t, dir, "run", "--simulate", "2")
	p.Env = append(p.Env, "V720DVR_RECORDING_SEGMENT=5s")
	p.start()
	defer p.end()
	defer p.Process.Kill()
	if random.IntN(5) == 0 {
		pass(t, time.Duration(random.IntN(400))*time.Millisecond)
		return nil
	}
	for range 2 {
		p.await("camera streaming.* addr=127")
	}
	pass(t, time.Duration(random.IntN(6000))*time.Millisecond)
	if random.IntN(4) == 0 { // in the middle of the commits
		p.Process.Signal(syscall.SIGTERM)
		pass(t, time.Duration(random.IntN(150))*time.Millisecond)
		return nil
	}
	h, err := askHealth(t.Context(), filepath.Join(dir, "data"))
	if err != nil {
		t.Fatal(err)
	}
	handed := make(map[camera.ID]int64)
	for _, c := range h.Cameras {
		handed[c.ID] = c.Recorded
	}
	return handed
}

func pass(t *testing.T, d time.Duration) {
	t.Helper()
	select {
	case <-time.After(d):
	case <-t.Context().Done():
	}
}

// recordedSince counts the pictures of each camera in the segments of runs that are not known, and
// holds each file against what a player needs: an index, a length, a frame table.
func recordedSince(t *testing.T, store *storage.Store, known map[[16]byte]bool) map[camera.ID]int {
	t.Helper()
	rows, err := store.Segments(t.Context(), storage.SegmentQuery{})
	if err != nil {
		t.Fatal(err)
	}
	got := make(map[camera.ID]int)
	var runs [][16]byte
	for _, row := range rows {
		if known[row.Run] {
			continue
		}
		runs = append(runs, row.Run)
		got[row.Camera] += row.Frames
		if err := playable(store.Path(row), row); err != nil {
			t.Errorf("%s: %v", row.Path, err)
		}
	}
	for _, run := range runs {
		known[run] = true
	}
	return got
}

func playable(path string, row storage.SegmentRecord) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	r, err := avi.Open(file, row.Bytes)
	if err != nil {
		return err
	}
	front := make([]byte, 5120)
	if _, err := file.ReadAt(front, 0); err != nil {
		return err
	}
	const hasIndex = 0x10 // docs/storage.md, Front
	flags, ticks := binary.LittleEndian.Uint32(front[44:]), binary.LittleEndian.Uint32(front[48:])
	movi := int64(binary.LittleEndian.Uint32(front[5120-8:]))
	index := make([]byte, 4)
	if _, err := file.ReadAt(index, 5120-4+movi); err != nil {
		return err
	}
	if !r.Finished() || flags&hasIndex == 0 || ticks == 0 || string(index) != "idx1" || !row.End.After(row.Start) {
		return errors.New("no index, no length or no frame table")
	}
	for i, f := range r.Frames() {
		if _, err := r.ReadFrame(nil, i); err != nil && !f.Lost {
			return err
		}
	}
	return nil
}
