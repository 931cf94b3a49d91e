package motion

import (
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"
)

// changing is a change of a 20×10 grid with levels at some cells.
func changing(levels map[int]uint8) *Change {
	c := Change{Width: 20, Height: 10, Levels: make([]uint8, 200)}
	for i, l := range levels {
		c.Levels[i] = l
	}
	return &c
}

func TestBusyCountsWhatASensitivitySees(t *testing.T) {
	b := Busy{Sensitivity: 8}
	for i := range 10 {
		if i < 4 {
			b.Step(changing(map[int]uint8{21: 3, 22: 2}))
		} else {
			b.Step(changing(nil))
		}
	}
	b.Step(&Change{Width: 20, Height: 10, Unseen: true})
	b.Step(&Change{Width: 1, Height: 1, Levels: []uint8{9}})
	shares := b.Shares()
	if b.Frames != 10 || len(shares) != 200 || shares[21] != 0.4 || shares[22] != 0 {
		t.Errorf("%d frames, %v and %v of them", b.Frames, shares[21], shares[22])
	}
	if zones := new(Busy).Propose(0.2); zones != nil {
		t.Errorf("of nothing it proposes %v", zones)
	}
}

func TestWhatIsOftenBusyIsProposed(t *testing.T) {
	var b Busy
	tree, grain := map[int]uint8{}, map[int]uint8{150: 10}
	for y := 2; y < 5; y++ {
		for x := 10; x < 14; x++ {
			tree[y*20+x] = 7
		}
	}
	for range 3 {
		b.Step(changing(tree))
	}
	b.Step(changing(grain))
	for range 6 {
		b.Step(changing(nil))
	}
	zones := b.Propose(0.2)
	if len(zones) != 1 || zones[0].Kind != Exclude || len(zones[0].Points) != 4 {
		t.Fatalf("got %+v, want the tree", zones)
	}
	if p := zones[0].Points[0]; p != (Point{0.5, 0.2}) {
		t.Errorf("its first corner is at %v", p)
	}
	if zones := b.Propose(0.3); len(zones) != 0 {
		t.Errorf("of 3 frames in 10 are more than 0.3: %+v", zones)
	}
}

// Whatever is busy, what is proposed are zones that settings take, and that have the cells they are for.
func TestProposedZonesAreOnesThatCanBeSet(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		random := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		b := Busy{Width: 20, Height: 10, Frames: 10, Changed: make([]uint32, 200)}
		for range rapid.IntRange(0, 6).Draw(t, "blobs") {
			x, y, w, h := random.IntN(20), random.IntN(10), 1+random.IntN(8), 1+random.IntN(8)
			for i := range b.Changed {
				if i%20 >= x && i%20 < x+w && i/20 >= y && i/20 < y+h && random.IntN(10) > 0 {
					b.Changed[i] = 5
				}
			}
		}
		zones := b.Propose(0.2)
		if len(zones) > MostProposed {
			t.Fatalf("%d zones", len(zones))
		}
		for _, z := range zones {
			held := 0
			if a, b, ok := Cross(z.Points); ok || len(z.Points) < 3 {
				t.Fatalf("%v: edges %d and %d", z.Points, a, b)
			}
			for _, p := range z.Points {
				if p.X < 0 || p.X > 1 || p.Y < 0 || p.Y > 1 {
					t.Fatalf("%v is not in the picture", p)
				}
			}
			for i, n := range b.Changed {
				if n > 0 && z.holds(middleOf(i%20, i/20, 20, 10)) {
					held++
				}
			}
			if held < leastProposed {
				t.Fatalf("%v holds %d busy cells", z.Points, held)
			}
		}
	})
}
