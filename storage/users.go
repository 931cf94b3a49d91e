package storage

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"regexp"
	"time"
)

// Role says what a user may do.
type Role string

// The roles. The texts stand in state.sqlite: they never change.
const (
	RoleAdmin  Role = "admin"  // everything
	RoleViewer Role = "viewer" // see and hear the cameras of their CameraSet, now and recorded
)

// User is a person who may use page and API. Times are UTC.
type User struct {
	ID      int64 // never given twice
	Name    string
	Role    Role
	Cameras CameraSet // of a viewer; an admin has all
	Created time.Time
	Changed time.Time // the password
}

// What is wrong with a change of users or tokens. Each is wrapped in a sentence.
var (
	ErrUnknown   = errors.New("there is none of this name or number")
	ErrTaken     = errors.New("this name is taken")
	ErrLastAdmin = errors.New("the last admin stays one: make another one first")
	ErrTooMany   = errors.New("there are as many as there may be")
	ErrMalformed = errors.New("malformed")
)

const (
	maxUsers  = 256
	maxTokens = 256
)

// names that users and tokens may have. They stand in logs, URLs and the audit log.
var accountName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._@-]{0,63}$`)

func checkAccountName(name string) error {
	if accountName.MatchString(name) {
		return nil
	}
	return fmt.Errorf("name %.80q: %w: want 1 to 64 letters, digits and ._@-, with a letter or digit first", name, ErrMalformed)
}

func checkRole(role Role) error {
	if role == RoleAdmin || role == RoleViewer {
		return nil
	}
	return fmt.Errorf("role %.20q: %w: want admin or viewer", role, ErrMalformed)
}

const userColumns = `users.id, users.name, users.role, users.cameras, users.created, users.changed`

func scanUser(row interface{ Scan(...any) error }, more ...any) (u User, err error) {
	var cameras string
	var created, changed int64
	if err := row.Scan(append([]any{&u.ID, &u.Name, &u.Role, &cameras, &created, &changed}, more...)...); err != nil {
		return User{}, err
	}
	u.Cameras = parseCameraSet(cameras)
	u.Created, u.Changed = time.UnixMicro(created).UTC(), time.UnixMicro(changed).UTC()
	return u, nil
}

// Users lists the users by name.
func (a *Accounts) Users(ctx context.Context) ([]User, error) {
	rows, err := a.state.read.QueryContext(ctx, `SELECT `+userColumns+` FROM users ORDER BY name`)
	if err != nil {
		return nil, fmt.Errorf("list users: %w", err)
	}
	defer rows.Close()
	var list []User
	for rows.Next() {
		u, err := scanUser(rows)
		if err != nil {
			return nil, fmt.Errorf("list users: %w", err)
		}
		list = append(list, u)
	}
	return list, rows.Err()
}

// User finds a user by name, whatever its case, with the hash of the password. ErrUnknown without one.
func (a *Accounts) User(ctx context.Context, name string) (u User, password string, err error) {
	u, err = scanUser(a.state.read.QueryRowContext(ctx, `SELECT `+userColumns+`, users.password FROM users WHERE name = ?`, name), &password)
	if errors.Is(err, sql.ErrNoRows) {
		err = ErrUnknown
	}
	if err != nil {
		return User{}, "", fmt.Errorf("find user %.80q: %w", name, err)
	}
	return u, password, nil
}
