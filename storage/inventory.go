package storage

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"
	"time"

	"v720dvr/camera"
)

// An Inventory is what retention has to decide about, as it was at one moment: every committed segment
// of the mounted volume, what is open, what keeps hold, and the disk. It takes 32 bytes a segment, and
// what is asked of it is pure: any number of rules can be tried on it. It never changes.
type Inventory struct {
	At       time.Time
	Space    Space // of the volume; the zero Space where the system does not tell it
	HasSpace bool

	volume  string
	kept    Kept
	shown   shown // of as long ago as there are segments
	read    int64 // bytes of committed segments
	cameras []shelf
	rows    []item // of all cameras, by their place
}

// A shelf is what an Inventory has of one camera; there is one only of a camera that has segments.
type shelf struct {
	id    camera.ID
	rows  []int32 // into Inventory.rows, by their place
	open  int64   // bytes of its open segment
	bytes int64   // of all its segments, the open one among them
	held  int64   // of these bytes, what keeps hold
}

// An item is a segment of an Inventory.
type item struct {
	start, end int64 // µs since 1970
	bytes      int64
	shelf      int32
	kept       bool
}

// Inventory reads what there is: a million segments in one pass over the index. While it is read
// segments may come and go; it has each as it was at some moment of the pass.
func (s *Store) Inventory(ctx context.Context) (*Inventory, error) {
	v := &Inventory{At: s.now(), volume: s.volume.ID}
	var err error
	if v.kept, err = s.Kept(ctx, v.At); err != nil {
		return nil, err
	}
	switch v.Space, err = s.Space(); {
	case err == nil:
		v.HasSpace = true
	case !errors.Is(err, errors.ErrUnsupported):
		return nil, fmt.Errorf("find out how much of the disk is free: %w", err)
	}
	shelves := make(map[string]int32)
	rows, err := s.index.read.QueryContext(ctx, `SELECT camera, start, "end", bytes FROM segments WHERE volume = ? ORDER BY start, id`, s.volume.ID)
	if err != nil {
		return nil, fmt.Errorf("list segments: %w", err)
	}
	defer rows.Close()
	var id []byte // a string only of a camera that is new
	for rows.Next() {
		var one item
		if err := rows.Scan((*rawText)(&id), &one.start, &one.end, &one.bytes); err != nil {
			return nil, fmt.Errorf("list segments: %w", err)
		}
		at, known := shelves[string(id)]
		if !known {
			at = int32(len(v.cameras))
			shelves[string(id)] = at
			v.cameras = append(v.cameras, shelf{id: camera.ID(id)})
		}
		one.shelf = at
		v.add(one)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("list segments: %w", err)
	}
	if len(v.rows) > 0 {
		if v.shown, err = s.shownEvents(ctx, time.UnixMicro(v.rows[0].start)); err != nil {
			return nil, err
		}
	}
	s.mu.Lock()
	open := s.openSegments()
	s.mu.Unlock()
	for _, segment := range open {
		if at, known := shelves[string(segment.spec.Camera)]; known {
			v.cameras[at].open += segment.Size()
			v.cameras[at].bytes += segment.Size()
		}
	}
	return v, nil
}

// rawText takes a text of a row without a new string for each row.
type rawText []byte

// Scan is sql.Scanner's.
func (r *rawText) Scan(value any) error {
	switch text := value.(type) {
	case string:
		*r = append((*r)[:0], text...)
	case []byte:
		*r = append((*r)[:0], text...)
	default:
		return fmt.Errorf("%T is no text", value)
	}
	return nil
}

// add puts a segment behind those that are there.
func (v *Inventory) add(one item) {
	of := &v.cameras[one.shelf]
	one.kept = v.kept.has(of.id, one.start, one.end)
	of.rows = append(of.rows, int32(len(v.rows)))
	of.bytes += one.bytes
	v.read += one.bytes
	if one.kept {
		of.held += one.bytes
	}
	v.rows = append(v.rows, one)
}

// Open are the bytes of a camera's segment that is being written.
func (v *Inventory) Open(id camera.ID) int64 {
	for _, of := range v.cameras {
		if of.id == id {
			return of.open
		}
	}
	return 0
}

// Segments counts those that are committed.
func (v *Inventory) Segments() int { return len(v.rows) }

// Bytes are those of all segments, open ones among them.
func (v *Inventory) Bytes() (bytes int64) {
	for _, of := range v.cameras {
		bytes += of.bytes
	}
	return bytes
}

// Held are the bytes of committed segments that keeps hold.
func (v *Inventory) Held() (bytes int64) {
	for _, of := range v.cameras {
		bytes += of.held
	}
	return bytes
}

// lacks tells how many bytes MinFree lacks; 0 or less when it lacks none, or nobody knows.
func (v *Inventory) lacks(rules Rules) int64 {
	if rules.MinFree <= 0 || !v.HasSpace {
		return 0
	}
	return rules.MinFree - v.Space.Free
}

// stock is the Inventory as the planner sees it. Paths are left out: nothing is deleted by it.
func (v *Inventory) stock(rules Rules) stock {
	have := stock{volume: v.volume, short: v.lacks(rules), footage: v.read, kept: v.kept, shown: v.shown, all: v.list(nil)}
	at := make(map[camera.ID]int, len(v.cameras))
	for i, of := range v.cameras {
		at[of.id] = i
		have.cameras = append(have.cameras, cameraStock{id: of.id, newest: v.candidate(of.rows[len(of.rows)-1]), bytes: of.bytes})
	}
	have.of = func(id camera.ID) iter.Seq2[candidate, error] { return v.list(v.cameras[at[id]].rows) }
	return have
}

// list yields candidates: those that are numbered, or with nil all.
func (v *Inventory) list(numbers []int32) iter.Seq2[candidate, error] {
	return func(yield func(candidate, error) bool) {
		if numbers == nil {
			for i := range v.rows {
				if !yield(v.candidate(int32(i)), nil) {
					return
				}
			}
		}
		for _, i := range numbers {
			if !yield(v.candidate(i), nil) {
				return
			}
		}
	}
}

func (v *Inventory) candidate(i int32) candidate {
	one := &v.rows[i]
	return candidate{
		place: place{one.start, int64(i)}, camera: v.cameras[one.shelf].id,
		end: time.UnixMicro(one.end).UTC(), bytes: one.bytes,
	}
}

// HasKeepsOf tells whether the keeps in force are those of an Inventory.
func (s *Store) HasKeepsOf(ctx context.Context, v *Inventory) (bool, error) {
	kept, err := s.Kept(ctx, s.now())
	if err != nil {
		return false, err
	}
	return maps.EqualFunc(kept.of, v.kept.of, slices.Equal), nil
}
