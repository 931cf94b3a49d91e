package config

import (
	"strings"
	"testing"
	"time"
)

// durations are texts and what they mean; plain is how Print writes them, when that differs.
var durations = []struct {
	text  string
	want  time.Duration
	plain string
	wrong string
}{
	{text: "5m", want: 5 * time.Minute},
	{text: "1h30m", want: 90 * time.Minute},
	{text: "7d", want: 7 * day},
	{text: "250ms", want: 250 * time.Millisecond},
	{text: "0s", want: 0},
	{text: "1d2h3m4s5ms", want: day + 2*time.Hour + 3*time.Minute + 4*time.Second + 5*time.Millisecond},
	{text: "2w", want: 14 * day, plain: "14d"},
	{text: "90m", want: 90 * time.Minute, plain: "1h30m"},
	{text: "36500d", want: longest},
	{text: "", wrong: "no duration"},
	{text: "5 minutes", wrong: "no duration"},
	{text: "5", wrong: "no duration"},
	{text: "m", wrong: "no duration"},
	{text: "-5m", wrong: "no duration"},
	{text: "1.5h", wrong: "no duration"},
	{text: "30m1h", wrong: "no duration"},
	{text: "5m5m", wrong: "no duration"},
	{text: "5µs", wrong: "no duration"},
	{text: "5y", wrong: "no duration"},
	{text: "36501d", wrong: "longer than 100 years"},
	{text: "36500d1ms", wrong: "longer than 100 years"},
	{text: "99999999999999999999s", wrong: "no duration"},
}

func TestDurationReadsUnitsFromDaysToMilliseconds(t *testing.T) {
	for _, test := range durations {
		var got Duration
		err := got.UnmarshalText([]byte(test.text))
		if test.wrong != "" {
			wantError(t, test.text, err, test.wrong)
			continue
		}
		if err != nil || time.Duration(got) != test.want {
			t.Errorf("%q: got %v, %v, want %v", test.text, time.Duration(got), err, test.want)
		}
		plain := test.plain
		if plain == "" {
			plain = test.text
		}
		if got.String() != plain {
			t.Errorf("%q: prints as %q, want %q", test.text, got, plain)
		}
	}
}

func TestAgeIsNeverWhenEmptyAndRefusesZero(t *testing.T) {
	var age Age
	if err := age.UnmarshalText(nil); err != nil || age != 0 || age.String() != "" {
		t.Errorf("empty: got %q, %v, want never", age, err)
	}
	if err := age.UnmarshalText([]byte("30d")); err != nil || time.Duration(age) != 30*day || age.String() != "30d" {
		t.Errorf("30d: got %q, %v", age, err)
	}
	wantError(t, "0s", age.UnmarshalText([]byte("0s")), "everything at once")
	wantError(t, "soon", age.UnmarshalText([]byte("soon")), "no duration")
}

var sizes = []struct {
	text  string
	want  Size
	plain string
	wrong string
}{
	{text: "64GB", want: Size{Bytes: 64e9}},
	{text: "1TB", want: Size{Bytes: 1e12}},
	{text: "1500MB", want: Size{Bytes: 1.5e9}},
	{text: "7B", want: Size{Bytes: 7}},
	{text: "1GiB", want: Size{Bytes: 1 << 30}},
	{text: "1000kB", want: Size{Bytes: 1e6}, plain: "1MB"},
	{text: "3KB", want: Size{Bytes: 3000}, plain: "3kB"},
	{text: "5%", want: Size{Percent: 5}},
	{text: "0.5%", want: Size{Percent: 0.5}},
	{text: ""},
	{text: "0GB", wrong: "nothing"},
	{text: "0%", wrong: "nothing"},
	{text: "64", wrong: "no size"},
	{text: "GB", wrong: "no size"},
	{text: "-1GB", wrong: "no size"},
	{text: "1.5GB", wrong: "no size"},
	{text: "64 GB", wrong: "no size"},
	{text: "64gb", wrong: "no size"},
	{text: "101%", wrong: "no part"},
	{text: "-1%", wrong: "no part"},
	{text: "NaN%", wrong: "no part"},
	{text: "1e1%", wrong: "no part"},
	{text: "9999999999TB", wrong: "more than any disk"},
}

func TestSizeReadsBytesAndPartsOfTheVolume(t *testing.T) {
	for _, test := range sizes {
		var got Size
		err := got.UnmarshalText([]byte(test.text))
		if test.wrong != "" {
			wantError(t, test.text, err, test.wrong)
			continue
		}
		if err != nil || got != test.want {
			t.Errorf("%q: got %+v, %v, want %+v", test.text, got, err, test.want)
		}
		plain := test.plain
		if plain == "" {
			plain = test.text
		}
		if got.String() != plain {
			t.Errorf("%q: prints as %q, want %q", test.text, got, plain)
		}
	}
}

func TestSizeOfAVolume(t *testing.T) {
	if got := (Size{Percent: 5}).Of(2e12); got != 1e11 {
		t.Errorf("5%% of 2 TB: got %d, want 100 GB", got)
	}
	if got := (Size{Bytes: 64e9}).Of(2e12); got != 64e9 {
		t.Errorf("64 GB of 2 TB: got %d", got)
	}
	if got := (Size{}).Of(2e12); got != 0 {
		t.Errorf("no limit: got %d, want 0", got)
	}
}

// FuzzValues holds every text that is accepted to be written so that it reads back the same.
func FuzzValues(f *testing.F) {
	for _, test := range durations {
		f.Add(test.text)
	}
	for _, test := range sizes {
		f.Add(test.text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var d, d2 Duration
		if d.UnmarshalText([]byte(text)) == nil {
			if err := d2.UnmarshalText([]byte(d.String())); err != nil || d != d2 || d < 0 {
				t.Errorf("duration %q: written as %q, read as %q, %v", text, d, d2, err)
			}
		}
		var a, a2 Age
		if a.UnmarshalText([]byte(text)) == nil {
			if err := a2.UnmarshalText([]byte(a.String())); err != nil || a != a2 {
				t.Errorf("age %q: written as %q, read as %q, %v", text, a, a2, err)
			}
		}
		var s, s2 Size
		if s.UnmarshalText([]byte(text)) == nil {
			if err := s2.UnmarshalText([]byte(s.String())); err != nil || s != s2 {
				t.Errorf("size %q: written as %q, read as %q, %v", text, s, s2, err)
			}
		}
	})
}

func wantError(t *testing.T, of string, err error, want string) {
	t.Helper()
	if err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("%q: got error %v, want one that says %q", of, err, want)
	}
}

func TestRateIsBytesASecond(t *testing.T) {
	for text, want := range map[string]Rate{"": 0, "2MB/s": 2e6, "500kB/s": 500e3, "1MiB/s": 1 << 20} {
		var r Rate
		if err := r.UnmarshalText([]byte(text)); err != nil || r != want || r.String() != text {
			t.Errorf("%q: got %d (%q), %v, want %d", text, r, r, err, want)
		}
	}
	for _, text := range []string{"2MB", "2Mbit/s", "5%/s", "-1MB/s", "999B/s", "0B/s", "/s"} {
		var r Rate
		if err := r.UnmarshalText([]byte(text)); err == nil {
			t.Errorf("%q: got %d, want an error", text, r)
		}
	}
}
