package recorder

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"v720dvr/camera"
	"v720dvr/recorder/schedule"
	"v720dvr/storage"
	"v720dvr/storage/avi"
)

func rolls(preroll, postroll time.Duration) Settings {
	s := inMode(ModeMotion, 5*time.Minute)
	s.Preroll, s.Postroll = preroll, postroll
	return s
}

// between are the frames from the first at or after a time to the first at or after another.
func between(frames []camera.Frame, from, to time.Time) (list []camera.Frame) {
	for _, f := range frames {
		if f.At.Before(from) {
			continue
		}
		if list = append(list, f); !f.At.Before(to) {
			break
		}
	}
	return list
}

func wantGaps(t *testing.T, segment storage.SegmentRecord, want ...avi.Gap) {
	t.Helper()
	// Where a picture stands for is known to its interval.
	near := func(a, b time.Time) bool { return a.Sub(b).Abs() <= 150*time.Millisecond }
	if !slices.EqualFunc(segment.Gaps, want, func(a, b avi.Gap) bool { return near(a.From, b.From) && near(a.To, b.To) && a.Reason == b.Reason }) {
		t.Errorf("segment of %v: got gaps %v, want %v", segment.Start, segment.Gaps, want)
	}
	for i, g := range segment.Gaps {
		if last := i == len(segment.Gaps)-1; last && !g.To.Equal(segment.Start) || !last && !g.To.Equal(segment.Gaps[i+1].From) {
			t.Errorf("segment of %v: gap %d ends at %v, and nothing begins there", segment.Start, i, g.To)
		}
	}
}

func TestInMotionModeAFileIsAnEventWithItsRolls(t *testing.T) {
	for _, before := range []string{ModeMotion, ModeOff, ModeContinuous} {
		t.Run(before, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				settings := rolls(10*time.Second, 5*time.Second)
				settings.Plan.Rules = []schedule.Rule{{Window: windowOf(t, "1 1 1 1 *", "2 1 1 1 *"), Mode: ModeMotion}}
				settings.Plan.Otherwise = before
				r := startRig(t, Options{}, settings)
				s := newScene(door, 10)
				s.play(r, 57*time.Second)
				turned := time.Now()
				settings.Plan.Otherwise = ModeMotion
				r.Apply(func(camera.ID) Settings { return settings })
				s.play(r, 4030*time.Millisecond)
				begun := time.Now()
				r.Trigger(Trigger{Camera: door, Kind: camera.Motion, At: begun, For: 2 * time.Second})
				s.play(r, time.Second)
				r.Trigger(Trigger{Camera: door, Kind: camera.Motion, At: time.Now(), For: 3 * time.Second})
				s.play(r, 30*time.Second)
				pending, err := r.store.PendingGaps(t.Context(), door)
				if err != nil || len(pending) == 0 || pending[len(pending)-1].Reason != storage.GapIdle || !pending[len(pending)-1].To.IsZero() {
					t.Errorf("got pending gaps %v, %v, want it to be idle", pending, err)
				}
				r.stop()

				from := begun.Add(-10 * time.Second)
				if before == ModeContinuous { // those are in a file
					from = turned
				}
				want := between(s.sent, from, begun.Add(9*time.Second))
				all := readTape(t, r.store, door)
				last := all.segments[len(all.segments)-1]
				if !strings.Contains(last.Path, "_motion.avi") || !last.Start.Equal(want[0].At.Truncate(time.Microsecond)) || last.Frames != len(want) {
					t.Fatalf("got %s of %d pictures, want %d from %v on", last.Path, last.Frames, len(want), want[0].At)
				}
				if silent := last.Silence; silent > 800 {
					t.Errorf("got %d samples of silence", silent)
				}
				switch before {
				case ModeContinuous:
					if len(all.segments) != 2 || !all.segments[0].End.Equal(last.Start) {
						t.Errorf("got %+v, want two that meet", all.segments)
					}
					want = s.sent[:len(all.frames)]
				case ModeMotion:
					wantGaps(t, last, avi.Gap{From: s.sent[0].At, To: last.Start, Reason: storage.GapIdle})
				}
				all.holdsFrames(t, want)
				var kinds []string
				for _, e := range all.events {
					kinds = append(kinds, e.Kind)
				}
				if !slices.Equal(kinds, []string{"motion", "ended"}) || !all.events[0].At.Equal(begun.Truncate(time.Microsecond)) {
					t.Fatalf("got events %v at %v", kinds, all.events[0].At)
				}
				var end camera.Ending
				if err := json.Unmarshal(all.events[1].Body, &end); err != nil || end.Seconds != 4 || !end.Begin.Equal(all.events[0].At) {
					t.Errorf("got %+v, %v, want 4 s", end, err)
				}
				lines, pictures := told(t, r, begun)
				if len(lines) != 1 || lines[0].Kind != camera.Motion || pictures[0] == nil || lines[0].Segment == "" {
					t.Errorf("got lines %+v, want the motion with its picture and segment", lines)
				} else if first := between(s.sent, begun, begun)[0]; string(pictures[0]) != string(first.JPEG) {
					t.Errorf("the event's picture is another one than the first behind it")
				}
			})
		})
	}
}

func windowOf(t *testing.T, start, stop string) schedule.Window {
	t.Helper()
	w, err := schedule.NewWindow(start, stop)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func TestALongEventGoesOnInFilesOfTheSegmentsLengthWithoutAGap(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		settings := rolls(3*time.Second, time.Second)
		settings.Segment = 5 * time.Second
		r := startRig(t, Options{}, settings)
		pause(1700 * time.Millisecond) // off the clock
		s := newScene(door, 10)
		s.play(r, 8*time.Second)
		begun := time.Now()
		r.Trigger(Trigger{Camera: door, Kind: camera.Asked, At: begun, For: 12 * time.Second, Detail: "a person"})
		s.play(r, 30*time.Second)
		r.stop()
		all := readTape(t, r.store, door)
		all.holdsFrames(t, between(s.sent, begun.Add(-3*time.Second), begun.Add(13*time.Second)))
		if len(all.segments) != 4 {
			t.Fatalf("got %d segments, want 4", len(all.segments))
		}
		for i, segment := range all.segments {
			if !strings.Contains(segment.Path, "_motion") {
				t.Errorf("segment %d is %s", i, segment.Path)
			}
			if i > 0 && (!all.segments[i-1].End.Equal(segment.Start) || segment.Start.Sub(all.segments[i-1].Start) != 5*time.Second || segment.Gaps != nil || segment.Silence != 0) {
				t.Errorf("segment %d: %+v does not go on with the one before after 5 s", i, segment)
			}
		}
	})
}

func TestTheScheduleSwitchesAtItsMomentAndSaysWhatIsMissing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // a bubble begins at 2000-01-01 01:00 in Berlin
		settings := recordAll(time.Hour)
		settings.Plan.Rules = []schedule.Rule{
			{Window: windowOf(t, "1 1 * * *", "2 1 * * *"), Mode: ModeOff},
			{Window: windowOf(t, "3 1 * * *", "4 1 * * *"), Mode: ModeMotion},
		}
		r := startRig(t, Options{}, settings)
		s := newScene(door, 10)
		minute := func(n int) time.Time { return time.Unix(946684800, 0).Add(time.Duration(n) * time.Minute) }
		s.play(r, 90*time.Second) // until 01:01:30
		r.Event(camera.Event{Camera: door, At: time.Now(), Kind: camera.Device, Detail: "while off"})
		s.play(r, 150*time.Second)
		s.play(r, 30*time.Second) // until 01:04:30
		r.stop()
		all := readTape(t, r.store, door)
		if len(all.segments) != 3 {
			t.Fatalf("got %d segments, want 3: %+v", len(all.segments), all.segments)
		}
		wantGaps(t, all.segments[0])
		wantGaps(t, all.segments[1], avi.Gap{From: minute(1), To: minute(2), Reason: storage.GapSchedule})
		wantGaps(t, all.segments[2], avi.Gap{From: minute(3), To: minute(4), Reason: storage.GapIdle})
		for i, segment := range all.segments {
			if !segment.Start.Equal(minute(2 * i)) {
				t.Errorf("segment %d begins at %v, want %v", i, segment.Start, minute(2*i))
			}
		}
		for _, e := range all.events {
			t.Errorf("got event %+v in a file, want none", e)
		}
		if lines, pictures := told(t, r, minute(1)); len(lines) != 1 || lines[0].Detail != "while off" || lines[0].Segment != "" || pictures[0] != nil {
			t.Errorf("got lines %+v, want what happened while off, without a picture", lines)
		}
	})
}

func TestAPauseForgetsWhatIsHeldTellsNothingAndIsAGapAlsoOverARestart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		settings := rolls(10*time.Second, time.Second)
		r := startRig(t, Options{}, settings)
		s := newScene(door, 10)
		shot := func() {
			r.Trigger(Trigger{Camera: door, Kind: camera.Asked, At: time.Now()})
			s.play(r, 20*time.Second)
		}
		s.play(r, 15*time.Second)
		shot()
		begun := time.Now()
		if err := r.store.Pause(t.Context(), door, begun, begun.Add(time.Minute)); err != nil {
			t.Fatal(err)
		}
		s.play(r, 5*time.Second)
		r.Event(camera.Event{Camera: door, At: time.Now(), Kind: camera.Device, Detail: "private"})
		shot()
		if stats := r.Stats()[0]; stats.Rest != storage.GapPaused {
			t.Errorf("got %+v, want it paused", stats)
		}
		if held := r.decks[door].roll.held(); held != 0 {
			t.Errorf("%d pictures and pieces of sound are held", held)
		}
		second := r.restart(t, 3*time.Second, Options{}, settings)
		s.play(second, 15*time.Second)
		resumed := begun.Add(time.Minute)
		s.play(second, time.Until(resumed)+4*time.Second)
		second.Trigger(Trigger{Camera: door, Kind: camera.Asked, At: time.Now()})
		s.play(second, 20*time.Second)
		second.stop()

		all := readTape(t, second.store, door)
		if len(all.segments) != 2 {
			t.Fatalf("got %d segments, want 2", len(all.segments))
		}
		for _, f := range all.frames {
			if !f.At.Before(begun) && f.At.Before(resumed) {
				t.Fatalf("a picture of %v, while paused, is recorded", f.At)
			}
		}
		last := all.segments[1]
		if !last.Start.Equal(between(s.sent, resumed, resumed)[0].At.Truncate(time.Microsecond)) {
			t.Errorf("the second segment begins at %v, want the pause's end %v", last.Start, resumed)
		}
		var private time.Duration
		for _, g := range last.Gaps {
			if g.Reason == storage.GapPaused {
				private += g.To.Sub(g.From)
			} else if lasts := g.To.Sub(g.From); g.Reason != storage.GapRestarted && (g.Reason != storage.GapIdle || g.To.After(begun.Add(200*time.Millisecond))) || g.Reason == storage.GapRestarted && (lasts-3*time.Second).Abs() > time.Second {
				t.Errorf("got gap %+v", g)
			}
		}
		if d := private - (time.Minute - 3*time.Second); d.Abs() > time.Second {
			t.Errorf("got %v paused, want a minute: %v", private, last.Gaps)
		}
		lines, _ := told(t, second, begun)
		for _, line := range lines {
			if line.Kind != camera.Asked {
				t.Errorf("got line %+v while paused", line)
			}
		}
		if len(lines) != 2 {
			t.Errorf("got %d lines, want the two that were asked for", len(lines))
		}
	})
}

// held is how many items are.
func (p *preroll) held() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.ring.n
}

func TestAnotherZoneCountsForTheScheduleAndTheNextNames(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // 00:00 UTC, 01:00 in Berlin, 05:45 in Kathmandu
		settings := recordAll(time.Minute)
		settings.Plan.Rules = []schedule.Rule{{Window: windowOf(t, "46 5 * * *", "47 5 * * *"), Mode: ModeOff}}
		r := startRig(t, Options{}, settings)
		s := newScene(door, 10)
		s.play(r, 30*time.Second)
		r.store.SetLocation(zoneNamed(t, "Asia/Kathmandu"))
		s.play(r, 2*time.Minute)
		r.stop()
		all := readTape(t, r.store, door)
		if len(all.segments) != 2 || !strings.HasSuffix(all.segments[0].Path, "2000-01-01T01-00-00+0100.avi") || !strings.HasSuffix(all.segments[1].Path, "2000-01-01T05-47-00+0545.avi") {
			t.Fatalf("got %+v", all.segments)
		}
		off := time.Unix(946684860, 0)
		wantGaps(t, all.segments[1], avi.Gap{From: off, To: off.Add(time.Minute), Reason: storage.GapSchedule})
	})
}
