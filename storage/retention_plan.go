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
	kept    Kept  // what no rule takes
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
//
// What is kept is passed by, and counts as there: a size that keeps alone exceed takes all the rest, and
// the plan says that it was choked.
type plan struct {
	now   time.Time
	rules Rules
	stock
	total int64               // bytes of all that stays
	taken map[camera.ID]place // up to here a camera's segments go, but for those that are kept
	yield func(Deletion, error) bool

	taking func(candidate) // told of each that goes; nil: nobody is
	choked []Choke
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
	held, goOn := p.byBox()
	if !goOn || !p.lastResort() {
		return
	}
	if p.rules.MaxSize > 0 {
		p.choke(Choke{RuleMaxSize, "", p.total - p.rules.MaxSize, held})
	}
	p.choke(Choke{RuleMinFree, "", p.short, held})
}

// choke notes a rule that lacks something which it would not lack without keeps.
func (p *plan) choke(c Choke) {
	if c.Lacks > 0 && c.Lacks <= c.Held {
		p.choked = append(p.choked, c)
	}
}

func (p *plan) byCamera(c cameraStock) (goOn bool) {
	rules := p.rules.camera(c.id)
	if rules == (CameraRules{}) {
		return true
	}
	held := int64(0) // of what was passed by: of all, when the size is not met in the end
	for segment, err := range p.of(c.id) {
		if err != nil {
			p.yield(Deletion{}, err)
			return false
		}
		if p.kept.segment(segment) {
			held += segment.bytes
			continue
		}
		rule := p.ownRule(rules, c, segment)
		if rule == "" {
			break
		}
		c.bytes -= segment.bytes
		if !p.take(segment, rule) {
			return false
		}
	}
	if rules.MaxSize > 0 {
		p.choke(Choke{RuleCameraSize, c.id, c.bytes - rules.MaxSize, held})
	}
	return true
}

// ownRule is the camera's rule that takes a segment when all before it are gone, "" when none does.
func (p *plan) ownRule(rules CameraRules, c cameraStock, segment candidate) Rule {
	switch {
	case rules.MaxAge > 0 && p.now.Sub(segment.end) > rules.MaxAge:
		return RuleMaxAge
	case rules.MaxSize > 0 && c.bytes > rules.MaxSize && segment.place != c.newest.place:
		return RuleCameraSize
	}
	return ""
}

// byBox tells how many bytes are kept, when it has come to the end and a rule is not met.
func (p *plan) byBox() (held int64, goOn bool) {
	newest := make(map[camera.ID]place, len(p.cameras))
	for _, c := range p.cameras {
		newest[c.id] = c.newest.place
	}
	if p.wanted() == "" {
		return 0, true
	}
	for segment, err := range p.all {
		if err != nil {
			p.yield(Deletion{}, err)
			return 0, false
		}
		if p.kept.segment(segment) {
			held += segment.bytes
			continue
		}
		if segment.place == newest[segment.camera] || p.isTaken(segment) {
			continue
		}
		if !p.take(segment, p.wanted()) {
			return 0, false
		}
		if p.wanted() == "" {
			break
		}
	}
	return held, true
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
func (p *plan) lastResort() (goOn bool) {
	var last []candidate
	for _, c := range p.cameras {
		if !p.isTaken(c.newest) && !p.kept.segment(c.newest) {
			last = append(last, c.newest)
		}
	}
	slices.SortFunc(last, func(a, b candidate) int { return a.compare(b.place) })
	for _, segment := range last {
		if p.short <= 0 {
			break
		}
		if !p.take(segment, RuleMinFree) {
			return false
		}
	}
	return true
}

func (p *plan) isTaken(segment candidate) bool {
	up, ok := p.taken[segment.camera]
	return ok && segment.compare(up) <= 0
}

func (p *plan) take(segment candidate, rule Rule) (goOn bool) {
	p.taken[segment.camera] = segment.place
	if p.taking != nil {
		p.taking(segment)
	}
	p.total -= segment.bytes
	p.short -= segment.bytes
	return p.yield(Deletion{
		Camera: segment.camera, Volume: p.volume, Path: segment.path,
		Start: time.UnixMicro(segment.start).UTC(), End: segment.end, Bytes: segment.bytes,
		Rule: rule, Decided: p.now,
	}, nil)
}
