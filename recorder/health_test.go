package recorder

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"v720dvr/camera"
	"v720dvr/storage"
)

// ailing lists what is wrong now.
func ailing(r *rig) (kinds []camera.EventKind) {
	synctest.Wait()
	for _, a := range r.Stats()[0].Ailments {
		kinds = append(kinds, a.Kind)
	}
	slices.Sort(kinds)
	return kinds
}

func TestWhatIsWrongWithACameraIsToldAndEndsWithIt(t *testing.T) {
	for name, settings := range map[string]Settings{"with motion": watching(recordAll(time.Minute)), "without": recordAll(time.Minute)} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				settings.Health = true
				r := startRig(t, Options{}, settings)
				s := newParlour(t) // it has no colour
				expect := func(want ...camera.EventKind) {
					t.Helper()
					if got := ailing(r); !slices.Equal(got, want) {
						t.Errorf("after %d pictures: got %v, want %v", len(s.sent), got, want)
					}
				}
				s.play(r, 55*time.Second, s.steps...)
				expect()
				s.play(r, 20*time.Second, s.steps...)
				expect(camera.Grey)
				begun := time.Now()
				s.play(r, 90*time.Second, s.still)
				expect(camera.Frozen, camera.Grey)
				if since := r.Stats()[0].Ailments[0].Since; since.Before(begun) || since.Sub(begun) > 25*time.Second {
					t.Errorf("it says frozen since %v, want near %v", since, begun)
				}
				s.play(r, 50*time.Second, s.steps...)
				expect(camera.Grey)
				pause(20 * time.Second) // the camera is silent
				expect()
				r.stop()
				lines, pictures := told(t, r, begun)
				var kinds []camera.EventKind
				for i, line := range lines {
					if line.Kind == camera.Grey || line.Kind == camera.Frozen {
						kinds = append(kinds, line.Kind)
						if len(pictures[i]) == 0 {
							t.Errorf("%s stands there without a picture", line.Kind)
						}
					}
				}
				if !slices.Equal(kinds, []camera.EventKind{camera.Grey, camera.Frozen}) {
					t.Errorf("events.jsonl has %v", kinds)
				}
				events, err := r.store.Events(t.Context(), storage.EventQuery{Camera: door})
				if err != nil {
					t.Fatal(err)
				}
				for kind, least := range map[camera.EventKind]time.Duration{camera.Frozen: 50 * time.Second, camera.Grey: 150 * time.Second} {
					at := slices.IndexFunc(events, func(e storage.EventRecord) bool { return e.Kind == kind })
					ends := endings(t, r, kind)
					if at < 0 || len(ends) != 1 || !ends[0].Begin.Equal(events[at].At) || time.Duration(ends[0].Seconds*float64(time.Second)) < least {
						t.Errorf("%s: its ends are %+v", kind, ends)
					}
				}
			})
		})
	}
}

// Nobody looks in a pause, and what was wrong is not told on.
func TestNobodyLooksWhatIsWrongInAPause(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		settings := recordAll(time.Minute)
		settings.Health = true
		r := startRig(t, Options{}, settings)
		s := newParlour(t)
		s.play(r, 80*time.Second, s.steps...)
		if got := ailing(r); len(got) != 1 {
			t.Fatalf("got %v", got)
		}
		if err := r.store.Pause(t.Context(), door, time.Now(), time.Time{}); err != nil {
			t.Fatal(err)
		}
		s.play(r, 80*time.Second, s.steps...)
		if got := ailing(r); len(got) != 0 {
			t.Errorf("in the pause: got %v", got)
		}
		r.stop()
	})
}

func TestASilentMicrophoneIsTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		settings := recordAll(time.Minute)
		settings.Health = true
		r := startRig(t, Options{}, settings)
		hear := func(d time.Duration, code byte) {
			piece := make([]byte, 800)
			for i := range piece {
				piece[i] = code ^ byte(i&1)<<7 // both zeros
			}
			for range d / time.Second {
				r.Audio(camera.Audio{Camera: door, At: time.Now(), ALaw: piece})
				pause(time.Second)
			}
		}
		hear(31*time.Minute, 0xD5)
		if got := ailing(r); !slices.Equal(got, []camera.EventKind{camera.Deaf}) {
			t.Errorf("got %v, want deaf", got)
		}
		hear(time.Second, 0xD4)
		if got := ailing(r); len(got) != 0 {
			t.Errorf("got %v, want it to hear", got)
		}
		r.stop()
	})
}
