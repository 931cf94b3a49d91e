package storagetest

import (
	"sync"

	"v720dvr/storage"
)

// Disk is the real disk with a hook before every change: what Before returns is the error of
// that call, which then does nothing; what Before waits for stalls it.
type Disk struct {
	storage.DiskFS
	mu     sync.Mutex
	before func(op, path string) error
}

// The ops that Before is told.
const (
	OpMkdir   = "mkdir"
	OpCreate  = "create"
	OpWrite   = "write"
	OpSync    = "sync"
	OpClose   = "close"
	OpRename  = "rename" // with the new path
	OpRemove  = "remove"
	OpSyncDir = "syncdir"
)

// Before sets the hook; nil takes it away. Calls under way keep the one they began with.
func (d *Disk) Before(hook func(op, path string) error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.before = hook
}

func (d *Disk) ask(op, path string) error {
	d.mu.Lock()
	hook := d.before
	d.mu.Unlock()
	if hook == nil {
		return nil
	}
	return hook(op, path)
}

// Mkdir implements storage.FS.
func (d *Disk) Mkdir(path string) error {
	if err := d.ask(OpMkdir, path); err != nil {
		return err
	}
	return d.DiskFS.Mkdir(path)
}

// Create implements storage.FS.
func (d *Disk) Create(path string) (storage.File, error) {
	if err := d.ask(OpCreate, path); err != nil {
		return nil, err
	}
	f, err := d.DiskFS.Create(path)
	if err != nil {
		return nil, err
	}
	return &file{File: f, disk: d, path: path}, nil
}

// Rename implements storage.FS.
func (d *Disk) Rename(from, to string) error {
	if err := d.ask(OpRename, to); err != nil {
		return err
	}
	return d.DiskFS.Rename(from, to)
}

// Remove implements storage.FS.
func (d *Disk) Remove(path string) error {
	if err := d.ask(OpRemove, path); err != nil {
		return err
	}
	return d.DiskFS.Remove(path)
}

// SyncDir implements storage.FS.
func (d *Disk) SyncDir(path string) error {
	if err := d.ask(OpSyncDir, path); err != nil {
		return err
	}
	return d.DiskFS.SyncDir(path)
}

type file struct {
	storage.File
	disk *Disk
	path string
}

func (f *file) WriteAt(p []byte, at int64) (int, error) {
	if err := f.disk.ask(OpWrite, f.path); err != nil {
		return 0, err
	}
	return f.File.WriteAt(p, at)
}

func (f *file) Sync() error {
	if err := f.disk.ask(OpSync, f.path); err != nil {
		return err
	}
	return f.File.Sync()
}

func (f *file) Close() error {
	if err := f.disk.ask(OpClose, f.path); err != nil {
		f.File.Close()
		return err
	}
	return f.File.Close()
}
