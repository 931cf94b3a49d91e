package storage

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"v720dvr/camera"
)

// Keep is a span of a camera's time that retention leaves alone: while it is in force no rule deletes
// a segment that overlaps it, also not one that comes later. Times are UTC, to a microsecond.
type Keep struct {
	ID       int64 // never given twice
	Camera   camera.ID
	From, To time.Time
	Note     string    // a line of MaxKeepNote bytes at most
	Until    time.Time // when it is over by itself; zero: when it is ended
	Who      string    // made it, as AuditEntry.Who
	Made     time.Time
	Held     Held
}

// Holds tells whether the keep is in force by the wall clock's now.
func (k Keep) Holds(now time.Time) bool { return k.Until.IsZero() || now.Before(k.Until) }

// Bounds of keeps. As many as there may be are read in 24 ms, and what they hold is summed in 0.2 s.
const (
	MaxKeeps    = 10_000
	MaxKeepNote = 500 // bytes
)

// KeepChange says what of a keep is to become another; nil stays.
type KeepChange struct {
	Note  *string
	Until *time.Time // zero: it is over when it is ended
}

// Keep begins a keep; its ID, Made and Held are found out here. When it returns the keep is on disk, and
// from then on nothing that it holds is deleted: what is just being deleted is waited for. ErrMalformed or
// ErrTooMany, wrapped, when it cannot be.
func (s *Store) Keep(ctx context.Context, k Keep) (Keep, error) {
	s.keeping.Lock()
	k, err := writeKeep(ctx, s.state.write, k, s.now())
	s.keeping.Unlock()
	if err == nil {
		k.Held, err = s.held(ctx, k)
	}
	if err != nil {
		return Keep{}, fmt.Errorf("keep footage of camera %s: %w", k.Camera, err)
	}
	return k, nil
}

// ChangeKeep changes a keep. ErrUnknown or ErrMalformed, wrapped, when it cannot.
func (s *Store) ChangeKeep(ctx context.Context, id int64, change KeepChange) (Keep, error) {
	s.keeping.Lock()
	err := changeKeep(ctx, s.state.write, id, change, s.now())
	s.keeping.Unlock()
	if err != nil {
		return Keep{}, fmt.Errorf("change keep %d: %w", id, err)
	}
	return s.FindKeep(ctx, id)
}

// Unkeep ends a keep. ErrUnknown, wrapped, without one.
func (s *Store) Unkeep(ctx context.Context, id int64) error {
	if err := eraseKeep(ctx, s.state.write, id); err != nil {
		return fmt.Errorf("end keep %d: %w", id, err)
	}
	return nil
}

// check says what is wrong with a keep that is to begin now.
func (k Keep) check(now time.Time) error {
	switch {
	case k.Camera == "":
		return fmt.Errorf("%w: it names no camera", ErrMalformed)
	case !k.From.Before(k.To):
		return fmt.Errorf("%w: it ends before it begins", ErrMalformed)
	case k.From.Year() < 1970 || k.To.Year() > 9999: // microseconds of SQLite's integers reach further
		return fmt.Errorf("%w: want a span between the years 1970 and 9999", ErrMalformed)
	case !k.Holds(now):
		return fmt.Errorf("%w: it would be over already", ErrMalformed)
	case k.Until.Year() > 9999:
		return fmt.Errorf("%w: want an end before the year 10000", ErrMalformed)
	}
	return checkNote(k.Note)
}

func checkNote(note string) error {
	if len(note) > MaxKeepNote || !utf8.ValidString(note) || strings.ContainsFunc(note, unicode.IsControl) {
		return fmt.Errorf("%w: want a note of one line, %d bytes at most", ErrMalformed, MaxKeepNote)
	}
	return nil
}

func writeKeep(ctx context.Context, db *sql.DB, k Keep, now time.Time) (Keep, error) {
	k.From, k.To, k.Made = utcMicros(k.From), utcMicros(k.To), utcMicros(now)
	if !k.Until.IsZero() {
		k.Until = utcMicros(k.Until)
	}
	if err := k.check(now); err != nil {
		return k, err
	}
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return k, err
	}
	defer tx.Rollback()
	if err := forgetKeeps(ctx, tx, now); err != nil {
		return k, err
	}
	if err := tx.QueryRowContext(ctx, `INSERT INTO keeps (camera, "from", "to", note, until, who, made) VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING id`,
		k.Camera, k.From.UnixMicro(), k.To.UnixMicro(), k.Note, toMicros(k.Until), k.Who, k.Made.UnixMicro()).Scan(&k.ID); err != nil {
		return k, err
	}
	return k, tx.Commit()
}

// forgetKeeps makes room for one more. A keep that is over stays written down for a month, as a pause
// does (runOutKept), and less when there are too many.
func forgetKeeps(ctx context.Context, tx *sql.Tx, now time.Time) error {
	for _, over := range []time.Time{now.Add(-runOutKept), now} {
		if _, err := tx.ExecContext(ctx, `DELETE FROM keeps WHERE until <= ?`, over.UnixMicro()); err != nil {
			return err
		}
		if err := room(ctx, tx, `SELECT count(*) FROM keeps`, MaxKeeps); !errors.Is(err, ErrTooMany) {
			return err
		}
	}
	return fmt.Errorf("%w: %d keeps in force", ErrTooMany, MaxKeeps)
}

func changeKeep(ctx context.Context, db *sql.DB, id int64, change KeepChange, now time.Time) error {
	set, args := []string{"id = id"}, []any(nil)
	if change.Note != nil {
		if err := checkNote(*change.Note); err != nil {
			return err
		}
		set, args = append(set, `note = ?`), append(args, *change.Note)
	}
	if until := change.Until; until != nil {
		if !until.IsZero() && !until.After(now) || until.Year() > 9999 {
			return fmt.Errorf("%w: want an end behind now; a keep is ended by taking it away", ErrMalformed)
		}
		set, args = append(set, `until = ?`), append(args, toMicros(*until))
	}
	return oneKeep(db.ExecContext(ctx, `UPDATE keeps SET `+strings.Join(set, ", ")+` WHERE id = ?`, append(args, id)...))
}

func eraseKeep(ctx context.Context, db *sql.DB, id int64) error {
	return oneKeep(db.ExecContext(ctx, `DELETE FROM keeps WHERE id = ?`, id))
}

// oneKeep makes ErrUnknown of a change that found no row.
func oneKeep(result sql.Result, err error) error {
	if err != nil {
		return err
	}
	if n, err := result.RowsAffected(); err != nil || n == 0 {
		return errors.Join(err, ErrUnknown)
	}
	return nil
}
