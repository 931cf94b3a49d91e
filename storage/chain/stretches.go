package chain

import (
	"cmp"
	"slices"
)

// stretches are the links of one chain that were met, in any order: those that are neighbours are one. What is held
// grows with the holes between them, not with the links.
type stretches struct {
	list []Stretch // in order, none beside another that fits
}

// add takes a link. twice: there is one of its number; broken: it does not name the one before, or is not named by the one
// behind.
func (s *stretches) add(link Stretch) (twice, broken bool) {
	i, found := slices.BinarySearchFunc(s.list, link.First, func(a Stretch, first uint32) int { return cmp.Compare(a.First, first) })
	if found || i > 0 && s.list[i-1].Last >= link.First {
		return true, false
	}
	before, behind := false, false
	if i > 0 && s.list[i-1].Last+1 == link.First {
		before = s.list[i-1].Head == link.Previous
		broken = !before
	}
	if i < len(s.list) && link.Last+1 == s.list[i].First {
		behind = s.list[i].Previous == link.Head
		broken = broken || !behind
	}
	switch {
	case before && behind:
		s.list[i-1].Last, s.list[i-1].Head = s.list[i].Last, s.list[i].Head
		s.list = slices.Delete(s.list, i, i+1)
	case before:
		s.list[i-1].Last, s.list[i-1].Head = link.Last, link.Head
	case behind:
		s.list[i].First, s.list[i].Previous = link.First, link.Previous
	default:
		s.list = slices.Insert(s.list, i, link)
	}
	return false, broken
}

func (s *stretches) last() uint32 {
	if len(s.list) == 0 {
		return 0
	}
	return s.list[len(s.list)-1].Last
}

// A hole is a stretch of links that were not met, with the hashes that it must have; zero where nobody says.
type hole struct {
	Stretch
	knowsPrevious, knowsHead bool
}

// holes lists what is missing of the links from to to.
func (s *stretches) holes(from, to uint32) (list []hole) {
	next := hole{Stretch: Stretch{First: from}}
	for _, have := range s.list {
		if have.First > next.First && next.First <= to {
			missing := next
			missing.Last = min(have.First-1, to)
			if missing.Last == have.First-1 {
				missing.Head, missing.knowsHead = have.Previous, true
			}
			list = append(list, missing)
		}
		if have.Last >= next.First {
			next = hole{Stretch: Stretch{First: have.Last + 1, Previous: have.Head}, knowsPrevious: true}
		}
	}
	if next.First <= to {
		next.Last = to
		list = append(list, next)
	}
	return list
}

// fill takes from a hole what tombstones, in order of their numbers, tell of. What is left is missing; wrong are those that
// do not fit to what is there.
func (h hole) fill(gone []Gone) (left []Stretch, wrong []Gone) {
	first := h.First
	for _, g := range gone {
		if g.Last < first || g.First > h.Last {
			continue
		}
		if g.First > first {
			left = append(left, Stretch{First: first, Last: g.First - 1})
		}
		if g.First == h.First && h.knowsPrevious && g.Previous != h.Previous || g.Last == h.Last && h.knowsHead && g.Head != h.Head {
			wrong = append(wrong, g)
		}
		first = g.Last + 1
	}
	if first <= h.Last {
		left = append(left, Stretch{First: first, Last: h.Last})
	}
	return left, wrong
}
