package cloud

import (
	"fmt"
	"net/netip"
	"time"

	"v720dvr/camera"
	"v720dvr/cloud/v720"
)

// phase is how far a session has come in opening its media channel. docs/protocol.md, section 4.
type phase int

const (
	asking    phase = iota // 11 is sent; the camera is to show itself on UDP with a 51
	probing                // its first 51 has come and was answered with 50
	starting               // the live command is sent; no media yet
	streaming              // media comes
	lending                // 11 named somebody else's address and was answered; the camera is to find it
	lent                   // its media goes there
	stopped                // 301/0 is sent: the end
)

// The deadlines of a session. A step that passes its own is tried again, and then everything
// from code 11 on.
const (
	askDeadline   = 2 * time.Second
	probeDeadline = 500 * time.Millisecond
	maxProbes     = 3 // a camera answers every 50 with a 51: rounds are counted
	// lendDeadline is what a camera takes to find somebody else's address, about.
	lendDeadline  = time.Second
	startDeadline = 1500 * time.Millisecond
	maxStarts     = 2
	// stallDeadline without media is a stream that has stopped. A camera in the dark still sends sound.
	stallDeadline = 4 * time.Second
	// cardLull without a picture is a stream that stands still behind a file of the card.
	cardLull = time.Second
	// silence on the control connection for four heartbeats is a camera that has gone.
	silenceDeadline = 20 * time.Second
)

// session is one camera's registered control connection as a state machine: pure, no socket, no
// clock. What it wants done stands in out after each call, for the caller to do and clear.
type session struct {
	camera camera.ID
	server netip.AddrPort // where the camera is to send its media
	zone   func(time.Time) int
	keys   func() (target, token string) // fresh random ones

	third    netip.AddrPort // somebody else, who is to get the media; zero: we do
	phase    phase
	arrival  string    // how it came back: camera.Booted or camera.Reconnected
	deadline time.Time // of the step
	tries    int       // of the step
	opening  int       // how often the channel was asked for since media last came
	target   string    // of this opening
	token    string
	media    netip.AddrPort // where the camera sends its media from; zero until its 51
	heard    time.Time      // last message on the control connection
	lastSeen time.Time      // last media package
	// lastPicture is when a package of a picture came last, lull since when one is waited for because the
	// camera played its card; zero: none is.
	lastPicture time.Time
	lull        time.Time
	out         []action
}

// action is one thing that a session wants done: exactly one of control, datagram, event, route and
// hangUp is set.
type action struct {
	control  []byte           // JSON to send on TCP
	datagram []byte           // JSON to send to the session's media address
	event    camera.EventKind // to tell the sink
	detail   string           // of the event
	route    netip.AddrPort   // packages from here are this session's from now on
	goesOn   bool             // with route: they go on with the stream of before; else they begin one
	hangUp   string           // close the control connection; the reason
}

// register begins the session: the camera's 100 was answered at now.
func (s *session) register(now time.Time) {
	s.heard = now
	s.emit(action{event: camera.Online, detail: s.arrival})
	s.ask(now)
}

// ask opens the media channel from its first step.
func (s *session) ask(now time.Time) {
	s.opening++
	s.target, s.token = s.keys()
	s.step(asking, now, askDeadline)
	to := s.server
	if s.third.IsValid() {
		to = s.third
	}
	s.emit(action{control: v720.NATRequest(s.target, s.token, to)})
}

// control takes a JSON message from the control connection.
func (s *session) control(now time.Time, m v720.Control) {
	s.heard = now
	if m.Code != v720.CodeNATResponse || s.phase != asking || m.CliToken != s.token {
		return // heartbeats, echoes, base info, answers to an opening that was given up
	}
	if m.Status != 0 && m.Status != 200 && s.opening == 1 {
		// The camera says no; it is asked again when the step's deadline passes.
		s.emit(action{event: camera.Stalled, detail: fmt.Sprintf("camera refused to open a media channel: status %d", m.Status)})
		return
	}
	if s.third.IsValid() {
		s.step(lending, now, lendDeadline)
	}
}

// alive takes any other sign of life on the control connection.
func (s *session) alive(now time.Time) { s.heard = now }

// probed takes a 51 of this camera from its media address. A camera that begins again from a
// fresh port in the midst of an opening is followed; the newest address wins.
func (s *session) probed(now time.Time, from netip.AddrPort) {
	if s.phase == stopped {
		return
	}
	if s.third.IsValid() { // it does not find who should get its media, and falls back to us
		s.third, s.phase = netip.AddrPort{}, asking
	}
	moved := s.media != from
	if moved || s.phase == asking { // a camera may begin another sequence from the same port
		s.media = from
		s.emit(action{route: from})
	}
	switch {
	case s.phase == asking, moved && s.phase != streaming: // from each port a camera waits for a 50 before it listens
		s.step(probing, now, probeDeadline)
		s.emit(action{datagram: v720.Probe()})
	case s.phase == probing, moved:
		s.start(now)
	}
}

// moved takes a 51 of this camera from a port that its media had come from: a router on the way gave
// it another one, and the stream goes on.
func (s *session) moved(now time.Time, from netip.AddrPort) {
	if s.phase != streaming {
		s.probed(now, from)
		return
	}
	s.media = from
	s.emit(action{route: from, goesOn: true})
}

// start switches the camera to command mode and asks for its stream. Base info is asked for and
// not waited for: one firmware's did not parse and its stream never started.
func (s *session) start(now time.Time) {
	s.step(starting, now, startDeadline)
	s.command(now)
}

// command sends what switches a camera to command mode and starts its stream.
func (s *session) command(now time.Time) {
	for _, message := range [][]byte{
		v720.Status(),
		v720.Forward(s.target, v720.ForwardRetransmit),
		v720.BaseInfo(s.target, now.Unix()+int64(s.zone(now))),
	} {
		s.emit(action{control: message})
	}
	s.live()
}

func (s *session) live() {
	s.emit(action{control: v720.Forward(s.target, v720.ForwardLive)})
}

// received takes a media package from the session's address.
func (s *session) received(now time.Time) {
	s.lastSeen = now
	if s.phase == starting { // before, it is what was on its way of an earlier stream
		s.phase, s.opening = streaming, 0
		s.emit(action{event: camera.Streaming})
	}
}

// receivedPicture is received for a package of a picture.
func (s *session) receivedPicture(now time.Time) {
	s.lastPicture, s.lull = now, time.Time{}
}

// receivedFile takes a package of a file on the control connection: the camera has no time for media.
func (s *session) receivedFile(now time.Time) {
	if s.heard = now; s.phase == streaming {
		s.lastSeen = now
	}
}

// played begins to look for the stream of a camera that has played its card: it may have stopped for that.
func (s *session) played(now time.Time) { s.lull = now }

// tick lets deadlines pass. Call it several times a second.
func (s *session) tick(now time.Time) {
	if s.phase == stopped {
		return
	}
	if now.Sub(s.heard) > silenceDeadline {
		s.emit(action{hangUp: fmt.Sprintf("no heartbeat for %v", silenceDeadline)})
		return
	}
	if s.phase == streaming {
		if now.Sub(s.lastSeen) > stallDeadline {
			s.emit(action{event: camera.Stalled, detail: fmt.Sprintf("no media for %v", stallDeadline)})
			s.reopen(now)
		} else if !s.lull.IsZero() && now.Sub(s.lull) >= cardLull {
			s.lull = time.Time{}
			s.live()
		}
		return
	}
	if s.phase == lent || now.Before(s.deadline) {
		return
	}
	switch {
	case s.phase == lending:
		s.phase = lent
		s.command(now)
	case s.phase == probing && s.tries < maxProbes:
		s.again(now, probeDeadline)
		s.emit(action{datagram: v720.Probe()})
	case s.phase == starting && s.tries < maxStarts:
		s.again(now, startDeadline)
		s.live()
	default:
		s.reopen(now)
	}
}

// lend has the camera send its media to somebody else, a third host, until takeBack, or until its connection
// ends, or it cannot reach that one. docs/protocol.md, section 4, step 1.
func (s *session) lend(now time.Time, to netip.AddrPort) {
	if s.phase == stopped {
		return
	}
	s.third = to
	s.reopen(now)
}

// takeBack has it send its media to us again.
func (s *session) takeBack(now time.Time) {
	if s.phase != stopped && s.third.IsValid() {
		s.third = netip.AddrPort{}
		s.reopen(now)
	}
}

// reopen ends what the camera may still be doing and begins from the first step.
func (s *session) reopen(now time.Time) {
	if s.phase == starting || s.phase == streaming || s.phase == lent {
		s.emit(action{control: v720.Forward(s.target, v720.ForwardStop)})
	}
	s.ask(now)
}

// stop ends the stream, always, before leaving: a camera whose viewer left without it was seen
// wedged until reset. docs/protocol.md, section 4, step 6.
func (s *session) stop() {
	if s.phase != stopped && s.target != "" {
		s.emit(action{control: v720.Forward(s.target, v720.ForwardStop)})
	}
	s.phase = stopped
}

func (s *session) step(p phase, now time.Time, wait time.Duration) {
	s.phase, s.tries, s.deadline = p, 1, now.Add(wait)
}

func (s *session) again(now time.Time, wait time.Duration) {
	s.tries++
	s.deadline = now.Add(wait)
}

func (s *session) emit(a action) { s.out = append(s.out, a) }

// String names the phase as people read it in `cameras list`.
func (p phase) String() string {
	switch p {
	case asking:
		return "asked for a media channel"
	case probing:
		return "probing the media channel"
	case starting:
		return "asked to stream"
	case streaming:
		return "streaming"
	case lending, lent:
		return "sends to another host"
	default:
		return "stopped"
	}
}
