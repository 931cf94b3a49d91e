package storage

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"path/filepath"
	"reflect"
	"syscall"
	"time"

	"v720dvr/storage/avi"
)

// thinSuffix is behind the name of a segment that is written with fewer pictures, until it takes the other's place.
const thinSuffix = segmentSuffix + ".thin"

// A segment is thinned like one is committed:
//
//	intent ─ ….avi.thin, fsync ─ rename over ….avi ─ fsync of the folder ─ the row, under a new id, and the intent goes
//
// Until the rename the old file is all that counts, and from then on the new one. Who has the old one open keeps it. The
// new id tells who asks by the old one that places in the file are others now.

// thinSegment thins one. Taken and Less are 0 where there is nothing to do: then it is passed over from now on.
func (s *Store) thinSegment(ctx context.Context, r SegmentRecord, of CameraThin, step ThinStep, rate int64) (Thinned, error) {
	told := Thinned{Camera: r.Camera, Volume: r.Volume, Path: r.Path, Start: r.Start, End: r.End, Rule: step.String(), Bytes: r.Bytes}
	if s.used.has(r.ID) {
		return told, errNotThinned
	}
	whole, open, err := s.eventSpans(ctx, r.Camera, r.Start, r.End, of)
	if err != nil {
		return told, err
	}
	if open < r.End.UnixMicro() {
		return told, errNotThinned
	}
	file, err := s.openCommitted(r)
	if errors.Is(err, ErrNoFootage) {
		return told, errNotThinned
	}
	if err != nil {
		return told, err
	}
	defer file.Close()
	moved := &paced{File: file.file, ctx: ctx, rate: rate, begun: time.Now()}
	read, err := avi.Open(moved, r.Bytes)
	if err != nil {
		return told, err
	}
	keep := chooseFrames(read.Frames(), step.rate(), whole)
	less := int64(0)
	for i, f := range read.Frames() {
		if !keep[i] {
			less += int64(f.Size)
		}
	}
	silence := step.Silent && r.HasAudio
	if silence {
		less += r.Samples
	}
	if !read.Finished() || float64(less) < worthThinning*float64(r.Bytes) {
		return told, s.passOver(ctx, r, step.rate())
	}
	if space, err := s.Space(); err == nil && space.Free < r.Bytes-less+thinRoom {
		return told, fmt.Errorf("%d bytes are free, the smaller file beside the larger one needs %d: %w", space.Free, r.Bytes-less+thinRoom, syscall.ENOSPC)
	}
	seal, err := s.sealToThin(ctx, moved, r.Bytes)
	if err != nil {
		return told, err
	}
	how := avi.Thinning{At: s.now(), Rule: told.Rule, Rate: step.FPS, Sound: silence}
	said, err := s.writeThinned(ctx, r, read, keep, how, moved, seal)
	if err != nil {
		return told, err
	}
	told.statement = seal.Thin
	told.Taken, told.Less, told.Done = said.sums.Taken()-r.Thinned, r.Bytes-said.sums.Bytes, utcMicros(s.now())
	if err := s.logThinned(context.WithoutCancel(ctx), told); err != nil {
		s.log.Warn("what was thinned could not be written down; the file itself tells it", "file", r.Path, "err", err)
	}
	s.log.Debug("segment thinned", "camera", r.Camera, "file", r.Path, "start", r.Start, "rule", told.Rule, "pictures", told.Taken, "bytes", told.Less)
	return told, nil
}

// thinRoom stays free beside the new file.
const thinRoom = 8 << 20

// writeThinned writes the new file and puts it in the place of the old one. After an error there is the old one alone,
// or, where only the row could not be written, the new one, and the intent for the next look.
func (s *Store) writeThinned(ctx context.Context, r SegmentRecord, read *avi.Reader, keep []bool, how avi.Thinning, moved *paced, seal *avi.Seal) (said fileSummary, err error) {
	name, err := s.within(r.Path)
	if err != nil {
		return said, err
	}
	part := name[:len(name)-len(segmentSuffix)] + thinSuffix
	s.setThinning(part)
	defer s.setThinning("")
	if err := s.beginReplacing(ctx, r.Path); err != nil {
		return said, err
	}
	sums, err := s.writeThinPart(ctx, part, read, keep, how, moved, seal)
	if err == nil {
		said, err = s.readSegment(part, true)
	}
	if err == nil && (!said.finished || !reflect.DeepEqual(said.sums, sums) || len(said.events) != len(read.Events())) {
		err = fmt.Errorf("what was written into %s is not what was meant", path.Base(part))
	}
	replaced := false
	if err == nil {
		replaced, err = s.replaceBy(ctx, r, part, said, false)
	}
	if err != nil && !replaced {
		if failed := s.disk.Remove(part); failed != nil && !errors.Is(failed, fs.ErrNotExist) {
			return said, errors.Join(err, failed) // the intent stays: it is removed later
		}
		_ = s.endReplacing(context.WithoutCancel(ctx), r.Path) // what is left of it leads nowhere
	}
	return said, err
}

func (s *Store) writeThinPart(ctx context.Context, part string, read *avi.Reader, keep []bool, how avi.Thinning, moved *paced, seal *avi.Seal) (avi.Summary, error) {
	file, err := s.disk.Create(part)
	if err != nil {
		return avi.Summary{}, err
	}
	sums, err := avi.Thin(moved.to(file), read, keep, how)
	if err == nil {
		err = ctx.Err()
	}
	if err == nil && seal.Link != nil {
		err = s.sealThinned(ctx, file, sums.Bytes, seal)
	}
	if err == nil {
		err = file.Sync()
	}
	return sums, errors.Join(err, file.Close())
}

// replaceBy gives the new file the old one's name, and writes its row. What is kept is replaced only by a fuller one. replaced: the old file is gone.
func (s *Store) replaceBy(ctx context.Context, r SegmentRecord, part string, said fileSummary, fuller bool) (replaced bool, err error) {
	s.sweeping.Lock() // a plan names files by their sizes
	defer s.sweeping.Unlock()
	s.keeping.Lock()
	defer s.keeping.Unlock()
	s.entering.Lock()
	defer s.entering.Unlock()
	if err := errors.Join(ctx.Err(), s.onVolume()); err != nil {
		return false, err
	}
	if err := s.mayReplace(ctx, r, fuller); err != nil {
		return false, err
	}
	ctx = context.WithoutCancel(ctx)
	s.swapping.Lock() // who looks up a row opens its file before, or behind
	defer s.swapping.Unlock()
	name := s.Path(r)
	if err := s.disk.Replace(part, name); err != nil {
		return false, err
	}
	synced := s.disk.SyncDir(filepath.Dir(name))
	// Where that failed a power cut may bring the old file back: the intent stays, and the next look goes by the file.
	return true, errors.Join(synced, s.enterAnew(ctx, r, said, synced == nil))
}

// mayReplace looks whether the segment is still the one that was read, and may be changed.
func (s *Store) mayReplace(ctx context.Context, r SegmentRecord, fuller bool) error {
	now, err := s.listSegments(ctx, `id = ? AND volume = ? AND path = ? AND bytes = ?`, r.ID, r.Volume, r.Path, r.Bytes)
	if err != nil {
		return err
	}
	kept, err := s.Kept(ctx, s.now())
	if err != nil {
		return err
	}
	info, err := s.disk.Stat(s.Path(r))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if len(now) == 0 || !fuller && kept.Has(r.Camera, r.Start, r.End) || s.used.has(r.ID) || err != nil || !info.Mode().IsRegular() || info.Size() != r.Bytes {
		return errNotThinned
	}
	return nil
}
