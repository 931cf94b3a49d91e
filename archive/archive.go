package archive

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"v720dvr/camera"
	"v720dvr/storage"
)

// Options of an Archive. Store, S3, AccessKey and Secret must be given.
type Options struct {
	Store *storage.Store
	View  *storage.View // instead of Store, for Verify alone
	S3    string        // https://host:9000/bucket/prefix
	// The key, its secret, and the bucket's region ("": the archive is asked).
	AccessKey, Secret, Region string
	Style                     string // "path" or "host": where the bucket's name stands in an address; "" finds it out
	CA                        []byte // more authorities to trust, PEM

	What      func(camera.ID) What  // nil: All
	Bandwidth func() int64          // bytes a second, there and back together; nil or 0: no limit
	Around    time.Duration         // what so shortly before and behind an event is part of it; 0 is 10 s
	Stall     time.Duration         // after which a connection is given up on that stands still; 0 is a minute
	Room      func() (int64, error) // bytes that Restore may take of the disk; nil: it does not ask
	Software  string                // stands with each object
	Log       *slog.Logger          // nil discards
}

// Archive copies footage away. Its methods may be called from any goroutine.
type Archive struct {
	o        Options
	bucket   *bucket
	pace     *pace
	partSize int64

	again chan struct{} // try everything at once
	jobs  chan job

	mu     sync.Mutex
	plan   *plan // of the last look; nil before the first
	status Status
	speed  speed
}

// Status is how an archive does.
type Status struct {
	Place    string // address, bucket and prefix
	Looked   bool   // Waiting is known
	Waiting  Waiting
	Archived storage.ArchiveTotals
	Copying  string    // key of what is copied now; "" for nothing
	Done     int64     // bytes of it
	Of       int64     // its size
	Rate     float64   // bytes a second, of the last minute
	Copied   int       // segments, since the start
	Moved    int64     // bytes, since the start, both ways
	Failed   int       // tries, since the start
	Problem  string    // why nothing goes at the moment; "": all is well
	Since    time.Time // of the problem
	Last     string    // what went wrong last, also when it goes again
	LastAt   time.Time
	Next     time.Time // when it is tried again; zero: it goes
	Restore  Restoring // what is brought back, or was last
}

// New checks the options. It asks nobody.
func New(o Options) (*Archive, error) {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.What == nil {
		o.What = func(camera.ID) What { return All }
	}
	if o.Bandwidth == nil {
		o.Bandwidth = func() int64 { return 0 }
	}
	if o.Around == 0 {
		o.Around = around
	}
	if o.Stall == 0 {
		o.Stall = time.Minute
	}
	if o.AccessKey == "" || o.Secret == "" {
		return nil, errors.New("the archive wants a key and its secret: set archive.access_key, and archive.secret_file or AWS_SECRET_ACCESS_KEY in the environment")
	}
	b, err := openBucket(o)
	if err != nil {
		return nil, err
	}
	if o.Store != nil {
		o.View = &o.Store.View
	}
	return &Archive{
		o: o, bucket: b, pace: newPace(o.Bandwidth), partSize: partBytes, again: make(chan struct{}, 1), jobs: make(chan job),
		status: Status{Place: b.place},
	}, nil
}

const (
	lookEvery   = 15 * time.Second // for what is to be copied …
	lookShare   = 100              // … and so much longer than a look takes: no more than a hundredth of the time
	longestRest = 5 * time.Minute  // when the archive does not answer
	longestWait = 6 * time.Hour    // when it is the segment
)

// Run copies until ctx ends, and returns nil. What goes wrong is told, and tried again.
func (a *Archive) Run(ctx context.Context) error {
	var restoring sync.WaitGroup
	defer restoring.Wait()
	restoring.Go(func() { a.restoreAsked(ctx) })
	failures, tidied := 0, false
	var look time.Time // when the next look is due
	for !isOver(ctx) {
		if time.Until(look) <= 0 {
			begun := time.Now()
			if err := a.look(ctx); err != nil && !isOver(ctx) {
				a.o.Log.Error("what is to be archived cannot be found out", "err", err)
			}
			look = time.Now().Add(max(lookEvery, lookShare*time.Since(begun)))
		}
		var err error
		next, any := a.take()
		if !tidied && any {
			err = a.tidy(ctx)
			if _, status, answered := refusal(err); answered && (status < 500 || status == http.StatusNotImplemented) { // not all storage can list uploads, nor may every key
				a.o.Log.Info("uploads of earlier runs are not looked for", "why", err)
				err = nil
			}
			tidied = err == nil
		}
		if err == nil && any {
			err = a.copyOne(ctx, next)
		}
		switch {
		case isOver(ctx):
		case err != nil:
			failures++
			a.trouble(err, backoff(failures, longestRest))
			if a.rest(ctx, time.Now().Add(backoff(failures, longestRest))) {
				failures = 0
			}
			look = time.Time{}
		case any:
			failures = 0
			a.well()
		default:
			if a.rest(ctx, look) {
				look = time.Time{}
			}
		}
	}
	return nil
}

// rest waits; asked tells that somebody wants all to be tried at once.
func (a *Archive) rest(ctx context.Context, until time.Time) (asked bool) {
	timer := time.NewTimer(time.Until(until))
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	case <-a.again:
		return true
	}
	return false
}

// Retry has everything tried at once that rests after a failure.
func (a *Archive) Retry(ctx context.Context) error {
	if err := a.o.Store.RetryArchive(ctx, a.bucket.place); err != nil {
		return err
	}
	select {
	case a.again <- struct{}{}:
	default: // it is about to be
	}
	return nil
}

// look finds out what is to be copied.
func (a *Archive) look(ctx context.Context) error {
	p, err := planOf(ctx, a.o.Store, a.bucket.place, a.o.What, a.o.Around)
	if err != nil {
		return err
	}
	totals, err := a.o.Store.ArchiveTotals(ctx, a.bucket.place)
	if err != nil {
		return err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.plan = p
	a.status.Looked, a.status.Waiting, a.status.Archived = true, p.waiting, totals
	return nil
}

// take takes the next one out of the queue.
func (a *Archive) take() (u storage.Unarchived, any bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.plan == nil || len(a.plan.next) == 0 {
		return u, false
	}
	u, a.plan.next = a.plan.next[0], a.plan.next[1:]
	return u, true
}

// Waits tells whether a segment is to be copied and is not: also one of which nobody has found that out yet.
func (a *Archive) Waits(id camera.ID, row int64, start, end time.Time) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.plan.holds(id, row, start, end)
}

// tidy gives up what an earlier run began and nobody goes on with: uploads of cameras of ours of which nothing is written down.
func (a *Archive) tidy(ctx context.Context) error {
	cameras, err := a.o.Store.Cameras(ctx)
	if err != nil {
		return err
	}
	tries, err := a.o.Store.ArchiveTries(ctx, a.bucket.place)
	if err != nil {
		return err
	}
	goesOn, ours := make(map[string]bool), make(map[string]bool)
	for _, c := range cameras {
		ours[string(c.ID)] = true
	}
	for _, t := range tries {
		goesOn[t.Upload] = true
		ours[string(t.Camera)] = true
	}
	uploads, err := a.bucket.uploads(ctx)
	if err != nil {
		return fmt.Errorf("look for uploads of earlier runs: %w", err)
	}
	for _, u := range uploads {
		if id, ok := cameraOf(u[0]); !ok || !ours[string(id)] || goesOn[u[1]] {
			continue
		}
		if err := a.bucket.abort(ctx, u[0], u[1]); err != nil {
			return fmt.Errorf("give up the upload of %s: %w", u[0], err)
		}
		a.o.Log.Info("an upload that an earlier run began is given up", "key", u[0])
	}
	return nil
}
