package storage

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"

	"v720dvr/storage/avi"
	"v720dvr/storage/chain"
)

// sealToThin reads the seal of a segment that is to be thinned, and holds every byte against it: what thinning signs is not
// to hide what somebody has done to the file before. A segment without a seal has none behind, either.
func (s *Store) sealToThin(ctx context.Context, f io.ReaderAt, size int64) (*avi.Seal, error) {
	keys, err := s.chainKeys(ctx)
	if err != nil {
		return nil, err
	}
	sealed, err := chain.Examine(f, size, keys, true)
	if errors.Is(err, chain.ErrUnsealed) {
		return new(avi.Seal), nil
	}
	if err != nil {
		return nil, fmt.Errorf("it is not thinned, since its seal does not hold: %w", err)
	}
	return &sealed.Raw, nil
}

// sealThinned signs what is left of a segment: its link stays, and goes on to stand for its place.
func (s *Store) sealThinned(ctx context.Context, f File, size int64, seal *avi.Seal) error {
	key, err := s.signer(ctx)
	if err != nil {
		return err
	}
	content, _, err := avi.Digest(f, size, false)
	if err != nil {
		return err
	}
	link := seal.Link
	seal.Thin = chain.Thin{Link: sha256.Sum256(link[:len(link)-64]), At: s.now(), Content: content}.Sign(key)
	return avi.WriteSeal(f, size, *seal)
}
