package motion

import "time"

// Settings are what a person sets. The zero value is sensitivity 5, 0.2 %, 2 s and the whole picture.
type Settings struct {
	// Sensitivity goes from 1, only what is plain to see, to 10, the smallest change. 0 is 5.
	Sensitivity int
	// MinSize is how large a region must be to count, as a part of the picture, 0 to 1. 0 is
	// 0.002: ten cells, a person at 15 m.
	MinSize float64
	// Hold is how long a movement goes on after its last frame with motion. 0 is 2 s.
	Hold time.Duration
	// Zones, none for the whole picture.
	Zones []Zone
}

// begins is the time within which a second frame with motion makes a movement of the first.
const begins = 500 * time.Millisecond

// Judge decides by settings what of a change is motion. It needs no picture: handed the track of
// a day (DecodeChange) it says what a Detector with its settings would have said.
type Judge struct {
	settings      Settings
	width, height int
	need          []uint8
	seen          int // cells that are looked at
	minSize       int // in cells
	raster        raster
	cells         []uint64
	marked        bool // some of cells are set
	spans         []span
	areas         []area
	regions       []Region
	lastMotion    time.Time
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
	j.settings = s
	j.width, j.height = 0, 0 // the next step fits the zones to its grid
}

func clamp(v, low, high int) int { return max(low, min(high, v)) }

// fit makes room for a grid and lays the zones over it.
func (j *Judge) fit(width, height int) {
	j.width, j.height = width, height
	j.raster.fit(width, height)
	j.need = j.settings.need(j.need, width, height)
	j.seen = 0
	for _, n := range j.need {
		if n != unseen {
			j.seen++
		}
	}
	j.minSize = max(1, int(min(1, j.settings.MinSize)*float64(width*height)+0.5))
	j.cells = make([]uint64, (width*height+63)/64)
	// A row has at most a span for every second cell, and spans that touch make one area.
	most := (width + 1) / 2 * height
	j.spans, j.areas, j.regions = make([]span, 0, most), make([]area, 0, most), make([]Region, 0, most)
}

// Step judges the change of the next frame. See Result for what stands how long.
func (j *Judge) Step(c *Change, at time.Time) Result {
	if c.Width != j.width || c.Height != j.height {
		j.fit(c.Width, c.Height)
	}
	count := 0
	if !c.calm && j.raster.mark(c.Levels, j.need) && j.raster.despeckle() {
		count = j.measure()
	} else {
		j.regions = j.regions[:0]
		if j.marked {
			clear(j.cells)
		}
	}
	j.marked = count > 0
	r := Result{Motion: count > 0, Light: c.Light, Cells: j.cells, Regions: j.regions}
	if r.Motion {
		r.Score = uint16(max(1, 65535*int64(count)/int64(len(c.Levels))))
	}
	r.Active = j.hold(r.Motion, at)
	switch {
	case r.Motion:
		r.Kind = Movement
	case r.Light:
		r.Kind = Light
	}
	return r
}

// hold carries a movement over the frames without motion.
func (j *Judge) hold(motion bool, at time.Time) bool {
	since := at.Sub(j.lastMotion)
	switch {
	case motion:
		j.active = j.active && since <= j.settings.Hold || since <= begins && since >= 0
		j.lastMotion = at
	case since > j.settings.Hold:
		j.active = false
	}
	return j.active
}
