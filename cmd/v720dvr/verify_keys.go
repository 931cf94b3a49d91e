package main

import (
	"bufio"
	"context"
	"crypto/ed25519"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"v720dvr/storage"
	"v720dvr/storage/chain"
)

// readPublicKeys reads keys as `verify --public-key` prints them; a file may hold several. No file is nil: the box's own.
func readPublicKeys(files []string) (keys chain.Keys, err error) {
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			return nil, fmt.Errorf("read public key: %w", err)
		}
		before := len(keys)
		for block, rest := pem.Decode(text); block != nil; block, rest = pem.Decode(rest) {
			parsed, err := x509.ParsePKIXPublicKey(block.Bytes)
			key, ok := parsed.(ed25519.PublicKey)
			if err != nil || !ok {
				return nil, fmt.Errorf("read public key: %s holds another one than of Ed25519", name)
			}
			keys = append(keys, key)
		}
		if len(keys) == before {
			return nil, fmt.Errorf("read public key: %s holds none; v720dvr verify --public-key prints it", name)
		}
	}
	return keys, nil
}

// printPublicKey prints the keys of the box in PEM, the newest last.
func printPublicKey(ctx context.Context, w io.Writer, reading *storage.Reading) error {
	signers, err := reading.Signers(ctx)
	if err != nil {
		return err
	}
	if len(signers) == 0 {
		return errors.New("there is no key yet: v720dvr run makes it")
	}
	for _, s := range signers {
		der, err := x509.MarshalPKIXPublicKey(s.Key)
		if err != nil {
			return err
		}
		if err := pem.Encode(w, &pem.Block{Type: "PUBLIC KEY", Bytes: der}); err != nil {
			return err
		}
	}
	return nil
}

// anchorHead is the first line of an anchor.
const anchorHead = "v720dvr anchor 1: camera, run, links, hash of the last one, when"

func printAnchors(w io.Writer, heads []chain.End) error {
	fmt.Fprintln(w, anchorHead)
	for _, h := range heads {
		if _, err := fmt.Fprintf(w, "%s %x %d %x %s\n", h.Camera, h.Run, h.Number, h.Head, h.At.Format(time.RFC3339)); err != nil {
			return err
		}
	}
	return nil
}

func readAnchors(name string) (list []chain.End, err error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, fmt.Errorf("read anchor: %w", err)
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	if !lines.Scan() || !strings.HasPrefix(lines.Text(), "v720dvr anchor 1") {
		return nil, fmt.Errorf("read anchor: %s is none; v720dvr verify --anchor prints it", name)
	}
	for n := 2; lines.Scan(); n++ {
		if strings.TrimSpace(lines.Text()) == "" {
			continue
		}
		end, err := parseAnchor(lines.Text())
		if err != nil {
			return nil, fmt.Errorf("read anchor: %s, line %d: %w", name, n, err)
		}
		list = append(list, end)
	}
	return list, lines.Err()
}

func parseAnchor(line string) (e chain.End, err error) {
	var run, head, at string
	if _, err := fmt.Sscan(line, &e.Camera, &run, &e.Number, &head, &at); err != nil {
		return e, errors.New("want a camera, a run, a number, a hash and a time")
	}
	e.At, err = time.Parse(time.RFC3339, at)
	for _, part := range []struct {
		text string
		into []byte
	}{{run, e.Run[:]}, {head, e.Head[:]}} {
		b, failed := hex.DecodeString(part.text)
		if failed == nil && copy(part.into, b) != len(part.into) {
			failed = fmt.Errorf("%q is too short", part.text)
		}
		err = errors.Join(err, failed)
	}
	return e, err
}
