package storage

import (
	"context"
	"os"
	"strings"
)

// followPart tells whether a .part is an open segment's whose folder a person has renamed, or which they
// moved; then the segment goes on under that name, and is committed there.
func (s *Store) followPart(ctx context.Context, name string) bool {
	found, err := s.disk.Stat(name)
	if err != nil {
		return false
	}
	s.mu.Lock()
	open := s.openSegments()
	s.mu.Unlock()
	for _, g := range open {
		was := g.Path()
		if was == name {
			return true // it was begun, or followed, since
		}
		mine, err := g.file.Stat()
		if err != nil || !os.SameFile(mine, found) {
			continue
		}
		if err := s.intend(ctx, name); err != nil {
			s.log.Warn("an open segment was moved, which cannot be written down yet", "file", name, "err", err)
			return true
		}
		if relative, err := s.intentOf(name); err == nil && isPlace(relative) {
			folder, _, _ := strings.Cut(relative, "/")
			if _, err := s.claimFolder(ctx, folder, g.spec.Camera); err != nil {
				s.log.Warn("the folder of an open segment cannot be noted as its camera's yet", "folder", folder, "err", err)
			}
		}
		g.part.Store(&name)
		s.dropIntent(ctx, was)
		s.log.Info("an open segment was moved, and goes on where it lies now", "from", was, "to", name)
		return true
	}
	return false
}
