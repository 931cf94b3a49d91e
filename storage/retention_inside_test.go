package storage

import (
	"context"
	"os"
	"strings"
	"testing"
	"time"

	"v720dvr/camera"
)

// filmInside makes committed segments, an hour apart.
func filmInside(t *testing.T, s *Store, start time.Time, n int) (list []SegmentRecord) {
	t.Helper()
	picture := []byte{0xFF, 0xD8, 0xFF, 0xC0, 0, 17, 8, 1, 0xE0, 2, 0x80, 3, 1, 0x21, 0, 2, 0x11, 1, 3, 0x11, 1, 0xFF, 0xD9}
	for i := range n {
		at := start.Add(time.Duration(i) * time.Hour)
		segment, err := s.Create(SegmentSpec{Camera: "0800c0000001", Name: "door", Start: at})
		must(t, err)
		must(t, segment.WriteFrame(camera.Frame{At: at, JPEG: picture}))
		must(t, segment.WriteEvent(camera.Event{Camera: "0800c0000001", At: at, Kind: camera.Device, Detail: "bell"}))
		r, err := segment.Commit(t.Context(), at.Add(time.Second))
		must(t, err)
		list = append(list, r)
	}
	return list
}

func isWhole(t *testing.T, s *Store) Report {
	t.Helper()
	report, err := s.Check(t.Context())
	must(t, err)
	for _, p := range report.Problems {
		t.Error(p)
	}
	return report
}

// Between the two databases' transactions there is no file work at which a disk could die.
func TestDeletionThatEndsBetweenItsTransactionsIsFinishedByTheNextRun(t *testing.T) {
	for name, begin := range map[string]func(s *Store, batch []Deletion) error{
		"behind the intents": func(s *Store, batch []Deletion) error { return s.writeIntents(t.Context(), batch) },
		"behind the rows": func(s *Store, batch []Deletion) error {
			if err := s.writeIntents(t.Context(), batch); err != nil {
				return err
			}
			return s.removeRows(t.Context(), batch)
		},
		// A power cut took the newest rows of the index back, and the unlinked file is there again.
		"behind the files, and the rows are back": func(s *Store, batch []Deletion) error {
			if err := s.writeIntents(t.Context(), batch); err != nil {
				return err
			}
			name, err := s.within(batch[0].Path)
			if err != nil {
				return err
			}
			return os.Remove(name)
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			s := openInside(t, dir)
			rows := filmInside(t, s, time.Date(2026, 11, 22, 6, 0, 0, 0, time.UTC), 3)
			var batch []Deletion
			for _, r := range rows[:2] {
				batch = append(batch, Deletion{Camera: r.Camera, Volume: r.Volume, Path: r.Path, Start: r.Start, End: r.End,
					Bytes: r.Bytes, Rule: RuleMaxAge, Decided: time.Now()})
			}
			must(t, begin(s, batch))
			must(t, s.Close())
			s = openInside(t, dir)
			if report := isWhole(t, s); report.Segments != 1 {
				t.Errorf("got %d segments, want 1", report.Segments)
			}
			for _, r := range rows[:2] {
				if _, err := os.Stat(s.Path(r)); err == nil {
					t.Errorf("%s is still there", r.Path)
				}
			}
			if events, err := s.Events(t.Context(), EventQuery{}); err != nil || len(events) != 1 || events[0].Segment != rows[2].ID {
				t.Errorf("got events %+v, %v, want that of the segment which stayed", events, err)
			}
			log, err := s.Deletions(t.Context(), 10)
			if err != nil || len(log) != 2 || log[0].Done.IsZero() || log[1].Done.IsZero() {
				t.Errorf("got log %+v, %v, want both done", log, err)
			}
		})
	}
}

// What a person deleted leaves nothing behind either when the process ends right behind the decision.
func TestErasureThatIsBrokenOffIsFinishedByTheNextRun(t *testing.T) {
	dir := t.TempDir()
	s := openInside(t, dir)
	at := time.Date(2026, 11, 22, 6, 0, 0, 0, time.UTC)
	rows := filmInside(t, s, at, 2)
	for _, r := range rows {
		segment, part := &Segment{store: s, spec: SegmentSpec{Start: r.Start}}, strings.TrimSuffix(s.Path(r), segmentSuffix)+partSuffix
		segment.part.Store(&part)
		must(t, s.NoteEvent(t.Context(), Note{Event: camera.Event{Camera: r.Camera, At: r.Start, Kind: camera.Motion}, Name: "door", Segment: segment, Picture: []byte{1}}))
	}
	r := rows[0]
	must(t, s.writeIntents(t.Context(), []Deletion{{Camera: r.Camera, Volume: r.Volume, Path: r.Path, Start: r.Start, End: r.End,
		Bytes: r.Bytes, Rule: RuleHand, Who: "user anna", Decided: time.Now()}}))
	must(t, s.Close())
	s = openInside(t, dir)
	if report := isWhole(t, s); report.Segments != 1 {
		t.Errorf("got %d segments, want 1", report.Segments)
	}
	pictures, err := s.eventPictures(s.recordings + "/door/2026-11-22")
	if err != nil || len(pictures) != 1 {
		t.Errorf("got pictures %v, %v; want that of the segment which stayed", pictures, err)
	}
	c, err := s.Coverage(t.Context(), r.Camera, r.Start, r.End)
	if err != nil || len(c.Gaps) != 1 || c.Gaps[0].Reason != GapErased {
		t.Errorf("got %v, %v; want it erased", c.Gaps, err)
	}
	s.deletionsKept = 0
	must(t, s.foldDeletions(t.Context()))
	if days, err := s.DeletionDays(t.Context()); err != nil || len(days) != 1 || days[0].Rule != RuleHand {
		t.Errorf("got %+v, %v when the log was summed up; want that a person did it", days, err)
	}
}

// A full disk takes no intent. Then room comes first.
func TestFullDiskThatTakesNoIntentGetsRoomByTheFirstFile(t *testing.T) {
	s := openInside(t, t.TempDir())
	rows := filmInside(t, s, time.Date(2026, 11, 22, 6, 0, 0, 0, time.UTC), 3)
	var pages int
	must(t, s.state.write.QueryRow("PRAGMA page_count").Scan(&pages))
	s.disk = &roomByRemoval{FS: s.disk, removed: func() {
		var most int
		must(t, s.state.write.QueryRow("PRAGMA max_page_count = 1000000").Scan(&most))
	}}
	var most int
	must(t, s.state.write.QueryRow("PRAGMA max_page_count = 1").Scan(&most)) // no less than it has
	fillPages(t, s)
	space := Rules{Twice: true, Camera: func(camera.ID) CameraRules { return CameraRules{MaxAge: time.Nanosecond} }}
	swept, err := s.Sweep(t.Context(), space)
	if err != nil || swept.Segments != 3 || swept.Bytes != rows[0].Bytes+rows[1].Bytes+rows[2].Bytes {
		t.Errorf("got %+v, %v, want all three deleted", swept, err)
	}
	if report := isWhole(t, s); report.Segments != 0 {
		t.Errorf("got %+v", report)
	}
	if log, err := s.Deletions(t.Context(), 1000); err != nil || len(log) < 3 || log[0].Done.IsZero() {
		t.Errorf("got log %+v, %v", log, err)
	}
}

// fillPages writes done deletions until the database takes no more.
func fillPages(t *testing.T, s *Store) {
	t.Helper()
	for range 100_000 {
		_, err := s.state.write.Exec(`INSERT INTO deletions (volume, path, camera, start, "end", bytes, rule, decided, done)
			VALUES ('elsewhere', '', '', 0, 0, 0, '', 0, 0)`)
		if isFull(err) {
			return
		}
		must(t, err)
	}
	t.Fatal("the database is never full")
}

type roomByRemoval struct {
	FS
	removed func()
}

func (d *roomByRemoval) Remove(path string) error {
	defer d.removed()
	return d.FS.Remove(path)
}

func TestLogOfDeletionsIsSummedUpBeforeItGrows(t *testing.T) {
	s := openInside(t, t.TempDir())
	s.deletionsKept = 2
	rows := filmInside(t, s, time.Date(2026, 11, 22, 21, 0, 0, 0, time.UTC), 6) // 3 of one day, 3 of the next
	old := Rules{Twice: true, Camera: func(camera.ID) CameraRules { return CameraRules{MaxAge: time.Nanosecond} }}
	s.now = func() time.Time { return rows[5].End.Add(time.Hour) }
	for range 2 { // what is summed up is not summed up again
		if _, err := s.Sweep(t.Context(), old); err != nil {
			t.Fatal(err)
		}
	}
	days, err := s.DeletionDays(t.Context())
	must(t, err)
	one := rows[0].Bytes
	want := []DeletionDay{
		{Camera: "0800c0000001", Day: time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC), Rule: RuleMaxAge, Segments: 3, Bytes: 3 * one, Start: rows[0].Start, End: rows[2].End, Done: s.now().UTC()},
		{Camera: "0800c0000001", Day: time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC), Rule: RuleMaxAge, Segments: 1, Bytes: one, Start: rows[3].Start, End: rows[3].End, Done: s.now().UTC()},
	}
	if len(days) != 2 || days[0] != want[0] || days[1] != want[1] {
		t.Errorf("got %+v, want %+v", days, want)
	}
	if log, err := s.Deletions(t.Context(), 10); err != nil || len(log) != 2 || log[1].Path != rows[4].Path {
		t.Errorf("got log %+v, %v, want the last two", log, err)
	}
	// An intent is no history.
	must(t, s.writeIntents(t.Context(), []Deletion{{Volume: "elsewhere", Path: "door/x.avi"}}))
	must(t, s.writeIntents(t.Context(), []Deletion{{Volume: "elsewhere", Path: "door/y.avi"}, {Volume: "elsewhere", Path: "door/z.avi"}, {Volume: "elsewhere", Path: "door/zz.avi"}}))
	must(t, s.foldDeletions(t.Context()))
	if pending, err := s.deletions(t.Context(), `done IS NULL`); err != nil || len(pending) != 4 {
		t.Errorf("got %+v, %v, want the 4 intents", pending, err)
	}
}

func TestRowThatLeadsOutOfTheRecordingsDeletesNothing(t *testing.T) {
	s := openInside(t, t.TempDir())
	for _, path := range []string{"../state.sqlite", "/etc/passwd", "../x.avi", "volume.json", "door/2026-11-22/x.avi.part", ""} {
		if _, err := s.removeSegment(Deletion{Path: path}); err == nil {
			t.Errorf("%q: got no error", path)
		}
	}
}

// A camera's rows are found by its own index, however many others there are.
func TestRetentionQueriesReadNoMoreRowsThanTheyMust(t *testing.T) {
	s := openInside(t, t.TempDir())
	for query, index := range map[string]string{
		`camera = 'a' AND +volume = 'v' ORDER BY start DESC, id DESC LIMIT 1`:                "segments_by_camera",
		`camera = 'a' AND +volume = 'v' AND (start, id) > (1, 2) ORDER BY start, id LIMIT 9`: "segments_by_camera",
		`volume = 'v' AND (start, id) > (1, 2) ORDER BY start, id LIMIT 9`:                   "segments_by_volume",
	} {
		rows, err := s.index.read.QueryContext(context.Background(), `EXPLAIN QUERY PLAN SELECT id, camera, path, start, "end", bytes FROM segments WHERE `+query)
		must(t, err)
		var plan string
		for rows.Next() {
			var a, b, c int
			var detail string
			must(t, rows.Scan(&a, &b, &c, &detail))
			plan += detail + "; "
		}
		rows.Close()
		if !strings.Contains(plan, "INDEX "+index) || strings.Contains(plan, "TEMP B-TREE") || strings.Contains(plan, "SCAN") {
			t.Errorf("%s: got plan %q, want a search in %s without sorting", query, plan, index)
		}
	}
}

func TestCheckSeesARowWhoseDeletionIsWrittenDown(t *testing.T) {
	s := openInside(t, t.TempDir())
	row := filmInside(t, s, time.Date(2026, 11, 22, 6, 0, 0, 0, time.UTC), 1)[0]
	must(t, s.writeIntents(t.Context(), []Deletion{{Camera: row.Camera, Volume: row.Volume, Path: row.Path, Bytes: row.Bytes, Rule: RuleMinFree}}))
	report, err := s.Check(t.Context())
	if err != nil || len(report.Problems) != 1 || report.Problems[0].Invariant != "I8" || report.Problems[0].Path != row.Path {
		t.Errorf("got %+v, %v, want I8", report, err)
	}
	if report, err = s.Repair(t.Context()); err != nil || report.Remaining() != 0 || report.Segments != 0 {
		t.Errorf("repair: got %+v, %v, want it finished", report, err)
	}
	isWhole(t, s)
}
