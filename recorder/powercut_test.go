package recorder

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"v720dvr/camera"
	"v720dvr/storage"
	"v720dvr/storage/avi"
	"v720dvr/storage/storagetest"
)

var powerCuts = flag.Int("power-cuts", 20, "how many times the power is cut; `make powercuts` does it 1000 times")

// A power cut takes what was not synced, by lot. What was handed to a segment a tick and a sync before
// is in a file; what was committed is whole.
func TestPowerCutTakesATickAndItsSyncAtMostAndNoCommittedSegment(t *testing.T) {
	for seed := range *powerCuts {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { cutPower(t, uint64(seed)) })
		})
	}
}

func cutPower(t *testing.T, seed uint64) {
	random := rand.New(rand.NewPCG(seed, 1))
	dir, disk := t.TempDir(), storagetest.NewDisk(t, seed)
	o := storage.Options{Dir: dir, FS: disk, Location: berlin(t), Software: "v720dvr test"}
	store, err := storage.Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	r, err := New(Options{Store: store, Settings: func(camera.ID) Settings { return recordAll(3 * time.Second) }})
	if err != nil {
		t.Fatal(err)
	}
	stop := runRecorder(t, r)
	var slow time.Duration // a sync, on every other disk
	if seed%2 == 1 {
		slow = time.Duration(random.Int64N(int64(900 * time.Millisecond)))
		disk.Stall(slow, storagetest.OpSync)
	}
	lives := 2*time.Second + time.Duration(random.Int64N(int64(8*time.Second)))
	scenes := []*scene{newScene("0800c0000001", 10), newScene("0800c000000A2", 15)}
	var playing sync.WaitGroup
	for i, s := range scenes {
		playing.Go(func() {
			pause(time.Duration(i) * 37 * time.Millisecond)
			s.play(r, lives)
		})
	}
	pause(lives)
	synctest.Wait()
	committed, err := store.Segments(t.Context(), storage.SegmentQuery{})
	if err != nil {
		t.Fatal(err)
	}
	disk.PowerCut(t)
	cut := time.Now()
	playing.Wait()
	stop()
	store.Close() // of a disk that is off: it has nothing more to say

	for _, record := range committed {
		left, err := readLeft(store.Path(record))
		if err != nil || !left.finished || left.pictures != record.Frames {
			t.Errorf("committed segment %s: got %d pictures, finished %v, %v, want all %d", record.Path, left.pictures, left.finished, err, record.Frames)
		}
	}
	held := make(map[string]bool)
	for _, path := range leftFiles(t, store.Recordings()) {
		left, err := readLeft(path)
		if err != nil {
			continue // younger than a tick: whether that may be is seen by its pictures
		}
		for _, jpeg := range left.jpegs {
			held[string(jpeg)] = true
		}
	}
	safe := cut.Add(-time.Second - slow)
	for _, s := range scenes {
		for i, f := range s.sent {
			if f.At.Before(safe) && !held[string(f.JPEG)] {
				t.Errorf("camera %s: picture %d of %v before the cut is gone; a sync took %v", s.id, i, cut.Sub(f.At), slow)
			}
		}
	}

	// A store opens on what is left, knows what was committed, and finds nothing wrong.
	disk.Heal()
	disk.PowerOn()
	again := storagetest.Open(t, o)
	for _, record := range committed {
		rows, err := again.Segments(t.Context(), storage.SegmentQuery{Camera: record.Camera, From: record.Start, To: record.Start.Add(time.Microsecond)})
		if err != nil || len(rows) == 0 {
			t.Errorf("committed segment %s: got rows %v, %v", record.Path, rows, err)
		}
	}
}

func leftFiles(t *testing.T, recordings string) (paths []string) {
	t.Helper()
	err := filepath.WalkDir(recordings, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && (strings.HasSuffix(path, ".avi") || strings.HasSuffix(path, ".part")) {
			paths = append(paths, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return paths
}

// A left is what a file holds of a segment after an end.
type left struct {
	finished bool
	pictures int
	jpegs    [][]byte // whole by their checksums
}

func readLeft(path string) (l left, err error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return l, err
	}
	r, err := avi.Open(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return l, err
	}
	l.finished = r.Finished()
	for i, info := range r.Frames() {
		if info.Lost {
			continue
		}
		jpeg, err := r.ReadFrame(nil, i)
		if err != nil {
			if l.finished {
				return l, errors.Join(fmt.Errorf("picture %d", i), err)
			}
			continue
		}
		l.pictures++
		l.jpegs = append(l.jpegs, jpeg)
	}
	return l, nil
}
