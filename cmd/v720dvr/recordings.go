package main

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"time"
)

// recordingsHealth is what the disk holds, and what the rules make of it.
type recordingsHealth struct {
	Size      int64     `json:"size_bytes"` // of the volume
	Free      int64     `json:"free_bytes"`
	MinFree   int64     `json:"min_free_bytes"`       // what stays free; 0 is no limit
	Oldest    time.Time `json:"oldest,omitzero"`      // start of the first recording that is kept
	LastSweep time.Time `json:"last_sweep,omitzero"`  // when ages and sizes were looked at
	Deleted   int       `json:"deleted"`              // segments, since the start
	Lost      int       `json:"unarchived,omitempty"` // of these, before they were archived though that was to be waited for
	Kept      int64     `json:"kept_bytes"`           // what keeps in force hold
	Choked    string    `json:"choked,omitempty"`     // which rule keeps are in the way of, at the last look
	Withheld  string    `json:"withheld,omitempty"`   // what ages and sizes would take, when it is more than half of all
	Problem   string    `json:"problem,omitempty"`
}

// recordings tells how retention does.
func (s *sweeper) recordings(ctx context.Context) recordingsHealth {
	s.mu.Lock()
	h := s.health
	s.mu.Unlock()
	oldest, err := s.store.Oldest(ctx)
	if err != nil {
		h.Problem = cmp.Or(h.Problem, err.Error())
	}
	h.Oldest = oldest
	held, err := s.store.Held(ctx)
	if err != nil {
		h.Problem = cmp.Or(h.Problem, err.Error())
	}
	h.Kept = held.Bytes
	return h
}

// sentence is what the disk holds, in words; "" before it was looked at.
func (h recordingsHealth) sentence(now time.Time) string {
	if h.Size == 0 {
		return ""
	}
	text := fmt.Sprintf("The disk has %s free of %s", amount(h.Free), amount(h.Size))
	if h.Oldest.IsZero() {
		return text + ", and no recordings yet."
	}
	held := "."
	if h.Kept > 0 {
		held = "; " + amount(h.Kept) + " are kept."
	}
	switch kept := now.Sub(h.Oldest); {
	case kept < time.Minute:
		return text + ", and recordings of less than a minute" + held
	case kept < 48*time.Hour:
		return fmt.Sprintf("%s, and recordings of the last %s%s", text, strings.TrimSuffix(kept.Truncate(time.Minute).String(), "0s"), held)
	}
	return fmt.Sprintf("%s, and recordings of the last %.0f days%s", text, now.Sub(h.Oldest).Hours()/24, held)
}

// amount says for people how much room that is.
func amount(bytes int64) string {
	switch {
	case bytes >= 1e12:
		return fmt.Sprintf("%.1f TB", float64(bytes)/1e12)
	case bytes >= 1e9:
		return fmt.Sprintf("%.1f GB", float64(bytes)/1e9)
	}
	return fmt.Sprintf("%.1f MB", float64(bytes)/1e6)
}
