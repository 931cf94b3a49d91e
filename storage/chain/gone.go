package chain

import (
	"cmp"
	"crypto/ed25519"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Gone is a tombstone: links of a chain, one behind the other, whose segments were deleted by a rule or a person. Those of
// neighbours become one, so there are never more than there are segments left, and one.
type Gone struct {
	Stretch
	Run        Run
	Start, End time.Time // of the footage
	At         time.Time // of the last deletion
	Bytes      int64
	Rules      []RuleCount // by name
	Camera     string
}

// Stretch is a part of a chain: links First to Last, and the hashes that join it to what is before and behind.
type Stretch struct {
	First, Last uint32
	Previous    Hash // what First names as the link before it
	Head        Hash // of Last
}

// RuleCount tells of how many segments a rule was the reason.
type RuleCount struct {
	Rule     string
	Segments int64
}

const (
	goneSize = 124 // without camera and rules
	// mostRules bounds the rules that a tombstone names; of others the number stands under "other".
	mostRules = 12
	mostRule  = 40 // bytes of a name
)

// Sign returns the signed statement.
func (g Gone) Sign(key ed25519.PrivateKey) []byte {
	b := begin(kindGone, key)
	b = append(b, g.Previous[:]...)
	b = append(b, g.Head[:]...)
	b = append(b, g.Run[:]...)
	b = le.AppendUint32(b, g.First)
	b = le.AppendUint32(b, g.Last)
	b = appendTime(appendTime(appendTime(b, g.Start), g.End), g.At)
	b = le.AppendUint64(b, uint64(g.Bytes))
	b = le.AppendUint16(b, uint16(len(cut(g.Camera))))
	b = le.AppendUint16(b, 0)
	b = append(b, cut(g.Camera)...)
	for i, r := range joinRules(g.Rules) {
		if i > 0 {
			b = append(b, ' ')
		}
		b = fmt.Appendf(b, "%s=%d", r.Rule, r.Segments)
	}
	return sign(b, key)
}

// OpenGone reads a signed Gone.
func OpenGone(b []byte, keys Keys) (g Gone, err error) {
	said, _, err := open(b, kindGone, goneSize, keys)
	if err != nil {
		return g, err
	}
	copy(g.Previous[:], said)
	copy(g.Head[:], said[32:])
	copy(g.Run[:], said[64:])
	g.First, g.Last = le.Uint32(said[80:]), le.Uint32(said[84:])
	g.Start, g.End, g.At = timeOf(said[88:]), timeOf(said[96:]), timeOf(said[104:])
	g.Bytes = int64(le.Uint64(said[112:]))
	n := int(le.Uint16(said[120:]))
	if n > len(said)-goneSize || g.First == 0 || g.Last < g.First {
		return g, ErrMalformed
	}
	g.Camera = string(said[goneSize : goneSize+n])
	for _, rule := range strings.Fields(string(said[goneSize+n:])) {
		name, count, _ := strings.Cut(rule, "=")
		number, err := strconv.ParseInt(count, 10, 64)
		if err != nil {
			return g, ErrMalformed
		}
		g.Rules = append(g.Rules, RuleCount{name, number})
	}
	return g, nil
}

// Join makes one of two that are neighbours, g before next; not ok when they are none.
func (g Gone) Join(next Gone) (joined Gone, ok bool) {
	if g.Run != next.Run || g.Camera != next.Camera || g.Last+1 != next.First || g.Head != next.Previous {
		return g, false
	}
	g.Last, g.Head, g.Bytes = next.Last, next.Head, g.Bytes+next.Bytes
	if next.Start.Before(g.Start) {
		g.Start = next.Start
	}
	if next.End.After(g.End) {
		g.End = next.End
	}
	if next.At.After(g.At) {
		g.At = next.At
	}
	g.Rules = joinRules(slices.Concat(g.Rules, next.Rules))
	return g, true
}

// InOrder sorts tombstones of one chain by their numbers, and leaves out those of whose links others tell.
func InOrder(list []Gone) []Gone {
	slices.SortStableFunc(list, func(a, b Gone) int {
		return cmp.Or(cmp.Compare(a.First, b.First), cmp.Compare(b.Last, a.Last))
	})
	kept := list[:0]
	for _, g := range list {
		if n := len(kept); n == 0 || g.Last > kept[n-1].Last {
			kept = append(kept, g)
		}
	}
	return kept
}

// joinRules sums up by name, with names that a statement can hold.
func joinRules(rules []RuleCount) (list []RuleCount) {
	add := func(name string, n int64) {
		for i := range list {
			if list[i].Rule == name {
				list[i].Segments += n
				return
			}
		}
		list = append(list, RuleCount{name, n})
	}
	for _, r := range rules {
		name := strings.Map(func(c rune) rune {
			if c <= ' ' || c == '=' || c > '~' {
				return '_'
			}
			return c
		}, r.Rule)
		name = name[:min(len(name), mostRule)]
		known := slices.ContainsFunc(list, func(has RuleCount) bool { return has.Rule == name })
		if name == "" || !known && len(list) >= mostRules {
			name = "other"
		}
		add(name, r.Segments)
	}
	slices.SortFunc(list, func(a, b RuleCount) int { return strings.Compare(a.Rule, b.Rule) })
	return list
}
