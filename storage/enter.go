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

	"v720dvr/storage/avi"
)

// errForeign is a file that is left alone: somebody else's. errCopy wraps it.
var (
	errForeign = errors.New("not a segment")
	errCopy    = fmt.Errorf("%w: a copy of one", errForeign)
)

// fileSummary is what a file says about itself.
type fileSummary struct {
	sums           avi.Summary
	ours, finished bool
	events         []avi.Event
	levels         avi.Levels
}

// readSegment reads a file's front, and its frame table only where that does not tell enough or
// there are events. whole has the frame table read in any case.
func (s *Store) readSegment(name string, whole bool) (said fileSummary, err error) {
	f, err := s.disk.Open(name)
	if err != nil {
		return said, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return said, err
	}
	if !whole {
		said.sums, err = avi.ReadSummary(f, info.Size())
		if err == nil && said.sums.Events > 0 {
			said.events, err = avi.ReadEvents(f, info.Size())
		}
		if err == nil {
			said.levels, err = readLevels(f, info.Size())
		}
		if err == nil {
			said.ours, said.finished = true, true
			return said, nil
		}
		if !errors.Is(err, avi.ErrNoSummary) {
			return said, err
		}
	}
	r, err := avi.Open(f, info.Size())
	if err != nil {
		return said, err
	}
	return fileSummary{sums: r.Summary(), ours: r.Ours(), finished: r.Finished(), events: r.Events(), levels: r.Levels()}, nil
}

// inPlace tells whether a segment lies where Create puts it and bears a name of its start. It is a
// segment elsewhere too; of two copies the one in its place is it. Whose the folder is does not count here.
func inPlace(relative string, sums avi.Summary) bool {
	dir, name := path.Split(relative)
	folder, day := path.Split(path.Clean(dir))
	if path.Dir(path.Clean(folder)) != "." || day != sums.Start.Format(dayLayout) || sums.Camera == "" {
		return false
	}
	rest, ok := strings.CutPrefix(strings.TrimSuffix(name, segmentSuffix), sums.Start.Format(nameLayout))
	return ok && isNumbering(strings.TrimPrefix(rest, motionMark))
}

// isPlace tells whether a path is one that Create gives.
func isPlace(relative string) bool {
	dir, name := path.Split(relative)
	folder, day := path.Split(path.Clean(dir))
	return path.Dir(path.Clean(folder)) == "." && folder != "" && isDay(day) && isSegmentName(strings.TrimSuffix(name, segmentSuffix))
}

// isSegmentName tells whether a name without its suffix is one that Create gives.
func isSegmentName(name string) bool {
	const digits = len("2006-01-02T15-04-05-0700")
	if len(name) < digits {
		return false
	}
	_, err := time.Parse(nameLayout, name[:digits])
	return err == nil && isNumbering(strings.TrimPrefix(name[digits:], motionMark))
}

// isNumbering tells "", "_2", and "_2_3": a name that was taken once more when it was to be given.
func isNumbering(text string) bool {
	if text == "" {
		return true
	}
	for _, number := range strings.Split(text, "_")[1:] {
		if number == "" || strings.Trim(number, "0123456789") != "" {
			return false
		}
	}
	return text[0] == '_'
}

// enterFile writes the row of a segment that has none. errForeign, wrapped: it is none, or a copy; one that is about to be deleted is left alone without an error.
func (s *Store) enterFile(ctx context.Context, relative string) error {
	said, err := s.readSegment(filepath.Join(s.recordings, filepath.FromSlash(relative)), false)
	if errors.Is(err, avi.ErrNotAVI) {
		return errForeign
	}
	if err != nil {
		return err
	}
	return s.enterSaid(ctx, relative, said)
}

// enterSaid does so for a file that was read. Where its row names a file that is gone, it has been moved:
// then the row follows it.
func (s *Store) enterSaid(ctx context.Context, relative string, said fileSummary) error {
	if !said.ours || said.sums.Camera == "" {
		return errForeign
	}
	s.entering.Lock()
	defer s.entering.Unlock()
	if going, err := s.beingDeleted(ctx, relative); err != nil || going {
		return err
	}
	// Retention may have begun and ended since the file was read.
	if _, err := s.disk.Stat(filepath.Join(s.recordings, filepath.FromSlash(relative))); errors.Is(err, fs.ErrNotExist) {
		return nil
	} else if err != nil {
		return err
	}
	file := freshFile{relative, said}
	twin, found, err := findTwin(ctx, s.index.read, s.volume.ID, file)
	switch {
	case err != nil:
		return err
	case found && twin.path == relative:
		return nil
	case found:
		_, err := s.disk.Stat(filepath.Join(s.recordings, filepath.FromSlash(twin.path)))
		if err == nil {
			return errCopy
		}
		if !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		return s.moveRow(ctx, twin, file)
	}
	if err := s.takeBackLoss(ctx, said); err != nil {
		return err
	}
	if _, err := s.enter(ctx, relative, said, relative); err != nil {
		return err
	}
	if err := s.learn(ctx, filepath.Join(s.recordings, filepath.FromSlash(relative))); err != nil {
		s.log.Debug("what a file's seal says was not taken over", "file", relative, "err", err)
	}
	return nil
}

func (s *Store) hasRow(ctx context.Context, relative string) (has bool, err error) {
	err = s.index.read.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM segments WHERE volume = ? AND path = ?)`,
		s.volume.ID, relative).Scan(&has)
	return has, err
}
