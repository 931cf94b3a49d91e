package recorder

import (
	"encoding/binary"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing/synctest"
	"time"

	"v720dvr/camera"
	"v720dvr/storage"
	"v720dvr/storage/avi"
)

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
	if _, err := w.store.Sweep(w.t.Context(), storage.Rules{Twice: true, Camera: func(camera.ID) storage.CameraRules {
		return storage.CameraRules{MaxAge: 30 * time.Hour}
	}}); err != nil {
		w.t.Errorf("sweep: %v", err)
	}
	if w.t.Failed() { // what comes next would tell the same again
		w.t.Logf("what happened of late:\n%s", strings.Join(w.lately, "\n"))
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
