package storage

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"v720dvr/camera"
)

// becomes waits for something that the watch brings about; how long that takes under load is nobody's promise.
func becomes(t *testing.T, what string, is func() bool) {
	t.Helper()
	begun, limit, again := time.Now(), time.After(time.Minute), time.NewTicker(20*time.Millisecond)
	defer again.Stop()
	for !is() {
		select {
		case <-again.C:
		case <-limit:
			t.Fatalf("it was waited for a minute until %s", what)
		}
	}
	t.Logf("%s after %v", what, time.Since(begun).Round(time.Millisecond))
}

// unwatched ends a test where the system tells nobody of changes.
func unwatched(t *testing.T) {
	t.Helper()
	if os.Getenv("V720DVR_TEST_ALL") != "" {
		t.Fatal("nothing can be watched here and V720DVR_TEST_ALL is set")
	}
	t.Skip("SKIPPED: nothing can be watched here")
}

// watched runs Rescan with its watch until the test ends, and waits until it has looked through everything.
func watched(t *testing.T, s *Store) *Rescan {
	t.Helper()
	r := NewRescan(s, nil)
	if r.Listen(); r.watch == nil {
		unwatched(t)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- r.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	// Who listed what is left alone has looked at everything.
	probe := filepath.Join(s.Recordings(), "probe.txt")
	must(t, os.WriteFile(probe, nil, 0o644))
	becomes(t, "the recordings were looked through", func() bool { return len(foreignOf(s)) == 1 })
	must(t, os.Remove(probe))
	becomes(t, "the watch has seen a file go", func() bool { return len(foreignOf(s)) == 0 })
	return r
}

func foreignOf(s *Store) (list []string) {
	files, _ := s.Foreign()
	for _, f := range files {
		list = append(list, f.Path+" "+f.Why)
	}
	return list
}

func TestWatchLooksWithinTwoSeconds(t *testing.T) {
	if slowest := watchLatest + watchQuiet; slowest > 2*time.Second {
		t.Errorf("what is done waits for %v, want 2 s at most", slowest)
	}
}

func TestWhatPeopleDoIsFollowedAtOnce(t *testing.T) {
	s := openInside(t, t.TempDir())
	rows := filmInside(t, s, morning, 6)
	_, ids := pathsOf(t, s)
	watched(t, s)
	is := func(at int, path string) func() bool {
		return func() bool {
			list, now := pathsOf(t, s)
			return len(list) == 6 && list[at] == path && slices.Equal(now, ids)
		}
	}
	relocate(t, s, rows[0].Path, "holiday/best/one.avi")
	becomes(t, "a segment is found in a new folder", is(0, "holiday/best/one.avi"))
	relocate(t, s, "holiday/best/one.avi", "holiday/best/two.avi")
	becomes(t, "a segment is found under another name", is(0, "holiday/best/two.avi"))
	relocate(t, s, "door", "front door")
	becomes(t, "a camera's folder is found under another name", is(5, strings.Replace(rows[5].Path, "door", "front door", 1)))
	day := filepath.Dir(strings.Replace(rows[5].Path, "door", "front door", 1))
	must(t, os.WriteFile(filepath.Join(s.Recordings(), day, "notes.txt"), nil, 0o644))
	becomes(t, "a file in a folder that was renamed is listed", func() bool { return slices.Equal(foreignOf(s), []string{day + "/notes.txt other"}) })
	must(t, os.Remove(filepath.Join(s.Recordings(), day, "notes.txt")))

	duplicate(t, filepath.Join(s.Recordings(), "holiday/best/two.avi"), filepath.Join(s.Recordings(), "copy.avi"))
	becomes(t, "a copy is listed", func() bool { return slices.Equal(foreignOf(s), []string{"copy.avi copy"}) })
	must(t, os.RemoveAll(filepath.Join(s.Recordings(), "holiday")))
	becomes(t, "the copy is the segment", is(0, "copy.avi"))

	must(t, os.Remove(filepath.Join(s.Recordings(), "copy.avi")))
	becomes(t, "a segment is gone", func() bool { return len(pathsHere(t, s)) == 5 })
	if events := eventsOf(t, s); len(events) != 6 || events[0].Segment != 0 {
		t.Errorf("got %+v, want all events, the first without footage", events)
	}
	isWhole(t, s)
}

func TestWhatComesFromAnotherBoxIsFollowedAtOnce(t *testing.T) {
	other, s := openInside(t, t.TempDir()), openInside(t, t.TempDir())
	filmInside(t, s, morning, 1)
	from := filmInside(t, other, morning.Add(48*time.Hour), 3)
	watched(t, s)
	whole, err := os.ReadFile(other.Path(from[0]))
	must(t, err)
	must(t, os.MkdirAll(filepath.Join(s.Recordings(), "from the cabin"), 0o755))
	coming, err := os.Create(filepath.Join(s.Recordings(), "from the cabin", "a.avi"))
	must(t, err)
	defer coming.Close()
	_, err = coming.Write(whole[:len(whole)*3/4])
	must(t, err)
	becomes(t, "half a segment is listed", func() bool { return slices.Equal(foreignOf(s), []string{"from the cabin/a.avi incomplete"}) })
	_, err = coming.Write(whole[len(whole)*3/4:])
	must(t, err)
	becomes(t, "it is whole, and found", func() bool { return len(pathsHere(t, s)) == 2 && len(foreignOf(s)) == 0 })
	if events := eventsOf(t, s); len(events) != 2 || events[1].Segment == 0 {
		t.Errorf("got %+v, want its event, too", events)
	}
	must(t, os.Rename(filepath.Join(other.Recordings(), "door"), filepath.Join(s.Recordings(), "more")))
	becomes(t, "a folder from elsewhere is found; one of it is there already", func() bool {
		return len(pathsHere(t, s)) == 4 && slices.Equal(foreignOf(s), []string{strings.Replace(from[0].Path, "door", "more", 1) + " copy"})
	})
	must(t, os.WriteFile(filepath.Join(s.Recordings(), "from the cabin", "film.avi"), []byte("theirs"), 0o644))
	becomes(t, "somebody else's video is listed", func() bool { return slices.Contains(foreignOf(s), "from the cabin/film.avi foreign") })
	must(t, os.Rename(filepath.Join(s.Recordings(), "more"), filepath.Join(other.Recordings(), "door")))
	becomes(t, "the folder is gone again", func() bool { return len(pathsHere(t, s)) == 2 && len(foreignOf(s)) == 1 })
	isWhole(t, s)
}

// What is recorded meanwhile is nothing that people do.
func TestWatchLeavesAloneWhatIsRecorded(t *testing.T) {
	s := openInside(t, t.TempDir())
	r := watched(t, s)
	for i := range 40 {
		at := morning.Add(time.Duration(i) * time.Hour)
		segment, err := s.Create(SegmentSpec{Camera: "0800c0000001", Name: "door", Start: at})
		must(t, err)
		must(t, segment.WriteFrame(camera.Frame{At: at, JPEG: onePicture}))
		if i%10 == 0 { // while the watch looks
			must(t, os.WriteFile(filepath.Join(s.Recordings(), fmt.Sprint(i, ".txt")), nil, 0o644))
			becomes(t, "it has looked", func() bool { return len(foreignOf(s)) == i/10+1 })
		}
		_, err = segment.Commit(t.Context(), at.Add(time.Second))
		must(t, err)
	}
	if list := pathsHere(t, s); len(list) != 40 {
		t.Errorf("got %d segments, want 40", len(list))
	}
	if state := r.Watching(); state.Folders < 4 || !state.All { // the recordings, the camera's, two days
		t.Errorf("got %+v watched, want all", state)
	}
	if deletions, err := s.Deletions(t.Context(), 9); err != nil || len(deletions) != 0 {
		t.Errorf("got %+v, %v written down as taken, want nothing", deletions, err)
	}
	isWhole(t, s)
}

func TestWatchKeepsToItsBoundAndToTheNewestDays(t *testing.T) {
	root := t.TempDir()
	w := newWatch(root, NewRescan(nil, nil).log)
	if w == nil {
		unwatched(t)
	}
	defer w.notify.Close()
	var dirs []string
	for _, dir := range []string{"door", "door/2026-11-20", "door/2026-11-21", "door/2026-11-22", "gate", "gate/2026-11-19"} {
		must(t, os.MkdirAll(filepath.Join(root, dir), 0o755))
		dirs = append(dirs, dir)
	}
	w.most = 5
	w.follow(dirs)
	if got := w.watched; len(got) != 5 || !got[""] || !got["door"] || !got["gate"] || !got["door/2026-11-22"] || !got["door/2026-11-21"] || w.state().All {
		t.Errorf("got %v watched, want the recordings, both cameras' and the newest two days, and that these are not all", got)
	}
	must(t, os.MkdirAll(filepath.Join(root, "gate/2026-11-23"), 0o755))
	w.follow([]string{"gate/2026-11-23", "gone"})
	if got := w.watched; len(got) != 5 || !got["gate/2026-11-23"] || got["door/2026-11-21"] {
		t.Errorf("got %v watched, want the newest day in the place of the oldest", got)
	}
	w.forget("door")
	if got := w.notify.WatchList(); len(got) != 3 || len(w.watched) != 3 {
		t.Errorf("got %q watched, want none of a folder that is under another name now", got)
	}
	// More names than are held are everything.
	for i := range mostTouched + 1 {
		w.note(filepath.Join(root, fmt.Sprint(i)), false)
	}
	if names, all := w.take(); len(names) != 0 || !all {
		t.Errorf("got %d names, %v, want all", len(names), all)
	}
	if names, all := w.take(); len(names) != 0 || all {
		t.Errorf("got %d names, %v, want nothing more", len(names), all)
	}
}
