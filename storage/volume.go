package storage

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"time"
)

const volumeFile = "volume.json"

// volume is what volume.json in the recordings says: which disk this is. Rows name their volume,
// so a row of a disk that is not mounted is never taken for a file that is gone.
type volume struct {
	ID      string    `json:"id"`
	Created time.Time `json:"created"`
	About   string    `json:"about"`
}

// openVolume reads the volume's id, or marks a new volume.
func openVolume(disk FS, recordings string, now time.Time) (v volume, isNew bool, err error) {
	v, err = readVolume(disk, recordings)
	if errors.Is(err, fs.ErrNotExist) {
		v = volume{ID: rand.Text(), Created: now.UTC().Truncate(time.Second), About: "This folder is a volume of v720dvr. Leave this file where it is."}
		return v, true, writeVolume(disk, filepath.Join(recordings, volumeFile), v)
	}
	return v, false, err
}

// mostVolumeFile bounds volume.json, in bytes: ours has 200.
const mostVolumeFile = 64 << 10

func readVolume(disk FS, recordings string) (v volume, err error) {
	path := filepath.Join(recordings, volumeFile)
	text, err := readWhole(disk, path, mostVolumeFile)
	if err != nil {
		return volume{}, err
	}
	if err := json.Unmarshal(text, &v); err != nil || v.ID == "" {
		return volume{}, fmt.Errorf("%s does not name a volume: move it away, and a new one is written", path)
	}
	return v, nil
}

func writeVolume(disk FS, path string, v volume) error {
	text, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return err
	}
	unfinished := path + ".new"
	if err := disk.Remove(unfinished); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	f, err := disk.Create(unfinished)
	if err != nil {
		return err
	}
	_, err = f.WriteAt(append(text, '\n'), 0)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := disk.Rename(unfinished, path); err != nil {
		return err
	}
	return disk.SyncDir(filepath.Dir(path))
}

// probeVolume finds out at once, and not at the first picture, whether files can be made.
func probeVolume(disk FS, recordings string) error {
	path := filepath.Join(recordings, ".writable")
	f, err := disk.Create(path)
	if errors.Is(err, fs.ErrExist) { // left by a crash
		return disk.Remove(path)
	}
	if err != nil {
		return err
	}
	return errors.Join(f.Close(), disk.Remove(path))
}

// rememberVolume notes the volume in state and tells whether it was known, and whether any was.
func (s *Store) rememberVolume(ctx context.Context, path string, now time.Time) (known, any bool, err error) {
	tx, err := s.state.write.BeginTx(ctx, nil)
	if err != nil {
		return false, false, err
	}
	defer tx.Rollback()
	err = tx.QueryRowContext(ctx, `SELECT count(*) FILTER (WHERE id = ?) > 0, count(*) > 0 FROM volumes`, s.volume.ID).Scan(&known, &any)
	if err != nil {
		return false, false, err
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO volumes (id, path, last_used) VALUES (?, ?, ?)
		ON CONFLICT (id) DO UPDATE SET path = excluded.path, last_used = excluded.last_used`, s.volume.ID, path, now.UnixMicro())
	if err != nil {
		return false, false, err
	}
	return known, any, tx.Commit()
}
