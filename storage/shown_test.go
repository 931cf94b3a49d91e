package storage

import (
	"testing"
	"time"

	"v720dvr/camera"
	"v720dvr/storage/avi"
)

// An event is asked of the index as it was told: its begin in the first, its end in the fifth, long after it was over in the
// third; and what is none beside it.
func TestSegmentsShowWhatStandsInTheJournalsOfTheirNeighbours(t *testing.T) {
	s := openInside(t, t.TempDir())
	begin := time.Date(2026, 11, 22, 6, 0, 0, 0, time.UTC)
	rows := filmInside(t, s, begin, 5) // an hour apart, a second each
	_, err := s.index.write.Exec(`DELETE FROM events`)
	must(t, err)
	tell := func(segment int, at time.Time, kind camera.EventKind, detail string) {
		tx, err := s.index.write.BeginTx(t.Context(), nil)
		must(t, err)
		must(t, insertEvents(t.Context(), tx, rows[segment].ID, rows[segment].Camera, []avi.Event{{At: at, Kind: string(kind), Body: []byte(detail)}}))
		must(t, tx.Commit())
	}
	end := begin.Add(2*time.Hour + 500*time.Millisecond)
	tell(0, begin, camera.Motion, "")
	tell(4, end, camera.Ended, camera.Ending{Begin: begin, Seconds: end.Sub(begin).Seconds(), Kinds: []camera.EventKind{camera.Motion}}.Detail())
	tell(3, rows[3].Start, camera.Frozen, "")
	tell(3, rows[3].Start, camera.Ended, `{"begin":"no time","kinds":["motion"]}`)
	for name, c := range map[string]struct {
		before, after time.Duration
		want          [5]bool
	}{
		"without rolls":    {0, 0, [5]bool{true, true, true, false, true}},
		"with their own":   {0, time.Hour, [5]bool{true, true, true, true, true}},
		"a second too few": {0, time.Hour - time.Second, [5]bool{true, true, true, false, true}},
	} {
		events, err := s.shownEvents(t.Context(), begin)
		must(t, err)
		for i, r := range rows {
			got := events.has(candidate{place: place{r.Start.UnixMicro(), r.ID}, camera: r.Camera, end: r.End}, c.before, c.after)
			if got != c.want[i] {
				t.Errorf("%s: segment %d shows an event: %v, want %v", name, i, got, c.want[i])
			}
		}
	}
	// A begin without an end, as of a segment that is being written, goes on for an hour.
	tell(4, rows[4].Start, camera.Sound, "")
	events, err := s.shownEvents(t.Context(), begin)
	must(t, err)
	for after, want := range map[time.Duration]bool{59 * time.Minute: true, 61 * time.Minute: false} {
		at := rows[4].Start.Add(after)
		if got := events.has(candidate{place: place{start: at.UnixMicro()}, camera: rows[4].Camera, end: at.Add(time.Second)}, 0, 0); got != want {
			t.Errorf("%v behind a begin without an end: got %v", after, got)
		}
	}
}
