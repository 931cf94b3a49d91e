package storage

import (
	"cmp"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// A moment of these worlds is 5 s, in µs.
const moment = 5_000_000

// drawWorld draws all that could be known of a camera through 60 moments, in every disorder.
func drawWorld(t *rapid.T) (w facts) {
	at := rapid.Int64Range(0, 60)
	between := func(name string) stretch {
		a, b := at.Draw(t, name+" from"), at.Draw(t, name+" to")
		return stretch{min(a, b) * moment, (max(a, b) + 1) * moment}
	}
	reason := rapid.SampledFrom([]string{GapSilent, GapOffline, GapClock, GapPaused})
	few := func(name string, most int, draw func(name string)) {
		for range rapid.IntRange(0, most).Draw(t, name+"s") {
			draw(name)
		}
	}
	w.now, w.first, w.last = 60*moment, never, never
	begins := func(from int64) {
		w.first = min(w.first, from)
		if from <= w.now && (w.last == never || from > w.last) {
			w.last = from
		}
	}
	told := func(name string) claim {
		s := between(name)
		return claim{s.from, s.to, isTold, reason.Draw(t, "reason")}
	}
	few("segment", 4, func(name string) {
		s := covered{stretch: between(name), frames: rapid.Int64Range(0, 9).Draw(t, "frames")}
		few("inside", 2, func(name string) { s.inside = append(s.inside, told(name)) })
		w.told = append(w.told, s.inside...)
		w.segments = append(w.segments, s)
		begins(s.from)
	})
	few("gap", 4, func(name string) { w.told = append(w.told, told(name)) })
	few("deleted", 2, func(name string) {
		w.deleted = append(w.deleted, removal{between(name), GapDeleted})
		begins(w.deleted[len(w.deleted)-1].from)
	})
	few("day", 2, func(name string) {
		w.deletedDays = append(w.deletedDays, removal{between(name), GapDeleted})
		begins(w.deletedDays[len(w.deletedDays)-1].from)
	})
	few("run", 4, func(name string) {
		s := between(name)
		w.runs = append(w.runs, runSpan{run: [16]byte{rapid.ByteRange(0, 2).Draw(t, "id")}, begun: fromMicro(s.from), alive: fromMicro(s.to - moment)})
	})
	w.running = rapid.Bool().Draw(t, "running")
	few("pending", 1, func(name string) {
		c := told(name)
		c.rank = isPending
		w.pending = append(w.pending, c)
		w.first = min(w.first, c.from)
	})
	few("unfinished", 1, func(name string) { w.unfinished = append(w.unfinished, between(name)) })
	return w
}

// around are the facts that are gathered for a span of the world.
func (w facts) around(from, to int64) facts {
	f := w
	touches := func(s stretch) bool { return s.to > from && s.from < to }
	f.segments, f.told, f.deleted, f.deletedDays = nil, nil, nil, nil
	f.nextSegment, f.nextDeleted = never, removal{stretch{never, never}, GapDeleted}
	for _, s := range w.segments {
		if s.from >= to {
			f.nextSegment = min(f.nextSegment, s.from)
		}
		if touches(s.stretch) {
			f.segments = append(f.segments, s)
		}
	}
	for _, g := range w.told {
		if touches(stretch{g.from, g.to}) {
			f.told = append(f.told, g)
		}
	}
	for _, d := range w.deleted {
		if d.from >= to {
			f.nextDeleted.from = min(f.nextDeleted.from, d.from)
		}
		if touches(d.stretch) {
			f.deleted = append(f.deleted, d)
		}
	}
	for _, d := range w.deletedDays {
		if d.from >= to {
			f.nextDeleted.from = min(f.nextDeleted.from, d.from)
		}
		if touches(d.stretch) {
			f.deletedDays = append(f.deletedDays, d)
		}
	}
	return f
}

func (s stretch) has(at int64) bool { return s.from <= at && at < s.to }
func (c claim) has(at int64) bool   { return stretch{c.from, c.to}.has(at) }

// reason says about one moment what cover must say about it, in the words of the documentation.
func (w facts) reason(at int64) string {
	for _, s := range w.segments {
		if s.has(at) && !slices.ContainsFunc(s.inside, func(g claim) bool { return g.has(at) }) {
			return ""
		}
	}
	if slices.ContainsFunc(w.deleted, func(d removal) bool { return d.has(at) }) {
		return GapDeleted
	}
	var best *claim
	for i, g := range w.told {
		if g.reason != GapClock && g.has(at) && (best == nil ||
			cmp.Or(cmp.Compare(g.to-g.from, best.to-best.from), cmp.Compare(g.from, best.from), cmp.Compare(g.reason, best.reason)) < 0) {
			best = &w.told[i]
		}
	}
	if best != nil {
		return best.reason
	}
	if why := w.hole(at); why != "" {
		return why
	}
	if slices.ContainsFunc(w.told, func(g claim) bool { return g.reason == GapClock && g.has(at) }) {
		return GapClock
	}
	for _, p := range w.pending {
		if p.has(at) {
			return p.reason
		}
	}
	if at < w.first {
		return GapOffline
	}
	if slices.ContainsFunc(w.deletedDays, func(d removal) bool { return d.has(at) }) || w.deletedNext(at) {
		return GapDeleted
	}
	if slices.ContainsFunc(w.unfinished, func(u stretch) bool { return u.has(at) }) {
		return GapUnfinished
	}
	var end int64 = longAgo // of the runs
	for _, r := range w.runs {
		end = max(end, r.alive.UnixMicro())
	}
	for near := at - edgeBehind.Microseconds(); near <= at+edgeBefore.Microseconds(); near += moment {
		if w.hole(near) == GapRestarted && !(near > at && near >= end && w.running) {
			return GapRestarted
		}
	}
	if w.last <= at && at < w.now {
		return GapOffline
	}
	return GapUnknown
}

// hole says why v720dvr did not run then; "" when it did.
func (w facts) hole(at int64) string {
	runs := slices.Clone(w.runs)
	slices.SortStableFunc(runs, func(a, b runSpan) int { return a.begun.Compare(b.begun) })
	var before, behind *runSpan
	for i, r := range runs {
		switch from, to := r.begun.UnixMicro(), r.alive.UnixMicro(); {
		case from <= at && at < to:
			return ""
		case to <= at && (before == nil || r.alive.After(before.alive)):
			before = &runs[i]
		case from > at && behind == nil:
			behind = &runs[i]
		}
	}
	if before != nil && behind != nil && before.run == behind.run && before.run != [16]byte{} {
		return GapClock
	}
	return GapRestarted
}

// deletedNext tells whether what begins next was deleted.
func (w facts) deletedNext(at int64) bool {
	segment, deleted := int64(never), int64(never)
	for _, s := range w.segments {
		if s.from > at {
			segment = min(segment, s.from)
		}
	}
	for _, d := range append(slices.Clip(w.deleted), w.deletedDays...) {
		if d.from > at {
			deleted = min(deleted, d.from)
		}
	}
	return deleted < segment
}

func TestEveryMomentIsRecordedOrInOneGapWithItsReason(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := drawWorld(t)
		from := rapid.Int64Range(-5, 64).Draw(t, "from") * moment
		to := from + rapid.Int64Range(1, 70).Draw(t, "length")*moment
		c := cover(from, to, w.around(from, to))

		missing := time.Duration(0)
		reached := fromMicro(from)
		for i, g := range c.Gaps {
			if g.From.Before(reached) || !g.From.Before(g.To) || g.Reason == "" {
				t.Fatalf("gap %d of %+v is empty, or not in order", i, c.Gaps)
			}
			if i > 0 && g.From.Equal(reached) && g.Reason == c.Gaps[i-1].Reason {
				t.Fatalf("gap %d of %+v goes on with the one before", i, c.Gaps)
			}
			reached = g.To
			missing += g.To.Sub(g.From)
		}
		length := time.Duration(to-from) * time.Microsecond
		if reached.After(fromMicro(to)) || c.Recorded+missing != length || c.Share != float64(c.Recorded)/float64(length) {
			t.Fatalf("got %v recorded, a share of %v, and %v missing, of %v", c.Recorded, c.Share, missing, length)
		}
		for at := from; at < to; at += moment {
			got := ""
			for _, g := range c.Gaps {
				if !fromMicro(at).Before(g.From) && fromMicro(at).Before(g.To) {
					got = g.Reason
				}
			}
			if want := w.reason(at); got != want {
				t.Fatalf("moment %d: got %q, want %q", at/moment, got, want)
			}
		}

		cut := from + rapid.Int64Range(0, (to-from)/moment).Draw(t, "cut")*moment
		if cut == from || cut == to {
			return
		}
		a, b := cover(from, cut, w.around(from, cut)), cover(cut, to, w.around(cut, to))
		if a.Recorded+b.Recorded != c.Recorded {
			t.Fatalf("cut at moment %d: %v and %v, together it was %v", cut/moment, a.Recorded, b.Recorded, c.Recorded)
		}
	})
}

// Between two segments less than two seconds may be missing without anybody telling of it; more is unknown.
func TestSeamOfTwoSegmentsIsRecordedUnlessSomebodyTells(t *testing.T) {
	for name, c := range map[string]struct {
		apart int64
		told  string
		want  string
	}{
		"less than a picture": {900_000, "", ""},
		"more":                {2_100_000, "", GapUnknown},
		"told":                {900_000, GapDisk, GapDisk},
	} {
		f := facts{
			segments: []covered{{stretch: stretch{0, moment}}, {stretch: stretch{moment + c.apart, 3 * moment}}},
			first:    0, last: moment + c.apart, now: 3 * moment, nextSegment: never, nextDeleted: removal{stretch: stretch{never, never}},
			runs: []runSpan{{run: [16]byte{1}, begun: fromMicro(-100 * moment), alive: fromMicro(100 * moment)}},
		}
		if c.told != "" {
			f.told = []claim{{moment, moment + c.apart, isTold, c.told}}
		}
		covered := cover(0, 3*moment, f)
		got := ""
		if len(covered.Gaps) > 0 {
			got = covered.Gaps[0].Reason
		}
		if len(covered.Gaps) > 1 || got != c.want {
			t.Errorf("%s: got gaps %v, want %q", name, covered.Gaps, c.want)
		}
	}
}
