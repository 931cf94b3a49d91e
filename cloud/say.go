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

// A camera's speaker gets what its own microphone sends: A-law packages of 100 ms over the media channel. That
// is inferred, nobody has seen it; and which models have a speaker they do not tell. docs/protocol.md, section 5.
const (
	saidPackage = 800                    // samples
	saidEvery   = 100 * time.Millisecond // what they last
	// saidAhead is how much is sent before its time, so that one piece joins the next.
	saidAhead = 300 * time.Millisecond
)

// MostSaid bounds one Say, in samples: 10 s.
const MostSaid = 10 * camera.SampleRate

// talkHold is how long behind its end a voice that goes on keeps the speaker: its next piece is on its way.
const talkHold = 2 * time.Second

// ErrTalking is a camera at which somebody else talks.
var ErrTalking = errors.New("somebody else talks at this camera now: try again when they have ended")

// talk is what was said to a camera on this connection.
type talk struct {
	voice string    // who said the last package
	goes  bool      // the voice goes on, so the speaker is its own until talkHold behind next
	next  time.Time // when the next package is to be heard
	id    uint32
}

// Say sends sound to a camera's speaker, A-law at 8000 samples a second, paced. It returns a moment before its
// end is heard, so that another piece of the same voice, any text, can follow without a gap; more says that one
// does. One of another voice meanwhile is ErrTalking: two at once would be heard by turns, piece by piece. Behind
// a voice's last piece another's is heard as soon as that one has ended. Voice "" is of this call alone.
func (s *Server) Say(ctx context.Context, id camera.ID, voice string, more bool, alaw []byte) error {
	if voice == "" {
		voice, _ = newKeys()
	}
	if len(alaw) > MostSaid {
		return fmt.Errorf("%d samples at once: want %d at most", len(alaw), MostSaid)
	}
	l, err := s.commanded(ctx, id, true)
	if err != nil {
		return err
	}
	due := time.NewTimer(0)
	defer due.Stop()
	for ; len(alaw) > 0; alaw = alaw[min(saidPackage, len(alaw)):] {
		p, to, at, err := l.says(voice, more || len(alaw) > saidPackage, alaw[:min(saidPackage, len(alaw))])
		if err != nil {
			return err
		}
		due.Reset(time.Until(at.Add(-saidAhead)))
		select {
		case <-due.C:
		case <-ctx.Done():
			return ctx.Err()
		}
		s.sendTo(to, p)
	}
	return nil
}

// says makes the next package, and tells where it goes and when it is to be heard.
func (l *link) says(voice string, goes bool, alaw []byte) (p v720.Packet, to netip.AddrPort, at time.Time, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.over || l.session.phase != streaming {
		return p, to, at, fmt.Errorf("the camera's media channel is not open: it %w", ErrUnreachable)
	}
	now := time.Now()
	if l.talk.goes && l.talk.voice != voice && now.Before(l.talk.next.Add(talkHold)) {
		return p, to, at, ErrTalking
	}
	l.talk.voice, l.talk.goes = voice, goes
	if l.talk.next.Before(now) {
		l.talk.next = now
	}
	at = l.talk.next
	l.talk.next = at.Add(saidEvery)
	l.talk.id++
	return v720.Packet{Cmd: v720.CmdALaw, Flag: v720.FlagFinish, ID: l.talk.id, Payload: alaw}, l.session.media, at, nil
}
