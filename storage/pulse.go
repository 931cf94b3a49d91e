package storage

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"sync"
	"time"
)

// A pulse is what a store knows of its own run.
type pulse struct {
	writing sync.Mutex // held while a row is written, and taken before mu

	mu      sync.Mutex
	row     int64     // in runs; 0 before the run has begun; written by who holds writing
	begun   time.Time // of the row
	alive   time.Time // the wall clock when StillAlive was called last
	at      time.Time // the same moment, with its monotonic reading
	written time.Time // when it was written down last, or when that was tried
	failed  bool      // the last try
	over    bool
}

const (
	// aliveEvery is how often StillAlive writes.
	aliveEvery = 10 * time.Second
	// aliveWait bounds how long it waits for others who write to state.sqlite.
	aliveWait = time.Second
	// aliveStep is by how much the wall clock and the monotonic one must disagree between two calls,
	// so that the row ends and another begins: what is less is within the accuracy of 10 s.
	aliveStep = 2 * time.Second
)

// StillAlive says that the recorder runs, by the wall clock's now. It is to be called about every
// second; the first call (or Resume) begins the run. It is written down every 10 s at most, and when
// the wall clock was set by 2 s or more: then the time up to there and the time from there on are two
// rows of the run, so that a box that booted in 1970 has not run for 56 years.
//
// It touches nothing of the recordings, and waits for nothing but the data folder's disk, where it
// asks for no sync: a kill costs 10 s of knowledge, a power cut what the kernel has not written back
// (30 s more on Linux). That is 12 KB every 30 s, less than a thousandth of what one camera gives. A disk
// that hangs may hold a call up, so it is not for a goroutine that must not wait; a call beside one that
// hangs returns at once. An error is logged, once until it works again.
func (s *Store) StillAlive(now time.Time) {
	p := &s.pulse
	if !p.writing.TryLock() {
		return
	}
	defer p.writing.Unlock()
	ctx, cancel := context.WithTimeout(context.Background(), aliveWait)
	defer cancel()
	err := s.beat(ctx, now.Round(0), time.Now())
	p.mu.Lock()
	first := err != nil && !p.failed
	p.failed = err != nil
	p.mu.Unlock()
	if first {
		s.log.Warn("cannot write down that v720dvr runs; it is tried again", "err", err)
	}
}

// beat takes a reading of both clocks; writing is held.
func (s *Store) beat(ctx context.Context, now, at time.Time) error {
	p := &s.pulse
	p.mu.Lock()
	last, over, row := p.alive, p.over, p.row
	reached := last.Add(at.Sub(p.at)) // what the wall clock would say if nobody had set it
	due := at.Sub(p.written) >= aliveEvery
	failed := p.failed
	p.mu.Unlock()
	off := now.Sub(reached)
	switch {
	case over || failed && !due:
		return nil
	case row == 0:
		return s.beginSpan(ctx, now, at, nil)
	case off >= aliveStep || off <= -aliveStep:
		return s.beginSpan(ctx, now, at, &reached)
	case due:
		p.tried(at)
		if err := s.writeAlive(ctx, row, now, false, syncNormal); err != nil {
			return err
		}
	}
	p.mu.Lock()
	p.alive, p.at = now, at
	p.mu.Unlock()
	return nil
}

func (p *pulse) tried(at time.Time) {
	p.mu.Lock()
	p.written = at
	p.mu.Unlock()
}

// beginSpan writes a new row for this run, and up to where the one before it came, by a clock that was
// set since; writing is held.
func (s *Store) beginSpan(ctx context.Context, now, at time.Time, reached *time.Time) error {
	p := &s.pulse
	p.tried(at)
	var id int64
	err := s.inState(ctx, func(tx *sql.Tx) error {
		if reached != nil {
			if _, err := tx.ExecContext(ctx, `UPDATE runs SET alive = ?, ended = 1 WHERE id = ?`, reached.UnixMicro(), p.row); err != nil {
				return err
			}
		}
		result, err := tx.ExecContext(ctx, `INSERT INTO runs (run, begun, alive, ended) VALUES (?, ?, ?, 0)`, s.run[:], now.UnixMicro(), now.UnixMicro())
		if err != nil {
			return err
		}
		if id, err = result.LastInsertId(); err != nil {
			return err
		}
		return joinRuns(ctx, tx)
	})
	if err != nil {
		return fmt.Errorf("write down that a run begins: %w", err)
	}
	p.mu.Lock()
	p.row, p.begun, p.alive, p.at = id, utcMicros(now), now, at
	p.mu.Unlock()
	return nil
}

// beginRun begins the run unless it has begun, and returns when it did.
func (s *Store) beginRun(ctx context.Context, now time.Time) (begun time.Time, err error) {
	p := &s.pulse
	p.writing.Lock()
	defer p.writing.Unlock()
	p.mu.Lock()
	row := p.row
	p.mu.Unlock()
	if row == 0 {
		err = s.beginSpan(ctx, now.Round(0), time.Now(), nil)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.begun, err
}

// wall is the wall clock as who records reads it, while somebody does.
func (s *Store) wall() (now time.Time, recording bool) {
	s.pulse.mu.Lock()
	defer s.pulse.mu.Unlock()
	if s.pulse.row == 0 {
		return s.now(), false
	}
	return s.pulse.alive.Add(time.Since(s.pulse.at)), true
}

// endRun writes down that the run ends now, if it has begun.
func (s *Store) endRun(ctx context.Context) error {
	p := &s.pulse
	p.writing.Lock()
	defer p.writing.Unlock()
	p.mu.Lock()
	row := p.row
	p.over = true
	p.mu.Unlock()
	end, recording := s.wall()
	if !recording {
		return nil
	}
	return s.writeAlive(ctx, row, end, true, syncFull)
}

// writeAlive brings a row up to a moment. safety says whether that is synced.
func (s *Store) writeAlive(ctx context.Context, row int64, at time.Time, ended bool, safety string) (err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("write down how far the run has come: %w", err)
		}
	}()
	update := func(db executor) error {
		_, err := db.ExecContext(ctx, `UPDATE runs SET alive = ?, ended = ? WHERE id = ?`, at.UnixMicro(), ended, row)
		return err
	}
	if safety == syncFull {
		return update(s.state.write)
	}
	return relaxed(ctx, s.state.write, func(conn *sql.Conn) error { return update(conn) })
}

// relaxed writes to state.sqlite without asking for a sync: a kill takes nothing of it, a power cut may.
func relaxed(ctx context.Context, write *sql.DB, do func(*sql.Conn) error) (err error) {
	conn, err := write.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	if _, err := conn.ExecContext(ctx, "PRAGMA synchronous = "+syncNormal); err != nil {
		return err
	}
	defer func() {
		if _, failed := conn.ExecContext(context.Background(), "PRAGMA synchronous = "+syncFull); failed != nil {
			// Nobody else is to write on a connection that may not sync: it is closed.
			_ = conn.Raw(func(any) error { return driver.ErrBadConn })
			err = errors.Join(err, failed)
		}
	}()
	return do(conn)
}
