package storage

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"path/filepath"
	"strings"
	"time"

	"v720dvr/camera"
	"v720dvr/storage/avi"
)

// day looks at one day of all cameras. What has no row is entered in the order in which it was recorded,
// so that an index that is built again counts its rows so.
func (a *audit) day(ctx context.Context, dirs []string) error {
	if a.fix {
		if err := a.store.onVolume(); err != nil {
			return err
		}
	}
	var fresh []freshFile
	for _, dir := range dirs {
		begun := time.Now()
		found, err := a.folder(ctx, dir)
		if err != nil {
			return err
		}
		fresh = append(fresh, found...)
		if a.rest != nil {
			if err := a.rest(ctx, time.Since(begun)); err != nil {
				return err
			}
		}
	}
	sortFresh(fresh)
	for _, file := range fresh {
		a.problem(ctx, Problem{Invariant: "I2", Path: file.path,
			Text:   fmt.Sprintf("a segment of camera %s without a row: nobody finds it by its time", camera.ID(file.said.sums.Camera)),
			Remedy: "its row is written, from what the file says"},
			func(ctx context.Context) error { return a.store.enterSaid(ctx, file.path, file.said) })
	}
	return nil
}

// freshFile is a segment without a row.
type freshFile struct {
	path string
	said fileSummary
}

// folder looks at one day's folder of one camera.
func (a *audit) folder(ctx context.Context, dir string) (fresh []freshFile, err error) {
	s := a.store
	entries, err := s.disk.ReadDir(filepath.Join(s.recordings, filepath.FromSlash(dir)))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("list %s: %w", dir, err)
	}
	// In this order: a segment whose .avi is in the list is either busy still, or has its row.
	busy := s.busyParts()
	rows, err := s.rowsIn(ctx, dir)
	if err != nil {
		return nil, fmt.Errorf("list rows of %s: %w", dir, err)
	}
	has := make(map[string]bool, len(rows))
	there := make(map[string]bool, len(entries))
	for _, r := range rows {
		has[r.Path] = true
	}
	for _, entry := range entries {
		there[dir+"/"+entry.Name()] = true
	}
	for _, r := range rows {
		a.report.Segments++
		if err := a.row(ctx, r, there[r.Path]); err != nil {
			return nil, err
		}
	}
	for _, entry := range entries {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		relative := dir + "/" + entry.Name()
		name := filepath.Join(s.recordings, filepath.FromSlash(relative))
		switch {
		case entry.IsDir():
		case strings.HasSuffix(relative, unreadableSuffix):
			a.report.Unreadable++
		case strings.HasSuffix(relative, thinSuffix):
			a.thinPart(ctx, name, relative)
		case strings.HasSuffix(relative, partSuffix):
			a.part(ctx, name, relative, busy)
		case strings.HasSuffix(relative, segmentSuffix) && !has[relative] && !busy.has(name):
			if file, ok := a.withoutRow(ctx, name, relative); ok {
				fresh = append(fresh, file)
			}
		}
	}
	return fresh, nil
}

// withoutRow looks at an .avi that has no row.
func (a *audit) withoutRow(ctx context.Context, name, relative string) (file freshFile, ok bool) {
	s := a.store
	said, err := s.readSegment(name, false)
	folder, _, _ := strings.Cut(relative, "/")
	owner, owned := s.folderOwner(folder)
	switch {
	case errors.Is(err, fs.ErrNotExist): // it was deleted meanwhile
		return file, false
	case err != nil && !errors.Is(err, avi.ErrNotAVI):
		a.problem(ctx, Problem{Invariant: "I2", Path: relative, Text: fmt.Sprintf("it cannot be read: %v", err)}, nil)
		return file, false
	case err != nil, !said.ours, !inPlace(relative, said.sums), owned && owner != camera.ID(said.sums.Camera):
		a.report.Foreign++
		return file, false
	}
	if going, err := s.beingDeleted(ctx, relative); err == nil && going {
		return file, false
	}
	return freshFile{relative, said}, true
}

func (a *audit) part(ctx context.Context, name, relative string, busy busyParts) {
	if busy.open[name] {
		return
	}
	if busy.givenUp[name] {
		a.report.Left++
		return
	}
	if !isSegmentName(strings.TrimSuffix(path.Base(relative), partSuffix)) {
		a.report.Foreign++
		return
	}
	a.problem(ctx, Problem{Invariant: "I3", Path: relative,
		Text:   "a segment that nobody writes, left open by a run that was killed or that the disk failed",
		Remedy: "it is finished and gets its row; one without a picture is removed, one that cannot be read is set aside"},
		func(ctx context.Context) error { return a.store.finishPart(ctx, name) })
}

// openFiles finds open segments whose file somebody has removed.
func (a *audit) openFiles(ctx context.Context, parts []string) error {
	for _, part := range parts {
		_, err := a.store.disk.Stat(part)
		if errors.Is(err, fs.ErrNotExist) && a.store.busyParts().open[part] {
			a.problem(ctx, Problem{Invariant: "I3", Path: part, Text: "the segment is open, its file is gone; the next one begins by itself"}, nil)
		}
	}
	return ctx.Err()
}
