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
// of the mounted volume, what is open, what keeps hold, and the disk. It takes 44 bytes a segment, and
// what is asked of it is pure: any number of rules can be tried on it. It never changes.
type Inventory struct {
	At       time.Time
	Space    Space // of the volume; the zero Space where the system does not tell it
	HasSpace bool

	volume  string
	kept    Kept
	waits   *Waits // as the store's when it was read
	waiting int    // rows that wait
	shown   shown  // of as long ago as there are segments
	read    int64  // bytes of committed segments
	number  int64  // of the last change of the index that it knows
	told    string // the events that shown knows
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
	place
	end   int64 // µs since 1970
	bytes int64
	shelf int32
	kept  bool
	waits bool // to be archived
}

// Inventory reads what there is: a million segments in one pass over the index, in a second or so. Segments that come and go
// meanwhile are not seen.
func (s *Store) Inventory(ctx context.Context) (*Inventory, error) { return s.Renew(ctx, nil) }

// Renew is an Inventory of now. Of one from before it takes over what has not changed, so that it costs what copying it does.
func (s *Store) Renew(ctx context.Context, old *Inventory) (*Inventory, error) {
	v := &Inventory{At: s.now(), volume: s.volume.ID, waits: s.waits.Load()}
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
	s.mu.Lock()
	open := s.openSegments()
	s.mu.Unlock()
	if err := s.readInventory(ctx, v, old); err != nil {
		return nil, fmt.Errorf("list segments: %w", err)
	}
	if err := s.readShown(ctx, v, old); err != nil {
		return nil, err
	}
	for _, segment := range open {
		for i := range v.cameras {
			if of := &v.cameras[i]; of.id == segment.spec.Camera {
				of.open += segment.Size()
				of.bytes += segment.Size()
			}
		}
	}
	return v, nil
}

// readShown reads the events, unless none has come or gone since the old ones were read.
func (s *Store) readShown(ctx context.Context, v, old *Inventory) (err error) {
	if v.told, err = s.eventsTold(ctx, AllCameras); err != nil || len(v.rows) == 0 {
		return err
	}
	if old != nil && old.told == v.told && len(old.rows) > 0 && old.rows[0].start <= v.rows[0].start {
		v.shown = old.shown
		return nil
	}
	v.shown, err = s.shownEvents(ctx, time.UnixMicro(v.rows[0].start))
	return err
}

// add puts a segment behind those that are there.
func (v *Inventory) add(one item) {
	of := &v.cameras[one.shelf]
	one.kept = v.kept.has(of.id, one.start, one.end)
	if one.waits = v.waits != nil && (*v.waits)(of.id, one.id, time.UnixMicro(one.start), time.UnixMicro(one.end)); one.waits {
		v.waiting++
	}
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
	if v.waiting > 0 {
		have.waits = func(c candidate) bool { return v.rows[c.number].waits }
	}
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
		place: one.place, number: i, camera: v.cameras[one.shelf].id,
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
