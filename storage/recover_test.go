package storage_test

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"v720dvr/camera"
	"v720dvr/storage"
	"v720dvr/storage/avi"
	"v720dvr/storage/storagetest"
)

var errKilled = errors.New("the process was killed")

// mortal is a disk for a process that is killed before its n-th change: from then on nothing
// works, and SQLite's transactions are called off.
func mortal(disk *storagetest.Disk, n int) (ctx context.Context, killed func() bool) {
	ctx, kill := context.WithCancel(context.Background())
	changes := []string{storagetest.OpMkdir, storagetest.OpCreate, storagetest.OpWrite, storagetest.OpTruncate, storagetest.OpSync,
		storagetest.OpClose, storagetest.OpRename, storagetest.OpRemove, storagetest.OpSyncDir}
	disk.Before(func(op, _ string) error {
		if ctx.Err() == nil && slices.Contains(changes, op) {
			if n--; n < 0 {
				kill()
			}
		}
		if ctx.Err() != nil {
			return errKilled
		}
		return nil
	})
	return ctx, func() bool { return ctx.Err() != nil }
}

// pictures counts what the index has, after it has read each of them from its file.
func pictures(t *testing.T, store *storage.Store) (n int) {
	t.Helper()
	rows, err := store.Segments(t.Context(), storage.SegmentQuery{})
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range rows {
		file, err := os.Open(store.Path(row))
		if err != nil {
			t.Fatal(err)
		}
		defer file.Close()
		r, err := avi.Open(file, row.Bytes)
		if err != nil || !r.Finished() {
			t.Fatalf("%s: %v, want a finished file", row.Path, err)
		}
		for i := range r.Frames() {
			if _, err := r.ReadFrame(nil, i); err != nil {
				t.Errorf("%s: %v", row.Path, err)
			}
			n++
		}
	}
	return n
}

func TestKillAtAnyStepOfASegmentCostsNothingThatWasHandedOver(t *testing.T) {
	for step := 0; ; step++ {
		dir, disk := t.TempDir(), new(storagetest.Disk)
		store, err := storage.Open(t.Context(), storage.Options{Dir: dir, FS: disk})
		if err != nil {
			t.Fatal(err)
		}
		ctx, killed := mortal(disk, step)
		handed := filmUntilKilled(ctx, store)
		store.Close()
		disk.Before(nil)
		survivor := storagetest.Open(t, storage.Options{Dir: dir}) // it is checked at the end
		if got := pictures(t, survivor); got != handed {
			t.Errorf("killed at step %d: got %d pictures, want the %d that were handed over", step, got, handed)
		}
		rows, err := survivor.Segments(t.Context(), storage.SegmentQuery{})
		if err != nil {
			t.Fatal(err)
		}
		for i, r := range rows {
			if len(r.Gaps) != 1 || len(r.Inside) > 1 || i < len(rows)-1 && len(r.Inside) != 1 || r.Number != uint32(i+1) {
				t.Errorf("killed at step %d: got %+v, want its gaps", step, r)
			}
		}
		if parts, _ := filepath.Glob(filepath.Join(dir, "recordings", "*", "*", "*.part")); len(parts) > 0 {
			t.Errorf("killed at step %d: left are %v", step, parts)
		}
		storagetest.Check(t, survivor)
		survivor.Close()
		if !killed() {
			if step < 30 {
				t.Errorf("only %d steps were tried", step)
			}
			return
		}
	}
}

// filmUntilKilled writes two segments with a gap before and one inside, and returns how many pictures the store has taken.
func filmUntilKilled(ctx context.Context, store *storage.Store) (handed int) {
	for n := range 2 {
		start := noon.Add(time.Duration(n) * time.Second)
		segment, err := store.Create(storage.SegmentSpec{Camera: "0800c0000001", Name: "door", Start: start, Motion: n == 1,
			Gaps: []avi.Gap{{From: start.Add(-time.Minute), To: start, Reason: storage.GapOffline}}})
		if err != nil {
			return handed
		}
		for i := range 6 {
			at := start.Add(time.Duration(i) * 100 * time.Millisecond)
			if segment.WriteFrame(camera.Frame{At: at, JPEG: jpeg(i)}) != nil {
				return handed
			}
			handed++
			if i == 2 && segment.WriteGap(avi.Gap{From: at, To: at.Add(time.Millisecond), Reason: storage.GapSilent}) != nil {
				return handed
			}
			if i == 3 && store.Sync(ctx) != nil {
				return handed
			}
		}
		if _, err := segment.Commit(ctx, start.Add(time.Second)); err != nil {
			return handed
		}
	}
	return handed
}

// leave makes a data folder in which a run was killed: three segments are open, one of them
// without a picture.
func leave(t *testing.T, dir string) {
	t.Helper()
	store, err := storage.Open(t.Context(), storage.Options{Dir: dir, Location: noon.Location()})
	if err != nil {
		t.Fatal(err)
	}
	for n := range 2 {
		shoot(t, create(t, store, storage.SegmentSpec{Camera: "0800c0000001", Name: "door", Start: noon.Add(time.Duration(n) * time.Second)}))
	}
	create(t, store, storage.SegmentSpec{Camera: "0800c0000002", Start: noon})
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestKillAtAnyStepOfRecoveryCostsNothing(t *testing.T) {
	for step := 0; ; step++ {
		dir, disk := t.TempDir(), new(storagetest.Disk)
		leave(t, dir)
		ctx, killed := mortal(disk, step)
		if store, err := storage.Open(ctx, storage.Options{Dir: dir, FS: disk}); err == nil {
			store.Close()
		}
		store := storagetest.Open(t, storage.Options{Dir: dir})
		if got := pictures(t, store); got != 20 {
			t.Errorf("killed at step %d: got %d pictures, want 20", step, got)
		}
		if report := storagetest.Check(t, store); report.Segments != 2 || report.Left != 0 {
			t.Errorf("killed at step %d: got %+v, want two segments and no part", step, report)
		}
		store.Close()
		if !killed() {
			return
		}
	}
}

func TestFileThatCannotBeReadIsSetAsideAndOneWithoutAPictureGoes(t *testing.T) {
	dir := t.TempDir()
	leave(t, dir)
	parts, _ := filepath.Glob(filepath.Join(dir, "recordings", "door", "*", "*.part"))
	if len(parts) != 2 {
		t.Fatalf("got %v", parts)
	}
	noise := bytes.Repeat([]byte("noise"), 4000)
	if err := os.WriteFile(parts[0], noise, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(parts[1], 5100); err != nil { // within the front
		t.Fatal(err)
	}
	var text bytes.Buffer
	store := storagetest.Open(t, storage.Options{Dir: dir, Log: slog.New(slog.NewTextHandler(&text, nil))})
	aside := strings.TrimSuffix(parts[0], ".avi.part") + ".unreadable"
	if got, err := os.ReadFile(aside); err != nil || !bytes.Equal(got, noise) {
		t.Errorf("got %d bytes, %v, want the file under its new name", len(got), err)
	}
	if _, err := os.Stat(parts[1]); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the one without a picture: got %v, want it gone", err)
	}
	if report := storagetest.Check(t, store); report.Unreadable != 1 || report.Segments != 0 || report.Left != 0 {
		t.Errorf("got %+v, want one unreadable file and nothing else", report)
	}
	if log := text.String(); !strings.Contains(log, filepath.Base(aside)) || !strings.Contains(log, "level=ERROR") || strings.Count(log, "no picture") != 2 {
		t.Errorf("got log %q, want the file named, and two without a picture", log)
	}
}

// A full disk leaves the .part as it is; the next look finds it.
func TestFullDiskPostponesRecovery(t *testing.T) {
	dir, disk := t.TempDir(), new(storagetest.Disk)
	leave(t, dir)
	disk.Before(func(op, path string) error {
		if op == storagetest.OpWrite && strings.HasSuffix(path, ".part") {
			return syscall.ENOSPC
		}
		return nil
	})
	store := storagetest.Open(t, storage.Options{Dir: dir, FS: disk})
	if got := pictures(t, store); got != 0 {
		t.Errorf("got %d pictures on a full disk, want none yet", got)
	}
	create(t, store, storage.SegmentSpec{Camera: "0800c0000001", Name: "door", Start: noon}) // takes no name of theirs
	disk.Before(nil)
	runRescan(t, store)
	if got := pictures(t, store); got != 20 {
		t.Errorf("got %d pictures, want 20", got)
	}
}

// runRescan looks through the recordings once.
func runRescan(t *testing.T, store *storage.Store) string {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	told := make(chan string, 100)
	log := slog.New(slog.NewTextHandler(lineWriter(told), &slog.HandlerOptions{Level: slog.LevelDebug}))
	ended := make(chan error)
	go func() { ended <- storage.NewRescan(store, log).Run(ctx) }()
	line := <-told
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	return line
}

type lineWriter chan string

func (w lineWriter) Write(line []byte) (int, error) {
	w <- string(line)
	return len(line), nil
}
