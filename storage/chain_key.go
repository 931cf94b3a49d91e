package storage

import (
	"context"
	"crypto/ed25519"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"v720dvr/storage/chain"
)

// keyFile is where the box's private key stands: PKCS #8 in PEM, which openssl reads, for its owner alone.
const keyFile = "signing.key"

// Signer is a public key of the box.
type Signer struct {
	Key   ed25519.PublicKey
	Since time.Time // when it was first seen
}

// Signers lists the box's public keys, the newest last: more than one where the key's file was lost.
func (v *View) Signers(ctx context.Context) (list []Signer, err error) {
	rows, err := v.state.read.QueryContext(ctx, `SELECT key, since FROM signers ORDER BY since, key`)
	if err != nil {
		return nil, fmt.Errorf("list signing keys: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var key []byte
		var since int64
		if err := rows.Scan(&key, &since); err != nil {
			return nil, fmt.Errorf("list signing keys: %w", err)
		}
		if len(key) == ed25519.PublicKeySize {
			list = append(list, Signer{key, time.UnixMicro(since).UTC()})
		}
	}
	return list, rows.Err()
}

func (v *View) chainKeys(ctx context.Context) (keys chain.Keys, err error) {
	list, err := v.Signers(ctx)
	for _, s := range list {
		keys = append(keys, s.Key)
	}
	return keys, err
}

// signer is the box's key, read from its file, or made where there is none.
func (s *Store) signer(ctx context.Context) (ed25519.PrivateKey, error) {
	s.chains.mu.Lock()
	defer s.chains.mu.Unlock()
	if s.chains.key != nil {
		return s.chains.key, nil
	}
	key, err := s.loadSigner(ctx)
	if err != nil {
		return nil, fmt.Errorf("take the signing key: %w", err)
	}
	s.chains.key = key
	return key, nil
}

func (s *Store) loadSigner(ctx context.Context) (ed25519.PrivateKey, error) {
	path := filepath.Join(s.dir, keyFile)
	key, err := readSigner(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		known, err := s.Signers(ctx)
		if err != nil {
			return nil, err
		}
		if len(known) > 0 {
			s.log.Warn("the signing key is gone, and another one is made: what is recorded from now on is signed by that one", "file", path)
		}
		if key, err = s.makeSigner(path); err != nil {
			return nil, err
		}
	case errors.Is(err, errKeyDamaged):
		s.log.Error("the signing key cannot be read: it is set aside, and another one is made", "file", path, "aside", path+".damaged", "err", err)
		if err := os.Rename(path, path+".damaged"); err != nil {
			return nil, err
		}
		if key, err = s.makeSigner(path); err != nil {
			return nil, err
		}
	case err != nil:
		return nil, err
	default:
		s.keepPrivate(path)
	}
	_, err = s.state.write.ExecContext(ctx, `INSERT INTO signers (key, since) VALUES (?, ?) ON CONFLICT DO NOTHING`, []byte(key.Public().(ed25519.PublicKey)), s.now().UnixMicro())
	return key, err
}

// keepPrivate takes the key from others who may read it.
func (s *Store) keepPrivate(path string) {
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm()&0o077 == 0 {
		return
	}
	if err = os.Chmod(path, 0o600); err != nil {
		s.log.Warn("others may read the signing key", "file", path, "err", err)
		return
	}
	s.log.Warn("others could read the signing key: its file is private again", "file", path)
}

var errKeyDamaged = errors.New("it holds no Ed25519 key")

func readSigner(path string) (ed25519.PrivateKey, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	block, _ := pem.Decode(b)
	if block == nil {
		return nil, errKeyDamaged
	}
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	key, ok := parsed.(ed25519.PrivateKey)
	if err != nil || !ok {
		return nil, errKeyDamaged
	}
	return key, nil
}

// makeSigner draws a key. Its file is whole and durable before it has its name.
func (s *Store) makeSigner(path string) (ed25519.PrivateKey, error) {
	_, key, err := ed25519.GenerateKey(s.entropy)
	if err != nil {
		return nil, err
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, err
	}
	if err := os.Remove(path + ".new"); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	f, err := os.OpenFile(path+".new", os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, err
	}
	_, err = f.Write(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return nil, err
	}
	if err := os.Rename(path+".new", path); err != nil {
		return nil, err
	}
	return key, DiskFS{}.SyncDir(s.dir)
}
