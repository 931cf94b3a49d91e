package storage_test

import (
	"errors"
	"testing"
	"time"

	"v720dvr/camera"
	"v720dvr/storage"
	"v720dvr/storage/storagetest"
)

func eventsAt(n int, from time.Time) (list []storage.EventRecord) {
	for i := range n {
		list = append(list, storage.EventRecord{ID: int64(i + 1), Camera: segmentCamera(i), Kind: camera.Motion, At: from.Add(time.Duration(i) * time.Minute)})
	}
	return list
}

func TestEachUserHasSeenEventsOfTheirOwn(t *testing.T) {
	a := storagetest.Open(t, storage.Options{}).Accounts()
	anna, err := a.AddUser(t.Context(), storage.User{Name: "anna", Role: storage.RoleAdmin}, "hash", noon)
	if err != nil {
		t.Fatal(err)
	}
	ben, err := a.AddUser(t.Context(), storage.User{Name: "ben", Role: storage.RoleViewer}, "hash", noon)
	if err != nil {
		t.Fatal(err)
	}
	list := eventsAt(37, noon)
	mark := func(user int64, events []storage.EventRecord, seen bool, want int) {
		t.Helper()
		if changed, err := a.MarkSeen(t.Context(), user, events, seen); err != nil || len(changed) != want {
			t.Errorf("user %d, seen %v: got %d changed, %v, want %d", user, seen, len(changed), err, want)
		}
	}
	unseen := func(user int64, want int) {
		t.Helper()
		seen, err := a.Seen(t.Context(), user, noon, noon.Add(time.Hour))
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		for _, e := range list {
			if !seen.Has(e) {
				n++
			}
		}
		if n != want {
			t.Errorf("user %d: got %d new, want %d", user, n, want)
		}
	}
	mark(anna.ID, list[:1], true, 1)
	mark(anna.ID, list, true, 36) // the first was seen before: an undo leaves it so
	unseen(anna.ID, 0)
	unseen(ben.ID, 37)
	unseen(0, 37)
	mark(ben.ID, list[36:], true, 1)
	mark(anna.ID, list[1:], false, 36)
	unseen(anna.ID, 36)
	unseen(ben.ID, 36)
	other := list[1]
	other.Kind = camera.Sound
	if seen, err := a.Seen(t.Context(), anna.ID, time.Time{}, time.Time{}); err != nil || seen.Has(other) || !seen.Has(list[0]) {
		t.Errorf("got %+v, %v", seen, err)
	}
	if _, err := a.MarkSeen(t.Context(), 99, list, true); !errors.Is(err, storage.ErrUnknown) {
		t.Errorf("nobody: got %v", err)
	}
	if err := a.RemoveUser(t.Context(), "ben"); err != nil {
		t.Fatal(err)
	}
	unseen(ben.ID, 37)
}

// What is too much to remember counts as seen: nothing that was seen becomes new again.
func TestEventsSeenLongAgoAreForgottenAsSeen(t *testing.T) {
	a := storagetest.Open(t, storage.Options{}).Accounts()
	list := eventsAt(storage.MaxSeen+1, noon)
	for part := list; len(part) > 0; part = part[min(len(part), 20_000):] {
		if _, err := a.MarkSeen(t.Context(), 0, part[:min(len(part), 20_000)], true); err != nil {
			t.Fatal(err)
		}
	}
	seen, err := a.Seen(t.Context(), 0, noon, time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	for i, e := range list {
		if !seen.Has(e) {
			t.Fatalf("event %d of %d is new again", i, len(list))
		}
	}
	if changed, err := a.MarkSeen(t.Context(), 0, list[:1], false); err != nil || len(changed) != 0 {
		t.Errorf("one that is too old to be new: got %v, %v", changed, err)
	}
	last := list[len(list)-1:]
	if changed, err := a.MarkSeen(t.Context(), 0, last, false); err != nil || len(changed) != 1 {
		t.Errorf("the last one: got %v, %v", changed, err)
	}
	if later, err := a.Seen(t.Context(), 0, last[0].At, time.Time{}); err != nil || later.Has(last[0]) || later.Mark() == seen.Mark() {
		t.Errorf("got %q, %v, want the last one new", later.Mark(), err)
	}
}

func TestEventsStaySeenWhenTheIndexIsBuiltAgain(t *testing.T) {
	dir := t.TempDir()
	weekend(t, dir)
	numbers := func(store *storage.Store) (list []storage.EventRecord) {
		t.Helper()
		list, _, err := store.EventPage(t.Context(), storage.PageQuery{Cameras: storage.AllCameras, Limit: 100}, nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		return list
	}
	store, err := storage.Open(t.Context(), storage.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	before := numbers(store)
	if _, err := store.Accounts().MarkSeen(t.Context(), 0, before[1:], true); err != nil {
		t.Fatal(err)
	}
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	removeIndex(t, dir)
	if _, err := storage.Reindex(t.Context(), storage.Options{Dir: dir}, nil); err != nil {
		t.Fatal(err)
	}
	again := storagetest.Open(t, storage.Options{Dir: dir})
	seen, err := again.Accounts().Seen(t.Context(), 0, time.Time{}, time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	after := numbers(again)
	if len(after) != len(before) || len(after) < 3 {
		t.Fatalf("got %d events, want %d", len(after), len(before))
	}
	other := false
	for i, e := range after {
		other = other || e.ID != before[i].ID
		if seen.Has(e) != (i > 0) {
			t.Errorf("event %d, %+v: seen %v", i, e, seen.Has(e))
		}
	}
	if !other {
		t.Error("the numbers are the same: this test shows nothing")
	}
}

func TestDaysAreCountedWithTheHoursTheyHave(t *testing.T) {
	store := storagetest.Open(t, storage.Options{})
	for i := range 4 {
		film(t, store, storage.SegmentSpec{Camera: segmentCamera(i), Start: noon.Add(time.Duration(i) * 12 * time.Hour)})
	}
	segment := create(t, store, storage.SegmentSpec{Camera: "0800c0000001", Start: noon.Add(48*time.Hour - 500*time.Millisecond)})
	shoot(t, segment) // a second, across the bound
	for i, kind := range []camera.EventKind{camera.Motion, camera.Sound, camera.Streaming} {
		if err := segment.WriteEvent(camera.Event{At: segment.Start().Add(time.Duration(i) * 400 * time.Millisecond), Kind: kind}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := segment.Commit(t.Context(), segment.Start().Add(time.Second)); err != nil {
		t.Fatal(err)
	}
	bounds := []time.Time{noon, noon.Add(23 * time.Hour), noon.Add(48 * time.Hour), noon.Add(72 * time.Hour)}
	kinds := []camera.EventKind{camera.Motion, camera.Sound}
	for _, c := range []struct {
		cameras storage.CameraSet
		events  [3]int
		footage [3]time.Duration
	}{
		{storage.AllCameras, [3]int{0, 2, 0}, [3]time.Duration{2 * time.Second, 2500 * time.Millisecond, 500 * time.Millisecond}},
		{storage.SomeCameras("0800c0000000"), [3]int{}, [3]time.Duration{time.Second, time.Second, 0}},
		{storage.CameraSet{}, [3]int{}, [3]time.Duration{}},
	} {
		got, err := store.EventDays(t.Context(), c.cameras, kinds, bounds)
		if err != nil || len(got) != 3 {
			t.Fatalf("got %+v, %v", got, err)
		}
		for i, d := range got {
			if d.Events != c.events[i] || d.Footage != c.footage[i] || !d.From.Equal(bounds[i]) || !d.To.Equal(bounds[i+1]) {
				t.Errorf("%v, day %d: got %+v, want %d events, %v", c.cameras, i, d, c.events[i], c.footage[i])
			}
		}
	}
}
