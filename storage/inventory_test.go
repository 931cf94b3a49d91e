package storage

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"v720dvr/camera"
)

// inventory is the archive as retention is asked about it.
func (a *archive) inventory() *Inventory {
	v := &Inventory{At: a.now, Space: Space{Size: 10_000, Free: a.free}, HasSpace: true, volume: "here", kept: keptBy(a.keeps), shown: a.shown()}
	at := make(map[camera.ID]int32)
	for _, c := range a.rows {
		i, known := at[c.camera]
		if !known {
			i = int32(len(v.cameras))
			at[c.camera] = i
			v.cameras = append(v.cameras, shelf{id: c.camera, open: a.open[c.camera], bytes: a.open[c.camera]})
		}
		v.add(item{place: c.place, end: c.end.UnixMicro(), bytes: c.bytes, shelf: i})
	}
	return v
}

func TestTrialIsWhatThePlannerTakes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := drawArchive(t)
		// The planner goes from camera to camera in one order, an Inventory in another.
		var want Tally
		by := make(map[Rule]Tally)
		for _, d := range a.plan(t) {
			want.add(d.Start, d.End, d.Bytes)
			sum := by[d.Rule]
			sum.add(d.Start, d.End, d.Bytes)
			by[d.Rule] = sum
		}
		got := a.inventory().Try(a.rules)
		if got.Goes != want {
			t.Fatalf("got %+v, the planner takes %+v", got.Goes, want)
		}
		for rule, sum := range by {
			if got.ByRule[rule] != sum {
				t.Fatalf("%s: got %+v, want %+v", rule, got.ByRule[rule], sum)
			}
		}
		goes, stays := 0, 0
		for _, c := range got.Cameras {
			goes, stays = goes+c.Goes.Segments, stays+c.Stays.Segments
			for _, row := range a.of(c.Camera) {
				if a.isKept(row) && c.Stays.Segments == 0 {
					t.Fatalf("camera %s: %s is kept, and nothing stays", c.Camera, row.path)
				}
			}
		}
		if goes != got.Goes.Segments || goes+stays != len(a.rows) || got.All.Segments != len(a.rows) || got.Most() != (2*got.Goes.Bytes > got.All.Bytes) {
			t.Fatalf("got %+v of %d rows", got, len(a.rows))
		}
	})
}

// What goes next must come to an end, be in order, and never name what is kept or what nobody has a row of.
func TestUpcomingTakesNothingThatIsKeptAndComesToAnEnd(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := drawArchive(t)
		within, limit := time.Duration(rapid.IntRange(0, 72).Draw(t, "hours"))*time.Hour, rapid.IntRange(1, 50).Draw(t, "limit")
		list := a.inventory().Upcoming(a.rules, time.UTC, archiveStart.Add(-time.Hour), within, limit)
		if len(list) > limit {
			t.Fatalf("got %d rows, want %d at most", len(list), limit)
		}
		of := make(map[camera.ID]Tally)
		for i, u := range list {
			if u.When.Before(a.now) || u.Last.Before(u.When) || u.Last.Sub(a.now) > within || i > 0 && u.When.Before(list[i-1].When) {
				t.Fatalf("row %d goes at %v to %v, at %v the one before of %+v", i, u.When, u.Last, a.now, list)
			}
			if u.Rule == "" || u.Segments == 0 {
				t.Fatalf("got %+v", u)
			}
			sum := of[u.Camera]
			sum.Segments, sum.Bytes = sum.Segments+u.Segments, sum.Bytes+u.Bytes
			of[u.Camera] = sum
		}
		for id, sum := range of {
			if a.own[id].EventAge > 0 {
				continue // two lists: the next test has them
			}
			free := slices.DeleteFunc(a.of(id), a.isKept)
			if sum.Segments > len(free) {
				t.Fatalf("camera %s: %d segments go, and %d are not kept", id, sum.Segments, len(free))
			}
			if first := size(free[:sum.Segments]); first != sum.Bytes {
				t.Fatalf("camera %s: %d bytes go, its oldest %d that are not kept have %d", id, sum.Bytes, sum.Segments, first)
			}
		}
	})
}

func TestUpcomingBeginsWithWhatASweepTakesNow(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := drawArchiveOf(t, rapid.Just(5*time.Minute)) // what is older is over earlier
		a.rules.MinFree = 0                              // its last resort is for a disk that is full
		never := archiveStart.AddDate(1, 0, 0)           // nothing is known of what comes, so nothing does
		want := a.inventory().Try(a.rules).Goes          // all cameras
		var got Tally
		for _, u := range a.inventory().Upcoming(a.rules, time.UTC, never, 0, 1000) {
			got.Segments, got.Bytes = got.Segments+u.Segments, got.Bytes+u.Bytes
		}
		if got.Segments != want.Segments || got.Bytes != want.Bytes {
			t.Fatalf("next at once go %+v, a sweep takes %+v", got, want)
		}
	})
}

func TestOutlookLeavesNoCameraMoreThanItsRulesAndTheRoom(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := drawArchive(t)
		v := a.inventory()
		o := v.Outlook(a.rules, time.UTC, archiveStart.Add(-time.Hour), 14)
		sum, flowing := float64(v.Held()), false
		for _, c := range o.Cameras {
			if c.Flow.Low > c.Flow.Mid || c.Flow.Mid > c.Flow.High {
				t.Fatalf("got flow %+v", c.Flow)
			}
			if c.Flow.Mid == 0 {
				continue
			}
			flowing = true
			own := a.own[c.Camera]
			if own.MaxAge > 0 && c.Days > own.MaxAge.Hours()/24+1e-9 {
				t.Fatalf("camera %s reaches back %v days, it may %v", c.Camera, c.Days, own.MaxAge)
			}
			if own.MaxSize > 0 && c.Days*c.Flow.Mid > float64(own.MaxSize)+1e-6 {
				t.Fatalf("camera %s comes to %v bytes, it may %d", c.Camera, c.Days*c.Flow.Mid, own.MaxSize)
			}
			if o.Days > c.Days {
				t.Fatalf("%v days fit, of camera %s %v", o.Days, c.Camera, c.Days)
			}
			sum += c.Days * c.Flow.Mid
		}
		if o.Room > 0 && flowing && sum > float64(max(o.Room, v.Held()))*(1+1e-9) {
			t.Fatalf("all come to %v bytes, there is room for %d", sum, o.Room)
		}
		for i, l := range o.Ahead {
			if l.Low > l.Mid || l.Mid > l.High || o.Room > 0 && l.High > max(o.Room, v.Held()) || i > 0 && l.Mid < o.Ahead[i-1].Mid {
				t.Fatalf("got levels %+v with room for %d, %d of it kept", o.Ahead, o.Room, v.Held())
			}
		}
		if !o.Full.IsZero() && o.Full.Before(a.now) {
			t.Fatalf("full at %v, which is before now", o.Full)
		}
	})
}

// twoCameras have so many bytes a day each for so many days, in segments of an hour, up to now.
func twoCameras(now time.Time, days int, hall, door int64) *Inventory {
	v := &Inventory{At: now, Space: Space{Size: 1e12, Free: 300e9}, HasSpace: true, cameras: []shelf{{id: "hall"}, {id: "door"}}}
	for at := now.AddDate(0, 0, -days); at.Before(now); at = at.Add(time.Hour) {
		for i, bytes := range []int64{hall, door} {
			v.add(item{place: place{start: at.UnixMicro()}, end: at.Add(time.Hour).UnixMicro(), bytes: bytes / 24, shelf: int32(i)})
		}
	}
	return v
}

func TestOutlookSaysWhenTheDiskIsFullAndHowFarEachCameraReachesBack(t *testing.T) {
	now := time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)
	v := twoCameras(now, 10, 10e9, 20e9) // 300 GB there, 300 GB free
	rules := Rules{MinFree: 60e9, Camera: func(id camera.ID) CameraRules {
		if id == "door" {
			return CameraRules{MaxAge: 12 * 24 * time.Hour}
		}
		return CameraRules{}
	}}
	o := v.Outlook(rules, time.UTC, now.AddDate(0, 0, -20), 14)
	// Room for 540 GB: 12 days of door are 240, so hall has 300, which are 30 days. After 2 days door stays at 240
	// and hall has 120: 18 more.
	if want := now.AddDate(0, 0, 20); o.Room/1000 != 540e6-1 || o.By != RuleMinFree || o.Full.Sub(want).Abs() > 2*time.Minute {
		t.Errorf("got room %d by %s, full at %v, want 540 GB and %v", o.Room, o.By, o.Full, want)
	}
	hall, door := o.Cameras[0], o.Cameras[1]
	if hall.Days < 29.99 || hall.Days > 30.01 || hall.By != RuleMinFree || door.Days != 12 || door.By != RuleMaxAge || o.Days != 12 {
		t.Errorf("got %+v and %+v, %v in all, want 30 days of hall and 12 of door", hall, door, o.Days)
	}
	if got := o.Ahead[14].Mid / 1000; got != 480e6-1 {
		t.Errorf("in 14 days there are %d kB, want 480 GB less what 24 does not divide", got)
	}
	next := v.Upcoming(rules, time.UTC, now.AddDate(0, 0, -20), 30*24*time.Hour, 4)
	if len(next) != 4 || next[0].Camera != "door" || next[0].Rule != RuleMaxAge || !next[0].From.Equal(now.AddDate(0, 0, -10)) || next[0].Segments != 24 {
		t.Fatalf("got next %+v", next)
	}
	if want := now.AddDate(0, 0, 2).Add(time.Hour + time.Microsecond); !next[0].When.Equal(want) {
		t.Errorf("the first goes at %v, want %v", next[0].When, want)
	}
	none := v.Outlook(Rules{}, time.UTC, now.AddDate(0, 0, -20), 1)
	if !IsEndless(none.Days) || !none.Full.IsZero() || none.Room != 0 {
		t.Errorf("without rules: got %+v", none)
	}
}

func TestFlowIsOfWholeDaysAndOfHoursWhereThereAreNone(t *testing.T) {
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	v := twoCameras(now, 10, 24e9, 48e9)
	of, all := v.Flows(time.UTC, now.AddDate(0, 0, -20))
	if want := (Flow{24e9, 24e9, 24e9}); of["hall"] != want || all.Mid != 72e9 {
		t.Errorf("got %+v and %+v, want %+v", of["hall"], all, want)
	}
	young := twoCameras(now, 0, 0, 0)
	for i := range 12 { // five minutes each
		at := now.Add(time.Duration(i-12) * 5 * time.Minute)
		young.add(item{place: place{start: at.UnixMicro()}, end: at.Add(5 * time.Minute).UnixMicro(), bytes: 1e6})
	}
	young.cameras = young.cameras[:1]
	if of, _ := young.Flows(time.UTC, now.Add(-2*time.Hour)); of["hall"].Mid != 288e6 {
		t.Errorf("of an hour of 12 MB: got %+v, want 288 MB a day", of["hall"])
	}
	if of, all := young.Flows(time.UTC, now.Add(-time.Second)); of["hall"] != (Flow{}) || all != (Flow{}) {
		t.Errorf("of a second: got %+v, %+v, want nothing known", of["hall"], all)
	}
}

func TestDayOfTheClockThatIsSetBackHas25Hours(t *testing.T) {
	zone, err := time.LoadLocation("Europe/Amsterdam")
	if err != nil {
		t.Fatal(err)
	}
	v := twoCameras(time.Date(2026, 10, 26, 12, 0, 0, 0, zone).UTC(), 5, 24, 24)
	days := v.Days(zone, 3)
	long := days[2]
	if len(days) != 4 || long.To.Sub(long.From) != 25*time.Hour || long.Of["hall"] != 25 || days[1].Of["door"] != 24 || days[3].Of["hall"] != 12 {
		t.Errorf("got %s", fmt.Sprint(days))
	}
}
