package storage

import (
	"context"
	"fmt"
)

// deletions holds what is being deleted against the index, while nobody sweeps. (I8)
func (a *audit) deletions(ctx context.Context) error {
	s := a.store
	s.sweeping.Lock()
	defer s.sweeping.Unlock()
	pending, err := s.deletions(ctx, `volume = ? AND done IS NULL`, s.volume.ID)
	if err != nil {
		return fmt.Errorf("list deletions that were broken off: %w", err)
	}
	for _, d := range pending {
		has, err := s.hasRow(ctx, d.Path)
		if err != nil {
			return fmt.Errorf("look for the row of %s: %w", d.Path, err)
		}
		if has {
			a.problem(ctx, Problem{Invariant: "I8", Path: d.Path,
				Text:   fmt.Sprintf("its deletion by %s is written down, and it has a row", d.Rule),
				Remedy: "the deletion is finished"}, s.resumeDeletions)
		}
	}
	return nil
}
