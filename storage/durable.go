package storage

import (
	"errors"
	"io/fs"
	"path/filepath"
	"sync"
	"syscall"
)

// A folder that is there may still lack a durable name: the fsync of its parent failed, or the
// process was killed before it. Then a power cut takes the folder with everything in it. So
// what counts is not who made a folder, but whether its parent was synced since.

// durableNames remembers the folders whose names are known to be durable in this run.
type durableNames struct {
	mu    sync.Mutex
	paths map[string]struct{}
}

// mostDurableNames bounds the memory: a folder for each camera and each of its days. Past it
// all are forgotten, which costs one more fsync for each folder that is still used.
const mostDurableNames = 4096

func (d *durableNames) knows(path string) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	_, ok := d.paths[path]
	return ok
}

func (d *durableNames) remember(path string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.paths == nil || len(d.paths) >= mostDurableNames {
		d.paths = make(map[string]struct{})
	}
	d.paths[path] = struct{}{}
}

func (d *durableNames) forget(path string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.paths, path)
}

// makeFolders makes the folders that are missing below the recordings, which must be there, on
// the volume that was opened: a disk that is not mounted must not be filled in for. Each name is
// durable on return.
func (s *Store) makeFolders(names ...string) (string, error) {
	if err := s.onVolume(); err != nil {
		return "", err
	}
	base := s.recordings
	for _, name := range names {
		path := filepath.Join(base, name)
		err := s.disk.Mkdir(path)
		if err == nil {
			s.durable.forget(path) // somebody had removed it
		} else if !errors.Is(err, fs.ErrExist) {
			return "", err
		}
		if !s.durable.knows(path) {
			if err := s.disk.SyncDir(base); err != nil {
				return "", err
			}
			s.durable.remember(path)
		}
		base = path
	}
	return base, nil
}

// makePath makes a folder and the parents that it lacks, from the top, and each name durable
// before the next is made. Then only the lowest folder that was there can be in doubt.
func makePath(disk FS, path string) error {
	parent := filepath.Dir(path)
	info, err := disk.Stat(path)
	switch {
	case err == nil && !info.IsDir():
		return &fs.PathError{Op: "mkdir", Path: path, Err: syscall.ENOTDIR}
	case errors.Is(err, fs.ErrNotExist) && parent != path:
		if err := makePath(disk, parent); err != nil {
			return err
		}
		if err := disk.Mkdir(path); err != nil && !errors.Is(err, fs.ErrExist) {
			return err
		}
	case err != nil:
		return err
	}
	if err := disk.SyncDir(parent); err != nil && !cannotSync(err) {
		return err
	}
	return nil
}

// cannotSync tells a folder that takes no fsync from a disk that fails. The data folder may stand
// in one that is another user's, or on a root that is read-only or knows no fsync.
func cannotSync(err error) bool {
	return errors.Is(err, fs.ErrPermission) || errors.Is(err, errors.ErrUnsupported) ||
		errors.Is(err, syscall.EINVAL) || errors.Is(err, syscall.EROFS)
}
