package storage_test

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"io/fs"
	"os"
	"path"
	"testing"
	"time"

	"v720dvr/camera"
	"v720dvr/storage"
	"v720dvr/storage/storagetest"
)

func TestCopiesAreRememberedByPlaceCameraAndStart(t *testing.T) {
	dir := t.TempDir()
	s := storagetest.Open(t, storage.Options{Dir: dir, Location: noon.Location()})
	r := film(t, s, storage.SegmentSpec{Camera: "0800c0000001", Name: "door", Start: noon})
	waiting := func(place string) (list []storage.Unarchived) {
		for u, err := range s.Unarchived(t.Context(), place, time.Second) {
			if err != nil {
				t.Fatal(err)
			}
			list = append(list, u)
		}
		return list
	}
	try := storage.ArchiveTry{Place: "a", Key: "k", Camera: r.Camera, Start: r.Start, Upload: "u", Tries: 2, Next: r.End, Err: "no"}
	if err := s.NoteArchiveTry(t.Context(), try); err != nil {
		t.Fatal(err)
	}
	if got := waiting("a"); len(got) != 1 || got[0].ID != r.ID || got[0].Path != r.Path || got[0].Bytes != r.Bytes || got[0].Shows || got[0].Try != try {
		t.Errorf("got %+v", got)
	}
	if err := s.RetryArchive(t.Context(), "a"); err != nil {
		t.Fatal(err)
	}
	if got := waiting("a"); len(got) != 1 || !got[0].Try.Next.IsZero() || got[0].Try.Upload != "u" {
		t.Errorf("got %+v, want it to be due", got)
	}
	done := storage.Archived{Place: "a", Key: "k", Camera: r.Camera, Start: r.Start, End: r.End, Bytes: r.Bytes, SHA256: sha256.Sum256([]byte("x")), ETag: "e", At: r.End}
	if err := s.NoteArchived(t.Context(), done); err != nil {
		t.Fatal(err)
	}
	if got, err := s.FindArchived(t.Context(), "a", "k"); err != nil || got != done {
		t.Errorf("got %+v, %v", got, err)
	}
	if _, err := s.FindArchived(t.Context(), "b", "k"); !errors.Is(err, storage.ErrUnknown) {
		t.Errorf("another place: got %v", err)
	}
	if a, b := waiting("a"), waiting("b"); len(a) != 0 || len(b) != 1 || b[0].Try.Tries != 0 {
		t.Errorf("got %+v of the place, %+v of another", a, b)
	}
	if tries, err := s.ArchiveTries(t.Context(), "a"); err != nil || len(tries) != 0 {
		t.Errorf("got %+v, %v", tries, err)
	}
	if totals, err := s.ArchiveTotals(t.Context(), "a"); err != nil || totals != (storage.ArchiveTotals{Segments: 1, Bytes: r.Bytes, Oldest: r.Start, Newest: r.Start, Last: r.End}) {
		t.Errorf("got %+v, %v", totals, err)
	}
	if list, err := s.ArchivedOf(t.Context(), "a", r.Camera, r.Start.Add(-time.Hour), r.Start); err != nil || len(list) != 0 {
		t.Errorf("of the hour before: got %+v, %v", list, err)
	}
	if list, err := s.ArchivedOf(t.Context(), "a", r.Camera, r.Start, r.End); err != nil || len(list) != 1 {
		t.Errorf("of its time: got %+v, %v", list, err)
	}
	if err := s.ForgetArchived(t.Context(), done); err != nil || len(waiting("a")) != 1 {
		t.Errorf("forgotten: got %v, %+v", err, waiting("a"))
	}
}

// An event is in the segment behind the one in which it began, and in the one between that tells of nothing.
func TestSegmentsOfALongEventShowIt(t *testing.T) {
	s := storagetest.Open(t, storage.Options{Dir: t.TempDir(), Location: noon.Location()})
	for i := range 5 {
		start := noon.Add(time.Duration(i) * time.Minute)
		segment := create(t, s, storage.SegmentSpec{Camera: "0800c0000001", Name: "door", Start: start})
		shoot(t, segment)
		var e camera.Event
		switch i {
		case 1:
			e = camera.Event{At: start, Kind: camera.Motion}
		case 3:
			begin := noon.Add(time.Minute)
			e = camera.Event{At: start, Kind: camera.Ended, Detail: camera.Ending{Begin: begin, Seconds: start.Sub(begin).Seconds(), Kinds: []camera.EventKind{camera.Motion}}.Detail()}
		case 4:
			e = camera.Event{At: start, Kind: camera.Offline}
		}
		if e.Kind != "" {
			if err := segment.WriteEvent(e); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := segment.Commit(t.Context(), start.Add(time.Second)); err != nil {
			t.Fatal(err)
		}
	}
	var shows []bool
	for u, err := range s.Unarchived(t.Context(), "a", 10*time.Second) {
		if err != nil {
			t.Fatal(err)
		}
		shows = append(shows, u.Shows)
	}
	if want := []bool{false, true, true, true, false}; len(shows) != 5 || shows[0] != want[0] || shows[1] != want[1] || shows[2] != want[2] || shows[3] != want[3] || shows[4] != want[4] {
		t.Errorf("got %v from the newest on, want %v", shows, want)
	}
}

func TestSegmentIsBroughtBackIntoItsPlaceAlsoByHalves(t *testing.T) {
	s := storagetest.Open(t, storage.Options{Dir: t.TempDir(), Location: noon.Location()})
	r := film(t, s, storage.SegmentSpec{Camera: "0800c0000001", Name: "door", Start: noon})
	content, err := os.ReadFile(s.Path(r))
	if err != nil {
		t.Fatal(err)
	}
	spec := storage.RestoreSpec{Camera: r.Camera, Name: "door", Start: r.Start, Day: "2026-11-22", File: path.Base(r.Path), Bytes: r.Bytes, SHA256: sha256.Sum256(content)}
	if _, err := s.Restore(t.Context(), spec); !errors.Is(err, fs.ErrExist) {
		t.Errorf("over what is there: got %v", err)
	}
	if _, err := s.Sweep(t.Context(), storage.Rules{Twice: true, MaxSize: 1, MinFree: 1 << 60}); err != nil {
		t.Fatal(err)
	}
	begin := func(spec storage.RestoreSpec) *storage.Restoring {
		to, err := s.Restore(t.Context(), spec)
		if err != nil {
			t.Fatal(err)
		}
		return to
	}
	write := func(to *storage.Restoring, b []byte) {
		if _, err := to.Write(b); err != nil {
			t.Fatal(err)
		}
	}
	to := begin(spec)
	write(to, content[:1000])
	if err := to.Leave(); err != nil {
		t.Fatal(err)
	}
	storagetest.Check(t, s) // what a kill leaves is nobody's segment
	if to = begin(spec); to.Has() != 1000 {
		t.Fatalf("got %d bytes of the first half, want 1000", to.Has())
	}
	write(to, content[1000:])
	if _, err := to.Write([]byte{0}); err == nil {
		t.Error("more than it has is taken")
	}
	back, err := to.Commit(t.Context())
	if err != nil || back.Path != r.Path || back.Bytes != r.Bytes || !back.Start.Equal(r.Start) || back.Frames != r.Frames {
		t.Fatalf("got %+v, %v, want %+v", back, err, r)
	}
	if got, err := os.ReadFile(s.Path(back)); err != nil || !bytes.Equal(got, content) {
		t.Errorf("got %d bytes, %v", len(got), err)
	}
}

func TestSegmentThatIsNotTheOneThatWasCopiedIsNotTaken(t *testing.T) {
	s := storagetest.Open(t, storage.Options{Dir: t.TempDir(), Location: noon.Location()})
	spec := storage.RestoreSpec{Camera: "0800c0000001", Name: "door", Day: "2026-11-22", File: "2026-11-22T14-05-00+0100.avi", Bytes: 4, SHA256: sha256.Sum256([]byte("true"))}
	to, err := s.Restore(t.Context(), spec)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := to.Write([]byte("fals")); err != nil {
		t.Fatal(err)
	}
	if _, err := to.Commit(t.Context()); !errors.Is(err, storage.ErrNotWhole) {
		t.Errorf("got %v", err)
	}
	for _, wrong := range []storage.RestoreSpec{
		{Camera: "0800c0000001", Day: "..", File: spec.File, Bytes: 4},
		{Camera: "0800c0000001", Day: spec.Day, File: "../x.avi", Bytes: 4},
		{Camera: "0800c0000001", Day: spec.Day, File: "x.avi", Bytes: 4},
		{Camera: "0800c0000001", Day: spec.Day, File: spec.File},
		{Day: spec.Day, File: spec.File, Bytes: 4},
	} {
		if _, err := s.Restore(t.Context(), wrong); !errors.Is(err, storage.ErrMalformed) {
			t.Errorf("%+v: got %v", wrong, err)
		}
	}
}
