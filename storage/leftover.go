package storage

import (
	"os"
	"path/filepath"
)

// leftOpen finds .part files in the two newest days of each camera's folder. Looking through
// all days would make a start wait for a disk with years on it.
func (s *Store) leftOpen() []string {
	var left []string
	cameras, _ := os.ReadDir(s.recordings)
	for _, folder := range cameras {
		days, _ := os.ReadDir(filepath.Join(s.recordings, folder.Name())) // sorted by name: by date
		for _, day := range days[max(0, len(days)-2):] {
			found, _ := filepath.Glob(filepath.Join(globEscape(s.recordings, folder.Name(), day.Name()), "*"+partSuffix))
			left = append(left, found...)
		}
	}
	return left
}
