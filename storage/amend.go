package storage

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"v720dvr/storage/avi"
)

// busyParts are the .part files that are not to be touched: their absolute paths.
type busyParts struct {
	open    map[string]bool // being written, or just being committed
	givenUp map[string]bool // an error of this run ended them
	making  map[string]bool // being made: their names alone
}

func (s *Store) busyParts() busyParts {
	s.mu.Lock()
	defer s.mu.Unlock()
	busy := busyParts{make(map[string]bool, len(s.open)), make(map[string]bool, len(s.givenUp)), make(map[string]bool, len(s.making))}
	for segment := range s.open {
		busy.open[segment.Path()] = true
	}
	for part := range s.givenUp {
		busy.givenUp[part] = true
	}
	for part := range s.making {
		busy.making[filepath.Base(part)] = true
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
	if dir == "" {
		return s.listSegments(ctx, `volume = ? AND instr(path, '/') = 0 ORDER BY path`, s.volume.ID)
	}
	return s.listSegments(ctx, `volume = ? AND path > ? AND path < ? ORDER BY path`, s.volume.ID, dir+"/", dir+"0") // "0" comes behind "/"
}

// rewriteRow writes a row again from its file, a cut one too. Where another file lies in its place, the row
// goes, and that one is entered; should it be a copy as yet, since the files changed places, the next look does so.
func (s *Store) rewriteRow(ctx context.Context, r SegmentRecord) error {
	said, err := s.readSegment(s.Path(r), false)
	if err != nil && !errors.Is(err, avi.ErrNotAVI) {
		return err
	}
	ours := err == nil && said.ours && said.sums.Camera != ""
	if ours && isTwin(r, said.sums) {
		return s.rewriteFrom(ctx, r, said)
	}
	if err := s.loseReplaced(ctx, r); err != nil || !ours {
		return err
	}
	if err := s.enterSaid(ctx, r.Path, said); err != nil && !errors.Is(err, errForeign) {
		return err
	}
	return nil
}

// loseReplaced takes the row of a segment in whose place something else lies.
func (s *Store) loseReplaced(ctx context.Context, r SegmentRecord) error {
	s.entering.Lock()
	defer s.entering.Unlock()
	if err := s.onVolume(); err != nil {
		return err
	}
	if has, err := s.hasRow(ctx, r.Path); err != nil || !has {
		return err // retention took it meanwhile
	}
	return s.lose(ctx, r)
}

func (s *Store) rewriteFrom(ctx context.Context, r SegmentRecord, said fileSummary) error {
	s.entering.Lock()
	defer s.entering.Unlock()
	if rows, err := s.listSegments(ctx, `id = ? AND path = ?`, r.ID, r.Path); err != nil || len(rows) == 0 {
		return err // retention took it meanwhile, or it was thinned
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
	h := s.chainOf(r.Camera)
	h.mu.Lock()
	defer h.mu.Unlock()
	info, err := f.Stat()
	var found avi.Finished
	if err == nil {
		found, err = avi.Finish(f, info.Size())
	}
	if err == nil && !found.Already { // what it was is missing from its chain; what it is becomes another link
		var isSealed bool
		if isSealed, err = s.sealFinished(ctx, h, f, found.Summary.Bytes); isSealed && err == nil {
			s.sealed(ctx, h)
		}
	}
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("finish %s: %w", r.Path, err)
	}
	return s.rewriteRow(ctx, r)
}
