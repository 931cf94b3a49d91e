package schedule

import (
	"strings"
	"testing"
	"time"
)

func window(t testing.TB, start, stop string) Window {
	t.Helper()
	w, err := NewWindow(start, stop)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// spans lists when a window is open, from a day's midnight to the next, with its neighbours.
func spans(t *testing.T, w Window, from, to time.Time) string {
	t.Helper()
	p := Plan{Rules: []Rule{{w, "on"}}, Otherwise: "off"}
	var all []string
	const short = "02T15:04-0700"
	d := p.Active(from, from.Location())
	if d.Rule != None {
		all = append(all, "..")
	}
	for _, d := range p.Next(from, from.Location(), 100) {
		if !d.From.Before(to) {
			break
		}
		if d.Rule == None {
			all = append(all, "-", d.From.Format(short)+" ")
		} else {
			all = append(all, d.From.Format(short))
		}
	}
	return strings.TrimSpace(strings.Join(all, ""))
}

func TestWindowsAreOpenWhenClocksSayThatTheyAre(t *testing.T) {
	const (
		berlin, howe, santiago, apia = "Europe/Berlin", "Australia/Lord_Howe", "America/Santiago", "Pacific/Apia"
	)
	for _, c := range []struct{ zone, start, stop, from, to, want string }{
		{berlin, "0 22 * * *", "0 6 * * *", "2026-11-22 12:00 +0100", "2026-11-23 12:00 +0100", "22T22:00+0100-23T06:00+0100"},
		{berlin, "0 22 * * *", "0 6 * * *", "2026-11-22 00:00 +0100", "2026-11-23 00:00 +0100", "..-22T06:00+0100 22T22:00+0100"},
		{berlin, "0 18 * * fri", "0 8 * * mon", "2026-11-22 00:00 +0100", "2026-11-28 00:00 +0100", "..-23T08:00+0100 27T18:00+0100"},
		{berlin, "0 0 29 2 *", "0 0 1 3 *", "2026-11-22 00:00 +0100", "2028-12-01 00:00 +0100", "29T00:00+0100-01T00:00+0100"},
		{berlin, "0 0 * * mon", "0 0 * * *", "2026-11-22 12:00 +0100", "2026-11-29 00:00 +0100", "23T00:00+0100-24T00:00+0100"}, // at midnight both: it opens
		{berlin, "0 * * * *", "0,30 * * * *", "2026-11-22 11:59 +0100", "2026-11-22 14:00 +0100", "22T12:00+0100-22T12:30+0100 22T13:00+0100-22T13:30+0100"},
		{berlin, "30 22 29 2 *", "0 0 1 1 *", "2026-11-22 00:00 +0100", "2029-12-01 00:00 +0100", "29T22:30+0100-01T00:00+0100"}, // closed since January 2025

		// Berlin, the night of the gap: 02:00 to 03:00.
		{berlin, "0 22 * * *", "0 6 * * *", "2026-03-28 12:00 +0100", "2026-03-29 12:00 +0200", "28T22:00+0100-29T06:00+0200"},
		{berlin, "30 2 * * *", "0 6 * * *", "2026-03-28 12:00 +0100", "2026-03-29 12:00 +0200", "29T03:00+0200-29T06:00+0200"},
		{berlin, "0 22 * * *", "30 2 * * *", "2026-03-28 12:00 +0100", "2026-03-29 12:00 +0200", "28T22:00+0100-29T03:00+0200"},
		{berlin, "10 2 * * *", "50 2 * * *", "2026-03-28 12:00 +0100", "2026-03-30 12:00 +0200", "30T02:10+0200-30T02:50+0200"},
		{berlin, "50 2 * * *", "10 2 * * *", "2026-03-28 12:00 +0100", "2026-03-30 12:00 +0200", "..-30T02:10+0200 30T02:50+0200"},
		{berlin, "0 3 * * *", "30 2 * * *", "2026-03-28 12:00 +0100", "2026-03-30 00:00 +0200", ".."},
		// … and of the hour that comes twice: 03:00 to 02:00.
		{berlin, "0 22 * * *", "0 6 * * *", "2026-10-24 12:00 +0200", "2026-10-25 12:00 +0100", "24T22:00+0200-25T06:00+0100"},
		{berlin, "0 22 * * *", "30 2 * * *", "2026-10-24 12:00 +0200", "2026-10-25 12:00 +0100", "24T22:00+0200-25T02:30+0100"},
		{berlin, "0 22 * * *", "0 2 * * *", "2026-10-24 12:00 +0200", "2026-10-25 12:00 +0100", "24T22:00+0200-25T02:00+0200"},
		{berlin, "30 2 * * *", "0 6 * * *", "2026-10-24 12:00 +0200", "2026-10-25 12:00 +0100", "25T02:30+0200-25T06:00+0100"},
		{berlin, "0 3 * * *", "0 6 * * *", "2026-10-24 12:00 +0200", "2026-10-25 12:00 +0100", "25T03:00+0100-25T06:00+0100"},
		{berlin, "10 2 * * *", "50 2 * * *", "2026-10-24 12:00 +0200", "2026-10-25 12:00 +0100", "25T02:10+0200-25T02:50+0100"},
		{berlin, "50 2 * * *", "10 2 * * *", "2026-10-24 12:00 +0200", "2026-10-26 12:00 +0100", "..-26T02:10+0100 26T02:50+0100"},
		{berlin, "*/20 * * * *", "10/20 * * * *", "2026-10-25 01:55 +0200", "2026-10-25 03:05 +0100", "25T02:00+0200-25T02:50+0100 25T03:00+0100"},

		{howe, "0 2 * * *", "15 2 * * *", "2026-10-03 12:00 +1030", "2026-10-04 12:00 +1100", ""}, // 02:00 to 02:30
		{howe, "15 2 * * *", "0 3 * * *", "2026-10-03 12:00 +1030", "2026-10-04 12:00 +1100", "04T02:30+1100-04T03:00+1100"},
		{howe, "45 1 * * *", "50 1 * * *", "2026-04-04 12:00 +1100", "2026-04-05 12:00 +1030", "05T01:45+1100-05T01:50+1030"},
		{santiago, "0 0 * * *", "0 6 * * *", "2026-09-05 12:00 -0400", "2026-09-06 12:00 -0300", "06T01:00-0300-06T06:00-0300"}, // there is no midnight
		{santiago, "30 23 * * *", "0 0 * * *", "2026-04-04 12:00 -0300", "2026-04-05 12:00 -0400", "04T23:30-0300-05T00:00-0400"},
		{santiago, "0 20 * * *", "30 23 * * *", "2026-04-04 12:00 -0300", "2026-04-05 12:00 -0400", "04T20:00-0300-04T23:30-0400"},
		{apia, "0 22 * * *", "0 6 * * *", "2011-12-29 12:00 -1000", "2012-01-01 00:00 +1400", "29T22:00-1000-31T06:00+1400 31T22:00+1400"}, // there is no 30th
		{apia, "0 12 30 12 *", "0 13 31 12 *", "2011-12-29 12:00 -1000", "2012-01-01 00:00 +1400", "31T00:00+1400-31T13:00+1400"},
	} {
		z := zone(t, c.zone)
		if got := spans(t, window(t, c.start, c.stop), moment(t, c.from, z), moment(t, c.to, z)); got != c.want {
			t.Errorf("%s, %s to %s: got %q, want %q", c.zone, c.start, c.stop, got, c.want)
		}
	}
}

func TestWindowThatMeansNothingIsRefused(t *testing.T) {
	for _, c := range []struct{ start, stop, want string }{
		{"0 22 * * *", "0 22 * * *", "never closes"},
		{"* * * * *", "0 6 * * *", "never closes"},
		{"0 * * * *", "0 6 1 1 *", "never closes"},
		{"0 0 31 2 *", "0 6 * * *", "start of a window"},
		{"0 22 * * *", "whenever", "stop of a window"},
	} {
		if w, err := NewWindow(c.start, c.stop); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s to %s: got %v, %v; want an error with %q", c.start, c.stop, w, err, c.want)
		}
	}
	if w := (Window{}); w.look(time.Unix(0, 0)).open {
		t.Error("a window without lines is open")
	}
}

func TestCoversTellsWhichWindowIsOpenWheneverAnotherIs(t *testing.T) {
	for _, c := range []struct {
		wide, narrow [2]string
		covers       bool
	}{
		{[2]string{"0 22 * * *", "0 6 * * *"}, [2]string{"0 22 * * *", "0 6 * * *"}, true},
		{[2]string{"0 22 * * *", "0 6 * * *"}, [2]string{"0 23 * * *", "0 5 * * 1-5"}, false}, // open from Friday to Monday
		{[2]string{"0 22 * * *", "0 6 * * *"}, [2]string{"0 23 * * 1-5", "0 5 * * *"}, true},
		{[2]string{"0 22 * * *", "0 6 * * *"}, [2]string{"0 23 * * *", "1 6 * * *"}, false},
		{[2]string{"0 22 * * *", "0 6 * * *"}, [2]string{"59 21 * * *", "0 5 * * *"}, false},
		{[2]string{"0 0 * * 1", "0 0 * * 6"}, [2]string{"0 8 * * 1-5", "0 17 * * *"}, true},
		{[2]string{"0 0 * * 1", "0 0 * * 6"}, [2]string{"0 8 * * *", "0 17 * * *"}, false},
		{[2]string{"0 0 * * *", "0 12 * * *"}, [2]string{"0 3 29 2 *", "0 5 * * *"}, true},
		{[2]string{"0 0 1-28 * *", "0 12 * * *"}, [2]string{"0 3 29 2 *", "0 5 * * *"}, false},
		{[2]string{"0 0 1-28 * *", "0 12 * * *"}, [2]string{"0 3 * 2 *", "0 5 * * *"}, false}, // only in leap years
		{[2]string{"0 * * * *", "50 * * * *"}, [2]string{"10 * * * *", "20 * * * *"}, true},
		{[2]string{"0 0 1-31 * 1", "0 12 * * *"}, [2]string{"0 3 * * *", "0 5 * * *"}, true}, // either day is enough, and that is each
		{[2]string{"*/2 * * * *", "1/2 * * * *"}, [2]string{"0 0 1 * *", "1 0 * * *"}, true},
		{[2]string{"* * 1-28 * *", "0 12 * * *"}, [2]string{"*/2 * 1-28 * *", "1/2 * * * *"}, false}, // too many to go through
	} {
		wide, narrow := window(t, c.wide[0], c.wide[1]), window(t, c.narrow[0], c.narrow[1])
		if got := wide.Covers(narrow); got != c.covers {
			t.Errorf("%v covers %v: got %v, want %v", wide, narrow, got, c.covers)
		}
	}
}
