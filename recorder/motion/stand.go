package motion

import "math/bits"

// What has stopped is let go: it becomes background. Until then nobody can say whether it is a thing that
// stands or the hole that one has left; then their outlines tell. Around a thing the picture has edges
// where the background had none, around a hole it is the other way round. A thing that stands is no movement,
// and yet who waits at a door has not gone: the movement that it belongs to goes on, for standsFor.

const (
	// letGo is how long, in units of 20 ms, a changed cell that does not move any more stays changed; votes
	// when it tells of its outline, while those around it still know whether they have changed.
	letGo, votes = 800 / 20, 400 / 20
	// standsFor is how long, in ms, a thing that stands prolongs a movement: who has stood for so long
	// without a move, or was parked, is a part of the scene until it moves again.
	standsFor = 10_000
	// outlineFades is how long, in seconds, an outline counts.
	outlineFades = 1.0
	// someCells is how many cells of a tile must agree: one alone is grain.
	someCells = 2
)

// outline adds what a changed cell that stands still sees of an edge to each side.
func (s *scene) outline(t *tile, luma []byte, i int) {
	x, y := i%s.width, i/s.width
	if x > 0 {
		s.edge(t, luma, i, i-1)
	}
	if x < s.width-1 {
		s.edge(t, luma, i, i+1)
	}
	if y > 0 {
		s.edge(t, luma, i, i-s.width)
	}
	if y < s.height-1 {
		s.edge(t, luma, i, i+s.width)
	}
}

// edge adds how different two cells are now, and in the background, when the second has not changed.
func (s *scene) edge(t *tile, luma []byte, i, beside int) {
	if s.cells[beside].moved != 0 {
		return
	}
	t.edgeNow += absolute(int32(luma[i])-int32(luma[beside])) * one
	// One that has just been let go is a part of the same: what it showed before counts.
	back := int32(s.cells[beside].back) + int32(s.cells[beside].before)
	t.edgeBack += absolute(int32(s.cells[i].back) - back)
}

// stand finds the tiles in which a thing stands.
func (s *scene) stand(dt float64) {
	fade, ms := rate(dt, outlineFades), int32(dt*1000)
	for i := range s.tiles {
		t := &s.tiles[i]
		t.stood -= min(t.stood, t.again)
		t.stands = max(0, t.stands-ms)
		if t.stopped >= someCells && s.isThing(i) {
			t.stands = standsFor
			t.stood += t.stopped
		}
		if t.stood < someCells || t.moved*2 >= max(tileCells, t.stood) { // it has gone, or goes: who sways stays
			t.stands = 0
		}
		if t.stands == 0 {
			t.stood = 0
		}
		t.edgeNow -= t.edgeNow * fade >> 16
		t.edgeBack -= t.edgeBack * fade >> 16
		if t.stands > 0 {
			s.change.Stands[i>>6] |= 1 << (i & 63)
			s.change.stands = true
		}
	}
}

// isThing tells by the outline in a tile and the eight around it.
func (s *scene) isThing(i int) bool {
	now, back := int32(0), int32(0)
	for row := range s.around(i) {
		for k := range row {
			now, back = now+row[k].edgeNow, back+row[k].edgeBack
		}
	}
	return now > back
}

// tiles gives the numbers of the tiles in a set of them.
func tilesIn(set []uint64) func(func(int) bool) {
	return func(yield func(int) bool) {
		for w, word := range set {
			for ; word != 0; word &= word - 1 {
				if !yield(w*64 + bits.TrailingZeros64(word)) {
					return
				}
			}
		}
	}
}
