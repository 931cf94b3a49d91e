package storage

import (
	"context"
	"fmt"
	"time"

	"v720dvr/camera"
	"v720dvr/storage/avi"
)

// Coverage is how much of a span of a camera's time was recorded. Every moment of it is either in a
// segment, and in no gap inside that, or in exactly one of the gaps.
type Coverage struct {
	From, To time.Time     // UTC, cut to a microsecond
	Recorded time.Duration // what two segments hold, since the clock was set back, counts once
	Share    float64       // of it, from 0 to 1
	// Of the segments that have a part in the span, also of their other parts. Frames are in the files, Repaired
	// ones among them; Lost ones are not; Missing counts packages that never came.
	Frames, Repaired, Lost, Missing int64
	Gaps                            []avi.Gap // in order; none touches another of the same reason
}

// Coverage tells what was recorded of a camera in [from, to), and why the rest was not: the reason is
// one of the Gap constants. Where several are known of one moment, footage counts first, then what
// retention deleted, what segments tell, when v720dvr did not run, and what is noted. The time behind
// the last moment at which v720dvr is known to have run counts as one when it did not; so of a running
// one, ask that (Store.Coverage).
func (v *View) Coverage(ctx context.Context, id camera.ID, from, to time.Time) (Coverage, error) {
	return v.coverage(ctx, id, from, to, present{})
}

// Coverage is View.Coverage of the running recorder: it knows the segments that are open, which count as
// recorded up to now, and ends at now.
func (s *Store) Coverage(ctx context.Context, id camera.ID, from, to time.Time) (Coverage, error) {
	now := s.present(id)
	if now.running && to.After(now.at) {
		to = now.at
	}
	return s.coverage(ctx, id, from, to, now)
}

// present is what a running recorder knows beyond its databases; of none it is zero.
type present struct {
	running bool
	at      time.Time
	run     [16]byte
	open    []openSegment
}

type openSegment struct {
	path   string // that it is to have
	spec   SegmentSpec
	inside []avi.Gap
}

func (s *Store) present(id camera.ID) (now present) {
	at, running := s.wall()
	now.at, now.running, now.run = utcMicros(at), running, s.run
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, segment := range s.openSegments() {
		if path, err := s.intentOf(segment.Path()); err == nil && segment.spec.Camera == id && segment.spec.source == "" {
			now.open = append(now.open, openSegment{path, segment.spec, segment.insideSoFar()})
		}
	}
	return now
}

func (v *View) coverage(ctx context.Context, id camera.ID, from, to time.Time, now present) (Coverage, error) {
	if !from.Before(to) {
		return Coverage{}, fmt.Errorf("coverage of camera %s: from %v to %v there is nothing", id, from, to)
	}
	g := gathering{view: v, camera: id, from: from.UnixMicro(), to: to.UnixMicro(), present: now}
	if err := g.gather(ctx); err != nil {
		return Coverage{}, fmt.Errorf("coverage of camera %s: %w", id, err)
	}
	return cover(g.from, g.to, g.facts), nil
}
