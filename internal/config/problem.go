package config

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Origin is where a value comes from. The zero value is "default".
type Origin struct {
	Source string // a file's name, "set", "environment V720DVR_CLOUD_HTTP", "flag --data"
	Line   int    // from 1, in a file; 0 elsewhere
}

// String is what `config print --origin` shows: "config.toml:12", "flag --data", "default".
func (o Origin) String() string {
	switch {
	case o.Source == "":
		return "default"
	case o.Line > 0:
		return fmt.Sprintf("%s:%d", o.Source, o.Line)
	}
	return o.Source
}

// The kinds of Origin.
const (
	FromDefault     = "default"
	FromFile        = "file"
	FromSet         = "set"
	FromEnvironment = "environment"
	FromFlag        = "flag"
)

// setSource is the Source of what was set through page or API.
const setSource = "set"

// Kind tells which kind of place it is: a From constant.
func (o Origin) Kind() string {
	switch {
	case o.Line > 0:
		return FromFile
	case o.Source == "":
		return FromDefault
	case o.Source == setSource:
		return FromSet
	case strings.HasPrefix(o.Source, "flag "):
		return FromFlag
	}
	return FromEnvironment
}

// Problem is one thing that is wrong with a configuration. Load and Validate return all of
// them, joined; errors.As finds the first.
type Problem struct {
	Where Origin // the zero value when nobody knows
	Key   string // as in the file, without indexes; "" when the file as a whole is meant
	Text  string // what is wrong and what would be right
}

// Error is "config.toml:14: recording.segment: "5 minutes" is no duration; write …".
func (p *Problem) Error() string {
	var parts []string
	if p.Where.Source != "" {
		parts = append(parts, p.Where.String())
	}
	if p.Key != "" {
		parts = append(parts, plain(p.Key))
	}
	return strings.Join(append(parts, p.Text), ": ")
}

// problems gathers what is wrong. A key is reported once, and not again with what lies in it:
// what follows from a first mistake would only hide it.
type problems []*Problem

func (ps *problems) add(where Origin, key, format string, args ...any) {
	for _, known := range *ps {
		rest, below := strings.CutPrefix(key, known.Key)
		if known.Key != "" && below && (rest == "" || rest[0] == '.' || rest[0] == '[') {
			return
		}
	}
	*ps = append(*ps, &Problem{Where: where, Key: key, Text: fmt.Sprintf(format, args...)})
}

// err joins the problems: the file's first, by line, then the environment's and the flags'.
func (ps problems) err() error {
	slices.SortStableFunc(ps, func(a, b *Problem) int {
		return cmp.Or(cmp.Compare(rank(a.Where), rank(b.Where)), cmp.Compare(a.Where.Line, b.Where.Line), cmp.Compare(a.Where.Source, b.Where.Source))
	})
	all := make([]error, len(ps))
	for i, p := range ps {
		all[i] = p
	}
	return errors.Join(all...)
}

func rank(o Origin) int {
	switch {
	case o.Line > 0:
		return 0
	case strings.HasPrefix(o.Source, "environment "):
		return 1
	case strings.HasPrefix(o.Source, "flag "):
		return 2
	}
	return 3
}
