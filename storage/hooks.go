package storage

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"v720dvr/camera"
)

// Bounds of a hook's calls.
const (
	MostCalls   = 1000           // of a hook, that wait: beyond it the oldest that tell no end go first
	mostSettled = 20_000         // ends of a hook that are known to be settled
	SettledFor  = 72 * time.Hour // ends that are older are settled, told or not
)

// HookRecord is how a hook does.
type HookRecord struct {
	Name    string
	Since   time.Time // ends of events before it are settled
	Segment int64     // so are segments up to SegmentRecord.ID
	Waiting int       // calls
	Oldest  time.Time // that waits: when it happened; zero when none does
	Done    int64     // calls that succeeded
	Failed  int64     // tries that did not
	Lost    int64     // calls that were given up
	Called  time.Time // when the last try ended; zero: never
	OK      bool      // whether it succeeded
	Answer  string    // what came of it, for people
}

// HookCall is a call that a hook is to make.
type HookCall struct {
	ID    int64  // in the order in which they are made; set by the store
	Key   string // of what happened: the same however often it is told
	Ends  bool   // it tells the end of an event
	At    time.Time
	Body  []byte // JSON
	Tries int    // that failed
	Due   time.Time
	// Settled is set for what is not to be called: an end that a filter held back is not asked about again.
	Settled bool
}

// KeepHooks has just these hooks. A new one is told what happens from now on; the calls of one that is gone go
// with it, and dropped tells how many.
func (s *Store) KeepHooks(ctx context.Context, names []string, now time.Time) (dropped int, err error) {
	err = s.inState(ctx, func(tx *sql.Tx) error {
		marks, args := strings.Repeat("?, ", max(len(names)-1, 0))+"?", make([]any, 0, len(names)+1)
		for _, name := range names {
			args = append(args, name)
		}
		if len(names) == 0 {
			args = append(args, "")
		}
		if err := tx.QueryRowContext(ctx, `SELECT count(*) FROM hook_calls WHERE settled = 0 AND hook NOT IN (`+marks+`)`, args...).Scan(&dropped); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `DELETE FROM hooks WHERE name NOT IN (`+marks+`)`, args...); err != nil {
			return err
		}
		segment, err := s.newestSegment(ctx)
		for _, name := range names {
			if err == nil {
				_, err = tx.ExecContext(ctx, `INSERT INTO hooks (name, since, segment) VALUES (?, ?, ?) ON CONFLICT (name) DO NOTHING`, name, now.UnixMicro(), segment)
			}
		}
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("keep hooks: %w", err)
	}
	return dropped, nil
}

func (s *Store) newestSegment(ctx context.Context) (id int64, err error) {
	err = s.index.read.QueryRowContext(ctx, `SELECT coalesce(max(id), 0) FROM segments`).Scan(&id)
	return id, err
}

// Hooks lists those of KeepHooks by name.
func (s *Store) Hooks(ctx context.Context) ([]HookRecord, error) {
	rows, err := s.state.read.QueryContext(ctx, `SELECT name, since, segment, done, failed, lost, called, ok, answer,
		(SELECT count(*) FROM hook_calls WHERE hook = name AND settled = 0), (SELECT min(at) FROM hook_calls WHERE hook = name AND settled = 0)
		FROM hooks ORDER BY name`)
	if err != nil {
		return nil, fmt.Errorf("list hooks: %w", err)
	}
	defer rows.Close()
	var list []HookRecord
	for rows.Next() {
		var r HookRecord
		var since int64
		var called, oldest sql.NullInt64
		if err := rows.Scan(&r.Name, &since, &r.Segment, &r.Done, &r.Failed, &r.Lost, &called, &r.OK, &r.Answer, &r.Waiting, &oldest); err != nil {
			return nil, fmt.Errorf("list hooks: %w", err)
		}
		r.Since, r.Called, r.Oldest = time.UnixMicro(since).UTC(), fromMicros(called), fromMicros(oldest)
		list = append(list, r)
	}
	return list, rows.Err()
}

// AddCalls writes calls of a hook down, in one transaction with the place up to which segments are settled, unless
// that is 0. A call whose key is there is there already; one of an end that is settled by its age is none. lost tells how
// many had to go: the oldest that tell no end, and when all do, the oldest.
func (s *Store) AddCalls(ctx context.Context, hook string, calls []HookCall, segment int64) (lost int, err error) {
	err = s.inState(ctx, func(tx *sql.Tx) error {
		for _, c := range calls {
			if _, err := tx.ExecContext(ctx, `INSERT INTO hook_calls (hook, key, ends, at, body, due, settled)
				SELECT ?1, ?2, ?3, ?4, iif(?7, '', ?5), ?6, ?7 FROM hooks WHERE name = ?1 AND (NOT ?3 OR since <= ?4) ON CONFLICT (hook, key) DO NOTHING`,
				hook, c.Key, c.Ends, c.At.UnixMicro(), string(c.Body), c.Due.UnixMicro(), c.Settled); err != nil {
				return err
			}
		}
		if segment > 0 {
			if _, err := tx.ExecContext(ctx, `UPDATE hooks SET segment = ? WHERE name = ?`, segment, hook); err != nil {
				return err
			}
		}
		if lost, err = makeRoom(ctx, tx, hook); err != nil {
			return err
		}
		return forgetSettled(ctx, tx, hook, s.now())
	})
	if err != nil {
		return 0, fmt.Errorf("write calls of hook %s: %w", hook, err)
	}
	return lost, nil
}

// makeRoom holds a hook's waiting calls to MostCalls. An end that goes is settled: its key stays.
func makeRoom(ctx context.Context, tx *sql.Tx, hook string) (lost int, err error) {
	var waiting int
	if err := tx.QueryRowContext(ctx, `SELECT count(*) FROM hook_calls WHERE hook = ? AND settled = 0`, hook).Scan(&waiting); err != nil || waiting <= MostCalls {
		return 0, err
	}
	rows, err := tx.QueryContext(ctx, `SELECT id FROM hook_calls WHERE hook = ? AND settled = 0 ORDER BY ends, id LIMIT ?`, hook, waiting-MostCalls)
	if err != nil {
		return 0, err
	}
	var ids []int64
	for rows.Next() {
		var id int64
		if err := rows.Scan(&id); err != nil {
			rows.Close()
			return 0, err
		}
		ids = append(ids, id)
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		return 0, err
	}
	for _, id := range ids {
		if err := settle(ctx, tx, id); err != nil {
			return 0, err
		}
	}
	_, err = tx.ExecContext(ctx, `UPDATE hooks SET lost = lost + ? WHERE name = ?`, len(ids), hook)
	return len(ids), err
}

// settle ends a call: of an end its key stays, all else goes.
func settle(ctx context.Context, tx *sql.Tx, id int64) error {
	if _, err := tx.ExecContext(ctx, `DELETE FROM hook_calls WHERE id = ? AND ends = 0`, id); err != nil {
		return err
	}
	_, err := tx.ExecContext(ctx, `UPDATE hook_calls SET settled = 1, body = '' WHERE id = ?`, id)
	return err
}

// NextCall is the first that a hook is to make, due or not; ErrUnknown when none waits.
func (s *Store) NextCall(ctx context.Context, hook string) (c HookCall, err error) {
	var at, due int64
	err = s.state.read.QueryRowContext(ctx, `SELECT id, key, ends, at, body, tries, due FROM hook_calls
		WHERE hook = ? AND settled = 0 ORDER BY id LIMIT 1`, hook).Scan(&c.ID, &c.Key, &c.Ends, &at, &c.Body, &c.Tries, &due)
	if err != nil {
		return HookCall{}, fmt.Errorf("next call of hook %s: %w", hook, unknown(err))
	}
	c.At, c.Due = time.UnixMicro(at).UTC(), time.UnixMicro(due).UTC()
	return c, nil
}

// CallDone is how a try went.
type CallDone struct {
	At     time.Time
	OK     bool
	Lost   bool      // it failed, and is not tried again
	Again  time.Time // when it failed, and is tried again
	Answer string    // for people
}

// EndCall writes down how a try of a hook's call went.
func (s *Store) EndCall(ctx context.Context, hook string, c HookCall, d CallDone) error {
	const most = 1000 // bytes of an answer
	err := s.inState(ctx, func(tx *sql.Tx) (err error) {
		if d.OK || d.Lost {
			err = settle(ctx, tx, c.ID)
		} else {
			_, err = tx.ExecContext(ctx, `UPDATE hook_calls SET tries = tries + 1, due = ? WHERE id = ?`, d.Again.UnixMicro(), c.ID)
		}
		if err != nil {
			return err
		}
		answer := strings.ToValidUTF8(d.Answer[:min(len(d.Answer), most)], "")
		if _, err := tx.ExecContext(ctx, `UPDATE hooks SET done = done + ?, failed = failed + ?, lost = lost + ?, called = ?, ok = ?, answer = ? WHERE name = ?`,
			d.OK, !d.OK, d.Lost, d.At.UnixMicro(), d.OK, answer, hook); err != nil {
			return err
		}
		return forgetSettled(ctx, tx, hook, d.At)
	})
	if err != nil {
		return fmt.Errorf("write how call %d of hook %s went: %w", c.ID, hook, err)
	}
	return nil
}

// forgetSettled forgets the keys of ends that are too old or too many. What is as old as they are is settled from
// then on, told or not: so none is ever told twice.
func forgetSettled(ctx context.Context, tx *sql.Tx, hook string, now time.Time) error {
	before := now.Add(-SettledFor).UnixMicro()
	var last int64
	err := tx.QueryRowContext(ctx, `SELECT at FROM hook_calls WHERE hook = ? AND settled = 1 ORDER BY at DESC LIMIT 1 OFFSET ?`, hook, mostSettled).Scan(&last)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	before = max(before, last+1)
	if _, err := tx.ExecContext(ctx, `DELETE FROM hook_calls WHERE hook = ? AND settled = 1 AND at < ?`, hook, before); err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `UPDATE hooks SET since = max(since, ?) WHERE name = ?`, before, hook)
	return err
}

// Ended lists ends of events in committed segments, of kind camera.Ended, in the order in which they came to the
// index: those behind a row that happened then or later.
func (v *View) Ended(ctx context.Context, behind int64, since time.Time, limit int) ([]EventRecord, error) {
	rows, err := v.index.read.QueryContext(ctx, `SELECT `+eventColumns+` FROM events
		WHERE id > ? AND at >= ? AND begin IS NOT NULL ORDER BY id LIMIT ?`, behind, since.UnixMicro(), limit)
	if err != nil {
		return nil, fmt.Errorf("list ends of events: %w", err)
	}
	list, err := scanEvents(rows)
	if err != nil {
		return nil, fmt.Errorf("list ends of events: %w", err)
	}
	return list, nil
}

// SegmentsBehind lists segments in the order of their commits: those behind one with this SegmentRecord.ID. Those that
// were thinned are left out: they have an ID of then, and are not new.
func (v *View) SegmentsBehind(ctx context.Context, id int64, limit int) ([]SegmentRecord, error) {
	list, err := v.listSegments(ctx, `id > ? AND thin_rate = 0 ORDER BY id LIMIT ?`, id, limit)
	if err != nil {
		return nil, fmt.Errorf("list segments behind %d: %w", id, err)
	}
	return list, nil
}

// FileAt is the path of the committed segment of a camera that has a moment; ErrNoFootage when none has.
func (s *Store) FileAt(ctx context.Context, id camera.ID, at time.Time) (string, error) {
	list, err := s.Segments(ctx, SegmentQuery{Camera: id, From: at.Add(-time.Microsecond), To: at.Add(time.Microsecond)})
	if err == nil && len(list) == 0 {
		err = ErrNoFootage
	}
	if err != nil {
		return "", fmt.Errorf("file of camera %s: %w", id, err)
	}
	return s.Path(list[len(list)-1]), nil
}
