package config

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Duration is a length of time, never negative: whole numbers with the units ms, s, m, h, d
// (24 hours) and w, from the largest to the smallest: "250ms", "5m", "1h30m", "7d".
type Duration time.Duration

// Age is a Duration after which something is too old; "" and 0 mean never.
type Age time.Duration

const day = 24 * time.Hour

// longest keeps sums far from the overflow of time.Duration at 292 years.
const longest = 100 * 365 * day

var units = []struct {
	name string
	is   time.Duration
}{{"w", 7 * day}, {"d", day}, {"h", time.Hour}, {"m", time.Minute}, {"s", time.Second}, {"ms", time.Millisecond}}

// UnmarshalText reads the text of a TOML string or an environment variable.
func (d *Duration) UnmarshalText(text []byte) error {
	parsed, err := parseDuration(string(text))
	*d = Duration(parsed)
	return err
}

// MarshalText writes what UnmarshalText reads.
func (d Duration) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// String is the shortest text that reads back as d, without weeks.
func (d Duration) String() string {
	if d == 0 {
		return "0s"
	}
	var text strings.Builder
	rest := time.Duration(d)
	for _, unit := range units[1:] {
		if n := rest / unit.is; n > 0 {
			fmt.Fprintf(&text, "%d%s", n, unit.name)
			rest %= unit.is
		}
	}
	return text.String()
}

// UnmarshalText reads the text of a TOML string or an environment variable.
func (a *Age) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*a = 0
		return nil
	}
	parsed, err := parseDuration(string(text))
	if err == nil && parsed == 0 {
		err = fmt.Errorf("%q would delete everything at once; \"\" means never", text)
	}
	*a = Age(parsed)
	return err
}

// MarshalText writes what UnmarshalText reads.
func (a Age) MarshalText() ([]byte, error) { return []byte(a.String()), nil }

// String is "" for never, and otherwise that of Duration.
func (a Age) String() string {
	if a == 0 {
		return ""
	}
	return Duration(a).String()
}

func parseDuration(text string) (time.Duration, error) {
	no := fmt.Errorf("%q is no duration", text)
	var sum time.Duration
	rest, next := text, 0
	for rest != "" {
		digits := len(rest) - len(strings.TrimLeft(rest, "0123456789"))
		n, err := strconv.ParseInt(rest[:digits], 10, 64)
		if err != nil {
			return 0, no
		}
		rest = rest[digits:]
		letters := len(rest) - len(strings.TrimLeft(rest, "mshdw"))
		for next < len(units) && units[next].name != rest[:letters] {
			next++
		}
		if next == len(units) {
			return 0, no
		}
		if n > int64((longest-sum)/units[next].is) {
			return 0, fmt.Errorf("%q is longer than 100 years", text)
		}
		sum += time.Duration(n) * units[next].is
		rest = rest[letters:]
		next++
	}
	if text == "" {
		return 0, no
	}
	return sum, nil
}
