package archive

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"time"

	"v720dvr/camera"
	"v720dvr/storage"
)

// Span is what of a camera is to be brought back.
type Span struct {
	Camera   camera.ID
	From, To time.Time
	// Keep has it kept until it is unlocked; else it is kept for a month, so that no rule takes it at once.
	Keep bool
	Who  string // asked for it, as storage.Keep.Who
}

// keptFor is how long retention leaves alone what was brought back.
const keptFor = 30 * 24 * time.Hour

// Restoring is how bringing back goes.
type Restoring struct {
	Camera   camera.ID // "" : nothing was ever asked for
	From, To time.Time
	Busy     bool
	Segments int   // to be brought back
	Bytes    int64 // of these
	Here     int   // that were here already
	Done     int   // segments
	Got      int64 // bytes
	Ended    time.Time
	Err      string // why it ended before all was here
}

// errBusy says that something is being brought back.
var errBusy = errors.New("something is being brought back already; wait until it is here (v720dvr archive status)")

// ErrBusy reports whether an error says that something else is being brought back.
func ErrBusy(err error) bool { return errors.Is(err, errBusy) }

type job struct{ span Span }

// AskRestore has the runner bring back a span; Status tells how it goes. An error when it is at it already.
func (a *Archive) AskRestore(ctx context.Context, s Span) error {
	a.mu.Lock()
	if a.status.Restore.Busy {
		a.mu.Unlock()
		return errBusy
	}
	a.status.Restore = Restoring{Camera: s.Camera, From: s.From, To: s.To, Busy: true}
	a.mu.Unlock()
	select {
	case a.jobs <- job{s}:
		return nil
	case <-ctx.Done():
		a.mu.Lock()
		a.status.Restore.Busy = false
		a.mu.Unlock()
		return ctx.Err()
	}
}

// restoreAsked does what AskRestore asks for, until ctx ends.
func (a *Archive) restoreAsked(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case j := <-a.jobs:
			if err := a.Restore(ctx, j.span); err != nil && !isOver(ctx) {
				a.o.Log.Warn("footage could not be brought back", "camera", j.span.Camera, "err", err)
			}
		}
	}
}

// Restore brings back what the archive has of a span and this disk has not, or has with fewer pictures: under its own name, with its events, and
// kept. What an earlier try got of a segment is gone on with. It tries a connection that fails three times.
func (a *Archive) Restore(ctx context.Context, s Span) error {
	a.restoring(func(r *Restoring) { *r = Restoring{Camera: s.Camera, From: s.From, To: s.To, Busy: true} })
	err := a.restore(ctx, s)
	if err != nil {
		err = fmt.Errorf("bring footage back: %w", err)
	}
	a.restoring(func(r *Restoring) {
		if r.Busy, r.Ended = false, time.Now(); err != nil {
			r.Err = err.Error()
		}
	})
	return err
}

func (a *Archive) restore(ctx context.Context, s Span) error {
	list, err := a.List(ctx, s.Camera, s.From, s.To)
	if err != nil {
		return err
	}
	var missing []Copy
	bytes := int64(0)
	for _, c := range list {
		if !c.Here {
			missing = append(missing, c)
			bytes += c.Bytes
		}
	}
	a.restoring(func(r *Restoring) { r.Segments, r.Bytes, r.Here = len(missing), bytes, len(list)-len(missing) })
	if len(list) == 0 {
		return errors.New("the archive has nothing of that time")
	}
	if a.o.Room != nil && len(missing) > 0 {
		room, err := a.o.Room()
		if err != nil {
			return err
		}
		if room < bytes {
			return fmt.Errorf("the disk has no room for it: %d bytes are to come, %d may be taken before retention.min_free is touched", bytes, room)
		}
	}
	var spoilt []error // of objects; the others come
	for _, c := range missing {
		switch err := a.bring(ctx, c, s); {
		case errors.Is(err, storage.ErrNotWhole), errors.Is(err, storage.ErrNotFuller):
			spoilt = append(spoilt, err)
		case err != nil:
			return errors.Join(append(spoilt, err)...)
		default:
			a.restoring(func(r *Restoring) { r.Done++ })
		}
	}
	return errors.Join(spoilt...)
}

// bring brings one segment back. It is kept before it is there.
func (a *Archive) bring(ctx context.Context, c Copy, s Span) error {
	day, file := c.place()
	to, err := a.o.Store.Restore(ctx, storage.RestoreSpec{Camera: c.Camera, Name: c.Name, Start: c.Start, Day: day, File: file, Bytes: c.Bytes, SHA256: c.SHA256})
	if errors.Is(err, fs.ErrExist) {
		a.o.Log.Warn("a segment is not brought back: something is in its place", "camera", c.Camera, "file", file)
		return nil
	}
	if err != nil {
		return err
	}
	begun := to.Has() > 0
	a.restoring(func(r *Restoring) { r.Got += to.Has() })
	for failures := 1; to.Has() < c.Bytes; failures++ {
		had := to.Has()
		err := a.fetch(ctx, c, to)
		if err == nil {
			continue
		}
		if to.Has() > had {
			failures = 1
		}
		why := explain(err)
		if isOver(ctx) || failures >= 3 || why.here {
			return errors.Join(why, to.Leave())
		}
		pause := time.NewTimer(backoff(failures, longestRest))
		select {
		case <-ctx.Done():
		case <-pause.C:
		}
		pause.Stop()
	}
	if err := a.keep(ctx, c, s); err != nil {
		return errors.Join(err, to.Leave())
	}
	_, err = to.Commit(ctx)
	if errors.Is(err, storage.ErrNotWhole) && begun { // a power cut may have spoilt what was here of it
		a.restoring(func(r *Restoring) { r.Got -= to.Has() })
		return a.bring(ctx, c, s)
	}
	return err
}

// fetch reads on where it was broken off.
func (a *Archive) fetch(ctx context.Context, c Copy, to *storage.Restoring) error {
	body, err := a.bucket.read(ctx, c.Key, to.Has())
	if err != nil {
		return err
	}
	defer body.Close()
	buffer := make([]byte, chunkBytes)
	_, err = io.CopyBuffer(onlyWriter{&gotten{to, a}}, onlyReader{a.pace.reader(ctx, body)}, buffer)
	if err == nil && to.Has() < c.Bytes {
		err = io.ErrUnexpectedEOF
	}
	return err
}

type gotten struct {
	to *storage.Restoring
	a  *Archive
}

func (g *gotten) Write(b []byte) (int, error) {
	n, err := g.to.Write(b)
	g.a.restoring(func(r *Restoring) { r.Got += int64(n) })
	return n, err
}

// keep holds what is about to be there, unless a keep does already.
func (a *Archive) keep(ctx context.Context, c Copy, s Span) error {
	now := time.Now()
	kept, err := a.o.Store.Kept(ctx, now)
	if err != nil || kept.Has(c.Camera, c.Start, c.Start.Add(time.Microsecond)) && kept.Has(c.Camera, c.End.Add(-time.Microsecond), c.End) {
		return err
	}
	from, to := s.From, s.To
	if c.Start.Before(from) {
		from = c.Start
	}
	if c.End.After(to) {
		to = c.End
	}
	k := storage.Keep{Camera: c.Camera, From: from, To: to, Note: "brought back from the archive", Who: s.Who}
	if !s.Keep {
		k.Until = now.Add(keptFor)
	}
	_, err = a.o.Store.Keep(ctx, k)
	return err
}

func (a *Archive) restoring(change func(*Restoring)) {
	a.mu.Lock()
	change(&a.status.Restore)
	a.mu.Unlock()
}
