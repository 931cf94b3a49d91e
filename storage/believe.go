package storage

import (
	"context"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

// doubts are what was not believed when it was told the first time.
type doubts struct {
	mu    sync.Mutex
	since time.Time // when so much was gone at once; zero: it is not
	lost  []loss    // rows that went lately, so that a slow deletion of everything counts as one
}

type loss struct {
	at   time.Time
	rows int
}

const (
	// doubtFrom is how many rows may go at once whatever their share: 100 minutes of a camera.
	doubtFrom = 20
	// doubtFor is how long what went before counts, and how long something must stay gone to be believed.
	doubtFor = 10 * time.Minute
)

// settleGone judges the rows whose files were not there, behind everything else: what was moved has its row
// elsewhere by now. whole: everything was looked at.
//
// When more than half of all rows would go within ten minutes that is more likely a disk that is not there, or
// a wrong folder, than a person's wish. It is believed when a whole look finds the same ten minutes later.
// Who runs Repair wants it now.
func (a *audit) settleGone(ctx context.Context, whole bool) error {
	s := a.store
	gone := make([]SegmentRecord, 0, len(a.gone))
	away := make(map[string]bool)
	for _, g := range a.gone {
		top, _, _ := strings.Cut(g.path, "/")
		is, known := away[top]
		if !known {
			is = s.isAway(top, a.quick)
			away[top] = is
		}
		if is {
			continue
		}
		rows, err := s.listSegments(ctx, `id = ? AND path = ?`, g.id, g.path)
		if err != nil {
			return err
		}
		gone = append(gone, rows...)
	}
	a.gone = nil
	a.report.again = a.report.again || len(gone) > 0 // moved, maybe, to where this look had been
	believed := true
	if a.quick {
		var err error
		if believed, err = s.believe(ctx, len(gone), whole); err != nil {
			return err
		}
	}
	for _, r := range gone {
		text, fix := "the file is gone", func(ctx context.Context) error { return s.removeRow(ctx, r) }
		if !believed {
			text, fix = "the file is gone, and so many others that it is not believed yet", nil
		}
		a.problem(ctx, Problem{Invariant: "I1", Path: r.Path, Text: text, Remedy: "its row is removed"}, fix)
	}
	return ctx.Err()
}

// isAway tells a folder whose disk is not there: a link that leads to nothing, or, unless a person asks, the
// empty folder that stays behind where a disk was mounted.
func (s *Store) isAway(top string, quick bool) bool {
	entries, err := s.disk.ReadDir(s.recordings)
	if err != nil {
		return true
	}
	for _, entry := range entries {
		if entry.Name() != top {
			continue
		}
		inside, err := s.disk.ReadDir(filepath.Join(s.recordings, top))
		return err != nil || quick && len(inside) == 0
	}
	return false
}

// believe tells whether so many rows may go.
func (s *Store) believe(ctx context.Context, gone int, whole bool) (bool, error) {
	d := &s.doubts
	d.mu.Lock()
	defer d.mu.Unlock()
	now, lately := time.Now(), 0
	for len(d.lost) > 0 && now.Sub(d.lost[0].at) > doubtFor {
		d.lost = d.lost[1:]
	}
	for _, l := range d.lost {
		lately += l.rows
	}
	if gone == 0 {
		if whole {
			d.since = time.Time{}
		}
		return true, nil
	}
	var rows int
	if err := s.index.read.QueryRowContext(ctx, `SELECT count(*) FROM segments WHERE volume = ?`, s.volume.ID).Scan(&rows); err != nil {
		return false, err
	}
	if all := gone + lately; all >= doubtFrom && 2*all > rows+lately {
		switch {
		case d.since.IsZero():
			d.since = now
			s.log.Error("more than half of all footage is gone at once; that is not believed yet", "segments", gone, "of", rows,
				"do", "put the files back, or the disk; else they are taken for gone at a look in 10 min")
			return false, nil
		case !whole || now.Sub(d.since) < doubtFor:
			return false, nil
		}
		s.log.Warn("the footage is gone still, and is taken for gone", "segments", gone)
	}
	if whole {
		d.since = time.Time{}
	}
	d.lost = append(d.lost, loss{now, gone})
	return true, nil
}
