package storage_test

import (
	"testing"
	"time"

	"v720dvr/camera"
	"v720dvr/storage"
	"v720dvr/storage/storagetest"
)

// A look through the folder while a segment is begun finds its file before it is open, and one while it ends without a
// picture finds it before it is gone.
func TestLookThatMeetsASegmentWhichIsBegunLeavesItAlone(t *testing.T) {
	disk := new(storagetest.Disk)
	store := storagetest.Open(t, storage.Options{FS: disk, Location: noon.Location()})
	looks := 0
	lookAt := func(wanted string) {
		looking := false
		disk.Before(func(op, path string) error {
			if op != wanted || looking {
				return nil
			}
			looking = true
			defer func() { looking = false }()
			looks++
			report, err := store.Repair(t.Context())
			if err != nil || len(report.Problems) != 0 {
				t.Errorf("before %s of %s: got %+v, %v, want nothing found", op, path, report, err)
			}
			return nil
		})
	}
	for _, op := range []string{storagetest.OpSyncDir, storagetest.OpWrite} {
		lookAt(op)
		start := noon.Add(time.Duration(looks) * time.Minute)
		segment := create(t, store, storage.SegmentSpec{Camera: thinCamera, Name: "door", Start: start})
		if err := segment.WriteFrame(camera.Frame{At: start, JPEG: jpeg(1)}); err != nil {
			t.Fatal(err)
		}
		disk.Before(nil)
		if r, err := segment.Commit(t.Context(), start.Add(time.Second)); err != nil || r.Frames != 1 {
			t.Errorf("with a look at %s: got %+v, %v, want it whole", op, r, err)
		}
	}
	empty := create(t, store, storage.SegmentSpec{Camera: thinCamera, Name: "door", Start: noon.Add(time.Hour)})
	lookAt(storagetest.OpRemove)
	if _, err := empty.Commit(t.Context(), noon.Add(2*time.Hour)); err == nil || looks < 3 {
		t.Errorf("got %v after %d looks, want a refusal: it has no picture", err, looks)
	}
	disk.Before(nil)
}
