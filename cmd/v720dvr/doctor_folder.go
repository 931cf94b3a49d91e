package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// existing is the folder itself, or the nearest one above it that is there.
func existing(folder string) string {
	folder, err := filepath.Abs(folder)
	if err != nil {
		return folder
	}
	for {
		_, err := os.Stat(folder)
		above := filepath.Dir(folder)
		if !errors.Is(err, fs.ErrNotExist) || above == folder {
			return folder
		}
		folder = above
	}
}

// folderNow looks at the data folder.
func folderNow(dir string) folderFact {
	fact := folderFact{Dir: dir}
	if abs, err := filepath.Abs(dir); err == nil {
		fact.Dir = abs
	}
	place := existing(dir)
	fact.Missing = place != fact.Dir
	if f, err := os.CreateTemp(place, ".doctor-*"); err != nil {
		fact.Write = err
	} else {
		f.Close()
		os.Remove(f.Name())
	}
	if fact.Missing {
		return fact
	}
	const othersRead, othersEnter = 0o004, 0o001
	info, err := os.Stat(fact.Dir)
	if err != nil || info.Mode().Perm()&othersEnter == 0 {
		return fact
	}
	state := filepath.Join(fact.Dir, "state.sqlite")
	if info, err := os.Stat(state); err == nil && info.Mode().Perm()&othersRead != 0 {
		fact.Open = append(fact.Open, state)
	}
	return fact
}
