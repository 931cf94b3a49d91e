package storage

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"v720dvr/camera"
)

// A keep that is made between the plan and the deletion holds all the same.
func TestKeepThatComesBehindThePlanHolds(t *testing.T) {
	s := openInside(t, t.TempDir())
	rows := filmInside(t, s, time.Date(2026, 11, 22, 6, 0, 0, 0, time.UTC), 3)
	var swept Sweep
	swept.ByRule = make(map[Rule]int)
	old := Rules{Twice: true, Camera: func(camera.ID) CameraRules { return CameraRules{MaxAge: time.Nanosecond} }}
	s.now = func() time.Time { return rows[2].End.Add(time.Hour) }
	for d, err := range s.Plan(t.Context(), old) {
		must(t, err)
		if d.Path == rows[1].Path {
			_, err := s.Keep(t.Context(), Keep{Camera: d.Camera, From: d.Start, To: d.Start.Add(time.Minute)})
			must(t, err)
		}
		must(t, s.deleteBatch(t.Context(), []Deletion{d}, &swept))
	}
	left, err := s.Segments(t.Context(), SegmentQuery{})
	if err != nil || len(left) != 1 || left[0].Path != rows[1].Path || swept.Segments != 2 {
		t.Errorf("got %+v, %v and %+v, want the second alone", left, err, swept)
	}
	isWhole(t, s)
}

// An end of the run between intent and file, and a keep before the next: what is there stays.
func TestKeepBetweenTwoRunsTakesBackWhatWasToBeDeleted(t *testing.T) {
	dir := t.TempDir()
	s := openInside(t, dir)
	rows := filmInside(t, s, time.Date(2026, 11, 22, 6, 0, 0, 0, time.UTC), 3)
	var batch []Deletion
	for _, r := range rows {
		batch = append(batch, Deletion{Camera: r.Camera, Volume: r.Volume, Path: r.Path, Start: r.Start, End: r.End, Bytes: r.Bytes, Rule: RuleMaxAge})
	}
	must(t, s.writeIntents(t.Context(), batch))
	must(t, s.removeRows(t.Context(), batch[1:]))
	must(t, os.Remove(s.Path(rows[2])))
	must(t, s.Close())
	_, err := KeepOffline(t.Context(), dir, Keep{Camera: rows[0].Camera, From: rows[0].Start, To: rows[2].End}, time.Now())
	must(t, err)
	s = openInside(t, dir)
	left, err := s.Segments(t.Context(), SegmentQuery{})
	if err != nil || len(left) != 2 || left[0].Path != rows[0].Path || left[1].Path != rows[1].Path {
		t.Errorf("got %+v, %v, want both whose file was there", left, err)
	}
	if log, err := s.Deletions(t.Context(), 9); err != nil || len(log) != 1 || log[0].Path != rows[2].Path || log[0].Done.IsZero() {
		t.Errorf("got log %+v, %v, want the one that was gone", log, err)
	}
	isWhole(t, s)
}

func TestKeepsAreBoundedAndThoseThatAreOverGiveWay(t *testing.T) {
	s := openInside(t, t.TempDir())
	now := time.Date(2026, 11, 22, 6, 0, 0, 0, time.UTC)
	s.now = func() time.Time { return now }
	k := Keep{Camera: "0800c0000001", From: now, To: now.Add(time.Hour)}
	_, err := s.state.write.Exec(`WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
		INSERT INTO keeps (camera, "from", "to", note, until, who, made) SELECT ?, i * 10, i * 10 + 5, '', iif(i = 1, ?, NULL), '', 0 FROM n`,
		MaxKeeps, k.Camera, now.Add(time.Minute).UnixMicro())
	must(t, err)
	if _, err := s.Keep(t.Context(), k); !errors.Is(err, ErrTooMany) {
		t.Errorf("one too many: got %v", err)
	}
	now = now.Add(time.Hour)
	if _, err := s.Keep(t.Context(), k); err != nil {
		t.Errorf("when one is over: got %v", err)
	}
	kept, err := s.Kept(t.Context(), now)
	if err != nil || len(kept.of[k.Camera]) != MaxKeeps {
		t.Errorf("got %d spans, %v", len(kept.of[k.Camera]), err)
	}
}

func TestKeptIsWhatAnyKeepHasAPartOf(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var keeps []Keep
		moment := func(of string) time.Time { return time.UnixMicro(int64(rapid.IntRange(0, 60).Draw(t, of))) }
		for range rapid.IntRange(0, 8).Draw(t, "keeps") {
			from := moment("from")
			keeps = append(keeps, Keep{
				Camera: camera.ID(fmt.Sprint(rapid.IntRange(1, 2).Draw(t, "camera"))),
				From:   from, To: from.Add(time.Duration(rapid.IntRange(1, 20).Draw(t, "length")) * time.Microsecond),
			})
		}
		kept := keptBy(keeps)
		start := moment("start")
		end := start.Add(time.Duration(rapid.IntRange(1, 20).Draw(t, "end")) * time.Microsecond)
		want := slices.ContainsFunc(keeps, func(k Keep) bool { return k.Camera == "1" && k.From.Before(end) && k.To.After(start) })
		if got := kept.Has("1", start, end); got != want {
			t.Fatalf("[%v, %v) of %+v, %+v: got %v", start.UnixMicro(), end.UnixMicro(), keeps, kept, got)
		}
		for _, spans := range kept.of {
			for i := 1; i < len(spans); i++ {
				if spans[i-1].to >= spans[i].from {
					t.Fatalf("got %+v, want time between two of them", spans)
				}
			}
		}
	})
}
