package cloudtest

import (
	"context"
	"sync"
	"time"
)

// lingers is how long media flows on behind a control connection that was cut.
const lingers = 3 * time.Second

// media holds the one media session that a camera serves. docs/protocol.md, section 4.
type media struct {
	mu      sync.Mutex
	session *session // the last one, nil when there was none
	hangUp  context.CancelFunc
	running sync.WaitGroup
}

// begin runs a session, after it has ended the one before.
func (m *media) begin(ctx context.Context, s *session) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.session != nil {
		select {
		case <-m.session.done:
		default:
			s.c.note(func(st *State) { st.Replaced++ })
		}
		m.hangUp()
		<-m.session.done
	}
	s.c.note(func(st *State) { st.Sessions++ })
	ctx, m.hangUp = context.WithCancel(ctx)
	m.session = s
	m.running.Go(func() {
		if err := s.run(ctx); err != nil {
			s.c.log.Warn("camera gave up a media session", "camera", s.c.id(), "cause", err)
		}
	})
}

// of is the session that this control connection opened, nil when there is none.
func (m *media) of(ch *control) *session {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.session == nil || m.session.channel != ch {
		return nil
	}
	return m.session
}

// leave ends the session of a control connection that has ended.
func (m *media) leave(ch *control) {
	m.mu.Lock()
	s, hangUp := m.session, m.hangUp
	m.mu.Unlock()
	switch {
	case s == nil || s.channel != ch:
	case ch.cut.Load():
		time.AfterFunc(lingers, hangUp)
	default:
		hangUp()
		<-s.done
	}
}
