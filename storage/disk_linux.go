package storage

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

func renameNoReplace(from, to string) error {
	err := unix.Renameat2(unix.AT_FDCWD, from, unix.AT_FDCWD, to, unix.RENAME_NOREPLACE)
	switch {
	case err == nil:
		return nil
	// EINVAL is a file system that does not know the flag, ENOSYS a kernel before 3.15.
	case errors.Is(err, unix.EINVAL), errors.Is(err, unix.ENOSYS):
		return renameByLink(from, to)
	}
	return &os.LinkError{Op: "rename", Old: from, New: to, Err: err}
}

func datasync(f *os.File) error {
	err := withDescriptor(f, unix.Fdatasync)
	if err != nil {
		err = &os.PathError{Op: "fdatasync", Path: f.Name(), Err: err}
	}
	return err
}

// withDescriptor makes a system call on an open file, again when a signal came between.
func withDescriptor(f *os.File, call func(fd int) error) error {
	conn, err := f.SyscallConn()
	if err != nil {
		return err
	}
	var failed error
	err = conn.Control(func(fd uintptr) {
		for {
			if failed = call(int(fd)); !errors.Is(failed, unix.EINTR) {
				return
			}
		}
	})
	return errors.Join(err, failed)
}

func space(path string) (Space, error) {
	var s unix.Statfs_t
	for {
		err := unix.Statfs(path, &s)
		if errors.Is(err, unix.EINTR) {
			continue
		}
		if err != nil {
			return Space{}, &os.PathError{Op: "statfs", Path: path, Err: err}
		}
		unit := int64(s.Frsize)
		if unit == 0 { // as statvfs(3) does; through FUSE the two differ
			unit = int64(s.Bsize)
		}
		return Space{Size: int64(s.Blocks) * unit, Free: int64(s.Bavail) * unit}, nil
	}
}
