package storage

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"time"

	"v720dvr/camera"
)

// Setting is what somebody set through page or API. It stands over config.toml.
type Setting struct {
	Camera camera.ID       // "" for the whole box
	Key    string          // of config.toml: "recording.segment"
	Value  json.RawMessage // what it means is not storage's
	Who    string          // as AuditEntry.Who
	At     time.Time       // UTC
}

const (
	maxSettings     = 16384    // rows: of 64 cameras and 1000 more, each with 15 keys
	mostSettingSize = 64 << 10 // bytes of a value: a camera's zones
)

// Settings lists what was set, by camera and key.
func (v *View) Settings(ctx context.Context) ([]Setting, error) { return listSettings(ctx, v.state) }

// SettingsIn lists what was set in a data folder, beside a running recorder or without one; nothing in a
// folder that no recorder has had. It needs no index.
func SettingsIn(ctx context.Context, dir string) ([]Setting, error) {
	path, err := filepath.Abs(filepath.Join(dir, stateFile))
	if err != nil {
		return nil, err
	}
	state, err := openDatabaseReadOnly(ctx, path, "state")
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("list settings: %w", err)
	}
	list, err := listSettings(ctx, state)
	return list, errors.Join(err, state.Close())
}

func listSettings(ctx context.Context, state *database) ([]Setting, error) {
	rows, err := state.read.QueryContext(ctx, `SELECT camera, key, value, who, at FROM settings ORDER BY camera, key`)
	if err != nil {
		return nil, fmt.Errorf("list settings: %w", err)
	}
	defer rows.Close()
	var list []Setting
	for rows.Next() {
		var s Setting
		var at int64
		var value string
		if err := rows.Scan(&s.Camera, &s.Key, &value, &s.Who, &at); err != nil {
			return nil, fmt.Errorf("list settings: %w", err)
		}
		s.Value, s.At = json.RawMessage(value), time.UnixMicro(at).UTC()
		list = append(list, s)
	}
	return list, rows.Err()
}

// ChangeSettings writes settings down, all or none. One without a Value is taken back: config.toml
// decides again. Whether they mean something is for the caller to know.
func (a *Accounts) ChangeSettings(ctx context.Context, changes ...Setting) error {
	err := a.change(ctx, func(tx *sql.Tx) error {
		for _, s := range changes {
			if s.Value == nil {
				if _, err := tx.ExecContext(ctx, `DELETE FROM settings WHERE camera = ? AND key = ?`, s.Camera, s.Key); err != nil {
					return err
				}
				continue
			}
			if s.Key == "" || len(s.Key) > 64 || len(s.Value) > mostSettingSize || !json.Valid(s.Value) {
				return fmt.Errorf("setting %.80q with a value of %d bytes: %w", s.Key, len(s.Value), ErrMalformed)
			}
			if _, err := tx.ExecContext(ctx, `INSERT INTO settings (camera, key, value, who, at) VALUES (?, ?, ?, ?, ?)
				ON CONFLICT (camera, key) DO UPDATE SET value = excluded.value, who = excluded.who, at = excluded.at`,
				s.Camera, s.Key, string(s.Value), s.Who, s.At.UnixMicro()); err != nil {
				return err
			}
		}
		return room(ctx, tx, `SELECT count(*) FROM settings`, maxSettings+1)
	})
	if err != nil {
		return fmt.Errorf("change settings: %w", err)
	}
	return nil
}
