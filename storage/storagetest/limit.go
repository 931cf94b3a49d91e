package storagetest

import (
	"io/fs"
	"path/filepath"
	"syscall"
	"testing"

	"v720dvr/storage"
)

// limit is a volume smaller than the disk it stands on. Names and files take whole blocks.
type limit struct {
	root  string
	size  int64
	used  int64
	taken map[string]int64 // bytes by path, folders among them
}

const block = 4096

func blocks(size int64) int64 { return (size + block - 1) / block * block }

// Limit makes what is below root a volume of so many bytes. What stands there already counts.
func (d *Disk) Limit(t testing.TB, root string, size int64) {
	t.Helper()
	l := &limit{root: root, size: size, taken: make(map[string]int64)}
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		l.take(path, max(info.Size(), 1))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.limit = l
}

func (d *Disk) limited(path string) (storage.Space, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.limit == nil || !below(d.limit.root, path) {
		return storage.Space{}, false
	}
	return storage.Space{Size: d.limit.size, Free: d.limit.size - d.limit.used}, true
}

// take makes a path as large as size, and tells whether there was room for that.
func (l *limit) take(path string, size int64) bool {
	more := blocks(size) - l.taken[path]
	if l.used+more > l.size && more > 0 {
		return false
	}
	l.taken[path] += more
	l.used += more
	return true
}

func (l *limit) give(path string) {
	l.used -= l.taken[path]
	delete(l.taken, path)
}

// changed notes a change of a name.
func (l *limit) changed(c change) {
	switch c.op {
	case OpMkdir:
		l.take(c.path, 1)
	case OpRename, OpReplace:
		l.taken[c.path] = l.taken[c.from]
		delete(l.taken, c.from)
	case OpRemove:
		l.give(c.path)
	}
}

// grow tells how many of the bytes from `from` to `to` a file may be written with, of which it has
// had `had`.
func (d *Disk) grow(path string, had, from, to int64) (n int64, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	fits := to
	if d.limit != nil && below(d.limit.root, path) && !d.limit.take(path, max(to, had)) {
		fits = max(d.limit.taken[path]+(d.limit.size-d.limit.used)/block*block, had)
		d.limit.take(path, fits)
	}
	if d.faults.full && fits > had {
		more := min(fits-had, d.faults.room)
		d.faults.room -= more
		fits = had + more
	}
	if fits < to {
		err = &fs.PathError{Op: OpWrite, Path: path, Err: syscall.ENOSPC}
	}
	return max(min(fits, to)-from, 0), err
}
