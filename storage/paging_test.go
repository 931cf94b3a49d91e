package storage_test

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"testing"
	"time"

	"v720dvr/camera"
	"v720dvr/storage"
	"v720dvr/storage/storagetest"
)

// Pages put behind each other are the list, whatever their size, order and cameras.
func TestPagesMakeTheListTwiceNothingAndMissNothing(t *testing.T) {
	store := storagetest.Open(t, storage.Options{})
	ids := []camera.ID{"0800c0000001", "0800c0000002", "0800c0000003"}
	for i := range 9 {
		start := noon.Add(time.Duration(i/3*10) * time.Second) // three begin at the same time
		segment := create(t, store, storage.SegmentSpec{Camera: ids[i%3], Start: start})
		shoot(t, segment)
		for j := range 2 {
			kind := []camera.EventKind{camera.Motion, camera.Sound}[j]
			if err := segment.WriteEvent(camera.Event{Camera: ids[i%3], At: start.Add(time.Duration(j*100) * time.Millisecond), Kind: kind, Detail: fmt.Sprint(i)}); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := segment.Commit(t.Context(), start.Add(time.Second)); err != nil {
			t.Fatal(err)
		}
	}
	spans := []storage.PageQuery{{}, {From: noon.Add(500 * time.Millisecond)}, {To: noon.Add(15 * time.Second)}, {From: noon.Add(5 * time.Second), To: noon.Add(12 * time.Second)}}
	for _, cameras := range []storage.CameraSet{storage.AllCameras, {}, storage.SomeCameras(ids[0]), storage.SomeCameras(ids[0], ids[2])} {
		for _, span := range spans {
			span.Cameras = cameras
			var segments []storage.SegmentRecord
			all, err := store.Segments(t.Context(), storage.SegmentQuery{From: span.From, To: span.To})
			if err != nil {
				t.Fatal(err)
			}
			for _, r := range all {
				if cameras.Has(r.Camera) {
					segments = append(segments, r)
				}
			}
			pages(t, span, segments, store.SegmentPage, func(r storage.SegmentRecord) storage.Place { return storage.Place{At: r.Start, ID: r.ID} })
			for _, kinds := range [][]camera.EventKind{nil, {camera.Motion}, {camera.Motion, camera.Sound}} {
				var events []storage.EventRecord
				all, err := store.Events(t.Context(), storage.EventQuery{From: span.From, To: span.To})
				if err != nil {
					t.Fatal(err)
				}
				for _, e := range all {
					if cameras.Has(e.Camera) && (kinds == nil || slices.Contains(kinds, e.Kind)) {
						events = append(events, e)
					}
				}
				of := func(ctx context.Context, q storage.PageQuery) ([]storage.EventRecord, error) {
					list, _, err := store.EventPage(ctx, q, kinds, nil)
					return list, err
				}
				pages(t, span, events, of, func(e storage.EventRecord) storage.Place { return storage.Place{At: e.At, ID: e.ID} })
				matchingPages(t, store, span, kinds, events)
			}
		}
	}
}

func pages[T any](t *testing.T, q storage.PageQuery, want []T, list func(context.Context, storage.PageQuery) ([]T, error), place func(T) storage.Place) {
	t.Helper()
	slices.SortFunc(want, func(a, b T) int {
		x, y := place(a), place(b)
		if c := x.At.Compare(y.At); c != 0 {
			return c
		}
		return int(x.ID - y.ID)
	})
	for _, newest := range []bool{false, true} {
		for _, limit := range []int{1, 2, 4, 100} {
			q, got := q, []T(nil)
			q.Newest, q.Limit = newest, limit
			for {
				page, err := list(t.Context(), q)
				if err != nil {
					t.Fatal(err)
				}
				got = append(got, page...)
				if len(page) < limit {
					break
				}
				last := place(page[len(page)-1])
				q.After = &last
			}
			expected := slices.Clone(want)
			if newest {
				slices.Reverse(expected)
			}
			if !reflect.DeepEqual(got, expected) {
				t.Errorf("%+v: got %d rows, want %d: %+v", q, len(got), len(expected), got)
			}
		}
	}
}

// Pages of what matches, put behind each other by their next, are what matches.
func matchingPages(t *testing.T, store *storage.Store, q storage.PageQuery, kinds []camera.EventKind, all []storage.EventRecord) {
	t.Helper()
	match := func(e storage.EventRecord) bool { return e.ID%3 == 0 }
	var want []int64
	for _, e := range all {
		if match(e) {
			want = append(want, e.ID)
		}
	}
	slices.Sort(want)
	for _, limit := range []int{1, 2, 100} {
		q, got := q, []int64(nil)
		q.Limit = limit
		for {
			list, next, err := store.EventPage(t.Context(), q, kinds, match)
			if err != nil {
				t.Fatal(err)
			}
			for _, e := range list {
				got = append(got, e.ID)
			}
			if next == nil {
				break
			}
			q.After = next
		}
		if slices.Sort(got); !slices.Equal(got, want) {
			t.Errorf("%+v: got %v, want %v", q, got, want)
		}
	}
}
