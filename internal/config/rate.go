package config

import (
	"fmt"
	"strings"
)

// Rate is a bandwidth in bytes a second, written "2MB/s"; "" and 0 mean no limit.
type Rate int64

// slowestRate still gets a segment away within its day.
const slowestRate = 1000

// UnmarshalText reads the text of a TOML string or an environment variable.
func (r *Rate) UnmarshalText(text []byte) error {
	*r = 0
	if len(text) == 0 {
		return nil
	}
	size, ok := strings.CutSuffix(string(text), "/s")
	if !ok {
		return fmt.Errorf("%q is no bandwidth", text)
	}
	bytes, err := parseBytes(size)
	if err != nil {
		return fmt.Errorf("%q is no bandwidth", text)
	}
	if bytes < slowestRate {
		return fmt.Errorf("%q is less than 1kB/s; \"\" means no limit", text)
	}
	*r = Rate(bytes)
	return nil
}

// MarshalText writes what UnmarshalText reads.
func (r Rate) MarshalText() ([]byte, error) { return []byte(r.String()), nil }

// String is a text that reads back as r.
func (r Rate) String() string {
	if r == 0 {
		return ""
	}
	return Size{Bytes: int64(r)}.String() + "/s"
}
