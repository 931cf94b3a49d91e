package storage

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// A glimpse is a look at what the watch has heard of: a few names instead of all recordings.

// glimpse looks at files and folders below the recordings, which are there or not.
func (r *Rescan) glimpse(ctx context.Context, names []string) (Report, error) {
	a := &audit{store: r.store, fix: true, quick: true}
	if err := a.glimpse(ctx, names, r.watch); err != nil {
		return a.report, err
	}
	if r.whole != nil && r.whole.left != nil { // what a look through all told of these is old by now
		for dir, files := range a.left {
			r.whole.left[dir] = files
		}
	}
	return a.report, nil
}

func (a *audit) glimpse(ctx context.Context, names []string, w *watch) error {
	if err := a.store.onVolume(); err != nil {
		return err
	}
	var fresh []freshFile
	for _, name := range names {
		w.forget(name)
	}
	for _, name := range names {
		found, err := a.name(ctx, name, w)
		if err != nil {
			return err
		}
		fresh = append(fresh, found...)
	}
	if len(a.gone) > 0 {
		fresh = append(fresh, a.copies(ctx)...)
	}
	a.enterFresh(ctx, fresh)
	if err := a.settleGone(ctx, false); err != nil {
		return err
	}
	a.tellLeft(false)
	return ctx.Err()
}

// name looks at one name, and at what is in it.
func (a *audit) name(ctx context.Context, name string, w *watch) (fresh []freshFile, err error) {
	s := a.store
	info, err := os.Lstat(filepath.Join(s.recordings, filepath.FromSlash(name)))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("look at %s: %w", name, err)
	}
	there := err == nil
	var dirs []string
	if there && s.isFolder(fs.FileInfoToDirEntry(info), strings.TrimSuffix(path.Dir(name), ".")) {
		if strings.Count(name, "/") >= mostDepth {
			return nil, nil
		}
		if err := a.foldersOnDisk(ctx, name, func(dir string) { dirs = append(dirs, dir) }); err != nil {
			return nil, err
		}
		w.follow(slices.Clone(dirs))
	} else if fresh, err = a.file(ctx, name, info); err != nil {
		return nil, err
	}
	if !there {
		a.forgetLeft(name)
	}
	// What was in it, or in folders of it that are gone.
	if err := s.foldersInIndex(ctx, name, func(dir string) {
		if !slices.Contains(dirs, dir) {
			dirs = append(dirs, dir)
		}
	}); err != nil {
		return nil, err
	}
	for _, dir := range dirs {
		found, err := a.folder(ctx, dir)
		if err != nil {
			return nil, err
		}
		fresh = append(fresh, found...)
	}
	return fresh, nil
}

// file looks at one file, which is gone when info is nil.
func (a *audit) file(ctx context.Context, name string, info fs.FileInfo) (fresh []freshFile, err error) {
	s := a.store
	a.lookedAt(name)
	busy := s.busyParts() // before the row: see folder
	rows, err := s.listSegments(ctx, `volume = ? AND path = ?`, s.volume.ID, name)
	if err != nil {
		return nil, err
	}
	has := make(map[string]bool)
	for _, r := range rows {
		has[name] = true
		if err := a.row(ctx, r, info != nil); err != nil {
			return nil, err
		}
	}
	if info == nil {
		return nil, nil
	}
	return a.entry(ctx, name, fs.FileInfoToDirEntry(info), has, busy), nil
}

// copies looks once more at the copies that are known: one may be the only one now.
func (a *audit) copies(ctx context.Context) (fresh []freshFile) {
	known, _ := a.store.Foreign()
	for _, f := range known {
		if f.Why != ForeignCopy || ctx.Err() != nil {
			continue
		}
		if found, err := a.fileThere(ctx, f.Path); err == nil {
			fresh = append(fresh, found...)
		}
	}
	return fresh
}

func (a *audit) fileThere(ctx context.Context, name string) ([]freshFile, error) {
	info, err := os.Lstat(filepath.Join(a.store.recordings, filepath.FromSlash(name)))
	if err != nil {
		return nil, err
	}
	return a.file(ctx, name, info)
}
