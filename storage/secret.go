package storage

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"io"

	"v720dvr/camera"
)

// secretKeySize is in bytes: as many as the hash that it goes into gives.
const secretKeySize = sha256.Size

// loadSecretKey reads the box's key, drawing it at the first start.
func (s *Store) loadSecretKey(ctx context.Context) error {
	draw := make([]byte, secretKeySize)
	if _, err := io.ReadFull(s.entropy, draw); err != nil {
		return fmt.Errorf("draw the key of the cameras' secrets: %w", err)
	}
	if _, err := s.state.write.ExecContext(ctx, `INSERT INTO keys (name, key) VALUES ('secret', ?) ON CONFLICT DO NOTHING`, draw); err != nil {
		return fmt.Errorf("write the key of the cameras' secrets: %w", err)
	}
	if err := s.state.read.QueryRowContext(ctx, `SELECT key FROM keys WHERE name = 'secret'`).Scan(&s.secretKey); err != nil {
		return fmt.Errorf("read the key of the cameras' secrets: %w", err)
	}
	return nil
}

// Secret returns the camera's own secret, 8 lower-case hexadecimal digits, the same at each call.
// It writes nothing: anybody can ask for the secret of a made-up camera. It is the one that an
// earlier version wrote down, or follows from the box's key and the id.
func (s *Store) Secret(ctx context.Context, id camera.ID) (string, error) {
	var stored sql.NullString
	err := s.state.read.QueryRowContext(ctx, `SELECT secret FROM cameras WHERE id = ?`, id).Scan(&stored)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return "", fmt.Errorf("read secret of camera %s: %w", id, err)
	}
	if stored.Valid {
		return stored.String, nil
	}
	mac := hmac.New(sha256.New, s.secretKey)
	mac.Write([]byte(id))
	return hex.EncodeToString(mac.Sum(nil)[:4]), nil
}

// Alias is what others may call this store where it is used for something: 12 lower-case hexadecimal digits, the same for ever,
// and of no use for who wants to know the box's key.
func (s *Store) Alias(use string) string {
	mac := hmac.New(sha256.New, s.secretKey)
	mac.Write([]byte("alias " + use)) // no camera's id has a space
	return hex.EncodeToString(mac.Sum(nil)[:6])
}
