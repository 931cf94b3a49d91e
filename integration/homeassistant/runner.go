package homeassistant

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/time/rate"

	"v720dvr/camera"
	"v720dvr/recorder/live"
)

// Box is the recorder as this room needs it.
type Box interface {
	// Cameras lists those that Home Assistant is to have.
	Cameras(ctx context.Context) ([]Camera, error)
	// Status tells how the recorder itself is.
	Status(ctx context.Context) (Status, error)
	// Do does what somebody in Home Assistant wants, and waits for what comes of it.
	Do(ctx context.Context, c Command) error
	// Picture is the JPEG that stands at a moment.
	Picture(ctx context.Context, id camera.ID, at time.Time) ([]byte, error)
}

// Options of a Runner. Broker, Node, Box and Live must be given.
type Options struct {
	Broker string // mqtt://user:password@host:1883, or mqtts:// for TLS
	CAFile string // PEM of who signed the broker's certificate; "": who the system trusts
	Prefix string // of discovery; "" is homeassistant
	// Node names this recorder among others, the same for ever: letters and digits.
	Node  string
	About About
	Box   Box
	Live  *live.Hub
	Log   *slog.Logger  // nil discards
	Look  time.Duration // how often the box is asked how it is; 0 is 2 s
}

// Runner keeps Home Assistant told.
type Runner struct {
	o    Options
	t    topics
	link *link
	out  *outbox

	came, born, again chan struct{}  // of 1: a connection; Home Assistant; something could not be sent
	strange           chan struct{}  // of 1: there are strangers
	done              chan camera.ID // whom a command was for
	commands          [commandWorkers]chan Command
	refused           atomic.Int64
	delivered, worked atomic.Int64
	refusals          rate.Sometimes // that are logged

	mu    sync.Mutex
	known map[camera.ID]bool        // that are announced
	odd   map[camera.ID]bool        // strangers: the broker keeps something of them
	shots map[camera.ID]live.Moment // whose picture is to be sent
	shoot chan struct{}             // of 1

	// What follows is the main goroutine's.
	cameras map[camera.ID]*told
	sent    map[string]string // by topic; what the broker keeps
	status  time.Time         // when the box's own states were looked at
	failing bool              // the last look
}

// told is a camera as it was looked at last.
type told struct {
	Camera
	going   map[camera.EventKind]time.Time
	losses  losses
	loss    float64
	picture time.Time // capture time of the last one that was sent
	at      time.Time // when it was
	last    live.Moment
}

// Bounds, and how often something is done.
const (
	commandWorkers = 4
	mostCommands   = 16
	mostStrangers  = 1024 // more are found at the next connection
	commandLimit   = 20 * time.Second
	pictureLimit   = 10 * time.Second // to find one
	farewellLimit  = time.Second
	lookEvery      = 2 * time.Second
	statusEvery    = 30 * time.Second
	pictureEvery   = 10 * time.Second // of a camera where nothing goes on; else at each look
	againPause     = 5 * time.Second
)

// New checks the options.
func New(o Options) (*Runner, error) {
	if o.Node == "" || o.Box == nil || o.Live == nil {
		return nil, errors.New("new Home Assistant runner: Node, Box and Live must be given")
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	o.Prefix, o.Look = cmp.Or(o.Prefix, defaultPrefix), cmp.Or(o.Look, lookEvery)
	l, err := newLink(o.Broker, o.CAFile)
	if err != nil {
		return nil, err
	}
	r := &Runner{
		o: o, t: topics{o.Prefix, o.Node}, link: l, out: newOutbox(),
		came: make(chan struct{}, 1), born: make(chan struct{}, 1), again: make(chan struct{}, 1), shoot: make(chan struct{}, 1),
		strange: make(chan struct{}, 1), done: make(chan camera.ID), refusals: rate.Sometimes{First: 3, Interval: time.Minute},
		known: make(map[camera.ID]bool), odd: make(map[camera.ID]bool), shots: make(map[camera.ID]live.Moment), cameras: make(map[camera.ID]*told), sent: make(map[string]string),
	}
	for i := range r.commands {
		r.commands[i] = make(chan Command, mostCommands)
	}
	l.t, l.log, l.hear = r.t, o.Log, r.hear
	l.came = func() { signal(r.came) }
	return r, nil
}

// signal wakes who waits at a channel of 1.
func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// Trouble is why Home Assistant is not told anything; nil when it is.
func (r *Runner) Trouble() error {
	if err := r.link.err(); err != nil {
		return fmt.Errorf("the MQTT broker %s of Home Assistant cannot be used: %w", r.link.url.Host, err)
	}
	return nil
}

// Stats count since the start.
type Stats struct {
	Connected bool
	Sent      int64 // messages
	Dropped   int64 // pictures that gave way to newer ones
	Commands  int64 // that were done, or tried
	Refused   int64 // messages that are no commands, or too many
}

// Stats tells how it goes.
func (r *Runner) Stats() Stats {
	return Stats{Connected: r.link.up(), Sent: r.delivered.Load(), Dropped: r.out.lost(), Commands: r.worked.Load(), Refused: r.refused.Load()}
}

// Run tells until ctx ends, says goodbye, and returns when all that it began has ended. A broker that is away is no error.
func (r *Runner) Run(ctx context.Context) error {
	viewer := r.o.Live.Subscribe(nil)
	defer viewer.Close()
	if err := viewer.Watch(nil, true); err != nil {
		return fmt.Errorf("listen for events: %w", err)
	}
	linked, unlink := context.WithCancel(context.WithoutCancel(ctx)) // it outlives ctx by a goodbye
	defer unlink()
	var running sync.WaitGroup
	failed := make(chan error, 1)
	running.Go(func() { failed <- r.link.run(linked) })
	running.Go(func() { r.send(ctx) })
	running.Go(func() { r.takePictures(ctx) })
	for i := range r.commands {
		running.Go(func() { r.work(ctx, r.commands[i]) })
	}
	r.loop(ctx, viewer)
	goodbye, cancel := context.WithTimeout(context.WithoutCancel(ctx), farewellLimit)
	defer cancel()
	if err := r.link.publish(goodbye, message{topic: r.t.status(), payload: []byte(gone), retained: true}); err != nil && !errors.Is(err, errDown) {
		r.o.Log.Debug("no goodbye to Home Assistant", "err", err)
	}
	unlink()
	running.Wait()
	return <-failed
}

func (r *Runner) loop(ctx context.Context, viewer *live.Viewer) {
	look := time.NewTicker(r.o.Look)
	defer look.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-r.came:
			r.out.clear()
			r.tellAll(ctx)
		case <-r.born:
			r.tellAll(ctx)
		case <-r.again:
			r.tellAll(ctx)
		case <-look.C:
			r.look(ctx)
		case <-viewer.Ready():
			r.moments(viewer)
		case <-r.strange:
			r.strangers(ctx)
		case id := <-r.done:
			for key := range commandable {
				delete(r.sent, r.t.ofCamera(id, key)) // told whether it changed or not
			}
			r.look(ctx)
		}
	}
}

// send sends what waits until ctx ends.
func (r *Runner) send(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-r.out.ready:
		}
		for m, ok := r.out.take(); ok && ctx.Err() == nil; m, ok = r.out.take() {
			err := r.link.publish(ctx, m)
			if err == nil {
				r.delivered.Add(1)
				continue
			}
			if errors.Is(err, errDown) || ctx.Err() != nil {
				continue // a connection begins with all that there is
			}
			r.o.Log.Warn("something could not be told to Home Assistant; it is told again", "err", err)
			select {
			case <-ctx.Done():
			case <-time.After(againPause):
				signal(r.again)
			}
		}
	}
}
