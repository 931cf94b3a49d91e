package storage

import (
	"fmt"
	"iter"
	"maps"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"v720dvr/camera"
)

// An archive is footage to plan for: rows, what is open, and the disk.
type archive struct {
	now   time.Time
	rows  []candidate // by place
	open  map[camera.ID]int64
	free  int64
	rules Rules
	own   map[camera.ID]CameraRules
	keeps []Keep
	shows map[camera.ID][]span // events, as they came: they overlap
}

var archiveStart = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// drawArchive draws what several cameras have recorded: segments of any length, also of none (thinned to one picture), that overlap
// where the clock was set back; keeps that overlap, and events that go over the ends of segments.
func drawArchive(t *rapid.T) *archive {
	return drawArchiveOf(t, rapid.Custom(func(t *rapid.T) time.Duration {
		return time.Duration(rapid.SampledFrom([]int{0, 1, 5, 5, 5, 30}).Draw(t, "length")) * time.Minute
	}))
}

func drawArchiveOf(t *rapid.T, lengths *rapid.Generator[time.Duration]) *archive {
	a := &archive{open: make(map[camera.ID]int64), own: make(map[camera.ID]CameraRules), shows: make(map[camera.ID][]span)}
	cameras := rapid.IntRange(1, 4).Draw(t, "cameras")
	sizes := rapid.Int64Range(1, 100)
	some := func() camera.ID { return camera.ID(fmt.Sprint("camera", rapid.IntRange(1, cameras).Draw(t, "camera"))) }
	for i := range rapid.IntRange(0, 40).Draw(t, "segments") {
		start := archiveStart.Add(time.Duration(rapid.IntRange(0, 200).Draw(t, "minute")) * time.Minute)
		a.rows = append(a.rows, candidate{
			place: place{start.UnixMicro(), int64(i + 1)}, path: fmt.Sprint(i),
			camera: some(),
			end:    start.Add(lengths.Draw(t, "length")), bytes: sizes.Draw(t, "bytes"),
		})
	}
	slices.SortFunc(a.rows, func(a, b candidate) int { return a.compare(b.place) })
	for range rapid.IntRange(0, 4).Draw(t, "keeps") {
		from := archiveStart.Add(time.Duration(rapid.IntRange(-10, 210).Draw(t, "from")) * time.Minute)
		a.keeps = append(a.keeps, Keep{
			Camera: some(),
			From:   from, To: from.Add(time.Duration(rapid.IntRange(1, 100).Draw(t, "minutes")) * time.Minute),
		})
	}
	for range rapid.IntRange(0, 8).Draw(t, "events") {
		id, from := some(), archiveStart.Add(time.Duration(rapid.IntRange(-10, 210).Draw(t, "begin"))*time.Minute).UnixMicro()
		a.shows[id] = append(a.shows[id], span{from, from + 1 + int64(rapid.IntRange(0, 20).Draw(t, "minutes"))*time.Minute.Microseconds()})
	}
	limits := rapid.Int64Range(0, 1000)
	for i := 1; i <= cameras; i++ {
		id := camera.ID(fmt.Sprint("camera", i))
		a.open[id] = rapid.Int64Range(0, 50).Draw(t, "open")
		a.own[id] = CameraRules{
			MaxAge:  time.Duration(rapid.IntRange(0, 300).Draw(t, "age")) * time.Minute,
			MaxSize: limits.Draw(t, "camera.max_size"),
			// As often as not there is none.
			EventAge: time.Duration(max(rapid.IntRange(-400, 400).Draw(t, "event_age"), 0)) * time.Minute,
			Before:   time.Duration(rapid.IntRange(0, 2).Draw(t, "before")) * time.Minute,
			After:    time.Duration(rapid.IntRange(0, 2).Draw(t, "after")) * time.Minute,
		}
	}
	a.rules = Rules{
		Twice: true, MaxSize: limits.Draw(t, "max_size"), MinFree: rapid.Int64Range(0, 500).Draw(t, "min_free"),
		Camera: func(id camera.ID) CameraRules { return a.own[id] },
	}
	a.free = rapid.Int64Range(0, 600).Draw(t, "free")
	a.now = archiveStart.Add(time.Duration(rapid.IntRange(0, 500).Draw(t, "now")) * time.Minute)
	return a
}

func (a *archive) stock() stock {
	list := func(rows []candidate) iter.Seq2[candidate, error] {
		return func(yield func(candidate, error) bool) {
			for _, c := range rows {
				if !yield(c, nil) {
					return
				}
			}
		}
	}
	have := stock{volume: "here", short: a.rules.MinFree - a.free, footage: size(a.rows), kept: keptBy(a.keeps), shown: a.shown(), all: list(a.rows)}
	have.of = func(id camera.ID) iter.Seq2[candidate, error] { return list(a.of(id)) }
	for _, id := range slices.Sorted(maps.Keys(a.own)) {
		rows := a.of(id)
		if len(rows) == 0 {
			continue
		}
		have.cameras = append(have.cameras, cameraStock{id: id, newest: rows[len(rows)-1], bytes: size(rows) + a.open[id]})
	}
	return have
}

func (a *archive) shown() shown {
	of := make(map[camera.ID][]span)
	for id, spans := range a.shows {
		of[id] = joined(slices.Clone(spans))
	}
	return shown{of: of}
}

// isSpared is the rule of event_age, once more and plainly.
func (a *archive) isSpared(c candidate) bool {
	return a.own[c.camera].EventAge > 0 && a.now.Sub(c.end) <= a.own[c.camera].EventAge && a.showsEvent(c)
}

func (a *archive) showsEvent(c candidate) bool {
	of := a.own[c.camera]
	end := c.end
	if end.UnixMicro() == c.start {
		end = end.Add(time.Microsecond)
	}
	return slices.ContainsFunc(a.shows[c.camera], func(e span) bool {
		begin, over := time.UnixMicro(e.from).Add(-of.Before), time.UnixMicro(e.to).Add(of.After)
		return begin.Before(end) && over.After(time.UnixMicro(c.start))
	})
}

func (a *archive) of(id camera.ID) []candidate {
	return slices.DeleteFunc(slices.Clone(a.rows), func(c candidate) bool { return c.camera != id })
}

func size(rows []candidate) (bytes int64) {
	for _, c := range rows {
		bytes += c.bytes
	}
	return bytes
}

// isKept is the rule of a keep, once more and plainly.
func (a *archive) isKept(c candidate) bool {
	return slices.ContainsFunc(a.keeps, func(k Keep) bool {
		start := time.UnixMicro(c.start)
		if c.end.Equal(start) { // a moment
			return k.Camera == c.camera && !k.From.After(start) && k.To.After(start)
		}
		return k.Camera == c.camera && k.From.Before(c.end) && k.To.After(start)
	})
}

// plan collects what is planned, by path, in its order.
func (a *archive) plan(t *rapid.T) (taken []Deletion) {
	taken, _ = a.planned(t)
	return taken
}

func (a *archive) planned(t *rapid.T) (taken []Deletion, choked []Choke) {
	p := newPlan(a.now, a.rules, a.stock())
	p.walk(func(d Deletion, err error) bool {
		if err != nil {
			t.Fatal(err)
		}
		if taken = append(taken, d); len(taken) > len(a.rows) {
			t.Fatalf("more is taken than there is: %v", taken)
		}
		return true
	})
	return taken, p.choked
}

func TestPlanTakesEachSegmentOnceAndTheOldestFirst(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := drawArchive(t)
		taken := a.plan(t)
		goes := make(map[string]bool)
		for _, d := range taken {
			if goes[d.Path] || !slices.ContainsFunc(a.rows, func(c candidate) bool {
				return c.path == d.Path && c.camera == d.Camera && c.bytes == d.Bytes && c.end.Equal(d.End) && c.start == d.Start.UnixMicro()
			}) {
				t.Fatalf("%+v is taken twice, or is none of %+v", d, a.rows)
			}
			goes[d.Path] = true
			if d.Volume != "here" || !d.Decided.Equal(a.now) {
				t.Fatalf("got %+v", d)
			}
		}
		// Of each camera it is the beginning of its list, but for what is kept.
		for id := range a.own {
			stays := make(map[bool]bool) // of what is spared, and of the rest
			for _, c := range a.of(id) {
				spared := a.isSpared(c)
				if goes[c.path] && stays[spared] {
					t.Fatalf("camera %s: %s goes, an older one stays", id, c.path)
				}
				stays[spared] = stays[spared] || !goes[c.path] && !a.isKept(c)
			}
		}
		a.takesEventsLast(t, taken)
	})
}

// takesEventsLast holds the order in which the box's rules took against what shows an event, and against age.
func (a *archive) takesEventsLast(t *rapid.T, taken []Deletion) {
	box := slices.DeleteFunc(slices.Clone(taken), func(d Deletion) bool {
		return d.Rule != RuleMaxSize && d.Rule != RuleMinFree
	})
	for i := 1; i < len(box); i++ {
		before, c := a.row(box[i-1].Path), a.row(box[i].Path)
		switch {
		case a.isNewest(c.path):
		case a.isNewest(before.path):
			t.Fatalf("%s goes behind %s, which is a camera's newest", c.path, before.path)
		case a.isSpared(before) && !a.isSpared(c):
			t.Fatalf("%s goes behind %s, which shows an event", c.path, before.path)
		case a.isSpared(before) == a.isSpared(c) && c.compare(before.place) < 0:
			t.Fatalf("%s goes behind %s, which is newer", c.path, before.path)
		}
	}
	for _, d := range taken {
		c := a.row(d.Path)
		if (d.Rule == RuleMaxAge || d.Rule == RuleEventAge) && a.isSpared(c) {
			t.Fatalf("%s goes by %s, and shows an event that is %v old of %v", d.Path, d.Rule, a.now.Sub(c.end), a.own[c.camera].EventAge)
		}
		if is := d.Rule == RuleEventAge; is && (!a.showsEvent(c) || a.own[c.camera].EventAge <= a.own[c.camera].MaxAge || a.now.Sub(c.end) <= a.own[c.camera].EventAge || a.now.Sub(c.end) <= a.own[c.camera].MaxAge) {
			t.Fatalf("%s goes by %s", d.Path, d.Rule)
		}
	}
}

func (a *archive) row(path string) candidate {
	return a.rows[slices.IndexFunc(a.rows, func(c candidate) bool { return c.path == path })]
}

func (a *archive) isNewest(path string) bool {
	for id := range a.own {
		if rows := a.of(id); len(rows) > 0 && rows[len(rows)-1].path == path {
			return true
		}
	}
	return false
}

// What stays is held against every rule, and what goes against the rule that took it.
func TestPlanMeetsTheRulesWhenItCanAndTakesNoSegmentMoreThanTheyAsk(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := drawArchive(t)
		taken, choked := a.planned(t)
		goes := make(map[string]Rule)
		freed := int64(0)
		for _, d := range taken {
			goes[d.Path] = d.Rule
			freed += d.Bytes
		}
		total, onlyNewest, mayGo := int64(0), true, false
		for id, rules := range a.own {
			rows := a.of(id)
			stays := slices.DeleteFunc(slices.Clone(rows), func(c candidate) bool { return goes[c.path] != "" })
			held := slices.DeleteFunc(slices.Clone(stays), func(c candidate) bool { return !a.isKept(c) })
			free := slices.DeleteFunc(slices.Clone(stays), a.isKept)
			mayGo = mayGo || len(free) > 0
			for _, c := range free {
				onlyNewest = onlyNewest && a.isNewest(c.path)
			}
			// Its own rules come first: they stop at the oldest that may stay, also where the box takes that one then.
			for _, c := range rows {
				if rule := goes[c.path]; rule != "" && rule != RuleMaxSize && rule != RuleMinFree || a.isKept(c) || a.isSpared(c) {
					continue
				}
				if rules.MaxAge > 0 && a.now.Sub(c.end) > rules.MaxAge {
					t.Fatalf("camera %s: %s stays with an age of %v, it may have %v", id, c.path, a.now.Sub(c.end), rules.MaxAge)
				}
				break
			}
			has := size(stays) + a.open[id]
			if len(rows) > 0 {
				total += has
			}
			if rules.MaxSize > 0 && has > rules.MaxSize && (len(free) > 1 || len(free) == 1 && !a.isNewest(free[0].path)) {
				t.Fatalf("camera %s keeps %d bytes, it may %d", id, has, rules.MaxSize)
			}
			// What the box's rules take comes behind the camera's own, so that counts as there.
			own := has
			for _, c := range rows {
				if rule := goes[c.path]; rule == RuleMaxSize || rule == RuleMinFree {
					own += c.bytes
				}
			}
			if want := rules.MaxSize > 0 && own > rules.MaxSize && own-size(held) <= rules.MaxSize; want != a.isChoked(choked, RuleCameraSize, id) {
				t.Fatalf("camera %s: got choked %+v with %d bytes, %d of them kept, of %d; want it told: %v", id, choked, own, size(held), rules.MaxSize, want)
			}
			for _, c := range rows {
				if goes[c.path] != "" && a.isKept(c) {
					t.Fatalf("camera %s: %s goes by %s, and it is kept", id, c.path, goes[c.path])
				}
				switch goes[c.path] {
				case RuleMaxAge, RuleEventAge:
					if a.now.Sub(c.end) <= rules.MaxAge {
						t.Fatalf("camera %s: %s goes with an age of %v, it may have %v", id, c.path, a.now.Sub(c.end), rules.MaxAge)
					}
				case RuleCameraSize:
					rest := a.open[id] // with all that went later, itself among it
					order := func(c candidate) int {
						return slices.IndexFunc(taken, func(d Deletion) bool { return d.Path == c.path })
					}
					for _, other := range rows {
						if goes[other.path] == "" || order(other) >= order(c) {
							rest += other.bytes
						}
					}
					if rest <= rules.MaxSize || a.isNewest(c.path) {
						t.Fatalf("camera %s: %s goes while %d bytes are there, it may have %d", id, c.path, rest, rules.MaxSize)
					}
				}
			}
		}
		if a.rules.MaxSize > 0 && total > a.rules.MaxSize && !onlyNewest {
			t.Fatalf("the box keeps %d bytes, it may %d", total, a.rules.MaxSize)
		}
		if a.rules.MinFree > 0 && a.free+freed < a.rules.MinFree && mayGo {
			t.Fatalf("%d bytes are free, %d are to be, and of %d segments %d go", a.free+freed, a.rules.MinFree, len(a.rows), len(taken))
		}
		held := size(slices.DeleteFunc(slices.Clone(a.rows), func(c candidate) bool { return !a.isKept(c) }))
		for rule, lacks := range map[Rule]int64{RuleMaxSize: total - a.rules.MaxSize, RuleMinFree: a.rules.MinFree - a.free - freed} {
			asked := rule == RuleMaxSize && a.rules.MaxSize > 0 || rule == RuleMinFree && a.rules.MinFree > 0
			if want := asked && lacks > 0 && lacks <= held; want != a.isChoked(choked, rule, "") {
				t.Fatalf("got choked %+v, want %s told: %v, it lacks %d and %d are kept", choked, rule, want, lacks, held)
			}
		}
		// Without the last that a rule of the box took, the rule was not met.
		for i, d := range taken {
			before := size64(taken[:i])
			switch d.Rule {
			case RuleMaxSize:
				if total+freed-before <= a.rules.MaxSize || a.isNewest(d.Path) {
					t.Fatalf("%s goes by max_size, which was met", d.Path)
				}
			case RuleMinFree:
				if a.free+before >= a.rules.MinFree {
					t.Fatalf("%s goes by min_free, which was met", d.Path)
				}
			}
		}
	})
}

func (a *archive) isChoked(choked []Choke, rule Rule, id camera.ID) bool {
	return slices.ContainsFunc(choked, func(c Choke) bool { return c.Rule == rule && c.Camera == id })
}

func size64(taken []Deletion) (bytes int64) {
	for _, d := range taken {
		bytes += d.Bytes
	}
	return bytes
}

func TestPlanTakesNothingWithoutRules(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := drawArchive(t)
		a.rules = Rules{}
		if taken := a.plan(t); len(taken) > 0 {
			t.Fatalf("got %+v", taken)
		}
	})
}

// At once means: by one walk of the planner. What the clock has brought since somebody asked last is left out by Due.
func TestPlanTakesNoMoreThanHalfWithoutBeingToldTwice(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := drawArchive(t)
		all, _ := a.planned(t)
		a.rules.Twice = false
		a.rules.Due = time.Duration(max(rapid.IntRange(-300, 300).Draw(t, "due"), 0)) * time.Minute
		p := newPlan(a.now, a.rules, a.stock())
		var taken []Deletion
		p.walk(func(d Deletion, err error) bool { taken = append(taken, d); return err == nil })
		bytes, largest, due, sized, came := int64(0), int64(0), int64(0), int64(0), int64(0)
		for _, d := range taken {
			of := a.own[d.Camera]
			limit := map[Rule]time.Duration{RuleMaxAge: of.MaxAge, RuleEventAge: of.EventAge}[d.Rule]
			switch {
			case d.Rule == RuleMinFree:
				largest = max(largest, d.Bytes)
			case p.withheld.Segments > 0:
				t.Fatalf("%+v goes, and %+v is withheld", d, p.withheld)
			case limit > 0 && a.now.Sub(d.End)-limit <= a.rules.Due:
				due += d.Bytes
			case d.Rule == RuleMaxSize || d.Rule == RuleCameraSize:
				sized += d.Bytes
			}
			bytes += d.Bytes
		}
		for _, c := range a.rows {
			if a.rules.Due > 0 && c.end.After(a.now.Add(-a.rules.Due-time.Minute)) && !c.end.After(a.now) {
				came += c.bytes
			}
		}
		if told := bytes - due - min(sized, came); told > size(a.rows)/2 && told != largest {
			t.Fatalf("%d of %d bytes go at once, %d of them by time and %d by what came", bytes, size(a.rows), due, min(sized, came))
		}
		if p.withheld.Segments == 0 && !p.capped && !slices.Equal(taken, all) {
			t.Fatalf("got %+v, said twice it is %+v", taken, all)
		}
		byRules := slices.DeleteFunc(slices.Clone(all), func(d Deletion) bool { return d.Rule == RuleMinFree })
		if a.rules.Due == 0 && size64(byRules) > size(a.rows)/2 != (p.withheld.Segments > 0) {
			t.Fatalf("%d of %d bytes would go by ages and sizes, withheld are %+v", size64(byRules), size(a.rows), p.withheld)
		}
		if p.withheld.Segments > 0 && p.withheld.Bytes != size64(byRules) && a.rules.MinFree == 0 {
			t.Fatalf("withheld are %+v, of %d bytes", p.withheld, size64(byRules))
		}
	})
}
