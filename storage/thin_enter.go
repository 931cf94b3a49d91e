package storage

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"

	"v720dvr/storage/avi"
)

// enterAnew writes the row of a file that has taken the place of one with more pictures, or with fewer, under a new id; its events and gaps
// go with it, under their own. With done the intent goes in the same transaction. What is full again may be thinned again.
func (s *Store) enterAnew(ctx context.Context, r SegmentRecord, said fileSummary, done bool) error {
	tx, err := s.index.write.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	now := newRecord(r.Volume, r.Path, said.sums)
	for _, step := range []struct {
		statement string
		args      []any
	}{
		{`PRAGMA defer_foreign_keys = ON`, nil},
		{`UPDATE segments SET id = (SELECT max(id) + 1 FROM segments), frames = ?, repaired = ?, lost = ?, missing = ?, has_audio = ?, samples = ?,
			silence = ?, dropped = ?, bytes = ?, passed = CASE WHEN ?10 > thinned THEN min(passed, ?11) ELSE coalesce(nullif(?11, 0), 2147483647) END,
			thinned = ?10, thin_rate = ?11 WHERE id = ?12`,
			[]any{now.Frames, now.Repaired, now.Lost, now.Missing, now.HasAudio, now.Samples, now.Silence, now.Dropped, now.Bytes,
				now.Thinned, rateOf(now), r.ID}},
		{`UPDATE events SET segment = (SELECT max(id) FROM segments) WHERE segment = ?`, []any{r.ID}},
		{`UPDATE gaps SET segment = (SELECT max(id) FROM segments) WHERE segment = ?`, []any{r.ID}},
		{`DELETE FROM levels WHERE segment = ?`, []any{r.ID}},
		{`DELETE FROM levels_by_minute WHERE segment = ?`, []any{r.ID}},
	} {
		if _, err := tx.ExecContext(ctx, step.statement, step.args...); err != nil {
			return fmt.Errorf("write its row: %w", err)
		}
	}
	var id int64
	if err := tx.QueryRowContext(ctx, `SELECT id FROM segments WHERE volume = ? AND path = ?`, r.Volume, r.Path).Scan(&id); err != nil {
		return fmt.Errorf("write its row: %w", err)
	}
	if err := insertLevels(ctx, tx, id, said.levels); err != nil {
		return fmt.Errorf("write its levels: %w", err)
	}
	if done {
		if _, err := tx.ExecContext(ctx, `DELETE FROM thinning WHERE volume = ? AND path = ?`, r.Volume, r.Path); err != nil {
			return err
		}
	}
	return tx.Commit()
}

// rateOf is the column of SegmentRecord.ThinRate.
func rateOf(r SegmentRecord) uint32 {
	if r.ThinRate == 0 {
		return 0
	}
	return avi.ThinRate(r.ThinRate)
}

// recoverThinning ends what an earlier pass was broken off in, or a segment's coming back: the smaller file goes unless it has taken its place, and
// then the row follows the file.
func (s *Store) recoverThinning(ctx context.Context) error {
	paths, err := listColumn[string](ctx, s.index, `SELECT path FROM thinning WHERE volume = ? ORDER BY path`, s.volume.ID)
	if err != nil {
		return fmt.Errorf("list what was being thinned: %w", err)
	}
	for _, relative := range paths {
		if err := s.recoverThinned(ctx, relative); err != nil {
			return fmt.Errorf("end the thinning of %s: %w", relative, err)
		}
	}
	return nil
}

func (s *Store) recoverThinned(ctx context.Context, relative string) error {
	name, err := s.within(relative)
	if err != nil {
		return err
	}
	if err := s.disk.Remove(strings.TrimSuffix(name, segmentSuffix) + thinSuffix); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := s.followFile(ctx, relative); err != nil {
		return err
	}
	return s.endReplacing(ctx, relative)
}

// followFile writes the row anew where its file has another size, and that of what was brought back and has none.
func (s *Store) followFile(ctx context.Context, relative string) error {
	if has, err := s.hasRow(ctx, relative); err != nil || !has {
		if err == nil {
			err = s.enterFile(ctx, relative)
		}
		if errors.Is(err, fs.ErrNotExist) || errors.Is(err, errForeign) {
			err = nil
		}
		return err
	}
	s.entering.Lock()
	defer s.entering.Unlock()
	rows, err := s.listSegments(ctx, `volume = ? AND path = ?`, s.volume.ID, relative)
	if err != nil || len(rows) == 0 {
		return err
	}
	r := rows[0]
	info, err := s.disk.Stat(s.Path(r))
	if errors.Is(err, fs.ErrNotExist) || err == nil && info.Size() == r.Bytes {
		return nil // a file that is gone is Rescan's
	}
	if err != nil {
		return err
	}
	said, err := s.readSegment(s.Path(r), false)
	if err != nil || !said.ours || !isTwin(r, said.sums) {
		return err
	}
	return s.enterAnew(ctx, r, said, true)
}

// setThinning names the file that is being written, so that nobody takes it for one that was left.
func (s *Store) setThinning(part string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.thinPart = part
}

func (s *Store) isThinning(part string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.thinPart == part
}

// thinPart looks at a file that thinning wrote and that has not taken its place.
func (a *audit) thinPart(ctx context.Context, name, relative string) {
	switch {
	case a.store.isThinning(name):
	case !isSegmentName(strings.TrimSuffix(path.Base(relative), thinSuffix)):
		a.report.Foreign++
		a.leave(relative, 0, ForeignOther)
	default:
		a.problem(ctx, Problem{Invariant: "I3", Path: relative, Text: "a thinned segment that has not taken its place: the segment itself is there as it was",
			Remedy: "it is removed"}, func(context.Context) error {
			if err := a.store.disk.Remove(name); !errors.Is(err, fs.ErrNotExist) { // it has just taken its place
				return err
			}
			return nil
		})
	}
}
