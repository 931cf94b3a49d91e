package storage

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"
	"time"

	"v720dvr/camera"
)

// MaxSeen bounds the events of which is written down that a user has seen them: 25 days of 2000, some 3 MB. Beyond it
// the oldest are forgotten, and all that began before them counts as seen.
const MaxSeen = 50_000

// Seen is what a user has seen of the events of a time. The zero value: nothing.
type Seen struct {
	before int64 // what began then or before is seen; µs since 1970
	any    bool  // before holds
	of     map[sight]struct{}
}

// A sight is an event as it is known for ever: a reindex gives it another number, and the same begin.
type sight struct {
	camera camera.ID
	kind   camera.EventKind
	at     int64
}

func sightOf(e EventRecord) sight { return sight{e.Camera, e.Kind, e.At.UnixMicro()} }

// Has tells whether an event is seen.
func (s Seen) Has(e EventRecord) bool {
	if s.any && e.At.UnixMicro() <= s.before {
		return true
	}
	_, ok := s.of[sightOf(e)]
	return ok
}

// Seen looks up what a user has seen of the events that began in [from, to); a zero time does not restrict.
// User 0 is whoever comes where nobody logs in.
func (a *Accounts) Seen(ctx context.Context, user int64, from, to time.Time) (Seen, error) {
	first, last := int64(math.MinInt64), int64(math.MaxInt64)
	if !from.IsZero() {
		first = from.UnixMicro()
	}
	if !to.IsZero() {
		last = to.UnixMicro()
	}
	s, err := readSeen(ctx, a.state.read, user, first, last)
	if err != nil {
		return Seen{}, fmt.Errorf("look up what was seen: %w", err)
	}
	return s, nil
}

// asks is a database, or a transaction in one.
type asks interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

func readSeen(ctx context.Context, db asks, user, from, to int64) (s Seen, err error) {
	err = db.QueryRowContext(ctx, `SELECT at FROM seen_before WHERE user = ?`, user).Scan(&s.before)
	if s.any = err == nil; err != nil && !errors.Is(err, sql.ErrNoRows) {
		return s, err
	}
	rows, err := db.QueryContext(ctx, `SELECT camera, kind, at FROM seen WHERE user = ? AND at >= ? AND at < ?`, user, from, to)
	if err != nil {
		return s, err
	}
	defer rows.Close()
	s.of = make(map[sight]struct{})
	for rows.Next() {
		var of sight
		if err := rows.Scan(&of.camera, &of.kind, &of.at); err != nil {
			return s, err
		}
		s.of[of] = struct{}{}
	}
	return s, rows.Err()
}

// MarkSeen writes down that a user has seen events, or has not; all of them, or with an error none. It returns those that
// were otherwise before, in their order: what undoing it is about. An event that is so old that it counts as seen
// stays so. ErrUnknown, wrapped, when there is no such user.
func (a *Accounts) MarkSeen(ctx context.Context, user int64, events []EventRecord, seen bool) (changed []EventRecord, err error) {
	if len(events) == 0 {
		return nil, nil
	}
	err = a.change(ctx, func(tx *sql.Tx) error {
		if user != 0 {
			var is int
			if err := tx.QueryRowContext(ctx, `SELECT 1 FROM users WHERE id = ?`, user).Scan(&is); err != nil {
				return unknown(err)
			}
		}
		statement, err := tx.PrepareContext(ctx, map[bool]string{
			true:  `INSERT INTO seen (user, at, camera, kind) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING`,
			false: `DELETE FROM seen WHERE user = ? AND at = ? AND camera = ? AND kind = ?`,
		}[seen])
		if err != nil {
			return err
		}
		defer statement.Close()
		before, err := readSeen(ctx, tx, user, 0, 0) // how old is seen anyway
		if err != nil {
			return err
		}
		for _, e := range events {
			if before.Has(e) {
				continue
			}
			result, err := statement.ExecContext(ctx, user, e.At.UnixMicro(), e.Camera, e.Kind)
			if err != nil {
				return err
			}
			if n, err := result.RowsAffected(); err != nil {
				return err
			} else if n > 0 {
				changed = append(changed, e)
			}
		}
		return forgetSeen(ctx, tx, user)
	})
	if err != nil {
		return nil, fmt.Errorf("mark events as seen: %w", err)
	}
	return changed, nil
}

// forgetSeen makes one moment of a user's oldest rows when there are too many, a tenth of them at once. Of a
// moment all rows go: they are behind what counts as seen.
func forgetSeen(ctx context.Context, tx *sql.Tx, user int64) error {
	var rows int64
	if err := tx.QueryRowContext(ctx, `SELECT count(*) FROM seen WHERE user = ?`, user).Scan(&rows); err != nil || rows <= MaxSeen {
		return err
	}
	if _, err := tx.ExecContext(ctx, `INSERT INTO seen_before (user, at)
		SELECT ?1, at FROM seen WHERE user = ?1 ORDER BY at LIMIT 1 OFFSET ?2
		ON CONFLICT (user) DO UPDATE SET at = max(at, excluded.at)`, user, rows-MaxSeen+MaxSeen/10); err != nil {
		return err
	}
	_, err := tx.ExecContext(ctx, `DELETE FROM seen WHERE user = ?1 AND at <= (SELECT at FROM seen_before WHERE user = ?1)`, user)
	return err
}

// Mark is a text that becomes another one when something else was seen.
func (s Seen) Mark() string {
	var sum int64
	for of := range s.of {
		sum += of.at // the moments of as many others make another sum
	}
	return fmt.Sprintf("%d %d %d ", s.before, len(s.of), sum)
}
