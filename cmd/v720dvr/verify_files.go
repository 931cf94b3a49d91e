package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"v720dvr/storage"
	"v720dvr/storage/chain"
)

// runFiles looks at copies with a public key alone: each is held against its seal, and what lies between two links of a chain
// must be among them.
func (v *verification) runFiles(ctx context.Context, args []string, keys chain.Keys) error {
	switch {
	case len(args) == 0:
		return usageError{errors.New("verify --files needs files or folders")}
	case len(keys) == 0:
		return usageError{errors.New("verify --files needs the public key: --key FILE, as v720dvr verify --public-key printed it on the box that recorded")}
	case v.anchor || v.publicKey:
		return usageError{errors.New("files alone have neither anchor nor key to print")}
	}
	trial := chain.NewTrial(keys, !v.quick, "")
	trial.Strict()
	if v.against != "" {
		anchors, err := readAnchors(v.against)
		if err != nil {
			return err
		}
		for _, a := range anchors {
			trial.Anchor(a)
		}
	}
	certificates := 0
	for _, name := range args {
		err := filepath.WalkDir(name, func(path string, entry fs.DirEntry, err error) error {
			if err = errors.Join(err, ctx.Err()); err != nil {
				return err
			}
			if path == name && entry.Type().IsRegular() && !strings.HasSuffix(path, ".avi") {
				text, err := verifyCertificate(path, keys)
				if err == nil {
					_, err = fmt.Fprintf(v.stdout, "%s is signed by the box:\n\n%s\n", path, text)
					certificates++
				}
				if !errors.Is(err, errNoCertificate) {
					return err
				}
			}
			if path == name && entry.Type().IsRegular() || entry.Type().IsRegular() && strings.HasSuffix(path, ".avi") {
				return takeFile(trial, path)
			}
			return nil
		})
		if err != nil {
			return fmt.Errorf("verify files: %w", err)
		}
	}
	if certificates > 0 && trial.Counts.Files == 0 {
		return nil
	}
	if err := trial.Judge(nil); err != nil {
		return err
	}
	return v.tell(storage.Verdict{Counts: trial.Counts, Findings: trial.Findings, More: trial.More, Notices: trial.Notices}, time.Local)
}

func takeFile(trial *chain.Trial, path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	trial.Take(path, f, info.Size())
	return nil
}
