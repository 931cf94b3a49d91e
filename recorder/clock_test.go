package recorder

import (
	"math/rand/v2"
	"testing"
	"time"
)

func zoneNamed(t testing.TB, name string) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

func TestBoundariesAreMultiplesOfTheLengthInLocalTime(t *testing.T) {
	const layout = "2006-01-02T15:04:05.999-07:00"
	for _, c := range []struct {
		zone, at string
		length   time.Duration
		want     string
	}{
		{"UTC", "2026-11-22T14:02:17.3+00:00", 5 * time.Minute, "2026-11-22T14:05:00+00:00"},
		{"UTC", "2026-11-22T14:05:00+00:00", 5 * time.Minute, "2026-11-22T14:10:00+00:00"},
		{"UTC", "2026-11-22T14:04:59.999+00:00", 5 * time.Minute, "2026-11-22T14:05:00+00:00"},
		{"UTC", "2026-11-22T02:05:01+00:00", 5 * time.Second, "2026-11-22T02:05:05+00:00"},
		{"Europe/Berlin", "2026-11-22T23:40:00+01:00", time.Hour, "2026-11-23T00:00:00+01:00"},
		// A length that does not divide the day begins anew at midnight.
		{"UTC", "2026-11-22T00:10:00+00:00", 7 * time.Minute, "2026-11-22T00:14:00+00:00"},
		{"UTC", "2026-11-22T23:57:00+00:00", 7 * time.Minute, "2026-11-23T00:00:00+00:00"},
		// Offsets of parts of an hour.
		{"Asia/Kathmandu", "2026-11-22T14:02:00+05:45", time.Hour, "2026-11-22T15:00:00+05:45"},
		{"America/St_Johns", "2026-11-22T14:02:00-03:30", 30 * time.Minute, "2026-11-22T14:30:00-03:30"},
		// Spring forward: 02:00 becomes 03:00.
		{"Europe/Berlin", "2026-03-29T01:59:00+01:00", 5 * time.Minute, "2026-03-29T03:00:00+02:00"},
		{"Europe/Berlin", "2026-03-29T01:30:00+01:00", time.Hour, "2026-03-29T03:00:00+02:00"},
		{"Europe/Berlin", "2026-03-29T01:59:30+01:00", 7 * time.Minute, "2026-03-29T03:02:00+02:00"},
		// Fall back: 03:00 becomes 02:00, the hour comes twice and each has its boundaries.
		{"Europe/Berlin", "2026-10-25T02:58:00+02:00", 5 * time.Minute, "2026-10-25T02:00:00+01:00"},
		{"Europe/Berlin", "2026-10-25T02:30:00+01:00", 5 * time.Minute, "2026-10-25T02:35:00+01:00"},
		// Half an hour's change: its moment stands on a boundary of the old time.
		{"Australia/Lord_Howe", "2026-04-05T01:30:00+11:00", time.Hour, "2026-04-05T01:30:00+10:30"},
		{"Australia/Lord_Howe", "2026-04-05T01:30:00+10:30", time.Hour, "2026-04-05T02:00:00+10:30"},
		{"Australia/Lord_Howe", "2026-10-04T01:30:00+10:30", time.Hour, "2026-10-04T02:30:00+11:00"},
		// A midnight that does not exist.
		{"Africa/Cairo", "2026-04-23T23:58:00+02:00", 5 * time.Minute, "2026-04-24T01:00:00+03:00"},
	} {
		at, err := time.Parse(layout, c.at)
		if err != nil {
			t.Fatal(err)
		}
		if got := nextBoundary(at, c.length, zoneNamed(t, c.zone)).Format(layout); got != c.want {
			t.Errorf("%s, %v after %s: got %s, want %s", c.zone, c.length, c.at, got, c.want)
		}
	}
}

func TestBoundariesAreNeverSkippedNorFartherThanTheLength(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	random := rand.New(rand.NewPCG(seed, 0))
	lengths := []time.Duration{5 * time.Second, time.Minute, 5 * time.Minute, 7 * time.Minute, 15 * time.Minute, time.Hour}
	for _, name := range []string{"UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "Africa/Cairo", "America/Havana"} {
		zone := zoneNamed(t, name)
		for range 2000 {
			at := time.Unix(1_700_000_000+random.Int64N(200_000_000), random.Int64N(1e9)).In(zone)
			if random.IntN(2) == 0 { // near a change
				if _, change := at.ZoneBounds(); !change.IsZero() {
					at = change.Add(-time.Duration(random.Int64N(int64(2 * time.Hour))))
				}
			}
			length := lengths[random.IntN(len(lengths))]
			next := nextBoundary(at, length, zone)
			_, change := at.In(zone).ZoneBounds()
			most := length
			if !change.IsZero() && next.After(change) { // the last of the old time and the first of the new
				most += length
			}
			if !next.After(at) || next.Sub(at) > most {
				t.Fatalf("seed %d: %s, %v after %v: got %v", seed, name, length, at, next)
			}
			hour, minute, second := next.In(zone).Clock()
			since := time.Duration(hour)*time.Hour + time.Duration(minute)*time.Minute + time.Duration(second)*time.Second
			if since%length != 0 && !next.Equal(change) {
				t.Fatalf("seed %d: %s, %v after %v: got %v, which is no multiple", seed, name, length, at, next)
			}
		}
	}
}

func TestPlanTellsWhatAPictureMeansForTheSegment(t *testing.T) {
	last := time.Date(2026, 11, 22, 14, 4, 58, 0, time.UTC)
	open := span{last: last, seen: last, boundary: last.Add(2 * time.Second)}
	far := span{last: last, seen: last, boundary: last.Add(time.Hour)}
	cut := span{last: last, seen: last, boundary: last.Add(time.Hour), cut: true}
	for _, c := range []struct {
		name string
		span span
		at   time.Duration // since the last picture
		want turn
	}{
		{"10 s and more without a picture, but with lost frames", span{last: last, seen: last.Add(15 * time.Second), boundary: last.Add(time.Hour)}, 20 * time.Second, goOn},
		{"none is open", span{}, 0, begin},
		{"the next one", open, 100 * time.Millisecond, goOn},
		{"just before the boundary", open, 2*time.Second - 1, goOn},
		{"on the boundary", open, 2 * time.Second, carryOn},
		{"behind the boundary", open, 3 * time.Second, carryOn},
		{"settings have changed", cut, 100 * time.Millisecond, carryOn},
		{"10 s without a picture", far, 10 * time.Second, goOn},
		{"more", far, 10*time.Second + 1, breakOff},
		{"more, over a boundary", open, 11 * time.Second, breakOff},
		{"a capture time a little back", far, -2 * time.Second, goOn},
		{"a clock set back", far, -2*time.Second - 1, breakOff},
		{"a clock set back while settings changed", cut, -time.Hour, breakOff},
	} {
		if got := c.span.plan(last.Add(c.at)); got != c.want {
			t.Errorf("%s: got %d, want %d", c.name, got, c.want)
		}
	}
}

// time.Time.ZoneBounds returns an end that has passed on the 31st of December of leap years beyond a zone's
// table: a boundary that lies back would begin a segment with each picture.
func TestBoundariesLieAheadOnEachDayOfManyYears(t *testing.T) {
	for _, name := range []string{"Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "America/Havana", "Asia/Kathmandu", "Africa/Cairo", "UTC"} {
		zone := zoneNamed(t, name)
		passed := 0
		for at := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC); at.Year() < 2110; at = at.Add(7*time.Hour + 13*time.Second) {
			if _, end := at.In(zone).ZoneBounds(); !end.IsZero() && !end.After(at) {
				passed++
			}
			next := nextBoundary(at, 5*time.Minute, zone)
			if ahead := next.Sub(at); ahead <= 0 || ahead > 5*time.Minute {
				t.Fatalf("%s at %v: the next boundary is %v", name, at, next)
			}
		}
		t.Logf("%s: %d moments whose zone ends before them", name, passed)
	}
}
