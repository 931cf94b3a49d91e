package storage

import (
	"database/sql"
	"slices"
	"testing"
	"time"
)

func TestRowsOfRunsAreBounded(t *testing.T) {
	s := openInside(t, t.TempDir())
	must(t, s.inState(t.Context(), func(tx *sql.Tx) error {
		_, err := tx.Exec(`WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
			INSERT INTO runs SELECT i, randomblob(16), i * 60000000, i * 60000000 + 50000000 - i, 0 FROM n`, mostRuns)
		return err
	}))
	before, err := s.runs(t.Context())
	must(t, err)
	at := before[len(before)-1].alive.Add(time.Minute)
	_, err = s.beginRun(t.Context(), at)
	must(t, err)
	rows, err := s.runs(t.Context())
	must(t, err)
	if len(rows) != keptRuns || rows[len(rows)-1].run != s.run || !slices.Equal(rows[len(rows)-freshRuns:len(rows)-1], before[len(before)-freshRuns+1:]) {
		t.Errorf("got %d rows, want %d, the newest of them as they were", len(rows), keptRuns)
	}
	if first := rows[0]; !first.begun.Equal(before[0].begun) {
		t.Errorf("got the first from %v on, want %v", first.begun, before[0].begun)
	}
}

func TestRunsAreJoinedOverTheShortestTimesBetweenThem(t *testing.T) {
	at := func(s int) time.Time { return time.Unix(int64(s), 0).UTC() }
	span := func(id int64, from, to int) runSpan {
		return runSpan{id: id, run: [16]byte{byte(id)}, begun: at(from), alive: at(to)}
	}
	rows := []runSpan{span(1, 1000, 1100), span(2, 0, 10), span(3, 1105, 1200), span(4, 5000, 5100), span(5, 5101, 5200)}
	got := joinSpans(rows, 3)
	want := []runSpan{
		{id: 2, run: [16]byte{2}, begun: at(0), alive: at(10)},
		{id: 3, begun: at(1000), alive: at(1200)},
		{id: 5, begun: at(5000), alive: at(5200)},
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if got := joinSpans(rows, 5); len(got) != 5 {
		t.Errorf("nothing to join: got %d rows, want 5", len(got))
	}
}
