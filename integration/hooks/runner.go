package hooks

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"slices"
	"sync"
	"time"

	"v720dvr/camera"
	"v720dvr/recorder/live"
	"v720dvr/storage"
)

// Queue is where calls wait, and the index in which ends are found again; a *storage.Store is one.
type Queue interface {
	KeepHooks(ctx context.Context, names []string, now time.Time) (dropped int, err error)
	Hooks(ctx context.Context) ([]storage.HookRecord, error)
	AddCalls(ctx context.Context, hook string, calls []storage.HookCall, segment int64) (lost int, err error)
	NextCall(ctx context.Context, hook string) (storage.HookCall, error)
	EndCall(ctx context.Context, hook string, c storage.HookCall, d storage.CallDone) error
	Ended(ctx context.Context, behind int64, since time.Time, limit int) ([]storage.EventRecord, error)
	SegmentsBehind(ctx context.Context, id int64, limit int) ([]storage.SegmentRecord, error)
	Path(storage.SegmentRecord) string
}

// Options of a Runner. Queue must be given.
type Options struct {
	Queue Queue
	Live  *live.Hub // whose moments are told; nil: none
	// Name is what people call a camera; nil: its id.
	Name func(camera.ID) string
	// Picture is a JPEG of a camera at a moment; nil: there is none.
	Picture func(ctx context.Context, id camera.ID, at time.Time) ([]byte, error)
	// File is the path of the segment that has a moment, "" when none has; nil: never.
	File    func(ctx context.Context, id camera.ID, at time.Time) string
	Dial    func(ctx context.Context, network, address string) (net.Conn, error) // nil: the system's
	Version string
	Log     *slog.Logger // nil discards
}

// Runner tells what happens to the hooks that it was given last.
type Runner struct {
	o        Options
	told     chan Occurrence
	commands chan struct{} // holds a token for each that runs
	changed  chan struct{}

	mu    sync.Mutex
	hooks []Hook
}

// mostTold wait to be written down: what happens to cameras and disk is rare. Beyond it the newest are dropped, and logged.
const mostTold = 256

// New checks the options and makes a Runner, which has no hooks yet.
func New(o Options) (*Runner, error) {
	if o.Queue == nil {
		return nil, errors.New("new hooks: no queue was given")
	}
	if o.Live == nil {
		o.Live = live.NewHub()
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return &Runner{
		o: o, told: make(chan Occurrence, mostTold), commands: make(chan struct{}, mostCommands), changed: make(chan struct{}, 1),
	}, nil
}

// Apply takes other hooks. What waits for one of the same name waits on; a call that is under way has a moment to
// end, and else is made again under its id.
func (r *Runner) Apply(hooks []Hook) {
	r.mu.Lock()
	r.hooks = slices.Clone(hooks)
	for i := range r.hooks {
		r.hooks[i].Name = r.hooks[i].called()
	}
	r.mu.Unlock()
	select {
	case r.changed <- struct{}{}:
	default:
	}
}

// List gives the hooks, each with its name.
func (r *Runner) List() []Hook {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.hooks)
}

// Tell takes what happened to a camera or the disk. It does not block.
func (r *Runner) Tell(o Occurrence) {
	select {
	case r.told <- o:
	default:
		r.o.Log.Warn("too much happens at once: hooks are not told of it", "what", o.On, "camera", o.Camera)
	}
}

// Run tells until ctx ends, and returns when no call is under way any more.
func (r *Runner) Run(ctx context.Context) error {
	viewer := r.o.Live.Subscribe(nil)
	defer viewer.Close()
	if err := viewer.Watch(nil, true); err != nil {
		return fmt.Errorf("listen for events: %w", err)
	}
	for ctx.Err() == nil {
		r.runWith(ctx, viewer, r.List())
	}
	return nil
}

// runWith tells until ctx ends or there are other hooks.
func (r *Runner) runWith(ctx context.Context, viewer *live.Viewer, hooks []Hook) {
	ctx, cancel := context.WithCancel(ctx)
	var running sync.WaitGroup
	defer running.Wait()
	defer cancel()
	names := make([]string, len(hooks))
	for i := range hooks {
		names[i] = hooks[i].Name
	}
	if !r.keep(ctx, names) {
		return
	}
	intake := newIntake(r, hooks)
	for i := range hooks {
		running.Go(func() { r.deliver(ctx, &hooks[i], intake.wake[i]) })
	}
	look := time.NewTicker(lookEvery)
	defer look.Stop()
	intake.look(ctx)
	for {
		select {
		case <-ctx.Done():
			return
		case <-r.changed:
			return
		case <-viewer.Ready():
			intake.moments(ctx, viewer)
		case o := <-r.told:
			intake.add(ctx, o)
		case <-look.C:
			intake.look(ctx)
		}
	}
}

// keep has the queue know the hooks, at the first try that its disk takes.
func (r *Runner) keep(ctx context.Context, names []string) bool {
	for failed := false; ; failed = true {
		dropped, err := r.o.Queue.KeepHooks(ctx, names, time.Now())
		if dropped > 0 {
			r.o.Log.Warn("calls of hooks that are gone from the configuration are not made", "calls", dropped)
		}
		if err == nil {
			return true
		}
		if !failed && ctx.Err() == nil {
			r.o.Log.Error("hooks cannot be told now; it is tried again", "err", err)
		}
		select {
		case <-ctx.Done():
			return false
		case <-time.After(lookEvery):
		}
	}
}

// decode reads what waits.
func decode(body []byte) (Occurrence, error) {
	var s stored
	if err := json.Unmarshal(body, &s); err != nil {
		return Occurrence{}, fmt.Errorf("read a call: %w", err)
	}
	s.Data.On, s.Data.At = s.On, s.At
	return s.Data, nil
}
