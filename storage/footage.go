package storage

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"time"

	"v720dvr/camera"
	"v720dvr/storage/avi"
)

// ErrNoFootage is returned where nothing was recorded, or where it is gone: deleted, on another volume, or
// no longer the file of which its row tells.
var ErrNoFootage = errors.New("no footage")

// Footage is a segment's file, open to be read. Deleting the segment takes nothing from who has it open.
type Footage struct {
	FootageRef
	Camera  camera.ID
	Name    string // of the file: "2026-11-22T14-05-00+0100.avi"
	Start   time.Time
	Size    int64     // bytes; of a segment that is being written as many as it had when it was opened
	Changed time.Time // when it was last written
	Growing bool      // it is being written

	file  File
	front []byte // in place of the first bytes of a file that is being written
	open  avi.Snapshot
}

// ReadAt implements io.ReaderAt. Of a segment that is being written all reads are of the same moment.
func (f *Footage) ReadAt(b []byte, at int64) (n int, err error) {
	if at < int64(len(f.front)) && at >= 0 {
		if n = copy(b, f.front[at:]); n == len(b) {
			return n, nil
		}
	}
	more, err := f.file.ReadAt(b[n:], at+int64(n))
	return n + more, err
}

// Close closes the file.
func (f *Footage) Close() error { return f.file.Close() }

// Reader tells what is in the file.
func (f *Footage) Reader() (*avi.Reader, error) {
	if f.Growing {
		return f.open.Reader(f), nil
	}
	return avi.Open(f, f.Size)
}

// OpenFootage opens a segment's file. No path comes from who asks. ErrUnknown when there is no such segment,
// ErrNoFootage when its file is not there.
func (s *Store) OpenFootage(ctx context.Context, ref FootageRef) (*Footage, error) {
	f, err := s.openFootage(ctx, ref)
	if err != nil {
		return nil, fmt.Errorf("open footage %v: %w", ref, err)
	}
	return f, nil
}

func (s *Store) openFootage(ctx context.Context, ref FootageRef) (*Footage, error) {
	if ref.ID != 0 {
		s.swapping.RLock()
		defer s.swapping.RUnlock()
		list, err := s.listSegments(ctx, `id = ?`, ref.ID)
		if err == nil && len(list) == 0 {
			err = ErrUnknown
		}
		if err != nil {
			return nil, err
		}
		return s.openCommitted(list[0])
	}
	// While a commit gives it its name and its row, neither leads to it.
	for wait := time.Millisecond; ; wait *= 2 {
		f, there, err := s.openGrowing(ctx, ref)
		if !errors.Is(err, ErrUnknown) {
			return f, err
		}
		r, found, err := s.committedOf(ctx, ref)
		if err != nil {
			return nil, err
		}
		if found && r.Thinned > 0 {
			return nil, ErrNoFootage // places in it are not those of the file that was being written
		}
		if found {
			return s.openCommitted(r)
		}
		if !there || wait > commitTime {
			return nil, ErrUnknown
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(wait):
		}
	}
}

// commitTime bounds how long a segment that is being committed is waited for.
const commitTime = time.Second

// committedOf finds the row of a segment that was being written.
func (s *Store) committedOf(ctx context.Context, ref FootageRef) (r SegmentRecord, found bool, err error) {
	list, err := s.listSegments(ctx, `start = ? AND number = ?`, ref.start, ref.number)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return r, false, err
	}
	for _, r := range list {
		if bytes.Equal(r.Run[:8], ref.run[:8]) {
			return r, true, nil
		}
	}
	return r, false, nil
}

// openCommitted opens the file of a row.
func (s *Store) openCommitted(r SegmentRecord) (*Footage, error) {
	if r.Volume != s.volume.ID {
		return nil, fmt.Errorf("%s: on another volume: %w", r.Path, ErrNoFootage)
	}
	name, err := s.within(r.Path)
	if err != nil {
		return nil, err
	}
	// A pipe in its place would be waited for.
	info, err := s.disk.Stat(name)
	if err == nil && (!info.Mode().IsRegular() || info.Size() != r.Bytes) {
		return nil, fmt.Errorf("%s: not the file of %d bytes that was recorded: %w", r.Path, r.Bytes, ErrNoFootage)
	}
	var file File
	if err == nil {
		file, err = s.disk.Open(name)
	}
	if err == nil { // it may have been thinned since
		if info, err = file.Stat(); err == nil && info.Size() != r.Bytes {
			err = fmt.Errorf("%s: not the file of %d bytes that was recorded: %w", r.Path, r.Bytes, ErrNoFootage)
		}
		if err != nil {
			return nil, errors.Join(err, file.Close())
		}
	}
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s: %w", r.Path, ErrNoFootage)
	}
	if err != nil {
		return nil, err
	}
	return &Footage{
		FootageRef: FootageRef{ID: r.ID, run: r.Run, number: r.Number, start: r.Start.UnixMicro()}, Camera: r.Camera, Name: path.Base(r.Path),
		Start: r.Start, Size: r.Bytes, Changed: info.ModTime(), file: file,
	}, nil
}
