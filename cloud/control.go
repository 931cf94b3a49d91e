package cloud

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"time"

	"v720dvr/camera"
	"v720dvr/cloud/v720"
)

// registerDeadline is how long a new control connection may take to say who it is. A camera
// takes 2 ms. docs/protocol.md, section 3.
const registerDeadline = 10 * time.Second

// serveControl serves one control connection from its registration to its end.
func (s *Server) serveControl(conn net.Conn) {
	conn.SetReadDeadline(time.Now().Add(registerDeadline))
	packages := v720.NewDecoder(conn)
	id, err := s.awaitRegistration(conn, packages)
	if err != nil {
		s.strangers.Add(1)
		s.log.Debug("connection ended before it registered a camera", "from", conn.RemoteAddr(), "err", err)
		return
	}
	conn.SetReadDeadline(time.Time{}) // from here the session watches

	now := s.o.Now()
	l := newLink(s, id, conn, now)
	s.control.release(conn) // farewell ends it, once it has joined
	if !s.join(l) {
		return
	}
	var writer sync.WaitGroup
	writer.Go(l.write)
	l.send(v720.Packet{Cmd: v720.CmdJSON, Payload: v720.RegisterDone()})
	l.step(func(session *session) { session.register(now) })
	err = l.read(packages)
	l.conn.SetWriteDeadline(time.Now().Add(farewell))
	l.leave()
	writer.Wait()
	s.part(l, err)
}

// awaitRegistration reads until a camera has said who it is. Heartbeats before that are answered.
func (s *Server) awaitRegistration(conn net.Conn, packages *v720.Decoder) (camera.ID, error) {
	for {
		p, err := packages.Next()
		if err != nil {
			return "", err
		}
		if p.Cmd == v720.CmdHeartbeat {
			if _, err := conn.Write(v720.Packet{Cmd: v720.CmdHeartbeat}.Append(nil)); err != nil {
				return "", err
			}
			continue
		}
		m, err := s.parseControl(p, conn.RemoteAddr())
		if err != nil || m.Code != v720.CodeRegister {
			continue
		}
		id, err := camera.ParseID(m.UID)
		if err != nil {
			return "", err
		}
		s.checkSecret(id, m.Token)
		s.o.Sighted(Sighting{Camera: id, At: s.o.Now(), Addr: addrPortOf(conn.RemoteAddr()).Addr()})
		return id, nil
	}
}

// checkSecret compares the token with what getA9ConfCheck answered. An unknown one is accepted:
// after a restart of ours a camera may come back without asking HTTP again.
// docs/protocol.md, section 2.
func (s *Server) checkSecret(id camera.ID, token string) {
	ctx, cancel := context.WithTimeout(context.Background(), registryDeadline)
	defer cancel()
	if secret, err := s.o.Registry.Secret(ctx, id); err == nil && secret != token {
		s.log.Info("camera registers with another secret than ours; accepted", "camera", id)
	}
}

// read serves a registered camera's messages until the connection ends.
func (l *link) read(packages *v720.Decoder) error {
	for {
		p, err := packages.Next()
		if err != nil {
			return err
		}
		now := l.server.o.Now()
		switch p.Cmd {
		case v720.CmdHeartbeat:
			l.send(v720.Packet{Cmd: v720.CmdHeartbeat})
			l.step(func(s *session) { s.alive(now) })
		case v720.CmdPing:
			l.send(v720.Packet{Cmd: v720.CmdPong, ID: p.ID})
			l.step(func(s *session) { s.alive(now) })
		case v720.CmdJSON:
			m, err := l.server.parseControl(p, l.conn.RemoteAddr())
			if err != nil {
				l.step(func(s *session) { s.alive(now) })
				continue
			}
			if m.Code == v720.CodeRegister {
				if camera.ID(m.UID) != l.camera {
					return fmt.Errorf("camera calls itself %.40q now", m.UID)
				}
				l.send(v720.Packet{Cmd: v720.CmdJSON, Payload: v720.RegisterDone()})
			}
			l.step(func(s *session) { s.control(now, m) })
		default:
			l.server.malformed.Add(1)
			l.server.log.Debug("package of a kind not known on the control connection", "camera", l.camera, "cmd", p.Cmd, "size", len(p.Payload))
			l.step(func(s *session) { s.alive(now) })
		}
	}
}

// parseControl reads a JSON package and counts what it did not understand.
func (s *Server) parseControl(p v720.Packet, from net.Addr) (v720.Control, error) {
	m, err := v720.ParseControl(p.Payload)
	if err != nil {
		s.malformed.Add(1)
		s.log.Debug("message not understood", "from", from, "payload", fmt.Sprintf("%.512q", p.Payload), "err", err)
		return m, err
	}
	s.log.Debug("message", "from", from, "code", int(m.Code), "payload", fmt.Sprintf("%.512q", p.Payload))
	return m, nil
}

// join makes l its camera's link; the one before it is closed, and the newest wins. It is false
// when there are too many cameras, or we are leaving.
func (s *Server) join(l *link) bool {
	s.mu.Lock()
	old := s.links[l.camera]
	if s.stopping || old == nil && len(s.links) >= s.o.MaxCameras {
		s.mu.Unlock()
		s.log.Warn("camera is turned away: too many cameras (cloud.max_cameras), or v720dvr is stopping", "camera", l.camera, "limit", s.o.MaxCameras)
		return false
	}
	s.links[l.camera] = l
	s.mu.Unlock()
	if old != nil {
		old.hangUp("a newer connection of the same camera took over")
	}
	return true
}

// part forgets l, and only l: a newer link of the same camera stays untouched.
func (s *Server) part(l *link, err error) {
	s.mu.Lock()
	stopping := s.stopping
	current := s.links[l.camera] == l
	if current {
		delete(s.links, l.camera)
	}
	for addr, at := range s.routes {
		if at == l {
			delete(s.routes, addr)
		}
	}
	s.mu.Unlock()
	switch {
	case stopping:
		l.setReason(reasonStopping)
	case errors.Is(err, io.EOF):
		l.setReason("it closed the control connection")
	case err != nil:
		l.setReason(err.Error())
	}
	if current {
		l.mu.Lock()
		l.report(camera.Offline, l.reason)
		l.mu.Unlock()
	}
}
