package storage

import (
	"context"
	"database/sql"
	"fmt"
	"time"
)

// Session is a user logged in at one browser. Times are UTC.
type Session struct {
	Hash    [32]byte // SHA-256 of what the browser's cookie holds
	User    int64
	Begun   time.Time
	Used    time.Time // to within the time between two calls of ProlongSession
	Expires time.Time
	Address string
	Agent   string // what the browser calls itself; beyond mostAgent bytes it is cut off
}

const (
	maxSessions = 64 // of a user; the one begun first ends for a new one
	mostAgent   = 200
)

// BeginSession writes a session down. It takes the places of those that have expired.
func (a *Accounts) BeginSession(ctx context.Context, s Session) error {
	err := a.change(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, `DELETE FROM sessions WHERE expires <= ?`, s.Begun.UnixMicro()); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `DELETE FROM sessions WHERE hash IN
			(SELECT hash FROM sessions WHERE user = ? ORDER BY begun DESC LIMIT -1 OFFSET ?)`, s.User, maxSessions-1); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, `INSERT INTO sessions (hash, user, begun, used, expires, address, agent) VALUES (?, ?, ?, ?, ?, ?, ?)`,
			s.Hash[:], s.User, s.Begun.UnixMicro(), s.Begun.UnixMicro(), s.Expires.UnixMicro(), s.Address, cut(s.Agent, mostAgent))
		return err
	})
	if err != nil {
		return fmt.Errorf("begin session: %w", err)
	}
	return nil
}

// Session finds the session of a hash, and whose it is. ErrUnknown when there is none, or it has
// expired.
func (a *Accounts) Session(ctx context.Context, hash [32]byte, now time.Time) (s Session, u User, err error) {
	var begun, used, expires int64
	u, err = scanUser(a.state.read.QueryRowContext(ctx, `SELECT `+userColumns+`, begun, used, expires, address, agent
		FROM sessions JOIN users ON users.id = sessions.user WHERE hash = ? AND expires > ?`, hash[:], now.UnixMicro()),
		&begun, &used, &expires, &s.Address, &s.Agent)
	if err != nil {
		return Session{}, User{}, fmt.Errorf("find session: %w", unknown(err))
	}
	s.Hash, s.User = hash, u.ID
	s.Begun, s.Used, s.Expires = time.UnixMicro(begun).UTC(), time.UnixMicro(used).UTC(), time.UnixMicro(expires).UTC()
	return s, u, nil
}

// ProlongSession notes that a session was used, and lets it last longer. One that has ended stays so.
func (a *Accounts) ProlongSession(ctx context.Context, hash [32]byte, used, expires time.Time) error {
	if _, err := a.state.write.ExecContext(ctx, `UPDATE sessions SET used = ?, expires = ? WHERE hash = ?`, used.UnixMicro(), expires.UnixMicro(), hash[:]); err != nil {
		return fmt.Errorf("prolong session: %w", err)
	}
	return nil
}

// EndSession ends a session. One that has ended already is no error.
func (a *Accounts) EndSession(ctx context.Context, hash [32]byte) error {
	if _, err := a.state.write.ExecContext(ctx, `DELETE FROM sessions WHERE hash = ?`, hash[:]); err != nil {
		return fmt.Errorf("end session: %w", err)
	}
	return nil
}

// EndSessions ends all sessions of a user, and tells how many there were.
func (a *Accounts) EndSessions(ctx context.Context, name string) (ended int64, err error) {
	result, err := a.state.write.ExecContext(ctx, `DELETE FROM sessions WHERE user = (SELECT id FROM users WHERE name = ?)`, name)
	if err == nil {
		ended, err = result.RowsAffected()
	}
	if err != nil {
		return 0, fmt.Errorf("end sessions of user %.80q: %w", name, err)
	}
	return ended, nil
}

// cut cuts a text from elsewhere to a length in bytes, and makes it one that SQLite and JSON take.
func cut(text string, most int) string {
	return validText(text[:min(len(text), most)])
}
