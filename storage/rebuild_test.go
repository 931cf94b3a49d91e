package storage_test

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"v720dvr/camera"
	"v720dvr/storage"
	"v720dvr/storage/avi"
	"v720dvr/storage/storagetest"
)

// weekend films two cameras for three days: with gaps before and inside segments, events, a camera
// that was renamed, and runs that are not in the order of time.
func weekend(t *testing.T, dir string) (rows []storage.SegmentRecord, events []storage.EventRecord) {
	t.Helper()
	for _, n := range []int{3, 0, 2, 1} {
		store, err := storage.Open(t.Context(), storage.Options{Dir: dir, Location: noon.Location()})
		if err != nil {
			t.Fatal(err)
		}
		defer store.Close()
		start := noon.Add(time.Duration(n) * 17 * time.Hour)
		film(t, store, storage.SegmentSpec{Camera: "0800c0000002", Start: start.Add(time.Minute)})
		name := []string{"door", "door", "gate", "gate"}[n]
		segment := create(t, store, storage.SegmentSpec{Camera: "0800c0000001", Name: name, Start: start,
			Motion: n == 1, Gaps: []avi.Gap{{From: start.Add(-time.Minute), To: start, Reason: storage.GapSilent}}})
		shoot(t, segment)
		for i := range n {
			if err := segment.WriteEvent(camera.Event{At: start.Add(time.Duration(i) * 100 * time.Millisecond), Kind: camera.Streaming, Detail: name}); err != nil {
				t.Fatal(err)
			}
			inside := avi.Gap{From: start.Add(time.Duration(i) * 200 * time.Millisecond), To: start.Add(time.Duration(i+1) * 200 * time.Millisecond), Reason: storage.GapSilent}
			if err := segment.WriteGap(inside); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := segment.Commit(t.Context(), start.Add(time.Second)); err != nil {
			t.Fatal(err)
		}
		rows, events = told(t, &store.View)
		if err := store.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if gaps, inside := rows[2].Gaps, rows[2].Inside; len(gaps) != 1 || len(inside) != 1 {
		t.Fatalf("got gaps %+v and %+v inside, want one of each", gaps, inside)
	}
	return rows, events
}

// told is what the index says, without ids and what follows from them.
func told(t *testing.T, view *storage.View) ([]storage.SegmentRecord, []storage.EventRecord) {
	t.Helper()
	rows, err := view.Segments(t.Context(), storage.SegmentQuery{})
	if err != nil {
		t.Fatal(err)
	}
	events, err := view.Events(t.Context(), storage.EventQuery{})
	if err != nil {
		t.Fatal(err)
	}
	segments := make(map[int64]string)
	for i := range rows {
		segments[rows[i].ID], rows[i].ID = rows[i].Path, 0
	}
	for i := range events {
		if segments[events[i].Segment] == "" {
			t.Errorf("event %+v is of no segment", events[i])
		}
		events[i].ID, events[i].Segment = 0, 0
	}
	return rows, events
}

func same(t *testing.T, view *storage.View, rows []storage.SegmentRecord, events []storage.EventRecord) {
	t.Helper()
	gotRows, gotEvents := told(t, view)
	if !reflect.DeepEqual(gotRows, rows) {
		t.Errorf("got rows %+v\nwant %+v", gotRows, rows)
	}
	if !reflect.DeepEqual(gotEvents, events) {
		t.Errorf("got events %+v\nwant %+v", gotEvents, events)
	}
}

func removeIndex(t *testing.T, dir string) {
	t.Helper()
	for _, suffix := range []string{"", "-wal", "-shm"} {
		if err := os.Remove(filepath.Join(dir, "index.sqlite"+suffix)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			t.Fatal(err)
		}
	}
}

func TestReindexGivesTheSameRowsInTheOrderOfTime(t *testing.T) {
	for _, lost := range []bool{true, false} {
		dir := t.TempDir()
		rows, events := weekend(t, dir)
		if lost {
			removeIndex(t, dir)
		}
		copied := filepath.Join(dir, "recordings", "door", "2026-11-22", "copy of one.avi")
		whole, err := os.ReadFile(filepath.Join(dir, "recordings", filepath.FromSlash(rows[0].Path)))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(copied, whole, 0o644); err != nil {
			t.Fatal(err)
		}
		done, err := storage.Reindex(t.Context(), storage.Options{Dir: dir}, nil)
		if err != nil || done != (storage.Rebuilt{Segments: 8, Foreign: 1}) {
			t.Fatalf("got %+v, %v, want 8 segments and the copy", done, err)
		}
		store := storagetest.Open(t, storage.Options{Dir: dir, Location: noon.Location()})
		same(t, &store.View, rows, events)
		list, err := store.Segments(t.Context(), storage.SegmentQuery{})
		if err != nil {
			t.Fatal(err)
		}
		for i, r := range list {
			if r.ID != int64(i+1) {
				t.Errorf("row %d of %v has id %d, want ids in the order of time", i, r.Start, r.ID)
			}
		}
		storagetest.Check(t, store)
	}
}

func TestReindexRefusesARunningRecorderAndAStrangeFolder(t *testing.T) {
	dir := t.TempDir()
	storagetest.Open(t, storage.Options{Dir: dir})
	if _, err := storage.Reindex(t.Context(), storage.Options{Dir: dir}, nil); err == nil || !strings.Contains(err.Error(), "stop that one first") {
		t.Errorf("beside a recorder: got %v, want a refusal", err)
	}
	strange := t.TempDir()
	if _, err := storage.Reindex(t.Context(), storage.Options{Dir: strange}, nil); err == nil || !strings.Contains(err.Error(), "right folder") {
		t.Errorf("a strange folder: got %v, want a refusal", err)
	}
	if left, _ := os.ReadDir(strange); len(left) > 0 {
		t.Errorf("got %v made in a strange folder", left)
	}
}

// A disk that is not mounted tells nothing; what the old index knew of it stays.
func TestReindexTakesOverRowsOfOtherVolumes(t *testing.T) {
	dir, other := t.TempDir(), filepath.Join(t.TempDir(), "disk")
	weekend(t, dir)
	away, err := storage.Open(t.Context(), storage.Options{Dir: dir, Recordings: other})
	if err != nil {
		t.Fatal(err)
	}
	film(t, away, storage.SegmentSpec{Camera: "0800c0000003", Start: noon.Add(-time.Hour),
		Gaps: []avi.Gap{{From: noon.Add(-2 * time.Hour), To: noon.Add(-time.Hour), Reason: storage.GapOffline}}})
	rows, events := told(t, &away.View)
	if err := away.Close(); err != nil {
		t.Fatal(err)
	}
	done, err := storage.Reindex(t.Context(), storage.Options{Dir: dir}, nil)
	if err != nil || done.Segments != 8 || done.Elsewhere != 1 {
		t.Fatalf("got %+v, %v, want 8 segments and one elsewhere", done, err)
	}
	store := storagetest.Open(t, storage.Options{Dir: dir})
	same(t, &store.View, rows, events)
	store.Close()
	back := storagetest.Open(t, storage.Options{Dir: dir, Recordings: other})
	if report := storagetest.Check(t, back); report.Segments != 1 {
		t.Errorf("the other disk: got %+v, want its segment", report)
	}
}

func TestReindexThatIsBrokenOffChangesNothing(t *testing.T) {
	dir := t.TempDir()
	rows, events := weekend(t, dir)
	ctx, cancel := context.WithCancel(t.Context())
	if _, err := storage.Reindex(ctx, storage.Options{Dir: dir}, func(storage.Rebuilt) { cancel() }); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want %v", err, context.Canceled)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "index.sqlite.new*")); len(left) > 0 {
		t.Errorf("left are %v", left)
	}
	store := storagetest.Open(t, storage.Options{Dir: dir})
	same(t, &store.View, rows, events)
}

func TestRunningRecorderBuildsALostIndexAgain(t *testing.T) {
	for name, harm := range map[string]func(t *testing.T, dir string){
		"deleted": removeIndex,
		"damaged": func(t *testing.T, dir string) {
			if err := os.WriteFile(filepath.Join(dir, "index.sqlite"), []byte(strings.Repeat("no database ", 1000)), 0o644); err != nil {
				t.Fatal(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			rows, events := weekend(t, dir)
			harm(t, dir)
			store := storagetest.Open(t, storage.Options{Dir: dir})
			open := create(t, store, storage.SegmentSpec{Camera: "0800c0000001", Name: "gate", Start: noon.Add(100 * time.Hour)})
			shoot(t, open)
			if line := runRescan(t, store); !strings.Contains(line, "repaired=8 remaining=0") {
				t.Errorf("got log %q, want 8 segments entered", line)
			}
			same(t, &store.View, rows, events)
			record, err := open.Commit(t.Context(), open.Start().Add(time.Second))
			if err != nil || !strings.HasPrefix(record.Path, "gate/") {
				t.Errorf("got %s, %v, want it in the camera's folder", record.Path, err)
			}
			if line := runRescan(t, store); !strings.Contains(line, "all is in order") {
				t.Errorf("got log %q, want nothing found", line)
			}
		})
	}
}

func TestRescanFollowsWhatPeopleDoToTheirFiles(t *testing.T) {
	storagetest.Tampered(t)
	dir := t.TempDir()
	rows, _ := weekend(t, dir)
	store := storagetest.Open(t, storage.Options{Dir: dir})
	if err := os.Remove(store.Path(rows[0])); err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(filepath.Dir(store.Path(rows[len(rows)-1]))); err != nil {
		t.Fatal(err)
	}
	runRescan(t, store)
	gone := filepath.Dir(rows[len(rows)-1].Path)
	want := slices.DeleteFunc(rows[1:], func(r storage.SegmentRecord) bool { return filepath.Dir(r.Path) == gone })
	if left, _ := told(t, &store.View); len(want) != 5 || !reflect.DeepEqual(left, want) {
		t.Errorf("got %+v, want %+v", left, want)
	}
}

// A disk that was pulled is not a disk whose files were deleted.
func TestRescanTakesNoRowsWhenTheVolumeIsGone(t *testing.T) {
	dir := t.TempDir()
	rows, events := weekend(t, dir)
	store := storagetest.Open(t, storage.Options{Dir: dir})
	away := store.Recordings() + " away"
	if err := os.Rename(store.Recordings(), away); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(store.Recordings(), 0o755); err != nil { // the empty mount point
		t.Fatal(err)
	}
	if line := runRescan(t, store); !strings.Contains(line, "not there") {
		t.Errorf("got log %q, want it to say why nothing was done", line)
	}
	if report, err := store.Repair(t.Context()); err == nil && report.Repaired > 0 {
		t.Errorf("repair: got %+v, want nothing repaired", report)
	}
	same(t, &store.View, rows, events)
	if err := errors.Join(os.Remove(store.Recordings()), os.Rename(away, store.Recordings())); err != nil {
		t.Fatal(err)
	}
}

func TestRestoredBackupHasTheSecretsOfTheCameras(t *testing.T) {
	dir, to := t.TempDir(), filepath.Join(t.TempDir(), "backups", "v720dvr")
	store := storagetest.Open(t, storage.Options{Dir: dir})
	id, err := store.IssueCamera(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	secret, err := store.Secret(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 { // the second replaces the first, while the recorder runs
		if err := storage.Backup(t.Context(), dir, to, noon); err != nil {
			t.Fatal(err)
		}
	}
	if text, err := os.ReadFile(filepath.Join(to, storage.BackupNote)); err != nil || !strings.Contains(string(text), dir) {
		t.Errorf("got note %q, %v", text, err)
	}
	if info, err := os.Stat(filepath.Join(to, "state.sqlite")); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("got %v, %v, want a file for its owner alone", info, err)
	}
	copied, err := os.ReadFile(filepath.Join(to, "state.sqlite"))
	if err != nil {
		t.Fatal(err)
	}
	restored := t.TempDir()
	if err := os.WriteFile(filepath.Join(restored, "state.sqlite"), copied, 0o600); err != nil {
		t.Fatal(err)
	}
	again := storagetest.Open(t, storage.Options{Dir: restored})
	if got, err := again.Secret(t.Context(), id); err != nil || got != secret {
		t.Errorf("got secret %q, %v, want %q", got, err, secret)
	}
	if list, err := again.Cameras(t.Context()); err != nil || len(list) != 1 || list[0].ID != id {
		t.Errorf("got %+v, %v, want camera %s", list, err, id)
	}
	for name, c := range map[string][2]string{"into itself": {dir, dir}, "of nothing": {t.TempDir(), to}} {
		if err := storage.Backup(t.Context(), c[0], c[1], noon); err == nil {
			t.Errorf("%s: got no error", name)
		}
	}
}
