package storage

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"slices"
)

// unkept leaves out of what is to be deleted what a keep holds by now: a plan may be minutes old. Who asks
// holds keeping until it has deleted, so that no keep comes between.
func (s *Store) unkept(ctx context.Context, batch []Deletion) ([]Deletion, error) {
	kept, err := s.Kept(ctx, s.now())
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(slices.Clone(batch), kept.deletion), nil
}

// spare takes back the intents of what a keep holds by now and is still there, and returns the others: a
// disk that did not let go of a file, or an end of the run, may lie between intent and file. keeping is held.
func (s *Store) spare(ctx context.Context, pending []Deletion) ([]Deletion, error) {
	kept, err := s.Kept(ctx, s.now())
	if err != nil {
		return nil, err
	}
	var spared, rest []Deletion
	for _, d := range pending {
		name, err := s.within(d.Path)
		if err == nil && kept.deletion(d) {
			if _, err = s.disk.Stat(name); err == nil {
				spared = append(spared, d)
				continue
			}
		}
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
		rest = append(rest, d)
	}
	if len(spared) == 0 {
		return rest, nil
	}
	if err := s.inState(ctx, func(tx *sql.Tx) error {
		for _, d := range spared {
			if _, err := tx.ExecContext(ctx, `DELETE FROM deletions WHERE volume = ? AND path = ? AND done IS NULL`, d.Volume, d.Path); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		return nil, fmt.Errorf("take back what was to be deleted and is kept: %w", err)
	}
	for _, d := range spared {
		s.log.Info("a segment is not deleted: it is kept now", "camera", d.Camera, "file", d.Path, "rule", d.Rule)
		has, err := s.hasRow(ctx, d.Path)
		if err == nil && !has {
			err = s.enterFile(ctx, d.Path)
		}
		if err != nil && !errors.Is(err, errForeign) { // the next start's look through the recordings finds it
			s.log.Warn("a segment that is kept has no row yet", "file", d.Path, "err", err)
		}
	}
	return rest, nil
}
