package motion

import (
	"slices"
	"strings"
	"testing"
)

func TestZonesDecideWhatEachCellNeeds(t *testing.T) {
	left := []Point{{0, 0}, {0.5, 0}, {0.5, 1}, {0, 1}}
	right := []Point{{0.5, 0}, {1, 0}, {1, 1}, {0.5, 1}}
	triangle := []Point{{0, 0}, {1, 0}, {0, 1}}
	beyond := []Point{{-3, -3}, {4, -3}, {4, 0.5}, {-3, 0.5}}
	for _, c := range []struct {
		name  string
		zones []Zone
		want  string // rows of a 4×4 grid, the sensitivity of each cell, . for none
	}{
		{"none", nil, "5555 5555 5555 5555"},
		{"one included", []Zone{{Kind: Include, Points: left}}, "55.. 55.. 55.. 55.."},
		{"one excluded", []Zone{{Kind: Exclude, Points: left}}, "..55 ..55 ..55 ..55"},
		{"a cell between two is in one", []Zone{{Kind: Include, Points: left, Sensitivity: 3}, {Kind: Include, Points: right, Sensitivity: 8}}, "3388 3388 3388 3388"},
		{"excluded from an included one", []Zone{{Kind: Include, Points: left}, {Kind: Exclude, Points: triangle}}, ".... .... .5.. 55.."},
		{"the order does not matter for that", []Zone{{Kind: Exclude, Points: triangle}, {Kind: Include, Points: left}}, ".... .... .5.. 55.."},
		{"the later sensitivity counts", []Zone{{Kind: Include, Points: beyond, Sensitivity: 2}, {Kind: Include, Points: left, Sensitivity: 9}}, "9922 9922 99.. 99.."},
		{"beyond the picture", []Zone{{Kind: Include, Points: beyond}}, "5555 5555 .... ...."},
		{"no corners hold nothing", []Zone{{Kind: Include}}, ".... .... .... ...."},
	} {
		var got []string
		need := Settings{Sensitivity: 5, Zones: c.zones}.need(nil, 4, 4)
		for row := range slices.Chunk(need, 4) {
			var line strings.Builder
			for _, n := range row {
				if n == unseen {
					line.WriteByte('.')
				} else {
					line.WriteByte('0' + 11 - n)
				}
			}
			got = append(got, line.String())
		}
		if all := strings.Join(got, " "); all != c.want {
			t.Errorf("%s: got %s, want %s", c.name, all, c.want)
		}
	}
}

func TestAZoneThatCrossesItselfHoldsItsTwoHalves(t *testing.T) {
	bow := Zone{Points: []Point{{0, 0}, {1, 1}, {1, 0}, {0, 1}}}
	for _, c := range []struct {
		p    Point
		want bool
	}{{Point{0.1, 0.5}, true}, {Point{0.9, 0.5}, true}, {Point{0.5, 0.1}, false}, {Point{0.5, 0.9}, false}} {
		if got := bow.holds(c.p); got != c.want {
			t.Errorf("%v: %v, want %v", c.p, got, c.want)
		}
	}
}

func TestWhatMovesOutsideOfTheZonesIsNoMotion(t *testing.T) {
	street := []Point{{0, 0}, {1, 0}, {1, 0.5}, {0, 0.5}}
	for _, c := range []struct {
		zone Zone
		want bool
	}{
		{Zone{Kind: Exclude, Points: street}, false}, {Zone{Kind: Include, Points: street}, true},
		{Zone{Kind: Include, Points: street, Sensitivity: 1}, false},
	} {
		s := newStage(3)
		for i := range s.room {
			s.room[i] = 100
		}
		s.paint = func(n int, put brush) {
			if n >= learned {
				put(float64(n-learned), 5, 8, 15, 112)
			}
		}
		d := NewDetector(Settings{Zones: []Zone{c.zone}})
		s.play(d, 0, learned+5, nil)
		if found, _ := s.motions(d, learned+5, learned+45); (found > 30) != c.want || found > 0 && !c.want {
			t.Errorf("%+v: motion in %d frames of 40, wanted %v", c.zone, found, c.want)
		}
	}
}
