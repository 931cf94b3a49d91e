package cloud

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"strings"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"v720dvr/camera"
	"v720dvr/cloud/card"
	"v720dvr/cloud/v720"
)

// registerDeadline is how long a new control connection may take to say who it is. A camera
// takes 2 ms. docs/protocol.md, section 3.
const registerDeadline = 10 * time.Second

// serveControl serves one control connection from its registration to its end; ctx is the
// server's. It holds 25 KB at most: what is read at once, a package, and the outbox.
func (s *Server) serveControl(ctx context.Context, conn net.Conn) {
	conn.SetDeadline(time.Now().Add(registerDeadline)) // also for what we answer: nobody may read it
	packages := newPaced(conn)
	m, id, line, err := s.awaitRegistration(conn, packages)
	if err != nil {
		s.strangers.Add(1)
		s.log.Debug("connection ended before it registered a camera", "from", conn.RemoteAddr(), "err", err)
		return
	}
	conn.SetDeadline(time.Time{}) // from here the session watches

	now := s.o.Now()
	l := newLink(s, id, conn, now)
	l.proven = s.proves(ctx, id, m.Token)
	l.waiting.Store(!s.o.Approved(id))
	l.session.arrival = s.arrival(id)
	l.session.phase, l.session.heard = stopped, now // until it is admitted: a session at rest asks for nothing
	l.send(v720.Packet{Cmd: v720.CmdJSON, Payload: v720.RegisterDone()})
	s.control.release(conn) // farewell ends it, once it has joined
	err = s.join(l, now)
	if !errors.Is(err, errImpostor) {
		s.o.Sighted(Sighting{Camera: id, At: now, Addr: l.remote.Addr(), Firmware: s.knownFirmware(id), Registered: true})
	}
	if err != nil {
		s.turnAway(l, err)
		return
	}
	s.o.Contacted(Contact{Camera: id, Door: DoorControl, At: now, Addr: l.remote.Addr(), Said: line})
	s.admit(l, now) // before the camera is told: what it says next comes after its registration's event
	var writer sync.WaitGroup
	writer.Go(l.write)
	err = l.read(packages)
	l.conn.SetWriteDeadline(time.Now().Add(farewell))
	l.leave()
	writer.Wait()
	if c := l.card.Load(); c != nil {
		c.end()
	}
	s.part(l, err)
}

// paced takes packages from a control connection, no more than controlPace a second: who sends
// faster is kept waiting, 10 ms at a time.
type paced struct {
	packages *v720.Decoder
	pace     *rate.Limiter
}

func newPaced(conn io.Reader) paced {
	return paced{packages: v720.NewDecoder(conn), pace: rate.NewLimiter(controlPace, controlBurst)}
}

func (p paced) next() (v720.Packet, error) {
	time.Sleep(p.pace.Reserve().Delay())
	return p.packages.Next()
}

// awaitRegistration reads until a camera has said who it is; line is how it said so. Heartbeats before
// that are answered.
func (s *Server) awaitRegistration(conn net.Conn, packages paced) (m v720.Control, id camera.ID, line string, err error) {
	for {
		p, err := packages.next()
		if err != nil {
			return m, "", "", err
		}
		if p.Cmd == v720.CmdHeartbeat {
			if _, err := conn.Write(v720.Packet{Cmd: v720.CmdHeartbeat}.Append(nil)); err != nil {
				return m, "", "", err
			}
			continue
		}
		if m, err = s.parseControl(p, conn.RemoteAddr()); err != nil || m.Code != v720.CodeRegister {
			continue
		}
		line = string(p.Payload)
		if m.Token != "" { // the camera's secret is nobody's business
			line = strings.ReplaceAll(line, m.Token, "...")
		}
		id, err = camera.ParseID(m.UID)
		return m, id, said(line), err
	}
}

// proves tells whether a token is what getA9ConfCheck answered. docs/protocol.md, section 2.
func (s *Server) proves(ctx context.Context, id camera.ID, token string) bool {
	ctx, cancel := context.WithTimeout(ctx, registryDeadline)
	defer cancel()
	secret, err := s.o.Registry.Secret(ctx, id)
	if err != nil {
		s.log.Warn("cannot look up a camera's secret; it is taken for unknown", "camera", id, "err", err)
		return false
	}
	if secret != token {
		s.guard.notice(slog.LevelInfo, string(id), "camera registers with another secret than ours", "camera", id)
	}
	return secret == token
}

// read serves a registered camera's messages until the connection ends.
func (l *link) read(packages paced) error {
	// While it waits for approval no session watches it: this does.
	silence := time.AfterFunc(silenceDeadline, func() { l.hangUp(fmt.Sprintf("no heartbeat for %v", silenceDeadline)) })
	defer silence.Stop()
	for {
		if l.isLeaving() { // what it sent before does not matter any more, and may be a lot
			if _, err := io.Copy(io.Discard, l.conn); err != nil {
				return err
			}
			return io.EOF
		}
		if !l.waiting.Load() {
			silence.Stop()
		}
		next := packages.next
		if l.card.Load() != nil { // a file that somebody asked for comes as fast as it can
			next = packages.packages.Next
		}
		p, err := next()
		if err != nil {
			return err
		}
		if l.waiting.Load() {
			silence.Reset(silenceDeadline)
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
			l.hearCard(p)
			m, err := l.server.parseControl(p, l.conn.RemoteAddr())
			l.server.heardControl(l.camera, p.Payload, m, err == nil)
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
		case card.CmdXML, v720.CmdAVI:
			if !l.hearCard(p) { // what was on its way when somebody stopped
				l.server.malformed.Add(1)
			}
			l.step(func(s *session) { s.receivedFile(now) })
		default:
			l.server.malformed.Add(1)
			l.server.log.Debug("package of a kind not known on the control connection", "camera", l.camera, "cmd", p.Cmd, "size", len(p.Payload))
			l.step(func(s *session) { s.alive(now) })
		}
	}
}

func (l *link) isLeaving() bool {
	select {
	case <-l.leaving:
		return true
	default:
		return false
	}
}

// quoted is what a stranger sent, for the debug log: its beginning, and only when somebody reads it.
type quoted []byte

func (q quoted) LogValue() slog.Value { return slog.StringValue(fmt.Sprintf("%.512q", []byte(q))) }

// parseControl reads a JSON package and counts what it did not understand.
func (s *Server) parseControl(p v720.Packet, from net.Addr) (v720.Control, error) {
	m, err := v720.ParseControl(p.Payload)
	if err != nil {
		s.malformed.Add(1)
		s.log.Debug("message not understood", "from", from, "payload", quoted(p.Payload), "err", err)
		return m, err
	}
	s.log.Debug("message", "from", from, "code", int(m.Code), "payload", quoted(p.Payload))
	return m, nil
}

// part forgets l, and only l: a newer link of the same camera stays untouched.
func (s *Server) part(l *link, err error) {
	s.mu.Lock()
	stopping := s.stopping
	current := s.links[l.camera] == l
	if current {
		delete(s.links, l.camera)
		s.conditions.control(l.camera, false, false)
	}
	trails := !stopping && s.trail(l)
	if !trails {
		s.forgetRoutes(l)
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
	if !trails {
		l.end()
	}
	if current {
		s.conditions.count(l, s.o.Now())
		s.hearing.tell(l.camera, Heard{At: s.o.Now(), Channel: ByControl, gone: true})
	}
	if current && !l.waiting.Load() { // of one that only waited nobody was told
		l.mu.Lock()
		l.report(camera.Offline, l.reason)
		l.mu.Unlock()
	}
	l.log()
}
