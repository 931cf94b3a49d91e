package schedule

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestTheLastOpenWindowDecides(t *testing.T) {
	z := zone(t, "Europe/Berlin")
	p := Plan{Otherwise: "continuous", Rules: []Rule{
		{window(t, "0 22 * * *", "0 6 * * *"), "motion"},
		{window(t, "0 23 * * sun", "0 1 * * *"), "off"},
		{window(t, "0 2 * * *", "30 2 * * *"), "motion"},
	}}
	var got []string
	for _, at := range []string{"2026-11-22 21:59 +0100", "2026-11-22 22:00 +0100", "2026-11-22 23:30 +0100", "2026-11-23 01:00 +0100", "2026-11-23 02:10 +0100", "2026-11-23 06:00 +0100"} {
		d := p.Active(moment(t, at, time.UTC), z)
		got = append(got, fmt.Sprintf("%s %s by %d from %s until %s", at[11:16], d.Mode, d.Rule, d.From.Format("02T15:04"), d.Until.Format("02T15:04")))
	}
	want := `21:59 continuous by -1 from 22T06:00 until 22T22:00
22:00 motion by 0 from 22T22:00 until 22T23:00
23:30 off by 1 from 22T23:00 until 23T01:00
01:00 motion by 0 from 23T01:00 until 23T02:00
02:10 motion by 2 from 23T02:00 until 23T02:30
06:00 continuous by -1 from 23T06:00 until 23T22:00`
	if strings.Join(got, "\n") != want {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), want)
	}

	got = nil
	for _, d := range p.Next(moment(t, "2026-11-22 21:00 +0100", time.UTC), z, 6) {
		got = append(got, d.From.Format("02T15:04 ")+d.Mode)
	}
	if got, want := strings.Join(got, ", "), "22T22:00 motion, 22T23:00 off, 23T01:00 motion, 23T06:00 continuous, 23T22:00 motion, 24T06:00 continuous"; got != want {
		t.Errorf("changes: got %s\nwant %s", got, want)
	}
}

func TestPlanWithoutRulesNeverChanges(t *testing.T) {
	p := Plan{Otherwise: "motion"}
	d := p.Active(time.Unix(1_795_000_000, 0), time.UTC)
	if d != (Decision{Mode: "motion", Rule: None}) || !d.Holds(time.Time{}) || !d.Holds(time.Unix(1<<40, 0)) {
		t.Errorf("got %+v", d)
	}
	if next := p.Next(time.Unix(1_795_000_000, 0), time.UTC, 10); len(next) != 0 {
		t.Errorf("changes: %+v", next)
	}
}

func TestNextEndsWhereTheModeNeverChanges(t *testing.T) {
	p := Plan{Otherwise: "off", Rules: []Rule{{window(t, "*/2 * * * *", "1/2 * * * *"), "off"}}}
	if next := p.Next(time.Unix(1_795_000_000, 0), time.UTC, 10); len(next) != 0 {
		t.Errorf("changes: %+v", next)
	}
}

// Every minute of days around each change of the clocks, held against a film of them.
func TestPlansAreInForceAsTheSlowWayHasIt(t *testing.T) {
	var films []*film
	for _, c := range changes {
		films = append(films, newFilm(t, c))
	}
	// Lines of these repeat every week, so that a film is warm.
	hour := rapid.SampledFrom([]string{"*", "1", "2", "3", "23", "0", "22", "6", "1-2", "2,14", "*/6", "0-23/2"})
	minute := rapid.SampledFrom([]string{"0", "30", "15", "45", "10", "50", "*/10", "5/10", "*", "0,30", "59"})
	weekday := rapid.SampledFrom([]string{"*", "*", "*", "0", "6", "1-5", "0,3", "5-6", "1-6"})
	draw := func(t *rapid.T, name string) string {
		return minute.Draw(t, name+" minute") + " " + hour.Draw(t, name+" hour") + " * * " + weekday.Draw(t, name+" weekday")
	}
	rapid.Check(t, func(rt *rapid.T) {
		p := Plan{Otherwise: "base"}
		var lines [][2]string
		for range rapid.IntRange(1, 3).Draw(rt, "rules") {
			start, stop := draw(rt, "start"), draw(rt, "stop")
			w, err := NewWindow(start, stop)
			if err != nil {
				continue
			}
			p.Rules = append(p.Rules, Rule{w, rapid.SampledFrom([]string{"base", "one", "two"}).Draw(rt, "mode")})
			lines = append(lines, [2]string{start, stop})
		}
		f := films[rapid.IntRange(0, len(films)-1).Draw(rt, "film")]
		rules := make([]int, len(f.readings)) // which one decides
		for i := range rules {
			rules[i] = None
		}
		for r, l := range lines {
			for i, open := range f.play(t, l[0], l[1]) {
				if open {
					rules[i] = r
				}
			}
		}
		compare(rt, p, f, rules)
	})
}

// compare holds a plan against who decides in each minute of a film.
func compare(t *rapid.T, p Plan, f *film, rules []int) {
	t.Helper()
	mode := func(i int) string {
		if rules[i] == None {
			return p.Otherwise
		}
		return p.Rules[rules[i]].Mode
	}
	var kept Decision
	for i := warm; i < warm+scene; i++ {
		at := f.at(i)
		d := p.Active(at, f.zone)
		if d.Rule != rules[i] || d.Mode != mode(i) {
			t.Fatalf("%v: rule %d (%s) decides, want %d (%s)", at, d.Rule, d.Mode, rules[i], mode(i))
		}
		// What was said a minute ago has to hold as long as it said, and no longer.
		if i > warm && kept.Holds(at) != (rules[i] == rules[i-1]) {
			t.Fatalf("%v: %+v holds: %v; rule %d decides, and %d before", at, kept, kept.Holds(at), rules[i], rules[i-1])
		}
		if !d.Holds(at) {
			t.Fatalf("%v: %+v does not hold there", at, d)
		}
		for back := i; back > 0 && !f.at(back).Before(d.From) && back > i-2*minutesADay; back -= 7 {
			if rules[back] != rules[i] {
				t.Fatalf("%v: from %v, but at %v rule %d decides and not %d", at, d.From, f.at(back), rules[back], rules[i])
			}
		}
		kept = d
	}
	var changes []Decision
	for i := warm + 1; i < warm+scene; i++ {
		if mode(i) != mode(i-1) {
			changes = append(changes, Decision{Mode: mode(i), Rule: rules[i], From: f.at(i)})
		}
	}
	changes = changes[:min(len(changes), 20)]
	got := p.Next(f.at(warm), f.zone, len(changes))
	for i, want := range changes {
		if i >= len(got) || got[i].Mode != want.Mode || got[i].Rule != want.Rule || !got[i].From.Equal(want.From) {
			t.Fatalf("change %d of %+v: want %+v", i, got, want)
		}
	}
}

func TestPlansAreEqualWhenTheySayTheSame(t *testing.T) {
	plan := func(otherwise, mode string, lines ...string) Plan {
		p := Plan{Otherwise: otherwise}
		for i := 0; i < len(lines); i += 2 {
			w, err := NewWindow(lines[i], lines[i+1])
			if err != nil {
				t.Fatal(err)
			}
			p.Rules = append(p.Rules, Rule{Window: w, Mode: mode})
		}
		return p
	}
	one := plan("a", "b", "0 22 * * *", "0 6 * * *")
	for i, c := range []struct {
		other Plan
		want  bool
	}{
		{plan("a", "b", "0 22 * * *", "0 6 * * *"), true},
		{plan("a", "c", "0 22 * * *", "0 6 * * *"), false},
		{plan("c", "b", "0 22 * * *", "0 6 * * *"), false},
		{plan("a", "b", "0 22 * * *", "0 7 * * *"), false},
		{plan("a", "b"), false},
		{plan("a", "b", "0 22 * * *", "0 6 * * *", "0 22 * * *", "0 6 * * *"), false},
	} {
		if got := one.Equal(c.other); got != c.want {
			t.Errorf("case %d: got %v, want %v", i, got, c.want)
		}
	}
}
