package storage

import (
	"context"
	"database/sql"
	"path/filepath"
	"strings"
)

// A segment's intent is a row in the index that is there before its file is, and goes in the
// transaction that writes the segment's row. So at the next start the intents name all that a kill
// may have left at any step between, and nobody needs to look through the folders for it. (A power
// cut may take the newest intents: the index is not synced at each commit. Then Rescan finds what
// they would have named.)

// intend writes down that a .part is about to be made.
func (s *Store) intend(ctx context.Context, part string) error {
	path, err := s.intentOf(part)
	if err != nil {
		return err
	}
	_, err = s.index.write.ExecContext(ctx, `INSERT OR IGNORE INTO writing (volume, path) VALUES (?, ?)`, s.volume.ID, path)
	return err
}

// dropIntent takes an intent back whose .part is not there. One that stays costs the next start a
// look, no more: so its error is nobody's.
func (s *Store) dropIntent(ctx context.Context, part string) {
	if path, err := s.intentOf(part); err == nil {
		_, _ = s.index.write.ExecContext(ctx, `DELETE FROM writing WHERE volume = ? AND path = ?`, s.volume.ID, path)
	}
}

// fulfil takes an intent back within the transaction that writes the segment's row.
func fulfil(ctx context.Context, tx *sql.Tx, volume, path string) error {
	_, err := tx.ExecContext(ctx, `DELETE FROM writing WHERE volume = ? AND path = ?`, volume, path)
	return err
}

// intentOf is the path below the recordings that a .part's segment is to have.
func (s *Store) intentOf(part string) (string, error) {
	path, err := filepath.Rel(s.recordings, strings.TrimSuffix(part, partSuffix)+segmentSuffix)
	return filepath.ToSlash(path), err
}

// intents lists those on the mounted volume, by path.
func (s *Store) intents(ctx context.Context) ([]string, error) {
	return listColumn[string](ctx, s.index, `SELECT path FROM writing WHERE volume = ? ORDER BY path`, s.volume.ID)
}
