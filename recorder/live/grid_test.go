package live

import (
	"slices"
	"testing"
	"time"

	"v720dvr/camera"
)

// grid is what moved, so many tenths of a second after noon.
func grid(id camera.ID, tenths int) Grid {
	return Grid{Camera: id, At: noon.Add(time.Duration(tenths) * 100 * time.Millisecond), Score: uint16(tenths), Track: []byte{0x10, byte(tenths)}}
}

// grids takes all that there are, as tenths of a second after noon.
func grids(v *Viewer) (got []int) {
	for i, ok := v.Next(); ok; i, ok = v.Next() {
		if i.Grid != nil {
			got = append(got, int(i.Grid.Score))
		}
	}
	return got
}

func TestGridsAreForThoseWhoAskedAndTheNewestAlone(t *testing.T) {
	h := NewHub()
	asked := watching(t, h, map[camera.ID]Want{door: {Grids: true}, yard: {Grids: true}}, false)
	other := watching(t, h, map[camera.ID]Want{door: {Pictures: true}}, false)
	for i := range 3 {
		h.Grid(grid(door, i))
	}
	h.Grid(grid(yard, 7))
	h.Grid(grid(hall, 8))
	if got := grids(asked); !slices.Equal(got, []int{2, 7}) {
		t.Errorf("got %v, want the newest of each camera", got)
	}
	if got := asked.Stats(); got.Grids != 2 || got.ThinnedGrids != 2 {
		t.Errorf("got %+v", got)
	}
	if _, ok := other.Next(); ok {
		t.Error("who did not ask was given something")
	}
	if len(h.feeds) != 2 {
		t.Errorf("%d feeds, want those that are watched", len(h.feeds))
	}
}

func TestGridsComeAsOftenAsPicturesAndNeedNoAck(t *testing.T) {
	h := NewHub()
	v := watching(t, h, map[camera.ID]Want{door: {Pictures: true, Grids: true, FPS: 5}}, false)
	var got []int
	for i := range 20 {
		h.Frame(frame(door, i))
		h.Grid(grid(door, i))
		got = append(got, grids(v)...)
	}
	if len(got) < 9 || len(got) > 11 {
		t.Errorf("of 2 s came %v, want 10", got)
	}
}

func TestGridIsGoneWithTheWishThePauseAndTheViewer(t *testing.T) {
	for _, c := range []struct {
		name string
		end  func(*Hub, *Viewer) error
	}{
		{"another wish", func(_ *Hub, v *Viewer) error {
			return v.Watch(map[camera.ID]Want{door: {Pictures: true}}, false)
		}},
		{"no wish", func(_ *Hub, v *Viewer) error { return v.Watch(nil, false) }},
		{"a pause", func(h *Hub, _ *Viewer) error { h.Forget(door); return nil }},
		{"nobody", func(_ *Hub, v *Viewer) error { v.Close(); return nil }},
	} {
		h := NewHub()
		v := watching(t, h, map[camera.ID]Want{door: {Grids: true}}, false)
		h.Grid(grid(door, 1))
		if err := c.end(h, v); err != nil {
			t.Fatal(err)
		}
		if got := grids(v); len(got) != 0 || len(v.grids) != 0 {
			t.Errorf("%s: got %v, want none", c.name, got)
		}
	}
}

func TestGridAllocatesNothing(t *testing.T) {
	for name, want := range map[string]Want{"nobody asked": {Pictures: true}, "somebody asked": {Grids: true}} {
		h := NewHub()
		watching(t, h, map[camera.ID]Want{door: want}, false)
		g := grid(door, 0)
		show := func() {
			g.At = g.At.Add(100 * time.Millisecond)
			h.Grid(g)
		}
		show()
		if allocs := testing.AllocsPerRun(100, show); allocs != 0 {
			t.Errorf("%s: %v allocations a picture", name, allocs)
		}
	}
}
