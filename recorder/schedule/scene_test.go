package schedule

import (
	"slices"
	"testing"
	"time"
)

// A change of some zone's clocks, or a day without one.
type change struct {
	zone string
	at   string // UTC, "" when there is none
	day  string // local, around which the tests look
	skip bool   // clocks are put forward
}

var changes = []change{
	{"Europe/Berlin", "2026-03-29 01:00 +0000", "2026-03-29 00:00 +0100", true},  // 02:00 to 03:00
	{"Europe/Berlin", "2026-10-25 01:00 +0000", "2026-10-25 00:00 +0200", false}, // 03:00 to 02:00
	{"America/New_York", "2026-03-08 07:00 +0000", "2026-03-08 00:00 -0500", true},
	{"America/New_York", "2026-11-01 06:00 +0000", "2026-11-01 00:00 -0400", false},
	{"Australia/Lord_Howe", "2026-10-03 15:30 +0000", "2026-10-04 00:00 +1030", true},  // 02:00 to 02:30
	{"Australia/Lord_Howe", "2026-04-04 15:00 +0000", "2026-04-05 00:00 +1100", false}, // 02:00 to 01:30
	{"Asia/Kolkata", "", "2026-03-29 00:00 +0530", false},
	{"America/Santiago", "2026-09-06 04:00 +0000", "2026-09-06 01:00 -0300", true},  // there is no midnight
	{"America/Santiago", "2026-04-05 03:00 +0000", "2026-04-05 00:00 -0400", false}, // 24:00 to 23:00
	{"Pacific/Apia", "2011-12-30 10:00 +0000", "2011-12-31 00:00 +1400", true},      // there is no 30th of December
	{"Antarctica/Troll", "2026-10-25 01:00 +0000", "2026-10-25 00:00 +0200", false}, // two hours at once
}

func TestTheZonesAreChangedWhereTheTestsSay(t *testing.T) {
	for _, c := range changes {
		if c.at == "" {
			continue
		}
		at := moment(t, c.at, zone(t, c.zone))
		_, after := at.Zone()
		_, before := at.Add(-1).Zone()
		if after == before || after > before != c.skip {
			t.Errorf("%s at %s: from %d to %d s off UTC", c.zone, c.at, before, after)
		}
	}
}

// A film is a stretch of time, minute by minute, with what clocks show in each: the slow way.
type film struct {
	zone     *time.Location
	begin    time.Time
	readings []reading
	highest  []reading // up to and with that minute
	lowest   []reading // from that minute on
}

// warm is how much of a film passes before the windows of the tests, which repeat every week, are
// surely in their stride; scene is how much of it is looked at, after half as much before.
const (
	warm  = 16 * minutesADay
	scene = 2 * minutesADay
)

func newFilm(t testing.TB, c change) *film {
	z := zone(t, c.zone)
	f := &film{zone: z, begin: moment(t, c.day, z).Add(-(warm + scene/2) * time.Minute)}
	for i := range warm + 2*scene {
		at := f.at(i)
		y, m, d := at.Date()
		shown := time.Date(y, m, d, at.Hour(), at.Minute(), 0, 0, time.UTC)
		f.readings = append(f.readings, reading(shown.Unix()/60))
	}
	f.highest, f.lowest = slices.Clone(f.readings), slices.Clone(f.readings)
	for i := 1; i < len(f.readings); i++ {
		f.highest[i] = max(f.highest[i], f.highest[i-1])
	}
	for i := len(f.readings) - 2; i >= 0; i-- {
		f.lowest[i] = min(f.lowest[i], f.lowest[i+1])
	}
	return f
}

func (f *film) at(i int) time.Time { return f.begin.Add(time.Duration(i) * time.Minute) }

// moments lists what a line names in the film's time, by the library and as if it were UTC.
func (f *film) moments(t testing.TB, line string) map[reading]bool {
	spec, err := read(line)
	if err != nil {
		t.Fatal(err)
	}
	named := map[reading]bool{}
	first, last := f.readings[0]-2*minutesADay, f.readings[len(f.readings)-1]+2*minutesADay
	for at := spec.Next(time.Unix(int64(first)*60, 0).UTC()); !at.IsZero() && at.Unix()/60 < int64(last); at = spec.Next(at) {
		named[reading(at.Unix()/60)] = true
	}
	return named
}

// play goes through the film minute by minute, as the package's comment tells it, and says in
// which a window is open.
func (f *film) play(t testing.TB, start, stop string) []bool {
	starts, stops := f.moments(t, start), f.moments(t, stop)
	open := make([]bool, len(f.readings))
	var last reading // the last that has taken effect, in the order of what clocks show
	is := false
	for i := 1; i < len(f.readings); i++ {
		for r := f.lowest[i-1] + 1; r <= f.lowest[i]; r++ {
			if stops[r] && r > last {
				last, is = r, false
			}
		}
		for r := f.highest[i-1] + 1; r <= f.highest[i]; r++ {
			if starts[r] && r >= last {
				last, is = r, true
			}
		}
		open[i] = is
	}
	return open
}
