package storage_test

import (
	"context"
	"errors"
	"path/filepath"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"v720dvr/storage"
	"v720dvr/storage/storagetest"
)

// A segment that an error of the disk ended is finished in the same run, when the disk is well again, and
// is as safe then as any other.
func TestSegmentThatTheDiskEndedIsFinishedWhenTheDiskIsWellAgain(t *testing.T) {
	for name, fault := range map[string]struct {
		err error
		op  string
	}{
		"no room left":           {syscall.ENOSPC, storagetest.OpWrite},
		"an error at each fsync": {syscall.EIO, storagetest.OpSync},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				dir := t.TempDir()
				disk := storagetest.NewDisk(t, 1)
				store, err := storage.Open(t.Context(), storage.Options{Dir: dir, FS: disk, Location: noon.Location()})
				if err != nil {
					t.Fatal(err)
				}
				segment := create(t, store, storage.SegmentSpec{Camera: "0800c0000001", Name: "door", Start: noon})
				shoot(t, segment)
				disk.Fail(fault.err, fault.op)
				_ = store.Sync(t.Context()) // tells the segment
				if _, err := segment.Commit(t.Context(), noon.Add(time.Second)); !errors.Is(err, storage.ErrGivenUp) {
					t.Fatalf("got %v, want %v", err, storage.ErrGivenUp)
				}
				ctx, cancel := context.WithCancel(t.Context())
				ended := make(chan error)
				go func() { ended <- storage.NewRescan(store, nil).Run(ctx) }()
				time.Sleep(90 * time.Second)
				if got := pictures(t, store); got != 0 {
					t.Errorf("got %d pictures while the disk fails, want none yet", got)
				}
				disk.Heal()
				time.Sleep(time.Minute)
				cancel()
				if err := <-ended; err != nil {
					t.Error(err)
				}
				if got := pictures(t, store); got != 10 {
					t.Errorf("got %d pictures, want 10", got)
				}
				disk.PowerCut(t)
				store.Close()
				parts, err := filepath.Glob(filepath.Join(dir, "recordings", "door", "*", "*.part"))
				if err != nil || len(parts) != 0 {
					t.Errorf("got %v, %v, want no .part left", parts, err)
				}
				again, err := storage.Open(t.Context(), storage.Options{Dir: dir, Location: noon.Location()})
				if err != nil {
					t.Fatal(err)
				}
				if got := pictures(t, again); got != 10 {
					t.Errorf("got %d pictures after a power cut, want 10", got)
				}
				if err := again.Close(); err != nil {
					t.Error(err)
				}
			})
		})
	}
}
