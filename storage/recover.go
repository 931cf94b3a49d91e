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
	"v720dvr/storage/chain"
)

// unreadableSuffix is what a .part is called of which nothing can be made.
const unreadableSuffix = ".unreadable"

// recoverLimit bounds how long a start finishes what an earlier run left open. With 40 cameras it
// takes a second or two; a slow disk's rest is left to Rescan, while recording goes on.
const recoverLimit = 10 * time.Second

// recoverIntents ends what an earlier run has not ended, as its intents name it. What cannot be
// ended now, for want of room say, keeps its intent.
func (s *Store) recoverIntents(ctx context.Context) error {
	paths, err := s.intents(ctx)
	if err != nil {
		return fmt.Errorf("list what an earlier run was writing: %w", err)
	}
	begun := time.Now()
	for i, path := range paths {
		if time.Since(begun) > recoverLimit {
			s.log.Info("segments of an earlier run are finished later, while recording goes on", "count", len(paths)-i)
			break
		}
		if err := s.recoverIntent(ctx, path); err != nil {
			s.log.Warn("a segment of an earlier run is not finished yet; it is tried again", "file", path, "err", err)
		}
	}
	return ctx.Err()
}

// recoverIntent ends one segment, at whatever step a kill found it.
func (s *Store) recoverIntent(ctx context.Context, relative string) error {
	name, err := s.within(relative)
	if err != nil {
		return err
	}
	part := name + strings.TrimPrefix(partSuffix, segmentSuffix)
	_, err = s.disk.Stat(part)
	switch {
	case err == nil:
		if err := s.finishPart(ctx, part); err != nil {
			return err
		}
	case !errors.Is(err, fs.ErrNotExist):
		return err
	default:
		if err := s.enterRenamed(ctx, relative); err != nil {
			return err
		}
	}
	s.dropIntent(ctx, part)
	return nil
}

// enterRenamed writes the row of a segment whose kill came between its rename and its row. Commit
// may have had to pass over names that somebody took.
func (s *Store) enterRenamed(ctx context.Context, relative string) error {
	base := strings.TrimSuffix(relative, segmentSuffix)
	for n := 2; ; n++ {
		if _, err := s.disk.Stat(filepath.Join(s.recordings, filepath.FromSlash(relative))); errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		has, err := s.hasRow(ctx, relative)
		if err != nil {
			return err
		}
		if !has {
			if err := s.enterFile(ctx, relative); err != nil && !errors.Is(err, errForeign) {
				return err
			}
		}
		relative = fmt.Sprintf("%s_%d%s", base, n, segmentSuffix)
	}
}

// finishPart makes a segment of a .part that nobody writes: a finished file, its name, its row. One
// without a picture goes, one that cannot be read is set aside. On an error the .part stays.
func (s *Store) finishPart(ctx context.Context, part string) error {
	s.recovering.Lock()
	defer s.recovering.Unlock()
	if err := s.finishLeft(ctx, part); err != nil {
		return err
	}
	s.giveUpNoMore(part)
	return nil
}

func (s *Store) finishLeft(ctx context.Context, part string) error {
	f, err := s.disk.Edit(part)
	if errors.Is(err, fs.ErrNotExist) {
		return nil // somebody was faster
	}
	if err != nil {
		return err
	}
	info, err := f.Stat()
	if err != nil {
		return errors.Join(err, f.Close())
	}
	if s.wasGivenUp(part) {
		if err := rewrite(f, info.Size()); err != nil {
			return errors.Join(err, f.Close())
		}
	}
	found, err := avi.Finish(f, info.Size())
	switch {
	case errors.Is(err, avi.ErrEmpty):
		return errors.Join(f.Close(), s.removePart(part))
	case errors.Is(err, avi.ErrNotOurs), errors.Is(err, avi.ErrNotAVI):
		return errors.Join(f.Close(), s.setAside(part, err))
	case err != nil:
		return errors.Join(err, f.Close())
	}
	said := fileSummary{sums: found.Summary}
	h := s.chainOf(camera.ID(found.Summary.Camera))
	h.mu.Lock()
	defer h.mu.Unlock()
	isSealed, err := s.sealFinished(ctx, h, f, found.Summary.Bytes)
	if err != nil {
		return errors.Join(err, f.Close())
	}
	if found.Summary.Events > 0 {
		if said.events, err = avi.ReadEvents(f, found.Summary.Bytes); err != nil {
			return errors.Join(err, f.Close())
		}
	}
	if said.levels, err = readLevels(f, found.Summary.Bytes); err != nil {
		return errors.Join(err, f.Close())
	}
	if err := f.Sync(); err != nil {
		s.mu.Lock() // see rewrite
		s.givenUp[part] = struct{}{}
		s.mu.Unlock()
		return errors.Join(err, f.Close())
	}
	if err := f.Close(); err != nil {
		return err
	}
	record, err := s.entitle(ctx, h, part, said, isSealed)
	if err != nil {
		return err
	}
	s.log.Info("finished a segment that was left open", "camera", record.Camera, "file", record.Path,
		"start", record.Start, "end", record.End, "pictures", record.Frames, "cut", found.Cut, "holes", found.Holes)
	return nil
}

// sealFinished seals what was finished behind a crash or a failing disk. Whatever seal it had was of a commit that did
// not come to its end. A file that an early version had closed has no place for one.
func (s *Store) sealFinished(ctx context.Context, h *chainHead, f File, size int64) (isSealed bool, err error) {
	content, _, err := avi.Digest(f, size, false)
	if errors.Is(err, avi.ErrNoSeal) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("seal: %w", err)
	}
	return s.seal(ctx, h, f, content, chain.Finished)
}

// entitle gives a finished .part its name, and then its row.
func (s *Store) entitle(ctx context.Context, h *chainHead, part string, said fileSummary, isSealed bool) (r SegmentRecord, err error) {
	intent, err := s.intentOf(part)
	if err != nil {
		return r, err
	}
	s.entering.Lock()
	defer s.entering.Unlock()
	name, err := s.rename(part)
	if err != nil {
		return r, err
	}
	if isSealed {
		defer s.sealed(ctx, h) // whatever comes of the row: the file is there
	}
	relative, err := filepath.Rel(s.recordings, name)
	if err != nil {
		return r, err
	}
	return s.enter(ctx, filepath.ToSlash(relative), said, intent)
}

// enter writes the row of a file that is there; entering is held. Names on the way to it may lack durability: a row is not to outlive its file.
func (s *Store) enter(ctx context.Context, relative string, said fileSummary, intent string) (r SegmentRecord, err error) {
	folder, day := path.Split(path.Dir(relative))
	folder = path.Clean(folder)
	if inPlace(relative, said.sums) { // what a person has put elsewhere says nothing of whose the folder is
		if _, err := s.claimFolder(ctx, folder, camera.ID(said.sums.Camera)); err != nil {
			return r, err
		}
		if _, err := s.makeFolders(folder, day); err != nil {
			return r, err
		}
	}
	if err := s.disk.SyncDir(filepath.Join(s.recordings, filepath.FromSlash(path.Dir(relative)))); err != nil {
		return r, err
	}
	r = newRecord(s.volume.ID, relative, said.sums)
	if r.ID, err = s.insert(ctx, r, said.events, said.levels, intent); err != nil {
		return r, fmt.Errorf("write its row: %w", err)
	}
	return r, nil
}

func (s *Store) removePart(part string) error {
	if err := s.disk.Remove(part); err != nil {
		return fmt.Errorf("remove a segment without a picture: %w", err)
	}
	s.log.Info("removed a file that an earlier run began and that holds no picture", "file", part)
	return s.disk.SyncDir(filepath.Dir(part))
}

// setAside gives a .part of which nothing can be made a name that says so. It is never deleted.
func (s *Store) setAside(part string, why error) error {
	base := strings.TrimSuffix(part, partSuffix)
	name := base + unreadableSuffix
	for n := 2; ; n++ {
		err := s.disk.Rename(part, name)
		if err == nil {
			break
		}
		if !errors.Is(err, fs.ErrExist) {
			return fmt.Errorf("set aside a file that cannot be read: %w", err)
		}
		name = fmt.Sprintf("%s_%d%s", base, n, unreadableSuffix)
	}
	s.log.Error("set aside what an earlier run left open and what cannot be read", "file", name, "err", why)
	return s.disk.SyncDir(filepath.Dir(part))
}
