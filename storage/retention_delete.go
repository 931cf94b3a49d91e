package storage

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"path/filepath"
	"syscall"

	"modernc.org/sqlite"
)

// Deleting goes the other way round than writing:
//
//	intents, one transaction in state.sqlite ─ rows, one transaction in index.sqlite
//	─ files ─ what tells of what a person deleted ─ what is left of empty days ─ fsync of the folders ─ intents become the log
//
// A crash at any step leaves intents, and Open does the rest of the steps again. So a file whose row
// is gone is one that is being deleted, or one that nobody has entered yet, and the intent tells
// which. Until the folder's fsync an unlinked file may come back after a power cut: then its intent is
// there too.

// deletionBatch bounds how much one round of these steps is about. More would spare fsyncs; fewer
// rows are gone before their files when the disk refuses to let go of files.
const deletionBatch = 64

// deleteBatch deletes, and counts what is gone.
func (s *Store) deleteBatch(ctx context.Context, batch []Deletion, swept *Sweep) error {
	if err := errors.Join(ctx.Err(), s.onVolume()); err != nil {
		return err
	}
	s.keeping.Lock()
	defer s.keeping.Unlock()
	batch, err := s.unkept(ctx, batch)
	if err != nil || len(batch) == 0 {
		return err
	}
	if err := s.findPlaces(ctx, batch); err != nil {
		return fmt.Errorf("read the seals of what is to be deleted: %w", err)
	}
	err = s.writeIntents(ctx, batch)
	if isFull(err) {
		// The databases may lie on the full disk. The first file goes without an intent: a crash
		// right here leaves a row without a file, which the next look at the recordings finds.
		freed, err := s.removeSegment(batch[0])
		if err != nil {
			return err
		}
		swept.Bytes += freed
		if err := s.writeIntents(ctx, batch); err != nil {
			return fmt.Errorf("write down what is to be deleted: %w", err)
		}
	} else if err != nil {
		return fmt.Errorf("write down what is to be deleted: %w", err)
	}
	gone, freed, err := s.carryOut(ctx, batch)
	swept.Bytes += freed
	for _, d := range gone {
		swept.Segments++
		swept.ByRule[d.Rule]++
		s.log.Debug("segment deleted", "camera", d.Camera, "file", d.Path, "start", d.Start, "bytes", d.Bytes, "rule", d.Rule)
	}
	return err
}

// resumeDeletions does what is left of deletions that were broken off, by a crash or by the disk.
func (s *Store) resumeDeletions(ctx context.Context) error {
	for {
		pending, err := s.pendingDeletions(ctx)
		if err != nil || len(pending) == 0 {
			return err
		}
		if err := s.goOn(ctx, pending); err != nil {
			return fmt.Errorf("go on with deletions that were broken off: %w", err)
		}
	}
}

func (s *Store) goOn(ctx context.Context, pending []Deletion) error {
	s.keeping.Lock()
	defer s.keeping.Unlock()
	pending, err := s.spare(ctx, pending)
	if err == nil && len(pending) > 0 {
		err = s.findMorePlaces(ctx, pending)
	}
	if err == nil && len(pending) > 0 {
		_, _, err = s.carryOut(ctx, pending)
	}
	return err
}

// carryOut does every step behind the intents. On an error the rest of the batch keeps its intents.
func (s *Store) carryOut(ctx context.Context, batch []Deletion) (gone []Deletion, freed int64, err error) {
	if gone, freed, err = s.removeSegments(ctx, batch); len(gone) == 0 {
		return nil, 0, err
	}
	if err := s.eraseTold(gone); err != nil { // deletions go on: behind a line that nobody can take away the disk would fill
		s.log.Error("the day's folder tells of what was deleted by hand still", "err", err, "do", "take its lines out of events.jsonl, and its pictures away")
	}
	if settled := s.settleDays(gone); settled != nil { // a file may come back: it keeps its intent
		return gone, freed, errors.Join(err, settled)
	}
	return gone, freed, errors.Join(err, s.deletionsDone(ctx, gone))
}

// removeSegments takes the rows, and then the files. Who enters files that have no row waits
// meanwhile: it would enter one that is about to go.
func (s *Store) removeSegments(ctx context.Context, batch []Deletion) (gone []Deletion, freed int64, err error) {
	s.entering.Lock()
	defer s.entering.Unlock()
	if err := s.removeRows(ctx, batch); err != nil {
		return nil, 0, fmt.Errorf("delete rows: %w", err)
	}
	for _, d := range batch {
		if err := ctx.Err(); err != nil {
			return gone, freed, err
		}
		bytes, err := s.removeSegment(d)
		if err != nil {
			return gone, freed, err
		}
		gone, freed = append(gone, d), freed+bytes
	}
	return gone, freed, nil
}

func (s *Store) removeRows(ctx context.Context, batch []Deletion) error {
	tx, err := s.index.write.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	for _, d := range batch {
		// By the path: another index may have been made since, with other ids.
		if _, err := tx.ExecContext(ctx, `DELETE FROM segments WHERE volume = ? AND path = ?`, d.Volume, d.Path); err != nil {
			return err
		}
	}
	return tx.Commit()
}

// removeSegment removes the file, unless it is gone, or is not the one of which the row told: what
// somebody put in its place is not ours. It returns the bytes that this gave back.
func (s *Store) removeSegment(d Deletion) (freed int64, err error) {
	name, err := s.within(d.Path)
	if err != nil {
		return 0, err
	}
	info, err := s.disk.Stat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return 0, nil
	case err != nil:
		return 0, err
	case !info.Mode().IsRegular() || info.Size() != d.Bytes:
		s.log.Warn("a file in the place of a segment is left alone: it has another size than was recorded",
			"file", name, "bytes", info.Size(), "recorded", d.Bytes)
		return 0, nil
	}
	return d.Bytes, s.disk.Remove(name)
}

// within makes a row's path absolute. What a row says must not lead out of the recordings.
func (s *Store) within(relative string) (string, error) {
	if !filepath.IsLocal(filepath.FromSlash(relative)) || path.Ext(relative) != segmentSuffix {
		return "", fmt.Errorf("%q is no segment's path", relative)
	}
	return filepath.Join(s.recordings, filepath.FromSlash(relative)), nil
}

// settleDays makes the removals durable, one folder after the other. Days that have become empty go.
func (s *Store) settleDays(gone []Deletion) error {
	var errs []error
	seen := make(map[string]bool)
	for _, d := range gone {
		day := path.Dir(d.Path)
		if seen[day] {
			continue
		}
		seen[day] = true
		errs = append(errs, s.clearDay(day))
	}
	return errors.Join(errs...)
}

// isFull tells an error for want of room, the disk's or SQLite's.
func isFull(err error) bool {
	const sqliteFull = 13 // SQLITE_FULL, sqlite.org/rescode.html
	var database *sqlite.Error
	return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) ||
		errors.As(err, &database) && database.Code()&0xFF == sqliteFull
}
