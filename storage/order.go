package storage

import (
	"bytes"
	"cmp"
	"slices"
	"time"

	"v720dvr/camera"
)

// A recording is what tells a segment's place in the order of all.
type recording struct {
	run    [16]byte
	camera camera.ID
	number uint32 // in the run; 0 when its file does not tell
	start  time.Time
}

func (r SegmentRecord) recording() recording { return recording{r.Run, r.Camera, r.Number, r.Start} }

// sortFresh sorts files whose rows are to be written.
func sortFresh(files []freshFile) {
	slices.SortFunc(files, func(a, b freshFile) int { // of two copies the one in its place comes first
		return cmp.Or(cmp.Compare(a.misplaced(), b.misplaced()), cmp.Compare(a.path, b.path))
	})
	sortRecorded(files, func(f freshFile) recording {
		sums := &f.said.sums
		return recording{sums.Run, camera.ID(sums.Camera), sums.Number, sums.Start}
	})
}

func (f freshFile) misplaced() int {
	if inPlace(f.path, f.said.sums) {
		return 0
	}
	return 1
}

// inRecordedOrder gives the order, as places in list, of what is in the order of commits or of paths: by
// start, but what a run recorded of a camera stays in the order in which it was begun. A segment from
// behind a clock that was set back stands right behind those from before, as if it had begun no
// earlier than they did.
func inRecordedOrder[T any](list []T, of func(T) recording) []int {
	type key struct {
		recording
		place time.Time
		index int
	}
	keys := make([]key, len(list))
	for i, item := range list {
		keys[i] = key{recording: of(item), index: i}
	}
	slices.SortStableFunc(keys, func(a, b key) int { return cmp.Compare(a.number, b.number) })
	type source struct {
		run    [16]byte
		camera camera.ID
	}
	latest := make(map[source]time.Time)
	for i := range keys {
		k := &keys[i]
		if k.place = k.start; k.number == 0 {
			continue
		}
		from := source{k.run, k.camera}
		if before := latest[from]; before.After(k.place) {
			k.place = before
		}
		latest[from] = k.place
	}
	slices.SortStableFunc(keys, func(a, b key) int {
		return cmp.Or(a.place.Compare(b.place), cmp.Compare(a.number, b.number), bytes.Compare(a.run[:], b.run[:]))
	})
	order := make([]int, len(keys))
	for i := range keys {
		order[i] = keys[i].index
	}
	return order
}

// sortRecorded puts a list into that order.
func sortRecorded[T any](list []T, of func(T) recording) {
	order := inRecordedOrder(list, of)
	if slices.IsSorted(order) {
		return
	}
	sorted := make([]T, len(list))
	for i, from := range order {
		sorted[i] = list[from]
	}
	copy(list, sorted)
}
