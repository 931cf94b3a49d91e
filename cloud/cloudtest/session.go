package cloudtest

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"
)

const (
	askAgain      = time.Second      // after which code 20 or 51 is sent again
	stepPatience  = 10 * time.Second // after which an unanswered step ends the session
	reachPatience = 5 * time.Second  // the same for code 20
)

// eventsSize bounds what waits for the session's goroutine: some rounds of probes.
const eventsSize = 16

// session is one media session, from code 11 to its end. docs/protocol.md, section 4.
type session struct {
	c       *Camera
	channel *control // which code 11 came by; by its server's address goes code 20
	offer   order
	client  netip.AddrPort // code 51 and the media go there

	events chan event
	done   chan struct{} // closed when run has returned
	inbox  confirmed
	mute   atomic.Bool // it hangs: nothing is done, answered or sent any more

	// What follows belongs to run's goroutine.
	hungUp    <-chan struct{}
	sock      PacketConn
	step      Step
	told      order // code 21
	again     time.Time
	deadline  time.Time // of the step, zero while streaming
	repairing bool      // 301/298 came: packages are kept until they are confirmed
	live      *streamer // nil while no media flows
}

// event is an order for a session: from TCP, or from UDP and then with its sender.
type event struct {
	order order
	from  netip.AddrPort
}

func newSession(ch *control, offer order, client netip.AddrPort) *session {
	s := &session{c: ch.c, channel: ch, offer: offer, client: client, events: make(chan event, eventsSize), done: make(chan struct{})}
	if s.c.o.Resend == AtConfirm {
		s.inbox.news = make(chan struct{}, 1)
	}
	return s
}

// hear hands an order to the session; one that has ended does not care any more.
func (s *session) hear(e event) {
	select {
	case s.events <- e:
	case <-s.done:
	}
}

// run is the session's life. It returns nil when ctx ends, else why the camera gave up.
func (s *session) run(ctx context.Context) error {
	defer close(s.done)
	s.hungUp = ctx.Done()
	sock, err := s.c.host().ListenPacket("udp", ":0") // a fresh port each time, as seen
	if err != nil {
		return fmt.Errorf("open media socket: %w", err)
	}
	s.sock = sock
	var reader sync.WaitGroup
	readerCtx, stop := context.WithCancel(ctx)
	defer reader.Wait()
	defer stop()
	defer sock.Close()
	reader.Go(func() { s.readLoop(readerCtx) })

	own := addrPort(sock.LocalAddr())
	s.c.note(func(st *State) { st.Media = own })
	defer s.c.note(func(st *State) {
		st.Media = netip.AddrPort{}
		if st.Step == s.step { // else the session outlived its control connection
			st.Step = Waiting
		}
	})

	now := time.Now()
	s.enter(Reaching, now, reachPatience)
	s.send(udpRequest(), s.channel.server)
	wake := time.NewTimer(time.Until(s.due()))
	defer wake.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case e := <-s.events:
			if !s.mute.Load() {
				s.obey(e, time.Now())
			}
		case <-s.inbox.news:
			if s.live != nil && !s.mute.Load() {
				s.live.tick(time.Now())
			}
		case <-wake.C:
			if err := s.tick(time.Now()); err != nil {
				s.c.note(func(st *State) { st.TimedOut++ })
				return err
			}
		}
		wake.Reset(time.Until(s.due()))
	}
}

func addrPort(a net.Addr) netip.AddrPort {
	if udp, ok := a.(*net.UDPAddr); ok {
		return udp.AddrPort()
	}
	return netip.AddrPort{}
}

// enter begins a step. With patience 0 it may last for ever.
func (s *session) enter(step Step, now time.Time, patience time.Duration) {
	s.step = step
	s.again = now.Add(askAgain)
	s.deadline = time.Time{}
	if patience > 0 {
		s.deadline = now.Add(patience)
	}
	s.c.step(step)
	if s.c.hang(step) {
		s.mute.Store(true)
	}
}

// due is when tick has something to do next.
func (s *session) due() time.Time {
	if s.mute.Load() {
		return time.Now().Add(time.Hour) // or ever
	}
	if s.live != nil {
		return s.live.due()
	}
	if (s.step == Reaching || s.step == Probing) && s.again.Before(s.deadline) {
		return s.again
	}
	return s.deadline
}

func (s *session) tick(now time.Time) error {
	if s.mute.Load() {
		return nil
	}
	if s.live != nil {
		s.live.tick(now)
		return nil
	}
	if !now.Before(s.deadline) {
		return errors.New("no answer while " + string(s.step))
	}
	if now.Before(s.again) {
		return nil
	}
	s.again = now.Add(askAgain)
	switch s.step {
	case Reaching:
		s.send(udpRequest(), s.channel.server)
	case Probing:
		s.probe(s.client)
	}
	return nil
}

// obey is the session's state machine.
func (s *session) obey(e event, now time.Time) {
	o := e.order
	switch {
	case e.from.IsValid() && o.Code == 21:
		if s.step == Reaching { // a code 20 that was sent again gets a second answer
			s.told = o
			own := addrPort(s.sock.LocalAddr())
			s.say(natAnswer(s.offer, s.told, own.Addr().Unmap().String(), own.Port()))
			s.enter(Probing, now, stepPatience)
			s.probe(s.client)
		}
	case e.from.IsValid() && o.Code == 50:
		s.c.note(func(st *State) { st.Probes++ })
		s.probe(e.from) // every 50, whenever it comes
		if s.step == Probing {
			s.enter(Probed, now, stepPatience)
		}
	case !e.from.IsValid() && o.Code == 53 && o.Status == 1 && s.step != Reaching && s.step != Probing:
		if s.step == Probed {
			s.enter(Commanded, now, stepPatience)
		}
	case !e.from.IsValid() && o.Code == 301 && o.Target == s.offer.CliTarget && (s.step == Commanded || s.step == Streaming):
		s.forward(o, now)
	default:
		s.c.refuse("order out of turn", "step", s.step, "code", o.Code, "content", o.Content.Code, "status", o.Status, "target", o.Target)
	}
}

// forward obeys a 301. docs/protocol.md, sections 4 and 7.
func (s *session) forward(o order, now time.Time) {
	switch code := o.Content.Code; code {
	case 298:
		s.repairing = !s.c.o.Plain
		if s.live != nil {
			s.live.repairing = s.repairing
		}
	case 4:
		if o.Content.UnixTimer == 0 {
			s.c.refuse("base info asked for without unixTimer")
		}
		s.say(s.c.baseInfo(s.offer.CliTarget))
	case 1, 2, 3:
		s.say(forwardEcho(s.offer.CliTarget, code))
		s.c.note(func(st *State) { st.Starts++ })
		if s.live == nil {
			s.live = newStreamer(s.c, s.sock, s.client, &s.inbox, now)
			s.live.repairing = s.repairing
		}
		s.live.sounds = code != 2 && s.c.o.Sound != NoSound
		s.live.pictures = code != 1
		s.enter(Streaming, now, 0)
	case 0:
		s.c.note(func(st *State) { st.Stops++ })
		s.live = nil
		s.enter(Commanded, now, stepPatience)
	case 400, 402, 404, 406, 408, 412:
		s.card(o)
	default:
		s.command(o)
	}
}

// command obeys a command of the forward table beyond the stream. Real cameras echo some; which, was not
// seen. docs/protocol.md, section 7.
func (s *session) command(o order) {
	c, target := s.c, s.offer.CliTarget
	m, err := readInstruction(o.command)
	outcome := refused
	if err == nil {
		outcome = c.obeysForward(m)
	}
	if outcome == refused {
		c.refuse("forwarded command", "content", string(o.command), "cause", err)
		return
	}
	c.note(func(st *State) { st.Commands++ })
	v, _ := c.snapshot()
	switch {
	case outcome == leaves:
		c.leave()
		return
	case outcome == reboots:
		s.say(forwardEcho(target, m.code))
		s.channel.life.reboot()
		return
	case m.code == 211:
		s.say(forwardAnswer(target, m.code, c.scan()))
	case m.code == 218:
		s.say(forwardAnswer(target, m.code, fmt.Sprintf(`"sdDevStatus": %d`, v.values["sdDevStatus"])))
	case m.code == 223:
		s.say(forwardAnswer(target, m.code, fmt.Sprintf(`"devPower": %d`, v.values["devPower"])))
	default:
		s.say(forwardEcho(target, m.code))
	}
	c.inform()
}

func (s *session) probe(to netip.AddrPort) {
	if s.mute.Load() {
		return
	}
	s.c.note(func(st *State) { st.Answers++ })
	s.send(probeAnswer(s.c.id()), to)
}

// say sends JSON by TCP, as long as the control connection is there.
func (s *session) say(json []byte) {
	select {
	case s.channel.outbox <- s.c.jsonMessage(json):
	case <-s.channel.gone:
	case <-s.hungUp:
	}
}

// send sends JSON by UDP. A datagram that cannot be sent is one that is lost: it is sent again.
func (s *session) send(json []byte, to netip.AddrPort) {
	if s.mute.Load() {
		return
	}
	if _, err := s.sock.WriteToUDPAddrPort(s.c.jsonMessage(json), to); err != nil {
		s.c.log.Debug("camera cannot send", "camera", s.c.id(), "to", to, "cause", err)
	}
}
