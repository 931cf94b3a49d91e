package storage

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"
)

// ErrNotFuller is a file that is another segment than the one here, or one with no more pictures.
var ErrNotFuller = errors.New("it is no fuller copy of the segment that is here, which stays")

// restoreOver puts what was brought back in the place of the thinned segment, as thinning put that one there: after an error, and
// after a kill, there is the one or the other, whole.
func (s *Store) restoreOver(ctx context.Context, r *Restoring) (record SegmentRecord, err error) {
	over := *r.over
	said, err := s.readSegment(r.name, true)
	if err != nil {
		return record, err
	}
	full := newRecord(over.Volume, over.Path, said.sums)
	if !said.ours || !said.finished || !isTwin(over, said.sums) || full.Thinned >= over.Thinned {
		return record, errors.Join(ErrNotFuller, s.disk.Remove(r.name))
	}
	if err := s.beginReplacing(ctx, over.Path); err != nil {
		return record, err
	}
	replaced, err := s.replaceBy(ctx, over, r.name, said, true)
	if err != nil {
		if !replaced {
			_ = s.endReplacing(context.WithoutCancel(ctx), over.Path) // what is left of it leads nowhere
		}
		if errors.Is(err, errNotThinned) {
			err = errors.New("it is in use, or another one by now; try again")
		}
		return record, err
	}
	return s.restored(ctx, r)
}

// beginReplacing writes down that a file gets another's place, or a free one: until endReplacing, Open goes by the file.
func (s *Store) beginReplacing(ctx context.Context, relative string) error {
	_, err := s.index.write.ExecContext(ctx, `INSERT OR IGNORE INTO thinning (volume, path) VALUES (?, ?)`, s.volume.ID, relative)
	if err != nil {
		return fmt.Errorf("write down that it begins: %w", err)
	}
	return nil
}

func (s *Store) endReplacing(ctx context.Context, relative string) error {
	_, err := s.index.write.ExecContext(ctx, `DELETE FROM thinning WHERE volume = ? AND path = ?`, s.volume.ID, relative)
	return err
}

// restorePart looks at a file that was to be brought back. While somebody may go on with it, it is left alone, and listed.
func (a *audit) restorePart(ctx context.Context, name, relative string, entry fs.DirEntry) {
	info, err := a.store.disk.Stat(name)
	if err != nil || a.store.now().Sub(info.ModTime()) <= restoreWaits || !isSegmentName(strings.TrimSuffix(path.Base(relative), segmentSuffix+restoreSuffix)) {
		a.leaveEntry(relative, entry, ForeignNotWhole)
		return
	}
	a.problem(ctx, Problem{Invariant: "I3", Path: relative, Text: "a segment that began to come back from an archive more than a week ago, and did not",
		Remedy: "it is removed; the archive has it"}, func(context.Context) error { return a.store.disk.Remove(name) })
}
