package storage

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"time"

	"v720dvr/camera"
)

// Unarchived is a committed segment that does not stand in an archive.
type Unarchived struct {
	ID         int64 // SegmentRecord.ID
	Camera     camera.ID
	Path       string
	Start, End time.Time
	Bytes      int64
	Shows      bool       // something was seen, heard or asked for in it, or so shortly before or behind it
	Try        ArchiveTry // the zero value when none was made
}

// Unarchived lists the committed segments on the mounted volume that do not stand in an archive: camera by camera, the
// newest first. Those of which an event is no further away than around show one. A page of 500 is read at
// once; between two of them no snapshot is held.
func (s *Store) Unarchived(ctx context.Context, place string, around time.Duration) iter.Seq2[Unarchived, error] {
	return func(yield func(Unarchived, error) bool) {
		err := s.eachUnarchived(ctx, place, around, func(u Unarchived) bool { return yield(u, nil) })
		if err != nil {
			yield(Unarchived{}, fmt.Errorf("look for what is not archived: %w", err))
		}
	}
}

const unarchivedPage = 500

func (s *Store) eachUnarchived(ctx context.Context, place string, around time.Duration, yield func(Unarchived) bool) error {
	ids, err := listColumn[camera.ID](ctx, s.index, `SELECT DISTINCT camera FROM folders ORDER BY camera`)
	if err != nil {
		return err
	}
	for _, id := range ids {
		before := place0
		for {
			page, err := s.page(ctx, `camera = ? AND +volume = ? AND (start, id) < (?, ?) ORDER BY start DESC, id DESC LIMIT ?`,
				id, s.volume.ID, before.start, before.id, unarchivedPage)
			if err != nil {
				return err
			}
			if len(page) == 0 {
				break
			}
			list, err := s.unarchivedOf(ctx, place, id, page, around)
			if err != nil {
				return err
			}
			for _, u := range list {
				if !yield(u) {
					return nil
				}
			}
			if before = page[len(page)-1].place; len(page) < unarchivedPage {
				break
			}
		}
	}
	return nil
}

// NewestSegment is the number of the segment that was committed last; 0 for none.
func (v *View) NewestSegment(ctx context.Context) (id int64, err error) {
	if err = v.index.read.QueryRowContext(ctx, `SELECT coalesce(max(id), 0) FROM segments`).Scan(&id); err != nil {
		return 0, fmt.Errorf("find the newest segment: %w", err)
	}
	return id, nil
}

// place0 stands behind every other.
var place0 = place{start: 1<<63 - 1, id: 1<<63 - 1}

// unarchivedOf leaves out of a page what is archived, and finds out of the rest what it shows.
func (s *Store) unarchivedOf(ctx context.Context, archive string, id camera.ID, page []candidate, around time.Duration) (list []Unarchived, err error) {
	from, to := page[len(page)-1].start, page[0].start
	done := make(map[int64]bool)
	starts, err := listColumn[int64](ctx, s.state, `SELECT start FROM archived WHERE place = ? AND camera = ? AND start BETWEEN ? AND ?`, archive, id, from, to)
	if err != nil {
		return nil, err
	}
	for _, start := range starts {
		done[start] = true
	}
	if page = slices.DeleteFunc(page, func(c candidate) bool { return done[c.start] }); len(page) == 0 {
		return nil, nil
	}
	tries := make(map[int64]ArchiveTry)
	made, err := s.archiveTries(ctx, `place = ? AND camera = ? AND start BETWEEN ? AND ?`, archive, id, from, to)
	if err != nil {
		return nil, err
	}
	for _, t := range made {
		tries[t.Start.UnixMicro()] = t
	}
	shown, err := s.shownIn(ctx, id, from-around.Microseconds(), to+(longest+around).Microseconds())
	if err != nil {
		return nil, err
	}
	for _, c := range page {
		list = append(list, Unarchived{
			ID: c.id, Camera: c.camera, Path: c.path, Start: time.UnixMicro(c.start).UTC(), End: c.end, Bytes: c.bytes,
			Shows: shown.has(id, c.start-around.Microseconds(), c.end.UnixMicro()+around.Microseconds()), Try: tries[c.start],
		})
	}
	return list, nil
}

// longestShown bounds how far behind its beginning an event's end is looked for.
const longestShown = 24 * time.Hour

// shownIn looks up when something was seen, heard or asked for, in [from, to] in µs. What has no end yet is a moment.
func (s *Store) shownIn(ctx context.Context, id camera.ID, from, to int64) (Kept, error) {
	rows, err := s.index.read.QueryContext(ctx, `SELECT coalesce(begin, at), at, kind, detail FROM events
		WHERE camera = ? AND at >= ? AND at <= ? AND coalesce(begin, at) <= ? AND kind IN (?, ?, ?, ?, ?, ?)`,
		id, from, to+longestShown.Microseconds(), to, camera.Ended, camera.Motion, camera.Sound, camera.Light, camera.Asked, camera.Device)
	if err != nil {
		return Kept{}, err
	}
	defer rows.Close()
	var spans []Keep
	for rows.Next() {
		var begin, at int64
		var kind camera.EventKind
		var detail string
		if err := rows.Scan(&begin, &at, &kind, &detail); err != nil {
			return Kept{}, err
		}
		if kind == camera.Ended {
			if over, ok := camera.ParseEnding(detail); !ok || !slices.ContainsFunc(over.Kinds, shows) {
				continue
			}
		}
		spans = append(spans, Keep{Camera: id, From: time.UnixMicro(min(begin, at)), To: time.UnixMicro(at + 1)})
	}
	return keptBy(spans), rows.Err()
}

// shows tells the events that footage is looked at for from those of the connection and the camera's health.
func shows(kind camera.EventKind) bool {
	switch kind {
	case camera.Motion, camera.Sound, camera.Light, camera.Asked, camera.Device:
		return true
	}
	return false
}
