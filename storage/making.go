package storage

import "path/filepath"

// A .part is being made from before its file is there until its segment is open. Whoever looks through a folder in
// between finds a file without an owner, and leaves it alone.

// beginMaking notes that a .part is being made.
func (s *Store) beginMaking(part string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.making[part] = struct{}{}
}

func (s *Store) endMaking(part string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.making, part)
}

// isMaking tells whether a .part is being made, or one of that name: a person may have moved it meanwhile.
func (b busyParts) isMaking(part string) bool { return b.making[filepath.Base(part)] }
