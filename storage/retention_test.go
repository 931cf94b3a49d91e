package storage_test

import (
	"errors"
	"fmt"
	"io/fs"
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

// archive is a store with segments of a second of several days, and a clock that is set.
type archive struct {
	*storage.Store
	disk *storagetest.Disk
	now  time.Time
	kept []storage.SegmentRecord // by start
}

const archiveDays = 4

// openArchive films four days of two cameras, an hour apart; it is noon of the last day.
func openArchive(t testing.TB, disk *storagetest.Disk) *archive {
	t.Helper()
	a := &archive{disk: disk, now: noon.Add((archiveDays-1)*24*time.Hour + 4*time.Hour)}
	a.Store = storagetest.Open(t, storage.Options{FS: disk, Location: noon.Location(), Now: func() time.Time { return a.now }})
	for day := range archiveDays {
		for hour := range 2 {
			for i, name := range []string{"door", "yard"} {
				start := noon.Add(time.Duration(day)*24*time.Hour + time.Duration(hour)*time.Hour + time.Duration(i)*time.Minute)
				a.kept = append(a.kept, film(t, a.Store, storage.SegmentSpec{
					Camera: camera.ID(fmt.Sprint("0800c000000", i+1)), Name: name, Start: start,
				}))
			}
		}
	}
	return a
}

// holds fails unless these segments of the archive are there, row and file, and no others.
func (a *archive) holds(t *testing.T, want []storage.SegmentRecord) {
	t.Helper()
	got, err := a.Segments(t.Context(), storage.SegmentQuery{})
	if err != nil {
		t.Fatal(err)
	}
	paths := func(list []storage.SegmentRecord) (paths []string) {
		for _, r := range list {
			paths = append(paths, r.Path)
		}
		return paths
	}
	if !slices.Equal(paths(got), paths(want)) {
		t.Errorf("got rows of %v, want %v", paths(got), paths(want))
	}
	for _, r := range a.kept {
		_, err := os.Stat(a.Path(r))
		if stays := slices.Contains(paths(want), r.Path); stays != (err == nil) {
			t.Errorf("%s: got %v, want it there: %v", r.Path, err, stays)
		}
	}
}

func (a *archive) sweep(t *testing.T, rules storage.Rules) storage.Sweep {
	t.Helper()
	swept, err := a.Sweep(t.Context(), rules)
	if err != nil {
		t.Fatal(err)
	}
	return swept
}

func TestSweepDeletesWhatIsTooOldAndWritesDownWhy(t *testing.T) {
	a := openArchive(t, new(storagetest.Disk))
	rules := storage.Rules{Twice: true, Camera: func(id camera.ID) storage.CameraRules {
		if id == "0800c0000002" {
			return storage.CameraRules{}
		}
		return storage.CameraRules{MaxAge: 48 * time.Hour}
	}}
	var planned []string
	for d, err := range a.Plan(t.Context(), rules) {
		if err != nil {
			t.Fatal(err)
		}
		planned = append(planned, d.Path)
	}
	a.holds(t, a.kept) // a plan deletes nothing
	swept := a.sweep(t, rules)
	var stays, gone []storage.SegmentRecord
	for _, r := range a.kept {
		if r.Camera == "0800c0000001" && a.now.Sub(r.End) > 48*time.Hour {
			gone = append(gone, r)
		} else {
			stays = append(stays, r)
		}
	}
	a.holds(t, stays)
	if swept.Segments != 4 || swept.ByRule[storage.RuleMaxAge] != 4 || swept.Bytes != gone[0].Bytes*4 {
		t.Errorf("got %+v, want the 4 of the first two days", swept)
	}
	log, err := a.Deletions(t.Context(), 10)
	if err != nil || len(log) != len(gone) {
		t.Fatalf("got log %+v, %v, want %d lines", log, err, len(gone))
	}
	slices.Reverse(log) // the newest came first
	for i, d := range log {
		r := gone[i]
		want := storage.Deletion{Camera: r.Camera, Volume: r.Volume, Path: r.Path, Start: r.Start, End: r.End, Bytes: r.Bytes,
			Rule: storage.RuleMaxAge, Decided: a.now.Truncate(time.Microsecond).UTC(), Done: a.now.Truncate(time.Microsecond).UTC()}
		if d != want || planned[i] != r.Path {
			t.Errorf("got %+v, planned %s, want %+v", d, planned[i], want)
		}
	}
	days, err := os.ReadDir(filepath.Join(a.Recordings(), "door"))
	if err != nil || len(days) != 2 || days[0].Name() != "2026-11-24" {
		t.Errorf("got days %v, %v, want the last two", days, err)
	}
}

func TestSweepHoldsSizesWithTheOpenSegmentsInThem(t *testing.T) {
	a := openArchive(t, new(storagetest.Disk))
	open := create(t, a.Store, storage.SegmentSpec{Camera: "0800c0000001", Name: "door", Start: a.now})
	shoot(t, open)
	one := a.kept[0].Bytes
	swept := a.sweep(t, storage.Rules{Twice: true, MaxSize: 6 * one, Camera: func(id camera.ID) storage.CameraRules {
		if id == "0800c0000002" {
			return storage.CameraRules{MaxSize: 3*one + 1}
		}
		return storage.CameraRules{}
	}})
	// yard keeps 3; then 8 + 3 and an open one of door are to become 6.
	if swept.ByRule[storage.RuleCameraSize] != 5 || swept.ByRule[storage.RuleMaxSize] < 5 || swept.ByRule[storage.RuleMaxSize] > 6 {
		t.Errorf("got %+v", swept)
	}
	rows, err := a.Segments(t.Context(), storage.SegmentQuery{})
	if err != nil {
		t.Fatal(err)
	}
	total := open.Size()
	for _, r := range rows {
		total += r.Bytes
	}
	if total > 6*one || total <= 5*one-one/2 {
		t.Errorf("got %d bytes, want at most %d and not a segment less", total, 6*one)
	}
	a.holds(t, a.kept[len(a.kept)-len(rows):])
	if _, err := os.Stat(open.Path()); err != nil {
		t.Error(err)
	}
	if again := a.sweep(t, storage.Rules{Twice: true, MaxSize: 6 * one}); again.Segments != 0 {
		t.Errorf("a second sweep: got %+v, want nothing left to do", again)
	}
}

func TestSweepMakesRoomFromTheOldestOn(t *testing.T) {
	disk := new(storagetest.Disk)
	a := openArchive(t, disk)
	disk.Limit(t, a.Recordings(), 1<<20)
	space, err := a.Space()
	if err != nil {
		t.Fatal(err)
	}
	one := a.kept[0].Bytes
	swept, err := a.MakeRoom(t.Context(), storage.Rules{MinFree: space.Free + 2*one + 1}, false)
	if err != nil || swept.ByRule[storage.RuleMinFree] != 3 || swept.Short != 0 {
		t.Errorf("got %+v, %v, want 3 deleted", swept, err)
	}
	a.holds(t, a.kept[3:])
	if swept, err = a.MakeRoom(t.Context(), storage.Rules{MinFree: space.Free}, false); err != nil || swept.Segments != 0 {
		t.Errorf("with room: got %+v, %v, want nothing deleted", swept, err)
	}
	if swept, err = a.MakeRoom(t.Context(), storage.Rules{MinFree: space.Free}, true); err != nil || swept.Segments != 1 {
		t.Errorf("with room that the disk denies: got %+v, %v, want 1 deleted", swept, err)
	}
	a.holds(t, a.kept[4:])
	gone := 0
	for left := len(a.kept) - 4; left > 0; left -= swept.Segments {
		swept, err = a.MakeRoom(t.Context(), storage.Rules{MinFree: 1 << 20}, false)
		if gone += swept.Segments; err != nil || swept.Segments == 0 || swept.Segments > max(left/2, 1) {
			t.Fatalf("more than there is: got %+v, %v, want half of %d at most at a time", swept, err, left)
		}
	}
	if space, _ = a.Space(); swept.Short <= 0 || gone != len(a.kept)-4 {
		t.Errorf("more than there is: got %+v, with %d free, want all deleted and what is short", swept, space.Free)
	}
}

func TestNewestSegmentOfACameraGoesLast(t *testing.T) {
	disk := new(storagetest.Disk)
	a := openArchive(t, disk)
	disk.Limit(t, a.Recordings(), 1<<20)
	gone := film(t, a.Store, storage.SegmentSpec{Camera: "0800c0000003", Name: "shed", Start: noon.Add(-time.Hour)}) // it broke
	a.kept = slices.Insert(a.kept, 0, gone)
	a.sweep(t, storage.Rules{Twice: true, MaxSize: 1})
	a.holds(t, []storage.SegmentRecord{gone, a.kept[len(a.kept)-2], a.kept[len(a.kept)-1]})
	space, err := a.Space()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := a.MakeRoom(t.Context(), storage.Rules{MinFree: space.Free + 1}, true); err != nil {
		t.Fatal(err)
	}
	a.holds(t, a.kept[len(a.kept)-2:])
	a.sweep(t, storage.Rules{Twice: true, Camera: func(camera.ID) storage.CameraRules { return storage.CameraRules{MaxAge: time.Hour} }})
	a.holds(t, nil) // who says an hour means it
	if entries, err := os.ReadDir(filepath.Join(a.Recordings(), "shed")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the folder of a camera that has nothing: got %v, %v, want it gone", entries, err)
	}
}

func TestSweepLeavesAloneWhatIsNotOurs(t *testing.T) {
	storagetest.Tampered(t)
	a := openArchive(t, new(storagetest.Disk))
	day := filepath.Dir(a.Path(a.kept[0]))
	theirs := map[string]string{
		filepath.Join(day, "holiday.avi"):                            "a film of somebody's",
		filepath.Join(a.Recordings(), "door", "notes.txt"):           "remember the milk",
		filepath.Join(a.Recordings(), "yard", "2026-11-22", "x.jpg"): "a picture of somebody's",
		a.Path(a.kept[2]): "cut to what matters, under our name",
	}
	for path, text := range theirs {
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	a.sweep(t, storage.Rules{Twice: true, Camera: func(camera.ID) storage.CameraRules { return storage.CameraRules{MaxAge: time.Minute} }})
	for path, text := range theirs {
		if got, err := os.ReadFile(path); err != nil || string(got) != text {
			t.Errorf("%s: got %q, %v", path, got, err)
		}
	}
	if rows, err := a.Segments(t.Context(), storage.SegmentQuery{}); err != nil || len(rows) != 0 {
		t.Errorf("got rows %v, %v, want none", rows, err)
	}
}

func TestNothingIsDeletedWhileTheVolumeIsAnother(t *testing.T) {
	a := openArchive(t, new(storagetest.Disk))
	name := filepath.Join(a.Recordings(), "volume.json")
	ours, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	all := storage.Rules{Twice: true, MaxSize: 1, MinFree: 1 << 60}
	for what, spoil := range map[string]func() error{
		"not there": func() error { return os.Remove(name) },
		"another": func() error {
			return os.WriteFile(name, []byte(strings.Replace(string(ours), `"id": "`, `"id": "X`, 1)), 0o644)
		},
		"unreadable": func() error { return os.WriteFile(name, []byte("{"), 0o644) },
	} {
		if err := spoil(); err != nil {
			t.Fatal(err)
		}
		if _, err := a.Sweep(t.Context(), all); !errors.Is(err, storage.ErrWrongVolume) {
			t.Errorf("volume %s: got %v, want %v", what, err, storage.ErrWrongVolume)
		}
		if err := os.WriteFile(name, ours, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	a.holds(t, a.kept)
}

func TestRowsOfAnotherVolumeAreNeverTaken(t *testing.T) {
	dir, first := t.TempDir(), filepath.Join(t.TempDir(), "disk")
	store := storagetest.Open(t, storage.Options{Dir: dir, Recordings: first})
	old := film(t, store, storage.SegmentSpec{Camera: "0800c0000001", Start: noon.Add(-time.Hour)})
	store.Close()
	store = storagetest.Open(t, storage.Options{Dir: dir, Recordings: filepath.Join(t.TempDir(), "disk")})
	film(t, store, storage.SegmentSpec{Camera: "0800c0000001", Start: noon})
	if _, err := store.Sweep(t.Context(), storage.Rules{Twice: true, Camera: func(camera.ID) storage.CameraRules { return storage.CameraRules{MaxAge: 1} }}); err != nil {
		t.Fatal(err)
	}
	rows, err := store.Segments(t.Context(), storage.SegmentQuery{})
	if err != nil || len(rows) != 1 || rows[0].ID != old.ID {
		t.Errorf("got %+v, %v, want the row of the disk that is not there", rows, err)
	}
}

// The disk dies at the n-th operation of a sweep, for every n; what is opened then is whole, and the
// next sweep does the rest.
func TestSweepKilledAtAnyStepIsFinishedByTheNextRun(t *testing.T) {
	age := storage.Rules{Twice: true, Camera: func(camera.ID) storage.CameraRules { return storage.CameraRules{MaxAge: 40 * time.Hour} }}
	for n := 1; ; n++ {
		died := false
		t.Run(fmt.Sprint("at operation ", n), func(t *testing.T) {
			dir := t.TempDir()
			disk := new(storagetest.Disk)
			now := noon.Add(3 * 24 * time.Hour)
			o := storage.Options{Dir: dir, FS: disk, Location: noon.Location(), Now: func() time.Time { return now }}
			store, err := storage.Open(t.Context(), o)
			if err != nil {
				t.Fatal(err)
			}
			for day := range 3 {
				film(t, store, storage.SegmentSpec{Camera: "0800c0000001", Name: "door", Start: noon.Add(time.Duration(day) * 24 * time.Hour)})
			}
			note(t, store, noon.Add(time.Second), "device")
			left := n
			disk.Before(func(string, string) error {
				if left--; left <= 0 {
					died = true
					return syscall.EIO
				}
				return nil
			})
			if _, err := store.Sweep(t.Context(), age); (err != nil) != died {
				t.Errorf("sweep: got %v, and the disk died: %v", err, died)
			}
			store.Close()
			disk.Before(nil)

			store = storagetest.Open(t, o)
			report := storagetest.Check(t, store)
			pending, err := store.Deletions(t.Context(), 10)
			if err != nil {
				t.Fatal(err)
			}
			for _, d := range pending {
				if d.Done.IsZero() {
					t.Errorf("got %+v left over", d)
				}
			}
			if report.Segments+len(pending) != 3 {
				t.Errorf("got %d segments and %d deletions, want 3 in all", report.Segments, len(pending))
			}
			if _, err := store.Sweep(t.Context(), age); err != nil {
				t.Fatal(err)
			}
			days, err := os.ReadDir(filepath.Join(store.Recordings(), "door"))
			if err != nil || len(days) != 1 || days[0].Name() != "2026-11-24" {
				t.Errorf("got days %v, %v, want the last one alone", days, err)
			}
			if log, err := store.Deletions(t.Context(), 10); err != nil || len(log) != 2 {
				t.Errorf("got log %+v, %v, want 2 deletions, each once", log, err)
			}
		})
		if !died || t.Failed() {
			break
		}
	}
}

func TestFileThatTheDiskDoesNotLetGoOfIsDeletedWhenItDoes(t *testing.T) {
	disk := new(storagetest.Disk)
	a := openArchive(t, disk)
	rules := storage.Rules{Twice: true, Camera: func(camera.ID) storage.CameraRules { return storage.CameraRules{MaxAge: 48 * time.Hour} }}
	disk.Fail(syscall.EIO, storagetest.OpRemove)
	if swept, err := a.Sweep(t.Context(), rules); !errors.Is(err, syscall.EIO) || swept.Segments != 0 {
		t.Errorf("got %+v, %v, want %v", swept, err, syscall.EIO)
	}
	before, err := a.Segments(t.Context(), storage.SegmentQuery{})
	if err != nil {
		t.Fatal(err)
	}
	a.Sweep(t.Context(), storage.Rules{Twice: true, MaxSize: 1})
	if after, err := a.Segments(t.Context(), storage.SegmentQuery{}); err != nil || len(after) != len(before) {
		t.Errorf("a second sweep: got %d rows, %v, want still %d: no more is begun", len(after), err, len(before))
	}
	storagetest.Check(t, a.Store)
	disk.Heal()
	a.sweep(t, rules)
	a.holds(t, a.kept[8:])
}
