package storage_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"v720dvr/storage"
	"v720dvr/storage/storagetest"
)

// thinVictim has a process of this test thin a folder until it is killed.
const thinVictim = "V720DVR_TEST_THIN"

// TestThinVictim is no test but the process that TestKilledThinningLosesNothing kills.
func TestThinVictim(t *testing.T) {
	dir := os.Getenv(thinVictim)
	if dir == "" {
		t.Skip("it is for TestKilledThinningLosesNothing")
	}
	store, err := storage.Open(context.Background(), storage.Options{Dir: dir, Location: noon.Location(), Now: func() time.Time { return noon.Add(365 * 24 * time.Hour) }})
	if err != nil {
		t.Fatal(err)
	}
	fmt.Println("thinning")
	if _, err := store.Thin(context.Background(), thinTo(2)); err != nil {
		t.Fatal(err)
	}
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
}

// kill -9 while segments are thinned, at random moments: behind each, every file is the old one or the new one, whole,
// and all is in order. V720DVR_TEST_CRASHES says how many times, V720DVR_TEST_SEED when.
func TestKilledThinningLosesNothing(t *testing.T) {
	times, seed := 5, uint64(time.Now().UnixNano())
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
	t.Logf("%d kills, V720DVR_TEST_SEED=%d", times, seed)
	random := rand.New(rand.NewPCG(seed, 24))
	dir := t.TempDir()
	options := storage.Options{Dir: dir, Location: noon.Location(), Now: func() time.Time { return noon.Add(365 * 24 * time.Hour) }}
	bytes := make(map[string]int64)
	middle, filmed := 0, 0
	for n := range times {
		store, err := storage.Open(t.Context(), options)
		if err != nil {
			t.Fatal(err)
		}
		for range 3 {
			record := filmMinute(t, store, noon.Add(time.Duration(filmed)*time.Minute), filmed%2 == 0, true)
			bytes[record.Path] = record.Bytes
			filmed++
		}
		if err := store.Close(); err != nil {
			t.Fatal(err)
		}
		victim := exec.Command(os.Args[0], "-test.run=^TestThinVictim$", "-test.v")
		victim.Env = append(os.Environ(), thinVictim+"="+dir)
		out, err := victim.StdoutPipe()
		if err == nil {
			err = victim.Start()
		}
		if err != nil {
			t.Fatal(err)
		}
		for lines := bufio.NewScanner(out); lines.Scan() && lines.Text() != "thinning"; {
		}
		select {
		case <-time.After(time.Duration(random.IntN(60)) * time.Millisecond):
		case <-t.Context().Done():
		}
		_ = victim.Process.Kill() // it may be done
		var exit *exec.ExitError
		if err := victim.Wait(); err != nil && (!errors.As(err, &exit) || exit.Exited()) {
			t.Fatalf("kill %d: the process ended by itself: %v", n, err)
		}
		left, _ := filepath.Glob(filepath.Join(dir, "recordings", "*", "*", "*.thin"))
		middle += len(left)
		if store, err = storage.Open(t.Context(), options); err != nil {
			t.Fatal(err)
		}
		storagetest.Check(t, store)
		rows, err := store.Segments(t.Context(), storage.SegmentQuery{})
		if err != nil || len(rows) != filmed {
			t.Fatalf("kill %d: %d segments, %v, want %d", n, len(rows), err, filmed)
		}
		frames := 0
		for _, r := range rows {
			frames += r.Frames
			if r.Frames+r.Thinned != 600 || r.Thinned == 0 && r.Bytes != bytes[r.Path] {
				t.Errorf("kill %d: got %+v of %d bytes", n, r, bytes[r.Path])
			}
		}
		if got := pictures(t, store); got != frames {
			t.Errorf("kill %d: %d of %d pictures can be read", n, got, frames)
		}
		if left, _ := filepath.Glob(filepath.Join(dir, "recordings", "*", "*", "*.thin")); len(left) > 0 {
			t.Errorf("kill %d: %v is left", n, left)
		}
		if err := store.Close(); err != nil {
			t.Fatal(err)
		}
		if t.Failed() {
			return
		}
	}
	t.Logf("%d of them while a file was written", middle)
}
