package storage_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"v720dvr/camera"
	"v720dvr/storage"
	"v720dvr/storage/avi"
	"v720dvr/storage/storagetest"
)

func cameraID(text string) camera.ID { return camera.ID(text) }

func frameAt(at time.Time) camera.Frame { return camera.Frame{At: at, JPEG: jpeg(0)} }

func TestSegmentsOfOneSecondGetNumbers(t *testing.T) {
	store := storagetest.Open(t, storage.Options{Location: noon.Location()})
	spec := storage.SegmentSpec{Camera: "0800c0000001", Name: "door", Start: noon}
	day := filepath.Join(store.Recordings(), "door", "2026-11-22")
	if err := os.MkdirAll(day, 0o755); err != nil {
		t.Fatal(err)
	}
	// Somebody's own file has the first name.
	theirs := filepath.Join(day, "2026-11-22T14-05-00+0100.avi")
	if err := os.WriteFile(theirs, []byte("a holiday"), 0o644); err != nil {
		t.Fatal(err)
	}
	second, third := create(t, store, spec), create(t, store, spec)
	shoot(t, second)
	shoot(t, third)
	for i, segment := range []*storage.Segment{third, second} {
		record, err := segment.Commit(t.Context(), noon.Add(time.Second))
		if want := []string{"_3.avi", "_2.avi"}[i]; err != nil || !strings.HasSuffix(record.Path, want) {
			t.Errorf("got %s, %v, want a name on %s", record.Path, err, want)
		}
	}
	if text, err := os.ReadFile(theirs); err != nil || string(text) != "a holiday" {
		t.Errorf("their file: got %q, %v", text, err)
	}
	if report := storagetest.Check(t, store); report.Foreign != 1 || report.Segments != 2 {
		t.Errorf("got %+v, want 1 foreign file and 2 segments", report)
	}
}

func TestCommitNeverReplacesAFileThatCameMeanwhile(t *testing.T) {
	store := storagetest.Open(t, storage.Options{})
	segment := create(t, store, storage.SegmentSpec{Camera: "0800c0000001", Start: noon})
	shoot(t, segment)
	theirs := strings.TrimSuffix(segment.Path(), ".part")
	if err := os.WriteFile(theirs, []byte("a holiday"), 0o644); err != nil {
		t.Fatal(err)
	}
	record, err := segment.Commit(t.Context(), noon.Add(time.Second))
	if err != nil || store.Path(record) != strings.TrimSuffix(theirs, ".avi")+"_2.avi" {
		t.Errorf("got %s, %v, want the name behind %s", record.Path, err, theirs)
	}
	if text, err := os.ReadFile(theirs); err != nil || string(text) != "a holiday" {
		t.Errorf("their file: got %q, %v", text, err)
	}
}

func TestSegmentWithoutAPictureLeavesNothing(t *testing.T) {
	store := storagetest.Open(t, storage.Options{})
	segment := create(t, store, storage.SegmentSpec{Camera: "0800c0000001", Start: noon})
	if err := segment.WriteAudio(camera.Audio{At: noon, ALaw: make([]byte, 800)}); err != nil {
		t.Fatal(err)
	}
	if err := store.Sync(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := segment.Commit(t.Context(), noon.Add(time.Second)); !errors.Is(err, avi.ErrEmpty) {
		t.Errorf("got %v, want %v", err, avi.ErrEmpty)
	}
	if _, err := os.Stat(segment.Path()); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the .part: got %v, want it gone", err)
	}
	if rows, err := store.Segments(t.Context(), storage.SegmentQuery{}); err != nil || len(rows) != 0 {
		t.Errorf("got rows %v, %v, want none", rows, err)
	}
}

func TestCommitIsFileThenNameThenFolderThenRow(t *testing.T) {
	disk := new(storagetest.Disk)
	store := storagetest.Open(t, storage.Options{FS: disk})
	segment := create(t, store, storage.SegmentSpec{Camera: "0800c0000001", Start: noon})
	shoot(t, segment)
	var order []string
	rowsSoFar := func() int {
		rows, err := store.Segments(t.Context(), storage.SegmentQuery{})
		if err != nil {
			t.Error(err)
		}
		return len(rows)
	}
	disk.Before(func(op, path string) error {
		if len(order) == 0 || order[len(order)-1] != op {
			order = append(order, op)
		}
		if rowsSoFar() != 0 {
			t.Errorf("%s %s came after the row", op, path)
		}
		return nil
	})
	if _, err := segment.Commit(t.Context(), noon.Add(time.Second)); err != nil {
		t.Fatal(err)
	}
	disk.Before(nil)
	want := []string{storagetest.OpWrite, storagetest.OpSync, storagetest.OpClose, storagetest.OpRename, storagetest.OpSyncDir}
	if !slices.Equal(order, want) || rowsSoFar() != 1 {
		t.Errorf("got %v and %d rows, want %v and then the row", order, rowsSoFar(), want)
	}
}

func TestNewNamesAreDurableBeforeTheFirstPicture(t *testing.T) {
	disk := new(storagetest.Disk)
	store := storagetest.Open(t, storage.Options{FS: disk})
	pending := make(map[string]bool) // folders with names in them that are not durable yet
	disk.Before(func(op, path string) error {
		switch op {
		case storagetest.OpMkdir, storagetest.OpCreate:
			pending[filepath.Dir(path)] = true
		case storagetest.OpSyncDir:
			delete(pending, path)
		}
		return nil
	})
	create(t, store, storage.SegmentSpec{Camera: "0800c0000001", Start: noon})
	if len(pending) != 0 {
		t.Errorf("got names not durable in %v", pending)
	}
}

func TestDiskErrorGivesTheSegmentUpAndLeavesItsPart(t *testing.T) {
	for _, op := range []string{storagetest.OpWrite, storagetest.OpSync, storagetest.OpClose, storagetest.OpRename, storagetest.OpSyncDir} {
		t.Run(op, func(t *testing.T) {
			disk := new(storagetest.Disk)
			store := storagetest.Open(t, storage.Options{FS: disk})
			segment := create(t, store, storage.SegmentSpec{Camera: "0800c0000001", Start: noon})
			shoot(t, segment)
			failed := false
			disk.Before(func(is, _ string) error {
				if is == op && !failed { // once: taking the name back must succeed
					failed = true
					return syscall.EIO
				}
				return nil
			})
			_, err := segment.Commit(t.Context(), noon.Add(time.Second))
			if !errors.Is(err, storage.ErrGivenUp) || !errors.Is(err, syscall.EIO) {
				t.Errorf("commit: got %v, want %v by %v", err, storage.ErrGivenUp, syscall.EIO)
			}
			if err := segment.WriteFrame(frameAt(noon)); !errors.Is(err, storage.ErrGivenUp) {
				t.Errorf("write after it: got %v, want %v", err, storage.ErrGivenUp)
			}
			if err := store.Sync(t.Context()); err != nil {
				t.Errorf("sync after it: got %v, want the segment left alone", err)
			}
			if _, err := os.Stat(segment.Path()); err != nil {
				t.Errorf("the .part: %v", err)
			}
			film(t, store, storage.SegmentSpec{Camera: "0800c0000001", Start: noon}) // the next is fine
		})
	}
}

// Each try on a full disk would leave a file more.
func TestSegmentGivenUpBeforeItsFirstPictureLeavesNothing(t *testing.T) {
	disk := new(storagetest.Disk)
	store := storagetest.Open(t, storage.Options{FS: disk})
	disk.Before(func(op, _ string) error {
		if op == storagetest.OpWrite {
			return syscall.ENOSPC
		}
		return nil
	})
	for n := range 3 {
		segment := create(t, store, storage.SegmentSpec{Camera: "0800c0000001", Start: noon.Add(time.Duration(n) * time.Second)})
		if err := segment.WriteFrame(frameAt(segment.Start())); !errors.Is(err, storage.ErrGivenUp) || !errors.Is(err, syscall.ENOSPC) {
			t.Fatalf("got %v, want %v by %v", err, storage.ErrGivenUp, syscall.ENOSPC)
		}
		if _, err := os.Stat(segment.Path()); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("the .part: %v, want it gone", err)
		}
	}
}

func TestFailedSyncGivesTheSegmentUpOnceForAll(t *testing.T) {
	disk := new(storagetest.Disk)
	store := storagetest.Open(t, storage.Options{FS: disk})
	sick := create(t, store, storage.SegmentSpec{Camera: "0800c0000001", Start: noon})
	well := create(t, store, storage.SegmentSpec{Camera: "0800c0000002", Start: noon})
	shoot(t, sick)
	shoot(t, well)
	disk.Before(func(op, path string) error {
		if op == storagetest.OpSync && path == sick.Path() {
			return syscall.EIO
		}
		return nil
	})
	if err := store.Sync(t.Context()); !errors.Is(err, syscall.EIO) {
		t.Errorf("sync: got %v, want %v", err, syscall.EIO)
	}
	disk.Before(nil) // a second fsync would now lie
	if err := store.Sync(t.Context()); err != nil {
		t.Errorf("second sync: got %v", err)
	}
	at := noon.Add(2 * time.Second)
	if err := sick.WriteFrame(frameAt(at)); !errors.Is(err, storage.ErrGivenUp) {
		t.Errorf("write: got %v, want %v", err, storage.ErrGivenUp)
	}
	if err := well.WriteFrame(frameAt(at)); err != nil {
		t.Errorf("the other camera: got %v", err)
	}
	if _, err := well.Commit(t.Context(), at); err != nil {
		t.Error(err)
	}
}

func TestFramesDoNotWaitForAnFsync(t *testing.T) {
	disk := new(storagetest.Disk)
	store := storagetest.Open(t, storage.Options{FS: disk})
	segment := create(t, store, storage.SegmentSpec{Camera: "0800c0000001", Start: noon})
	shoot(t, segment)
	begun, release := make(chan struct{}), make(chan struct{})
	disk.Before(func(op, _ string) error {
		if op == storagetest.OpSync {
			close(begun)
			<-release
		}
		return nil
	})
	var syncing sync.WaitGroup
	syncing.Go(func() {
		if err := store.Sync(t.Context()); err != nil {
			t.Error(err)
		}
	})
	<-begun
	disk.Before(nil)
	if err := segment.WriteFrame(frameAt(noon.Add(time.Second))); err != nil { // would hang here
		t.Error(err)
	}
	close(release)
	if _, err := segment.Commit(t.Context(), noon.Add(2*time.Second)); err != nil {
		t.Error(err)
	}
	syncing.Wait()
}

// The kernel reports a failed write-back once for each open file: the fsync that is under way gets
// it, the next one on the same file says that all is well.
func TestFailureOfASyncUnderWayReachesWhoeverEndsTheSegment(t *testing.T) {
	for name, end := range map[string]func(*storage.Store, *storage.Segment) error{
		"commit": func(_ *storage.Store, segment *storage.Segment) error {
			_, err := segment.Commit(t.Context(), noon.Add(2*time.Second))
			return err
		},
		"close of the store": func(store *storage.Store, _ *storage.Segment) error { return store.Close() },
	} {
		t.Run(name, func(t *testing.T) {
			dir, disk := t.TempDir(), new(storagetest.Disk)
			store := storagetest.Open(t, storage.Options{Dir: dir, FS: disk})
			segment := create(t, store, storage.SegmentSpec{Camera: "0800c0000001", Start: noon})
			shoot(t, segment)
			begun, release := make(chan struct{}), make(chan struct{})
			disk.Before(func(op, _ string) error {
				if op != storagetest.OpSync {
					return nil
				}
				close(begun)
				<-release
				return syscall.EIO
			})
			var syncing sync.WaitGroup
			syncing.Go(func() {
				if err := store.Sync(t.Context()); !errors.Is(err, syscall.EIO) {
					t.Errorf("sync: got %v, want %v", err, syscall.EIO)
				}
			})
			<-begun
			var once sync.Once
			disk.Before(func(op, _ string) error { // whoever ends the segment is at it
				if op == storagetest.OpWrite {
					once.Do(func() { close(release) })
				}
				return nil
			})
			if err := segment.WriteEvent(camera.Event{At: noon.Add(time.Second), Kind: camera.Streaming}); err != nil {
				t.Fatal(err)
			}
			if err := end(store, segment); !errors.Is(err, storage.ErrGivenUp) || !errors.Is(err, syscall.EIO) {
				t.Errorf("got %v, want %v by %v", err, storage.ErrGivenUp, syscall.EIO)
			}
			syncing.Wait()
			if _, err := os.Stat(segment.Path()); err != nil {
				t.Errorf("the .part: %v", err)
			}
			if _, err := os.Stat(strings.TrimSuffix(segment.Path(), ".part")); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("the .avi: got %v, want none", err)
			}
			view, err := storage.OpenReadOnly(t.Context(), dir)
			if err != nil {
				t.Fatal(err)
			}
			defer view.Close()
			if rows, err := view.Segments(t.Context(), storage.SegmentQuery{}); err != nil || len(rows) != 0 {
				t.Errorf("got rows %v, %v, want none", rows, err)
			}
		})
	}
}

func TestSyncSparesSegmentsThatHaveNothingNew(t *testing.T) {
	disk := new(storagetest.Disk)
	store := storagetest.Open(t, storage.Options{FS: disk})
	segment := create(t, store, storage.SegmentSpec{Camera: "0800c0000001", Start: noon})
	shoot(t, segment)
	syncs := 0
	disk.Before(func(op, _ string) error {
		if op == storagetest.OpSync {
			syncs++
		}
		return nil
	})
	for range 3 {
		if err := store.Sync(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if syncs != 1 {
		t.Errorf("got %d fsyncs, want 1", syncs)
	}
}

func TestClosedStoreCreatesNothing(t *testing.T) {
	store, err := storage.Open(t.Context(), storage.Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	film(t, store, storage.SegmentSpec{Camera: "0800c0000001", Start: noon})
	store.Close()
	if _, err := store.Create(storage.SegmentSpec{Camera: "0800c0000001", Start: noon}); !errors.Is(err, storage.ErrClosed) {
		t.Errorf("got %v, want %v", err, storage.ErrClosed)
	}
	if left, _ := filepath.Glob(filepath.Join(store.Recordings(), "*", "*", "*.part")); len(left) != 0 {
		t.Errorf("got %v left behind", left)
	}
}

func TestPartCanBePlayedAfterASync(t *testing.T) {
	store := storagetest.Open(t, storage.Options{})
	segment := create(t, store, storage.SegmentSpec{Camera: "0800c0000001", Start: noon})
	shoot(t, segment)
	event := camera.Event{At: noon, Kind: camera.Streaming, Detail: "hello"}
	if err := segment.WriteEvent(event); err != nil {
		t.Fatal(err)
	}
	if err := store.Sync(t.Context()); err != nil {
		t.Fatal(err)
	}
	file, err := os.Open(segment.Path())
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	r, err := avi.Open(file, segment.Size())
	if err != nil {
		t.Fatal(err)
	}
	if sums := r.Summary(); sums.Frames != 10 || sums.Samples != 8000 || r.Finished() {
		t.Errorf("got %+v, finished %v, want 10 frames and their sound, not finished", sums, r.Finished())
	}
	if events := r.Events(); len(events) != 1 || events[0].Kind != "streaming" || string(events[0].Body) != "hello" {
		t.Errorf("got events %+v, want one", events)
	}
}
