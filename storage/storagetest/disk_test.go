package storagetest_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"v720dvr/storage"
	"v720dvr/storage/storagetest"
)

func create(t *testing.T, disk storage.FS, path string, data []byte) storage.File {
	t.Helper()
	f, err := disk.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	write(t, f, data, 0)
	return f
}

func write(t *testing.T, f storage.File, data []byte, at int64) {
	t.Helper()
	if _, err := f.WriteAt(data, at); err != nil {
		t.Fatal(err)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// pages are n pages full of one letter.
func pages(letter byte, n int) []byte { return bytes.Repeat([]byte{letter}, n*4096) }

// Over many lots: what was synced is always there, what was not is there in some and gone in
// others, page by page.
func TestPowerCutTakesWhatWasNotSyncedByLotAndNothingElse(t *testing.T) {
	outcomes := make(map[string]int)
	for seed := range uint64(100) {
		dir, disk := t.TempDir(), storagetest.NewDisk(t, seed)
		path := filepath.Join(dir, "file")
		f := create(t, disk, path, pages('a', 4))
		must(t, f.Sync())
		must(t, disk.SyncDir(dir))
		write(t, f, pages('b', 2), 4096) // pages 1 and 2
		write(t, f, pages('c', 1), 4*4096)
		create(t, disk, filepath.Join(dir, "new"), nil)
		disk.PowerCut(t)
		if _, err := f.WriteAt(nil, 0); !errors.Is(err, syscall.EIO) {
			t.Errorf("a write without power: got %v", err)
		}
		disk.PowerOn()
		data, err := os.ReadFile(path)
		must(t, err)
		if len(data) < 4*4096 || !bytes.Equal(data[:4096], pages('a', 1)) || !bytes.Equal(data[3*4096:4*4096], pages('a', 1)) {
			t.Fatalf("seed %d: synced pages are gone", seed)
		}
		fate := fmt.Sprintf("%c%c", data[4096], data[2*4096])
		if rest := data[4*4096:]; len(rest) == 0 {
			fate += " short"
		} else {
			fate += fmt.Sprintf(" %q", rest[0])
		}
		if _, err := os.Stat(filepath.Join(dir, "new")); err == nil {
			fate += " new"
		}
		outcomes[fate]++
	}
	for _, want := range []string{"aa short", "bb 'c' new"} { // all gone, all there
		found := 0
		for fate, n := range outcomes {
			if fate == want || fate == want+" new" {
				found += n
			}
		}
		if found == 0 {
			t.Errorf("got %v, want %q among them", outcomes, want)
		}
	}
	if len(outcomes) < 8 {
		t.Errorf("got %v, want more kinds", outcomes)
	}
}

func TestBytesOfAFailedSyncAreNotSafeThoughALaterSyncSucceeds(t *testing.T) {
	lost := 0
	for seed := range uint64(50) {
		dir, disk := t.TempDir(), storagetest.NewDisk(t, seed)
		path := filepath.Join(dir, "file")
		f := create(t, disk, path, pages('a', 1))
		must(t, f.Sync())
		must(t, disk.SyncDir(dir))
		write(t, f, pages('b', 1), 0)
		disk.Fail(syscall.EIO, storagetest.OpSync)
		if err := f.Sync(); !errors.Is(err, syscall.EIO) {
			t.Fatalf("got %v, want %v", err, syscall.EIO)
		}
		disk.Heal()
		must(t, f.Sync()) // it lies
		if seed%2 == 0 {  // but a page that is written again is another matter
			write(t, f, pages('c', 1), 0)
			must(t, f.Sync())
		}
		disk.PowerCut(t)
		disk.PowerOn()
		data, err := os.ReadFile(path)
		must(t, err)
		if seed%2 == 0 && data[0] != 'c' {
			t.Errorf("seed %d: got %q, want what was written and synced again", seed, data[0])
		}
		if data[0] == 'a' {
			lost++
		}
	}
	if lost == 0 {
		t.Error("the later sync never lied")
	}
}

func TestFullDiskTakesWhatFitsAndRoomComesBackWithWhatIsRemoved(t *testing.T) {
	dir, disk := t.TempDir(), new(storagetest.Disk)
	disk.Limit(t, dir, 4*4096) // of which the folder has one
	create(t, disk, filepath.Join(dir, "a"), pages('a', 2))
	f := create(t, disk, filepath.Join(dir, "b"), nil)
	if n, err := f.WriteAt(pages('b', 2), 0); n != 4096 || !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("got %d bytes, %v, want one page and %v", n, err, syscall.ENOSPC)
	}
	if space, err := disk.Space(dir); err != nil || space.Free != 0 || space.Size != 4*4096 {
		t.Errorf("got %+v, %v, want it full", space, err)
	}
	must(t, disk.Remove(filepath.Join(dir, "a")))
	write(t, f, pages('b', 2), 0)
	if space, err := disk.Space(dir); err != nil || space.Free != 4096 {
		t.Errorf("got %+v, %v, want a page free", space, err)
	}
}

func TestPulledDiskAnswersNothingAndItsOpenFilesStayDead(t *testing.T) {
	dir, disk := filepath.Join(t.TempDir(), "disk"), new(storagetest.Disk)
	must(t, os.Mkdir(dir, 0o755))
	path := filepath.Join(dir, "file")
	f := create(t, disk, path, []byte("mine"))
	disk.Pull(dir)
	if _, err := disk.Stat(path); !errors.Is(err, syscall.EIO) {
		t.Errorf("pulled: got %v", err)
	}
	disk.ReturnEmpty(t)
	if list, err := disk.ReadDir(dir); err != nil || len(list) != 0 {
		t.Errorf("empty mount point: got %v, %v", list, err)
	}
	disk.Return(t)
	if _, err := f.WriteAt([]byte("more"), 4); !errors.Is(err, syscall.EIO) {
		t.Errorf("a file that was open: got %v", err)
	}
	again, err := disk.Open(path)
	must(t, err)
	text := make([]byte, 4)
	if _, err := again.ReadAt(text, 0); err != nil || string(text) != "mine" {
		t.Errorf("got %q, %v", text, err)
	}
}
