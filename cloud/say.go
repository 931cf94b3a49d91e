package cloud

import (
	"context"
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

// talk is what was said to a camera on this connection.
type talk struct {
	next time.Time // when the next package is to be heard
	id   uint32
}

// Say sends sound to a camera's speaker, A-law at 8000 samples a second, paced. It returns a moment before its
// end is heard, so that another piece can follow without a gap. Two that talk at once follow each other.
func (s *Server) Say(ctx context.Context, id camera.ID, alaw []byte) error {
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
		p, to, at, ok := l.says(alaw[:min(saidPackage, len(alaw))])
		if !ok {
			return fmt.Errorf("the camera's media channel is not open: it %w", ErrUnreachable)
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
func (l *link) says(alaw []byte) (p v720.Packet, to netip.AddrPort, at time.Time, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.over || l.session.phase != streaming {
		return p, to, at, false
	}
	if now := time.Now(); l.talk.next.Before(now) {
		l.talk.next = now
	}
	at = l.talk.next
	l.talk.next = at.Add(saidEvery)
	l.talk.id++
	return v720.Packet{Cmd: v720.CmdALaw, Flag: v720.FlagFinish, ID: l.talk.id, Payload: alaw}, l.session.media, at, true
}
