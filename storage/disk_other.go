//go:build unix && !linux

package storage

import (
	"errors"
	"os"
)

func renameNoReplace(from, to string) error { return renameByLink(from, to) }

func datasync(f *os.File) error { return f.Sync() }

func syncVolume([]*os.File) (errs []error, did bool) { return nil, false }

func space(string) (Space, error) { return Space{}, errors.ErrUnsupported }
