package storage

import (
	"cmp"
	"context"
	"errors"
	"math"
	"slices"
	"time"

	"v720dvr/camera"
	"v720dvr/storage/avi"
)

// A reel is a segment that is committed, or is being written.
type reel struct {
	record   SegmentRecord // of the latter: what places it in the order of all
	growing  *Segment      // nil when it is committed
	snapshot avi.Snapshot  // of one that is being written
}

func (r *reel) ref() FootageRef {
	return FootageRef{ID: r.record.ID, run: r.record.Run, number: r.record.Number, start: r.record.Start.UnixMicro()}
}

// reels are the segments with a part in a span, in the order in which they were recorded. Those that are
// being written come with what they hold at this moment.
func (s *Store) reels(ctx context.Context, id camera.ID, from, to time.Time) ([]reel, error) {
	var list []reel
	for _, segment := range s.growing(id) { // before the rows, or one that is committed meanwhile would be in neither
		if !segment.spec.Start.Before(to) {
			continue
		}
		snapshot, ok, err := segment.snapshot(ctx)
		if err != nil {
			return nil, err
		}
		if m := snapshot.Meta(); ok {
			record := SegmentRecord{Camera: id, Run: m.Run, Number: m.Number, Start: utcMicros(m.Start)}
			list = append(list, reel{record: record, growing: segment, snapshot: snapshot})
		}
	}
	committed, err := s.Segments(ctx, SegmentQuery{Camera: id, From: from, To: to, Limit: mostListed})
	if err != nil {
		return nil, err
	}
	if len(committed) == mostListed {
		return nil, ErrManySegments
	}
	if len(list) == 0 {
		for _, r := range committed {
			list = append(list, reel{record: r})
		}
		return list, nil
	}
	for _, r := range committed {
		list = slices.DeleteFunc(list, func(g reel) bool { return g.growing != nil && g.record.Run == r.Run && g.record.Number == r.Number })
		list = append(list, reel{record: r})
	}
	slices.SortStableFunc(list, func(a, b reel) int { return a.record.Start.Compare(b.record.Start) })
	sortRecorded(list, func(r reel) recording { return r.record.recording() })
	return list, nil
}

// rowsOf are the rows of a segment, by time. They are shared: not to be changed.
func (s *Store) rowsOf(ctx context.Context, r *reel) ([]Row, error) {
	if r.growing != nil {
		return rowsIn(r.snapshot.Reader(nil)), nil
	}
	key := rowsKey{r.record.ID, r.record.Path, r.record.Bytes}
	if rows, ok := s.rows.find(key); ok {
		return rows, nil
	}
	select {
	case parsing <- struct{}{}:
		defer func() { <-parsing }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	file, err := s.openListed(ctx, &r.record)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	read, err := file.Reader()
	if err != nil {
		return nil, err
	}
	key = rowsKey{r.record.ID, r.record.Path, r.record.Bytes}
	rows := rowsIn(read)
	s.rows.keep(key, rows)
	return rows, nil
}

// openListed opens the file of a row that was listed a moment ago. Where it was thinned since, the row becomes that of
// the file which took its place.
func (s *Store) openListed(ctx context.Context, r *SegmentRecord) (*Footage, error) {
	file, err := s.openCommitted(*r)
	if !errors.Is(err, ErrNoFootage) || r.Volume != s.volume.ID {
		return file, err
	}
	s.swapping.RLock()
	defer s.swapping.RUnlock()
	now, failed := s.listSegments(ctx, `volume = ? AND path = ? AND bytes < ?`, r.Volume, r.Path, r.Bytes)
	if failed != nil || len(now) == 0 {
		return nil, errors.Join(err, failed)
	}
	*r = now[0]
	return s.openCommitted(*r)
}

// parsing bounds how many frame tables are read at once, since of the largest file each takes 100 MB.
var parsing = make(chan struct{}, 2)

// rowsIn are the rows of a file, by time.
func rowsIn(r *avi.Reader) []Row {
	frames, audio := r.Frames(), r.Audio()
	start := r.Summary().Start.UnixMicro()
	rows := make([]Row, 0, len(frames)+len(audio))
	// Both are in order but for capture times that run backwards: so this is a merge, and then seldom a sort.
	for len(frames) > 0 || len(audio) > 0 {
		var heard int64
		if len(audio) > 0 {
			heard = start + audio[0].First*1_000_000/avi.SampleRate
		}
		if len(audio) == 0 || len(frames) > 0 && frames[0].At.UnixMicro() <= heard {
			if f := &frames[0]; !f.Lost && f.Offset <= math.MaxUint32 {
				rows = append(rows, Row{At: f.At.UnixMicro(), Offset: uint32(f.Offset), Size: uint32(f.Size), Kind: RowPicture})
			}
			frames = frames[1:]
			continue
		}
		if a := &audio[0]; a.Offset <= math.MaxUint32 {
			rows = append(rows, Row{At: heard, Offset: uint32(a.Offset), Size: uint32(a.Size), Kind: RowSound})
		}
		audio = audio[1:]
	}
	byTime := func(a, b Row) int { return cmp.Compare(a.At, b.At) }
	if !slices.IsSortedFunc(rows, byTime) {
		slices.SortStableFunc(rows, byTime)
	}
	return rows
}
