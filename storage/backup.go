package storage

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// BackupNote is the name of the text beside a backup that says how to put it back.
const BackupNote = "v720dvr-backup.txt"

const backupNote = `This is a backup of v720dvr's state.sqlite: the device codes and secrets that it gave to
cameras, who was approved, and which disks it knows. Keep it private: the secrets are in it.

Data folder:  %s
Written:      %s

To put it back: stop v720dvr, copy state.sqlite into the data folder, remove state.sqlite-wal
and state.sqlite-shm there, start v720dvr.

Not in it: the recordings, and the index, which is built again from them. Copy those with any
program; everything that v720dvr knows of a recording stands in its file.
`

// Backup writes a copy of state.sqlite as it is at one moment into the folder to, which is made
// when it is missing, and a text that says how to put it back. An earlier backup there is replaced
// when the new one is whole and durable. It may run beside a recorder. at is the present time.
func Backup(ctx context.Context, dir, to string, at time.Time) error {
	if err := backup(ctx, dir, to, at); err != nil {
		return fmt.Errorf("back up data folder %s to %s: %w", dir, to, err)
	}
	return nil
}

func backup(ctx context.Context, dir, to string, at time.Time) (err error) {
	if dir, err = filepath.Abs(dir); err != nil {
		return err
	}
	if err := holdsRecordings(dir); err != nil {
		return err
	}
	if err := os.MkdirAll(to, 0o700); err != nil {
		return err
	}
	path := filepath.Join(to, stateFile)
	if same, err := sameFile(path, filepath.Join(dir, stateFile)); err != nil || same {
		return errors.Join(err, errors.New("it is the data folder itself: name another one"))
	}
	unfinished := path + ".new"
	if err := removeDatabase(unfinished); err != nil {
		return err
	}
	if err := copyDatabase(ctx, filepath.Join(dir, stateFile), unfinished); err != nil {
		return errors.Join(err, removeDatabase(unfinished))
	}
	if err := errors.Join(os.Chmod(unfinished, 0o600), syncWhole(unfinished)); err != nil {
		return errors.Join(err, removeDatabase(unfinished))
	}
	if err := os.Rename(unfinished, path); err != nil {
		return err
	}
	text := fmt.Sprintf(backupNote, dir, at.Format(time.RFC3339))
	if err := os.WriteFile(filepath.Join(to, BackupNote), []byte(text), 0o600); err != nil {
		return err
	}
	return DiskFS{}.SyncDir(to)
}

// copyDatabase copies a database as it is at one moment, without its WAL (sqlite.org/lang_vacuum.html).
func copyDatabase(ctx context.Context, from, to string) error {
	db, err := sql.Open("sqlite", dsn(from, "mode=ro"))
	if err != nil {
		return err
	}
	_, err = db.ExecContext(ctx, `VACUUM INTO ?`, to)
	return errors.Join(err, db.Close())
}

func sameFile(a, b string) (bool, error) {
	first, err := os.Stat(a)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	second, err := os.Stat(b)
	return err == nil && os.SameFile(first, second), err
}
