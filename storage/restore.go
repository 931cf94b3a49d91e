package storage

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"path/filepath"
	"strings"
	"time"

	"v720dvr/camera"
)

// RestoreSpec says which segment is brought back, as it was copied away.
type RestoreSpec struct {
	Camera camera.ID
	Name   string // what the camera was called; "" is its id
	Start  time.Time
	Day    string // the folder of the day: "2026-11-22"
	File   string // "2026-11-22T14-05-00+0100.avi"
	Bytes  int64
	SHA256 [32]byte
}

// restoreSuffix is that of a file which is being brought back. It is nobody's segment: a kill leaves it as it is, and who
// brings back the same one goes on with it, for restoreWaits at most.
const restoreSuffix = ".restore"

// restoreWaits is how long after its last byte Rescan leaves such a file alone.
const restoreWaits = 7 * 24 * time.Hour

// Restoring is a segment that is being brought back. It is for one goroutine, and ended by Commit or Leave.
type Restoring struct {
	store    *Store
	spec     RestoreSpec
	relative string // of the segment, below recordings
	name     string // of the file until it is whole
	file     File
	has      int64
	over     *SegmentRecord // the thinned one that it takes the place of; nil: the place is free
}

// Restore begins to bring a segment back, or goes on with it: it makes its folders, and a file beside its place. Where the segment is here with
// fewer pictures and fewer bytes, it takes that one's place. fs.ErrExist, wrapped, when it is here as it was copied or fuller, or
// something else is in its place; ErrMalformed when there can be no such segment.
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
	r := &Restoring{store: s, spec: spec}
	dir, err := s.placeOf(ctx, r)
	if err != nil {
		return nil, err
	}
	if going, err := s.beingDeleted(ctx, r.relative); err != nil || going {
		return nil, errors.Join(err, errors.New("its deletion is under way; try again in a minute"))
	}
	r.name = filepath.Join(dir, path.Base(r.relative)+restoreSuffix)
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

// placeOf finds where a segment is to be: where it is, thinned, or where it was.
func (s *Store) placeOf(ctx context.Context, r *Restoring) (dir string, err error) {
	here, err := s.listSegments(ctx, `camera = ? AND start = ? AND volume = ?`, r.spec.Camera, r.spec.Start.UnixMicro(), s.volume.ID)
	if err != nil {
		return "", err
	}
	if len(here) > 0 {
		over := here[0]
		if !over.IsLessThan(r.spec.Bytes) {
			return "", fs.ErrExist
		}
		r.over, r.relative = &over, over.Path
		return filepath.Dir(s.Path(over)), nil
	}
	name := r.spec.Name
	if name == "" {
		name = string(r.spec.Camera)
	}
	folder, err := s.folderOf(ctx, r.spec.Camera, name)
	if err != nil {
		return "", err
	}
	if dir, err = s.makeFolders(folder, r.spec.Day); err != nil {
		return "", err
	}
	r.relative = folder + "/" + r.spec.Day + "/" + r.spec.File
	if free, err := s.free(filepath.Join(dir, r.spec.File)); err != nil || !free {
		return "", errors.Join(err, fs.ErrExist)
	}
	return dir, nil
}

// IsLessThan tells whether a copy of so many bytes has pictures that thinning took out here.
func (r SegmentRecord) IsLessThan(bytes int64) bool { return r.Thinned > 0 && r.Bytes < bytes }

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
	if r.over != nil {
		return s.restoreOver(ctx, r)
	}
	name := strings.TrimSuffix(r.name, restoreSuffix)
	if err := s.beginReplacing(ctx, r.relative); err != nil {
		return record, err
	}
	if err := s.disk.Rename(r.name, name); err != nil {
		return record, errors.Join(err, s.endReplacing(ctx, r.relative))
	}
	if err := s.disk.SyncDir(filepath.Dir(name)); err != nil {
		return record, err
	}
	// A kill from here on leaves a segment without a row, to which the intent leads the next start.
	if err := s.enterFile(ctx, r.relative); err != nil {
		if errors.Is(err, errCopy) { // a person has put it elsewhere
			return record, errors.Join(fs.ErrExist, s.disk.Remove(name))
		}
		if errors.Is(err, errForeign) {
			err = errors.New("it is no segment, or lies in a folder of another camera")
		}
		return record, err
	}
	if err := s.endReplacing(ctx, r.relative); err != nil {
		return record, err
	}
	return s.restored(ctx, r)
}

// restored is the row of what was brought back.
func (s *Store) restored(ctx context.Context, r *Restoring) (record SegmentRecord, err error) {
	list, err := s.listSegments(ctx, `volume = ? AND path = ?`, s.volume.ID, r.relative)
	if err != nil || len(list) == 0 {
		return record, errors.Join(err, ErrNoFootage)
	}
	return list[0], nil
}
