package storage_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"time"

	"v720dvr/camera"
	"v720dvr/storage"
	"v720dvr/storage/avi"
	"v720dvr/storage/storagetest"
)

func TestStoreListsAfterReopeningWhatWasCommitted(t *testing.T) {
	dir := t.TempDir()
	store := storagetest.Open(t, storage.Options{Dir: dir, Location: noon.Location()})
	gaps := []avi.Gap{{From: noon.Add(-time.Minute).UTC(), To: noon.UTC(), Reason: storage.GapOffline},
		{From: noon.UTC(), To: noon.Add(2 * time.Second).UTC(), Reason: storage.GapSilent}}
	var want []storage.SegmentRecord
	for i, id := range []string{"0800c0000001", "0800c0000002", "0800c0000001"} {
		spec := storage.SegmentSpec{Camera: cameraID(id), Name: "door " + id, Start: noon.Add(time.Duration(i) * time.Second)}
		if i == 2 {
			spec.Gaps = gaps
		}
		want = append(want, film(t, store, spec))
	}
	first := want[0]
	if first.Path != "door 0800c0000001/2026-11-22/2026-11-22T14-05-00+0100.avi" || first.Frames != 10 || first.Samples != 8000 ||
		!first.HasAudio || first.Width != 640 || first.Height != 480 || !first.Start.Equal(noon) || !first.End.Equal(noon.Add(time.Second)) {
		t.Errorf("got %+v", first)
	}
	if !reflect.DeepEqual(want[2].Gaps, gaps) {
		t.Errorf("got gaps %+v, want %+v", want[2].Gaps, gaps)
	}
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}

	store = storagetest.Open(t, storage.Options{Dir: dir})
	for _, query := range []struct {
		storage.SegmentQuery
		want []storage.SegmentRecord
	}{
		{storage.SegmentQuery{}, want},
		{storage.SegmentQuery{Camera: "0800c0000001"}, []storage.SegmentRecord{want[0], want[2]}},
		{storage.SegmentQuery{Camera: "0800c0000003"}, nil},
		{storage.SegmentQuery{Limit: 2}, want[:2]},
		{storage.SegmentQuery{From: noon.Add(time.Second)}, want[1:]}, // the first ends there
		{storage.SegmentQuery{From: noon.Add(time.Second - time.Microsecond)}, want},
		{storage.SegmentQuery{To: noon}, nil},
		{storage.SegmentQuery{To: noon.Add(time.Microsecond)}, want[:1]},
		{storage.SegmentQuery{From: noon.Add(1500 * time.Millisecond), To: noon.Add(1600 * time.Millisecond)}, want[1:2]},
	} {
		got, err := store.Segments(t.Context(), query.SegmentQuery)
		if err != nil || !reflect.DeepEqual(got, query.want) {
			t.Errorf("segments %+v: got %+v, %v, want %+v", query.SegmentQuery, got, err, query.want)
		}
	}
}

func TestSecondProcessIsToldWhoHasTheFolder(t *testing.T) {
	dir := t.TempDir()
	storagetest.Open(t, storage.Options{Dir: dir})
	_, err := storage.Open(t.Context(), storage.Options{Dir: dir})
	if want := fmt.Sprintf("process %d", os.Getpid()); err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), dir) {
		t.Errorf("got %v, want an error that names %s and %s", err, dir, want)
	}
}

func TestFolderIsFreeAgainAfterClose(t *testing.T) {
	dir := t.TempDir()
	if err := storagetest.Open(t, storage.Options{Dir: dir}).Close(); err != nil {
		t.Fatal(err)
	}
	storagetest.Open(t, storage.Options{Dir: dir})
}

func TestFolderThatCannotBeWrittenIsNamedInOneLine(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	cases := map[string]storage.Options{
		"a file in the way":            {Dir: filepath.Join(file, "data")},
		"no name":                      {},
		"recordings that are a file":   {Dir: t.TempDir(), Recordings: file},
		"recordings that take no file": {Dir: t.TempDir(), FS: failing(t, storagetest.OpCreate, os.ErrPermission)},
	}
	if runtime.GOOS == "linux" {
		cases["a place where nobody may write"] = storage.Options{Dir: "/sys/v720dvr"} // not even root
	}
	for name, o := range cases {
		store, err := storage.Open(t.Context(), o)
		if err == nil {
			store.Close()
			t.Errorf("%s: got no error", name)
			continue
		}
		if text := err.Error(); strings.Contains(text, "\n") || !strings.HasPrefix(text, "open data folder") {
			t.Errorf("%s: got %q, want one line that begins with the folder", name, text)
		}
		if errors.Is(err, os.ErrPermission) != strings.Contains(err.Error(), "must be writable") {
			t.Errorf("%s: got %q: advice and cause do not fit", name, err)
		}
	}
}

// failing is a disk on which one operation always fails.
func failing(t testing.TB, op string, cause error) *storagetest.Disk {
	t.Helper()
	disk := new(storagetest.Disk)
	disk.Before(func(is, _ string) error {
		if is == op {
			return cause
		}
		return nil
	})
	return disk
}

func TestPathWithSignsThatMeanSomethingInURIsIsOnlyAPath(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "100% mine? yes #1 & [more]")
	store := storagetest.Open(t, storage.Options{Dir: dir})
	film(t, store, storage.SegmentSpec{Camera: "0800c0000001", Start: noon})
	for _, name := range []string{"state.sqlite", "index.sqlite", "lock", "recordings/volume.json"} {
		if _, err := os.Stat(filepath.Join(dir, name)); err != nil {
			t.Error(err)
		}
	}
}

func TestSegmentLeftByAnEarlierRunIsFinishedAtTheNextStart(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "with [brackets]")
	store := storagetest.Open(t, storage.Options{Dir: dir})
	film(t, store, storage.SegmentSpec{Camera: "0800c0000001", Name: "door", Start: noon})
	left := create(t, store, storage.SegmentSpec{Camera: "0800c0000001", Name: "door", Start: noon.Add(time.Second)})
	shoot(t, left)
	event := camera.Event{At: noon.Add(1500 * time.Millisecond), Kind: camera.Streaming, Detail: "hello"}
	if err := left.WriteEvent(event); err != nil {
		t.Fatal(err)
	}
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	if err := left.WriteFrame(frameAt(noon)); !errors.Is(err, os.ErrClosed) {
		t.Errorf("writing after Close: got %v, want %v", err, os.ErrClosed)
	}

	var text bytes.Buffer
	store = storagetest.Open(t, storage.Options{Dir: dir, Log: slog.New(slog.NewTextHandler(&text, nil))})
	name := strings.TrimSuffix(filepath.Base(left.Path()), ".part")
	if !strings.Contains(text.String(), name) || strings.Count(text.String(), "\n") != 1 {
		t.Errorf("got log %q, want one line that names %s", text.String(), name)
	}
	if report := storagetest.Check(t, store); report.Left != 0 || report.Segments != 2 {
		t.Errorf("got %+v, want both segments", report)
	}
	rows, err := store.Segments(t.Context(), storage.SegmentQuery{From: noon.Add(time.Second)})
	if err != nil || len(rows) != 1 || rows[0].Frames != 10 || filepath.Base(rows[0].Path) != name || rows[0].Samples != 8000 {
		t.Fatalf("got %+v, %v, want the segment with its 10 pictures and a second of sound", rows, err)
	}
	events, err := store.Events(t.Context(), storage.EventQuery{Segment: rows[0].ID})
	if err != nil || len(events) != 1 || events[0].Detail != "hello" || !events[0].At.Equal(event.At) {
		t.Errorf("got events %+v, %v, want its one", events, err)
	}
}

func TestAnotherDiskIsNoticedAndItsSegmentsAreNotTakenForGone(t *testing.T) {
	dir := t.TempDir()
	first, second := filepath.Join(t.TempDir(), "disk"), filepath.Join(t.TempDir(), "disk")
	use := func(recordings string) string {
		var text bytes.Buffer
		store, err := storage.Open(context.Background(), storage.Options{Dir: dir, Recordings: recordings, Log: slog.New(slog.NewTextHandler(&text, nil))})
		if err != nil {
			t.Fatal(err)
		}
		defer store.Close()
		film(t, store, storage.SegmentSpec{Camera: "0800c0000001", Start: noon})
		storagetest.Check(t, store)
		return text.String()
	}
	if log := use(first); log != "" {
		t.Errorf("the first disk: got log %q, want none", log)
	}
	if log := use(second); !strings.Contains(log, "not seen before") {
		t.Errorf("another disk: got log %q, want a warning", log)
	}
	if log := use(first); log != "" {
		t.Errorf("the first disk again: got log %q, want none", log)
	}
}

func TestVolumeFileThatIsNotOursStopsTheStart(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "recordings", "volume.json")
	if err := os.Mkdir(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte("{}"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := storage.Open(t.Context(), storage.Options{Dir: dir}); err == nil || !strings.Contains(err.Error(), "move it away") {
		t.Errorf("got %v, want an error that says what to do", err)
	}
}
