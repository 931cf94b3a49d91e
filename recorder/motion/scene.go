package motion

import (
	"bytes"
	"time"
)

// What the model of a scene is built on. Each is a fact of light, lenses, leaves or people, and
// none belongs to one picture; TestDetectorOnFootage prints what a change of them costs.
const (
	// one is a level of brightness in the model's fixed point.
	one, oneBits = 1 << oneBits, 7

	// contrast, in levels, is the least difference between a thing and what stands behind it
	// that is looked for: 4 of 255 is what an eye can tell at all. The grain of a cell's
	// mean stays well below it.
	contrast = 4.0
	// spread is how many mean deviations of a cell its noise is believed to reach: leaves and
	// grain have longer tails than a normal curve, which would be there at four.
	spread = 5.0
	// shake is how far, in cells, a picture may move as a whole (wind at the camera, a door, the
	// coder's own rounding): half a pixel.
	shake = 0.0625

	// backTime is how fast the background follows what is no movement, in seconds: slower than
	// any movement, faster than shadows of the sun.
	backTime = 4.0
	// noiseUp and noiseDown are how fast a cell's noise is learned and forgotten, in seconds: a gust
	// is believed within a few, and leaves between gusts are still leaves.
	noiseUp, noiseDown = 3.0, 40.0
	// noiseBusy is noiseUp where something moves now: what goes on in one place for a quarter of a
	// minute is scenery (a flag, a fan, water), what walks through has left before.
	noiseBusy = 15.0
	// learning is how long, in seconds, a new scene is learned fast, and with thresholds that
	// start at twice their height.
	learning = 3.0

	// moves is the part of its threshold by which a changed cell must change to be moving.
	moves = 0.6
	// lingers is how long, in seconds, changed cells near a movement belong to it.
	lingers = 1.0
	// stale is the time between two frames, in seconds, that can hold anything: what differs
	// behind it has moved, but nothing is seen moving.
	stale = 1.0
	// upheaval is the part of the cells that no thing changes from one frame to the next: the
	// scene is another one (infrared, a cover, a hand that turned the camera).
	upheaval = 0.5

	// turns: a learned scene has every turns-th row learn with each frame, so many times as fast.
	turns = 8
	// startNoise, in levels, is a cell's noise until it is known.
	startNoise = 1.5
)

// cell is what is known of one cell. Brightness and differences are in levels × one.
type cell struct {
	back      int16 // the background
	before    int16 // the background before this one, less this one; 0 when there is none
	noise     int16 // mean deviation from the background while nothing moves
	threshold int16 // how far the noise here and around explains a difference
	moved     int16 // of a changed cell: its difference when it last moved; 0 else
	still     uint8 // of a changed cell: how long it has not moved since, in 20 ms
}

// scene is the model of what a camera sees when nothing moves, on a grid of cells.
type scene struct {
	width, height int // in cells
	cells         []cell
	low, high     []byte // between them a cell's luma is what it always is; 255 and 0: to be looked at
	then          []byte // the luma that the light of each tile is compared with
	across, down  int    // tiles
	tiles         []tile
	sums          []uint64 // of a row of tiles
	factors       []int32  // room for a median
	grouped       []int    // tiles of the group that soften looks at
	frames        int
	last          time.Time
	age           float64 // seconds of frames
	shift         float64 // change of light lately, levels
	changed       int     // cells in the last frame
	change        Change
	raster        raster  // to tidy it with
	some          []uint8 // a one for each cell: the least level
}

// begin makes a new scene of its first frame.
func (s *scene) begin(l Luma) {
	*s = scene{width: l.Width, height: l.Height, change: s.change}
	s.cells = make([]cell, l.Width*l.Height)
	s.then, s.low, s.high = make([]byte, len(s.cells)), make([]byte, len(s.cells)), make([]byte, len(s.cells))
	s.makeTiles()
	s.factors, s.grouped = make([]int32, 0, len(s.tiles)), make([]int, 0, len(s.tiles))
	s.change.reset(l.Width, l.Height)
	s.raster.fit(l.Width, l.Height)
	s.some = bytes.Repeat([]byte{1}, len(s.cells))
	s.sum(l.Pix)
	for i := range s.tiles {
		s.remember(&s.tiles[i], l.Pix)
	}
	for i := range s.cells {
		s.cells[i] = cell{back: int16(l.Pix[i]) * one, noise: startNoise * one}
	}
	for y := range s.height {
		s.thresholds(y)
	}
}

// step takes a frame and leaves in s.change what has changed in it.
func (s *scene) step(l Luma, at time.Time) {
	gap := at.Sub(s.last).Seconds()
	s.last = at
	if s.width != l.Width || s.height != l.Height || len(s.cells) == 0 {
		s.begin(l)
		return
	}
	s.change.reset(s.width, s.height)
	// A clock that stands still or goes back is no reason to learn nothing.
	dt := min(max(gap, 0.001), stale)
	s.age += dt
	s.frames++
	s.light(l.Pix, dt)
	s.change.Light = s.shift > lightJump || s.shift < -lightJump
	was := s.changed
	s.changed = 0
	s.compare(l.Pix, dt)
	if float64(s.changed-was) > upheaval*float64(len(s.cells)) {
		s.upheave(l.Pix)
	} else {
		s.soften(l.Pix)
		s.stand(dt)
		s.keepLively(dt, gap < stale)
		if !s.change.calm {
			s.change.tidy(&s.raster, s.some)
		}
	}
}

// upheave takes the frame for the new background. What was learned of noise stays: it is the
// same place.
func (s *scene) upheave(luma []byte) {
	for i := range s.cells {
		c := &s.cells[i]
		c.back, c.before, c.moved, c.still = int16(luma[i])*one, 0, 0, 0
	}
	for i := range s.tiles {
		s.tiles[i].stands, s.tiles[i].stood = 0, 0
		s.remember(&s.tiles[i], luma)
	}
	s.bound(0, len(s.cells))
	clear(s.change.Levels)
	s.changed = 0
	s.change.Light = true
}

// keepLively clears the change where nothing has moved of late: what stands there is a difference
// that will be background soon. seen tells that the frame before is near enough to show movement.
func (s *scene) keepLively(dt float64, seen bool) {
	for i := range s.tiles {
		t := &s.tiles[i]
		if t.moved >= someCells && seen {
			t.active = lingers * 1000
		} else {
			t.active = max(0, t.active-int32(dt*1000))
		}
	}
	if s.change.calm {
		return
	}
	for i := range s.tiles {
		if s.tiles[i].levelled && !s.lively(i) {
			s.tiles[i].rows(s.width, func(from, to int) { clear(s.change.Levels[from:to]) })
		}
	}
}

// lively tells whether something has moved lately in a tile or one of the eight around it.
func (s *scene) lively(i int) bool {
	for row := range s.around(i) {
		for k := range row {
			if row[k].active > 0 {
				return true
			}
		}
	}
	return false
}
