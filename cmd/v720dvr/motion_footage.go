package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"v720dvr/recorder/motion"
	"v720dvr/storage"
	"v720dvr/storage/avi"
)

// footageFile is an AVI file that is judged again.
type footageFile struct {
	*avi.Reader
	source io.Closer
	name   string // for people
	read   []byte // the picture read last
}

// openFootage opens a file of whoever made it.
func openFootage(path string) (*footageFile, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	info, err := file.Stat()
	if err == nil && info.IsDir() {
		err = fmt.Errorf("open %s: it is a folder", path)
	}
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	reader, err := avi.Open(file, info.Size())
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open %s: %w", path, err), file.Close())
	}
	return &footageFile{Reader: reader, source: file, name: path}, nil
}

// openedFootage is a segment of the store's, one that is being written too.
func openedFootage(f *storage.Footage) (*footageFile, error) {
	reader, err := f.Reader()
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open %s: %w", f.Name, err), f.Close())
	}
	return &footageFile{Reader: reader, source: f, name: f.Name}, nil
}

func (r *footageFile) close() error { return r.source.Close() }

// at is when a frame was taken. A file of another maker does not say it: then the seconds since its begin
// are right, and the day is not.
func (r *footageFile) at(frame avi.FrameInfo) time.Time {
	if r.Ours() {
		return frame.At
	}
	return time.Unix(0, 0).UTC().Add(frame.At.Sub(time.Time{}))
}

// tracked tells whether the track tells enough of the file's frames between two times to judge them: somebody
// looked at all of them, and what was written then can be read today, of which the first record is a sample.
func (r *footageFile) tracked(from, to time.Time) bool {
	if !r.Ours() {
		return false
	}
	var since time.Time // of the last record
	any := false
	for _, frame := range r.Track() {
		if frame.Lost || frame.At.Before(from) || !frame.At.Before(to) {
			continue
		}
		if since.IsZero() {
			since = frame.At
		}
		switch {
		case len(frame.Cells) > 0:
			if !any && new(motion.Change).DecodeTrack(frame.Cells) != nil {
				return false
			}
			since, any = frame.At, true
		case frame.At.Sub(since) > 2*motion.TrackEvery:
			return false
		}
	}
	return any
}

// length is how long the frames between two times last.
func (r *footageFile) length(from, to time.Time) time.Duration {
	var first, last time.Time
	for _, frame := range r.Track() {
		if at := r.at(frame); !at.Before(from) && at.Before(to) {
			if first.IsZero() {
				first = at
			}
			last = at
		}
	}
	return last.Sub(first)
}

// picture reads one. It stands until the next.
func (r *footageFile) picture(i int) ([]byte, error) {
	jpeg, err := r.ReadFrame(r.read, i)
	r.read = jpeg[:cap(jpeg)]
	if errors.Is(err, avi.ErrDamaged) {
		return nil, fmt.Errorf("read picture %d of %s: %w", i, r.name, err)
	}
	return jpeg, err
}
