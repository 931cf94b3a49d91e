package storage

import (
	"context"
	"database/sql"
	"fmt"
	"time"
)

// AddUser adds a user with the hash of a password. ErrTaken, ErrTooMany or ErrMalformed, wrapped, when
// that cannot be.
func (a *Accounts) AddUser(ctx context.Context, u User, password string, at time.Time) (User, error) {
	if err := checkAccountName(u.Name); err != nil {
		return User{}, err
	}
	if err := checkRole(u.Role); err != nil {
		return User{}, err
	}
	err := a.change(ctx, func(tx *sql.Tx) (err error) {
		if err := room(ctx, tx, `SELECT count(*) FROM users`, maxUsers); err != nil {
			return err
		}
		u, err = insertUser(ctx, tx, u, password, at)
		return err
	})
	if err != nil {
		return User{}, fmt.Errorf("add user %s: %w", u.Name, err)
	}
	return u, nil
}

// FirstUser adds an admin when there is no user at all.
func (a *Accounts) FirstUser(ctx context.Context, name, password string, at time.Time) (added bool, err error) {
	err = a.change(ctx, func(tx *sql.Tx) error {
		var any bool
		if err := tx.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM users)`).Scan(&any); err != nil || any {
			return err
		}
		added = true
		_, err := insertUser(ctx, tx, User{Name: name, Role: RoleAdmin, Cameras: AllCameras}, password, at)
		return err
	})
	if err != nil {
		return false, fmt.Errorf("add the first user: %w", err)
	}
	return added, nil
}

func insertUser(ctx context.Context, tx *sql.Tx, u User, password string, at time.Time) (User, error) {
	return scanUser(tx.QueryRowContext(ctx, `INSERT INTO users (name, password, role, cameras, created, changed)
		VALUES (?1, ?2, ?3, ?4, ?5, ?5) RETURNING id, name, role, cameras, created, changed`,
		u.Name, password, u.Role, u.Cameras.String(), at.UnixMicro()))
}

// ChangeUser changes role and cameras of the user with u's name. ErrUnknown and ErrLastAdmin, wrapped.
func (a *Accounts) ChangeUser(ctx context.Context, u User) (changed User, err error) {
	if err := checkRole(u.Role); err != nil {
		return User{}, err
	}
	err = a.change(ctx, func(tx *sql.Tx) error {
		if changed, err = scanUser(tx.QueryRowContext(ctx, `UPDATE users SET role = ?, cameras = ? WHERE name = ?
			RETURNING id, name, role, cameras, created, changed`, u.Role, u.Cameras.String(), u.Name)); err != nil {
			return unknown(err)
		}
		return anAdminIsLeft(ctx, tx)
	})
	if err != nil {
		return User{}, fmt.Errorf("change user %.80q: %w", u.Name, err)
	}
	return changed, nil
}

// SetPassword gives a user another password, by its hash, and ends all sessions of that user: who
// was in with the old one is out.
func (a *Accounts) SetPassword(ctx context.Context, name, password string, at time.Time) error {
	err := a.change(ctx, func(tx *sql.Tx) error {
		var id int64
		err := tx.QueryRowContext(ctx, `UPDATE users SET password = ?, changed = ? WHERE name = ? RETURNING id`, password, at.UnixMicro(), name).Scan(&id)
		if err != nil {
			return unknown(err)
		}
		_, err = tx.ExecContext(ctx, `DELETE FROM sessions WHERE user = ?`, id)
		return err
	})
	if err != nil {
		return fmt.Errorf("set password of user %.80q: %w", name, err)
	}
	return nil
}

// Rehash replaces the hash of the same password by one of another cost, unless it was changed meanwhile.
func (a *Accounts) Rehash(ctx context.Context, id int64, was, password string) error {
	if _, err := a.state.write.ExecContext(ctx, `UPDATE users SET password = ? WHERE id = ? AND password = ?`, password, id, was); err != nil {
		return fmt.Errorf("write hash of a password: %w", err)
	}
	return nil
}

// RemoveUser removes a user, and with it its sessions and tokens. ErrUnknown and ErrLastAdmin, wrapped.
func (a *Accounts) RemoveUser(ctx context.Context, name string) error {
	err := a.change(ctx, func(tx *sql.Tx) error {
		if err := tx.QueryRowContext(ctx, `DELETE FROM users WHERE name = ? RETURNING name`, name).Scan(&name); err != nil {
			return unknown(err)
		}
		return anAdminIsLeft(ctx, tx)
	})
	if err != nil {
		return fmt.Errorf("remove user %.80q: %w", name, err)
	}
	return nil
}

func anAdminIsLeft(ctx context.Context, tx *sql.Tx) error {
	var left bool
	err := tx.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM users WHERE role = ?)`, RoleAdmin).Scan(&left)
	if err == nil && !left {
		err = ErrLastAdmin
	}
	return err
}
