package hooks

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"v720dvr/storage"
)

const (
	firstPause   = 5 * time.Second
	longestPause = 15 * time.Minute
	givenUp      = storage.SettledFor // after which a call is not tried any more
	staleUpdate  = 5 * time.Minute    // an update that waited longer tells nothing new
)

// deliver makes a hook's calls one behind the other, until ctx ends. While its receiver is away the first one waits,
// and the others behind it: so none overtakes another.
func (r *Runner) deliver(ctx context.Context, h *Hook, wake <-chan struct{}) {
	for ctx.Err() == nil {
		c, err := r.o.Queue.NextCall(ctx, h.Name)
		pause := time.Duration(-1) // until there is something
		switch {
		case err == nil:
			pause = time.Until(c.Due)
		case !errors.Is(err, storage.ErrUnknown):
			pause = lookEvery // the disk may take it again by then
		}
		if err == nil && pause <= 0 {
			r.try(ctx, h, c)
			continue
		}
		news := wake
		if err == nil {
			news = nil // what is new stands behind this one
		}
		if !sleep(ctx, pause, news) {
			return
		}
	}
}

// sleep waits for a time, without an end when it is negative, or until woken; false when ctx has ended.
func sleep(ctx context.Context, pause time.Duration, wake <-chan struct{}) bool {
	var over <-chan time.Time
	if pause >= 0 {
		timer := time.NewTimer(pause)
		defer timer.Stop()
		over = timer.C
	}
	select {
	case <-ctx.Done():
		return false
	case <-over:
	case <-wake:
	}
	return true
}

// try makes a call, and writes down what came of it.
func (r *Runner) try(ctx context.Context, h *Hook, c storage.HookCall) {
	o, err := decode(c.Body)
	if err == nil && o.On == EventUpdate && time.Since(c.At) > staleUpdate {
		err = refusedError{errors.New("an update that is too old to tell")}
	}
	answer := ""
	running := ctx
	ctx, release := outlasting(ctx, parting)
	defer release()
	if err == nil {
		_, answer, err = r.call(ctx, h, o)
	} else if !errors.As(err, new(refusedError)) {
		err = refusedError{err}
	}
	if ctx.Err() != nil { // it was ended, not answered: it is made again
		return
	}
	done := outcome(h, c, answer, err, time.Now())
	switch {
	case done.Lost:
		r.o.Log.Error("a hook's call is given up", "hook", h.Name, "what", o.On, "id", c.Key, "tries", c.Tries+1, "err", err, "output", answer)
	case !done.OK && c.Tries == 0:
		r.o.Log.Warn("a hook failed; it is tried again", "hook", h.Name, "what", o.On, "id", c.Key, "err", err, "again", time.Until(done.Again).Round(time.Second))
	}
	if err := r.o.Queue.EndCall(ctx, h.Name, c, done); err != nil && ctx.Err() == nil {
		r.o.Log.Error("cannot note that a hook was called; it may be called twice", "hook", h.Name, "id", c.Key, "err", err)
		sleep(running, lookEvery, nil)
	}
}

// parting is how long a call that is under way may go on when the runner ends or takes other hooks: cut off sooner,
// one that the receiver has taken would be made again.
const parting = 2 * time.Second

// outlasting ends a while behind ctx.
func outlasting(ctx context.Context, while time.Duration) (context.Context, context.CancelFunc) {
	longer, end := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() {
		timer := time.AfterFunc(while, end)
		context.AfterFunc(longer, func() { timer.Stop() })
	})
	return longer, func() { stop(); end() }
}

// call makes a call now.
func (r *Runner) call(ctx context.Context, h *Hook, o Occurrence) (sent, answer string, err error) {
	if r.o.Name != nil && o.Camera != "" {
		o.Name = r.o.Name(o.Camera)
	} else {
		o.Name = string(o.Camera)
	}
	o.Page = o.pageAt(h.Page)
	if o.File == "" && r.o.File != nil && o.isEvent() {
		o.File = r.o.File(ctx, o.Camera, o.Start)
	}
	var picture []byte
	if h.Picture && o.Camera != "" && r.o.Picture != nil && (o.isEvent() || o.On == Segment) {
		at := o.Start
		if !o.Best.IsZero() {
			at = o.Best
		}
		if picture, err = r.o.Picture(ctx, o.Camera, at); err != nil { // it is told without one
			r.o.Log.Debug("no picture for a hook", "hook", h.Name, "id", o.ID, "err", err)
		}
	}
	if len(h.Command) > 0 {
		return r.run(ctx, h, o, picture)
	}
	return r.post(ctx, h, o, picture)
}

// outcome decides what comes after a try. A command that failed is not run again: it may have done half of its work.
func outcome(h *Hook, c storage.HookCall, answer string, err error, now time.Time) storage.CallDone {
	d := storage.CallDone{At: now, OK: err == nil, Answer: answer}
	if err == nil {
		return d
	}
	d.Answer = err.Error()
	if answer != "" && len(h.Command) > 0 {
		d.Answer += ": " + answer
	}
	var later laterError
	switch {
	case len(h.Command) > 0, errors.As(err, new(refusedError)), now.Sub(c.At) > givenUp:
		d.Lost = true
	case errors.As(err, &later):
		d.Again = now.Add(max(later.after, firstPause))
	default:
		d.Again = now.Add(backOff(c.Tries))
	}
	return d
}

// backOff doubles from 5 s to 15 min, and takes off up to a fifth, so that several do not come together.
func backOff(tries int) time.Duration {
	pause := longestPause
	if tries < 8 {
		pause = min(firstPause<<tries, longestPause)
	}
	return pause - rand.N(pause/5)
}
