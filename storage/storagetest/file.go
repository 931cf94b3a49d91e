package storagetest

import (
	"io/fs"
	"sync"
	"syscall"

	"v720dvr/storage"
)

// file is an open file of a Disk.
type file struct {
	storage.File
	disk *Disk
	path string // it was opened under
	life int    // of the disk then
	node *node  // nil without a memory

	mu   sync.Mutex
	size int64 // as far as this file knows
}

func (d *Disk) opened(f storage.File, path string) (storage.File, error) {
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	opened := &file{File: f, disk: d, path: path, life: d.life, size: info.Size()}
	if d.memory != nil {
		opened.node = d.memory.node(path, info.Size())
	}
	return opened, nil
}

// ask is the disk's, which this file may have outlived.
func (f *file) ask(op string) error {
	if err := f.disk.ask(op, f.path); err != nil {
		return err
	}
	return f.alive(op)
}

func (f *file) alive(op string) error {
	f.disk.mu.Lock()
	defer f.disk.mu.Unlock()
	if f.life != f.disk.life {
		return &fs.PathError{Op: op, Path: f.path, Err: syscall.EIO}
	}
	return nil
}

func (f *file) ReadAt(p []byte, at int64) (int, error) {
	if err := f.ask(OpRead); err != nil {
		return 0, err
	}
	return f.File.ReadAt(p, at)
}

func (f *file) WriteAt(p []byte, at int64) (int, error) {
	if err := f.ask(OpWrite); err != nil {
		return 0, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	end := at + int64(len(p))
	n, full := f.disk.grow(f.path, f.size, at, end)
	if n > 0 {
		if f.node != nil {
			f.disk.memory.touch(f.node, f.File, at, at+n)
		}
		wrote, err := f.File.WriteAt(p[:n], at)
		f.size = max(f.size, at+int64(wrote))
		if err != nil {
			return wrote, err
		}
	}
	return int(n), full
}

func (f *file) Truncate(size int64) error {
	if err := f.ask(OpTruncate); err != nil {
		return err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.node != nil {
		f.disk.memory.touch(f.node, f.File, min(size, f.size), max(size, f.size))
	}
	if err := f.File.Truncate(size); err != nil {
		return err
	}
	f.size = size
	return nil
}

// Sync is a pass over this file alone.
func (f *file) Sync() error {
	if errs := f.disk.SyncFiles([]storage.File{f}); errs != nil {
		return errs[0]
	}
	return nil
}

// beginSync returns what is to be called with the sync's end.
func (f *file) beginSync() (done func(error)) {
	if f.node == nil {
		return func(error) {}
	}
	return f.disk.memory.beginSync(f.node)
}

func (f *file) Close() error {
	if err := f.ask(OpClose); err != nil {
		f.File.Close()
		return err
	}
	return f.File.Close()
}
