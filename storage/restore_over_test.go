package storage_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"testing"
	"time"

	"v720dvr/storage"
	"v720dvr/storage/storagetest"
)

// copyOf is what an archive has of a segment, and how it is asked for.
func copyOf(t testing.TB, store *storage.Store, r storage.SegmentRecord) (content []byte, spec storage.RestoreSpec) {
	t.Helper()
	content, err := os.ReadFile(store.Path(r))
	if err != nil {
		t.Fatal(err)
	}
	return content, storage.RestoreSpec{
		Camera: r.Camera, Name: r.Name, Start: r.Start, Day: path.Base(path.Dir(r.Path)), File: path.Base(r.Path), Bytes: int64(len(content)), SHA256: sha256.Sum256(content),
	}
}

// bringBack does what an archive does.
func bringBack(ctx context.Context, store *storage.Store, spec storage.RestoreSpec, content []byte) (r storage.SegmentRecord, err error) {
	to, err := store.Restore(ctx, spec)
	if err != nil {
		return r, err
	}
	for n := to.Has(); n < spec.Bytes; n = to.Has() {
		if _, err := to.Write(content[n:min(n+(spec.Bytes+1)/2, spec.Bytes)]); err != nil {
			return r, errors.Join(err, to.Leave())
		}
	}
	return to.Commit(ctx)
}

func TestFullCopyTakesThePlaceOfTheThinnedSegment(t *testing.T) {
	now := noon.Add(60 * time.Hour)
	store := openThin(t, "", new(storagetest.Disk), &now)
	was := filmMinute(t, store, noon, true, true)
	full, spec := copyOf(t, store, was)
	thinAll(t, store, thinTo(2, 0.1))
	thinned := only(t, store)
	if thinned.Thinned == 0 || thinned.ID == was.ID {
		t.Fatalf("got %+v, want it thinned", thinned)
	}
	kept, err := store.Keep(t.Context(), storage.Keep{Camera: was.Camera, From: was.Start, To: was.End})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := bringBack(t.Context(), store, spec, full); err != nil {
		t.Fatal(err)
	}
	storagetest.Check(t, store)
	is := only(t, store)
	if content, err := os.ReadFile(store.Path(is)); err != nil || !bytes.Equal(content, full) {
		t.Errorf("got %d bytes, %v, want the %d that were copied away", len(content), err, len(full))
	}
	if is.Frames != was.Frames || is.Thinned != 0 || is.ThinRate != 0 || is.Path != was.Path || is.ID == thinned.ID {
		t.Errorf("got %+v, want %+v under a new number", is, was)
	}
	if events, err := store.Events(t.Context(), storage.EventQuery{Camera: was.Camera}); err != nil || len(events) != 2 {
		t.Errorf("got %+v, %v, want its two events, once", events, err)
	}
	if thinAll(t, store, thinTo(2, 0.1)); only(t, store).Thinned != 0 {
		t.Error("it is thinned though it is kept")
	}
	if err := store.Unkeep(t.Context(), kept.ID); err != nil {
		t.Fatal(err)
	}
	if thinAll(t, store, thinTo(2, 0.1)); only(t, store).Bytes != thinned.Bytes {
		t.Errorf("got %+v, want it thinned as before when nobody keeps it", only(t, store))
	}
}

func TestCopyThatIsNoFullerNeverTakesTheSegmentsPlace(t *testing.T) {
	now := noon.Add(30 * time.Hour)
	store := openThin(t, "", new(storagetest.Disk), &now)
	was := filmMinute(t, store, noon, false, false)
	full, whole := copyOf(t, store, was)
	thinAll(t, store, thinTo(2))
	thinned := only(t, store)
	less, small := copyOf(t, store, thinned)
	if _, err := bringBack(t.Context(), store, small, less); !errors.Is(err, fs.ErrExist) {
		t.Errorf("the thinned one over itself: got %v", err)
	}
	// Another recording that claims to be this one.
	filmMinute(t, store, noon.Add(29*time.Hour), true, true)
	rows, err := store.Segments(t.Context(), storage.SegmentQuery{From: noon.Add(time.Hour)})
	if err != nil || len(rows) != 1 {
		t.Fatalf("got %+v, %v", rows, err)
	}
	other, lie := copyOf(t, store, rows[0])
	lie.Start, lie.Day, lie.File = whole.Start, whole.Day, whole.File
	if _, err := bringBack(t.Context(), store, lie, other); err == nil {
		t.Error("another recording has taken its place")
	}
	if left, _ := filepath.Glob(filepath.Join(filepath.Dir(store.Path(was)), "*.restore")); len(left) > 0 {
		t.Errorf("%v is left", left)
	}
	if got, err := os.ReadFile(store.Path(thinned)); err != nil || !bytes.Equal(got, less) {
		t.Errorf("got %d bytes, %v, want the thinned one as it was", len(got), err)
	}
	if _, err := bringBack(t.Context(), store, whole, full); err != nil {
		t.Fatal(err)
	}
	if _, err := bringBack(t.Context(), store, small, less); !errors.Is(err, fs.ErrExist) {
		t.Errorf("the thinned one over the full one: got %v", err)
	}
}

// Wherever a kill or a power cut falls: behind it there is the thinned file or the full one, whole, and who asks again gets the full one.
func TestBringingBackSurvivesKillsAndPowerCutsAtEveryStep(t *testing.T) {
	for _, c := range []struct {
		name         string
		cut, thinned bool
	}{{"a kill over the thinned one", false, true}, {"a power cut over the thinned one", true, true}, {"a kill", false, false}, {"a power cut", true, false}} {
		olds, news := 0, 0
		for n := 0; ; n++ {
			dir, now := t.TempDir(), noon.Add(30*time.Hour)
			disk := storagetest.NewDisk(t, uint64(n))
			options := storage.Options{Dir: dir, FS: disk, Location: noon.Location(), Now: func() time.Time { return now }}
			store, err := storage.Open(t.Context(), options)
			if err != nil {
				t.Fatal(err)
			}
			was := filmMinute(t, store, noon, true, true)
			filmMinute(t, store, noon.Add(29*time.Hour), false, false) // a camera's newest stays
			full, spec := copyOf(t, store, was)
			if c.thinned {
				thinAll(t, store, thinTo(2))
			} else if _, err := store.Sweep(t.Context(), storage.Rules{Twice: true, MaxSize: 1}); err != nil {
				t.Fatal(err)
			}
			ctx, killed := mortal(disk, n)
			_, _ = bringBack(ctx, store, spec, full)
			over := !killed()
			disk.Before(nil)
			if c.cut {
				disk.PowerCut(t)
			}
			store.Close()
			disk.PowerOn()
			if store, err = storage.Open(t.Context(), options); err != nil {
				t.Fatal(err)
			}
			storagetest.Check(t, store)
			rows, err := store.Segments(t.Context(), storage.SegmentQuery{To: noon.Add(time.Hour)})
			switch {
			case err != nil:
				t.Fatal(err)
			case len(rows) == 1 && rows[0].Bytes == was.Bytes && rows[0].Frames == was.Frames:
				news++
			case !c.thinned && len(rows) == 0, c.thinned && len(rows) == 1 && rows[0].Thinned > 0:
				olds++
			default:
				t.Errorf("%s, step %d: got %+v", c.name, n, rows)
			}
			if _, err := bringBack(t.Context(), store, spec, full); err != nil && !errors.Is(err, fs.ErrExist) {
				if !errors.Is(err, storage.ErrNotWhole) || !c.cut { // bytes that were not safe are read as others
					t.Errorf("%s, step %d: asked again: %v", c.name, n, err)
				} else if _, err := bringBack(t.Context(), store, spec, full); err != nil {
					t.Errorf("%s, step %d: asked a third time: %v", c.name, n, err)
				}
			}
			if got, err := os.ReadFile(store.Path(was)); err != nil || !bytes.Equal(got, full) {
				t.Errorf("%s, step %d: asked again: got %d bytes, %v", c.name, n, len(got), err)
			}
			if left, _ := filepath.Glob(filepath.Join(dir, "recordings", "*", "*", "*.restore")); len(left) > 0 {
				t.Errorf("%s, step %d: %v is left", c.name, n, left)
			}
			storagetest.Check(t, store)
			if err := store.Close(); err != nil {
				t.Error(err)
			}
			if over || t.Failed() {
				break
			}
		}
		if t.Logf("%s: %d times without it, %d times with it", c.name, olds, news); olds == 0 || news == 0 {
			t.Error("both were to be seen")
		}
	}
}

func TestWhatBeganToComeBackAndNeverDidGoesAfterAWeek(t *testing.T) {
	now := time.Now()
	store := openThin(t, "", new(storagetest.Disk), &now)
	was := filmMinute(t, store, noon, false, false)
	content, spec := copyOf(t, store, was)
	if _, err := store.Sweep(t.Context(), storage.Rules{Twice: true, MaxSize: 1, MinFree: 1 << 60}); err != nil {
		t.Fatal(err)
	}
	to, err := store.Restore(t.Context(), spec)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := to.Write(content[:1000]); err != nil {
		t.Fatal(err)
	}
	if err := to.Leave(); err != nil {
		t.Fatal(err)
	}
	left := store.Path(was) + ".restore"
	for _, c := range []struct {
		after time.Duration
		stays bool
	}{{0, true}, {6 * 24 * time.Hour, true}, {2 * 24 * time.Hour, false}} {
		now = now.Add(c.after)
		if _, err := store.Repair(t.Context()); err != nil {
			t.Fatal(err)
		}
		if _, err := os.Stat(left); (err == nil) != c.stays {
			t.Errorf("%v later: got %v, want it to stay: %v", c.after, err, c.stays)
		}
	}
}
