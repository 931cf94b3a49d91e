package storage

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
)

// mostPreferences bounds what is kept of a user, in bytes: the order of 256 cameras, and little more.
const mostPreferences = 12 << 10

// Preferences is how a user has arranged the page, JSON as SetPreferences was given it; nil when nothing
// is arranged. User 0 is whoever comes where nobody logs in.
func (a *Accounts) Preferences(ctx context.Context, user int64) (json.RawMessage, error) {
	var value string
	err := a.state.read.QueryRowContext(ctx, `SELECT value FROM preferences WHERE user = ?`, user).Scan(&value)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("look up preferences: %w", err)
	}
	return json.RawMessage(value), nil
}

// SetPreferences keeps them, in place of those before. They end with the user. ErrUnknown, wrapped, when
// there is no such user; ErrMalformed when it is no JSON, or too much of it.
func (a *Accounts) SetPreferences(ctx context.Context, user int64, value json.RawMessage) error {
	err := a.change(ctx, func(tx *sql.Tx) error {
		if len(value) > mostPreferences || !json.Valid(value) {
			return fmt.Errorf("%d bytes: %w", len(value), ErrMalformed)
		}
		if user != 0 {
			var is int
			if err := tx.QueryRowContext(ctx, `SELECT 1 FROM users WHERE id = ?`, user).Scan(&is); err != nil {
				return unknown(err)
			}
		}
		_, err := tx.ExecContext(ctx, `INSERT INTO preferences (user, value) VALUES (?, ?)
			ON CONFLICT (user) DO UPDATE SET value = excluded.value`, user, string(value))
		return err
	})
	if err != nil {
		return fmt.Errorf("keep preferences: %w", err)
	}
	return nil
}
