package storage

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"strings"
	"time"

	"v720dvr/camera"
)

// RestoreSpec says which segment is brought back, as it was copied away.
type RestoreSpec struct {
	Camera camera.ID
	Name   string // what the camera was called; "" is its id
	Day    string // the folder of the day: "2026-11-22"
	File   string // "2026-11-22T14-05-00+0100.avi"
	Bytes  int64
	SHA256 [32]byte
}

// restoreSuffix is that of a file which is being brought back. It is nobody's segment: a kill leaves it as it is, and who
// brings back the same one goes on with it.
const restoreSuffix = ".restore"

// Restoring is a segment that is being brought back. It is for one goroutine, and ended by Commit or Leave.
type Restoring struct {
	store    *Store
	spec     RestoreSpec
	relative string // of the segment, below recordings
	name     string // of the file until it is whole
	file     File
	has      int64
}

// Restore begins to bring a segment back, or goes on with it: it makes its folders, and a file beside its place. fs.ErrExist, wrapped, when something is in its place
// already; ErrMalformed when there can be no such segment.
func (s *Store) Restore(ctx context.Context, spec RestoreSpec) (*Restoring, error) {
	r, err := s.restore(ctx, spec)
	if err != nil {
		return nil, fmt.Errorf("bring %s back: %w", spec.File, err)
	}
	return r, nil
}

func (s *Store) restore(ctx context.Context, spec RestoreSpec) (*Restoring, error) {
	base, isSegment := strings.CutSuffix(spec.File, segmentSuffix)
	if _, err := time.Parse(dayLayout, spec.Day); err != nil || !isSegment || !isSegmentName(base) || spec.Camera == "" || spec.Bytes <= 0 {
		return nil, fmt.Errorf("%w: %q of the day %q is no segment", ErrMalformed, spec.File, spec.Day)
	}
	if spec.Name == "" {
		spec.Name = string(spec.Camera)
	}
	folder, err := s.folderOf(ctx, spec.Camera, spec.Name)
	if err != nil {
		return nil, err
	}
	r := &Restoring{store: s, spec: spec, relative: folder + "/" + spec.Day + "/" + spec.File}
	if going, err := s.beingDeleted(ctx, r.relative); err != nil || going {
		return nil, errors.Join(err, errors.New("its deletion is under way; try again in a minute"))
	}
	dir, err := s.makeFolders(folder, spec.Day)
	if err != nil {
		return nil, err
	}
	if free, err := s.free(filepath.Join(dir, spec.File)); err != nil || !free {
		return nil, errors.Join(err, fs.ErrExist)
	}
	r.name = filepath.Join(dir, spec.File+restoreSuffix)
	r.file, err = s.disk.Edit(r.name)
	if errors.Is(err, fs.ErrNotExist) {
		r.file, err = s.disk.Create(r.name)
	}
	if err != nil {
		return nil, err
	}
	info, err := r.file.Stat()
	if err == nil {
		if r.has = info.Size(); r.has > spec.Bytes {
			r.has, err = 0, r.file.Truncate(0)
		}
	}
	if err != nil {
		return nil, errors.Join(err, r.file.Close())
	}
	return r, nil
}

// Has is how many bytes an earlier try, and this one, have written.
func (r *Restoring) Has() int64 { return r.has }

// Write adds what comes next of the file.
func (r *Restoring) Write(b []byte) (int, error) {
	if r.has+int64(len(b)) > r.spec.Bytes {
		return 0, fmt.Errorf("bring %s back: more comes than its %d bytes", r.spec.File, r.spec.Bytes)
	}
	n, err := r.file.WriteAt(b, r.has)
	r.has += int64(n)
	return n, err
}

// Leave ends it for now; who brings back the same segment goes on with it.
func (r *Restoring) Leave() error { return r.file.Close() }

// ErrNotWhole is a file that is not the one that was copied away, by its checksum. What came of it is gone.
var ErrNotWhole = errors.New("its checksum is not the one that was written down when it was copied away")

// Commit ends it: the file is held against its checksum, made durable, given its name and its row. On an error there is no segment.
func (r *Restoring) Commit(ctx context.Context) (SegmentRecord, error) {
	record, err := r.commit(ctx)
	if err != nil {
		return record, fmt.Errorf("bring %s back: %w", r.spec.File, err)
	}
	return record, nil
}

func (r *Restoring) commit(ctx context.Context) (record SegmentRecord, err error) {
	s := r.store
	hash := sha256.New()
	_, err = io.Copy(hash, io.NewSectionReader(r.file, 0, r.spec.Bytes))
	if err == nil && (r.has != r.spec.Bytes || [32]byte(hash.Sum(nil)) != r.spec.SHA256) {
		return record, errors.Join(ErrNotWhole, r.file.Close(), s.disk.Remove(r.name))
	}
	if err == nil {
		err = r.file.Sync()
	}
	if err = errors.Join(err, r.file.Close()); err != nil {
		return record, err
	}
	name := strings.TrimSuffix(r.name, restoreSuffix)
	if err := s.disk.Rename(r.name, name); err != nil {
		return record, err
	}
	if err := s.disk.SyncDir(filepath.Dir(name)); err != nil {
		return record, err
	}
	// A kill from here on leaves a segment without a row, which the next start's look enters.
	if err := s.enterFile(ctx, r.relative); err != nil {
		if errors.Is(err, errCopy) { // a person has put it elsewhere
			return record, errors.Join(fs.ErrExist, s.disk.Remove(name))
		}
		if errors.Is(err, errForeign) {
			err = errors.New("it is no segment, or lies in a folder of another camera")
		}
		return record, err
	}
	list, err := s.listSegments(ctx, `volume = ? AND path = ?`, s.volume.ID, r.relative)
	if err != nil || len(list) == 0 {
		return record, errors.Join(err, ErrNoFootage)
	}
	return list[0], nil
}
