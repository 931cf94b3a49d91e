package cloud

import (
	"errors"
	"log/slog"
	"slices"
	"sync/atomic"
	"time"

	"v720dvr/camera"
)

// standing is what is known of who a link says it is, and what it may do.
type standing struct {
	// proven: its token was the secret that we gave the camera. Set before the link joins.
	proven bool
	// waiting: registered, kept alive, and not asked to stream until a person approves of it.
	waiting atomic.Bool
}

// admit begins the session of a link that has joined, or says that it waits.
func (s *Server) admit(l *link, now time.Time) {
	if !l.waiting.Load() {
		l.step(func(session *session) { session.register(now) })
		return
	}
	s.guard.notice(slog.LevelInfo, string(l.camera), "camera waits for approval",
		"camera", l.camera, "addr", l.remote, "do", "v720dvr cameras approve "+string(l.camera))
	s.reconsider(l) // it may have been approved since it was looked at
}

// Reconsider asks Options.Approved again about every camera that waits, and begins the sessions of
// those that may stream now, on the connections that they have.
func (s *Server) Reconsider() {
	for _, l := range s.allLinks() {
		s.reconsider(l)
	}
}

func (s *Server) reconsider(l *link) {
	if !l.waiting.Load() || !s.o.Approved(l.camera) {
		return
	}
	now := s.o.Now()
	l.step(func(session *session) {
		if !l.over && l.waiting.CompareAndSwap(true, false) {
			s.conditions.welcome(l.camera)
			session.register(now)
		}
	})
}

// Waiting returns the cameras that are registered and wait for approval, by id.
func (s *Server) Waiting() []camera.ID {
	var waiting []camera.ID
	for _, l := range s.allLinks() {
		if l.waiting.Load() {
			waiting = append(waiting, l.camera)
		}
	}
	slices.Sort(waiting)
	return waiting
}

// liveFor is how long after its last message a link is taken for a camera that is there: two
// heartbeats, and some. docs/protocol.md, section 3.
const liveFor = 12 * time.Second

// holdsAgainst tells whether a link keeps its camera's place: it had the secret and is alive, and
// the newcomer has not and comes from elsewhere. The protocol gives no more than that: who asks the
// bootstrap gets the secret. Without such a link every token is taken, since a camera may come back
// after our restart without asking. docs/protocol.md, section 2.
func (l *link) holdsAgainst(newcomer *link, now time.Time) bool {
	if !l.proven || newcomer.proven || l.remote.Addr() == newcomer.remote.Addr() {
		return false
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	return !l.over && now.Sub(l.session.heard) < liveFor
}

// Why a link cannot join.
var (
	errImpostor = errors.New("the camera is here already, with the right secret and from another address")
	errFull     = errors.New("too many cameras")
	errStopping = errors.New(reasonStopping)
)

// join makes l its camera's link; the one before it is closed, and the newest wins, but for
// holdsAgainst. Where all places are taken, one that is approved takes that of one that waits.
func (s *Server) join(l *link, now time.Time) error {
	for {
		s.mu.RLock()
		old := s.links[l.camera]
		s.mu.RUnlock()
		if old != nil && old.holdsAgainst(l, now) {
			return errImpostor
		}
		s.mu.Lock()
		if s.links[l.camera] != old {
			s.mu.Unlock()
			continue // another one was faster
		}
		reason := "a newer connection of the same camera took over"
		switch {
		case s.stopping:
			s.mu.Unlock()
			return errStopping
		case old == nil && len(s.links) >= s.o.MaxCameras:
			if old = s.leastWanted(); old == nil || l.waiting.Load() {
				s.mu.Unlock()
				return errFull
			}
			delete(s.links, old.camera)
			s.conditions.control(old.camera, false, false)
			reason = "a camera that is approved needs its place"
		}
		s.links[l.camera] = l
		s.conditions.control(l.camera, true, !l.waiting.Load())
		s.mu.Unlock()
		if old != nil {
			old.hangUp(reason) // its stream goes on until the new one's begins: see trail.go
		}
		return nil
	}
}

// leastWanted finds a link that waits for approval; nil when there is none. Call it with s.mu held.
func (s *Server) leastWanted() *link {
	for _, l := range s.links {
		if l.waiting.Load() {
			return l
		}
	}
	return nil
}

// turnAway tells the log why a link could not join.
func (s *Server) turnAway(l *link, err error) {
	switch {
	case errors.Is(err, errImpostor):
		s.guard.refuse(l.remote.Addr(), "registration in a camera's name refused", "camera", l.camera, "why", err,
			"do", "find out what has this address; a camera that has moved is let in when its old connection has been silent for 12 s")
	case errors.Is(err, errFull):
		s.guard.refuse(l.remote.Addr(), "camera turned away", "camera", l.camera, "why", err, "limit", s.o.MaxCameras,
			"do", "raise cloud.max_cameras if it is one of yours")
	}
}
