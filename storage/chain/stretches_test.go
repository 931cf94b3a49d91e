package chain

import (
	"math/rand/v2"
	"testing"
)

// Links come in any order; what is held and what is missing is what a list of them all would say.
func TestStretchesHoldWhatAListOfAllLinksWould(t *testing.T) {
	for seed := range uint64(200) {
		random := rand.New(rand.NewPCG(seed, 720))
		count := 1 + random.IntN(60)
		there := make([]bool, count+2)
		var s stretches
		for _, i := range random.Perm(count) {
			if random.IntN(4) == 0 {
				continue
			}
			n := uint32(i + 1)
			link := Stretch{n, n, hashOf(byte(n - 1)), hashOf(byte(n))}
			if twice, broken := s.add(link); twice || broken {
				t.Fatalf("seed %d: link %d: twice %v, broken %v", seed, n, twice, broken)
			}
			if twice, _ := s.add(link); !twice {
				t.Fatalf("seed %d: link %d is taken twice", seed, n)
			}
			there[n] = true
		}
		missing := make([]bool, count+2)
		for _, h := range s.holes(1, uint32(count)) {
			for n := h.First; n <= h.Last; n++ {
				missing[n] = true
			}
			if h.knowsHead && h.Head != hashOf(byte(h.Last)) || h.knowsPrevious && h.Previous != hashOf(byte(h.First-1)) {
				t.Errorf("seed %d: hole %+v has other neighbours", seed, h)
			}
		}
		runs := 0
		for n := 1; n <= count; n++ {
			if there[n] == missing[n] {
				t.Errorf("seed %d: link %d of %d is there: %v, missing: %v", seed, n, count, there[n], missing[n])
			}
			if there[n] && !there[n-1] {
				runs++
			}
		}
		if len(s.list) != runs {
			t.Errorf("seed %d: %d stretches are held of %d", seed, len(s.list), runs)
		}
	}
}

func TestLinkThatDoesNotFitToItsNeighboursIsFound(t *testing.T) {
	for _, links := range [][2]Stretch{
		{{1, 1, hashOf(0), hashOf(1)}, {2, 2, hashOf(9), hashOf(2)}},
		{{2, 2, hashOf(9), hashOf(2)}, {1, 1, hashOf(0), hashOf(1)}},
	} {
		var s stretches
		s.add(links[0])
		if twice, broken := s.add(links[1]); twice || !broken {
			t.Errorf("%+v: twice %v, broken %v, want broken", links, twice, broken)
		}
	}
}

func TestTombstonesFillHolesWhereTheyFit(t *testing.T) {
	gone := func(first, last uint32) Gone {
		return Gone{Stretch: Stretch{first, last, hashOf(byte(first - 1)), hashOf(byte(last))}}
	}
	h := hole{Stretch{4, 9, hashOf(3), hashOf(9)}, true, true}
	for name, c := range map[string]struct {
		gone        []Gone
		left, wrong int
	}{
		"none":            {nil, 1, 0},
		"all":             {[]Gone{gone(4, 9)}, 0, 0},
		"two":             {[]Gone{gone(4, 5), gone(6, 9)}, 0, 0},
		"more than that":  {[]Gone{gone(2, 12)}, 0, 0},
		"but the first":   {[]Gone{gone(5, 9)}, 1, 0},
		"but the last":    {[]Gone{gone(4, 8)}, 1, 0},
		"but one between": {[]Gone{gone(4, 5), gone(7, 9)}, 1, 0},
		"elsewhere":       {[]Gone{gone(1, 3), gone(10, 11)}, 1, 0},
		"of other links":  {[]Gone{{Stretch: Stretch{4, 9, hashOf(3), hashOf(77)}}}, 0, 1},
	} {
		left, wrong := h.fill(c.gone)
		if len(left) != c.left || len(wrong) != c.wrong {
			t.Errorf("%s: left %+v, wrong %+v, want %d and %d", name, left, wrong, c.left, c.wrong)
		}
	}
}
