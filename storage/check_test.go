package storage

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"v720dvr/camera"
	"v720dvr/storage/avi"
)

// Each way to break an invariant, and the one that Check must name.
var breakages = []struct {
	invariant string
	what      string
	do        func(t *testing.T, s *Store, r SegmentRecord)
}{
	{"I1", "the file is removed", func(t *testing.T, s *Store, r SegmentRecord) { must(t, os.Remove(s.Path(r))) }},
	{"I1", "the file is cut", func(t *testing.T, s *Store, r SegmentRecord) { must(t, os.Truncate(s.Path(r), r.Bytes-1)) }},
	{"I2", "the row is removed", func(t *testing.T, s *Store, r SegmentRecord) { execute(t, s, `DELETE FROM segments`) }},
	{"I3", "a .part of this run that nobody writes", func(t *testing.T, s *Store, r SegmentRecord) {
		must(t, os.Rename(s.Path(r), strings.TrimSuffix(s.Path(r), ".avi")+".avi.part"))
		execute(t, s, `DELETE FROM segments`)
	}},
	{"I3", "an open segment's file is removed", func(t *testing.T, s *Store, r SegmentRecord) {
		open, err := s.Create(SegmentSpec{Camera: r.Camera, Start: r.End})
		must(t, err)
		must(t, os.Remove(open.Path()))
	}},
	{"I4", "the row counts another frame", func(t *testing.T, s *Store, r SegmentRecord) {
		execute(t, s, `UPDATE segments SET frames = frames + 1`)
	}},
	{"I4", "the row ends later", func(t *testing.T, s *Store, r SegmentRecord) { execute(t, s, `UPDATE segments SET "end" = "end" + 1`) }},
	{"I4", "the row has another camera", func(t *testing.T, s *Store, r SegmentRecord) {
		execute(t, s, `UPDATE segments SET camera = '0800c0000002'`)
	}},
	{"I4", "the file lost its frame table", func(t *testing.T, s *Store, r SegmentRecord) {
		f, err := os.OpenFile(s.Path(r), os.O_WRONLY, 0)
		must(t, err)
		_, err = f.WriteAt(make([]byte, avi.SealSize+100), r.Bytes-avi.SealSize-100)
		must(t, err)
		must(t, f.Close())
	}},
	{"I4", "an event's row is removed", func(t *testing.T, s *Store, r SegmentRecord) { execute(t, s, `DELETE FROM events`) }},
	{"I4", "a gap's row is removed", func(t *testing.T, s *Store, r SegmentRecord) { execute(t, s, `DELETE FROM gaps WHERE inside`) }},
	{"I4", "a gap has another reason", func(t *testing.T, s *Store, r SegmentRecord) {
		execute(t, s, `UPDATE gaps SET reason = 'off' WHERE number = 0`)
	}},
	{"I4", "a gap before is one inside", func(t *testing.T, s *Store, r SegmentRecord) { execute(t, s, `UPDATE gaps SET inside = 1`) }},
	{"I5", "the folder is nobody's", func(t *testing.T, s *Store, r SegmentRecord) {
		delete(s.folders, foldName(string(r.Camera)))
		execute(t, s, `DELETE FROM folders`)
	}},
	{"I6", "the index is damaged", func(t *testing.T, s *Store, r SegmentRecord) {
		execute(t, s, `PRAGMA writable_schema = ON`)
		execute(t, s, `UPDATE sqlite_schema SET rootpage = 2 WHERE name = 'segments_by_start'`)
		execute(t, s, `PRAGMA schema_version = 1000`) // the readers look again
	}},
}

// Those that Repair leaves to a person.
var beyondRepair = []string{"an open segment's file is removed", "the index is damaged"}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func execute(t *testing.T, s *Store, statement string) {
	t.Helper()
	_, err := s.index.write.Exec(statement)
	must(t, err)
}

func TestCheckNamesTheInvariantThatDoesNotHold(t *testing.T) {
	picture := []byte{0xFF, 0xD8, 0xFF, 0xC0, 0, 17, 8, 1, 0, 1, 0, 3, 1, 0x21, 0, 2, 0x11, 1, 3, 0x11, 1, 0xFF, 0xD9}
	for _, c := range breakages {
		t.Run(c.what, func(t *testing.T) {
			s := openInside(t, t.TempDir())
			start := time.Date(2026, 11, 22, 13, 5, 0, 0, time.UTC)
			segment, err := s.Create(SegmentSpec{Camera: "0800c0000001", Start: start, Gaps: []avi.Gap{{From: start.Add(-time.Minute), To: start, Reason: GapOffline}}})
			must(t, err)
			must(t, segment.WriteFrame(camera.Frame{At: start, JPEG: picture}))
			must(t, segment.WriteGap(avi.Gap{From: start, To: start.Add(time.Second), Reason: GapSilent}))
			must(t, segment.WriteEvent(camera.Event{At: start, Kind: camera.Streaming}))
			record, err := segment.Commit(t.Context(), start.Add(time.Second))
			must(t, err)
			must(t, os.WriteFile(filepath.Join(s.Recordings(), "holiday.avi"), []byte("theirs"), 0o644))
			if report, err := s.Check(t.Context()); err != nil || len(report.Problems) != 0 || report.Foreign != 1 {
				t.Fatalf("before: got %+v, %v, want no problem and 1 foreign file", report, err)
			}
			c.do(t, s, record)
			report, err := s.Check(t.Context())
			must(t, err)
			if len(report.Problems) == 0 {
				t.Fatalf("got no problem, want %s", c.invariant)
			}
			for _, problem := range report.Problems {
				if problem.Invariant != c.invariant && !(c.what == "the file is cut" && problem.Invariant == "I4") {
					t.Errorf("got %v, want %s", problem, c.invariant)
				}
			}
			repaired, err := s.Repair(t.Context())
			must(t, err)
			again, err := s.Check(t.Context())
			must(t, err)
			if slices.Contains(beyondRepair, c.what) {
				if len(again.Problems) == 0 || repaired.Remaining() == 0 {
					t.Errorf("got %+v and then %+v, want the problem to remain", repaired, again)
				}
				return
			}
			if repaired.Remaining() != 0 || len(repaired.Problems) == 0 || len(again.Problems) != 0 {
				t.Errorf("repair: got %+v and then %+v, want all repaired", repaired, again)
			}
			for _, problem := range repaired.Problems {
				if problem.Remedy == "" || !problem.Repaired {
					t.Errorf("got %+v, want a remedy that was used", problem)
				}
			}
		})
	}
}
