package storage_test

import (
	"slices"
	"testing"
	"time"

	"v720dvr/camera"
	"v720dvr/storage"
	"v720dvr/storage/avi"
	"v720dvr/storage/storagetest"
)

// Three segments of ten seconds, an hour and 3 s apart, with events of all sorts.
func spansFilm(t *testing.T) *storage.Store {
	t.Helper()
	store := storagetest.Open(t, storage.Options{})
	reel := func(start time.Time, gaps []avi.Gap, events ...camera.Event) {
		segment := create(t, store, storage.SegmentSpec{Camera: tileCamera, Start: start, Gaps: gaps})
		expose(t, segment, 10, 0, 0)
		for _, e := range events {
			if err := segment.WriteEvent(e); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := segment.Commit(t.Context(), start.Add(10*time.Second)); err != nil {
			t.Fatal(err)
		}
	}
	second := func(n int) time.Time { return noon.Add(time.Duration(n) * time.Second) }
	over := camera.Ending{Begin: second(2).UTC(), Seconds: 4, Kinds: []camera.EventKind{camera.Motion}}
	reel(noon, nil,
		camera.Event{At: noon, Kind: camera.Streaming},
		camera.Event{At: second(2), Kind: camera.Motion},
		camera.Event{At: second(6), Kind: camera.Ended, Detail: over.Detail()},
		camera.Event{At: second(7), Kind: camera.Sound})
	reel(second(13), []avi.Gap{{From: second(10), To: second(11), Reason: storage.GapSilent}, {From: second(11), To: second(13), Reason: storage.GapOffline}})
	reel(second(3600), []avi.Gap{{From: second(23), To: second(3600), Reason: storage.GapPaused}},
		camera.Event{At: second(3605), Kind: camera.Asked})
	return store
}

func TestSpansTellWhatWasRecordedWhyNotAndWhatHappened(t *testing.T) {
	store := spansFilm(t)
	at := func(n float64) time.Time {
		return noon.Add(time.Duration(n * float64(time.Second))).UTC().Truncate(time.Microsecond)
	}
	span := func(from, to float64) storage.Stretch { return storage.Stretch{From: at(from), To: at(to)} }
	for _, c := range []struct {
		res      time.Duration
		recorded []storage.Stretch
		gaps     []string
		events   []storage.Stretch
	}{
		{0, []storage.Stretch{span(0, 10), span(13, 23), span(3600, 3610)}, []string{"silent", "offline", "paused"}, []storage.Stretch{span(2, 6), span(7, 7), span(3605, 3605)}},
		{5 * time.Second, []storage.Stretch{span(0, 23), span(3600, 3610)}, []string{"offline", "paused"}, []storage.Stretch{span(2, 7), span(3605, 3605)}},
		{2 * time.Hour, []storage.Stretch{span(0, 3610)}, []string{"paused"}, []storage.Stretch{span(2, 3605)}},
	} {
		got, err := store.View.Spans(t.Context(), tileCamera, noon, noon.Add(3610*time.Second), c.res)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(got.Recorded, c.recorded) {
			t.Errorf("%v: recorded %v, want %v", c.res, got.Recorded, c.recorded)
		}
		var gaps []string
		count := 0
		for _, g := range got.Gaps {
			gaps = append(gaps, g.Reason)
			count += g.Count
		}
		if c.res == 0 && count != 3 || c.res > 0 && count < 3 || !slices.Equal(gaps, c.gaps) && c.res != 5*time.Second {
			t.Errorf("%v: %d gaps %+v, want %v", c.res, count, got.Gaps, c.gaps)
		}
		var events []storage.Stretch
		count = 0
		for _, e := range got.Events {
			events = append(events, e.Stretch)
			count += e.Count
		}
		if count != 3 || !slices.Equal(events, c.events) {
			t.Errorf("%v: %d events %+v, want %v", c.res, count, got.Events, c.events)
		}
	}
	// What began before the span reaches into it.
	got, err := store.View.Spans(t.Context(), tileCamera, at(4), at(5), 0)
	if err != nil || len(got.Events) != 1 || got.Events[0].From != at(2) {
		t.Errorf("a span inside an event: %+v, %v", got.Events, err)
	}
}

func TestSpansAreNeverMoreThanTheirBound(t *testing.T) {
	store := storagetest.Open(t, storage.Options{})
	segment := create(t, store, storage.SegmentSpec{Camera: tileCamera, Start: noon})
	for i := range 3000 {
		at := noon.Add(time.Duration(i) * time.Second)
		if err := segment.WriteFrame(camera.Frame{At: at, JPEG: jpeg(i)}); err != nil {
			t.Fatal(err)
		}
		if err := segment.WriteEvent(camera.Event{At: at, Kind: camera.Motion}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := segment.Commit(t.Context(), noon.Add(3000*time.Second)); err != nil {
		t.Fatal(err)
	}
	got, err := store.View.Spans(t.Context(), tileCamera, noon, noon.Add(3000*time.Second), time.Second)
	count := 0
	for _, e := range got.Events {
		count += e.Count
	}
	if n := len(got.Recorded) + len(got.Gaps) + len(got.Events); err != nil || n > storage.MostSpans || count != 3000 || got.Res <= time.Second {
		t.Errorf("%d spans of %d events, no two nearer than %v: %v", n, count, got.Res, err)
	}
}
