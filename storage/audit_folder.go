package storage

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
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
	a.enterFresh(ctx, fresh)
	return nil
}

// enterFresh gives files their rows.
func (a *audit) enterFresh(ctx context.Context, fresh []freshFile) {
	sortFresh(fresh)
	for _, file := range fresh {
		a.problem(ctx, Problem{Invariant: "I2", Path: file.path,
			Text:   fmt.Sprintf("a segment of camera %s without a row: nobody finds it by its time", camera.ID(file.said.sums.Camera)),
			Remedy: "its row is written, from what the file says"},
			func(ctx context.Context) error {
				err := a.store.enterSaid(ctx, file.path, file.said)
				if errors.Is(err, errForeign) {
					a.leave(file.path, file.said.sums.Bytes, whyOf(err))
				}
				return err
			})
	}
}

// freshFile is a segment without a row.
type freshFile struct {
	path string
	said fileSummary
}

// folder looks at one folder: a day's of one camera, or what a person has made.
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
	rows = slices.DeleteFunc(rows, func(r SegmentRecord) bool { return path.Dir(r.Path) != path.Clean(dir) }) // a folder in this one has its own look
	for _, r := range rows {
		has[r.Path] = true
	}
	a.looked(dir)
	for _, entry := range entries {
		there[path.Join(dir, entry.Name())] = true
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
		fresh = append(fresh, a.entry(ctx, path.Join(dir, entry.Name()), entry, has, busy)...)
	}
	return fresh, nil
}

// entry looks at one file that is there. has says which files have rows.
func (a *audit) entry(ctx context.Context, relative string, entry fs.DirEntry, has map[string]bool, busy busyParts) (fresh []freshFile) {
	s := a.store
	name := filepath.Join(s.recordings, filepath.FromSlash(relative))
	switch {
	case entry.IsDir(), strings.HasPrefix(entry.Name(), "."), isBeside(relative):
	case strings.HasSuffix(relative, unreadableSuffix):
		a.report.Unreadable++
		a.leaveEntry(relative, entry, ForeignUnreadable)
	case strings.HasSuffix(relative, thinSuffix):
		a.thinPart(ctx, name, relative)
	case strings.HasSuffix(relative, restoreSuffix):
		a.restorePart(ctx, name, relative, entry)
	case strings.HasSuffix(relative, partSuffix):
		a.part(ctx, name, relative, busy)
	case strings.HasSuffix(relative, segmentSuffix) && !has[relative] && !busy.has(name):
		if file, ok := a.withoutRow(ctx, name, relative); ok {
			fresh = append(fresh, file)
		}
	case !strings.HasSuffix(relative, segmentSuffix):
		a.leaveEntry(relative, entry, ForeignOther)
	}
	return fresh
}

// isBeside tells what is ours beside the segments.
func isBeside(relative string) bool {
	name := path.Base(relative)
	return name == eventsFile || ownPicture.MatchString(name) || relative == volumeFile || relative == volumeFile+".new"
}

// withoutRow looks at an .avi that has no row.
func (a *audit) withoutRow(ctx context.Context, name, relative string) (file freshFile, ok bool) {
	s := a.store
	info, err := s.disk.Stat(name)
	if err != nil || !info.Mode().IsRegular() {
		return file, false // it was deleted meanwhile, or a pipe would be waited for
	}
	// What has just been written may be written still, by somebody who took the room for it first.
	said, err := s.readSegment(name, a.quick && time.Since(info.ModTime()) < freshFor)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return file, false
	case err != nil && !errors.Is(err, avi.ErrNotAVI):
		a.problem(ctx, Problem{Invariant: "I2", Path: relative, Text: fmt.Sprintf("it cannot be read: %v", err)}, nil)
		return file, false
	case err != nil, !said.ours, said.sums.Camera == "":
		a.report.Foreign++
		a.leave(relative, info.Size(), ForeignTheirs)
		return file, false
	case !said.finished && time.Since(info.ModTime()) < freshFor: // an older one was cut: it is what there is
		a.report.Foreign++
		a.report.again = true
		a.leave(relative, info.Size(), ForeignNotWhole)
		return file, false
	}
	if going, err := s.beingDeleted(ctx, relative); err == nil && going {
		return file, false
	}
	file = freshFile{relative, said}
	if t, found, err := findTwin(ctx, s.index.read, s.volume.ID, file); err == nil && found && t.path != relative {
		if _, err := s.disk.Stat(filepath.Join(s.recordings, filepath.FromSlash(t.path))); err == nil {
			a.report.Foreign++
			a.leave(relative, info.Size(), ForeignCopy)
			return file, false
		}
	}
	return file, true
}

// freshFor is how long a file is taken for one that is being copied: it is read to its end before it is believed
// to be whole.
const freshFor = 10 * time.Minute

func (a *audit) part(ctx context.Context, name, relative string, busy busyParts) {
	if busy.open[name] {
		return
	}
	if busy.isMaking(name) {
		a.report.again = true
		return
	}
	if busy.givenUp[name] {
		a.report.Left++
		return
	}
	if a.store.followPart(ctx, name) {
		return
	}
	if !isSegmentName(strings.TrimSuffix(path.Base(relative), partSuffix)) {
		a.report.Foreign++
		a.leave(relative, 0, ForeignOther)
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
