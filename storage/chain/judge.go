package chain

import (
	"cmp"
	"fmt"
	"slices"
	"time"
)

// A Registry tells what was deleted lawfully.
type Registry interface {
	// Gone lists the tombstones of a chain that a key has signed, by their numbers.
	Gone(camera string, run Run) ([]Gone, error)
	// Past is the last chain of a camera of which nothing is left, nor of those before it.
	Past(camera string) (End, bool)
}

// Judge ends a Trial of some files of many: what lies between two links of a chain must be among them, or have a
// tombstone. reg may be nil: nothing is known to be deleted.
func (t *Trial) Judge(reg Registry) error { return t.judge(reg, (*onTrial).met) }

// met is the part of a chain between the first and the last of its links that were met.
func (c *onTrial) met() (from, to uint32) {
	if len(c.links.list) == 0 {
		return 1, 0
	}
	return c.links.list[0].First, c.links.last()
}

// Holes tells whether links are missing between those that were met.
func (t *Trial) Holes() bool {
	for _, c := range t.chains {
		if from, to := c.met(); len(c.links.holes(from, to)) > 0 {
			return true
		}
	}
	return false
}

// Fill takes the seal of a file that is not itself on trial, where its link is missing between others.
func (t *Trial) Fill(s *Sealed) {
	c := t.chains[chainKey{s.Link.Camera, s.Link.Run}]
	if c == nil {
		return
	}
	n := s.Link.Number
	from, to := c.met()
	for _, h := range c.links.holes(from, to) {
		if h.First <= n && n <= h.Last {
			t.link("", s)
			return
		}
	}
}

// JudgeAll ends a Trial of all files: each chain must be whole from its begin to its end, and so must be the row of chains.
func (t *Trial) JudgeAll(reg Registry) error {
	for _, key := range slices.Clone(t.order) {
		c := t.chains[key]
		if c.begin == nil || c.begin.Before.Run == (Run{}) {
			continue
		}
		before := c.begin.Before
		if past, ok := reg.Past(c.camera); ok && past.Run == before.Run {
			continue
		}
		last := t.chains[chainKey{c.camera, before.Run}]
		if last == nil || last.begin == nil {
			t.find(Finding{What: Missing, Camera: c.camera, Run: before.Run, First: 1, Last: before.Number,
				Text: fmt.Sprintf("all of the run before that of %s is missing", c.begin.At.Format(time.RFC3339))})
			continue
		}
		t.goes(last, before)
	}
	t.judgeAnchors(reg)
	return t.judge(reg, func(c *onTrial) (from, to uint32) {
		if c.apart {
			return c.met()
		}
		if c.end != nil && c.links.last() > c.end.Number {
			t.find(Finding{What: Broken, Camera: c.camera, Run: c.run, First: c.end.Number + 1, Last: c.links.last(), Text: "they stand behind the end of their run"})
		}
		return 1, max(c.links.last(), c.known.Number)
	})
}

// judgeAnchors looks for the chains of anchors; their links are pinned.
func (t *Trial) judgeAnchors(reg Registry) {
	for _, a := range t.anchors {
		if c := t.chains[chainKey{a.Camera, a.Run}]; c != nil && c.begin != nil {
			t.goes(c, a)
			continue
		}
		first, any := t.first[a.Camera]
		if _, ok := reg.Past(a.Camera); ok && (!any || a.At.Before(first)) {
			continue // of a chain of which nothing is left, lawfully
		}
		t.find(Finding{What: Missing, Camera: a.Camera, Run: a.Run, First: 1, Last: a.Number, Text: "nothing is there of the chain that the anchor is of"})
	}
}

func (t *Trial) judge(reg Registry, span func(*onTrial) (from, to uint32)) error {
	for _, key := range t.order {
		c := t.chains[key]
		t.Counts.Chains++
		from, to := span(c)
		var stones []Gone
		if reg != nil {
			var err error
			if stones, err = reg.Gone(c.camera, c.run); err != nil {
				return err
			}
		}
		for _, g := range stones {
			t.Counts.Gone += int64(g.Last-g.First) + 1
		}
		if n := len(c.links.list); n > 0 && c.links.list[0].First == 1 && c.begin != nil && c.links.list[0].Previous != c.beginAs {
			t.find(Finding{What: Broken, Camera: c.camera, Run: c.run, First: 1, Last: 1, Text: "it does not name the begin of its run"})
		}
		for _, h := range c.links.holes(from, to) {
			if h.First == 1 && c.begin != nil {
				h.Previous, h.knowsPrevious = c.beginAs, true
			}
			if h.Last == c.known.Number && !h.knowsHead {
				h.Head, h.knowsHead = c.known.Head, true
			}
			left, wrong := h.fill(stones)
			for _, s := range left {
				t.find(Finding{What: Missing, Camera: c.camera, Run: c.run, First: s.First, Last: s.Last, Text: missingText(s)})
			}
			for _, g := range wrong {
				t.find(Finding{What: Broken, Camera: c.camera, Run: c.run, First: g.First, Last: g.Last, Text: "what is said to be deleted does not fit to what is there"})
			}
		}
	}
	for _, f := range t.early {
		t.judgeEarly(f)
	}
	slices.SortStableFunc(t.Findings, func(a, b Finding) int { return cmp.Or(cmp.Compare(a.Camera, b.Camera), cmp.Compare(a.Path, b.Path)) })
	return nil
}

func missingText(s Stretch) string {
	if s.First == s.Last {
		return "a segment is missing, and nothing tells that it was deleted"
	}
	return fmt.Sprintf("%d segments are missing, and nothing tells that they were deleted", s.Last-s.First+1)
}
