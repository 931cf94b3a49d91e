package storage_test

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"v720dvr/storage"
	"v720dvr/storage/storagetest"
)

// failOnce makes the first SyncDir of a folder fail, and counts those that succeed.
func failOnce(disk *storagetest.Disk, folder string) (synced *int) {
	synced = new(int)
	failed := false
	disk.Before(func(op, path string) error {
		if op != storagetest.OpSyncDir || path != folder {
			return nil
		}
		if !failed {
			failed = true
			return syscall.EIO
		}
		*synced++
		return nil
	})
	return synced
}

func TestFolderWhoseNameWasNotMadeDurableIsSyncedAtTheRetry(t *testing.T) {
	spec := storage.SegmentSpec{Camera: "0800c0000001", Name: "door", Start: noon}
	for name, below := range map[string]string{"the camera's": ".", "the day's": "door"} {
		t.Run(name, func(t *testing.T) {
			disk := new(storagetest.Disk)
			store := storagetest.Open(t, storage.Options{FS: disk, Location: noon.Location()})
			synced := failOnce(disk, filepath.Join(store.Recordings(), below))
			if _, err := store.Create(spec); !errors.Is(err, syscall.EIO) {
				t.Fatalf("got %v, want %v", err, syscall.EIO)
			}
			for range 3 {
				create(t, store, spec)
				if *synced != 1 {
					t.Fatalf("got %d syncs of the parent, want 1: at the retry, and no more", *synced)
				}
			}
		})
	}
}

func TestFolderLeftByAKillBeforeTheSyncIsSynced(t *testing.T) {
	disk := new(storagetest.Disk)
	store := storagetest.Open(t, storage.Options{FS: disk, Location: noon.Location()})
	camera := filepath.Join(store.Recordings(), "door")
	if err := os.MkdirAll(filepath.Join(camera, "2026-11-22"), 0o755); err != nil {
		t.Fatal(err)
	}
	synced := make(map[string]bool)
	disk.Before(func(op, path string) error {
		if op == storagetest.OpSyncDir {
			synced[path] = true
		}
		return nil
	})
	create(t, store, storage.SegmentSpec{Camera: "0800c0000001", Name: "door", Start: noon})
	if !synced[store.Recordings()] || !synced[camera] {
		t.Errorf("got syncs of %v, want both parents among them", synced)
	}
}

func TestFolderThatIsMadeAnewIsSyncedAnew(t *testing.T) {
	disk := new(storagetest.Disk)
	store := storagetest.Open(t, storage.Options{FS: disk})
	spec := storage.SegmentSpec{Camera: "0800c0000001", Name: "door", Start: noon}
	segment := create(t, store, spec)
	if _, err := segment.Commit(t.Context(), noon.Add(time.Second)); err == nil {
		t.Fatal("a segment without a picture was committed")
	}
	if err := os.RemoveAll(filepath.Join(store.Recordings(), "door")); err != nil {
		t.Fatal(err)
	}
	synced := failOnce(disk, store.Recordings())
	if _, err := store.Create(spec); !errors.Is(err, syscall.EIO) {
		t.Fatalf("got %v, want %v", err, syscall.EIO)
	}
	create(t, store, spec)
	if *synced != 1 {
		t.Errorf("got %d syncs of the parent at the retry, want 1", *synced)
	}
}

func TestNamesOfTheDataFolderAreDurableOnceItIsOpen(t *testing.T) {
	root := t.TempDir()
	for _, sick := range []string{".", "a", "a/data", "b", "b/disk"} {
		t.Run(sick, func(t *testing.T) {
			top := filepath.Join(root, filepath.Base(t.Name()))
			for _, folder := range []string{"a", "b"} {
				if err := os.MkdirAll(filepath.Join(top, folder), 0o755); err != nil {
					t.Fatal(err)
				}
			}
			disk := new(storagetest.Disk)
			o := storage.Options{Dir: filepath.Join(top, "a/data"), Recordings: filepath.Join(top, "b/disk/recordings"), FS: disk}
			if sick == "." { // everything is made, from the top
				o.Dir, o.Recordings = filepath.Join(top, "new/data"), ""
			}
			if sick == "a/data" { // the recordings stand in the data folder
				o.Recordings = ""
			}
			synced := failOnce(disk, filepath.Join(top, sick))
			if store, err := storage.Open(t.Context(), o); !errors.Is(err, syscall.EIO) {
				if err == nil {
					store.Close()
				}
				t.Fatalf("got %v, want %v", err, syscall.EIO)
			}
			storagetest.Open(t, o)
			if *synced == 0 {
				t.Error("the retry did not sync the parent")
			}
		})
	}
}

func TestDataFolderMayStandWhereNothingCanBeSynced(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	for _, cause := range []error{syscall.EACCES, syscall.EINVAL, syscall.EROFS} {
		if err := os.RemoveAll(dir); err != nil {
			t.Fatal(err)
		}
		disk := new(storagetest.Disk)
		disk.Before(func(op, path string) error {
			if op == storagetest.OpSyncDir && path == filepath.Dir(dir) {
				return cause
			}
			return nil
		})
		o := storage.Options{Dir: dir, FS: disk}
		for _, start := range []string{"first", "second"} {
			store, err := storage.Open(t.Context(), o)
			if err != nil {
				t.Errorf("%s start: got %v, want none for %v", start, err, cause)
				continue
			}
			storagetest.Check(t, store)
			store.Close()
		}
	}
}
