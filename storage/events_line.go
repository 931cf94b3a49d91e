package storage

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"iter"
	"path/filepath"
	"regexp"
	"time"

	"v720dvr/camera"
)

// eventsFile holds a day's events, a line of JSON each (jsonlines.org), in the order they were noted.
const eventsFile = "events.jsonl"

// EventLine is a line of events.jsonl.
type EventLine struct {
	Time   time.Time        `json:"time"` // RFC 3339 with the offset of local time
	Camera camera.ID        `json:"camera"`
	Name   string           `json:"name"` // what the camera was called then
	Kind   camera.EventKind `json:"kind"`
	// Seconds is how long it was, of what is told when it is over.
	Seconds float64 `json:"seconds,omitempty"`
	Detail  string  `json:"detail,omitempty"`
	// Segment is the file in which it is seen, from the line's folder on, and Offset where, in
	// seconds from its start; "" when none was open.
	Segment string  `json:"segment,omitempty"`
	Offset  float64 `json:"offset,omitempty"`
	Picture string  `json:"picture,omitempty"` // file in the same folder; "" without one
}

// longestLine bounds a line, in bytes: MostDetail with every byte escaped as \u0000, and the rest.
const longestLine = 6*MostDetail + 16<<10

func (l EventLine) encode() ([]byte, error) {
	var line bytes.Buffer
	encoder := json.NewEncoder(&line) // ends with a newline
	encoder.SetEscapeHTML(false)      // people read it
	err := encoder.Encode(l)
	return line.Bytes(), err
}

// EventLines reads events.jsonl. What is no event, such as a last line that a crash has torn, is
// passed over. The error is that of reading.
func EventLines(r io.Reader) iter.Seq2[EventLine, error] {
	return func(yield func(EventLine, error) bool) {
		lines := bufio.NewReaderSize(r, longestLine)
		for {
			text, err := lines.ReadSlice('\n')
			tooLong := errors.Is(err, bufio.ErrBufferFull)
			for errors.Is(err, bufio.ErrBufferFull) {
				_, err = lines.ReadSlice('\n')
			}
			var line EventLine
			if !tooLong && json.Unmarshal(text, &line) == nil && line.Kind != "" && !yield(line, nil) {
				return
			}
			if err != nil {
				if err != io.EOF {
					yield(EventLine{}, err)
				}
				return
			}
		}
	}
}

// appendLine adds a line in one write. A line before it that a crash has torn is mended: what is
// there of it goes, since nothing can be read from it.
func (s *Store) appendLine(dir string, l EventLine) error {
	line, err := l.encode()
	if err != nil {
		return err
	}
	path := filepath.Join(dir, eventsFile)
	f, err := s.disk.Edit(path)
	if errors.Is(err, fs.ErrNotExist) {
		f, err = s.disk.Create(path)
	}
	if err != nil {
		return err
	}
	at, line, err := placeLine(f, line)
	if err == nil {
		_, err = f.WriteAt(line, at)
	}
	return errors.Join(err, f.Close())
}

// placeLine finds where a line goes, and makes it fit there.
func placeLine(f File, line []byte) (at int64, _ []byte, err error) {
	info, err := f.Stat()
	if err != nil {
		return 0, nil, err
	}
	tail := make([]byte, min(info.Size(), longestLine))
	if _, err := f.ReadAt(tail, info.Size()-int64(len(tail))); err != nil && err != io.EOF {
		return 0, nil, err
	}
	torn := tail[bytes.LastIndexByte(tail, '\n')+1:]
	switch {
	case len(torn) == 0:
		return info.Size(), line, nil
	case json.Valid(torn), len(torn) == longestLine: // somebody's editor wrote no last newline
		return info.Size(), append([]byte{'\n'}, line...), nil
	}
	// Over the torn one, with blanks as far as it reached: JSON allows them behind a value.
	for len(line) < len(torn) {
		line = append(line[:len(line)-1], ' ', '\n')
	}
	return info.Size() - int64(len(torn)), line, nil
}

// ownPicture is what a name looks like that NoteEvent gives.
var ownPicture = regexp.MustCompile(`^\d\d-\d\d-\d\d_[a-z0-9-]+(_\d+)?\.jpg$`)

// eventPictures lists the pictures of a folder's events.
func (s *Store) eventPictures(dir string) ([]string, error) {
	f, err := s.disk.Open(filepath.Join(dir, eventsFile))
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var names []string
	for line, err := range EventLines(io.NewSectionReader(f, 0, 1<<62)) {
		if err != nil {
			return nil, err
		}
		if ownPicture.MatchString(line.Picture) {
			names = append(names, line.Picture)
		}
	}
	return names, nil
}
