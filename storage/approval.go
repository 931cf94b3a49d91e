package storage

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"v720dvr/camera"
)

// Approved tells whether a camera may be recorded where new cameras wait for a person: one said
// yes to it, or it registered while every camera was accepted.
func (v *View) Approved(ctx context.Context, id camera.ID) (bool, error) {
	var approved bool
	err := v.state.read.QueryRowContext(ctx, `SELECT accepted IS NOT NULL OR approved IS NOT NULL FROM cameras WHERE id = ?`, id).Scan(&approved)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return false, fmt.Errorf("read approval of camera %s: %w", id, err)
	}
	return approved, nil
}

// Approve notes that a person said yes to a camera, whether it was seen or not.
func (s *Store) Approve(ctx context.Context, id camera.ID, at time.Time) error {
	err := s.inState(ctx, func(tx *sql.Tx) error { return writeApproval(ctx, tx, id, at) })
	if err != nil {
		return fmt.Errorf("approve camera %s: %w", id, err)
	}
	return nil
}

func writeApproval(ctx context.Context, db executor, id camera.ID, at time.Time) error {
	_, err := db.ExecContext(ctx, `INSERT INTO cameras (id, approved) VALUES (?1, ?2)
		ON CONFLICT (id) DO UPDATE SET approved = coalesce(approved, excluded.approved)`, id, at.UnixMicro())
	return err
}

// Approve is Store.Approve in a process of its own, beside a recorder or without one.
func Approve(ctx context.Context, dir string, id camera.ID, at time.Time) error {
	err := beside(ctx, dir, func(write *sql.DB) error { return writeApproval(ctx, write, id, at) })
	if err != nil {
		return fmt.Errorf("approve camera %s in data folder %s: %w", id, dir, err)
	}
	return nil
}
