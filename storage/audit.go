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
	rest func(context.Context, time.Duration) error
	// found is called with the folders that are going to be looked at, once; nil for none.
	found  func(days [][]string)
	report Report
	newest bool // the last days first
	quick  bool // a look while recording goes on: what is gone may have to be told twice, see believe
	gone   []goneRow
	left   map[string][]ForeignFile // by folder: what is left alone in those that were looked at
}

// goneRow is a row whose file was not there. It is judged when everything has been looked at: the file may
// have been moved.
type goneRow struct {
	id   int64
	path string
}

func (a *audit) run(ctx context.Context) error {
	if err := a.deletions(ctx); err != nil {
		return err
	}
	days, err := a.days(ctx)
	if err != nil {
		return err
	}
	if a.found != nil {
		a.found(days)
	}
	parts := a.store.openParts()
	for _, day := range days {
		if err := a.day(ctx, day); err != nil {
			return err
		}
	}
	if err := a.settleGone(ctx, true); err != nil {
		return err
	}
	a.tellLeft(true)
	return a.openFiles(ctx, parts)
}

// days lists the folders that hold segments or ought to, as folder/day, each day of all cameras
// together.
func (a *audit) days(ctx context.Context) ([][]string, error) {
	byDay, seen := make(map[string][]string), make(map[string]bool)
	add := func(dir string) {
		if !seen[dir] {
			seen[dir] = true
			byDay[path.Base(dir)] = append(byDay[path.Base(dir)], dir)
		}
	}
	if err := a.foldersOnDisk(ctx, "", add); err != nil {
		return nil, err
	}
	if err := a.store.foldersInIndex(ctx, "", add); err != nil {
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

// mostDepth bounds how deep folders are looked into: camera, day, and what people make beside them.
const mostDepth = 6

// foldersOnDisk finds them in the recordings, or in a folder there, whatever people have made in it. A link is
// followed where a camera's folder stands, since it may be on another disk, and nowhere else.
func (a *audit) foldersOnDisk(ctx context.Context, in string, add func(string)) error {
	s := a.store
	var walk func(dir string, depth int) error
	walk = func(dir string, depth int) error {
		entries, err := s.disk.ReadDir(filepath.Join(s.recordings, filepath.FromSlash(dir)))
		if err = errors.Join(err, ctx.Err()); err != nil {
			if dir != "" && errors.Is(err, fs.ErrNotExist) {
				return nil // retention took it meanwhile
			}
			return fmt.Errorf("list recordings: %w", err)
		}
		for _, entry := range entries {
			if name := path.Join(dir, entry.Name()); s.isFolder(entry, dir) {
				add(name)
				if depth < mostDepth {
					if err := walk(name, depth+1); err != nil {
						return err
					}
				}
			}
		}
		return nil
	}
	add(in) // in the recordings themselves, too, people put something
	if in == "" {
		return walk("", 0)
	}
	return walk(in, strings.Count(in, "/")+1)
}

// isFolder tells a folder that is looked into. Those of systems and their bins are not: what was thrown away is gone.
func (s *Store) isFolder(entry fs.DirEntry, parent string) bool {
	name := entry.Name()
	if strings.HasPrefix(name, ".") || strings.HasPrefix(name, "#") || strings.HasPrefix(name, "@") || strings.HasPrefix(name, "$") || name == "lost+found" {
		return false
	}
	if entry.Type()&fs.ModeSymlink == 0 || parent != "" {
		return entry.IsDir()
	}
	link := filepath.Join(s.recordings, name)
	target, err := filepath.EvalSymlinks(link)
	if err != nil {
		return false
	}
	real, err := filepath.EvalSymlinks(s.recordings)
	if err != nil || within(real, target) || within(target, real) { // what lies here is found where it lies
		return false
	}
	info, err := s.disk.Stat(link)
	return err == nil && info.IsDir()
}

// within tells whether a path is a folder's own or below it.
func within(folder, name string) bool {
	relative, err := filepath.Rel(folder, name)
	return err == nil && filepath.IsLocal(relative)
}

// foldersInIndex finds them in the index; "" is the recordings themselves.
func (s *Store) foldersInIndex(ctx context.Context, in string, add func(string)) error {
	from, to := "", "\U0010FFFF"
	if in != "" {
		from, to = in+"/", in+"0" // "0" comes behind "/"
	}
	dirs, err := listColumn[string](ctx, s.index, `SELECT DISTINCT rtrim(path, replace(path, '/', '')) FROM segments WHERE volume = ? AND path > ? AND path < ?`, s.volume.ID, from, to)
	for _, dir := range dirs {
		add(strings.TrimSuffix(dir, "/"))
	}
	return err
}
