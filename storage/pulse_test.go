package storage

import (
	"fmt"
	"slices"
	"testing"
	"time"
)

// changes counts the rows that a store has changed in its state.
func changes(t *testing.T, s *Store) (n int) {
	t.Helper()
	must(t, s.state.write.QueryRow("SELECT total_changes()").Scan(&n))
	return n
}

func TestStillAliveWritesEveryTenSecondsAndWhenTheClockWasSet(t *testing.T) {
	dir := t.TempDir()
	s := openInside(t, dir)
	wall := time.Date(1970, 1, 1, 0, 0, 5, 0, time.UTC)
	ticks := time.Now()
	writes := changes(t, s)
	pass := func(seconds, want int) {
		t.Helper()
		for range seconds {
			must(t, s.beat(t.Context(), wall, ticks))
			wall, ticks = wall.Add(time.Second), ticks.Add(time.Second)
		}
		now := changes(t, s)
		if got := now - writes; got != want {
			t.Errorf("in %d s: got %d rows written, want %d", seconds, got, want)
		}
		writes = now
	}
	pass(41, 5)
	wall = wall.Add(1999 * time.Millisecond)
	pass(9, 0)
	wall = time.Date(2026, 11, 22, 14, 0, 0, 0, time.UTC)
	pass(1, 2)
	pass(20, 2)
	wall = wall.Add(-time.Hour)
	pass(11, 3)

	rows, err := s.runs(t.Context())
	must(t, err)
	var got []string
	for _, r := range rows {
		got = append(got, fmt.Sprintf("%s–%s", r.begun.Format("2006 15:04:05"), r.alive.Format("15:04:05.000")))
		if r.run != s.run {
			t.Errorf("got row of run %x, want %x", r.run, s.run)
		}
	}
	// The first reached as far as its clock had come, with the step that was too small to count.
	want := []string{"1970 00:00:05–00:00:56.999", "2026 14:00:00–14:00:21.000", "2026 13:00:21–13:00:31.000"}
	if !slices.Equal(got, want) {
		t.Errorf("got rows %q, want %q", got, want)
	}
}

func TestEndOfARunIsWrittenWhenTheStoreIsClosedAndNothingByWhoDoesNotRecord(t *testing.T) {
	dir := t.TempDir()
	s := openInside(t, dir)
	s.StillAlive(time.Now())
	if got := s.pulse.failed; got {
		t.Error("a beat failed")
	}
	must(t, s.Close())
	s.StillAlive(time.Now().Add(time.Hour)) // a goroutine that comes late

	s = openInside(t, dir)
	ended := 0
	must(t, s.state.read.QueryRow(`SELECT count(*) FROM runs WHERE ended = 1 AND alive > begun`).Scan(&ended))
	if ended != 1 {
		t.Errorf("got %d rows that ended, want 1", ended)
	}
	must(t, s.Close())
	s = openInside(t, dir)
	if rows, err := s.runs(t.Context()); err != nil || len(rows) != 1 {
		t.Errorf("got %d rows, %v, want still the one of the store that recorded", len(rows), err)
	}
}

func TestStillAliveNeverLeavesAConnectionThatDoesNotSync(t *testing.T) {
	s := openInside(t, t.TempDir())
	now := time.Now()
	must(t, s.beat(t.Context(), now, now))
	must(t, s.beat(t.Context(), now.Add(time.Minute), now.Add(time.Minute)))
	var safety int
	if must(t, s.state.write.QueryRow("PRAGMA synchronous").Scan(&safety)); safety != 2 {
		t.Errorf("got synchronous %d, want 2, which is FULL", safety)
	}
}
