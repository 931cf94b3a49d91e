//go:build unix && !linux

package storage

import "os"

func renameNoReplace(from, to string) error { return renameByLink(from, to) }

func datasync(f *os.File) error { return f.Sync() }
