package storage_test

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"v720dvr/camera"
	"v720dvr/storage"
	"v720dvr/storage/avi"
	"v720dvr/storage/storagetest"
)

// gapped begins a segment with two gaps before it and n inside, and writes a second of it.
func gapped(t *testing.T, store *storage.Store, spec storage.SegmentSpec, n int) (segment *storage.Segment, before, inside []avi.Gap) {
	t.Helper()
	at := func(d time.Duration) time.Time { return spec.Start.Add(d).UTC() }
	before = []avi.Gap{{From: at(-time.Hour), To: at(-time.Minute), Reason: storage.GapRestarted}, {From: at(-time.Minute), To: at(0), Reason: storage.GapOffline}}
	spec.Gaps = before
	segment = create(t, store, spec)
	shoot(t, segment)
	for i := range n {
		gap := avi.Gap{From: at(time.Duration(i) * time.Millisecond), To: at(time.Duration(i+1) * time.Millisecond), Reason: storage.GapSilent}
		if err := segment.WriteGap(gap); err != nil {
			t.Fatal(err)
		}
		inside = append(inside, gap)
	}
	return segment, before, inside
}

// The index tells the gaps that the file tells: of a segment that was committed, of one that was
// finished after a kill, after reindex, and of one whose front does not hold them all.
func TestGapsOfASegmentAreInTheIndex(t *testing.T) {
	for _, n := range []int{0, 1, 200} {
		for _, killed := range []bool{false, true} {
			dir := t.TempDir()
			options := storage.Options{Dir: dir, Location: noon.Location()}
			store, err := storage.Open(t.Context(), options)
			if err != nil {
				t.Fatal(err)
			}
			segment, before, inside := gapped(t, store, storage.SegmentSpec{Camera: "0800c0000001", Start: noon}, n)
			if err := segment.WriteEvent(camera.Event{At: noon, Kind: camera.Streaming}); err != nil {
				t.Fatal(err)
			}
			if !killed {
				record, err := segment.Commit(t.Context(), noon.Add(time.Second))
				if err != nil || !reflect.DeepEqual(record.Gaps, before) || !reflect.DeepEqual(record.Inside, inside) {
					t.Errorf("%d gaps inside: Commit says %+v, %v", n, record, err)
				}
			}
			if err := store.Close(); err != nil {
				t.Fatal(err)
			}
			for _, again := range []string{"opened", "reindexed"} {
				if again == "reindexed" {
					removeIndex(t, dir)
					if _, err := storage.Reindex(t.Context(), options, nil); err != nil {
						t.Fatal(err)
					}
				}
				store := storagetest.Open(t, options)
				rows, err := store.Segments(t.Context(), storage.SegmentQuery{Limit: 5})
				if err != nil || len(rows) != 1 || !reflect.DeepEqual(rows[0].Gaps, before) || !reflect.DeepEqual(rows[0].Inside, inside) {
					t.Errorf("%d gaps inside, killed %v, %s: got %+v, %v", n, killed, again, rows, err)
				}
				if events, err := store.Events(t.Context(), storage.EventQuery{}); err != nil || len(events) != 1 {
					t.Errorf("%d gaps inside, killed %v, %s: got events %+v, %v", n, killed, again, events, err)
				}
				storagetest.Check(t, store)
				if err := store.Close(); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
}

func TestListHasTheGapsOfItsSegmentsAlone(t *testing.T) {
	store := storagetest.Open(t, storage.Options{})
	var want []storage.SegmentRecord
	for i := range 4 {
		segment, _, _ := gapped(t, store, storage.SegmentSpec{Camera: cameraID("0800c000000" + string(rune('1'+i%2))), Start: noon.Add(time.Duration(i) * time.Minute)}, i)
		record, err := segment.Commit(t.Context(), segment.Start().Add(time.Second))
		if err != nil {
			t.Fatal(err)
		}
		want = append(want, record)
	}
	for _, q := range []struct {
		storage.SegmentQuery
		want []storage.SegmentRecord
	}{
		{storage.SegmentQuery{}, want},
		{storage.SegmentQuery{Limit: 2}, want[:2]},
		{storage.SegmentQuery{Camera: "0800c0000002"}, []storage.SegmentRecord{want[1], want[3]}},
		{storage.SegmentQuery{From: noon.Add(90 * time.Second), To: noon.Add(150 * time.Second)}, want[2:3]},
		{storage.SegmentQuery{From: noon.Add(time.Hour)}, nil},
	} {
		if got, err := store.Segments(t.Context(), q.SegmentQuery); err != nil || !reflect.DeepEqual(got, q.want) {
			t.Errorf("%+v: got %+v, %v, want %+v", q.SegmentQuery, got, err, q.want)
		}
	}
}

func TestSegmentOfMotionIsNamedSo(t *testing.T) {
	dir := t.TempDir()
	options := storage.Options{Dir: dir, Location: noon.Location()}
	store, err := storage.Open(t.Context(), options)
	if err != nil {
		t.Fatal(err)
	}
	spec := storage.SegmentSpec{Camera: "0800c0000001", Name: "door", Start: noon, Motion: true}
	day := filepath.Join(store.Recordings(), "door", "2026-11-22")
	first, second, left := create(t, store, spec), create(t, store, spec), create(t, store, spec)
	for _, segment := range []*storage.Segment{first, second, left} {
		shoot(t, segment)
	}
	if want := filepath.Join(day, "2026-11-22T14-05-00+0100_motion.avi.part"); first.Path() != want {
		t.Errorf("got %s, want %s", first.Path(), want)
	}
	// Somebody's own file takes the second one's name.
	theirs := strings.TrimSuffix(second.Path(), ".part")
	if err := os.WriteFile(theirs, []byte("a holiday"), 0o644); err != nil {
		t.Fatal(err)
	}
	event := camera.Event{Camera: "0800c0000001", At: noon, Kind: camera.Streaming}
	if err := store.NoteEvent(t.Context(), storage.Note{Event: event, Name: "door", Segment: first}); err != nil {
		t.Fatal(err)
	}
	for _, segment := range []*storage.Segment{first, second} {
		if _, err := segment.Commit(t.Context(), noon.Add(time.Second)); err != nil {
			t.Fatal(err)
		}
	}
	plain := film(t, store, storage.SegmentSpec{Camera: "0800c0000001", Name: "door", Start: noon})
	if err := store.Close(); err != nil { // as after a kill: the third is left open
		t.Fatal(err)
	}
	want := []string{"_motion.avi", "_motion_2_2.avi", "_motion_3.avi", ".avi"}
	for _, again := range []string{"recovered", "reindexed", "rescanned"} {
		switch again {
		case "reindexed":
			if done, err := storage.Reindex(t.Context(), options, nil); err != nil || done.Segments != 4 || done.Foreign != 1 {
				t.Errorf("got %+v, %v, want 4 segments and their file", done, err)
			}
		case "rescanned":
			removeIndex(t, dir)
		}
		store := storagetest.Open(t, options)
		if again == "rescanned" {
			runRescan(t, store)
		}
		rows, err := store.Segments(t.Context(), storage.SegmentQuery{})
		if err != nil || len(rows) != len(want) {
			t.Fatalf("%s: got %+v, %v, want 4", again, rows, err)
		}
		for i, r := range rows {
			if r.Path != "door/2026-11-22/2026-11-22T14-05-00+0100"+want[i] {
				t.Errorf("%s: row %d is %s, want …%s", again, i, r.Path, want[i])
			}
		}
		if rows[3].Path != plain.Path {
			t.Errorf("got %s, want the plain name %s", rows[3].Path, plain.Path)
		}
		if report := storagetest.Check(t, store); report.Foreign != 1 || report.Segments != 4 {
			t.Errorf("%s: got %+v, want 4 segments and their file", again, report)
		}
		if err := store.Close(); err != nil {
			t.Fatal(err)
		}
	}
	_, lines := linesOf(t, filepath.Join(day, "events.jsonl"))
	if len(lines) != 1 || lines[0].Segment != "2026-11-22T14-05-00+0100_motion.avi" {
		t.Errorf("got lines %+v, want the segment's name", lines)
	}
}

// The clock is set back by an hour: what the names say is out of order, what the list says is not,
// and it is the same from an index that was built again.
func TestListKeepsTheOrderInWhichSegmentsWereRecorded(t *testing.T) {
	dir := t.TempDir()
	options := storage.Options{Dir: dir, Location: noon.Location()}
	store, err := storage.Open(t.Context(), options)
	if err != nil {
		t.Fatal(err)
	}
	var recorded []string
	for i, minutes := range []int{0, 5, -55, -50, -45, 10} {
		segment := create(t, store, storage.SegmentSpec{Camera: "0800c0000001", Name: "door", Start: noon.Add(time.Duration(minutes) * time.Minute)})
		shoot(t, segment)
		if i != 3 { // that one was given up, say: it gets its row at the next start, behind the others
			if _, err := segment.Commit(t.Context(), segment.Start().Add(time.Second)); err != nil {
				t.Fatal(err)
			}
		}
		recorded = append(recorded, filepath.Base(strings.TrimSuffix(segment.Path(), ".part")))
	}
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	for _, again := range []string{"recovered", "reindexed"} {
		if again == "reindexed" {
			if _, err := storage.Reindex(t.Context(), options, nil); err != nil {
				t.Fatal(err)
			}
		}
		store := storagetest.Open(t, options)
		for _, q := range []storage.SegmentQuery{{}, {Camera: "0800c0000001"}, {From: noon.Add(-time.Hour), To: noon.Add(time.Hour)}} {
			rows, err := store.Segments(t.Context(), q)
			if err != nil || len(rows) != len(recorded) {
				t.Fatalf("got %+v, %v, want %d", rows, err, len(recorded))
			}
			for i, r := range rows {
				if filepath.Base(r.Path) != recorded[i] || r.Number != uint32(i+1) {
					t.Errorf("%s: row %d is %s of number %d, want %s", again, i, r.Path, r.Number, recorded[i])
				}
				if again == "reindexed" && r.ID != int64(i+1) {
					t.Errorf("row %d has id %d, want ids in the order of recording", i, r.ID)
				}
			}
		}
		if err := store.Close(); err != nil {
			t.Fatal(err)
		}
	}
}
