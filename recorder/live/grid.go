package live

import (
	"slices"
	"time"

	"v720dvr/camera"
)

// Grid is what was seen to move in a picture. Parts of the picture go from 0 to 65535, which is all of it.
type Grid struct {
	Camera camera.ID
	At     time.Time // capture time of the picture
	// Score is the part that moves, Largest that of the largest thing, and Needed what a thing must
	// have to be motion.
	Score, Largest, Needed uint16
	Motion                 bool // something moves in this picture
	Active                 bool // a movement goes on
	Light                  bool // the light of the whole picture changes
	// Track is how much each cell changed, as the journal keeps it (motion.Change.AppendTrack); empty where nothing
	// did. It is shared and not changed any more.
	Track []byte
}

// Grid takes what was seen in a picture, in capture order for each camera. Of a viewer that has not taken the one
// before, the newer one takes its place.
func (h *Hub) Grid(g Grid) {
	h.mu.Lock()
	defer h.mu.Unlock()
	feed := h.feeds[g.Camera]
	if feed == nil {
		return
	}
	for _, w := range feed.watches {
		if w.want.Grids && w.gridPace.due(g.At) {
			w.viewer.showGrid(w, g)
		}
	}
}

// showGrid has a grid sent when it is its turn. It needs no ack: it is a hundredth of a picture, and one of each
// camera waits at most.
func (v *Viewer) showGrid(w *watch, g Grid) {
	w.grid = g
	if w.gridWaits {
		v.stats.ThinnedGrids++
		return
	}
	w.gridWaits = true
	v.grids = append(v.grids, w)
	v.wake()
}

// forgetGrid takes the grid away that waits, if one does.
func (v *Viewer) forgetGrid(w *watch) {
	if w.gridWaits {
		w.gridWaits = false
		v.grids = slices.DeleteFunc(v.grids, func(other *watch) bool { return other == w })
	}
	w.grid = Grid{}
}
