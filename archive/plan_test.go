package archive

import (
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"v720dvr/camera"
	"v720dvr/storage"
)

func TestPlanHasTheNextInOrderCountsAllAndHoldsWhatWaits(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		now := noon.Add(24 * time.Hour)
		what := map[camera.ID]What{}
		for i := range 3 {
			what[camera.ID(fmt.Sprint(i))] = rapid.SampledFrom([]What{Events, All, None}).Draw(t, "what")
		}
		p := &plan{now: now, newest: 1000, what: func(id camera.ID) What { return what[id] }}
		var all []storage.Unarchived
		for i := range rapid.IntRange(0, 60).Draw(t, "segments") {
			start := noon.Add(time.Duration(rapid.IntRange(0, 100).Draw(t, "minute")) * time.Minute)
			u := storage.Unarchived{
				ID: int64(i + 1), Camera: camera.ID(fmt.Sprint(rapid.IntRange(0, 2).Draw(t, "camera"))), Start: start, Bytes: int64(i),
				End: start.Add(time.Duration(rapid.IntRange(1, 4).Draw(t, "minutes")) * time.Minute), Shows: rapid.Bool().Draw(t, "shows"),
			}
			if rapid.Bool().Draw(t, "rests") {
				u.Try.Next = now.Add(time.Duration(rapid.IntRange(-5, 5).Draw(t, "next")) * time.Minute)
			}
			all = append(all, u)
			p.add(u)
		}
		wanted := slices.DeleteFunc(slices.Clone(all), func(u storage.Unarchived) bool {
			return what[u.Camera] == None || what[u.Camera] == Events && !u.Shows
		})
		bytes := int64(0)
		for _, u := range wanted {
			bytes += u.Bytes
		}
		may := slices.DeleteFunc(slices.Clone(wanted), func(u storage.Unarchived) bool { return u.Try.Next.After(now) })
		if p.waiting.Segments != len(wanted) || p.waiting.Bytes != bytes || p.waiting.Resting != len(wanted)-len(may) || len(p.next) != len(may) {
			t.Fatalf("got %+v and %d next, want %d segments of %d bytes, %d next", p.waiting, len(p.next), len(wanted), bytes, len(may))
		}
		for i, u := range p.next {
			if !slices.ContainsFunc(may, func(m storage.Unarchived) bool { return m.ID == u.ID }) {
				t.Fatalf("%+v may not go", u)
			}
			if i > 0 && (u.Shows && !p.next[i-1].Shows || u.Shows == p.next[i-1].Shows && u.Start.After(p.next[i-1].Start)) {
				t.Fatalf("%+v comes behind %+v", u, p.next[i-1])
			}
		}
		for _, u := range all {
			waits := slices.ContainsFunc(wanted, func(w storage.Unarchived) bool {
				return w.Camera == u.Camera && w.Start.Before(u.End) && w.End.After(u.Start)
			})
			if got := p.holds(u.Camera, u.ID, u.Start, u.End); got != waits {
				t.Fatalf("%+v: held %v, want %v; spans %v", u, got, waits, p.held[u.Camera])
			}
		}
		if !p.holds("2", 1001, noon, noon.Add(time.Minute)) {
			t.Fatal("a segment that nobody has looked at is not held")
		}
	})
}

func TestQueueKeepsTheBestWhenThereIsMore(t *testing.T) {
	p := &plan{now: noon, what: func(camera.ID) What { return All }}
	for i := range 3 * mostQueued {
		start := noon.Add(time.Duration(i*7919%(3*mostQueued)) * time.Minute)
		p.add(storage.Unarchived{ID: int64(i), Camera: door, Start: start, End: start.Add(time.Minute)})
	}
	if len(p.next) != mostQueued || p.waiting.Segments != 3*mostQueued || len(p.held[door]) != 1 {
		t.Fatalf("got %d next of %d, held in %d spans", len(p.next), p.waiting.Segments, len(p.held[door]))
	}
	for i, u := range p.next {
		if want := noon.Add(time.Duration(3*mostQueued-1-i) * time.Minute); !u.Start.Equal(want) {
			t.Fatalf("next %d: got %v, want %v", i, u.Start, want)
		}
	}
}

func TestBandwidthIsHeldToTheByte(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		limit := int64(100_000)
		p := newPace(func() int64 { return limit })
		take := func(bytes int) time.Duration {
			begun := time.Now()
			for left := bytes; left > 0; left -= chunkBytes {
				if err := p.take(t.Context(), min(left, chunkBytes)); err != nil {
					t.Fatal(err)
				}
			}
			return time.Since(begun).Round(10 * time.Millisecond)
		}
		if got := take(1_000_000); got != 10*time.Second {
			t.Errorf("a megabyte at 100 kB/s: got %v, want 10 s", got)
		}
		limit = 1_000_000 // another setting, while it runs
		if got := take(1_000_000); got != time.Second {
			t.Errorf("a megabyte at 1 MB/s: got %v, want 1 s", got)
		}
		limit = 0
		if got := take(100_000_000); got != 0 {
			t.Errorf("without a limit: got %v", got)
		}
		if moved := p.moved.Load(); moved != 102_000_000 {
			t.Errorf("got %d bytes counted", moved)
		}
	})
}

func TestRestGrowsToItsBound(t *testing.T) {
	for failures, want := range map[int]time.Duration{1: 2 * time.Second, 3: 8 * time.Second, 8: 256 * time.Second, 9: 5 * time.Minute, 1000: 5 * time.Minute} {
		if got := backoff(failures, longestRest); got != want {
			t.Errorf("after %d failures: got %v, want %v", failures, got, want)
		}
	}
}

func TestKeysLeadToTheirCameraAndPlace(t *testing.T) {
	const name = "2026-11-22T14-05-00+0100_motion.avi"
	for id, want := range map[camera.ID]string{"0800c0000001": "0800c0000001/2026-11-22/" + name, "a/b c": "a%2Fb%20c/2026-11-22/" + name} {
		key := keyOf(id, "front door/2026-11-22/"+name, noon)
		if got, ok := cameraOf(key); key != want || !ok || got != id {
			t.Errorf("got %q, and %q of it, want %q", key, got, want)
		}
		if day, file := (Copy{Key: aside(key, noon)}).place(); day != "2026-11-22" || file != name {
			t.Errorf("got %q %q of %q", day, file, aside(key, noon))
		}
	}
	// One that somebody has put elsewhere is found by its time all the same.
	for _, path := range []string{"a fox.avi", "holiday/" + name, "front door/2026-11-22/the fox.avi", "front door/2026-11-22/2026-11-22T14-06-00+0100.avi"} {
		if key := keyOf(door, path, noon); key != "0800c0000001/2026-11-22/2026-11-22T13-05-00+0000.avi" {
			t.Errorf("%s: got %q", path, key)
		}
	}
}
