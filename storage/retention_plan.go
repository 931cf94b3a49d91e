package storage

import (
	"cmp"
	"iter"
	"slices"
	"time"

	"v720dvr/camera"
)

// A candidate is a committed segment as the planner sees it.
type candidate struct {
	place
	camera camera.ID
	path   string
	end    time.Time
	bytes  int64
}

// A place is where a segment stands among all: by start, then in the order of commits.
type place struct {
	start int64 // µs since 1970
	id    int64
}

func (p place) compare(q place) int {
	return cmp.Or(cmp.Compare(p.start, q.start), cmp.Compare(p.id, q.id))
}

// A stock is what there is to take from.
type stock struct {
	volume  string
	cameras []cameraStock
	short   int64 // bytes that MinFree lacks; 0 or less when it lacks none
	// of lists a camera's segments, all those of every camera, by their place.
	of  func(camera.ID) iter.Seq2[candidate, error]
	all iter.Seq2[candidate, error]
}

type cameraStock struct {
	id     camera.ID
	newest candidate // its last segment
	bytes  int64     // of its segments, the open one among them; 0 when no rule asks for it
}

// A plan decides what goes. It is a pure function of time, rules and stock: each camera's own rules
// first, then those of the whole box; by each the oldest first. What goes of a camera is always
// the beginning of its list, so it is remembered by one place.
//
// A camera's newest segment goes by age, since who says 30 days may have to mean it. Sizes leave it
// alone: to keep nothing of a camera is never what they are for. For free space it goes when there
// is nothing else, since what is happening now counts more.
type plan struct {
	now   time.Time
	rules Rules
	stock
	total int64               // bytes of all that stays
	taken map[camera.ID]place // up to here a camera's segments go
	yield func(Deletion, error) bool
}

func newPlan(now time.Time, rules Rules, of stock) *plan {
	p := &plan{now: now, rules: rules, stock: of, taken: make(map[camera.ID]place)}
	for _, c := range of.cameras {
		p.total += c.bytes
	}
	return p
}

// walk yields the deletions until yield refuses one. A deletion that was yielded counts as done.
func (p *plan) walk(yield func(Deletion, error) bool) {
	p.yield = yield
	for _, c := range p.cameras {
		if !p.byCamera(c) {
			return
		}
	}
	if p.byBox() {
		p.lastResort()
	}
}

func (p *plan) byCamera(c cameraStock) (goOn bool) {
	rules := p.rules.camera(c.id)
	if rules == (CameraRules{}) {
		return true
	}
	for segment, err := range p.of(c.id) {
		if err != nil {
			p.yield(Deletion{}, err)
			return false
		}
		var rule Rule
		switch {
		case rules.MaxAge > 0 && p.now.Sub(segment.end) > rules.MaxAge:
			rule = RuleMaxAge
		case rules.MaxSize > 0 && c.bytes > rules.MaxSize && segment.place != c.newest.place:
			rule = RuleCameraSize
		default:
			return true
		}
		c.bytes -= segment.bytes
		if !p.take(segment, rule) {
			return false
		}
	}
	return true
}

func (p *plan) byBox() (goOn bool) {
	newest := make(map[camera.ID]place, len(p.cameras))
	for _, c := range p.cameras {
		newest[c.id] = c.newest.place
	}
	if p.wanted() == "" {
		return true
	}
	for segment, err := range p.all {
		if err != nil {
			p.yield(Deletion{}, err)
			return false
		}
		if segment.place == newest[segment.camera] || p.isTaken(segment) {
			continue
		}
		if !p.take(segment, p.wanted()) {
			return false
		}
		if p.wanted() == "" {
			break
		}
	}
	return true
}

// wanted is the box's rule that is not met, "" when all are.
func (p *plan) wanted() Rule {
	switch {
	case p.rules.MaxSize > 0 && p.total > p.rules.MaxSize:
		return RuleMaxSize
	case p.short > 0:
		return RuleMinFree
	}
	return ""
}

// lastResort takes the cameras' newest segments when the disk would be full otherwise.
func (p *plan) lastResort() {
	var last []candidate
	for _, c := range p.cameras {
		if !p.isTaken(c.newest) {
			last = append(last, c.newest)
		}
	}
	slices.SortFunc(last, func(a, b candidate) int { return a.compare(b.place) })
	for _, segment := range last {
		if p.short <= 0 || !p.take(segment, RuleMinFree) {
			return
		}
	}
}

func (p *plan) isTaken(segment candidate) bool {
	up, ok := p.taken[segment.camera]
	return ok && segment.compare(up) <= 0
}

func (p *plan) take(segment candidate, rule Rule) (goOn bool) {
	p.taken[segment.camera] = segment.place
	p.total -= segment.bytes
	p.short -= segment.bytes
	return p.yield(Deletion{
		Camera: segment.camera, Volume: p.volume, Path: segment.path,
		Start: time.UnixMicro(segment.start).UTC(), End: segment.end, Bytes: segment.bytes,
		Rule: rule, Decided: p.now,
	}, nil)
}
