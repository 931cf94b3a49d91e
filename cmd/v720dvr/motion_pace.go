package main

import (
	"context"
	"time"
)

// How judging footage again shares the processor with recording.
const (
	workFor = 5 * time.Millisecond
	restFor = time.Millisecond / 2
)

// A pace keeps judging footage from taking the processor from recording: of all who judge, one works at a time,
// for workFor, and then nobody for restFor. So they have the most of one core among them. Where there is but one,
// the rest is when the runtime looks at the sockets: it does not while somebody works who only gives way.
type pace struct{ works chan struct{} }

func newPace() *pace { return &pace{works: make(chan struct{}, 1)} }

// A turn is the work of one. It belongs to one goroutine.
type turn struct {
	pace  *pace
	works bool
	since time.Time
}

// begin waits until it is this one's turn. End it.
func (p *pace) begin(ctx context.Context) (*turn, error) {
	t := &turn{pace: p}
	return t, t.work(ctx)
}

func (t *turn) work(ctx context.Context) error {
	select {
	case t.pace.works <- struct{}{}:
		t.works, t.since = true, time.Now()
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// pause rests, and lets others work, when it is time to.
func (t *turn) pause(ctx context.Context) error {
	if time.Since(t.since) < workFor {
		return nil
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	rest := time.NewTimer(restFor)
	defer rest.Stop()
	select { // the turn is kept meanwhile, so that nobody works
	case <-rest.C:
	case <-ctx.Done():
		return ctx.Err()
	}
	t.end()
	return t.work(ctx)
}

// end gives the turn to the next one.
func (t *turn) end() {
	if t.works {
		t.works = false
		<-t.pace.works
	}
}
