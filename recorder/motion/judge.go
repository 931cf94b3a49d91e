package motion

import "time"

// Settings are what a person sets. The zero value is sensitivity 5, 0.2 %, 2 s and the whole picture.
type Settings struct {
	// Sensitivity goes from 1, only what is plain to see, to 10, the smallest change. 0 is 5.
	Sensitivity int
	// MinSize is how large a region must be to count, as a part of the picture, 0 to 1. 0 is
	// 0.002: ten cells, a person at 15 m.
	MinSize float64
	// Hold is how long a movement goes on after its last frame with motion: one that stops for a shorter
	// time is still the same. 0 is 2 s, less than 0 is none.
	Hold time.Duration
	// Zones, none for the whole picture. Those beyond MostZones are left out.
	Zones []Zone
}

// begins is the time within which a second frame with motion makes a movement of the first.
const begins = 500 * time.Millisecond

// Judge decides by settings what of a change is motion. It needs no picture: handed the track of
// a day (DecodeTrack) it says what a Detector with its settings would have said.
type Judge struct {
	settings      Settings
	width, height int
	need          []uint8
	minSize       int        // in cells
	within        [][]uint64 // of each zone the cells that count, a bit each
	looked        []uint64   // tiles in which some cell is looked at
	raster        raster
	cells         []uint64
	marked        bool // some of cells are set
	spans         []span
	areas         []area
	regions       []Region
	lastMotion    time.Time
	lastSeen      time.Time // the same, or when what had moved still stood there
	began         time.Time // of the movement that goes on
	active        bool
}

// NewJudge makes a judge. Values beyond their range are taken for the nearest in it.
func NewJudge(s Settings) *Judge {
	j := new(Judge)
	j.Set(s)
	return j
}

// Set changes the settings from the next step on; a movement that goes on, goes on.
func (j *Judge) Set(s Settings) {
	if s.Sensitivity == 0 {
		s.Sensitivity = 5
	}
	s.Sensitivity = clamp(s.Sensitivity, 1, 10)
	if s.MinSize <= 0 {
		s.MinSize = 0.002
	}
	if s.Hold == 0 {
		s.Hold = 2 * time.Second
	}
	s.Zones = s.Zones[:min(len(s.Zones), MostZones)]
	j.settings = s
	j.width, j.height = 0, 0 // the next step fits the zones to its grid
}

func clamp(v, low, high int) int { return max(low, min(high, v)) }

// fit makes room for a grid and lays the zones over it.
func (j *Judge) fit(width, height int) {
	j.width, j.height = width, height
	j.raster.fit(width, height)
	j.need = j.settings.need(j.need, width, height)
	j.within = j.settings.within(j.need, width, height)
	across, down := tilesOf(width), tilesOf(height)
	j.looked = make([]uint64, (across*down+63)/64)
	for i, need := range j.need {
		if need != unseen {
			tile := min(i/width/tileCells, down-1)*across + min(i%width/tileCells, across-1)
			j.looked[tile>>6] |= 1 << (tile & 63)
		}
	}
	j.minSize = max(1, int(min(1, j.settings.MinSize)*float64(width*height)+0.5))
	j.cells = make([]uint64, (width*height+63)/64)
	// A row has at most a span for every second cell, and an area at least one. Few frames come near: there they grow.
	some := (width + 1) / 2 * height / 8
	j.spans, j.areas, j.regions = make([]span, 0, some), make([]area, 0, some/2), make([]Region, 0, 16)
}

// Step judges the change of the next frame. See Result for what stands how long.
func (j *Judge) Step(c *Change, at time.Time) Result {
	if c.Unseen {
		return Result{Unseen: true, Active: j.active, Began: j.begun()}
	}
	if c.Width != j.width || c.Height != j.height {
		j.fit(c.Width, c.Height)
	}
	count, largest := 0, 0
	if !c.calm && j.raster.mark(c.Levels, j.need, c.extent()) && j.raster.despeckle() {
		count, largest = j.measure()
	} else {
		j.regions = j.regions[:0]
		if j.marked {
			clear(j.cells)
		}
	}
	j.marked = count > 0
	r := Result{Motion: count > 0, Largest: largest, Needed: j.minSize, Light: c.Light, Cells: j.cells, Regions: j.regions}
	if r.Motion {
		r.Score = uint16(max(1, 65535*int64(count)/int64(len(c.Levels))))
		for i, zone := range j.within {
			if meet(zone, j.cells) {
				r.Zones |= 1 << i
			}
		}
	}
	r.Stands = c.stands && meet(c.Stands, j.looked)
	j.hold(r.Motion, r.Stands, at)
	r.Active, r.Began = j.active, j.begun()
	switch {
	case r.Motion:
		r.Kind = Movement
	case r.Light:
		r.Kind = Light
	}
	return r
}

// meet tells whether two sets share anything.
func meet(a, b []uint64) bool {
	for i := range min(len(a), len(b)) {
		if a[i]&b[i] != 0 {
			return true
		}
	}
	return false
}

func (j *Judge) begun() time.Time {
	if !j.active {
		return time.Time{}
	}
	return j.began
}

// hold carries a movement over the frames without motion.
func (j *Judge) hold(motion, stands bool, at time.Time) {
	if at.Before(j.lastMotion) || at.Before(j.lastSeen) { // the clock was set back
		j.lastMotion, j.lastSeen = time.Time{}, at
	}
	if at.Sub(j.lastSeen) > j.settings.Hold {
		j.active = false
	}
	switch {
	case motion:
		if !j.active && at.Sub(j.lastMotion) <= begins {
			j.active, j.began = true, j.lastMotion
		}
		j.lastMotion, j.lastSeen = at, at
	case stands && j.active:
		j.lastSeen = at
	}
}

// stop ends a movement.
func (j *Judge) stop() { j.active, j.lastMotion = false, time.Time{} }
