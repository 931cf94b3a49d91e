package storagetest

import (
	"errors"
	"io/fs"
	"path/filepath"
	"sync"
	"syscall"

	"v720dvr/storage"
)

// Disk is a hard disk that behaves badly on demand. Its zero value is the real disk; Fail, Full,
// Limit, ReadOnly, Stall and Pull are its faults, Heal and Return end them, and Before is a hook
// for everything else. One from NewDisk loses in a PowerCut what was not synced.
//
// SQLite's files go past it, as past every storage.FS.
type Disk struct {
	storage.DiskFS
	mu     sync.Mutex
	before func(op, path string) error
	faults faults
	limit  *limit  // nil: as large as the real one
	memory *memory // nil: a power cut cannot be had
	life   int     // of the files that are open: those of an earlier one are dead
	pulled mount   // where the disk was mounted that is gone
	off    bool    // no power
}

// The ops that Before is told, and that Fail and Stall take.
const (
	OpMkdir    = "mkdir"
	OpCreate   = "create"
	OpOpen     = "open" // to read or to edit
	OpRead     = "read"
	OpWrite    = "write"
	OpTruncate = "truncate"
	OpSync     = "sync"
	OpClose    = "close"
	OpRename   = "rename"  // with the new path
	OpReplace  = "replace" // a power cut knows it; Before is told OpRename
	OpRemove   = "remove"
	OpSyncDir  = "syncdir"
	OpStat     = "stat"
	OpReadDir  = "readdir"
)

// Before sets a hook before every operation: what it returns is the error of that call, which then
// does nothing; what it waits for stalls it. Nil takes it away. Calls under way keep the one they
// began with.
func (d *Disk) Before(hook func(op, path string) error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.before = hook
}

// ask is passed by every operation.
func (d *Disk) ask(op, path string) error {
	if err := d.hook(op, path); err != nil {
		return err
	}
	d.stall(op)
	return d.fault(op, path)
}

func (d *Disk) hook(op, path string) error {
	d.mu.Lock()
	hook := d.before
	d.mu.Unlock()
	if hook == nil {
		return nil
	}
	return hook(op, path)
}

// named changes a name, one at a time.
func (d *Disk) named(c change, do func() error) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	limited := d.limit != nil && below(d.limit.root, c.path)
	if limited && c.op == OpMkdir && d.limit.size-d.limit.used < block {
		return &fs.PathError{Op: OpMkdir, Path: c.path, Err: syscall.ENOSPC}
	}
	if d.memory != nil {
		do = d.memory.noting(c, do)
	}
	if err := do(); err != nil {
		return err
	}
	if limited {
		d.limit.changed(c)
	}
	return nil
}

// Mkdir implements storage.FS.
func (d *Disk) Mkdir(path string) error {
	if err := d.ask(OpMkdir, path); err != nil {
		return err
	}
	return d.named(change{op: OpMkdir, path: path}, func() error { return d.DiskFS.Mkdir(path) })
}

// Create implements storage.FS.
func (d *Disk) Create(path string) (storage.File, error) {
	if err := d.ask(OpCreate, path); err != nil {
		return nil, err
	}
	var f storage.File
	err := d.named(change{op: OpCreate, path: path}, func() (err error) {
		f, err = d.DiskFS.Create(path)
		return err
	})
	if err != nil {
		return nil, err
	}
	return d.opened(f, path)
}

// Open implements storage.FS.
func (d *Disk) Open(path string) (storage.File, error) {
	if err := d.ask(OpOpen, path); err != nil {
		return nil, err
	}
	f, err := d.DiskFS.Open(path)
	if err != nil {
		return nil, err
	}
	return d.opened(f, path)
}

// Edit implements storage.FS.
func (d *Disk) Edit(path string) (storage.File, error) {
	if err := d.ask(OpOpen, path); err != nil {
		return nil, err
	}
	f, err := d.DiskFS.Edit(path)
	if err != nil {
		return nil, err
	}
	return d.opened(f, path)
}

// Rename implements storage.FS.
func (d *Disk) Rename(from, to string) error {
	if err := d.ask(OpRename, to); err != nil {
		return err
	}
	return d.named(change{op: OpRename, path: to, from: from}, func() error { return d.DiskFS.Rename(from, to) })
}

// Replace implements storage.FS.
func (d *Disk) Replace(from, to string) error {
	if err := d.ask(OpRename, to); err != nil {
		return err
	}
	return d.named(change{op: OpReplace, path: to, from: from}, func() error { return d.DiskFS.Replace(from, to) })
}

// Remove implements storage.FS.
func (d *Disk) Remove(path string) error {
	if err := d.ask(OpRemove, path); err != nil {
		return err
	}
	return d.named(change{op: OpRemove, path: path}, func() error { return d.DiskFS.Remove(path) })
}

// SyncDir implements storage.FS.
func (d *Disk) SyncDir(path string) error {
	if err := d.ask(OpSyncDir, path); err != nil {
		return err
	}
	if d.memory != nil {
		return d.memory.syncDir(path)
	}
	return d.DiskFS.SyncDir(path)
}

// SyncFiles implements storage.FS: a stall is one for all, as of one pass.
func (d *Disk) SyncFiles(files []storage.File) []error {
	inner, errs := make([]storage.File, len(files)), make([]error, len(files))
	done := make([]func(error), len(files))
	for i, f := range files {
		ours := f.(*file)
		inner[i], done[i] = ours.File, ours.beginSync()
	}
	failed := false
	for i, f := range files {
		ours := f.(*file)
		if errs[i] = d.hook(OpSync, ours.path); errs[i] == nil {
			if i == 0 {
				d.stall(OpSync)
			}
			errs[i] = errors.Join(d.fault(OpSync, ours.path), ours.alive(OpSync))
		}
		failed = failed || errs[i] != nil
	}
	if !failed && d.memory == nil {
		return d.DiskFS.SyncFiles(inner)
	}
	for i := range files {
		if errs[i] == nil && d.memory == nil {
			errs[i] = inner[i].Sync()
		}
		done[i](errs[i])
	}
	return errs
}

// Stat implements storage.FS.
func (d *Disk) Stat(path string) (fs.FileInfo, error) {
	if err := d.ask(OpStat, path); err != nil {
		return nil, err
	}
	return d.DiskFS.Stat(path)
}

// ReadDir implements storage.FS.
func (d *Disk) ReadDir(path string) ([]fs.DirEntry, error) {
	if err := d.ask(OpReadDir, path); err != nil {
		return nil, err
	}
	return d.DiskFS.ReadDir(path)
}

// Space implements storage.FS.
func (d *Disk) Space(path string) (storage.Space, error) {
	if err := d.ask(OpStat, path); err != nil {
		return storage.Space{}, err
	}
	if space, limited := d.limited(path); limited {
		return space, nil
	}
	return d.DiskFS.Space(path)
}

// below tells whether path is the folder or in it.
func below(folder, path string) bool {
	relative, err := filepath.Rel(folder, path)
	return err == nil && filepath.IsLocal(relative)
}
