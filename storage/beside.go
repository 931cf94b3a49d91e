package storage

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"v720dvr/camera"
)

// beside changes state.sqlite in a process of its own: it takes no lock but SQLite's, for a row. The
// folder must have been opened by this version of the program before.
func beside(ctx context.Context, dir string, change func(*sql.DB) error) error {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return err
	}
	path := filepath.Join(dir, stateFile)
	known, err := openDatabaseReadOnly(ctx, path, "state") // it migrates nothing under a running recorder, and makes no file
	if err != nil {
		return err
	}
	defer known.Close()
	write, err := openWriter(path, syncFull)
	if err != nil {
		return err
	}
	return errors.Join(change(write), write.Close())
}

// alone is beside where no recorder may run: it would not hear of the change, and go on as it was.
func alone(ctx context.Context, dir string, change func(*sql.DB) error) error {
	lock, err := lockFolder(filepath.Join(dir, "lock"))
	if err != nil {
		return err
	}
	return errors.Join(beside(ctx, dir, change), lock.Close())
}

// PauseOffline is Store.Pause where no recorder runs.
func PauseOffline(ctx context.Context, dir string, id camera.ID, from, until time.Time) error {
	err := alone(ctx, dir, func(write *sql.DB) error { return writePause(ctx, write, id, from, until) })
	if err != nil {
		return fmt.Errorf("pause camera %s in data folder %s: %w", id, dir, err)
	}
	return nil
}

// UnpauseOffline is Store.Unpause where no recorder runs.
func UnpauseOffline(ctx context.Context, dir string, id camera.ID) error {
	err := alone(ctx, dir, func(write *sql.DB) error { return erasePause(ctx, write, id) })
	if err != nil {
		return fmt.Errorf("end the pause of camera %s in data folder %s: %w", id, dir, err)
	}
	return nil
}

// executor is a database or a transaction.
type executor interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
}

func writePause(ctx context.Context, db executor, id camera.ID, from, until time.Time) error {
	var ends any // NULL: not by itself
	if !until.IsZero() {
		ends = until.UnixMicro()
	}
	_, err := db.ExecContext(ctx, `INSERT OR REPLACE INTO pauses (camera, "from", until) VALUES (?, ?, ?)`, id, from.UnixMicro(), ends)
	return err
}

func erasePause(ctx context.Context, db executor, id camera.ID) error {
	_, err := db.ExecContext(ctx, `DELETE FROM pauses WHERE camera = ?`, id)
	return err
}
