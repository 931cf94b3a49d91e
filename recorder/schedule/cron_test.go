package schedule

import (
	"strconv"
	"strings"
	"testing"
	"time"
	_ "time/tzdata" // the zones of these tests, wherever they run

	"pgregory.net/rapid"
)

const layout = "2006-01-02 15:04 -0700"

func zone(t testing.TB, name string) *time.Location {
	t.Helper()
	z, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

// moment reads "2026-11-22 14:05 +0100".
func moment(t testing.TB, text string, z *time.Location) time.Time {
	t.Helper()
	at, err := time.Parse(layout, text)
	if err != nil {
		t.Fatal(err)
	}
	return at.In(z)
}

func parse(t testing.TB, line string) Cron {
	t.Helper()
	c, err := Parse(line)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestNextIsTheFirstMomentThatTheLineNames(t *testing.T) {
	berlin := zone(t, "Europe/Berlin")
	for _, c := range []struct{ line, after, want string }{
		{"*/10 * * * *", "2026-11-22 14:05 +0100", "2026-11-22 14:10 +0100"},
		{"*/10 * * * *", "2026-11-22 14:10 +0100", "2026-11-22 14:20 +0100"}, // never the moment itself
		{"0 22 * * *", "2026-11-22 22:30 +0100", "2026-11-23 22:00 +0100"},
		{"30 3 * * MON-FRI", "2026-11-21 12:00 +0100", "2026-11-23 03:30 +0100"},
		{"0 0 29 2 *", "2026-11-22 14:05 +0100", "2028-02-29 00:00 +0100"},
		{"0 0 29 2 *", "2096-03-01 00:00 +0100", "2104-02-29 00:00 +0100"}, // 2100 is no leap year
		{"0 0 13 * 5", "2026-11-01 00:00 +0100", "2026-11-06 00:00 +0100"}, // either day is enough
		{"30 2 * * *", "2026-03-28 12:00 +0100", "2026-03-29 03:00 +0200"}, // at the end of the gap
		{"30 2 * * *", "2026-03-29 03:00 +0200", "2026-03-30 02:30 +0200"},
		{"0 3 * * *", "2026-03-28 12:00 +0100", "2026-03-29 03:00 +0200"},
		{"30 2 * * *", "2026-10-24 12:00 +0200", "2026-10-25 02:30 +0200"},
		{"30 2 * * *", "2026-10-25 02:30 +0200", "2026-10-26 02:30 +0100"}, // once in the hour that comes twice
		{"*/10 * * * *", "2026-10-25 02:50 +0200", "2026-10-25 02:00 +0100"},
		{"*/10 * * * *", "2026-10-25 02:00 +0100", "2026-10-25 02:10 +0100"}, // but every ten minutes is every ten minutes
		{"*/10 * * * *", "2026-03-29 01:50 +0100", "2026-03-29 03:00 +0200"},
	} {
		if got := parse(t, c.line).Next(moment(t, c.after, berlin)).Format(layout); got != c.want {
			t.Errorf("%s after %s: got %s, want %s", c.line, c.after, got, c.want)
		}
	}
}

// wrongLines with what their error has to say.
var wrongLines = map[string]string{
	"": "0 instead of 5", "* * * *": "4 instead of 5", "* * * * * *": "6 instead of 5", "@daily": "1 instead of 5",
	"@every 1h 1 1 1": "minute", "60 * * * *": "minutes are 0 to 59", "a b c d e": `minute "a"`, "*/0 * * * *": "minute",
	"0 24 * * *": "hours are 0 to 23", "0 5-1 * * *": `hour "5-1"`, "0 0 0 * *": "1 to 31", "0 0 * 13 *": "jan to dec", "0 0 * * 7": "0 (Sunday)",
	", * * * *": "minute", "* , * * *": "hour", "*-5 * * * *": "minute", "1-2-3 * * * *": "minute", "1/2/3 * * * *": "minute", "-1 * * * *": "minute",
	"TZ= * * * *": "zone", "TZ=": "1 instead of 5", "CRON_TZ=Europe/Berlin 0 * * *": "zone", "CRON_TZ=UTC * * * * *": "6 instead of 5",
	"0 0 31 2 *": "no day ever meets", "0 0 30 2 *": "no day ever meets", "0 0 31 4,6,9,11 *": "no day ever meets",
}

func TestLineThatMeansNothingIsRefused(t *testing.T) {
	for line, want := range wrongLines {
		if cron, err := Parse(line); err == nil {
			t.Errorf("%q: got %v, want an error", line, cron)
		} else if !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%q: got %q, want one line with %q", line, err, want)
		}
	}
}

func TestReadSurvivesWhatTheLibraryPanicsOn(t *testing.T) {
	if spec, err := read("TZ="); err == nil {
		t.Errorf("got %v, want an error", spec)
	}
}

// field draws one field of a line.
func field(t *rapid.T, name string, low, high int) string {
	number := func(label string) int { return rapid.IntRange(low, high).Draw(t, name+label) }
	switch rapid.IntRange(0, 5).Draw(t, name+" form") {
	case 0, 1:
		return "*"
	case 2:
		return "*/" + strconv.Itoa(rapid.IntRange(1, high+1).Draw(t, name+" step"))
	case 3:
		a, b := number(" from"), number(" to")
		return strconv.Itoa(min(a, b)) + "-" + strconv.Itoa(max(a, b))
	case 4:
		return strconv.Itoa(number("")) + "," + strconv.Itoa(number(" or"))
	}
	return strconv.Itoa(number(""))
}

// line draws a line that some day meets.
func line(t *rapid.T, name string) string {
	text := strings.Join([]string{
		field(t, name+" minute", 0, 59), field(t, name+" hour", 0, 23), field(t, name+" day", 1, 31), field(t, name+" month", 1, 12), field(t, name+" weekday", 0, 6),
	}, " ")
	if _, err := Parse(text); err != nil {
		t.Skip(err)
	}
	return text
}

// In UTC, where no clock is ever changed, the library's Next is right.
func TestNextAndLastAreTheLibrarysWhereClocksAreNotChanged(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := line(t, "")
		c, err := Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		spec, err := read(text)
		if err != nil {
			t.Fatal(err)
		}
		from := time.Unix(rapid.Int64Range(0, 1<<32).Draw(t, "from"), 0).UTC()
		want := spec.Next(from)
		if want.IsZero() { // it looks for five years
			t.Skip("a rare day")
		}
		if got := c.Next(from); !got.Equal(want) {
			t.Fatalf("%s after %v: got %v, want %v", text, from, got, want)
		}
		r := readingOf(want)
		if last, ok := c.moments().last(r); !ok || last != r {
			t.Errorf("%s: last up to %v is %v", text, want, last)
		}
		if last, ok := c.moments().last(r - 1); ok && last > readingOf(from) {
			t.Errorf("%s: there is %d between %v and the next %v", text, last, from, want)
		}
	})
}
