package recorder

import (
	"context"
	"encoding/binary"
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"v720dvr/camera"
	"v720dvr/recorder/schedule"
	"v720dvr/storage"
	"v720dvr/storage/avi"
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

// Causes why a second is not recorded, as bits.
type causes uint16

const (
	silentCause causes = 1 << iota
	offlineCause
	restartedCause
	diskCause
	offCause
	scheduleCause
	pausedCause
	idleCause
	clockCause
	sampled  // the second was there by the wall clock
	anyCause = sampled<<1 - 1
)

var causeOf = map[string]causes{
	storage.GapSilent: silentCause, storage.GapOffline: offlineCause, storage.GapRestarted: restartedCause, storage.GapDisk: diskCause,
	storage.GapOff: offCause, storage.GapSchedule: scheduleCause, storage.GapPaused: pausedCause, storage.GapIdle: idleCause, storage.GapClock: clockCause,
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

// draw draws by lot what befalls a month, and more or less of it in other spans.
func (w *world) draw() {
	times := func(inAMonth int) int { return max(1, inAMonth*w.days/31) }
	at := func(n int, what string, do func()) {
		for range n {
			second := 60 + w.random.IntN(w.days*dayLength-4*3600)
			w.plan[second] = append(w.plan[second], func() {
				w.happened[what]++
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

// endOfDay holds the day's files and what is said of the day against what was true.
func (w *world) endOfDay() {
	if w.dark > 0 {
		return // the next one looks at both
	}
	synctest.Wait()
	for _, a := range w.actors {
		w.lookAtFiles(a)
		w.lookAtTruth(a)
	}
	if _, err := w.store.Sweep(w.t.Context(), storage.Rules{Camera: func(camera.ID) storage.CameraRules {
		return storage.CameraRules{MaxAge: 30 * time.Hour}
	}}); err != nil {
		w.t.Errorf("sweep: %v", err)
	}
	if w.t.Failed() { // what comes next would tell the same again
		w.stopBox()
		w.store.Close()
		w.t.FailNow()
	}
}

// lookAtFiles notes the pictures in the segments that were committed since the last look.
func (w *world) lookAtFiles(a *actor) {
	records, err := w.store.Segments(w.t.Context(), storage.SegmentQuery{Camera: a.id})
	if err != nil {
		w.t.Fatal(err)
	}
	var before numbers
	for _, r := range records {
		n, known := a.files[r.Path]
		if !known {
			n = w.lookAtFile(a, r)
			a.files[r.Path] = n
		}
		if before.run == n.run && n.first <= before.last {
			w.t.Errorf("%s: begins with picture %d, behind picture %d", r.Path, n.first, before.last)
		}
		before = n
	}
	missing := 0
	for _, n := range a.clean {
		if n+7200 < a.sent && !a.has(n) { // the last two hours may be in an open file
			missing++
		}
	}
	if missing > 0 {
		w.t.Errorf("camera %s: %d pictures of seconds without trouble are in no file", a.id, missing)
	}
	a.clean = slices.DeleteFunc(a.clean, func(n uint32) bool { return n+7200 < a.sent })
}

// numbers are those of the pictures in a segment.
type numbers struct {
	run         [16]byte
	first, last uint32
}

func (w *world) lookAtFile(a *actor, record storage.SegmentRecord) numbers {
	of := numbers{run: record.Run}
	file, err := os.Open(w.store.Path(record))
	if err != nil {
		w.t.Errorf("%v", err)
		return of
	}
	defer file.Close()
	r, err := avi.Open(file, record.Bytes)
	if err != nil || !r.Finished() {
		w.t.Errorf("%s: %v, want a finished file", record.Path, err)
		return of
	}
	var jpeg []byte
	for i, info := range r.Frames() {
		if info.Lost {
			continue
		}
		if jpeg, err = r.ReadFrame(jpeg[:0], i); err != nil {
			w.t.Errorf("%s: picture %d: %v", record.Path, i, err)
			return of
		}
		n := binary.BigEndian.Uint32(jpeg[len(jpeg)-6:])
		if a.has(n) {
			w.t.Errorf("%s: picture %d is in two files", record.Path, n)
			return of
		}
		if n <= of.last {
			w.t.Errorf("%s: picture %d stands behind %d", record.Path, n, of.last)
		}
		if of.first == 0 {
			of.first = n
		}
		of.last = n
		a.note(n)
	}
	return of
}

func (a *actor) has(n uint32) bool {
	return int(n/64) < len(a.found) && a.found[n/64]&(1<<(n%64)) != 0
}

func (a *actor) note(n uint32) {
	for int(n/64) >= len(a.found) {
		a.found = append(a.found, 0)
	}
	a.found[n/64] |= 1 << (n % 64)
}

// lookAtTruth asks for the coverage of all seconds that are not looked at yet, in stretches that no
// clock set by years tears apart.
func (w *world) lookAtTruth(a *actor) {
	var seconds []int64
	for at := range a.truth {
		seconds = append(seconds, at)
	}
	slices.Sort(seconds)
	for len(seconds) > 0 {
		n := 1
		for n < len(seconds) && seconds[n]-seconds[n-1] < dayLength/2 {
			n++
		}
		w.lookAtStretch(a, seconds[0], seconds[n-1])
		seconds = seconds[n:]
	}
	now := w.now().Unix()
	maps.DeleteFunc(a.truth, func(at int64, _ causes) bool { return at > now || at < now-2*unsettled })
}

// unsettled is how many seconds are looked at when they are older: a file that is open may be waiting for
// nothing, and that a camera is gone is known 20 s later.
const unsettled = 60

// near is how far from a change what is said of a second is not judged: commits, connections and rolls
// begin and end within it. A kill is known to 10 s.
func near(c causes) int {
	if c&(restartedCause|clockCause|diskCause) != 0 {
		return 15
	}
	return 3
}

func (w *world) lookAtStretch(a *actor, from, to int64) {
	covered, err := w.store.Coverage(w.t.Context(), a.id, time.Unix(from, 0), time.Unix(to+1, 0))
	if err != nil {
		w.t.Fatal(err)
	}
	last := sampled
	told := make([]causes, to-from+1)
	for i := range told {
		c := a.truth[from+int64(i)]
		if c == 0 { // the clock has never shown it
			c = last | clockCause
		} else {
			last = c
		}
		told[i] = c
	}
	wrong := 0
	for at := from; at <= min(to, w.now().Unix()-unsettled); at++ {
		said := "recorded"
		middle := time.Unix(at, 5e8)
		for len(covered.Gaps) > 0 && !covered.Gaps[0].To.After(middle) {
			covered.Gaps = covered.Gaps[1:]
		}
		if len(covered.Gaps) > 0 && !covered.Gaps[0].From.After(middle) {
			said = covered.Gaps[0].Reason
		}
		want := told[at-from]
		if changesNear(told, int(at-from)) || right(said, want) {
			w.checked[said]++
			continue
		}
		if wrong++; wrong <= 3 {
			w.t.Errorf("camera %s, %v: it says %s, true was %s", a.id, middle.In(w.zone), said, want)
		}
	}
	if wrong > 3 {
		w.t.Errorf("camera %s: %d seconds are told wrong", a.id, wrong)
	}
}

func right(said string, want causes) bool {
	if want == anyCause {
		return true
	}
	if said == "recorded" {
		return want&^(sampled|diskCause) == 0
	}
	return causeOf[said]&want != 0
}

// changesNear tells whether another thing is true so shortly before or behind that it does not matter
// which is told.
func changesNear(told []causes, i int) bool {
	for d := 1; d <= 15; d++ {
		for _, j := range []int{i - d, i + d} {
			switch {
			case j < 0 || j >= len(told):
				return true
			case told[j] != told[i] && d <= near(told[j]|told[i]):
				return true
			}
		}
	}
	return false
}

func (c causes) String() string {
	text := ""
	for reason, bit := range causeOf {
		if c&bit != 0 {
			text += reason + " "
		}
	}
	if text == "" {
		return "recorded"
	}
	return fmt.Sprintf("one of: %s", text)
}
