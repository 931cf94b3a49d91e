package storage

import (
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"hash"
	"path/filepath"
	"time"

	"v720dvr/storage/avi"
	"v720dvr/storage/chain"
)

// A voucher gathers what is signed of an export: it is, when every byte of each segment that it is made of is what was
// sealed. Otherwise the export has no seal, and nothing is vouched for.
type voucher struct {
	key     ed25519.PrivateKey // nil: nothing is signed
	keys    chain.Keys
	said    chain.Copy
	sources hash.Hash
}

// vouch begins one; without a key to be had it signs nothing.
func (s *Store) vouch(ctx context.Context, id string, from, to time.Time) *voucher {
	v := &voucher{said: chain.Copy{From: from, To: to, Camera: id}, sources: sha256.New()}
	keys, err := s.chainKeys(ctx)
	if err != nil {
		return v
	}
	v.keys = keys
	if s.state.write != nil {
		v.key, _ = s.signer(ctx) // whoever records has told of its loss
	} else {
		v.key, _ = readSigner(filepath.Join(s.dir, keyFile)) // who reads beside it may not be let
	}
	return v
}

// source takes a segment that the export is made of.
func (v *voucher) source(file *Footage, growing bool) {
	switch {
	case v.key == nil:
	case growing:
		v.said.Flags |= chain.Growing
		v.said.Segments++
	default:
		sealed, err := chain.Examine(file, file.Size, v.keys, true)
		if err != nil {
			v.key = nil
			return
		}
		v.said.Segments++
		v.sources.Write(sealed.Hash[:])
	}
}

// seal signs what was written.
func (v *voucher) seal(content avi.Content) avi.Seal {
	if v.key == nil {
		return avi.Seal{}
	}
	v.said.Content, v.said.Sources = content, chain.Hash(v.sources.Sum(nil))
	return avi.Seal{Copy: v.said.Sign(v.key)}
}
