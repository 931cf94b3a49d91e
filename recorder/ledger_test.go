package recorder

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"

	"v720dvr/camera"
	"v720dvr/storage"
)

var ledgerSeeds = flag.Int("ledger-seeds", 4, "how many runs with drops, modes, pauses and restarts by lot")

// A life is a camera's, and what is to be said of each of its seconds: "" is recorded.
type life struct {
	t      *testing.T
	random *rand.Rand
	r      *rig
	scene  *scene
	begun  time.Time
	mode   string
	paused bool
	gone   string // why no pictures come; "" when they do
	event  time.Time
	said   []string // by second
	sure   []bool   // nothing changed within some seconds of it
}

// now is what is to be said.
func (l *life) now() string {
	switch {
	case l.paused:
		return storage.GapPaused
	case l.mode == ModeOff:
		return storage.GapOff
	case l.gone != "":
		return l.gone
	case l.mode == ModeMotion && !time.Now().Before(l.event):
		return storage.GapIdle
	}
	return ""
}

const (
	lifePreroll  = 3 * time.Second
	lifePostroll = 2 * time.Second
)

func (l *life) settings() Settings {
	s := inMode(l.mode, time.Minute)
	s.Preroll, s.Postroll = lifePreroll, lifePostroll
	return s
}

// lives lets time pass.
func (l *life) lives(d time.Duration) {
	for range d / time.Second {
		l.said = append(l.said, l.now())
		l.sure = append(l.sure, true)
		if l.gone == "" {
			l.scene.play(l.r, time.Second)
		} else {
			pause(time.Second)
		}
	}
}

// changes marks what was right before this moment as unsure.
func (l *life) changes() {
	n := len(l.said)
	for i := max(n-4, 0); i < n; i++ {
		l.sure[i] = false
	}
}

// passes is behind a change: the next seconds are unsure.
func (l *life) passes() {
	n := len(l.said)
	l.lives(4 * time.Second)
	for i := n; i < len(l.said); i++ {
		l.sure[i] = false
	}
}

func (l *life) rewrite(from int, was, is string) {
	for i := from; i < len(l.said); i++ {
		if l.said[i] == was {
			l.said[i] = is
		}
	}
}

func (l *life) some(least, most int) time.Duration {
	return time.Duration(least+l.random.IntN(most-least)) * time.Second
}

func (l *life) says(kind camera.EventKind, detail string) {
	l.r.Event(camera.Event{Camera: door, At: time.Now(), Kind: kind, Detail: detail})
}

func (l *life) step() {
	l.changes()
	switch l.random.IntN(6) {
	case 0: // another mode
		l.mode = []string{ModeContinuous, ModeMotion, ModeOff}[l.random.IntN(3)]
		l.r.Apply(func(camera.ID) Settings { return l.settings() })
	case 1: // privacy
		until := l.some(10, 60)
		if err := l.r.store.Pause(l.t.Context(), door, time.Now(), time.Now().Add(until)); err != nil {
			l.t.Fatal(err)
		}
		l.paused = true
		l.passes()
		l.lives(until - 4*time.Second)
		l.changes()
		l.paused, l.event = false, time.Time{}
	case 2: // something happens
		lasts := l.some(0, 20)
		l.r.Trigger(Trigger{Camera: door, Kind: camera.Asked, At: time.Now(), For: lasts})
		if !l.paused {
			l.event = time.Now().Add(lasts + lifePostroll)
			for i := max(len(l.said)-8, 0); i < len(l.said); i++ {
				l.sure[i] = false
			}
			l.passes()
			l.lives(lasts + lifePostroll)
			l.changes()
		}
	case 3: // a drop
		from := len(l.said)
		l.gone = storage.GapSilent
		l.passes()
		l.lives(25 * time.Second)
		way := l.random.IntN(3)
		if way > 0 {
			l.says(camera.Offline, "no heartbeat")
			l.rewrite(from, storage.GapSilent, storage.GapOffline)
			l.gone = storage.GapOffline
		}
		l.lives(l.some(5, 60))
		switch way {
		case 1:
			l.says(camera.Online, "booted")
		case 2:
			l.says(camera.Online, camera.Reconnected)
			l.rewrite(from, storage.GapOffline, storage.GapSilent)
		}
		l.changes()
		l.gone, l.event = "", time.Time{}
	case 4: // the program is ended and started
		ended := time.Now()
		l.r = l.r.restart(l.t, l.some(20, 60), Options{}, l.settings())
		for range time.Since(ended) / time.Second {
			l.said, l.sure = append(l.said, storage.GapRestarted), append(l.sure, true)
		}
		l.event = time.Time{}
	case 5: // less than a drop
		n := len(l.said)
		pause(5 * time.Second)
		for range 5 {
			l.said, l.sure = append(l.said, l.now()), append(l.sure, false)
		}
		if l.now() == "" {
			l.said[n+2], l.sure[n+2] = storage.GapSilent, true
		}
	}
	l.passes()
	l.lives(l.some(5, 40))
}

// A camera's life is held against what Coverage says of it: each second is recorded, or a gap for its reason.
func TestEachSecondOfALifeIsRecordedOrAGapForItsReason(t *testing.T) {
	for seed := range *ledgerSeeds {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l := &life{t: t, random: rand.New(rand.NewPCG(uint64(seed), 3)), scene: newScene(door, 5), begun: time.Now(), mode: ModeContinuous}
				l.r = startRig(t, Options{}, l.settings())
				l.lives(10 * time.Second)
				for range 25 {
					l.step()
				}
				l.r.stop()
				l.holds()
			})
		})
	}
}

func (l *life) holds() {
	end := l.begun.Add(time.Duration(len(l.said)) * time.Second)
	c, err := l.r.store.Coverage(l.t.Context(), door, l.begun, end)
	if err != nil {
		l.t.Fatal(err)
	}
	wrong := 0
	for i, want := range l.said {
		at, got := l.begun.Add(time.Duration(i)*time.Second+500*time.Millisecond), ""
		for _, g := range c.Gaps {
			if !at.Before(g.From) && at.Before(g.To) {
				got = g.Reason
			}
		}
		if l.sure[i] && got != want {
			if wrong++; wrong < 10 {
				l.t.Errorf("second %d: got %q, want %q", i, got, want)
			}
		}
	}
	if wrong > 0 {
		l.t.Logf("%d of %d seconds are wrong; gaps: %v", wrong, len(l.said), c.Gaps)
	}
}
