package web

import (
	"context"
	"net/http"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"
)

// Bounds of what is judged again at once: each takes a part of a core.
const (
	mostReplays    = 2           // in all, and one a user
	mostWhys       = 4           // in all: 20 MB each while it is drawn
	replayPatience = time.Second // for one's own replay before, which may have been given up a moment ago
	longestReplay  = 31 * 24 * time.Hour
)

// judging serves footage that is judged again.
type judging struct {
	s    *Server
	whys places

	mu      sync.Mutex
	replays map[string]chan struct{} // by who has one; closed when it has ended
}

// alone judges while there is a place, and while who asks has no other.
func (j *judging) alone(ctx context.Context, q ReplayQuery) (Replay, error) {
	leave, err := j.enter(ctx, judgeFor(Asks(ctx)))
	if err != nil {
		return Replay{}, err
	}
	defer leave()
	return j.s.o.Box.Replay(ctx, q)
}

// replayable tells whether a span can be judged again.
func replayable(from, to time.Time) error {
	if year := from.UTC().Year(); !to.After(from) || to.Sub(from) > longestReplay || year < 1970 || year > 9000 {
		return huma.Error422UnprocessableEntity("a span to judge ends behind its begin, within 31 days")
	}
	return nil
}

// judgeFor is whose replay it is: a user's, whatever token or session it comes with.
func judgeFor(asks *Principal) string {
	if asks.User != nil {
		return "user " + asks.User.Name
	}
	return asks.Who
}

// enter takes a place for somebody; call leave to give it back.
func (j *judging) enter(ctx context.Context, who string) (leave func(), err error) {
	patience := time.NewTimer(replayPatience)
	defer patience.Stop()
	for {
		j.mu.Lock()
		before, has := j.replays[who]
		full := len(j.replays) >= mostReplays
		if !has && !full {
			mine := make(chan struct{})
			j.replays[who] = mine
			j.mu.Unlock()
			return func() {
				j.mu.Lock()
				defer j.mu.Unlock()
				delete(j.replays, who)
				close(mine)
			}, nil
		}
		j.mu.Unlock()
		if !has {
			return nil, huma.ErrorWithHeaders(huma.Error503ServiceUnavailable("as much footage is judged again now as may be"), http.Header{"Retry-After": {"5"}})
		}
		select {
		case <-before:
		case <-patience.C:
			return nil, huma.ErrorWithHeaders(huma.Error429TooManyRequests("you have footage judged again already"), http.Header{"Retry-After": {"2"}})
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}
