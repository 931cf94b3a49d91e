package storage

import (
	"context"
	"fmt"
	"iter"
	"time"

	"v720dvr/camera"
)

// Rules say what is kept of the recordings. The zero value keeps everything.
type Rules struct {
	MaxSize int64 // bytes of all segments, open ones among them; 0 is no limit
	MinFree int64 // bytes that stay free on the volume; 0 is no limit
	// Twice says that more than half of all footage may go at once. Without it ages and sizes take nothing
	// when they would: the clock may be wrong, or somebody has written 3d where 30d was meant.
	Twice bool
	// Due is for how long nobody has asked, by a clock that is not set. What has become too old in that time, and
	// as much as has come in it, goes without being said twice.
	Due time.Duration
	// Camera returns what holds for one camera alone; nil is nothing. It is asked for every camera
	// that has segments, also for those of long ago.
	Camera func(camera.ID) CameraRules
}

// CameraRules hold for one camera.
type CameraRules struct {
	MaxAge  time.Duration // since the segment's end; 0 is for ever
	MaxSize int64         // bytes of the camera's segments, the open one among them; 0 is no limit
	// EventAge is how long segments that show an event outlive the others: ages leave them alone for so long, and
	// sizes take everything else first. 0 makes no difference, and neither does one below MaxAge to ages.
	EventAge time.Duration
	// Before and After are the rolls of an event: what is shown so long before and behind it is its footage.
	Before, After time.Duration
}

// forRoom leaves ages and sizes out.
func (r Rules) forRoom() Rules {
	return Rules{MinFree: r.MinFree, Twice: r.Twice, Camera: func(id camera.ID) CameraRules {
		of := r.camera(id)
		of.MaxAge, of.MaxSize = 0, 0
		return of
	}}
}

func (r Rules) camera(id camera.ID) CameraRules {
	if r.Camera == nil {
		return CameraRules{}
	}
	return r.Camera(id)
}

// Rule names why a segment is deleted: the key of the configuration. The texts stand in
// state.sqlite: they never change.
type Rule string

// The rules, in the order in which they are asked.
const (
	RuleMaxAge     Rule = "max_age"
	RuleEventAge   Rule = "event_age" // of what shows an event, and was too old for max_age before
	RuleCameraSize Rule = "camera.max_size"
	RuleMaxSize    Rule = "max_size"
	RuleMinFree    Rule = "min_free"
	RuleUnarchived Rule = "min_free.unarchived" // before it was archived, though that was to be waited for: the disk was full
)

// RuleHand is none of the configuration's: a person deleted it (Erase).
const RuleHand Rule = "hand"

// RuleOutside is none either: somebody took the file away, past v720dvr.
const RuleOutside Rule = "outside"

// gap is the reason of what a rule took, in coverage.
func (r Rule) gap() string {
	if r == RuleHand || r == RuleOutside {
		return GapErased
	}
	return GapDeleted
}

// Deletion is a segment that a rule takes, or a person.
type Deletion struct {
	Camera     camera.ID
	Volume     string
	Path       string // below recordings, with slashes
	Start, End time.Time
	Bytes      int64
	Rule       Rule
	Who        string // with RuleHand, as AuditEntry.Who; "" for what a rule took
	Decided    time.Time
	Done       time.Time  // when its file was gone for good; zero before
	place      chainPlace // until then
}

// Sweep is what one pass of retention did.
type Sweep struct {
	Segments int          // deleted
	Bytes    int64        // given back; nothing for files that somebody had removed before
	ByRule   map[Rule]int // segments by the rule that took them
	// Short is what MinFree still lacks though everything was taken that may be: open segments,
	// and what is not ours, fill the disk. In bytes; 0 when nothing lacks.
	Short int64
	// Withheld is what ages and sizes would have taken, when that is more than half of all and Rules.Twice was not
	// said. Then they took nothing.
	Withheld Tally
	// Choked are rules of size that are not met since keeps hold what they would have taken.
	Choked []Choke
}

// Add counts another pass to this one.
func (s *Sweep) Add(other Sweep) {
	s.Segments += other.Segments
	s.Bytes += other.Bytes
	for rule, n := range other.ByRule {
		if s.ByRule == nil {
			s.ByRule = make(map[Rule]int)
		}
		s.ByRule[rule] += n
	}
}

// Choke is a rule that is not met since keeps hold what it would have taken.
type Choke struct {
	Rule   Rule
	Camera camera.ID // whose own rule it is; "" for one of the whole box
	Lacks  int64     // bytes to the rule
	Held   int64     // bytes that keeps hold of what it is about
}

// Plan lists what Sweep would delete now, in its order, and deletes nothing.
func (s *Store) Plan(ctx context.Context, rules Rules) iter.Seq2[Deletion, error] {
	return func(yield func(Deletion, error) bool) {
		stock, err := s.stock(ctx, rules)
		if err != nil {
			yield(Deletion{}, fmt.Errorf("plan retention: %w", err))
			return
		}
		newPlan(s.now(), rules, stock).walk(yield)
	}
}

// Sweep deletes what the rules do not keep: the oldest first, never an open segment, never one that a
// Keep in force overlaps, never a file that has no row, and nothing at all when the volume that was opened is not there
// (ErrWrongVolume). It goes on where an earlier one was broken off. With the last segment of a day
// its events go too. One sweep runs at a time.
//
// The free space is measured once, at the beginning: what is deleted counts as free from then on,
// since some file systems give it back seconds later.
func (s *Store) Sweep(ctx context.Context, rules Rules) (Sweep, error) {
	s.sweeping.Lock()
	defer s.sweeping.Unlock()
	swept, err := s.sweep(ctx, rules, false)
	if err == nil {
		err = s.sweepDays(ctx, rules)
	}
	if err == nil {
		err = s.foldDeletions(ctx)
	}
	if err == nil {
		err = s.foldChains(ctx)
	}
	if err != nil {
		return swept, fmt.Errorf("sweep recordings: %w", err)
	}
	return swept, nil
}

// MakeRoom is a Sweep by MinFree alone, quick when there is nothing to do. The other rules say what goes last: events that are
// younger than EventAge. When the disk has
// refused to take something for want of room, whatever it says is free, at least one segment goes.
func (s *Store) MakeRoom(ctx context.Context, rules Rules, refused bool) (Sweep, error) {
	s.sweeping.Lock()
	defer s.sweeping.Unlock()
	swept, err := s.sweep(ctx, rules.forRoom(), refused)
	if err != nil {
		return swept, fmt.Errorf("make room: %w", err)
	}
	return swept, nil
}

// sweep deletes in batches what a plan yields; sweeping is held.
func (s *Store) sweep(ctx context.Context, rules Rules, refused bool) (swept Sweep, err error) {
	swept.ByRule = make(map[Rule]int)
	if err := s.onVolume(); err != nil {
		return swept, err
	}
	if err := s.resumeDeletions(ctx); err != nil {
		return swept, err
	}
	stock, err := s.stock(ctx, rules)
	if err != nil {
		return swept, err
	}
	if refused {
		stock.short = max(stock.short, 1)
	}
	p := newPlan(s.now(), rules, stock)
	batch := make([]Deletion, 0, deletionBatch)
	flush := func() error {
		err := s.deleteBatch(ctx, batch, &swept)
		batch = batch[:0]
		return err
	}
	p.walk(func(d Deletion, failed error) bool {
		if err = failed; err == nil {
			if batch = append(batch, d); len(batch) == deletionBatch {
				err = flush()
			}
		}
		return err == nil
	})
	if err == nil && len(batch) > 0 {
		err = flush()
	}
	if err == nil {
		swept.Short, swept.Choked, swept.Withheld = p.lacks(), p.choked, p.withheld
	}
	return swept, err
}

// Space tells how large the recordings' volume is and what is free of it. On a disk of this
// machine it takes microseconds.
func (s *Store) Space() (Space, error) { return s.disk.Space(s.recordings) }

// Oldest tells since when there is footage that the rules alone decide about: what keeps hold may be much older, and says nothing of how
// far back one can look. Where all is kept it is the first of that; the zero time when there is none.
func (s *Store) Oldest(ctx context.Context) (time.Time, error) {
	kept, err := s.Kept(ctx, s.now())
	if err != nil {
		return time.Time{}, err
	}
	var first time.Time
	for c, err := range s.candidates(ctx, `volume = ?`, s.volume.ID) {
		if err != nil {
			return time.Time{}, fmt.Errorf("find the oldest segment: %w", err)
		}
		start := time.UnixMicro(c.start).UTC()
		if !kept.segment(c) {
			return start, nil
		}
		if first.IsZero() {
			first = start
		}
	}
	return first, nil
}

// Refused holds a token when the disk has refused a part of a segment for want of room since the
// last time, so that who waits for it can make room. It is for one reader.
func (s *Store) Refused() <-chan struct{} { return s.refused }

// noteRefusal gives Refused its token.
func (s *Store) noteRefusal(err error) {
	if !isFull(err) {
		return
	}
	select {
	case s.refused <- struct{}{}:
	default:
	}
}
