package recorder

import (
	"encoding/json"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"v720dvr/camera"
)

// noon is where the times of these tests begin.
var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

func after(d time.Duration) time.Time { return noon.Add(d) }

// A stage plays pictures and triggers to a planner, and holds what it says to hold, as a deck does.
type stage struct {
	planner
	held  []time.Time
	files [][]time.Time // of motion mode; what the other modes record is in none
	told  []episode     // that were over
	ends  bool          // the file that was written last has ended
}

func newStage(preroll, postroll time.Duration) *stage {
	return &stage{planner: planner{mode: onMotion, preroll: preroll, postroll: postroll}, ends: true}
}

func (s *stage) show(at time.Time) {
	for e, ok := s.over(at); ok; e, ok = s.over(at) {
		s.told, s.ends = append(s.told, e), true
	}
	switch s.picture(at) {
	case hold:
		s.held = append(s.held, at)
		for s.held[0].Before(at.Add(-s.preroll - late)) {
			s.held = s.held[1:]
		}
	case keepFile:
		if s.held = nil; s.ends {
			s.files, s.ends = append(s.files, nil), false
		}
		s.files[len(s.files)-1] = append(s.files[len(s.files)-1], at)
	}
}

func (s *stage) pull(t Trigger) bool {
	first := s.trigger(t)
	if from, ok := s.wanted(); ok {
		n := slices.IndexFunc(s.held, func(at time.Time) bool { return !at.Before(from) })
		if n >= 0 {
			replayed := s.held[n:]
			s.held = nil
			for _, at := range replayed {
				s.show(at)
			}
		}
	}
	return first
}

// drawn is what a rapid test plays: pictures, and triggers with the moment when they come.
type drawn struct {
	preroll, postroll time.Duration
	pictures          []time.Time
	triggers          []Trigger
	comes             []time.Time
}

func drawPlay(t *rapid.T, inOrder bool) drawn {
	length := func(name string, most int) time.Duration {
		return time.Duration(rapid.IntRange(0, most).Draw(t, name)) * time.Millisecond
	}
	d := drawn{preroll: length("preroll", 12_000), postroll: 200*time.Millisecond + length("postroll", 12_000)} // at least a picture's time
	apart := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "pictures"), 0))
	for at := after(0); at.Before(after(200 * time.Second)); at = at.Add(time.Duration(40+apart.IntN(160)) * time.Millisecond) {
		d.pictures = append(d.pictures, at)
	}
	came := after(0)
	for range rapid.IntRange(1, 8).Draw(t, "triggers") {
		at := after(20*time.Second + length("at", 130_000))
		d.triggers = append(d.triggers, Trigger{Camera: door, Kind: camera.Motion, At: at, For: length("for", 5000)})
	}
	slices.SortFunc(d.triggers, func(a, b Trigger) int { return a.At.Compare(b.At) })
	for _, trigger := range d.triggers {
		comes := trigger.At.Add(length("late", int((late+time.Second)/time.Millisecond)) - time.Second) // up to 1 s before its pictures
		if inOrder && comes.Before(came) {
			comes = came
		}
		came = comes
		d.comes = append(d.comes, comes)
	}
	return d
}

func (d drawn) play() *stage {
	s := newStage(d.preroll, d.postroll)
	waiting := make([]int, len(d.triggers))
	for i := range waiting {
		waiting[i] = i
	}
	slices.SortStableFunc(waiting, func(a, b int) int { return d.comes[a].Compare(d.comes[b]) })
	for _, at := range d.pictures {
		for len(waiting) > 0 && !d.comes[waiting[0]].After(at) {
			s.pull(d.triggers[waiting[0]])
			waiting = waiting[1:]
		}
		s.show(at)
	}
	return s
}

// joined are the triggers as one must expect them to join.
func (d drawn) joined() (list []episode) {
	for _, t := range d.triggers {
		end := t.At.Add(t.For)
		if n := len(list); n > 0 && !list[n-1].end.Add(d.postroll).Before(t.At.Add(-d.preroll)) {
			if end.After(list[n-1].end) {
				list[n-1].end = end
			}
			continue
		}
		list = append(list, episode{begin: t.At, end: end})
	}
	return list
}

func (d drawn) firstFrom(at time.Time) int {
	n, _ := slices.BinarySearchFunc(d.pictures, at, time.Time.Compare)
	return n
}

func TestAFileBeginsWithThePrerollsFirstPictureAndEndsBehindThePostroll(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := drawPlay(t, true)
		s, want := d.play(), d.joined()
		if len(s.files) != len(want) || len(s.told) != len(want) {
			t.Fatalf("got %d files and %d ends, want %d", len(s.files), len(s.told), len(want))
		}
		before := -1 // the last picture of the file before
		for i, file := range s.files {
			e := want[i]
			first := max(d.firstFrom(e.begin.Add(-d.preroll)), before+1)
			last := d.firstFrom(e.end.Add(d.postroll))
			got := d.firstFrom(file[0])
			if got != first {
				t.Fatalf("file %d begins with %v, want %v: the first at or after %v", i, file[0].Sub(noon), d.pictures[first].Sub(noon), e.begin.Add(-d.preroll).Sub(noon))
			}
			if !slices.EqualFunc(file, d.pictures[got:got+len(file)], time.Time.Equal) {
				t.Fatalf("file %d has a hole", i)
			}
			before = got + len(file) - 1
			// A picture that ends one file and begins the next is in the next.
			shared := i+1 < len(want) && last >= d.firstFrom(want[i+1].begin.Add(-d.preroll)) && before == last-1
			if before != last && !shared {
				t.Fatalf("file %d ends with %v, want %v: the first at or after %v", i, file[len(file)-1].Sub(noon), d.pictures[last].Sub(noon), e.end.Add(d.postroll).Sub(noon))
			}
			if told := s.told[i]; !told.begin.Equal(e.begin) || !told.end.Equal(e.end) {
				t.Fatalf("file %d: told %v to %v, want %v to %v", i, told.begin.Sub(noon), told.end.Sub(noon), e.begin.Sub(noon), e.end.Sub(noon))
			}
		}
	})
}

func TestTriggersThatComeInAnyOrderRecordEachPictureOnceAndMissNoneBehindThem(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := drawPlay(t, false)
		s := d.play()
		recorded := make(map[time.Time]bool)
		last := time.Time{}
		for i, file := range s.files {
			at := d.firstFrom(file[0])
			if !slices.EqualFunc(file, d.pictures[at:at+len(file)], time.Time.Equal) {
				t.Fatalf("file %d has a hole", i)
			}
			for _, at := range file {
				if !at.After(last) {
					t.Fatalf("picture %v of file %d stands behind %v", at.Sub(noon), i, last.Sub(noon))
				}
				last, recorded[at] = at, true
			}
		}
		for i, trigger := range d.triggers {
			for n := d.firstFrom(trigger.At); n <= d.firstFrom(trigger.At.Add(trigger.For+d.postroll)); n++ {
				// What a file has begun behind cannot be put into it any more.
				behind := slices.ContainsFunc(d.triggers, func(other Trigger) bool { return other.At.Add(-d.preroll).After(d.pictures[n]) })
				if !recorded[d.pictures[n]] && !behind {
					t.Fatalf("trigger %d at %v: picture %v is not recorded", i, trigger.At.Sub(noon), d.pictures[n].Sub(noon))
				}
			}
		}
		if len(s.told) < len(s.files) { // of one that came behind the next, nothing may be left
			t.Fatalf("got %d files and %d ends", len(s.files), len(s.told))
		}
	})
}

// In the table a picture comes each second, and each case tells what is in files at the end.
func TestWhatBecomesOfPicturesInEachModeAndBetweenThem(t *testing.T) {
	type change struct {
		at   int
		do   func(*stage, time.Time)
		name string
	}
	pull := func(at int, lasts time.Duration) change {
		return change{at, func(s *stage, now time.Time) { s.pull(Trigger{Kind: camera.Motion, At: now, For: lasts}) }, "trigger"}
	}
	turn := func(at int, to mode) change {
		return change{at, func(s *stage, now time.Time) {
			if to == paused {
				for _, ok := s.end(now); ok; _, ok = s.end(now) {
				}
				s.held = nil
			}
			s.planner.turn(to, now)
			s.ends = true
			if from, ok := s.wanted(); ok && len(s.held) > 0 && !s.held[len(s.held)-1].Before(from) {
				s.pull(Trigger{Kind: camera.Motion, At: s.episodes[0].begin}) // a deck releases at each turn
			}
		}, "turn"}
	}
	for name, c := range map[string]struct {
		changes []change
		want    [][2]int // first and last picture of each file
	}{
		"a moment":  {[]change{pull(50, 0)}, [][2]int{{45, 53}}},
		"a while":   {[]change{pull(50, 4*time.Second)}, [][2]int{{45, 57}}},
		"prolonged": {[]change{pull(50, 0), pull(52, 0), pull(54, 0)}, [][2]int{{45, 57}}},
		"the pre-roll reaches into the post-roll": {[]change{pull(50, 0), pull(58, 0)}, [][2]int{{45, 61}}},
		"it does not":                                {[]change{pull(50, 0), pull(59, 0)}, [][2]int{{45, 53}, {54, 62}}},
		"off: what is held is of use behind it":      {[]change{turn(40, off), turn(48, onMotion), pull(50, 0)}, [][2]int{{45, 53}}},
		"paused: nothing is held":                    {[]change{turn(40, paused), turn(48, onMotion), pull(50, 0)}, [][2]int{{48, 53}}},
		"paused in the middle":                       {[]change{pull(50, 0), turn(52, paused)}, [][2]int{{45, 51}}},
		"off in the middle":                          {[]change{pull(50, 0), turn(52, off)}, [][2]int{{45, 51}}},
		"off behind it":                              {[]change{pull(50, 0), turn(55, off), turn(57, onMotion)}, [][2]int{{45, 53}}},
		"continuous before: no picture twice":        {[]change{turn(30, continuous), turn(48, onMotion), pull(50, 0)}, [][2]int{{48, 53}}},
		"continuous, an event goes on":               {[]change{turn(30, continuous), pull(50, 0), turn(52, onMotion)}, [][2]int{{52, 53}}},
		"continuous, an event is over":               {[]change{turn(30, continuous), pull(50, 0), turn(54, onMotion)}, nil},
		"continuous in the middle":                   {[]change{pull(50, 0), turn(52, continuous)}, [][2]int{{45, 51}}},
		"a trigger while off, and motion before":     {[]change{turn(40, off), pull(50, 30*time.Second), turn(60, onMotion)}, [][2]int{{52, 83}}},
		"a trigger while paused is not heard of":     {[]change{turn(40, paused), pull(50, 30*time.Second), turn(60, onMotion)}, nil},
		"a trigger in continuous mode makes no file": {[]change{turn(30, continuous), pull(50, 0)}, nil},
	} {
		s := newStage(5*time.Second, 3*time.Second)
		changes := c.changes
		for n := range 100 {
			at := after(time.Duration(n) * time.Second)
			for len(changes) > 0 && changes[0].at == n {
				changes[0].do(s, at)
				changes = changes[1:]
			}
			s.show(at)
		}
		var got [][2]int
		for _, file := range s.files {
			got = append(got, [2]int{int(file[0].Sub(noon) / time.Second), int(file[len(file)-1].Sub(noon) / time.Second)})
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: got files %v, want %v", name, got, c.want)
		}
	}
}

func TestAnEventIsToldOncePerKindAndItsEndNamesAll(t *testing.T) {
	s := newStage(5*time.Second, 3*time.Second)
	for i, c := range []struct {
		kind  camera.EventKind
		first bool
	}{{camera.Motion, true}, {camera.Motion, false}, {camera.Sound, true}, {camera.Motion, false}, {camera.Sound, false}} {
		if got := s.pull(Trigger{Kind: c.kind, At: after(time.Duration(i) * time.Second)}); got != c.first {
			t.Errorf("trigger %d: got first %v, want %v", i, got, c.first)
		}
	}
	e, ok := s.over(after(time.Minute))
	var got camera.Ending
	if err := json.Unmarshal([]byte(e.ending()), &got); !ok || err != nil {
		t.Fatalf("got %+v, %v", e, err)
	}
	if !got.Begin.Equal(noon) || got.Seconds != 4 || !slices.Equal(got.Kinds, []camera.EventKind{camera.Motion, camera.Sound}) {
		t.Errorf("got %+v, want motion and sound from noon on for 4 s", got)
	}
}

func TestEpisodesAreBoundedAndNoneIsForgotten(t *testing.T) {
	s := newStage(0, 0)
	for n := range 3 * mostEpisodes {
		s.pull(Trigger{Kind: camera.Motion, At: after(time.Duration(n) * time.Minute)})
		if len(s.episodes) > mostEpisodes {
			t.Fatalf("got %d episodes, want at most %d", len(s.episodes), mostEpisodes)
		}
	}
	if last := s.episodes[len(s.episodes)-1].end; !last.Equal(after((3*mostEpisodes - 1) * time.Minute)) {
		t.Errorf("the last one ends at %v", last)
	}
}

func TestAClockThatIsSetMovesEpisodesAlong(t *testing.T) {
	for _, by := range []time.Duration{-87600 * time.Hour, -time.Hour, time.Hour, 87600 * time.Hour} {
		s := newStage(5*time.Second, 3*time.Second)
		shift := time.Duration(0)
		for n := range 100 {
			if n == 52 {
				shift = by
				s.shift(by)
			}
			at := after(time.Duration(n)*time.Second + shift)
			if n == 50 {
				s.pull(Trigger{Kind: camera.Motion, At: at})
			}
			s.show(at)
		}
		if len(s.files) != 1 || len(s.files[0]) != 9 || len(s.told) != 1 {
			t.Errorf("set by %v: got files %v and %d ends, want one of 9 pictures", by, s.files, len(s.told))
		}
	}
}
