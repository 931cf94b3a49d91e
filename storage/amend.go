package storage

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"v720dvr/camera"
	"v720dvr/storage/avi"
)

// busyParts are the .part files that are not to be touched: their absolute paths.
type busyParts struct {
	open    map[string]bool // being written, or just being committed
	givenUp map[string]bool // an error of this run ended them
}

func (s *Store) busyParts() busyParts {
	s.mu.Lock()
	defer s.mu.Unlock()
	busy := busyParts{make(map[string]bool, len(s.open)), make(map[string]bool, len(s.givenUp))}
	for segment := range s.open {
		busy.open[segment.part] = true
	}
	for part := range s.givenUp {
		busy.givenUp[part] = true
	}
	return busy
}

// has tells whether an .avi is the one that a busy .part becomes.
func (b busyParts) has(name string) bool {
	part := name[:len(name)-len(segmentSuffix)] + partSuffix
	return b.open[part] || b.givenUp[part]
}

func (s *Store) openParts() (parts []string) {
	for part := range s.busyParts().open {
		parts = append(parts, part)
	}
	return parts
}

// rowsIn lists the rows of one folder.
func (s *Store) rowsIn(ctx context.Context, dir string) ([]SegmentRecord, error) {
	return s.listSegments(ctx, `volume = ? AND path > ? AND path < ? ORDER BY path`, s.volume.ID, dir+"/", dir+"0") // "0" comes behind "/"
}

// removeRow takes the row of a file that is gone, after a look that the volume is not.
func (s *Store) removeRow(ctx context.Context, r SegmentRecord) error {
	s.entering.Lock()
	defer s.entering.Unlock()
	if err := s.onVolume(); err != nil {
		return err
	}
	if _, err := s.disk.Stat(s.Path(r)); !errors.Is(err, fs.ErrNotExist) {
		return err // it is back
	}
	_, err := s.index.write.ExecContext(ctx, `DELETE FROM segments WHERE id = ? AND path = ?`, r.ID, r.Path)
	return err
}

// rewriteRow writes a row again from its file. Where another file lies in its place, the row goes.
func (s *Store) rewriteRow(ctx context.Context, r SegmentRecord) error {
	said, err := s.readSegment(s.Path(r), false)
	if err != nil && !errors.Is(err, avi.ErrNotAVI) {
		return err
	}
	s.entering.Lock()
	defer s.entering.Unlock()
	if has, err := s.hasRow(ctx, r.Path); err != nil || !has {
		return err // retention took it meanwhile
	}
	if err != nil || !said.ours || !inPlace(r.Path, said.sums) {
		_, err := s.index.write.ExecContext(ctx, `DELETE FROM segments WHERE id = ? AND path = ?`, r.ID, r.Path)
		return err
	}
	folder, _, _ := strings.Cut(r.Path, "/")
	if owner, _ := s.folderOwner(folder); owner != camera.ID(said.sums.Camera) {
		return fmt.Errorf("folder %q belongs to camera %s, the file says %s", folder, owner, said.sums.Camera)
	}
	tx, err := s.index.write.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	record := newRecord(r.Volume, r.Path, said.sums)
	record.ID = r.ID
	if _, err := insertSegment(ctx, tx, record, said.events, said.levels); err != nil {
		return err
	}
	return tx.Commit()
}

// finishSegment finishes a segment in place that has its row and has lost its end, and writes the
// row again.
func (s *Store) finishSegment(ctx context.Context, r SegmentRecord) error {
	f, err := s.disk.Edit(s.Path(r))
	if err != nil {
		return err
	}
	info, err := f.Stat()
	if err == nil {
		_, err = avi.Finish(f, info.Size())
	}
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("finish %s: %w", r.Path, err)
	}
	return s.rewriteRow(ctx, r)
}
