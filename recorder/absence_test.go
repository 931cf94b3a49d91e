package recorder

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"v720dvr/storage"
	"v720dvr/storage/avi"
)

// What is missing is held against a list with a reason for each second.
func TestEachMomentOfAnAbsenceHasOneReason(t *testing.T) {
	reasons := []string{storage.GapIdle, storage.GapSilent, storage.GapOffline, storage.GapOff, storage.GapPaused}
	rapid.Check(t, func(t *rapid.T) {
		const seconds = 200
		var a absence
		var model [seconds]string
		set := func(from int, reason string) {
			for i := from; i < seconds; i++ {
				model[i] = reason
			}
		}
		draw := func(name string) string { return rapid.SampledFrom(reasons).Draw(t, name) }
		first := draw("first")
		a.begin(noon, first)
		set(0, first)
		now := 1
		for range avi.MaxGaps - 1 { // each adds one at most
			if now += rapid.IntRange(1, 20).Draw(t, "later"); now >= seconds {
				break
			}
			since := max(now-rapid.IntRange(0, 10).Draw(t, "back"), 0)
			switch rapid.IntRange(0, 1).Draw(t, "what") {
			case 0:
				reason := draw("turn")
				a.turn(after(time.Duration(since)*time.Second), reason)
				set(since, reason)
			case 1:
				was, is := draw("was"), draw("is")
				// What was so before and goes on does not begin at that time.
				from := since
				for from > 0 && from < seconds && model[from] == model[from-1] {
					from++
				}
				a.rename(after(time.Duration(since)*time.Second), was, is)
				for i := from; i < seconds; i++ {
					if model[i] == was {
						model[i] = is
					}
				}
			}
		}
		until := seconds - rapid.IntRange(0, 20).Draw(t, "until")
		gaps := a.gaps(after(time.Duration(until)*time.Second), 0)
		for i, g := range gaps {
			from, to := int(g.From.Sub(noon)/time.Second), int(g.To.Sub(noon)/time.Second)
			if i > 0 && !g.From.Equal(gaps[i-1].To) || i == 0 && from != 0 || to <= from || i == len(gaps)-1 && to != until {
				t.Fatalf("gap %d is %d to %d s", i, from, to)
			}
			for s := from; s < to; s++ {
				if model[s] != g.Reason {
					t.Fatalf("second %d: got %q, want %q", s, g.Reason, model[s])
				}
			}
		}
		if len(gaps) == 0 {
			t.Fatal("got no gaps")
		}
		open := a.open()
		if !open[len(open)-1].To.IsZero() {
			t.Fatalf("the last gap ends: %+v", open)
		}
	})
}

func TestAnAbsenceThatChangesItsReasonOftenLosesTheShortest(t *testing.T) {
	var a absence
	a.begin(noon, storage.GapOffline)
	at := noon
	for i := range 100 {
		lasts := time.Hour
		if i%2 == 0 {
			lasts = time.Second
		}
		at = at.Add(lasts)
		a.turn(at, []string{storage.GapSilent, storage.GapOffline, storage.GapOff}[i%3])
	}
	gaps := a.gaps(at.Add(time.Second), 0)
	if len(gaps) > avi.MaxGaps || !gaps[0].From.Equal(noon) || !gaps[len(gaps)-1].To.Equal(at.Add(time.Second)) {
		t.Errorf("got %d gaps from %v to %v, want at most %d and all of the time", len(gaps), gaps[0].From, gaps[len(gaps)-1].To, avi.MaxGaps)
	}
	for i := 1; i < len(gaps); i++ {
		if !gaps[i].From.Equal(gaps[i-1].To) {
			t.Errorf("gap %d begins at %v, the one before ends at %v", i, gaps[i].From, gaps[i-1].To)
		}
	}
}

func TestAClockThatIsSetWhileSomethingIsMissing(t *testing.T) {
	gap := func(from, to int, reason string) avi.Gap {
		return avi.Gap{From: after(time.Duration(from) * time.Second), To: after(time.Duration(to) * time.Second), Reason: reason}
	}
	for name, c := range map[string]struct {
		was, is, until int
		want           []avi.Gap
	}{
		"forward":                       {30, 3630, 3640, []avi.Gap{gap(0, 10, "idle"), gap(10, 30, "silent"), gap(30, 3630, "clock"), gap(3630, 3640, "silent")}},
		"forward, a pre-roll lies over": {30, 3630, 3620, []avi.Gap{gap(0, 10, "idle"), gap(10, 30, "silent"), gap(30, 3620, "clock")}},
		"back":                          {30, 20, 25, []avi.Gap{gap(0, 10, "idle"), gap(10, 25, "silent")}},
		"back, farther":                 {30, 5, 25, []avi.Gap{gap(0, 5, "idle"), gap(5, 25, "silent")}},
		"back into what was recorded":   {30, -100, -50, nil},
		"and on until behind it":        {30, -100, 25, []avi.Gap{gap(0, 25, "silent")}},
	} {
		var a absence
		a.begin(noon, storage.GapIdle)
		a.turn(after(10*time.Second), storage.GapSilent)
		a.step(after(time.Duration(c.was)*time.Second), after(time.Duration(c.is)*time.Second))
		got := a.gaps(after(time.Duration(c.until)*time.Second), 0)
		if !slices.EqualFunc(got, c.want, func(a, b avi.Gap) bool { return a.From.Equal(b.From) && a.To.Equal(b.To) && a.Reason == b.Reason }) {
			t.Errorf("%s: got %v, want %v", name, got, c.want)
		}
	}
}

func TestAPictureThatTheDiskRefusedLeavesNoGapIfItIsTheNext(t *testing.T) {
	var a absence
	a.turn(noon, storage.GapDisk)
	if got := a.gaps(after(50*time.Millisecond), 100*time.Millisecond); got != nil {
		t.Errorf("got %v, want none", got)
	}
	if got := a.gaps(after(150*time.Millisecond), 100*time.Millisecond); len(got) != 1 || got[0].Reason != storage.GapDisk {
		t.Errorf("got %v, want one", got)
	}
}

// A clock that is set back beyond all that is missing leaves the reason, from then on.
func TestAbsenceThatBeganLaterThanTheClockIsSetBackToGoesOnFromThere(t *testing.T) {
	at := time.Date(2027, 11, 22, 14, 0, 0, 0, time.UTC)
	is := at.AddDate(-1, 0, 0)
	var a absence
	a.begin(at, storage.GapSilent)
	a.turn(at.Add(time.Minute), storage.GapIdle)
	a.step(at.Add(10*time.Minute), is)
	want := []avi.Gap{{From: is, To: is.Add(time.Hour), Reason: storage.GapIdle}}
	if got := a.gaps(is.Add(time.Hour), 0); !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}
