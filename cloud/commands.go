package cloud

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"time"

	"v720dvr/camera"
	"v720dvr/cloud/v720"
)

// postbox publishes commands: our own broker, or one that was there.
type postbox interface {
	// reaches tells whether a command may arrive.
	reaches(id camera.ID) bool
	publish(id camera.ID, payload []byte) error
}

// Command is one thing to tell a camera: the same in one table or in both. Setting and Action make one.
type Command struct {
	Name    string
	forward *v720.ForwardCommand // nil: there is none in this table
	mqtt    *v720.MQTTCommand
	field   string // what the camera's new state shows it by; "" for nothing
	want    int64
	lend    netip.AddrPort // its media goes there; zero with back: to us
	back    bool
	ends    bool // the camera goes away, and that is the answer
	scan    bool // the answer has the networks

	// Danger says what a person is to think of first; "" for what is harmless.
	Danger string
}

// Answer is what came of a command.
type Answer struct {
	Channel Channel       // that it went by
	Took    time.Duration // to the answer
	// Shown is set when the camera's new state shows that it obeyed. Else it took the command, and nothing
	// that it says of itself tells of it.
	Shown    bool
	Networks []string // of a scan
	Replies  []Heard  // all that came, at most heardSize
}

// ErrUnreachable is a camera that has no channel, or none of the kind that a command needs.
var ErrUnreachable = errors.New("cannot be reached")

// TimeoutError is a camera that took a command and did not answer.
type TimeoutError struct {
	Channel Channel
	Waited  time.Duration
}

func (e *TimeoutError) Error() string {
	return fmt.Sprintf("the command went out over %s, and the camera said nothing to it for %v; whether it obeyed is not known", e.Channel.people(), e.Waited)
}

// UnmovedError is a camera that answered, and is as it was.
type UnmovedError struct {
	Field     string
	Got, Want int64
}

func (e *UnmovedError) Error() string {
	return fmt.Sprintf("the camera answered, and its %s is %d still, not %d: this model or firmware does not do that", e.Field, e.Got, e.Want)
}

func (c Channel) people() string {
	if c == ByMQTT {
		return "MQTT"
	}
	return "the control connection"
}

// How long a camera is given.
const (
	patience     = 6 * time.Second  // Info comes about a second behind a command
	scanPatience = 20 * time.Second // a scan, or a card to be formatted
	goPatience   = 25 * time.Second // to be gone: silence is noticed after silenceDeadline
	openPatience = 5 * time.Second  // for a session that is being opened
)

func (c Command) patience() time.Duration {
	switch {
	case c.ends:
		return goPatience
	case c.scan:
		return scanPatience
	}
	return patience
}

// Do tells a camera something by the channel that works, the control connection first, and waits for its new
// state. It ends with ctx, with the answer, or with what went wrong: an error that wraps ErrUnreachable, a
// *TimeoutError, an *UnmovedError.
func (s *Server) Do(ctx context.Context, id camera.ID, c Command) (Answer, error) {
	if c.lend.IsValid() || c.back {
		return s.lend(ctx, id, c)
	}
	heard, stop := s.hearing.listen(id)
	defer stop()
	began := s.o.Now()
	channel, err := s.deliver(ctx, id, c)
	if err != nil {
		return Answer{}, err
	}
	s.log.Info("command sent to a camera", "camera", id, "command", c.Name, "by", string(channel))
	a, err := c.await(ctx, channel, heard)
	a.Channel, a.Took = channel, s.o.Now().Sub(began)
	return a, err
}

// deliver sends it by the first channel that takes it.
func (s *Server) deliver(ctx context.Context, id camera.ID, c Command) (Channel, error) {
	err := fmt.Errorf("%s goes over MQTT alone, and the camera %w there", c.Name, ErrUnreachable)
	if c.forward != nil {
		if err = s.deliverControl(ctx, id, c); err == nil || !errors.Is(err, ErrUnreachable) {
			return ByControl, err
		}
	}
	if c.mqtt == nil || s.post == nil || !s.post.reaches(id) {
		return "", err
	}
	return ByMQTT, s.post.publish(id, c.mqtt.Payload())
}

// deliverControl sends a 301, and asks for base info behind it, which tells whether it took.
func (s *Server) deliverControl(ctx context.Context, id camera.ID, c Command) error {
	l, err := s.commanded(ctx, id, c.mqtt == nil)
	if err != nil {
		return err
	}
	return l.forward(func(target string) [][]byte {
		messages := [][]byte{c.forward.Payload(target)}
		if c.field != "" {
			messages = append(messages, l.baseInfo(target))
		}
		return messages
	})
}

// commanded waits for a camera's session to be in command mode: it may be opening its media channel. wait is
// false where there is another way.
func (s *Server) commanded(ctx context.Context, id camera.ID, wait bool) (*link, error) {
	again := time.NewTicker(v720.TickEvery)
	defer again.Stop()
	for until := time.Now().Add(openPatience); ; {
		s.mu.RLock()
		l := s.links[id]
		s.mu.RUnlock()
		switch {
		case l == nil:
			return nil, fmt.Errorf("the camera has no control connection: it %w", ErrUnreachable)
		case l.waiting.Load():
			return nil, fmt.Errorf("the camera waits for approval: it %w", ErrUnreachable)
		case l.inCommand():
			return l, nil
		case !wait || time.Now().After(until):
			return nil, fmt.Errorf("the camera has not opened its media channel (%s): it %w by 301", l.phaseText(), ErrUnreachable)
		}
		select {
		case <-again.C:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// inCommand tells whether a 301 is taken.
func (l *link) inCommand() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return !l.over && l.takesForward()
}

// takesForward tells whether the session is in command mode. Call it with mu held.
func (l *link) takesForward() bool {
	p := l.session.phase
	return p == starting || p == streaming || p == lent
}

func (l *link) phaseText() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.session.phase.String()
}

func (l *link) baseInfo(target string) []byte {
	now := l.server.o.Now()
	return v720.BaseInfo(target, now.Unix()+int64(l.session.zone(now)))
}

// forward sends what is made for the present opening's target.
func (l *link) forward(make func(target string) [][]byte) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.over || !l.takesForward() {
		return fmt.Errorf("the camera's session has just ended: it %w", ErrUnreachable)
	}
	for _, payload := range make(l.session.target) {
		l.send(v720.Packet{Cmd: v720.CmdJSON, Payload: payload})
	}
	return nil
}

// await reads what comes until it answers the command.
func (c Command) await(ctx context.Context, by Channel, heard <-chan Heard) (a Answer, err error) {
	late := time.NewTimer(c.patience())
	defer late.Stop()
	var answered bool
	var unmoved error
	for {
		select {
		case <-ctx.Done():
			return a, ctx.Err()
		case <-late.C:
			switch {
			case unmoved != nil:
				return a, unmoved
			case answered && !c.ends && !c.scan:
				return a, nil
			}
			return a, &TimeoutError{by, c.patience()}
		case h := <-heard:
			if h.gone {
				if c.ends && h.Channel == by {
					a.Shown = true
					return a, nil
				}
				continue
			}
			a.Replies = append(a.Replies, h)
			got, tells := h.report.Values[c.field]
			switch {
			case c.scan && len(h.report.Networks) > 0:
				a.Shown, a.Networks = true, h.report.Networks
				return a, nil
			case c.field != "" && tells && got == c.want:
				a.Shown = true
				return a, nil
			case c.field != "" && tells:
				unmoved = &UnmovedError{c.field, got, c.want}
			case h.tells && h.Channel == ByMQTT, h.echoes && (c.forward != nil && h.echo == c.forward.Code):
				answered = true
			}
			// The echo is all that there is, or the Info of a command over MQTT that no field tells of.
			if answered && !c.ends && !c.scan && (c.field == "" || by == ByControl && h.echoes && h.echo == v720.ForwardBaseInfo && unmoved == nil || by == ByMQTT && unmoved == nil) {
				return a, nil
			}
		}
	}
}
