package storage

import (
	"fmt"
	"iter"
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
}

var archiveStart = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

func drawArchive(t *rapid.T) *archive {
	a := &archive{open: make(map[camera.ID]int64), own: make(map[camera.ID]CameraRules)}
	cameras := rapid.IntRange(1, 4).Draw(t, "cameras")
	sizes := rapid.Int64Range(1, 100)
	for i := range rapid.IntRange(0, 40).Draw(t, "segments") {
		start := archiveStart.Add(time.Duration(rapid.IntRange(0, 200).Draw(t, "minute")) * time.Minute)
		a.rows = append(a.rows, candidate{
			place: place{start.UnixMicro(), int64(i + 1)}, path: fmt.Sprint(i),
			camera: camera.ID(fmt.Sprint("camera", rapid.IntRange(1, cameras).Draw(t, "camera"))),
			end:    start.Add(5 * time.Minute), bytes: sizes.Draw(t, "bytes"),
		})
	}
	slices.SortFunc(a.rows, func(a, b candidate) int { return a.compare(b.place) })
	for range rapid.IntRange(0, 4).Draw(t, "keeps") {
		from := archiveStart.Add(time.Duration(rapid.IntRange(-10, 210).Draw(t, "from")) * time.Minute)
		a.keeps = append(a.keeps, Keep{
			Camera: camera.ID(fmt.Sprint("camera", rapid.IntRange(1, cameras).Draw(t, "camera"))),
			From:   from, To: from.Add(time.Duration(rapid.IntRange(1, 100).Draw(t, "minutes")) * time.Minute),
		})
	}
	limits := rapid.Int64Range(0, 1000)
	for i := 1; i <= cameras; i++ {
		id := camera.ID(fmt.Sprint("camera", i))
		a.open[id] = rapid.Int64Range(0, 50).Draw(t, "open")
		a.own[id] = CameraRules{
			MaxAge:  time.Duration(rapid.IntRange(0, 300).Draw(t, "age")) * time.Minute,
			MaxSize: limits.Draw(t, "camera.max_size"),
		}
	}
	a.rules = Rules{
		MaxSize: limits.Draw(t, "max_size"), MinFree: rapid.Int64Range(0, 500).Draw(t, "min_free"),
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
	have := stock{volume: "here", short: a.rules.MinFree - a.free, kept: keptBy(a.keeps), all: list(a.rows)}
	have.of = func(id camera.ID) iter.Seq2[candidate, error] { return list(a.of(id)) }
	for id := range a.own {
		rows := a.of(id)
		if len(rows) == 0 {
			continue
		}
		have.cameras = append(have.cameras, cameraStock{id: id, newest: rows[len(rows)-1], bytes: size(rows) + a.open[id]})
	}
	return have
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
		return k.Camera == c.camera && k.From.Before(c.end) && k.To.After(time.UnixMicro(c.start))
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
			stays := false
			for _, c := range a.of(id) {
				if goes[c.path] && stays {
					t.Fatalf("camera %s: %s goes, an older one stays", id, c.path)
				}
				stays = stays || !goes[c.path] && !a.isKept(c)
			}
		}
		// Among those that the box's rules took, in the order in which they were taken.
		box := slices.DeleteFunc(slices.Clone(taken), func(d Deletion) bool { return d.Rule == RuleMaxAge || d.Rule == RuleCameraSize })
		for i := 1; i < len(box); i++ {
			if box[i].Start.Before(box[i-1].Start) && !a.isNewest(box[i].Path) {
				t.Fatalf("%s goes behind %s, which is newer", box[i].Path, box[i-1].Path)
			}
		}
	})
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
				if c == free[0] && rules.MaxAge > 0 && a.now.Sub(c.end) > rules.MaxAge {
					t.Fatalf("camera %s: %s stays with an age of %v, it may have %v", id, c.path, a.now.Sub(c.end), rules.MaxAge)
				}
				onlyNewest = onlyNewest && a.isNewest(c.path)
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
				case RuleMaxAge:
					if a.now.Sub(c.end) <= rules.MaxAge {
						t.Fatalf("camera %s: %s goes with an age of %v, it may have %v", id, c.path, a.now.Sub(c.end), rules.MaxAge)
					}
				case RuleCameraSize:
					// The box's rules come later, so all that they took was still there.
					rest := a.open[id]
					for _, other := range rows {
						if r := goes[other.path]; r == "" || r == RuleMaxSize || r == RuleMinFree || other.compare(c.place) >= 0 {
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
