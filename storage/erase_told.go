package storage

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"path"
	"path/filepath"
	"time"
)

// eraseTold takes away what days' folders tell of segments that a person deleted: a rule leaves it until the
// whole day goes, who wants something to be gone does not. It can be done again: a crash leaves an intent.
func (s *Store) eraseTold(gone []Deletion) error {
	of := make(map[string]map[string]bool) // day → paths of segments that its events may name
	for _, d := range gone {
		if d.Rule != RuleHand {
			continue
		}
		day := path.Dir(d.Path)
		for _, day := range []string{day, dayBehind(day)} { // an event behind midnight stands in a segment of before
			if of[day] == nil {
				of[day] = make(map[string]bool)
			}
			of[day][d.Path] = true
		}
	}
	var errs []error
	for day, paths := range of {
		if err := s.eraseLines(day, paths); err != nil && !errors.Is(err, fs.ErrNotExist) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// dayBehind is the folder of the day behind that of a folder; the same for one of another name.
func dayBehind(day string) string {
	at, err := time.Parse(dayLayout, path.Base(day))
	if err != nil {
		return day
	}
	return path.Join(path.Dir(day), at.AddDate(0, 0, 1).Format(dayLayout))
}

// eraseLines takes the lines of a day's events.jsonl that name one of the segments, and their pictures: those
// first, since the line tells that a picture is ours. Blanks take a line's place, which readers pass over, so that
// nothing is in danger that stays.
func (s *Store) eraseLines(day string, paths map[string]bool) error {
	noting := s.notingIn(path.Dir(day))
	noting.Lock()
	defer noting.Unlock()
	dir := filepath.Join(s.recordings, filepath.FromSlash(day))
	f, err := s.disk.Edit(filepath.Join(dir, eventsFile))
	if err != nil {
		return err
	}
	changed, err := false, error(nil)
	lines := bufio.NewReaderSize(io.NewSectionReader(f, 0, 1<<62), longestLine)
	for at := int64(0); err == nil; {
		var text []byte
		text, err = lines.ReadSlice('\n')
		begin, full := at, errors.Is(err, bufio.ErrBufferFull)
		if at += int64(len(text)); full { // too long to be ours
			err = nil
			continue
		}
		var line EventLine
		if json.Unmarshal(text, &line) != nil || !paths[path.Join(day, line.Segment)] || line.Segment == "" {
			continue
		}
		if ownPicture.MatchString(line.Picture) {
			if failed := s.disk.Remove(filepath.Join(dir, line.Picture)); failed != nil && !errors.Is(failed, fs.ErrNotExist) {
				err = failed
				break
			}
		}
		blank := bytes.Repeat([]byte{' '}, len(bytes.TrimSuffix(text, []byte{'\n'})))
		if _, failed := f.WriteAt(blank, begin); failed != nil {
			err = failed
			break
		}
		changed = true
	}
	if errors.Is(err, io.EOF) {
		err = nil
	}
	if changed && err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}
