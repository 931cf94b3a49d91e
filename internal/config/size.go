package config

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Size is an amount of disk space: bytes ("500MB", "64GB", "1TB" in powers of 1000, "64GiB" in
// powers of 1024) or a part of the volume ("5%"). "" and the zero value mean no limit. At most
// one of the two fields is set.
type Size struct {
	Bytes   int64
	Percent Percent
}

// Percent is a part of a whole, from 0 to 100, written "5%" or "0.2%".
type Percent float64

// Point is a place in the picture: x, y from 0, 0 at the top left to 1, 1 at the bottom right.
type Point [2]float64

var sizeUnits = []struct {
	name string
	is   int64
}{
	{"TB", 1e12}, {"GB", 1e9}, {"MB", 1e6}, {"kB", 1e3},
	{"TiB", 1 << 40}, {"GiB", 1 << 30}, {"MiB", 1 << 20}, {"KiB", 1 << 10},
	{"KB", 1e3}, {"B", 1},
}

// Of is the size in bytes on a volume that holds total bytes.
func (s Size) Of(total int64) int64 {
	if s.Percent > 0 {
		return int64(float64(total) * float64(s.Percent) / 100)
	}
	return s.Bytes
}

// UnmarshalText reads the text of a TOML string or an environment variable.
func (s *Size) UnmarshalText(text []byte) error {
	*s = Size{}
	written := string(text)
	if written == "" {
		return nil
	}
	if strings.HasSuffix(written, "%") {
		if err := s.Percent.UnmarshalText(text); err != nil {
			return err
		}
	} else {
		var err error
		if s.Bytes, err = parseBytes(written); err != nil {
			return err
		}
	}
	if *s == (Size{}) {
		return fmt.Errorf("%q is nothing; \"\" means no limit", written)
	}
	return nil
}

func parseBytes(text string) (int64, error) {
	number := strings.TrimRight(text, "TGMKkiB")
	for _, unit := range sizeUnits {
		if text[len(number):] != unit.name {
			continue
		}
		n, err := strconv.ParseUint(number, 10, 63)
		if err != nil {
			break
		}
		if n > uint64(math.MaxInt64/unit.is) {
			return 0, fmt.Errorf("%q is more than any disk holds", text)
		}
		return int64(n) * unit.is, nil
	}
	return 0, fmt.Errorf("%q is no size", text)
}

// MarshalText writes what UnmarshalText reads.
func (s Size) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// String is a text that reads back as s, in the largest unit that says it exactly.
func (s Size) String() string {
	switch {
	case s.Percent > 0:
		return s.Percent.String()
	case s.Bytes == 0:
		return ""
	}
	best := sizeUnits[len(sizeUnits)-1]
	for _, unit := range sizeUnits {
		if s.Bytes%unit.is == 0 && unit.is > best.is {
			best = unit
		}
	}
	return strconv.FormatInt(s.Bytes/best.is, 10) + best.name
}

// UnmarshalText reads the text of a TOML string or an environment variable.
func (p *Percent) UnmarshalText(text []byte) error {
	number, ok := strings.CutSuffix(string(text), "%")
	value, err := strconv.ParseFloat(number, 64)
	// Digits and a point alone: ParseFloat also takes signs, exponents, hexadecimals and NaN.
	if !ok || err != nil || strings.Trim(number, "0123456789.") != "" || value > 100 {
		return fmt.Errorf("%q is no part of a whole (0%% to 100%%)", text)
	}
	*p = Percent(value)
	return nil
}

// MarshalText writes what UnmarshalText reads.
func (p Percent) MarshalText() ([]byte, error) { return []byte(p.String()), nil }

// String is a text that reads back as p.
func (p Percent) String() string { return strconv.FormatFloat(float64(p), 'f', -1, 64) + "%" }
