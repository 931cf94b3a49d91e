package recorder

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"v720dvr/camera"
	"v720dvr/recorder/live"
	"v720dvr/storage"
)

// Options of a Recorder. Store and Settings must be given.
type Options struct {
	Store    *storage.Store
	Settings func(camera.ID) Settings // asked when a camera's first value comes; quick, from any goroutine
	Sync     time.Duration            // how often what was written is made safe; 0 is 1 s
	// Waiting bounds what waits for the disk, in bytes, of all cameras together: beyond it the
	// oldest are dropped. 0 is an eighth of the machine's memory, between 64 and 256 MiB.
	Waiting int64
	Now     func() time.Time // the wall clock; nil is time.Now
	Live    *live.Hub        // of those who look live; nil: nobody can
	Log     *slog.Logger     // nil discards
}

// shutdown bounds how long Run takes to end, in which each deck writes its queue and commits. The
// process has 5 s; the last one is for who comes after.
const shutdown = 4 * time.Second

// Recorder is a runner and a camera.Sink.
type Recorder struct {
	store     *storage.Store
	clock     *wallClock
	live      *live.Hub
	moments   atomic.Int64 // events that were told live so far
	sync      time.Duration
	log       *slog.Logger
	begun     time.Time
	budget    *budget
	disk      *disk
	wake      chan struct{} // holds one token when decks wait to be started
	syncsMu   sync.Mutex
	syncs     []time.Duration // see Syncs
	syncTimes syncTimes
	syncing   atomic.Int64 // since when a pass of the sync has been under way, behind begun, and 1 ns; 0 for none

	mu       sync.RWMutex
	settings func(camera.ID) Settings
	decks    map[camera.ID]*deck // as many as cameras were seen: the cloud bounds those
	fresh    []*deck             // not yet started
	stopped  bool
}

// New checks the options and makes a Recorder. What comes before Run waits in the queues.
func New(o Options) (*Recorder, error) {
	switch {
	case o.Store == nil:
		return nil, errors.New("new recorder: no store was given")
	case o.Settings == nil:
		return nil, errors.New("new recorder: no settings were given")
	case o.Sync < 0:
		return nil, fmt.Errorf("new recorder: sync every %v: want more than 0", o.Sync)
	case o.Waiting < 0:
		return nil, fmt.Errorf("new recorder: %d bytes may wait: want more than 0", o.Waiting)
	case o.Sync == 0:
		o.Sync = time.Second
	}
	if o.Waiting == 0 {
		o.Waiting = defaultBudget()
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	b, clock := newBudget(o.Waiting), newWallClock(o.Now)
	return &Recorder{
		store:    o.Store,
		sync:     o.Sync,
		log:      o.Log,
		clock:    clock,
		live:     o.Live,
		begun:    clock.begun,
		budget:   b,
		disk:     newDisk(o.Store, o.Log, b),
		wake:     make(chan struct{}, 1),
		settings: o.Settings,
		decks:    make(map[camera.ID]*deck),
	}, nil
}

// Run records until ctx ends, and then commits all segments. It returns nil, or the names of
// the cameras whose disk did not take their segment within 5 s: their goroutines are then left
// behind, and so is their .part. It is called once.
func (r *Recorder) Run(ctx context.Context) error {
	var running sync.WaitGroup
	running.Go(func() { r.syncEvery(ctx) })
	running.Go(func() { r.liveEvery(ctx) })
	look := time.NewTicker(time.Second)
	defer look.Stop()
	for ctx.Err() == nil {
		r.startFresh(&running)
		select {
		case <-r.wake:
		case <-look.C:
			r.disk.waits(r.longestWait())
			r.lookAround()
		case <-ctx.Done():
		}
	}
	r.stop()
	r.startFresh(&running) // their queues may hold something
	done := make(chan struct{})
	go func() {
		running.Wait()
		close(done)
	}()
	deadline := time.NewTimer(shutdown)
	defer deadline.Stop()
	select {
	case <-done:
		return nil
	case <-deadline.C:
		return fmt.Errorf("stop recorder: the disk did not take the segments of %v within %v", r.unfinished(), shutdown)
	}
}

// syncEvery makes safe what was written. It has its own goroutine, since a disk may take seconds.
func (r *Recorder) syncEvery(ctx context.Context) {
	tick := time.NewTicker(r.sync)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			// A segment that fails here is given up, and its spool hears of it at the next
			// write: that is where it is logged.
			begun := time.Since(r.begun)
			r.syncing.Store(int64(begun) + 1)
			_ = r.store.Sync(ctx)
			r.syncing.Store(0)
			r.took(time.Since(r.begun) - begun)
		case <-ctx.Done():
			return
		}
	}
}

// mostSyncs are remembered until somebody asks: ten minutes at the shortest tick are more, and then the newest are.
const mostSyncs = 1024

func (r *Recorder) took(sync time.Duration) {
	r.syncTimes.took(sync)
	r.syncsMu.Lock()
	defer r.syncsMu.Unlock()
	if len(r.syncs) == mostSyncs {
		r.syncs = append(r.syncs[:0], r.syncs[1:]...)
	}
	r.syncs = append(r.syncs, sync)
}

// Syncs tells how long each pass took that made written pictures safe, since it was asked last; the last 1024 at most.
func (r *Recorder) Syncs() []time.Duration {
	r.syncsMu.Lock()
	defer r.syncsMu.Unlock()
	took := r.syncs
	r.syncs = nil
	return took
}

// liveEvery tells the store each second that the recorder runs. It has its own goroutine, since the disk of
// the data folder may take seconds too.
func (r *Recorder) liveEvery(ctx context.Context) {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		r.store.StillAlive(r.clock.today())
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

// lookAround has each deck do what is due though no picture came.
func (r *Recorder) lookAround() {
	r.mu.RLock()
	defer r.mu.RUnlock()
	for _, d := range r.decks {
		d.queue.wake()
	}
}

// longestWait is how long the oldest has waited for the disk: an item in a spool's hand, a commit,
// or a pass of the sync. What waits for a spool that met an error and rests is not the disk's slowness.
func (r *Recorder) longestWait() (longest time.Duration) {
	now := time.Since(r.begun)
	if since := r.syncing.Load(); since != 0 {
		longest = now - time.Duration(since-1)
	}
	r.mu.RLock()
	defer r.mu.RUnlock()
	for _, d := range r.decks {
		for _, at := range []*atomic.Int64{&d.spool.turn, &d.spool.committing} {
			if since := at.Load(); since != 0 && !r.disk.has(d.spool) {
				longest = max(longest, now-time.Duration(since-1))
			}
		}
	}
	return longest
}

func (r *Recorder) startFresh(running *sync.WaitGroup) {
	r.mu.Lock()
	fresh := r.fresh
	r.fresh = nil
	r.mu.Unlock()
	for _, d := range fresh {
		running.Go(d.run)
		running.Go(d.spool.run)
	}
}

func (r *Recorder) stop() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.stopped = true
	for _, d := range r.decks {
		d.queue.close()
	}
}

func (r *Recorder) unfinished() (ids []camera.ID) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	for id, d := range r.decks {
		if !d.spool.finished.Load() {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return ids
}

func (r *Recorder) now() time.Duration { return time.Since(r.begun) }

// Apply takes new settings. A camera whose settings are the same is untouched; of the others the open
// segment ends at the next picture, which begins one with the new settings, if those are of the file, or at
// once when another mode says so. A pause is the store's: it counts from the next picture on, or a second later.
func (r *Recorder) Apply(settings func(camera.ID) Settings) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.settings = settings
	for id, d := range r.decks {
		d.apply(settings(id))
	}
}

// Disk tells how the disk of the recordings is.
func (r *Recorder) Disk() DiskStats { return r.disk.stats() }

// Stats lists the decks by camera.
func (r *Recorder) Stats() []DeckStats {
	now := r.now()
	r.mu.RLock()
	defer r.mu.RUnlock()
	list := make([]DeckStats, 0, len(r.decks))
	for _, d := range r.decks {
		list = append(list, d.stats(now))
	}
	slices.SortFunc(list, func(a, b DeckStats) int { return cmp.Compare(a.Camera, b.Camera) })
	return list
}
