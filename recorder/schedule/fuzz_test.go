package schedule

import (
	"testing"
	"time"
)

func FuzzParse(f *testing.F) {
	for _, text := range []string{"*/10 * * * *", "0 22 * * *", "30 3 * JAN MON-FRI", "1,2,3 4-5 */6 7 *", "0 0 29 2 *", "0 0 29 2 0", "59 23 31 12 6"} {
		f.Add(text, int64(1_795_000_000))
	}
	for text := range wrongLines {
		f.Add(text, int64(0))
	}
	f.Fuzz(func(t *testing.T, text string, unix int64) {
		c, err := Parse(text)
		if err != nil {
			return
		}
		from := time.Unix(unix%(1<<36), 0).UTC()
		next := c.Next(from)
		if next.IsZero() || !next.After(from) {
			t.Errorf("%q after %v: got %v", text, from, next)
		}
		again, err := Parse(c.String())
		if err != nil || !again.Next(from).Equal(next) {
			t.Errorf("%q read again: %v; after %v got %v, then %v", text, err, from, next, again.Next(from))
		}
	})
}

// FuzzNext: no plan takes long, and what it says next is what it says then.
func FuzzNext(f *testing.F) {
	f.Add("0 22 * * *", "0 6 * * *", "30 2 * * *", "0 3 * * 1", int64(1_795_000_000), uint8(0))
	f.Add("* * 1-28 * *", "* * * * *", "* * * * 1-6", "0 0 29 2 0", int64(4_000_000_000), uint8(1))
	f.Add("* * * * 1-6", "0 0 29 2 *", "*/2 * * * *", "1/2 * * * *", int64(2_240_524_800), uint8(5))
	var zones []*time.Location
	for _, c := range changes {
		zones = append(zones, zone(f, c.zone))
	}
	f.Fuzz(func(t *testing.T, start, stop, start2, stop2 string, unix int64, where uint8) {
		one, err := NewWindow(start, stop)
		if err != nil {
			return
		}
		two, err := NewWindow(start2, stop2)
		if err != nil {
			return
		}
		p := Plan{Rules: []Rule{{one, "one"}, {two, "two"}}, Otherwise: "none"}
		z, now := zones[int(where)%len(zones)], time.Unix(unix%(1<<36), 0)
		begun := time.Now()
		last := p.Active(now, z)
		for _, d := range p.Next(now, z, 10) {
			if d.Mode == last.Mode || !d.From.After(now) || d.From.Before(last.From) {
				t.Fatalf("%+v behind %+v", d, last)
			}
			if then := p.Active(d.From, z); then.Mode != d.Mode || then.Rule != d.Rule || p.Active(d.From.Add(-1), z).Mode != last.Mode {
				t.Fatalf("%v: %+v, then %+v", d.From, d, then)
			}
			last = d
		}
		one.Covers(two)
		if took := time.Since(begun); took > 2*time.Second {
			t.Errorf("took %v", took)
		}
	})
}

func BenchmarkActive(b *testing.B) {
	z := zone(b, "Europe/Berlin")
	for _, c := range []struct {
		name        string
		start, stop string
	}{
		{"nightly", "0 22 * * *", "0 6 * * *"},
		{"leap days", "0 0 29 2 *", "0 0 1 3 *"},
		{"the rarest", "* * * * 1-6", "0 0 29 2 *"}, // closes on a Sunday that is a 29th of February
	} {
		b.Run(c.name, func(b *testing.B) {
			p := Plan{Rules: []Rule{{window(b, c.start, c.stop), "motion"}}, Otherwise: "continuous"}
			now := time.Unix(1_795_000_000, 0)
			b.ReportAllocs()
			for b.Loop() {
				p.Active(now, z)
			}
		})
	}
}
