package storage

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Token lets a program use the API. Times are UTC; zero is never.
type Token struct {
	ID      int64 // never given twice
	Name    string
	Scopes  []string // what they mean is not storage's
	Cameras CameraSet
	Owner   *User // who made it, and may no more than that; nil: made at the command line
	Created time.Time
	Used    time.Time // to within the time between two calls of TokenUsed
	Expires time.Time
}

var scopeName = func(scope string) bool {
	return scope != "" && len(scope) <= 32 && strings.Trim(scope, "abcdefghijklmnopqrstuvwxyz-") == ""
}

// AddToken writes a token down by the SHA-256 of it. ErrTaken, ErrTooMany or ErrMalformed, wrapped,
// when that cannot be.
func (a *Accounts) AddToken(ctx context.Context, t Token, hash [32]byte) (Token, error) {
	if err := checkAccountName(t.Name); err != nil {
		return Token{}, err
	}
	if len(t.Scopes) == 0 || slices.ContainsFunc(t.Scopes, func(s string) bool { return !scopeName(s) }) {
		return Token{}, fmt.Errorf("scopes %.80q: %w: want words of lower-case letters", t.Scopes, ErrMalformed)
	}
	t.Scopes = slices.Clone(t.Scopes)
	slices.Sort(t.Scopes)
	t.Scopes = slices.Compact(t.Scopes)
	var owner any
	if t.Owner != nil {
		owner = t.Owner.ID
	}
	t.Created = utcMicros(t.Created)
	if !t.Expires.IsZero() {
		t.Expires = utcMicros(t.Expires)
	}
	err := a.change(ctx, func(tx *sql.Tx) error {
		if err := room(ctx, tx, `SELECT count(*) FROM tokens`, maxTokens); err != nil {
			return err
		}
		return tx.QueryRowContext(ctx, `INSERT INTO tokens (name, hash, scopes, cameras, owner, created, expires) VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING id`,
			t.Name, hash[:], strings.Join(t.Scopes, " "), t.Cameras.String(), owner, t.Created.UnixMicro(), toMicros(t.Expires)).Scan(&t.ID)
	})
	if err != nil {
		return Token{}, fmt.Errorf("add token %s: %w", t.Name, err)
	}
	return t, nil
}

// Tokens lists the tokens by name, those that have expired among them.
func (a *Accounts) Tokens(ctx context.Context) ([]Token, error) {
	list, err := a.tokens(ctx, `1 ORDER BY tokens.name`)
	if err != nil {
		return nil, fmt.Errorf("list tokens: %w", err)
	}
	return list, nil
}

// Token finds a token by its hash. ErrUnknown when there is none, or it has expired.
func (a *Accounts) Token(ctx context.Context, hash [32]byte, now time.Time) (Token, error) {
	list, err := a.tokens(ctx, `hash = ? AND (expires IS NULL OR expires > ?)`, hash[:], now.UnixMicro())
	if err == nil && len(list) == 0 {
		err = ErrUnknown
	}
	if err != nil {
		return Token{}, fmt.Errorf("find token: %w", err)
	}
	return list[0], nil
}

func (a *Accounts) tokens(ctx context.Context, where string, args ...any) ([]Token, error) {
	rows, err := a.state.read.QueryContext(ctx, `SELECT tokens.id, tokens.name, tokens.scopes, tokens.cameras, tokens.created, used, expires,
		users.id, users.name, users.role, users.cameras
		FROM tokens LEFT JOIN users ON users.id = tokens.owner WHERE `+where, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []Token
	for rows.Next() {
		var t Token
		var scopes, cameras string
		var created int64
		var used, expires, owner sql.NullInt64
		var name, role, reach sql.NullString
		if err := rows.Scan(&t.ID, &t.Name, &scopes, &cameras, &created, &used, &expires, &owner, &name, &role, &reach); err != nil {
			return nil, err
		}
		t.Scopes, t.Cameras = strings.Fields(scopes), parseCameraSet(cameras)
		t.Created, t.Used, t.Expires = time.UnixMicro(created).UTC(), fromMicros(used), fromMicros(expires)
		if owner.Valid {
			t.Owner = &User{ID: owner.Int64, Name: name.String, Role: Role(role.String), Cameras: parseCameraSet(reach.String)}
		}
		list = append(list, t)
	}
	return list, rows.Err()
}

// TokenUsed notes when a token was used last.
func (a *Accounts) TokenUsed(ctx context.Context, id int64, at time.Time) error {
	if _, err := a.state.write.ExecContext(ctx, `UPDATE tokens SET used = ? WHERE id = ?`, at.UnixMicro(), id); err != nil {
		return fmt.Errorf("note use of a token: %w", err)
	}
	return nil
}

// RevokeToken takes a token away, by its name. ErrUnknown, wrapped, without one.
func (a *Accounts) RevokeToken(ctx context.Context, name string) error {
	err := a.state.write.QueryRowContext(ctx, `DELETE FROM tokens WHERE name = ? RETURNING name`, name).Scan(&name)
	if errors.Is(err, sql.ErrNoRows) {
		err = ErrUnknown
	}
	if err != nil {
		return fmt.Errorf("revoke token %.80q: %w", name, err)
	}
	return nil
}

// toMicros is NULL for the zero time.
func toMicros(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UnixMicro()
}
