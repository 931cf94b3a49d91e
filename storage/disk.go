package storage

import (
	"errors"
	"io"
	"io/fs"
	"os"
)

// FS is how the store changes the recordings: the real disk, or in tests one that fails and
// stalls. Reading goes past it, since nothing is lost by reading. Paths are absolute.
type FS interface {
	// Mkdir makes one folder; fs.ErrExist when the name is taken.
	Mkdir(path string) error
	// Create opens a new file for writing; fs.ErrExist when the name is taken.
	Create(path string) (File, error)
	// Rename gives a file another name in the same folder, never over an existing file: that is
	// fs.ErrExist.
	Rename(from, to string) error
	// Remove deletes a file.
	Remove(path string) error
	// SyncDir makes the names in a folder durable.
	SyncDir(path string) error
}

// File is a file being written. Close may come while Sync runs, as with os.File.
type File interface {
	io.WriterAt
	io.Closer
	// Sync makes durable what was written and the length, as fdatasync(2) does.
	Sync() error
}

// DiskFS is the real disk. Its zero value is ready.
type DiskFS struct{}

// Mkdir implements FS.
func (DiskFS) Mkdir(path string) error { return os.Mkdir(path, 0o755) }

// Create implements FS.
func (DiskFS) Create(path string) (File, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return nil, err
	}
	return diskFile{f}, nil
}

// Rename implements FS.
func (DiskFS) Rename(from, to string) error { return renameNoReplace(from, to) }

// Remove implements FS.
func (DiskFS) Remove(path string) error { return os.Remove(path) }

// SyncDir implements FS.
func (DiskFS) SyncDir(path string) error {
	dir, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}

type diskFile struct{ *os.File }

func (f diskFile) Sync() error { return datasync(f.File) }

// renameByLink is for kernels and file systems without a rename that refuses to replace.
func renameByLink(from, to string) error {
	err := os.Link(from, to)
	switch {
	case err == nil:
		return os.Remove(from)
	case errors.Is(err, fs.ErrExist):
		return err
	}
	// FAT has no links either. Looking first leaves a moment for somebody else to take the name;
	// the store's lock says that nobody of ours does.
	if _, err := os.Lstat(to); err == nil {
		return &os.LinkError{Op: "rename", Old: from, New: to, Err: fs.ErrExist}
	}
	return os.Rename(from, to)
}
