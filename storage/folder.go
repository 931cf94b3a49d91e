package storage

import (
	"context"
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"v720dvr/camera"
)

const (
	segmentSuffix = ".avi"
	partSuffix    = ".avi.part"
	dayLayout     = "2006-01-02"
	// Local start with its offset; no colon, since Windows and phones allow none in a name.
	nameLayout = "2006-01-02T15-04-05-0700"
)

// motionMark stands behind the start in the name of a segment that holds one event of motion mode.
const motionMark = "_motion"

// segmentName is a segment's name without its suffix: the n-th to bear the same start.
func segmentName(start time.Time, motion bool, n int) string {
	name := start.Format(nameLayout)
	if motion {
		name += motionMark
	}
	if n > 1 {
		name += fmt.Sprintf("_%d", n)
	}
	return name
}

// folderName makes a folder's name of a camera's: one path element that every file system and
// every file manager takes. "" when nothing of the name is left.
func folderName(name string) string {
	name = strings.Map(func(r rune) rune {
		if r == utf8.RuneError || unicode.IsControl(r) || strings.ContainsRune(`/\:*?"<>|`, r) {
			return '_'
		}
		return r
	}, name)
	// 255 bytes is the limit of most file systems; the id and a number must still fit behind.
	const most = 120
	for len(name) > most {
		_, size := utf8.DecodeLastRuneInString(name)
		name = name[:len(name)-size]
	}
	name = strings.TrimRight(strings.TrimSpace(name), ". ") // Windows drops them
	if strings.HasPrefix(name, ".") {                       // hidden
		name = "_" + name[1:]
	}
	if reservedName(name) {
		name = "_" + name
	}
	return name
}

// reservedName tells the names that Windows keeps for devices, over a network share too, and
// the one that is ours.
func reservedName(name string) bool {
	base, _, _ := strings.Cut(strings.ToUpper(name), ".")
	switch base {
	case "CON", "PRN", "AUX", "NUL":
		return true
	}
	if len(base) == 4 && (base[:3] == "COM" || base[:3] == "LPT") && base[3] >= '1' && base[3] <= '9' {
		return true
	}
	return strings.EqualFold(name, volumeFile)
}

// folderOf returns the folder of a camera of that name. A folder belongs to the camera that
// first used it for as long as the index knows, so that a name which moves to another camera
// does not mix two cameras' files: that one's folder gets its id behind the name.
func (s *Store) folderOf(ctx context.Context, id camera.ID, name string) (string, error) {
	base := folderName(name)
	if base == "" {
		base = folderName(string(id))
	}
	folder := base
	for n := 1; ; n++ {
		mine, err := s.claimFolder(ctx, folder, id)
		if mine || err != nil {
			return folder, err
		}
		folder = fmt.Sprintf("%s %s", base, id)
		if n > 1 { // ids that differ in case alone
			folder = fmt.Sprintf("%s %s_%d", base, id, n)
		}
	}
}

// foldName makes names equal that a file system without case takes for one.
func foldName(folder string) string { return strings.ToLower(folder) }

// claimFolder tells whether a folder is the camera's. One that is nobody's becomes it, and the
// index remembers.
func (s *Store) claimFolder(ctx context.Context, folder string, id camera.ID) (mine bool, err error) {
	key := foldName(folder)
	s.mu.Lock()
	owner, taken := s.folders[key]
	if !taken {
		s.folders[key] = id
	}
	s.mu.Unlock()
	if taken {
		return owner == id, nil
	}
	if _, err := s.index.write.ExecContext(ctx, `INSERT INTO folders (name, camera) VALUES (?, ?)`, folder, id); err != nil {
		s.mu.Lock()
		delete(s.folders, key)
		s.mu.Unlock()
		return false, fmt.Errorf("claim folder %q: %w", folder, err)
	}
	return true, nil
}

func (s *Store) folderOwner(folder string) (camera.ID, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	owner, taken := s.folders[foldName(folder)]
	return owner, taken
}

func (s *Store) loadFolders(ctx context.Context) error {
	rows, err := s.index.read.QueryContext(ctx, `SELECT name, camera FROM folders`)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var folder string
		var id camera.ID
		if err := rows.Scan(&folder, &id); err != nil {
			return err
		}
		s.folders[foldName(folder)] = id
	}
	return rows.Err()
}
