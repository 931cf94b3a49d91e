package recorder

import (
	"testing"
	"testing/synctest"
	"time"

	"v720dvr/camera"
	"v720dvr/recorder/schedule"
	"v720dvr/storage"
	"v720dvr/storage/avi"
)

// What is said of a camera's connection tells why nothing came; it is said 20 to 35 s late.
func TestWhatIsMissingOfACameraHasTheReasonOfItsConnection(t *testing.T) {
	for name, c := range map[string]struct {
		says func(r *rig)
		want []string // reasons of the gaps, 20 s each but for the last
	}{
		"it is connected": {func(r *rig) { pause(60 * time.Second) }, []string{storage.GapSilent}},
		"it is gone": {func(r *rig) {
			pause(25 * time.Second)
			r.Event(camera.Event{Camera: door, At: time.Now(), Kind: camera.Offline})
			pause(35 * time.Second)
		}, []string{storage.GapOffline}},
		"it is gone at once": {func(r *rig) {
			r.Event(camera.Event{Camera: door, At: time.Now(), Kind: camera.Offline})
			pause(60 * time.Second)
		}, []string{storage.GapOffline}},
		"it is gone and has booted": {func(r *rig) {
			pause(25 * time.Second)
			r.Event(camera.Event{Camera: door, At: time.Now(), Kind: camera.Offline})
			pause(15 * time.Second)
			r.Event(camera.Event{Camera: door, At: time.Now(), Kind: camera.Online, Detail: "booted"})
			pause(20 * time.Second)
		}, []string{storage.GapOffline, storage.GapSilent}},
		"its network was away": {func(r *rig) {
			pause(25 * time.Second)
			r.Event(camera.Event{Camera: door, At: time.Now(), Kind: camera.Offline})
			pause(15 * time.Second)
			r.Event(camera.Event{Camera: door, At: time.Now(), Kind: camera.Online, Detail: camera.Reconnected})
			pause(20 * time.Second)
		}, []string{storage.GapSilent}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := startRig(t, Options{}, recordAll(time.Hour))
				s := newScene(door, 10)
				r.Event(camera.Event{Camera: door, At: time.Now(), Kind: camera.Online})
				s.play(r, 3*time.Second)
				gone := time.Now()
				c.says(r)
				synctest.Wait()
				pending, err := r.store.PendingGaps(t.Context(), door)
				if err != nil || len(pending) != len(c.want) || pending[len(pending)-1].Reason != c.want[len(c.want)-1] {
					t.Errorf("got pending gaps %v, %v, want %v", pending, err, c.want)
				}
				s.play(r, 3*time.Second)
				r.stop()
				all := readTape(t, r.store, door)
				want := []avi.Gap{{From: gone, To: gone.Add(time.Minute), Reason: c.want[0]}}
				if len(c.want) == 2 {
					want[0].To = gone.Add(40 * time.Second)
					want = append(want, avi.Gap{From: want[0].To, To: gone.Add(time.Minute), Reason: c.want[1]})
				}
				wantGaps(t, all.segments[len(all.segments)-1], want...)
				if pending, err := r.store.PendingGaps(t.Context(), door); err != nil || len(pending) != 1 || pending[0].Reason != storage.GapRestarted {
					t.Errorf("behind the end: got pending gaps %v, %v, want the restart", pending, err)
				}
			})
		})
	}
}

func TestARestartIsAGapAndACameraThatStaysAwayIsOffline(t *testing.T) {
	for name, c := range map[string]struct {
		back time.Duration // behind the second run's begin
		says camera.EventKind
		want []string
	}{
		"it comes back":                 {20 * time.Second, camera.Online, []string{storage.GapRestarted}},
		"it stays away":                 {200 * time.Second, "", []string{storage.GapRestarted, storage.GapOffline}},
		"it is there and sends nothing": {200 * time.Second, camera.Online, []string{storage.GapRestarted, storage.GapSilent}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := startRig(t, Options{}, recordAll(time.Hour))
				s := newScene(door, 10)
				s.play(r, 30*time.Second)
				ended := time.Now()
				second := r.restart(t, 40*time.Second, Options{}, recordAll(time.Hour))
				begun := time.Now()
				second.Expect(door)
				if c.says != "" {
					pause(15 * time.Second)
					second.Event(camera.Event{Camera: door, At: time.Now(), Kind: c.says})
				}
				pause(time.Until(begun.Add(c.back)))
				s.play(second, 3*time.Second)
				second.stop()
				all := readTape(t, second.store, door)
				all.holdsFrames(t, s.sent)
				want := []avi.Gap{{From: ended, To: begun.Add(c.back), Reason: storage.GapRestarted}}
				if len(c.want) == 2 {
					want[0].To = begun.Add(away)
					want = append(want, avi.Gap{From: want[0].To, To: begun.Add(c.back), Reason: c.want[1]})
				}
				wantGaps(t, all.segments[1], want...)
			})
		})
	}
}

func TestAStretchWithoutPicturesInASegmentIsAGapInside(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := startRig(t, Options{}, recordAll(time.Hour))
		s := newScene(door, 10)
		s.play(r, 3*time.Second)
		gone := time.Now()
		pause(6 * time.Second)
		back := time.Now()
		s.play(r, 3*time.Second)
		pause(1900 * time.Millisecond)
		s.play(r, 3*time.Second)
		r.stop()
		all := readTape(t, r.store, door)
		if len(all.segments) != 1 {
			t.Fatalf("got %d segments, want 1", len(all.segments))
		}
		inside := all.segments[0].Inside
		if len(inside) != 1 || !inside[0].From.Equal(gone) || !inside[0].To.Equal(back) || inside[0].Reason != storage.GapSilent {
			t.Errorf("got gaps inside %v, want one from %v to %v", inside, gone, back)
		}
	})
}

// A camera's reasons change while nothing is recorded: each is a gap of its own.
func TestWhileNothingIsRecordedEachReasonIsAGapOfItsOwn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := startRig(t, Options{}, rolls(time.Second, time.Second))
		s := newScene(door, 10)
		shot := func() {
			r.Trigger(Trigger{Camera: door, Kind: camera.Asked, At: time.Now()})
			s.play(r, 5*time.Second)
		}
		s.play(r, 2*time.Second)
		shot()
		idle := time.Now()
		s.play(r, 5*time.Second)
		silent := time.Now()
		pause(30 * time.Second)
		switched := time.Now()
		r.Apply(func(camera.ID) Settings { return inMode(ModeOff, 0) })
		pause(30 * time.Second)
		on := time.Now()
		r.Apply(func(camera.ID) Settings { return rolls(time.Second, time.Second) })
		pause(30 * time.Second)
		back := time.Now()
		s.play(r, 10*time.Second)
		last := time.Now().Add(-time.Second)
		shot()
		r.stop()
		all := readTape(t, r.store, door)
		if len(all.segments) != 2 {
			t.Fatalf("got %d segments, want 2", len(all.segments))
		}
		wantGaps(t, all.segments[1],
			avi.Gap{From: idle.Add(-4 * time.Second), To: silent, Reason: storage.GapIdle},
			avi.Gap{From: silent, To: switched, Reason: storage.GapSilent},
			avi.Gap{From: switched, To: on, Reason: storage.GapOff},
			avi.Gap{From: on, To: back, Reason: storage.GapSilent},
			avi.Gap{From: back, To: last, Reason: storage.GapIdle})
	})
}

// A camera that falls silent in an event and comes back when that is over is idle from then on.
func TestACameraThatComesBackBehindItsEventIsIdle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := startRig(t, Options{}, Settings{Segment: time.Hour, Plan: schedule.Plan{Otherwise: ModeMotion}, Preroll: 10 * time.Second, Postroll: 5 * time.Second})
		s := newScene(door, 10)
		s.play(r, 20*time.Second)
		r.Trigger(Trigger{Camera: door, Kind: camera.Motion, At: time.Now(), For: 40 * time.Second})
		s.play(r, 15*time.Second)
		gone := time.Now()
		pause(40 * time.Second) // 10 s behind the post-roll
		back := time.Now()
		s.play(r, 20*time.Second)
		synctest.Wait()
		pending, err := r.store.PendingGaps(t.Context(), door)
		want := []avi.Gap{{From: gone, To: back, Reason: storage.GapSilent}, {From: back, Reason: storage.GapIdle}}
		if err != nil || len(pending) != 2 || pending[0].Reason != want[0].Reason || pending[1].Reason != want[1].Reason ||
			pending[1].From.Sub(back).Abs() > time.Second {
			t.Errorf("got pending gaps %v, %v, want %v", pending, err, want)
		}
		r.stop()
	})
}

// What was captured in a pause is not recorded when it comes behind its end.
func TestPicturesOfAPauseThatComeLateAreNotRecorded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := startRig(t, Options{}, recordAll(time.Hour))
		s := newScene(door, 10)
		s.play(r, 3*time.Second)
		from := time.Now()
		if err := r.store.Pause(t.Context(), door, from, time.Time{}); err != nil {
			t.Fatal(err)
		}
		pause(20 * time.Second)
		until := time.Now()
		if err := r.store.Unpause(t.Context(), door); err != nil {
			t.Fatal(err)
		}
		for late := 5 * time.Second; late > 0; late -= 100 * time.Millisecond {
			r.Frame(s.frame(until.Add(-late)))
		}
		s.play(r, 3*time.Second)
		synctest.Wait()
		r.stop()
		all := readTape(t, r.store, door)
		for _, f := range all.frames {
			if !f.At.Before(from) && f.At.Before(until) {
				t.Errorf("a picture of %v is recorded, %v before the pause ended", f.At, until.Sub(f.At))
			}
		}
		if len(all.frames) != 60 {
			t.Errorf("got %d pictures, want those of the 6 s without a pause", len(all.frames))
		}
	})
}
