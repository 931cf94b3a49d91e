package storage

import (
	"errors"
	"io"
	"io/fs"
	"os"
)

// FS is how the store works on the data folder: the real disk, or in tests one that behaves
// badly. All file work of this package goes through it but for two things: the databases, whose
// files SQLite opens itself (state.sqlite, index.sqlite, what it puts beside them, and copies of
// them), and the lock, which must be the kernel's. Paths are absolute.
type FS interface {
	// Mkdir makes one folder; fs.ErrExist when the name is taken.
	Mkdir(path string) error
	// Create opens a new file for reading and writing; fs.ErrExist when the name is taken.
	Create(path string) (File, error)
	// Open opens a file to read it; fs.ErrNotExist when there is none.
	Open(path string) (File, error)
	// Edit opens a file to read and to change it; fs.ErrNotExist when there is none.
	Edit(path string) (File, error)
	// Rename gives a file another name in the same folder, never over an existing file: that is
	// fs.ErrExist.
	Rename(from, to string) error
	// Replace gives a file the name of another in the same folder, which goes: there is one or the other at any moment.
	Replace(from, to string) error
	// Remove deletes a file or an empty folder.
	Remove(path string) error
	// SyncDir makes the names in a folder durable.
	SyncDir(path string) error
	// SyncFiles is Sync of several files, in one pass over their volume where the system can.
	// errs[i] is the error of files[i]; nil when all are safe.
	SyncFiles(files []File) (errs []error)
	// Stat describes a file or folder, behind a link if it is one.
	Stat(path string) (fs.FileInfo, error)
	// ReadDir lists a folder, by name.
	ReadDir(path string) ([]fs.DirEntry, error)
	// Space tells how large the volume is that path is on, and what is free of it.
	Space(path string) (Space, error)
}

// File is an open file. Close may come while Sync runs, as with os.File.
type File interface {
	io.ReaderAt
	io.WriterAt
	io.Closer
	// Truncate sets the length.
	Truncate(size int64) error
	// Stat describes it; what counts is its size.
	Stat() (fs.FileInfo, error)
	// Sync makes durable what was written and the length, as fdatasync(2) does.
	Sync() error
}

// Space of a volume, in bytes.
type Space struct {
	Size int64
	Free int64 // what a process without privileges may still take
}

// DiskFS is the real disk. Its zero value is ready.
type DiskFS struct{}

// Mkdir implements FS.
func (DiskFS) Mkdir(path string) error { return os.Mkdir(path, 0o755) }

// Create implements FS.
func (DiskFS) Create(path string) (File, error) {
	return openFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL)
}

// Open implements FS.
func (DiskFS) Open(path string) (File, error) { return openFile(path, os.O_RDONLY) }

// Edit implements FS.
func (DiskFS) Edit(path string) (File, error) { return openFile(path, os.O_RDWR) }

func openFile(path string, flags int) (File, error) {
	f, err := os.OpenFile(path, flags, 0o644)
	if err != nil {
		return nil, err
	}
	return diskFile{f}, nil
}

// Rename implements FS.
func (DiskFS) Rename(from, to string) error { return renameNoReplace(from, to) }

// Replace implements FS.
func (DiskFS) Replace(from, to string) error { return os.Rename(from, to) }

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

// SyncFiles implements FS.
func (DiskFS) SyncFiles(files []File) []error {
	real := make([]*os.File, len(files))
	for i, f := range files {
		disk, ok := f.(diskFile)
		if !ok { // wrapped by somebody who wants to be asked
			return syncEach(files)
		}
		real[i] = disk.File
	}
	if errs, did := syncVolume(real); did {
		return errs
	}
	return syncEach(files)
}

func syncEach(files []File) (errs []error) {
	for i, f := range files {
		if err := f.Sync(); err != nil {
			if errs == nil {
				errs = make([]error, len(files))
			}
			errs[i] = err
		}
	}
	return errs
}

// Stat implements FS.
func (DiskFS) Stat(path string) (fs.FileInfo, error) { return os.Stat(path) }

// ReadDir implements FS.
func (DiskFS) ReadDir(path string) ([]fs.DirEntry, error) { return os.ReadDir(path) }

// Space implements FS.
func (DiskFS) Space(path string) (Space, error) { return space(path) }

type diskFile struct{ *os.File }

func (f diskFile) Sync() error { return datasync(f.File) }

// readWhole reads a small file.
func readWhole(disk FS, path string, most int64) ([]byte, error) {
	f, err := disk.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.NewSectionReader(f, 0, most))
}

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
