package storage

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"time"

	"v720dvr/camera"
)

// clearDay makes durable what was removed from a day's folder. When the day is over and no segment
// is left in it, the day's events and their pictures go too, then the folder, and the camera's
// folder when that was the last in it. What is not ours stays, and the folder with it.
func (s *Store) clearDay(day string) error {
	noting := s.notingIn(path.Dir(day)) // who notes an event may be about to open the day's events.jsonl
	noting.Lock()
	defer noting.Unlock()
	dir := filepath.Join(s.recordings, filepath.FromSlash(day))
	if s.isOver(path.Base(day)) {
		if err := s.emptyDay(dir); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	// Where the folder is gone, it is its name that must not come back.
	for ; ; dir = filepath.Dir(dir) {
		if err := s.disk.SyncDir(dir); !errors.Is(err, fs.ErrNotExist) || dir == s.recordings {
			return err
		}
	}
}

func isDay(folder string) bool {
	_, err := time.Parse(dayLayout, folder)
	return err == nil
}

// isOver tells whether nothing more comes into a day's folder; false for a folder of another name.
func (s *Store) isOver(day string) bool {
	_, err := time.Parse(dayLayout, day)
	return err == nil && day < s.now().In(s.Location()).Format(dayLayout)
}

func (s *Store) emptyDay(dir string) error {
	entries, err := s.disk.ReadDir(dir)
	if err != nil {
		return err
	}
	has := make(map[string]bool, len(entries))
	for _, entry := range entries {
		name := entry.Name()
		if strings.HasSuffix(name, segmentSuffix) || strings.HasSuffix(name, partSuffix) {
			return nil
		}
		has[name] = true
	}
	if has[eventsFile] {
		// The pictures first: it is events.jsonl that tells which are ours.
		pictures, err := s.eventPictures(dir)
		if err != nil {
			return err
		}
		for _, name := range append(pictures, eventsFile) {
			if !has[name] {
				continue
			}
			if err := s.disk.Remove(filepath.Join(dir, name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return err
			}
			delete(has, name)
		}
	}
	if len(has) > 0 {
		return nil
	}
	if err := s.removeFolder(dir); err != nil {
		return err
	}
	cameraDir := filepath.Dir(dir)
	if days, err := s.disk.ReadDir(cameraDir); err != nil || len(days) > 0 || cameraDir == s.recordings || isLink(cameraDir) {
		return err
	}
	return s.removeFolder(cameraDir)
}

// isLink tells a folder that a person has put on another disk.
func isLink(dir string) bool {
	info, err := os.Lstat(dir)
	return err == nil && info.Mode()&fs.ModeSymlink != 0
}

// removeFolder removes an empty folder. Create makes it again where somebody needs it right then.
func (s *Store) removeFolder(dir string) error {
	s.durable.forget(dir)
	return s.disk.Remove(dir)
}

// sweepDays clears the days that retention has passed by: those before the first segment of a folder that
// is not kept, and where there is none those that are too old. They held nothing but events, or their
// last segment went while they were not over. A day of which a part is kept stays as it is.
func (s *Store) sweepDays(ctx context.Context, rules Rules) error {
	folders, err := s.listFolders(ctx)
	if err != nil {
		return fmt.Errorf("list folders: %w", err)
	}
	kept, err := s.Kept(ctx, s.now())
	if err != nil {
		return err
	}
	for _, folder := range folders {
		if err := errors.Join(ctx.Err(), s.onVolume()); err != nil {
			return err
		}
		first, err := s.firstDay(ctx, folder, kept)
		if err != nil {
			return fmt.Errorf("find the first segment of folder %q: %w", folder.name, err)
		}
		if first == "" {
			age := rules.camera(folder.camera).MaxAge
			if age == 0 {
				continue
			}
			// The first day of which a part is young enough.
			first = s.now().In(s.Location()).Add(-age).Format(dayLayout)
		}
		if err := s.clearBefore(folder, first, kept); err != nil {
			return err
		}
	}
	return nil
}

func (s *Store) clearBefore(folder ownedFolder, first string, kept Kept) error {
	days, err := s.disk.ReadDir(filepath.Join(s.recordings, folder.name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	for _, day := range days {
		if name := day.Name(); day.IsDir() && name < first && s.isOver(name) && !s.isKept(folder.camera, name, kept) {
			if err := s.clearDay(folder.name + "/" + name); err != nil {
				return err
			}
		}
	}
	return nil
}

// isKept tells whether a part of a camera's day is.
func (s *Store) isKept(id camera.ID, day string, kept Kept) bool {
	begin, err := time.ParseInLocation(dayLayout, day, s.Location())
	return err == nil && kept.Has(id, begin, begin.AddDate(0, 0, 1))
}

// firstDay is the day of the first segment in a folder that is not kept, "" when there is none.
func (s *Store) firstDay(ctx context.Context, folder ownedFolder, kept Kept) (string, error) {
	for last := folder.name + "/"; ; {
		page, err := s.page(ctx, `volume = ? AND path > ? AND path < ? ORDER BY path LIMIT ?`,
			s.volume.ID, last, folder.name+"0", stockPage) // "0" comes behind "/"
		if err != nil {
			return "", err
		}
		for _, c := range page {
			if day := path.Base(path.Dir(c.path)); !kept.segment(c) && isDay(day) { // people put segments elsewhere
				return day, nil
			}
			last = c.path
		}
		if len(page) < stockPage {
			return "", nil
		}
	}
}

type ownedFolder struct {
	name   string
	camera camera.ID
}

func (s *Store) listFolders(ctx context.Context) ([]ownedFolder, error) {
	rows, err := s.index.read.QueryContext(ctx, `SELECT name, camera FROM folders ORDER BY name`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []ownedFolder
	for rows.Next() {
		var f ownedFolder
		if err := rows.Scan(&f.name, &f.camera); err != nil {
			return nil, err
		}
		list = append(list, f)
	}
	return list, rows.Err()
}
