package storage

import (
	"context"
	"database/sql"
	"fmt"
	"time"
)

// KeepOffline is Store.Keep where no recorder runs; Held it leaves at zero.
func KeepOffline(ctx context.Context, dir string, k Keep, now time.Time) (made Keep, err error) {
	err = alone(ctx, dir, func(write *sql.DB) (err error) {
		made, err = writeKeep(ctx, write, k, now)
		return err
	})
	if err != nil {
		return Keep{}, fmt.Errorf("keep footage of camera %s in data folder %s: %w", k.Camera, dir, err)
	}
	return made, nil
}

// UnkeepOffline is Store.Unkeep where no recorder runs.
func UnkeepOffline(ctx context.Context, dir string, id int64) error {
	err := alone(ctx, dir, func(write *sql.DB) error { return eraseKeep(ctx, write, id) })
	if err != nil {
		return fmt.Errorf("end keep %d in data folder %s: %w", id, dir, err)
	}
	return nil
}
