package web

import (
	"context"
	"sync"
	"time"
)

// streams are the answers that go on: whoever has one may lose the right to it meanwhile.
type streams struct {
	mu     sync.Mutex
	held   map[*heldStream]struct{}
	kicked chan struct{} // holds one token when it is worth looking at once
}

type heldStream struct {
	asks   *Principal
	cancel context.CancelFunc
}

// lookAgain is how often it is asked whether who has a stream may have it still.
const lookAgain = 5 * time.Second

// hold gives a stream's context, which ends with the right to it. Call done when it has ended.
func (s *streams) hold(ctx context.Context, asks *Principal) (_ context.Context, done func()) {
	ctx, cancel := context.WithCancel(ctx)
	h := &heldStream{asks: asks, cancel: cancel}
	s.mu.Lock()
	if s.held == nil {
		s.held = make(map[*heldStream]struct{})
	}
	s.held[h] = struct{}{}
	s.mu.Unlock()
	return ctx, func() {
		cancel()
		s.mu.Lock()
		delete(s.held, h)
		s.mu.Unlock()
	}
}

// kick has the streams looked at now: somebody logged out, or may less.
func (s *streams) kick() {
	select {
	case s.kicked <- struct{}{}:
	default:
	}
}

func (s *streams) all() (list []*heldStream) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for h := range s.held {
		list = append(list, h)
	}
	return list
}

// watchStreams ends streams whose right to go on has ended, until ctx does.
func (s *Server) watchStreams(ctx context.Context) {
	look := time.NewTicker(lookAgain)
	defer look.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-look.C:
		case <-s.streams.kicked:
		}
		for _, h := range s.streams.all() {
			same, err := s.again(ctx, h.asks)
			if err != nil { // the database does not answer: what was allowed goes on
				s.o.Log.Warn("cannot look up whether a stream may go on", "who", h.asks.Who, "err", err)
				break
			}
			if !same {
				h.cancel()
			}
		}
	}
}
