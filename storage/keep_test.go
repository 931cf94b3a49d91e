package storage_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"v720dvr/camera"
	"v720dvr/storage"
	"v720dvr/storage/storagetest"
)

func keep(t testing.TB, store *storage.Store, k storage.Keep) storage.Keep {
	t.Helper()
	made, err := store.Keep(t.Context(), k)
	if err != nil {
		t.Fatal(err)
	}
	return made
}

// doorKeep holds the two segments of a day's door, and nothing else.
func doorKeep(day int) storage.Keep {
	begin := noon.Add(time.Duration(day) * 24 * time.Hour)
	return storage.Keep{Camera: "0800c0000001", From: begin.Add(500 * time.Millisecond), To: begin.Add(90 * time.Minute), Note: "a parcel", Who: "user anna"}
}

func TestNoRuleDeletesWhatIsKept(t *testing.T) {
	everything := storage.CameraRules{MaxAge: time.Nanosecond, MaxSize: 1}
	for name, rules := range map[string]storage.Rules{
		"max_age":         {Camera: func(camera.ID) storage.CameraRules { return storage.CameraRules{MaxAge: time.Nanosecond} }},
		"camera.max_size": {Camera: func(camera.ID) storage.CameraRules { return storage.CameraRules{MaxSize: 1} }},
		"max_size":        {MaxSize: 1},
		"min_free":        {MinFree: 1 << 60},
		"all of them":     {MaxSize: 1, MinFree: 1 << 60, Camera: func(camera.ID) storage.CameraRules { return everything }},
	} {
		t.Run(name, func(t *testing.T) {
			a := openArchive(t, new(storagetest.Disk))
			keep(t, a.Store, doorKeep(0))
			keep(t, a.Store, doorKeep(3)) // the newest of its camera among them
			over := doorKeep(1)
			over.Until = a.now.Add(time.Minute)
			keep(t, a.Store, over)
			a.now = a.now.Add(time.Hour)
			rules.Twice = true
			swept := a.sweep(t, rules)
			rows, err := a.Segments(t.Context(), storage.SegmentQuery{Camera: "0800c0000001"})
			if err != nil {
				t.Fatal(err)
			}
			var got []time.Time
			for _, r := range rows {
				got = append(got, r.Start)
				if _, err := os.Stat(a.Path(r)); err != nil {
					t.Error(err)
				}
			}
			var want []time.Time
			for _, r := range a.kept {
				if day := r.Start.Sub(noon.Truncate(time.Microsecond)) / (24 * time.Hour); r.Camera == "0800c0000001" && (day == 0 || day == 3) {
					want = append(want, r.Start)
				}
			}
			if !slices.EqualFunc(got, want, time.Time.Equal) || swept.Segments < 4 {
				t.Errorf("got segments of the door of %v and %+v, want those of the first and the last day", got, swept)
			}
			if again := a.sweep(t, rules); again.Segments != 0 {
				t.Errorf("a second sweep: got %+v, want nothing left to do", again)
			}
		})
	}
}

// What is being written when the keep is made, and what begins later, is kept as what was there.
func TestKeepHoldsWhatIsWrittenNowAndLater(t *testing.T) {
	now := noon.Add(time.Hour)
	store := storagetest.Open(t, storage.Options{Now: func() time.Time { return now }})
	open := create(t, store, storage.SegmentSpec{Camera: "0800c0000001", Start: noon})
	shoot(t, open)
	made := keep(t, store, storage.Keep{Camera: "0800c0000001", From: noon.Add(200 * time.Millisecond), To: noon.Add(time.Hour)})
	if made.Held != (storage.Held{}) {
		t.Errorf("got %+v before anything is committed", made.Held)
	}
	first, err := open.Commit(t.Context(), noon.Add(time.Second))
	if err != nil {
		t.Fatal(err)
	}
	later := film(t, store, storage.SegmentSpec{Camera: "0800c0000001", Start: noon.Add(10 * time.Minute)})
	other := film(t, store, storage.SegmentSpec{Camera: "0800c0000002", Start: noon.Add(10 * time.Minute)})
	behind := film(t, store, storage.SegmentSpec{Camera: "0800c0000001", Start: noon.Add(time.Hour)}) // the keep ends where it begins
	all := storage.Rules{Twice: true, Camera: func(camera.ID) storage.CameraRules { return storage.CameraRules{MaxAge: time.Nanosecond} }}
	now = noon.Add(24 * time.Hour)
	if _, err := store.Sweep(t.Context(), all); err != nil {
		t.Fatal(err)
	}
	for _, r := range []storage.SegmentRecord{first, later, other, behind} {
		_, err := os.Stat(store.Path(r))
		if stays := r.ID == first.ID || r.ID == later.ID; stays != (err == nil) {
			t.Errorf("%s: got %v, want it there: %v", r.Path, err, stays)
		}
	}
	made, err = store.FindKeep(t.Context(), made.ID)
	want := storage.Held{Segments: 2, Bytes: first.Bytes + later.Bytes, Length: first.End.Sub(first.Start) + later.End.Sub(later.Start)}
	if err != nil || made.Held != want {
		t.Errorf("got %+v, %v, want %+v", made.Held, err, want)
	}
	if err := store.Unkeep(t.Context(), made.ID); err != nil {
		t.Fatal(err)
	}
	if swept, err := store.Sweep(t.Context(), all); err != nil || swept.Segments != 2 {
		t.Errorf("without it: got %+v, %v, want both gone", swept, err)
	}
}

func TestRoomOnAFullDiskIsMadeOfTheNextOldest(t *testing.T) {
	disk := new(storagetest.Disk)
	a := openArchive(t, disk)
	disk.Limit(t, a.Recordings(), 1<<20)
	keep(t, a.Store, storage.Keep{Camera: "0800c0000001", From: noon, To: a.now})
	keep(t, a.Store, storage.Keep{Camera: "0800c0000001", From: noon.Add(time.Hour), To: a.now.Add(time.Hour)})
	space, err := a.Space()
	if err != nil {
		t.Fatal(err)
	}
	if swept, err := a.MakeRoom(t.Context(), storage.Rules{MinFree: space.Free + 1}, true); err != nil || swept.Segments != 1 || swept.Short != 0 || swept.Choked != nil {
		t.Errorf("got %+v, %v, want one deleted", swept, err)
	}
	door := slices.DeleteFunc(slices.Clone(a.kept), func(r storage.SegmentRecord) bool { return r.Camera != "0800c0000001" })
	if _, err := os.Stat(a.Path(a.kept[1])); err == nil {
		t.Errorf("%s stays, the oldest that is not kept", a.kept[1].Path)
	}
	swept, err := a.MakeRoom(t.Context(), storage.Rules{MinFree: space.Free + 9*a.kept[0].Bytes}, false)
	if err != nil || len(swept.Choked) != 1 || swept.Choked[0].Rule != storage.RuleMinFree || swept.Choked[0].Held != 8*door[0].Bytes || swept.Short != swept.Choked[0].Lacks {
		t.Errorf("when keeps are all that is left: got %+v, %v, want that told", swept, err)
	}
	a.holds(t, door)
	held, err := a.Held(t.Context())
	if err != nil || held.Segments != 8 || held.Bytes != 8*door[0].Bytes || held.Length != 8*door[0].End.Sub(door[0].Start) {
		t.Errorf("got %+v, %v, want each of the 8 once", held, err)
	}
	swept = a.sweep(t, storage.Rules{Twice: true, MaxSize: 3 * door[0].Bytes})
	if want := (storage.Choke{Rule: storage.RuleMaxSize, Lacks: 5 * door[0].Bytes, Held: 8 * door[0].Bytes}); len(swept.Choked) != 1 || swept.Choked[0] != want {
		t.Errorf("got %+v, want %+v", swept.Choked, want)
	}
}

func TestKeepIsRememberedAndItsNumberNeverGivenTwice(t *testing.T) {
	dir, now := t.TempDir(), noon.Add(time.Hour)
	o := storage.Options{Dir: dir, Now: func() time.Time { return now }}
	store := storagetest.Open(t, o)
	first := keep(t, store, storage.Keep{Camera: "0800c0000001", From: noon, To: noon.Add(time.Minute), Note: "Ü, the ‘fox’", Until: now.Add(time.Hour), Who: "user anna"})
	second := keep(t, store, storage.Keep{Camera: "0800c0000002", From: noon, To: noon.Add(time.Minute), Who: "token garage"})
	if err := store.Unkeep(t.Context(), second.ID); err != nil {
		t.Fatal(err)
	}
	if err := store.Unkeep(t.Context(), second.ID); !errors.Is(err, storage.ErrUnknown) {
		t.Errorf("ended twice: got %v", err)
	}
	store.Close()
	if _, err := storage.KeepOffline(t.Context(), dir, storage.Keep{Camera: "0800c0000003", From: noon, To: noon}, now); !errors.Is(err, storage.ErrMalformed) {
		t.Errorf("a span without a length: got %v", err)
	}
	third, err := storage.KeepOffline(t.Context(), dir, storage.Keep{Camera: "0800c0000003", From: noon, To: noon.Add(time.Hour), Who: "command line"}, now)
	if err != nil || third.ID <= second.ID {
		t.Errorf("got %+v, %v, want a new number", third, err)
	}
	store = storagetest.Open(t, o)
	if _, err := storage.KeepOffline(t.Context(), dir, third, now); err == nil {
		t.Error("beside a store that is open: got no error")
	}
	list, err := store.Keeps(t.Context(), storage.KeepQuery{Cameras: storage.AllCameras, Limit: 10})
	if err != nil || len(list) != 2 || list[0] != first || list[1] != third {
		t.Errorf("got %+v, %v, want %+v and %+v", list, err, first, third)
	}
	note, never := "a fox", time.Time{}
	changed, err := store.ChangeKeep(t.Context(), first.ID, storage.KeepChange{Note: &note, Until: &never})
	first.Note, first.Until = note, never
	if err != nil || changed != first {
		t.Errorf("got %+v, %v, want %+v", changed, err, first)
	}
	if same, err := store.ChangeKeep(t.Context(), first.ID, storage.KeepChange{}); err != nil || same != first {
		t.Errorf("changed in nothing: got %+v, %v", same, err)
	}
	past, long := now, strings.Repeat("x", storage.MaxKeepNote+1)
	for _, c := range []storage.KeepChange{{Until: &past}, {Note: &long}} {
		if _, err := store.ChangeKeep(t.Context(), first.ID, c); !errors.Is(err, storage.ErrMalformed) {
			t.Errorf("%+v: got %v", c, err)
		}
	}
	if _, err := store.ChangeKeep(t.Context(), 99, storage.KeepChange{Note: &note}); !errors.Is(err, storage.ErrUnknown) {
		t.Errorf("one that is not there: got %v", err)
	}
	store.Close()
	if err := storage.UnkeepOffline(t.Context(), dir, first.ID); err != nil {
		t.Error(err)
	}
	if err := storage.UnkeepOffline(t.Context(), dir, first.ID); !errors.Is(err, storage.ErrUnknown) {
		t.Errorf("ended twice: got %v", err)
	}
}

func TestKeepThatCannotBeIsRefused(t *testing.T) {
	store := storagetest.Open(t, storage.Options{Now: func() time.Time { return noon }})
	good := storage.Keep{Camera: "0800c0000001", From: noon, To: noon.Add(time.Hour), Note: strings.Repeat("x", storage.MaxKeepNote)}
	for name, spoil := range map[string]func(k *storage.Keep){
		"no camera":       func(k *storage.Keep) { k.Camera = "" },
		"no length":       func(k *storage.Keep) { k.To = k.From.Add(time.Nanosecond) },
		"backwards":       func(k *storage.Keep) { k.To = k.From.Add(-1) },
		"no times":        func(k *storage.Keep) { k.From, k.To = time.Time{}, time.Time{} },
		"before 1970":     func(k *storage.Keep) { k.From = time.Date(1969, 1, 1, 0, 0, 0, 0, time.UTC) },
		"over":            func(k *storage.Keep) { k.Until = noon },
		"long note":       func(k *storage.Keep) { k.Note += "x" },
		"lines in a note": func(k *storage.Keep) { k.Note = "a\nb" },
		"a terminal's":    func(k *storage.Keep) { k.Note = "\x1b[2J" },
		"no UTF-8":        func(k *storage.Keep) { k.Note = "\xff" },
	} {
		k := good
		spoil(&k)
		if _, err := store.Keep(t.Context(), k); !errors.Is(err, storage.ErrMalformed) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	keep(t, store, good)
}

func TestKeepsAreListedByPagesAndBySpan(t *testing.T) {
	store := storagetest.Open(t, storage.Options{Now: func() time.Time { return noon }})
	var all []storage.Keep
	for i := range 7 {
		id := camera.ID(fmt.Sprint("0800c000000", 1+i%2))
		from := noon.Add(time.Duration(i/3) * time.Hour)
		all = append(all, keep(t, store, storage.Keep{Camera: id, From: from, To: from.Add(30 * time.Minute)}))
	}
	some := storage.SomeCameras("0800c0000001", "0800c0000002", "0800c0000009")
	for _, cameras := range []storage.CameraSet{storage.AllCameras, some} {
		var got []storage.Keep
		q := storage.KeepQuery{Cameras: cameras, Limit: 2}
		for {
			list, err := store.Keeps(t.Context(), q)
			if err != nil {
				t.Fatal(err)
			}
			if got = append(got, list...); len(list) < q.Limit {
				break
			}
			q.After = &storage.Place{At: list[1].From, ID: list[1].ID}
		}
		if !slices.Equal(got, all) {
			t.Errorf("got %+v, want %+v", got, all)
		}
	}
	q := storage.KeepQuery{Cameras: storage.SomeCameras("0800c0000001"), From: noon.Add(30 * time.Minute), To: noon.Add(2 * time.Hour), Newest: true, Limit: 9}
	if got, err := store.Keeps(t.Context(), q); err != nil || len(got) != 1 || got[0] != all[4] {
		t.Errorf("got %+v, %v, want %+v", got, err, all[4])
	}
}

// A disk that does not let go of a file leaves an intent. Who keeps its footage then, means it.
func TestDeletionThatIsOwedIsTakenBackByAKeep(t *testing.T) {
	disk := new(storagetest.Disk)
	a := openArchive(t, disk)
	rules := storage.Rules{Twice: true, Camera: func(camera.ID) storage.CameraRules { return storage.CameraRules{MaxAge: 48 * time.Hour} }}
	disk.Fail(syscall.EIO, storagetest.OpRemove)
	if _, err := a.Sweep(t.Context(), rules); !errors.Is(err, syscall.EIO) {
		t.Fatalf("got %v", err)
	}
	keep(t, a.Store, doorKeep(0))
	disk.Heal()
	a.sweep(t, rules)
	want := slices.DeleteFunc(slices.Clone(a.kept), func(r storage.SegmentRecord) bool {
		day := r.Start.Sub(noon.Truncate(time.Microsecond)) / (24 * time.Hour)
		return day < 2 && (r.Camera != "0800c0000001" || day == 1)
	})
	a.holds(t, want)
	log, err := a.Deletions(t.Context(), 99)
	if err != nil || len(log) != len(a.kept)-len(want) {
		t.Errorf("got log %+v, %v, want %d deletions", log, err, len(a.kept)-len(want))
	}
}

func TestDaysOfEventsGoThoughAnOlderDayIsKept(t *testing.T) {
	now := noon.Add(2 * time.Hour)
	store := storagetest.Open(t, storage.Options{Location: noon.Location(), Now: func() time.Time { return now }})
	spec := storage.SegmentSpec{Camera: "0800c0000001", Name: "door", Start: noon}
	film(t, store, spec)
	for day := range 4 { // the second and the third have events alone
		note(t, store, noon.Add(time.Duration(day)*24*time.Hour+time.Second), "device")
	}
	spec.Start = noon.Add(3 * 24 * time.Hour)
	film(t, store, spec)
	keep(t, store, storage.Keep{Camera: spec.Camera, From: noon, To: noon.Add(26 * time.Hour)}) // and of the second day a part
	now = noon.Add(4 * 24 * time.Hour)
	rules := storage.Rules{Twice: true, Camera: func(camera.ID) storage.CameraRules { return storage.CameraRules{MaxAge: 36 * time.Hour} }}
	if _, err := store.Sweep(t.Context(), rules); err != nil {
		t.Fatal(err)
	}
	days, err := os.ReadDir(filepath.Join(store.Recordings(), "door"))
	if err != nil || len(days) != 3 || days[0].Name() != "2026-11-22" || days[1].Name() != "2026-11-23" || days[2].Name() != "2026-11-25" {
		t.Errorf("got days %v, %v, want all but the third", days, err)
	}
	if got, err := os.ReadDir(filepath.Join(store.Recordings(), "door", "2026-11-22")); err != nil || len(got) < 2 {
		t.Errorf("the day that is kept: got %v, %v, want footage and events", got, err)
	}
}

func TestSegmentThatTwoKeepsHoldCountsOnceInAll(t *testing.T) {
	store := storagetest.Open(t, storage.Options{Now: func() time.Time { return noon.Add(time.Hour) }})
	r := film(t, store, storage.SegmentSpec{Camera: "0800c0000001", Start: noon})
	other := film(t, store, storage.SegmentSpec{Camera: "0800c0000001", Start: noon.Add(time.Minute)})
	for _, at := range []time.Duration{100 * time.Millisecond, 500 * time.Millisecond, 900 * time.Millisecond} {
		k := keep(t, store, storage.Keep{Camera: "0800c0000001", From: noon.Add(at), To: noon.Add(at + 50*time.Millisecond)})
		if k.Held.Segments != 1 || k.Held.Bytes != r.Bytes {
			t.Errorf("got %+v, want the segment held by each", k)
		}
	}
	keep(t, store, storage.Keep{Camera: "0800c0000001", From: other.Start, To: other.End})
	if held, err := store.Held(t.Context()); err != nil || held.Segments != 2 || held.Bytes != r.Bytes+other.Bytes {
		t.Errorf("got %+v, %v, want each once", held, err)
	}
}

// The disk dies at the n-th operation of a sweep, for every n, and somebody keeps all of it before the next
// run: what is there then stays, with its row.
func TestKeepBehindASweepThatWasKilledHoldsWhatIsLeft(t *testing.T) {
	for n, died := 1, true; died && !t.Failed(); n++ {
		dir, disk, now := t.TempDir(), new(storagetest.Disk), noon.Add(3*24*time.Hour)
		o := storage.Options{Dir: dir, FS: disk, Location: noon.Location(), Now: func() time.Time { return now }}
		store, err := storage.Open(t.Context(), o)
		if err != nil {
			t.Fatal(err)
		}
		var films []storage.SegmentRecord
		for day := range 3 {
			films = append(films, film(t, store, storage.SegmentSpec{Camera: "0800c0000001", Name: "door", Start: noon.Add(time.Duration(day) * 24 * time.Hour)}))
		}
		left := n
		died = false
		disk.Before(func(string, string) error {
			if left--; left <= 0 {
				died = true
				return syscall.EIO
			}
			return nil
		})
		all := storage.Rules{Twice: true, Camera: func(camera.ID) storage.CameraRules { return storage.CameraRules{MaxAge: time.Nanosecond} }}
		if _, err := store.Sweep(t.Context(), all); (err != nil) != died {
			t.Errorf("sweep: got %v, and the disk died: %v", err, died)
		}
		store.Close()
		disk.Before(nil)
		var there []string
		for _, r := range films {
			if _, err := os.Stat(store.Path(r)); err == nil {
				there = append(there, r.Path)
			}
		}
		if _, err := storage.KeepOffline(t.Context(), dir, storage.Keep{Camera: "0800c0000001", From: noon, To: now}, now); err != nil {
			t.Fatal(err)
		}
		store = storagetest.Open(t, o)
		if _, err := store.Sweep(t.Context(), all); err != nil {
			t.Error(err)
		}
		rows, err := store.Segments(t.Context(), storage.SegmentQuery{})
		if err != nil {
			t.Fatal(err)
		}
		var stays []string
		for _, r := range rows {
			stays = append(stays, r.Path)
		}
		if !slices.Equal(stays, there) {
			t.Errorf("at operation %d: got rows of %v, want those of the files that were there: %v", n, stays, there)
		}
	}
}
