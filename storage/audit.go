package storage

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// An audit goes through the mounted volume, day by day, and holds rows and files against each
// other. Check and Repair read every file with it; Rescan looks at names and sizes alone and opens
// only what does not agree. In memory is one day of all cameras.
type audit struct {
	store *Store
	deep  bool // read every segment's front and frame table
	fix   bool // repair what can be
	// rest is called behind each day's folder, with the time that it took; nil for none.
	rest   func(context.Context, time.Duration) error
	report Report
	newest bool // the last days first
}

func (a *audit) run(ctx context.Context) error {
	if err := a.deletions(ctx); err != nil {
		return err
	}
	days, err := a.days(ctx)
	if err != nil {
		return err
	}
	parts := a.store.openParts()
	for _, day := range days {
		if err := a.day(ctx, day); err != nil {
			return err
		}
	}
	return a.openFiles(ctx, parts)
}

// days lists the folders that hold segments or ought to, as folder/day, each day of all cameras
// together.
func (a *audit) days(ctx context.Context) ([][]string, error) {
	byDay := make(map[string][]string)
	add := func(dir string) {
		if day := path.Base(dir); !slices.Contains(byDay[day], dir) {
			byDay[day] = append(byDay[day], dir)
		}
	}
	if err := a.foldersOnDisk(ctx, add); err != nil {
		return nil, err
	}
	if err := a.store.foldersInIndex(ctx, add); err != nil {
		return nil, fmt.Errorf("list days in the index: %w", err)
	}
	var days [][]string
	for _, dirs := range byDay {
		slices.Sort(dirs)
		days = append(days, dirs)
	}
	slices.SortFunc(days, func(a, b []string) int { return strings.Compare(path.Base(a[0]), path.Base(b[0])) })
	if a.newest {
		slices.Reverse(days)
	}
	return days, nil
}

// foldersOnDisk finds them in the recordings. Segments stand nowhere else, so an .avi on the way
// is none.
func (a *audit) foldersOnDisk(ctx context.Context, add func(string)) error {
	s := a.store
	list := func(dir string) (folders []string, err error) {
		entries, err := s.disk.ReadDir(filepath.Join(s.recordings, filepath.FromSlash(dir)))
		if err = errors.Join(err, ctx.Err()); err != nil {
			return nil, fmt.Errorf("list recordings: %w", err)
		}
		for _, entry := range entries {
			if entry.IsDir() {
				folders = append(folders, entry.Name())
			} else if strings.HasSuffix(entry.Name(), segmentSuffix) {
				a.report.Foreign++
			}
		}
		return folders, nil
	}
	folders, err := list("")
	if err != nil {
		return err
	}
	for _, folder := range folders {
		days, err := list(folder)
		if errors.Is(err, fs.ErrNotExist) {
			continue // retention took it meanwhile
		}
		if err != nil {
			return err
		}
		for _, day := range days {
			add(folder + "/" + day)
		}
	}
	return nil
}

// foldersInIndex finds them in the index, by one look for each.
func (s *Store) foldersInIndex(ctx context.Context, add func(string)) error {
	for from := ""; ; {
		list, err := listColumn[string](ctx, s.index, `SELECT path FROM segments WHERE volume = ? AND path >= ? ORDER BY path LIMIT 1`, s.volume.ID, from)
		if err != nil || len(list) == 0 {
			return err
		}
		dir := path.Dir(list[0])
		add(dir)
		from = dir + "0" // comes behind "/"
	}
}
