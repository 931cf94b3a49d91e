package storage

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"time"
)

// Rescan is the runner that looks through all recordings after each start, and every 6 h: what a start
// does not find by its intents, since a power cut took them, the index was deleted, or somebody
// copied or deleted files. After Listen it looks within 2 s where somebody has done something. It enters segments without a row, finishes .part files, and takes rows
// whose file is gone. What a file says of itself it leaves to Check.
type Rescan struct {
	store *Store
	log   *slog.Logger
	watch *watch // nil: nobody told it to Listen, or the system cannot
	whole *audit // the look through all that is under way
	// more: what a glimpse has left over, and whether that was too much for one.
	more, all bool
}

// NewRescan makes the runner of a store that was opened. A nil log discards.
func NewRescan(s *Store, log *slog.Logger) *Rescan {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	return &Rescan{store: s, log: log}
}

const (
	// rescanShare is how much of the time it works at most: a fifth, since it shares the disk with
	// what is recorded. A million segments take a minute or two on an SSD.
	rescanShare = 5
	// rescanAgain is after how long it looks again when something could not be repaired: the disk
	// was full, or was not there.
	rescanAgain = 10 * time.Minute
	// rescanEvery is after how long it looks again in any case: old days have no watch, and disks of the
	// network tell of no change.
	rescanEvery = 6 * time.Hour
)

// Listen has the recordings be watched, from Run on. What cannot be watched is logged, and left to the look every 6 h.
func (r *Rescan) Listen() { r.watch = newWatch(r.store.recordings, r.log) }

// Close gives up a Rescan that was never run.
func (r *Rescan) Close() {
	if r.watch != nil {
		_ = r.watch.notify.Close()
	}
}

// Watching says what is watched.
func (r *Rescan) Watching() WatchState {
	if r.watch == nil {
		return WatchState{}
	}
	return r.watch.state()
}

// Run works until ctx ends, and returns nil. Once a minute it tries to finish what an error of the
// disk has ended in this run.
func (r *Rescan) Run(ctx context.Context) error {
	salvage := time.NewTicker(salvageEvery)
	defer salvage.Stop()
	var ripe <-chan struct{}
	if r.watch != nil {
		ripe = r.watch.ripe
		ctx, stop := context.WithCancel(ctx)
		var watching sync.WaitGroup
		watching.Go(func() { r.watch.run(ctx) })
		defer func() {
			stop()
			watching.Wait()
			r.Close()
		}()
	}
	again, soon := r.look(ctx), false
	for {
		if r.all { // the watch has lost count
			r.all = false
			again, soon = r.look(ctx), false
			continue
		}
		if r.more && !soon {
			again, soon = time.After(rescanAgain), true
		}
		r.more = false
		select {
		case <-ctx.Done():
			return nil
		case <-again:
			again, soon = r.look(ctx), false
		case <-ripe:
			r.follow(ctx)
		case <-salvage.C:
			r.store.salvage(ctx)
		}
	}
}

// look looks through all once; the channel tells when to look again.
func (r *Rescan) look(ctx context.Context) (again <-chan time.Time) {
	report, err := r.once(ctx)
	switch {
	case ctx.Err() != nil:
		return nil
	case err != nil:
		r.log.Warn("the recordings could not be looked through; it is tried again", "err", err, "after", rescanAgain)
	case len(report.Problems) > 0:
		first := report.Problems[0]
		r.log.Info("looked through the recordings", "segments", report.Segments, "repaired", report.Repaired,
			"remaining", report.Remaining(), "first", first.String())
	default:
		r.log.Debug("looked through the recordings: all is in order", "segments", report.Segments, "foreign", report.Foreign)
	}
	if err != nil || report.Remaining() > 0 || report.again {
		return time.After(rescanAgain)
	}
	return time.After(rescanEvery)
}

func (r *Rescan) once(ctx context.Context) (Report, error) {
	if err := r.store.onVolume(); err != nil {
		return Report{}, err
	}
	rows, err := r.store.anyRow(ctx)
	if err != nil {
		return Report{}, err
	}
	// The newest days first: there is what the last run left. An index that is built from nothing
	// begins with the oldest, so that retention finds those first, and ids follow time.
	a := &audit{store: r.store, fix: true, quick: true, newest: rows, rest: r.pace}
	if r.watch != nil { // before the look: nothing is to fall in between
		a.found = func(days [][]string) { r.watch.follow(slices.Concat(days...)) }
	}
	r.whole = a
	defer func() { r.whole = nil }()
	if err = a.run(ctx); err == nil {
		err = r.store.fillLevels(ctx, r.pace)
	}
	return a.report, err
}

// follow looks at what the watch has heard of.
func (r *Rescan) follow(ctx context.Context) {
	names, all := r.watch.take()
	if all {
		r.all = true
		return
	}
	report, err := r.glimpse(ctx, names)
	switch {
	case ctx.Err() != nil:
		return
	case err != nil:
		r.log.Warn("what was done to the recordings could not be looked at; it is tried again", "err", err, "after", rescanAgain)
	case len(report.Problems) > 0:
		r.log.Debug("looked at what was done to the recordings", "names", len(names), "repaired", report.Repaired, "remaining", report.Remaining(), "first", report.Problems[0].String())
	}
	r.more = r.more || err != nil || report.Remaining() > 0 || report.again
}

// pace rests in proportion to what was worked, and looks meanwhile at what the watch has heard of.
func (r *Rescan) pace(ctx context.Context, worked time.Duration) error {
	if worked <= 0 {
		return ctx.Err()
	}
	rest := time.NewTimer(worked * (rescanShare - 1))
	defer rest.Stop()
	var ripe <-chan struct{}
	if r.watch != nil {
		ripe = r.watch.ripe
	}
	for {
		select {
		case <-rest.C:
			return nil
		case <-ripe:
			r.follow(ctx)
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (s *Store) anyRow(ctx context.Context) (any bool, err error) {
	err = s.index.read.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM segments WHERE volume = ?)`, s.volume.ID).Scan(&any)
	return any, err
}
