package storage

import (
	"context"
	"database/sql"
	"fmt"
	"maps"
	"sync"
	"sync/atomic"
	"time"

	"v720dvr/camera"
)

// Pause is a camera's privacy: nothing of it is to be recorded.
type Pause struct {
	From  time.Time // when somebody asked for it
	Until time.Time // when it runs out; zero: when it is ended
}

// Holds tells whether the pause has not run out by the wall clock's now. From does not count: a clock
// that is behind, as that of a box without a battery after its start, lifts no pause.
func (p Pause) Holds(now time.Time) bool { return p.Until.IsZero() || now.Before(p.Until) }

// pauses has them in memory, since they are asked for again and again.
type pauses struct {
	writing sync.Mutex // held by who changes them
	all     atomic.Pointer[map[camera.ID]Pause]
}

// runOutKept is how long a pause that has run out stays written down: a clock that is a few days
// ahead at a start is set right before it costs one.
const runOutKept = 30 * 24 * time.Hour

// Pause stops the recording of a camera until the given time; zero: until Unpause. It replaces a pause
// that is there, and is on disk when it returns. Who records asks Paused: the store refuses nothing.
func (s *Store) Pause(ctx context.Context, id camera.ID, from, until time.Time) error {
	if !until.IsZero() && !until.After(from) {
		return fmt.Errorf("pause camera %s: it would end before it begins", id)
	}
	p := Pause{From: utcMicros(from)}
	if !until.IsZero() {
		p.Until = utcMicros(until)
	}
	old := from.Add(-runOutKept)
	err := s.changePauses(ctx, func(tx *sql.Tx, all map[camera.ID]Pause) error {
		maps.DeleteFunc(all, func(_ camera.ID, p Pause) bool { return !p.Holds(old) })
		all[id] = p
		if _, err := tx.ExecContext(ctx, `DELETE FROM pauses WHERE until <= ?`, old.UnixMicro()); err != nil {
			return err
		}
		return writePause(ctx, tx, id, from, until)
	})
	if err != nil {
		return fmt.Errorf("pause camera %s: %w", id, err)
	}
	return nil
}

// Unpause ends a camera's pause; one that is not there is no error.
func (s *Store) Unpause(ctx context.Context, id camera.ID) error {
	err := s.changePauses(ctx, func(tx *sql.Tx, all map[camera.ID]Pause) error {
		delete(all, id)
		return erasePause(ctx, tx, id)
	})
	if err != nil {
		return fmt.Errorf("end the pause of camera %s: %w", id, err)
	}
	return nil
}

// changePauses changes disk and memory: who asks meanwhile is told what was.
func (s *Store) changePauses(ctx context.Context, change func(*sql.Tx, map[camera.ID]Pause) error) error {
	s.pauses.writing.Lock()
	defer s.pauses.writing.Unlock()
	all := maps.Clone(*s.pauses.all.Load())
	if err := s.inState(ctx, func(tx *sql.Tx) error { return change(tx, all) }); err != nil {
		return err
	}
	s.pauses.all.Store(&all)
	return nil
}

// Paused tells whether nothing of a camera is to be recorded by the wall clock's now, and for how
// long. It answers from memory.
func (s *Store) Paused(id camera.ID, now time.Time) (p Pause, paused bool) {
	p, paused = (*s.pauses.all.Load())[id]
	return p, paused && p.Holds(now)
}

func (s *Store) loadPauses(ctx context.Context) error {
	all, err := s.Pauses(ctx)
	if err == nil {
		s.pauses.all.Store(&all)
	}
	return err
}

// Pauses lists the cameras' pauses, also such as have run out lately: Pause.Holds tells.
func (v *View) Pauses(ctx context.Context) (map[camera.ID]Pause, error) {
	all, err := v.listPauses(ctx)
	if err != nil {
		return nil, fmt.Errorf("list pauses: %w", err)
	}
	return all, nil
}

func (v *View) listPauses(ctx context.Context) (map[camera.ID]Pause, error) {
	rows, err := v.state.read.QueryContext(ctx, `SELECT camera, "from", until FROM pauses`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	all := make(map[camera.ID]Pause)
	for rows.Next() {
		var id camera.ID
		var from int64
		var until sql.NullInt64
		if err := rows.Scan(&id, &from, &until); err != nil {
			return nil, err
		}
		all[id] = Pause{From: time.UnixMicro(from).UTC(), Until: fromMicros(until)}
	}
	return all, rows.Err()
}
