package storage

import (
	"reflect"
	"testing"
	"time"

	"v720dvr/storage/avi"
)

func TestNotedGapsStayUntilTheyAreReplacedAndCostNothingTwice(t *testing.T) {
	dir := t.TempDir()
	at := func(minutes int) time.Time { return time.Date(2026, 11, 22, 14, minutes, 0, 0, time.UTC) }
	open := []avi.Gap{{From: at(1), To: at(2), Reason: GapSilent}, {From: at(2), Reason: GapOffline}}
	s := openInside(t, dir)
	writes := changes(t, s)
	note := func(gaps []avi.Gap, want int) {
		t.Helper()
		must(t, s.NoteGaps(t.Context(), "0800c0000001", gaps))
		now := changes(t, s)
		if got := now - writes; got != want {
			t.Errorf("note %v: got %d rows written, want %d", gaps, got, want)
		}
		writes = now
		if got, err := s.PendingGaps(t.Context(), "0800c0000001"); err != nil || !reflect.DeepEqual(got, gaps) {
			t.Errorf("got %v, %v, want %v", got, err, gaps)
		}
	}
	note(nil, 0)
	note(open, 2)
	note(open, 0)
	note(open[:1], 3)
	note(open, 3)
	must(t, s.NoteGaps(t.Context(), "0800c0000002", open[1:]))
	must(t, s.Close())

	s = openInside(t, dir)
	if got, err := s.PendingGaps(t.Context(), "0800c0000001"); err != nil || !reflect.DeepEqual(got, open) {
		t.Errorf("after a restart: got %v, %v, want %v", got, err, open)
	}
	writes = changes(t, s)
	note(open[1:], 3)
	note(nil, 1)
	if got, err := s.PendingGaps(t.Context(), "0800c0000002"); err != nil || !reflect.DeepEqual(got, open[1:]) {
		t.Errorf("another camera: got %v, %v, want %v", got, err, open[1:])
	}
}

// By a clock that is behind, what was noted before the start is in the future.
func TestNoteOfAnEarlierRunWaitsUntilTheClockHasCaughtUp(t *testing.T) {
	dir := t.TempDir()
	now := time.Date(2026, 11, 22, 14, 0, 0, 0, time.UTC)
	begin := func() *Store {
		s, err := Open(t.Context(), Options{Dir: dir, Location: time.UTC, Now: func() time.Time { return now }})
		must(t, err)
		t.Cleanup(func() { s.Close() })
		s.StillAlive(now)
		return s
	}
	earlier := avi.Gap{From: now, Reason: GapOffline}
	s := begin()
	must(t, s.NoteGaps(t.Context(), "0800c0000001", []avi.Gap{earlier}))
	must(t, s.Close())

	now = time.Unix(5, 0).UTC()
	s = begin()
	if gaps, err := s.Resume(t.Context(), "0800c0000001", now); err != nil || gaps != nil {
		t.Errorf("in 1970: got %v, %v, want nothing yet", gaps, err)
	}
	young := avi.Gap{From: now, Reason: GapSilent}
	must(t, s.NoteGaps(t.Context(), "0800c0000001", []avi.Gap{young}))
	must(t, s.NoteGaps(t.Context(), "0800c0000001", nil))
	if got, err := s.PendingGaps(t.Context(), "0800c0000001"); err != nil || !reflect.DeepEqual(got, []avi.Gap{earlier}) {
		t.Errorf("got %v, %v, want the earlier run's", got, err)
	}
	now = earlier.From.Add(time.Minute)
	s.StillAlive(now)
	gaps, err := s.Resume(t.Context(), "0800c0000001", now)
	must(t, err)
	if n := len(gaps); n == 0 || !gaps[0].From.Equal(earlier.From) || !gaps[n-1].From.Equal(now) || !gaps[n-1].To.IsZero() {
		t.Errorf("got %v, want all since %v", gaps, earlier.From)
	}
	must(t, s.NoteGaps(t.Context(), "0800c0000001", nil))
	if got, err := s.PendingGaps(t.Context(), "0800c0000001"); err != nil || got != nil {
		t.Errorf("got %v, %v, want nothing", got, err)
	}
}
