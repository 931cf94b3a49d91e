package recorder

import (
	"fmt"
	"log/slog"
	"sync"
	"time"

	"v720dvr/storage"
)

// slowAfter is how long a picture or a pass of the sync waits until the disk is called slow.
const slowAfter = 3 * time.Second

// DiskStats is how the disk of the recordings is.
type DiskStats struct {
	Trouble storage.Trouble // NoTrouble when all is well
	Since   time.Time       // when that began
	Error   string          // what the disk answered last; "" when it is slow, or all is well
	Cameras int             // whose pictures it does not take now
	Dropped int64           // pictures lost since then
	Waiting int64           // bytes that wait for it, of all cameras
	Budget  int64           // bytes that may
}

// A disk keeps what befalls the disk of all decks: each trouble has one line in the log where it
// begins and one where it ends, however many cameras it meets.
type disk struct {
	store  *storage.Store
	log    *slog.Logger
	budget *budget

	mu       sync.Mutex
	failing  spell
	met      map[*spool]struct{} // decks that have not recovered
	slow     spell
	slowLast time.Time // when it was seen slow last
}

// A spell is a trouble from its beginning to its end.
type spell struct {
	trouble storage.Trouble // NoTrouble: there is none
	since   time.Time
	err     error
	dropped int64 // pictures dropped before it
}

func newDisk(store *storage.Store, log *slog.Logger, b *budget) *disk {
	return &disk{store: store, log: log, budget: b, met: make(map[*spool]struct{})}
}

// failed notes an error that a spool met.
func (d *disk) failed(s *spool, err error) {
	trouble := d.store.Diagnose(err) // may wait for the disk
	d.mu.Lock()
	defer d.mu.Unlock()
	d.met[s] = struct{}{}
	if d.failing.trouble == storage.NoTrouble {
		d.failing = spell{since: time.Now(), dropped: d.budget.dropped.Load()}
		d.log.Error("recording failed; it is tried again", "disk", trouble, "camera", s.id, "error", err)
	} else {
		d.log.Debug("recording failed again", "disk", trouble, "camera", s.id, "error", err)
	}
	d.failing.trouble, d.failing.err = trouble, err
}

// recovered notes that a spool records again; the trouble ends with the last of them.
func (d *disk) recovered(s *spool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if _, met := d.met[s]; !met {
		return
	}
	if delete(d.met, s); len(d.met) > 0 {
		return
	}
	d.log.Info("recording again", "disk", d.failing.trouble, "after", time.Since(d.failing.since).Round(time.Millisecond),
		"pictures_lost", d.budget.dropped.Load()-d.failing.dropped)
	d.failing = spell{}
}

// left notes that a spool has ended.
func (d *disk) left(s *spool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.met, s)
}

// has tells whether a spool is in trouble, or still writes what waited meanwhile.
func (d *disk) has(s *spool) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	_, met := d.met[s]
	return met
}

// waits notes how long the oldest has waited for the disk.
func (d *disk) waits(longest time.Duration) {
	d.mu.Lock()
	defer d.mu.Unlock()
	now := time.Now()
	switch {
	case longest >= slowAfter && d.slow.trouble == storage.NoTrouble:
		d.slow = spell{trouble: storage.DiskSlow, since: now.Add(-longest), dropped: d.budget.dropped.Load()}
		d.slowLast = now
		d.log.Warn("the disk is slow; what comes waits for it", "since", longest.Round(time.Millisecond), "bytes", d.budget.used.Load())
	case longest >= slowAfter:
		d.slowLast = now
	case d.slow.trouble != storage.NoTrouble && now.Sub(d.slowLast) >= steady:
		d.log.Info("the disk keeps up again", "after", d.slowLast.Sub(d.slow.since).Round(time.Millisecond),
			"pictures_lost", d.budget.dropped.Load()-d.slow.dropped)
		d.slow = spell{}
	}
}

func (d *disk) stats() DiskStats {
	d.mu.Lock()
	defer d.mu.Unlock()
	s := DiskStats{Cameras: len(d.met), Waiting: max(d.budget.used.Load(), 0), Budget: d.budget.most}
	e := d.failing
	if e.trouble == storage.NoTrouble {
		e = d.slow
	}
	if e.trouble == storage.NoTrouble {
		return s
	}
	s.Trouble, s.Since, s.Dropped = e.trouble, e.since, d.budget.dropped.Load()-e.dropped
	if e.err != nil {
		s.Error = e.err.Error()
	}
	return s
}

// String says it in a line, for people.
func (s DiskStats) String() string {
	if s.Trouble == storage.NoTrouble {
		return "the disk takes the recordings"
	}
	text := fmt.Sprintf("the disk of the recordings is %s since %s: %d pictures were lost, %d of at most %d MiB wait for it",
		s.Trouble, s.Since.Format(time.DateTime), s.Dropped, s.Waiting>>20, s.Budget>>20)
	if s.Error != "" {
		text += ": " + s.Error
	}
	return text
}
