package recorder

import (
	"context"
	"encoding/binary"
	"fmt"
	"slices"
	"syscall"
	"testing/synctest"
	"time"

	"v720dvr/camera"
	"v720dvr/storage"
	"v720dvr/storage/storagetest"
)

// draw draws by lot what befalls a month, and more or less of it in other spans.
func (w *world) draw() {
	times := func(inAMonth int) int { return max(1, inAMonth*w.days/31) }
	at := func(n int, what string, do func()) {
		for range n {
			second := 60 + w.random.IntN(w.days*dayLength-4*3600)
			w.plan[second] = append(w.plan[second], func() {
				w.happened[what]++
				w.befell(what)
				do()
			})
		}
	}
	for _, a := range w.actors {
		at(times(15), "reboots", func() { w.away(a, 8+w.random.IntN(60), offlineCause, camera.Booted) })
		at(times(150), "drops", func() { w.away(a, 1+w.random.IntN(60), silentCause, camera.Reconnected) })
		at(times(3), "pauses", func() { w.pauseActor(a, 600+w.random.IntN(3*3600)) })
	}
	at(times(200), "triggers", func() { w.trigger(w.actors[1], w.random.IntN(60)) })
	at(times(5), "full disks", func() { w.fill(60 + w.random.IntN(900)) })
	at(times(6), "restarts", func() { w.restart(false, 5+w.random.IntN(120), 0) })
	at(times(4), "kills", func() { w.restart(true, 5+w.random.IntN(120), 0) })
	at(times(1), "boots years ago", func() { w.restart(false, 40, -time.Duration(4*365*24+w.random.IntN(9999))*time.Hour) })
	at(times(3), "steps forwards", func() { w.step(time.Duration(1+w.random.IntN(4000)) * time.Second) })
	at(times(3), "steps backwards", func() { w.step(-time.Duration(1+w.random.IntN(4000)) * time.Second) })
}

// befell keeps what happened of late, for who must find out why a second is told wrong.
func (w *world) befell(what string) {
	const most = 100
	if len(w.lately) == most {
		w.lately = w.lately[1:]
	}
	w.lately = append(w.lately, fmt.Sprintf("second %d, %v: %s", w.second, w.now().In(w.zone).Format(time.DateTime), what))
}

func (w *world) live() {
	w.start()
	for w.second = 1; w.second <= w.days*dayLength; w.second++ {
		pause(time.Second)
		for _, do := range w.plan[w.second] {
			do()
		}
		w.boxTurns()
		for _, a := range w.actors {
			w.turn(a)
		}
		if w.second%dayLength == 0 {
			w.endOfDay()
		}
	}
	w.stopBox()
	storagetest.Check(w.t, w.store)
	if err := w.store.Close(); err != nil {
		w.t.Error(err)
	}
	w.t.Logf("%d days, seed %d: %v; seconds of both cameras: %v; pictures dropped: %d", w.days, *yearSeed, w.happened, w.checked, w.dropped)
	for _, reason := range []string{"recorded", storage.GapSilent, storage.GapOffline, storage.GapRestarted} {
		if w.checked[reason] == 0 {
			w.t.Errorf("no second was %s: nothing was tested", reason)
		}
	}
}

func (w *world) start() {
	w.t.Helper()
	var err error
	if w.store, err = storage.Open(w.t.Context(), w.o); err != nil {
		w.t.Fatal(err)
	}
	if w.Recorder, err = New(Options{
		Store: w.store, Now: w.now, Sync: time.Minute, Waiting: 64 << 10,
		Settings: func(id camera.ID) Settings {
			return w.actors[slices.IndexFunc(w.actors, func(a *actor) bool { return a.id == id })].settings
		},
	}); err != nil {
		w.t.Fatal(err)
	}
	for _, a := range w.actors {
		w.Expect(a.id)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- w.Run(ctx) }()
	rescanned := make(chan error, 1)
	go func() { rescanned <- storage.NewRescan(w.store, nil).Run(ctx) }()
	w.stop = func() {
		cancel()
		if err := <-rescanned; err != nil {
			w.t.Errorf("rescan: %v", err)
		}
		if err := <-ended; err != nil && w.full == 0 {
			w.t.Errorf("run: %v", err)
		}
		for _, d := range w.Stats() {
			w.dropped += d.Dropped
		}
	}
}

func (w *world) stopBox() {
	synctest.Wait()
	w.stop()
}

// away takes a camera away for so many seconds.
func (w *world) away(a *actor, seconds int, cause causes, arrival string) {
	if w.dark > 0 || a.back > w.second {
		return // it is
	}
	a.back, a.cause, a.arrival = w.second+seconds, cause, arrival
	if seconds > offlineTold {
		a.offlineAt = w.second + offlineTold
	}
}

func (w *world) pauseActor(a *actor, seconds int) {
	if w.dark > 0 || a.pauseEnds > 0 {
		return
	}
	a.pauseEnds = w.second + seconds
	if err := w.store.Pause(w.t.Context(), a.id, w.now(), time.Time{}); err != nil {
		w.t.Error(err)
	}
}

// trigger says that something happens for so many seconds; with the pre-roll it changes what was true.
func (w *world) trigger(a *actor, seconds int) {
	if w.dark > 0 {
		return
	}
	now := w.now()
	w.Trigger(Trigger{Camera: a.id, Kind: camera.Motion, At: time.Now(), For: time.Duration(seconds) * time.Second})
	a.eventEnds = max(a.eventEnds, w.second+seconds+int(actorPost/time.Second))
	for back := range int64(actorPre / time.Second) {
		if at := now.Unix() - 1 - back; a.truth[at] != 0 {
			a.truth[at] &^= idleCause
		}
	}
}

func (w *world) fill(seconds int) {
	if w.dark > 0 || w.full > 0 {
		return
	}
	w.full = w.second + seconds
	w.disk.Full(int64(w.random.IntN(1 << 20)))
}

// restart ends the box, in good order or by a kill: then nothing more reaches its files.
func (w *world) restart(kill bool, seconds int, boot time.Duration) {
	if w.dark > 0 || w.full > 0 || w.astray {
		return
	}
	if kill {
		w.disk.Fail(syscall.EIO)
		w.full = 1 // Run may say so
	}
	w.stopBox()
	w.full = 0
	err := w.store.Close()
	if err != nil && !kill {
		w.t.Errorf("close: %v", err)
	}
	w.disk.Heal()
	w.dark, w.bootStep = w.second+seconds, boot
	for _, a := range w.actors {
		a.back, a.cause, a.arrival, a.offlineAt, a.gone = w.dark+1+w.random.IntN(5), restartedCause, camera.Booted, 0, true
	}
}

// step sets the wall clock.
func (w *world) step(by time.Duration) {
	if w.dark > 0 {
		return
	}
	w.offset.Add(int64(by))
}

// boxTurns does what is due for the box.
func (w *world) boxTurns() {
	if w.dark == w.second && w.dark > 0 {
		w.dark = 0
		if boot := w.bootStep; boot != 0 { // the clock is set right minutes later
			w.offset.Add(int64(boot))
			w.astray = true
			w.plan[w.second+300] = append(w.plan[w.second+300], func() {
				w.astray = false
				w.step(-boot)
			})
		}
		w.start()
		w.befell("the box is back")
	}
	if w.full == w.second && w.full > 0 {
		w.full, w.cameBack = 0, w.second
		w.disk.Heal()
	}
}

// turn lets a camera live for a second, and writes down what is true of it.
func (w *world) turn(a *actor) {
	now := w.now()
	truth := sampled
	if w.dark == 0 {
		if a.pauseEnds == w.second && a.pauseEnds > 0 {
			a.pauseEnds = 0
			if err := w.store.Unpause(w.t.Context(), a.id); err != nil {
				w.t.Error(err)
			}
		}
		w.connection(a)
	}
	if a.back > w.second {
		truth |= a.cause
	} else {
		a.sent++
		w.Frame(camera.Frame{Camera: a.id, At: time.Now(), JPEG: numbered(a.sent)})
	}
	if w.full > 0 || w.cameBack > 0 && w.second-w.cameBack < 60 {
		truth |= diskCause
	}
	if a.pauseEnds > 0 {
		truth |= pausedCause
	}
	local := now.In(w.zone)
	if len(a.settings.Plan.Rules) > 0 {
		switch h := local.Hour(); {
		case 12 <= h && h < 14:
			truth |= scheduleCause
		case 1 <= h && h < 5 && w.second > a.eventEnds:
			truth |= idleCause
		}
	}
	if w.astray && truth != sampled { // of a time that never was, what was recorded counts
		truth = anyCause
	}
	a.tell(now.Unix(), truth)
	if truth == sampled {
		a.clean = append(a.clean, a.sent)
	}
}

// tell notes what is true of a second. A clock that was set back comes by twice: what was recorded once
// is.
func (a *actor) tell(at int64, truth causes) {
	if before := a.truth[at]; before == sampled || truth == sampled {
		truth = sampled
	} else {
		truth |= before
	}
	a.truth[at] = truth
}

// connection tells of a camera's control connection.
func (w *world) connection(a *actor) {
	event := func(kind camera.EventKind, detail string) {
		w.Event(camera.Event{Camera: a.id, At: time.Now(), Kind: kind, Detail: detail})
	}
	if a.offlineAt == w.second && a.offlineAt > 0 {
		a.offlineAt, a.gone = 0, true
		event(camera.Offline, "it said nothing for 20s")
	}
	if a.back == w.second {
		if a.cause == offlineCause && !a.gone {
			event(camera.Offline, "a newer connection of the same camera took over")
			a.gone = true
		}
		if a.gone {
			event(camera.Online, a.arrival)
		}
		event(camera.Streaming, "")
		a.gone = false
	}
}

// numbered is a JPEG as a reader of headers sees it, with a number in a comment.
func numbered(n uint32) []byte {
	b := []byte{0xFF, 0xD8, 0xFF, 0xC0, 0, 17, 8, 480 >> 8, 480 & 0xFF, 640 >> 8, 640 & 0xFF,
		3, 1, 0x21, 0, 2, 0x11, 1, 3, 0x11, 1, 0xFF, 0xFE, 0, 6}
	return append(binary.BigEndian.AppendUint32(b, n), 0xFF, 0xD9)
}
