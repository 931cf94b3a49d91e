package cloud

import "time"

// A camera that loses its control connection, or opens a second one, goes on sending for a moment, until
// it is asked to open a new media channel. Those pictures are wanted too: the link whose connection is
// gone trails behind until the stream of the new one begins, or nothing more comes.

const (
	// trailQuiet without media ends a trail.
	trailQuiet = time.Second
	// trailMost bounds it: nobody can stop a camera without a control connection.
	trailMost = 10 * time.Second
)

// trail lets l's stream go on without its connection. It is false when there is none, or the
// camera has a new one already. Call it with mu held.
func (s *Server) trail(l *link) bool {
	if newer := s.links[l.camera]; newer != nil && newer.routed {
		return false
	}
	if s.trails[l.camera] != nil || !l.routed || !l.letTrail(s.o.Now()) {
		return false
	}
	s.trails[l.camera] = l
	return true
}

// overtake ends what trails behind l, whose own stream begins. Call it with mu held; who gets a
// link ends it when mu is free.
func (s *Server) overtake(l *link) *link {
	behind := s.trails[l.camera]
	if behind == nil || behind == l {
		return nil
	}
	delete(s.trails, l.camera)
	s.forgetRoutes(behind)
	return behind
}

// tickTrails lets trails go on, or ends them.
func (s *Server) tickTrails(now time.Time, confirm []byte) []byte {
	s.mu.RLock()
	trails := make([]*link, 0, len(s.trails))
	for _, l := range s.trails {
		trails = append(trails, l)
	}
	s.mu.RUnlock()
	for _, l := range trails {
		if !l.trailed(now) {
			confirm = l.tick(now, confirm[:0])
			continue
		}
		s.mu.Lock()
		if s.trails[l.camera] == l {
			delete(s.trails, l.camera)
			s.forgetRoutes(l)
		}
		s.mu.Unlock()
		l.end()
	}
	return confirm
}

// forgetRoutes takes l's address away from it. Call it with mu held.
func (s *Server) forgetRoutes(l *link) {
	for addr, at := range s.routes {
		if at == l {
			delete(s.routes, addr)
		}
	}
}

// letTrail says that the connection is gone; it is false when no stream goes on.
func (l *link) letTrail(now time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.over || l.session.phase != streaming || now.Sub(l.session.lastSeen) > trailQuiet {
		return false
	}
	l.session.phase, l.trailing = stopped, now
	return true
}

// trailed tells whether nothing more is to be waited for.
func (l *link) trailed(now time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.over || now.Sub(l.session.lastSeen) > trailQuiet || now.Sub(l.trailing) > trailMost
}
