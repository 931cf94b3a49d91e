package storage

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"v720dvr/camera"
	"v720dvr/storage/avi"
)

// glance is one look of Rescan.
func glance(t *testing.T, s *Store) Report {
	t.Helper()
	report, err := NewRescan(s, nil).once(t.Context())
	must(t, err)
	return report
}

// relocate has a person move a file, or a folder, below the recordings.
func relocate(t *testing.T, s *Store, from, to string) {
	t.Helper()
	to = filepath.Join(s.Recordings(), filepath.FromSlash(to))
	must(t, os.MkdirAll(filepath.Dir(to), 0o755))
	must(t, os.Rename(filepath.Join(s.Recordings(), filepath.FromSlash(from)), to))
}

func duplicate(t *testing.T, from, to string) {
	t.Helper()
	data, err := os.ReadFile(from)
	must(t, err)
	must(t, os.MkdirAll(filepath.Dir(to), 0o755))
	must(t, os.WriteFile(to, data, 0o644))
}

// aged has a file be older than what is being copied.
func aged(t *testing.T, name string) {
	t.Helper()
	then := time.Now().Add(-2 * freshFor)
	must(t, os.Chtimes(name, then, then))
}

func pathsOf(t *testing.T, s *Store) (list []string, ids []int64) {
	t.Helper()
	rows, err := s.Segments(t.Context(), SegmentQuery{})
	must(t, err)
	for _, r := range rows {
		list, ids = append(list, r.Path), append(ids, r.ID)
	}
	return list, ids
}

func eventsOf(t *testing.T, s *Store) []EventRecord {
	t.Helper()
	events, err := s.Events(t.Context(), EventQuery{})
	must(t, err)
	return events
}

var morning = time.Date(2026, 11, 22, 6, 0, 0, 0, time.UTC)

func TestSegmentsAreFoundWhereverAPersonPutsThem(t *testing.T) {
	for what, to := range map[string]string{
		"moved into a folder of theirs":    "holiday/best/%",
		"moved into the recordings":        "%",
		"renamed":                          "door/2026-11-22/the parcel.avi",
		"moved into another camera's":      "gate/2026-11-22/%",
		"moved into a folder in its day's": "door/2026-11-22/good ones/%",
	} {
		t.Run(what, func(t *testing.T) {
			s := openInside(t, t.TempDir())
			rows := filmInside(t, s, morning, 3)
			other, err := s.Create(SegmentSpec{Camera: "0800c0000002", Name: "gate", Start: morning})
			must(t, err)
			must(t, other.WriteFrame(camera.Frame{At: morning, JPEG: onePicture}))
			_, err = other.Commit(t.Context(), morning.Add(time.Second))
			must(t, err)
			_, ids := pathsOf(t, s)
			events := eventsOf(t, s)
			target := strings.Replace(to, "%", filepath.Base(rows[1].Path), 1)
			relocate(t, s, rows[1].Path, target)
			glance(t, s)
			list, now := pathsOf(t, s)
			if !slices.Contains(list, target) || slices.Contains(list, rows[1].Path) || !slices.Equal(ids, now) || !slices.Equal(events, eventsOf(t, s)) {
				t.Errorf("got %q, numbers %v and events %+v; want %q among them, and numbers and events as before", list, now, eventsOf(t, s), target)
			}
			if deletions, err := s.Deletions(t.Context(), 9); err != nil || len(deletions) != 0 {
				t.Errorf("got %+v, %v written down as taken, want nothing", deletions, err)
			}
			if report := isWhole(t, s); report.Foreign != 0 {
				t.Errorf("got %+v left alone, want nothing", report.Files)
			}
			before := list
			must(t, s.Close())
			if _, err := Reindex(t.Context(), Options{Dir: s.dir, Location: time.UTC}, nil); err != nil {
				t.Fatal(err)
			}
			s = openInside(t, s.dir)
			if list, _ := pathsOf(t, s); !slices.Equal(list, before) {
				t.Errorf("built again: got %q, want %q", list, before)
			}
			isWhole(t, s)
		})
	}
}

func TestFolderOfACameraThatIsRenamedTakesItsSegmentsAlong(t *testing.T) {
	s := openInside(t, t.TempDir())
	filmInside(t, s, morning, 30) // so many that they would not be believed to be gone
	_, ids := pathsOf(t, s)
	relocate(t, s, "door", "front door")
	glance(t, s)
	list, now := pathsOf(t, s)
	if !slices.Equal(ids, now) || slices.ContainsFunc(list, func(p string) bool { return !strings.HasPrefix(p, "front door/") }) {
		t.Errorf("got %q, numbers %v, want all in the other folder with their numbers", list, now)
	}
	more := filmInside(t, s, morning.Add(100*time.Hour), 1)
	if !strings.HasPrefix(more[0].Path, "door/") {
		t.Errorf("got %q, want the camera's own folder again", more[0].Path)
	}
	isWhole(t, s)
}

func TestFilesThatChangePlacesAreBothFound(t *testing.T) {
	s := openInside(t, t.TempDir())
	rows := filmInside(t, s, morning, 2)
	segment, err := s.Create(SegmentSpec{Camera: "0800c0000001", Name: "door", Start: morning.Add(3 * time.Hour)})
	must(t, err)
	for i := range 5 { // larger than the others
		must(t, segment.WriteFrame(camera.Frame{At: segment.Start().Add(time.Duration(i) * time.Second), JPEG: onePicture}))
	}
	large, err := segment.Commit(t.Context(), segment.Start().Add(6*time.Second))
	must(t, err)
	relocate(t, s, rows[0].Path, "door/aside")
	relocate(t, s, large.Path, rows[0].Path)
	relocate(t, s, "door/aside", large.Path)
	if report := glance(t, s); !report.again {
		t.Errorf("got %+v, want it to look again soon", report)
	}
	glance(t, s)
	found, err := s.Segments(t.Context(), SegmentQuery{})
	must(t, err)
	if len(found) != 3 || found[0].Path != large.Path || found[2].Path != rows[0].Path || found[2].Frames != 5 {
		t.Errorf("got %+v, want both where they lie now", found)
	}
	if deletions, err := s.Deletions(t.Context(), 9); err != nil || len(deletions) != 0 || len(eventsOf(t, s)) != 2 {
		t.Errorf("got %+v, %v and events %+v, want nothing taken", deletions, err, eventsOf(t, s))
	}
	isWhole(t, s)
}

func TestCopyIsLeftAloneUntilItIsTheOnlyOne(t *testing.T) {
	s := openInside(t, t.TempDir())
	rows := filmInside(t, s, morning, 2)
	copied := filepath.Join(s.Recordings(), "mine", "copy.avi")
	duplicate(t, s.Path(rows[0]), copied)
	glance(t, s)
	list, more := s.Foreign()
	if want := (ForeignFile{"mine/copy.avi", rows[0].Bytes, ForeignCopy}); len(list) != 1 || list[0] != want || more {
		t.Errorf("got %+v, %v, want %+v alone", list, more, want)
	}
	must(t, os.Remove(s.Path(rows[0])))
	glance(t, s)
	if r, err := s.Segments(t.Context(), SegmentQuery{}); err != nil || len(r) != 2 || r[0].Path != "mine/copy.avi" || r[0].ID != rows[0].ID {
		t.Errorf("got %+v, %v, want the copy in its place, by its number", r, err)
	}
	if list, _ := s.Foreign(); len(list) != 0 {
		t.Errorf("got %+v, want nothing left alone", list)
	}
	isWhole(t, s)
}

func TestWhatIsTakenAwayIsToldAndComesBackWithItsEvent(t *testing.T) {
	s := openInside(t, t.TempDir())
	rows := filmInside(t, s, morning, 3)
	s.now = func() time.Time { return morning.Add(24 * time.Hour) }
	before := eventsOf(t, s)
	away := filepath.Join(t.TempDir(), "away.avi")
	must(t, os.Rename(s.Path(rows[1]), away))
	if report := glance(t, s); report.Repaired != 1 || !report.again {
		t.Errorf("got %+v, want one row taken, and another look soon", report)
	}
	glance(t, s) // once more is the same
	deletions, err := s.Deletions(t.Context(), 9)
	if err != nil || len(deletions) != 1 || deletions[0].Rule != RuleOutside || deletions[0].Path != rows[1].Path || deletions[0].Done.IsZero() {
		t.Errorf("got %+v, %v, want one that is taken from outside", deletions, err)
	}
	covered, err := s.Coverage(t.Context(), rows[1].Camera, rows[1].Start, rows[1].End)
	if err != nil || len(covered.Gaps) != 1 || covered.Gaps[0].Reason != GapErased {
		t.Errorf("got %+v, %v, want it told as erased", covered, err)
	}
	events := eventsOf(t, s)
	if len(events) != 3 || events[1].Segment != 0 || events[1].ID != before[1].ID {
		t.Errorf("got %+v, want the event still, without a segment", events)
	}
	isWhole(t, s)
	// An index that is built again has it too.
	must(t, s.Close())
	_, err = Reindex(t.Context(), Options{Dir: s.dir, Location: time.UTC}, nil)
	must(t, err)
	s = openInside(t, s.dir)
	s.now = func() time.Time { return morning.Add(24 * time.Hour) }
	if events := eventsOf(t, s); len(events) != 3 || events[1].Segment != 0 || !events[1].At.Equal(before[1].At) {
		t.Errorf("built again: got %+v, want the event still", events)
	}
	without := eventsOf(t, s)[1].ID
	must(t, os.MkdirAll(filepath.Join(s.Recordings(), "back"), 0o755))
	duplicate(t, away, filepath.Join(s.Recordings(), "back", "again.avi"))
	glance(t, s)
	found, err := s.Segments(t.Context(), SegmentQuery{})
	if err != nil || len(found) != 3 || found[1].Path != "back/again.avi" {
		t.Fatalf("got %+v, %v, want it back", found, err)
	}
	if events := eventsOf(t, s); len(events) != 3 || events[1].Segment != found[1].ID || events[1].ID != without {
		t.Errorf("got %+v, want the event with its segment again", events)
	}
	if deletions, err := s.Deletions(t.Context(), 9); err != nil || len(deletions) != 0 {
		t.Errorf("got %+v, %v, want it forgotten that it was gone", deletions, err)
	}
	isWhole(t, s)
}

func TestSoMuchAtOnceIsNotBelievedToBeGone(t *testing.T) {
	s := openInside(t, t.TempDir())
	rows := filmInside(t, s, morning, 30)
	away := filepath.Join(t.TempDir(), "away")
	must(t, os.MkdirAll(away, 0o755))
	for i, r := range rows[:20] {
		must(t, os.Rename(s.Path(r), filepath.Join(away, filepath.Base(rows[i].Path))))
	}
	for range 2 {
		if report := glance(t, s); report.Remaining() != 20 || report.Repaired != 0 {
			t.Errorf("got %+v, want 20 that are not believed to be gone", report)
		}
	}
	if list, _ := pathsOf(t, s); len(list) != 30 {
		t.Errorf("got %d rows, want all 30", len(list))
	}
	// They come back, and it is forgotten.
	for _, r := range rows[:20] {
		must(t, os.Rename(filepath.Join(away, filepath.Base(r.Path)), s.Path(r)))
	}
	if report := glance(t, s); report.Remaining() != 0 || report.Repaired != 0 || !s.doubts.since.IsZero() {
		t.Errorf("got %+v, want all well", report)
	}
	isWhole(t, s)
	// Gone still ten minutes later, they are gone.
	for _, r := range rows[:20] {
		must(t, os.Remove(s.Path(r)))
	}
	glance(t, s)
	s.doubts.since = s.doubts.since.Add(-doubtFor)
	if report := glance(t, s); report.Repaired != 20 {
		t.Errorf("got %+v, want 20 taken for gone", report)
	}
	// What goes piece by piece counts together.
	s.doubts.lost = []loss{{time.Now(), 15}}
	for _, r := range rows[20:26] {
		must(t, os.Remove(s.Path(r)))
	}
	if report := glance(t, s); report.Repaired != 0 || report.Remaining() != 6 {
		t.Errorf("got %+v, want the rest not believed", report)
	}
	// Who repairs by hand wants it now.
	report, err := s.Repair(t.Context())
	if err != nil || report.Repaired != 6 {
		t.Errorf("got %+v, %v, want 6 taken for gone", report, err)
	}
	isWhole(t, s)
}

func TestCameraWhoseDiskIsNotThereKeepsItsRows(t *testing.T) {
	s := openInside(t, t.TempDir())
	rows := filmInside(t, s, morning, 3)
	disk := filepath.Join(t.TempDir(), "disk")
	must(t, os.Rename(filepath.Join(s.Recordings(), "door"), disk))
	if err := os.Symlink(disk, filepath.Join(s.Recordings(), "door")); err != nil {
		t.Skip("no links here:", err)
	}
	if report := glance(t, s); report.Segments != 3 || report.Remaining()+report.Repaired != 0 {
		t.Errorf("got %+v, want its 3 segments found behind the link", report)
	}
	must(t, os.Rename(disk, disk+" away"))
	glance(t, s)
	_, err := s.Repair(t.Context())
	must(t, err)
	must(t, os.Mkdir(disk, 0o755)) // an empty mount point
	glance(t, s)
	if list, _ := pathsOf(t, s); len(list) != len(rows) {
		t.Errorf("got %q, want all its rows", list)
	}
	must(t, os.Remove(disk))
	must(t, os.Rename(disk+" away", disk))
	isWhole(t, s)
}

func TestFilesOfOthersAreListedWithWhy(t *testing.T) {
	s := openInside(t, t.TempDir())
	r := filmInside(t, s, morning, 1)[0]
	day := filepath.Dir(s.Path(r))
	put := func(name string, data []byte) {
		must(t, os.MkdirAll(filepath.Dir(filepath.Join(s.Recordings(), name)), 0o755))
		must(t, os.WriteFile(filepath.Join(s.Recordings(), name), data, 0o644))
	}
	put("notes.txt", []byte("mine"))
	put("holiday/film.avi", []byte("theirs"))
	put("door/2026-11-22/photo.jpg", []byte("theirs"))
	put("door/2026-11-22/2026-11-22T01-00-00+0000.unreadable", []byte("?"))
	put(".Trash/film.avi", []byte("thrown away"))
	put("door/2026-11-22/.hidden", []byte("a system's"))
	whole, err := os.ReadFile(s.Path(r))
	must(t, err)
	must(t, os.Remove(s.Path(r)))
	put("coming/part.avi", whole[:len(whole)-200-avi.SealSize])
	glance(t, s)
	list, more := s.Foreign()
	var got []string
	for _, f := range list {
		got = append(got, f.Path+" "+f.Why)
	}
	want := []string{
		"coming/part.avi incomplete",
		"door/2026-11-22/2026-11-22T01-00-00+0000.unreadable unreadable",
		"door/2026-11-22/photo.jpg other",
		"holiday/film.avi foreign",
		"notes.txt other",
	}
	if !slices.Equal(got, want) || more || list[4].Bytes != 4 {
		t.Errorf("got %q, %v, want %q", got, more, want)
	}
	report, err := s.Check(t.Context())
	if err != nil || len(report.Files) != 5 {
		t.Errorf("got %+v, %v, want them in the report", report.Files, err)
	}
	// What is whole by then is a segment; what stays as it is was cut, and is what there is.
	put("coming/part.avi", whole)
	if glance(t, s); len(pathsHere(t, s)) != 1 {
		t.Errorf("got %q, want the file that was copied", pathsHere(t, s))
	}
	must(t, os.RemoveAll(day))
	isWhole(t, s)
}

func pathsHere(t *testing.T, s *Store) []string {
	t.Helper()
	list, _ := pathsOf(t, s)
	return list
}

func TestSegmentThatWasCutStaysFootage(t *testing.T) {
	s := openInside(t, t.TempDir())
	rows := filmInside(t, s, morning, 2)
	for _, r := range rows {
		must(t, os.Truncate(s.Path(r), r.Bytes-100))
		aged(t, s.Path(r))
	}
	execute(t, s, `DELETE FROM segments WHERE id = 2`)
	glance(t, s)
	if list := pathsHere(t, s); len(list) != 2 {
		t.Errorf("got %q, want both, as far as they go", list)
	}
	if deletions, err := s.Deletions(t.Context(), 9); err != nil || len(deletions) != 0 {
		t.Errorf("got %+v, %v taken, want nothing", deletions, err)
	}
	report, err := s.Repair(t.Context())
	if err != nil || report.Remaining() != 0 {
		t.Errorf("got %+v, %v, want both finished", report, err)
	}
	if list := pathsHere(t, s); len(list) != 2 {
		t.Errorf("got %q, want both still", list)
	}
	isWhole(t, s)
}

func TestOpenSegmentThatIsMovedGoesOn(t *testing.T) {
	s := openInside(t, t.TempDir())
	segment, err := s.Create(SegmentSpec{Camera: "0800c0000001", Name: "door", Start: morning})
	must(t, err)
	must(t, segment.WriteFrame(camera.Frame{At: morning, JPEG: onePicture}))
	relocate(t, s, "door", "front")
	glance(t, s)
	must(t, segment.WriteFrame(camera.Frame{At: morning.Add(time.Second), JPEG: onePicture}))
	r, err := segment.Commit(t.Context(), morning.Add(2*time.Second))
	if err != nil || r.Path != "front/2026-11-22/2026-11-22T06-00-00+0000.avi" || r.Frames != 2 {
		t.Errorf("got %+v, %v, want it whole where it lies", r, err)
	}
	isWhole(t, s)
}

// An error of the disk is no word on what is there.
func TestFolderThatCannotBeReadTakesNoRows(t *testing.T) {
	s := openInside(t, t.TempDir())
	rows := filmInside(t, s, morning, 2)
	day := filepath.Dir(s.Path(rows[0]))
	must(t, os.Chmod(day, 0))
	t.Cleanup(func() { os.Chmod(day, 0o755) })
	if f, err := os.Open(day); err == nil { // root reads everything
		_, err = f.Readdirnames(1)
		f.Close()
		if err == nil || errors.Is(err, io.EOF) {
			t.Skip("this user reads what nobody may")
		}
	}
	if _, err := NewRescan(s, nil).once(t.Context()); err == nil {
		t.Error("got no error")
	}
	must(t, os.Chmod(day, 0o755))
	if list := pathsHere(t, s); len(list) != 2 {
		t.Errorf("got %q, want both rows", list)
	}
	isWhole(t, s)
}

var onePicture = []byte{0xFF, 0xD8, 0xFF, 0xC0, 0, 17, 8, 1, 0xE0, 2, 0x80, 3, 1, 0x21, 0, 2, 0x11, 1, 3, 0x11, 1, 0xFF, 0xD9}
