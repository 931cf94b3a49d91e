package storage

import (
	"context"
	"log/slog"
	"time"
)

// Rescan is the runner that looks through all recordings after each start, and every 6 h: what a start
// does not find by its intents, since a power cut took them, the index was deleted, or somebody
// copied or deleted files. It enters segments without a row, finishes .part files, and takes rows
// whose file is gone. What a file says of itself it leaves to Check.
type Rescan struct {
	store *Store
	log   *slog.Logger
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

// Run works until ctx ends, and returns nil. Once a minute it tries to finish what an error of the
// disk has ended in this run.
func (r *Rescan) Run(ctx context.Context) error {
	salvage := time.NewTicker(salvageEvery)
	defer salvage.Stop()
	again := r.look(ctx)
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-again:
			again = r.look(ctx)
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
	a := &audit{store: r.store, fix: true, quick: true, newest: rows, rest: pace}
	if err = a.run(ctx); err == nil {
		err = r.store.fillLevels(ctx, pace)
	}
	return a.report, err
}

// pace rests in proportion to what was worked.
func pace(ctx context.Context, worked time.Duration) error {
	if worked <= 0 {
		return ctx.Err()
	}
	rest := time.NewTimer(worked * (rescanShare - 1))
	defer rest.Stop()
	select {
	case <-rest.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (s *Store) anyRow(ctx context.Context) (any bool, err error) {
	err = s.index.read.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM segments WHERE volume = ?)`, s.volume.ID).Scan(&any)
	return any, err
}
