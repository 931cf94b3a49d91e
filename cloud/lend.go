package cloud

import (
	"context"
	"fmt"
	"time"

	"v720dvr/camera"
	"v720dvr/cloud/v720"
)

// lendPatience is what a camera is given to open another media channel.
const lendPatience = 10 * time.Second

// lend has a camera send its media to a third host, or to us again, and waits until it does.
func (s *Server) lend(ctx context.Context, id camera.ID, c Command) (Answer, error) {
	l, err := s.commanded(ctx, id, true)
	if err != nil {
		return Answer{}, err
	}
	began, wanted := s.o.Now(), lent
	if c.back {
		wanted = streaming
	}
	l.step(func(session *session) {
		if c.back {
			session.takeBack(began)
		} else {
			session.lend(began, c.lend)
		}
	})
	again := time.NewTicker(v720.TickEvery)
	defer again.Stop()
	for late := time.After(lendPatience); ; {
		select {
		case <-again.C:
		case <-ctx.Done():
			return Answer{}, ctx.Err()
		case <-late:
			return Answer{}, &TimeoutError{ByControl, lendPatience}
		}
		l.mu.Lock()
		is, over, third := l.session.phase, l.over, l.session.third
		l.mu.Unlock()
		switch {
		case over:
			return Answer{}, fmt.Errorf("the camera's session has just ended: it %w", ErrUnreachable)
		case is == wanted:
			return Answer{Channel: ByControl, Took: s.o.Now().Sub(began), Shown: true}, nil
		case !c.back && !third.IsValid():
			return Answer{}, fmt.Errorf("the camera did not reach %v, and sends its pictures here again: it %w there", c.lend, ErrUnreachable)
		}
	}
}
