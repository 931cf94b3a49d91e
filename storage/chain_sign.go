package storage

import (
	"crypto/ed25519"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
)

// Sign signs a text with the box's key, for who may read its file. What is signed so must not begin with "v720dvr" and a
// zero byte, as statements do: ErrMalformed.
func (r *Reading) Sign(text []byte) (signature []byte, key ed25519.PublicKey, err error) {
	if len(text) < 8 || string(text[:8]) == "v720dvr\x00" {
		return nil, nil, fmt.Errorf("sign a text: %w", ErrMalformed)
	}
	private, err := readSigner(filepath.Join(r.store.dir, keyFile))
	if errors.Is(err, fs.ErrNotExist) {
		err = fmt.Errorf("%w: the box has no key yet; v720dvr run makes it", err)
	}
	if errors.Is(err, fs.ErrPermission) {
		err = fmt.Errorf("%w: only the user that v720dvr runs as may sign", err)
	}
	if err != nil {
		return nil, nil, fmt.Errorf("sign a text: %w", err)
	}
	return ed25519.Sign(private, text), private.Public().(ed25519.PublicKey), nil
}
