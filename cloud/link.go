package cloud

import (
	"context"
	"log/slog"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"v720dvr/camera"
	"v720dvr/cloud/v720"
)

type counter = atomic.Int64

// outboxSize bounds the messages that wait for a camera's control connection. An opening sends
// five; a camera that does not read that many for seconds is gone.
const outboxSize = 64

// farewell bounds how long a camera is given to take its last message.
const farewell = time.Second

// reasonStopping ends every link when Run does.
const reasonStopping = "v720dvr is stopping"

// link joins a registered control connection to its session and to the Assembler of its media.
// Three goroutines come here: the connection's reader, the media socket's, and the ticker.
type link struct {
	server *Server
	camera camera.ID
	conn   net.Conn
	remote netip.AddrPort
	since  time.Time
	standing
	tallied   v720.Counters // told to conditions; guarded by its mutex
	talliedAt time.Time     // when
	routed    bool          // packages were given to it; guarded by server.mu

	card atomic.Pointer[cardLine] // who speaks about its SD card; nil: nobody

	outbox  chan []byte   // whole packages for the connection
	leaving chan struct{} // closed when nothing more is put into outbox
	once    sync.Once

	mu        sync.Mutex // guards what follows; held for a step of the machine, never for I/O
	session   session
	talk      talk
	assembler *v720.Assembler
	counted   v720.Counters  // of assemblers before this one
	reason    string         // why the link ends
	over      bool           // nothing more goes to the sink
	trailing  time.Time      // since when the connection is gone and the stream is not; see trail.go
	elsewhere netip.AddrPort // media came from here, perhaps this camera's; it was asked who it is
	askedAt   time.Time      // when
	said      []line         // for the log, which may be slow: written by the ticker
}

func newLink(s *Server, id camera.ID, conn net.Conn, now time.Time) *link {
	local := addrPortOf(conn.LocalAddr())
	if s.o.Advertise.IsValid() {
		local = netip.AddrPortFrom(s.o.Advertise, local.Port())
	}
	l := &link{
		server: s, camera: id, conn: conn, since: now,
		remote:  addrPortOf(conn.RemoteAddr()),
		outbox:  make(chan []byte, outboxSize),
		leaving: make(chan struct{}),
		session: session{
			camera: id,
			server: netip.AddrPortFrom(local.Addr(), portOf(s.media.LocalAddr())),
			zone:   func(t time.Time) int { _, offset := t.In(s.o.Location()).Zone(); return offset },
			keys:   newKeys,
		},
	}
	l.assembler = v720.NewAssembler(l)
	return l
}

// step runs the machine and does what it wants done. What only queues is done under the lock, so
// that it keeps its order; what writes to a socket behind it.
func (l *link) step(run func(*session)) {
	l.mu.Lock()
	run(&l.session)
	var late []action
	for _, a := range l.session.out {
		switch {
		case a.control != nil:
			l.send(v720.Packet{Cmd: v720.CmdJSON, Payload: a.control})
		case a.event != "":
			l.report(a.event, a.detail)
		default:
			late = append(late, a)
		}
	}
	l.session.out = l.session.out[:0]
	to := l.session.media
	l.mu.Unlock()

	for _, a := range late {
		switch {
		case a.datagram != nil:
			l.server.sendTo(to, v720.Packet{Cmd: v720.CmdJSON, Payload: a.datagram})
		case a.route.IsValid():
			l.server.route(l, a.route, a.goesOn)
		case a.hangUp != "":
			l.hangUp(a.hangUp)
		}
	}
}

// send queues a package for the control connection. A camera that leaves outboxSize of them
// unread has gone.
func (l *link) send(p v720.Packet) {
	select {
	case l.outbox <- p.Append(nil):
	default:
		l.conn.Close()
	}
}

// write empties the outbox until the link leaves, and what is in it then.
func (l *link) write() {
	for {
		select {
		case b := <-l.outbox:
			if _, err := l.conn.Write(b); err != nil {
				l.conn.Close() // the reader sees it and ends the link
				return
			}
		case <-l.leaving:
			for {
				select {
				case b := <-l.outbox:
					if _, err := l.conn.Write(b); err != nil {
						return
					}
				default:
					// The camera sees the end behind its last message; then it closes, or a deadline does.
					if c, ok := l.conn.(interface{ CloseWrite() error }); ok {
						c.CloseWrite()
					}
					return
				}
			}
		}
	}
}

// leave lets the writer end when the outbox is empty.
func (l *link) leave() { l.once.Do(func() { close(l.leaving) }) }

// farewell stops the stream and ends the connection, within farewell.
func (l *link) farewell() {
	l.step((*session).stop)
	l.conn.SetDeadline(time.Now().Add(farewell))
	l.leave()
	l.setReason(reasonStopping)
}

// hangUp ends the connection at once.
func (l *link) hangUp(reason string) {
	l.setReason(reason)
	l.conn.Close()
}

// setReason keeps the first reason: what follows from it says less.
func (l *link) setReason(reason string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.reason == "" {
		l.reason = reason
	}
}

// receive takes a media package. It returns the confirm to send, in buf's memory, or nothing.
func (l *link) receive(p v720.Packet, now time.Time, buf []byte) (confirm []byte, to netip.AddrPort) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.over {
		return buf, netip.AddrPort{}
	}
	l.session.received(now)
	if p.Cmd == v720.CmdJPEG {
		l.session.receivedPicture(now)
	}
	for _, a := range l.session.out { // nothing but an event can be there: received emits no other
		l.report(a.event, a.detail)
	}
	l.session.out = l.session.out[:0]
	l.assembler.Push(p, now)
	return l.assembler.AppendConfirm(buf, now), l.session.media
}

const (
	// strayAfter without media, packages of the camera's host from another port may be its stream.
	strayAfter = 300 * time.Millisecond
	// strayAgain bounds how often such a port is asked.
	strayAgain = 500 * time.Millisecond
)

// mayBeAt tells whether media from an unknown port of this camera's host may be its own, so that
// whoever sends it is to be asked: a router in between gave it another port.
func (l *link) mayBeAt(from netip.AddrPort, now time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.over || l.session.phase != streaming || now.Sub(l.session.lastSeen) < strayAfter || now.Sub(l.askedAt) < strayAgain {
		return false
	}
	l.elsewhere, l.askedAt = from, now
	return true
}

// probed takes this camera's 51.
func (l *link) probed(now time.Time, from netip.AddrPort) {
	l.step(func(s *session) {
		if from == l.elsewhere {
			l.elsewhere = netip.AddrPort{}
			s.moved(now, from)
			return
		}
		s.probed(now, from)
	})
}

// tick lets deadlines pass; buf is for the confirm and is returned for the next call.
func (l *link) tick(now time.Time, buf []byte) []byte {
	l.mu.Lock()
	l.assembler.Tick(now)
	confirm, to := l.assembler.AppendConfirm(buf, now), l.session.media
	l.mu.Unlock()
	if len(confirm) > 0 {
		l.server.write(to, confirm)
	}
	l.step(func(s *session) { s.tick(now) })
	l.log()
	return confirm
}

// renew begins a new media session at the assembler; what the old one still holds is delivered.
func (l *link) renew() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.assembler.Flush()
	l.counted = l.counted.Plus(l.assembler.Counters())
	l.assembler = v720.NewAssembler(l)
}

// end delivers what the assembler still holds. Nothing comes of this link to the sink after it.
func (l *link) end() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.over {
		return
	}
	l.assembler.Flush()
	l.counted = l.counted.Plus(l.assembler.Counters())
	l.assembler = v720.NewAssembler(l) // the old one's buffers need not wait for the minute's line
	l.over = true
	l.server.ended.add(l)
}

// counters are those of all media sessions of this link.
func (l *link) counters() v720.Counters {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.counted.Plus(l.assembler.Counters())
}

// Picture passes a picture on. It is a v720.Media.
func (l *link) Picture(p v720.Picture) {
	l.server.o.Sink.Frame(camera.Frame{Camera: l.camera, At: p.At, JPEG: p.JPEG, Repaired: p.Repaired, Missing: p.Missing})
}

// Sound passes sound on. It is a v720.Media.
func (l *link) Sound(s v720.Sound) {
	l.server.o.Sink.Audio(camera.Audio{Camera: l.camera, At: s.At, ALaw: s.ALaw})
}

// line is one for the log.
type line struct {
	level   slog.Level
	message string
	facts   []any
}

// report tells the sink what happened to the camera, and the log at the next tick. Call it with mu
// held: events and frames keep their order.
func (l *link) report(kind camera.EventKind, detail string) {
	switch kind {
	case camera.Online:
		l.say(slog.LevelInfo, "camera registered", "addr", l.remote, "firmware", l.server.knownFirmware(l.camera))
	case camera.Streaming:
		l.say(slog.LevelInfo, "camera streaming", "addr", l.session.media)
	case camera.Stalled:
		l.say(slog.LevelWarn, "camera's stream has stopped, asking again", "reason", detail)
	case camera.Offline:
		level := slog.LevelWarn
		if detail == reasonStopping {
			level = slog.LevelInfo
		}
		l.say(level, "camera gone", "reason", detail)
	}
	l.server.o.Sink.Event(camera.Event{Camera: l.camera, At: l.server.o.Now(), Kind: kind, Detail: detail})
}

func (l *link) say(level slog.Level, message string, facts ...any) {
	l.said = append(l.said, line{level, message, facts})
}

// log writes what was said.
func (l *link) log() {
	l.mu.Lock()
	said := l.said
	l.said = nil
	l.mu.Unlock()
	for _, s := range said {
		l.server.log.With("camera", l.camera).Log(context.Background(), s.level, s.message, s.facts...)
	}
}
