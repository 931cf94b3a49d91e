package storage

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"

	"modernc.org/sqlite"
)

// Accounts is the part of state.sqlite that says who may use page and API, what they set and what
// they did: users, sessions, tokens, settings, the audit log, and the keys of all this.
type Accounts struct {
	state *database
	own   bool // opened for this alone
}

// Accounts returns those of the store. They live as long as it.
func (s *Store) Accounts() *Accounts { return &Accounts{state: s.state} }

// OpenAccounts opens those of a data folder for a process of its own, beside a recorder or without
// one: it takes no lock but SQLite's. The folder must have been opened by this version of the
// program before. Close it.
func OpenAccounts(ctx context.Context, dir string) (_ *Accounts, err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("open accounts of data folder %s: %w", dir, err)
		}
	}()
	if dir, err = filepath.Abs(dir); err != nil {
		return nil, err
	}
	if err := holdsRecordings(dir); err != nil {
		return nil, err
	}
	path := filepath.Join(dir, stateFile)
	state, err := openDatabaseReadOnly(ctx, path, "state") // it migrates nothing under a running recorder
	if err != nil {
		return nil, err
	}
	if state.write, err = openWriter(path, syncFull); err != nil {
		state.read.Close()
		return nil, err
	}
	return &Accounts{state: state, own: true}, nil
}

// Close closes what OpenAccounts opened.
func (a *Accounts) Close() error {
	if !a.own {
		return nil
	}
	return a.state.Close()
}

// change does something in one transaction.
func (a *Accounts) change(ctx context.Context, do func(*sql.Tx) error) error {
	tx, err := a.state.write.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	if err := do(tx); err != nil {
		return taken(err)
	}
	return tx.Commit()
}

// room says ErrTooMany when a count has reached its bound.
func room(ctx context.Context, tx *sql.Tx, count string, most int) error {
	var n int
	err := tx.QueryRowContext(ctx, count).Scan(&n)
	if err == nil && n >= most {
		err = fmt.Errorf("%w: %d", ErrTooMany, n)
	}
	return err
}

// unknown makes ErrUnknown of a query without a row.
func unknown(err error) error {
	if errors.Is(err, sql.ErrNoRows) {
		return ErrUnknown
	}
	return err
}

// taken makes ErrTaken of a second row of a name (sqlite.org/rescode.html#constraint_unique).
func taken(err error) error {
	const unique = 2067 // SQLITE_CONSTRAINT_UNIQUE
	var failed *sqlite.Error
	if errors.As(err, &failed) && failed.Code() == unique {
		return ErrTaken
	}
	return err
}

// Key returns the key of a name, drawing it with draw when there is none yet.
func (a *Accounts) Key(ctx context.Context, name string, draw func() ([]byte, error)) (key []byte, err error) {
	err = a.change(ctx, func(tx *sql.Tx) error {
		err := tx.QueryRowContext(ctx, `SELECT key FROM keys WHERE name = ?`, keyPrefix+name).Scan(&key)
		if !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		if key, err = draw(); err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `INSERT INTO keys (name, key) VALUES (?, ?)`, keyPrefix+name, key)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("look up key %s: %w", name, err)
	}
	return key, nil
}

// SetKey keeps a key under a name, whether there is one or not.
func (a *Accounts) SetKey(ctx context.Context, name string, key []byte) error {
	if _, err := a.state.write.ExecContext(ctx, `INSERT INTO keys (name, key) VALUES (?, ?)
		ON CONFLICT (name) DO UPDATE SET key = excluded.key`, keyPrefix+name, key); err != nil {
		return fmt.Errorf("keep key %s: %w", name, err)
	}
	return nil
}

// keyPrefix keeps these apart from the box's own key of the cameras' secrets.
const keyPrefix = "web."
