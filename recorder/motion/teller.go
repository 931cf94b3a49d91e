package motion

import "time"

// lightHold is how long the light must be steady again for a change of it to be over: lamps and exposure
// settle within.
const lightHold = 2 * time.Second

// tellEvery is how often an event that goes on is told of, at least.
const tellEvery = time.Second

// Teller makes events of judgements. Hand it those of every frame of one camera in their order. It has no
// settings: what a movement is, and how long it is held, the Judge has decided.
type Teller struct {
	movement, light telling
	first           Event // of the frame with motion that may turn out to be the first of a movement
	news            []News
}

// telling is an event that may go on.
type telling struct {
	event Event
	open  bool
	told  time.Time
}

// Step takes the judgement on a frame, on a grid of so many cells, and tells what is new. detail is how much
// of the picture a part of it is (Luma.Detail); nil where no picture was looked at: then the largest is the best.
// What it returns stands until the next step.
func (t *Teller) Step(r Result, width, height int, at time.Time, detail func(Region) int) []News {
	t.news = t.news[:0]
	if r.Unseen {
		return t.news
	}
	t.stepMovement(&r, width, height, at, detail)
	t.stepLight(&r, width, height, at)
	return t.news
}

// Stop ends what goes on, since no frame follows.
func (t *Teller) Stop() []News {
	t.news = t.news[:0]
	t.end(&t.movement)
	t.end(&t.light)
	return t.news
}

func (t *Teller) stepMovement(r *Result, width, height int, at time.Time, detail func(Region) int) {
	m := &t.movement
	if m.open && (!r.Active || !m.event.Start.Equal(r.Began)) { // or the one began while nobody looked
		t.end(m)
	}
	switch {
	case r.Active && !m.open:
		m.event = Event{Kind: Movement, Start: r.Began, End: r.Began, PeakAt: r.Began, Best: at, Width: width, Height: height}
		if t.first.Start.Equal(r.Began) && t.first.Width == width && t.first.Height == height {
			m.event = t.first
			m.event.weight = 0 // its picture has gone: nobody knew that it would be wanted
		}
		m.event.seen(r, at, detail)
		t.begin(m, at)
		return
	case r.Motion && !r.Active:
		t.first = Event{Kind: Movement, Start: at, Width: width, Height: height}
		t.first.seen(r, at, detail)
	}
	if !m.open {
		return
	}
	best := m.event.Best
	if r.Motion {
		m.event.seen(r, at, detail)
	} else if r.Stands {
		m.event.End = at
	}
	t.goOn(m, at, m.event.Best != best)
}

// seen adds a frame with motion.
func (e *Event) seen(r *Result, at time.Time, detail func(Region) int) {
	e.End = at
	if !r.Motion {
		return
	}
	e.Frames++
	e.Zones |= r.Zones
	if r.Score > e.Peak {
		e.Peak, e.PeakAt = r.Score, at
	}
	var largest Region
	for _, region := range r.Regions {
		e.Box = e.Box.with(region)
		if region.Cells > largest.Cells {
			largest = region
		}
	}
	weight := largest.Cells
	if detail != nil {
		// What lies in the box of it and is no part of it counts for nothing.
		weight = detail(largest) * largest.Cells / max(1, largest.Width*largest.Height)
	}
	if weight > e.weight {
		e.weight, e.Best, e.BestBox = weight, at, largest
	}
}

// with is the smallest box around two, and their cells together.
func (r Region) with(other Region) Region {
	if r.Width == 0 {
		return other
	}
	left, top := min(r.X, other.X), min(r.Y, other.Y)
	right, bottom := max(r.X+r.Width, other.X+other.Width), max(r.Y+r.Height, other.Y+other.Height)
	return Region{left, top, right - left, bottom - top, max(r.Cells, other.Cells)}
}

func (t *Teller) stepLight(r *Result, width, height int, at time.Time) {
	l := &t.light
	switch {
	case r.Light && !l.open:
		l.event = Event{Kind: Light, Start: at, End: at, PeakAt: at, Best: at, Frames: 1, Width: width, Height: height}
		l.event.Box = Region{Width: width, Height: height, Cells: width * height}
		l.event.BestBox = l.event.Box
		t.begin(l, at)
	case r.Light:
		l.event.End, l.event.Best = at, at
		l.event.Frames++
		t.goOn(l, at, true)
	case l.open && (at.Sub(l.event.End) > lightHold || at.Before(l.event.End)):
		t.end(l)
	}
}

func (t *Teller) begin(g *telling, at time.Time) {
	g.open, g.told = true, at
	t.news = append(t.news, News{Begins, &g.event})
}

func (t *Teller) goOn(g *telling, at time.Time, better bool) {
	if better || at.Sub(g.told) >= tellEvery || at.Before(g.told) {
		g.told = at
		t.news = append(t.news, News{Goes, &g.event})
	}
}

func (t *Teller) end(g *telling) {
	if g.open {
		g.open = false
		t.news = append(t.news, News{Ends, &g.event})
	}
}
