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
	number int32 // in an Inventory
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
	short   int64                // bytes that MinFree lacks; 0 or less when it lacks none
	footage int64                // bytes of all that is committed
	kept    Kept                 // what no rule takes
	waits   func(candidate) bool // what ages and sizes do not take; nil: they take all
	shown   shown                // the events that are seen in it
	// of lists a camera's segments, all those of every camera, by their place.
	of  func(camera.ID) iter.Seq2[candidate, error]
	all iter.Seq2[candidate, error]
}

type cameraStock struct {
	id     camera.ID
	newest candidate // its last segment
	bytes  int64     // of its segments, the open one among them
}

// A plan decides what goes. It is a pure function of time, rules and stock: each camera's own rules
// first, then those of the whole box; by each the oldest first, and what shows an event that is younger than
// EventAge behind all else. So what goes of a camera is always the beginning of two lists, and remembered by two places.
//
// A camera's newest segment goes by age, since who says 30 days may have to mean it. Sizes leave it
// alone: to keep nothing of a camera is never what they are for. For free space it goes when there
// is nothing else, since what is happening now counts more.
//
// What is kept is passed by, and counts as there: a size that keeps alone exceed takes all the rest, and
// the plan says that it was choked.
//
// Ages and sizes take more than half of all footage only when Rules.Twice is said, and else nothing. Free space takes
// half of it at most at a time, or one segment: the next look finds out whether that helped.
type plan struct {
	now   time.Time
	rules Rules
	stock
	total int64 // bytes of all that stays
	freed int64
	own   map[camera.ID]*lot
	yield func(Deletion, error) bool

	taking   func(candidate) // told of each that goes; nil: nobody is
	choked   []Choke
	withheld Tally
	capped   bool // free space lacks more than may go at once
}

// A lot is a plan's part of one camera.
type lot struct {
	CameraRules
	newest place
	taken  [3]place // up to here its segments go, but for those that are kept: those of each list
	begun  [3]bool  // there is such a place
}

// The lists of a camera.
const (
	plain    = iota
	eventful // with a young event
	waiting  // to be archived: only free space takes them, behind all others
)

func newPlan(now time.Time, rules Rules, of stock) *plan {
	p := &plan{now: now, rules: rules, stock: of, own: make(map[camera.ID]*lot, len(of.cameras))}
	for _, c := range of.cameras {
		p.total += c.bytes
		p.own[c.id] = &lot{CameraRules: rules.camera(c.id), newest: c.newest.place}
	}
	return p
}

// walk yields the deletions until yield refuses one. A deletion that was yielded counts as done.
func (p *plan) walk(yield func(Deletion, error) bool) {
	p.yield = yield
	if !p.rules.Twice {
		most, err := p.most()
		if err != nil {
			p.yield(Deletion{}, err)
			return
		}
		if p.withheld = most; most.Segments > 0 {
			p.onlyFreeSpace()
		}
	}
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

// most is what ages and sizes take, when that is more than half of all that is there; else nothing.
func (p *plan) most() (goes Tally, err error) {
	if !p.asksForAgesOrSizes() {
		return Tally{}, nil
	}
	rules := p.rules
	rules.MinFree, rules.Twice = 0, true
	trial := newPlan(p.now, rules, p.stock)
	trial.short = 0
	due, bySize := int64(0), int64(0) // what nobody need be told of
	trial.walk(func(d Deletion, failed error) bool {
		if err = failed; err != nil {
			return false
		}
		goes.add(d.Start, d.End, d.Bytes)
		switch {
		case d.Rule == RuleMaxAge && p.now.Sub(d.End)-p.own[d.Camera].MaxAge <= p.rules.Due,
			d.Rule == RuleEventAge && p.now.Sub(d.End)-p.own[d.Camera].EventAge <= p.rules.Due:
			due += d.Bytes
		case d.Rule == RuleCameraSize || d.Rule == RuleMaxSize:
			bySize += d.Bytes
		}
		return true
	})
	if err != nil || goes.Bytes-due <= p.footage/2 {
		return Tally{}, err
	}
	came, err := p.came()
	if err != nil || goes.Bytes-due-min(bySize, came) <= p.footage/2 {
		return Tally{}, err
	}
	return goes, nil
}

// lacks is what MinFree still lacks though everything went that may.
func (p *plan) lacks() int64 {
	if p.capped {
		return 0
	}
	return max(p.short, 0)
}

func (p *plan) asksForAgesOrSizes() bool {
	asks := p.rules.MaxSize > 0
	for _, of := range p.own {
		asks = asks || of.MaxAge > 0 || of.MaxSize > 0
	}
	return asks
}

// lateBy is how long behind its end a segment is entered at most, or it counts as footage from before.
const lateBy = time.Minute

// came are the bytes that were entered since somebody asked last: also what had begun before, and was open then.
func (p *plan) came() (bytes int64, err error) {
	if p.rules.Due <= 0 {
		return 0, nil
	}
	since := p.now.Add(-p.rules.Due - lateBy)
	for segment, err := range p.all {
		if err != nil {
			return 0, err
		}
		if segment.end.After(since) && !segment.end.After(p.now) {
			bytes += segment.bytes
		}
	}
	return bytes, nil
}

// onlyFreeSpace takes all rules away but MinFree. Which events are spared stays.
func (p *plan) onlyFreeSpace() {
	p.rules.MaxSize = 0
	for _, of := range p.own {
		of.MaxAge, of.MaxSize = 0, 0
	}
}

// choke notes a rule that lacks something which it would not lack without keeps.
func (p *plan) choke(c Choke) {
	if c.Lacks > 0 && c.Lacks <= c.Held {
		p.choked = append(p.choked, c)
	}
}

// list tells in which of the lists a segment stands.
func (p *plan) list(of *lot, segment candidate) int {
	if p.waits != nil && p.waits(segment) {
		return waiting
	}
	if of.EventAge > 0 && p.now.Sub(segment.end) <= of.EventAge && p.shown.has(segment, of.Before, of.After) {
		return eventful
	}
	return plain
}

func (p *plan) byCamera(c cameraStock) (goOn bool) {
	of := p.own[c.id]
	if of.MaxAge == 0 && of.MaxSize == 0 {
		return true
	}
	held := int64(0) // of what was passed by: of all, when the size is not met in the end
	for list := plain; list <= eventful; list++ {
		if list == eventful && (of.EventAge == 0 || of.MaxSize == 0 || c.bytes <= of.MaxSize) {
			break // no age takes what shows a young event
		}
		held = 0
		for segment, err := range p.of(c.id) {
			if err != nil {
				p.yield(Deletion{}, err)
				return false
			}
			if p.kept.segment(segment) {
				held += segment.bytes
				continue
			}
			if p.list(of, segment) != list {
				continue
			}
			rule := p.ownRule(of, c.bytes, segment, list)
			if rule == "" {
				break
			}
			c.bytes -= segment.bytes
			if !p.take(of, segment, list, rule) {
				return false
			}
		}
	}
	if of.MaxSize > 0 {
		p.choke(Choke{RuleCameraSize, c.id, c.bytes - of.MaxSize, held})
	}
	return true
}

// ownRule is the camera's rule that takes a segment when all before it in its list are gone, "" when none does.
func (p *plan) ownRule(of *lot, bytes int64, segment candidate, list int) Rule {
	switch {
	case list == plain && of.MaxAge > 0 && p.now.Sub(segment.end) > of.MaxAge:
		if of.EventAge > of.MaxAge && p.shown.has(segment, of.Before, of.After) {
			return RuleEventAge
		}
		return RuleMaxAge
	case of.MaxSize > 0 && bytes > of.MaxSize && segment.place != of.newest:
		return RuleCameraSize
	}
	return ""
}

// byBox tells how many bytes are kept, when it has come to the end and a rule is not met.
func (p *plan) byBox() (held int64, goOn bool) {
	for list := plain; list <= waiting && p.wanted() != ""; list++ {
		if list == waiting && (p.waits == nil || p.short <= 0) {
			break
		}
		held = 0
		for segment, err := range p.all {
			if err != nil {
				p.yield(Deletion{}, err)
				return 0, false
			}
			if p.kept.segment(segment) {
				held += segment.bytes
				continue
			}
			of := p.own[segment.camera]
			if of == nil || segment.place == of.newest || p.list(of, segment) != list || of.isTaken(segment, list) {
				continue // or it came while this was planned
			}
			rule := p.wanted()
			if list == waiting {
				rule = RuleUnarchived
			}
			if !p.takeForBox(of, segment, list, rule) {
				return 0, false
			}
			if p.wanted() == "" || list == waiting && p.short <= 0 {
				break
			}
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

// takeForBox takes a segment by a rule of the whole box.
func (p *plan) takeForBox(of *lot, segment candidate, list int, rule Rule) (goOn bool) {
	if (rule == RuleMinFree || rule == RuleUnarchived) && !p.rules.Twice && p.freed > 0 && p.freed+segment.bytes > p.footage/2 {
		p.capped = true
		return false
	}
	return p.take(of, segment, list, rule)
}

// lastResort takes the cameras' newest segments when the disk would be full otherwise.
func (p *plan) lastResort() (goOn bool) {
	if p.short <= 0 {
		return true
	}
	var last []candidate
	for _, c := range p.cameras {
		of := p.own[c.id]
		if !p.kept.segment(c.newest) && !of.isTaken(c.newest, p.list(of, c.newest)) {
			last = append(last, c.newest)
		}
	}
	slices.SortFunc(last, func(a, b candidate) int { return a.compare(b.place) })
	for _, segment := range last {
		of := p.own[segment.camera]
		if p.short <= 0 {
			break
		}
		list, rule := p.list(of, segment), RuleMinFree
		if list == waiting {
			rule = RuleUnarchived
		}
		if !p.takeForBox(of, segment, list, rule) {
			return false
		}
	}
	return true
}

func (of *lot) isTaken(segment candidate, list int) bool {
	return of.begun[list] && segment.compare(of.taken[list]) <= 0
}

func (p *plan) take(of *lot, segment candidate, list int, rule Rule) (goOn bool) {
	of.taken[list], of.begun[list] = segment.place, true
	if p.taking != nil {
		p.taking(segment)
	}
	p.total -= segment.bytes
	p.short -= segment.bytes
	p.freed += segment.bytes
	return p.yield(Deletion{
		Camera: segment.camera, Volume: p.volume, Path: segment.path,
		Start: time.UnixMicro(segment.start).UTC(), End: segment.end, Bytes: segment.bytes,
		Rule: rule, Decided: p.now,
	}, nil)
}
