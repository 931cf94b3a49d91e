package storage

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"

	"v720dvr/camera"
)

// KeepConditions writes down how cameras are; those of other cameras stay. Of one that has no row of its own, since
// too many are known that nobody approved (maxStrangers), nothing is kept, and what was is taken away.
func (s *Store) KeepConditions(ctx context.Context, all map[camera.ID]camera.Condition) error {
	if len(all) == 0 {
		return nil
	}
	err := s.inState(ctx, func(tx *sql.Tx) error {
		for id, c := range all {
			value, err := json.Marshal(c)
			if err != nil {
				return fmt.Errorf("camera %s: %w", id, err)
			}
			if _, err := tx.ExecContext(ctx, `INSERT OR REPLACE INTO conditions SELECT ?1, ?2 WHERE EXISTS (SELECT 1 FROM cameras WHERE id = ?1)`, string(id), string(value)); err != nil {
				return err
			}
		}
		_, err := tx.ExecContext(ctx, `DELETE FROM conditions WHERE camera NOT IN (SELECT id FROM cameras)`)
		return err
	})
	if err != nil {
		return fmt.Errorf("keep how cameras are: %w", err)
	}
	return nil
}

// Conditions returns what KeepConditions wrote down. One that cannot be read is left out: the camera tells it
// again.
func (s *Store) Conditions(ctx context.Context) (map[camera.ID]camera.Condition, error) {
	rows, err := s.state.read.QueryContext(ctx, `SELECT camera, value FROM conditions`)
	if err != nil {
		return nil, fmt.Errorf("read how cameras were: %w", err)
	}
	defer rows.Close()
	all := make(map[camera.ID]camera.Condition)
	for rows.Next() {
		var id camera.ID
		var value []byte
		if err := rows.Scan(&id, &value); err != nil {
			return nil, fmt.Errorf("read how cameras were: %w", err)
		}
		var c camera.Condition
		if json.Unmarshal(value, &c) == nil {
			all[id] = c
		}
	}
	return all, rows.Err()
}
