package recorder

import (
	"flag"
	"math/rand/v2"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"v720dvr/camera"
	"v720dvr/recorder/schedule"
	"v720dvr/storage"
	"v720dvr/storage/storagetest"
)

var (
	yearDays = flag.Int("days", 31, "how many days TestAMonthIsRecordedOrSaysWhyNot simulates; `make year` does it with 366")
	yearSeed = flag.Uint64("year-seed", 1, "of what befalls them")
)

// Two cameras through weeks of a picture a second: reboots, holes of the Wi-Fi, pauses, schedules, full
// disks, restarts, kills, and a wall clock that is set, by seconds and by years, through a change to daylight
// saving. At the end of each day every second is recorded, or in a gap with a reason that was true; no
// picture is twice, none is missing of a second in which nothing was wrong.
func TestAMonthIsRecordedOrSaysWhyNot(t *testing.T) {
	days := *yearDays
	if testing.Short() {
		days = min(days, 3)
	}
	synctest.Test(t, func(t *testing.T) { newWorld(t, days, *yearSeed).live() })
}

// An actor is a simulated camera: what it sends, what befalls it, and what is true of each second.
type actor struct {
	id       camera.ID
	settings Settings
	sent     uint32             // pictures so far
	found    []uint64           // of those, in files, as bits
	truth    map[int64]causes   // by second of the wall clock
	clean    []uint32           // pictures of seconds in which nothing was wrong
	files    map[string]numbers // that were looked at, by path

	back      int    // the second in which it sends again
	cause     causes // why not until then
	offlineAt int    // the second in which its connection ends; 0: it does not
	gone      bool   // its connection has ended
	arrival   string // how it comes back
	pauseEnds int    // 0: it is not paused
	eventEnds int    // with its post-roll
}

// A world is the box and its cameras.
type world struct {
	t      *testing.T
	random *rand.Rand
	days   int
	zone   *time.Location
	offset atomic.Int64 // of the wall clock against the bubble's, in ns
	o      storage.Options
	disk   *storagetest.Disk
	store  *storage.Store
	*Recorder
	stop   func()
	actors []*actor
	plan   map[int][]func() // what happens, by second

	second   int            // since it began
	dark     int            // the box starts again in this second; 0: it runs
	full     int            // the disk is full until this second
	cameBack int            // when it was well again
	bootStep time.Duration  // that the clock is off by after the next start
	astray   bool           // the clock is, by years
	checked  map[string]int // seconds, by what they were
	happened map[string]int
	lately   []string
	dropped  int64
}

const (
	dayLength   = 24 * 60 * 60
	actorPre    = 10 * time.Second
	actorPost   = 5 * time.Second
	offlineTold = 20 // seconds until a silent connection is given up
)

func newWorld(t *testing.T, days int, seed uint64) *world {
	w := &world{
		t: t, random: rand.New(rand.NewPCG(seed, 5)), days: days, zone: berlin(t), disk: new(storagetest.Disk),
		plan: make(map[int][]func()), checked: make(map[string]int), happened: make(map[string]int),
	}
	w.offset.Store(int64(time.Until(time.Date(2026, 3, 12, 0, 0, 0, 0, w.zone))))
	w.o = storage.Options{Dir: t.TempDir(), FS: w.disk, Location: w.zone, Now: w.now, Software: "v720dvr test"}
	window := func(start, stop, mode string) schedule.Rule {
		window, err := schedule.NewWindow(start, stop)
		if err != nil {
			t.Fatal(err)
		}
		return schedule.Rule{Window: window, Mode: mode}
	}
	w.actors = []*actor{
		{id: "0800c0000001", settings: Settings{Name: "door", Segment: time.Hour}},
		{id: "0800c0000002", settings: Settings{Name: "garden", Segment: time.Hour, Preroll: actorPre, Postroll: actorPost, Plan: schedule.Plan{
			Otherwise: ModeContinuous,
			Rules:     []schedule.Rule{window("0 12 * * *", "0 14 * * *", ModeOff), window("0 1 * * *", "0 5 * * *", ModeMotion)},
		}}},
	}
	for _, a := range w.actors {
		a.files = make(map[string]numbers)
		a.truth, a.back, a.cause, a.arrival = make(map[int64]causes), 2, restartedCause, camera.Booted
	}
	w.draw()
	return w
}

func (w *world) now() time.Time { return time.Now().Add(time.Duration(w.offset.Load())) }
