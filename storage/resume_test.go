package storage_test

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"v720dvr/camera"
	"v720dvr/storage"
	"v720dvr/storage/avi"
	"v720dvr/storage/storagetest"
)

const door = camera.ID("0800c0000001")

// A box records in a bubble, and is killed now and then. Its times are seconds since it was made.
type box struct {
	t     *testing.T
	dir   string
	epoch time.Time
	off   time.Duration // of its wall clock
	*storage.Store
}

func newBox(t *testing.T) *box {
	b := &box{t: t, dir: t.TempDir(), epoch: time.Now()}
	b.start()
	return b
}

func (b *box) now() time.Time         { return time.Now().Add(b.off) }
func (b *box) at(s float64) time.Time { return b.epoch.Add(time.Duration(s * 1e9)).UTC() }

func (b *box) start() {
	b.t.Helper()
	store, err := storage.Open(b.t.Context(), storage.Options{Dir: b.dir, Location: time.UTC, Now: b.now})
	if err != nil {
		b.t.Fatal(err)
	}
	b.t.Cleanup(func() { store.Close() })
	b.Store = store
	b.StillAlive(b.now())
}

// kill leaves the folder as it is now, and stands there without a store.
func (b *box) kill() {
	b.t.Helper()
	dir := b.t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(b.dir)); err != nil {
		b.t.Fatal(err)
	}
	b.Close()
	b.dir = dir
}

// run lets time pass.
func (b *box) run(seconds int) {
	for range seconds {
		<-time.After(time.Second)
		b.StillAlive(b.now())
	}
}

func (b *box) wait(seconds int) { <-time.After(time.Duration(seconds) * time.Second) }

// film records for so many seconds, a picture each. It is left open when killed.
func (b *box) film(seconds int, gaps []avi.Gap, killed bool) {
	b.t.Helper()
	segment := create(b.t, b.Store, storage.SegmentSpec{Camera: door, Start: b.now(), Gaps: gaps})
	for i := range seconds {
		if err := segment.WriteFrame(camera.Frame{At: b.now(), JPEG: jpeg(i)}); err != nil {
			b.t.Fatal(err)
		}
		b.run(1)
	}
	if killed {
		b.kill()
	} else if _, err := segment.Commit(b.t.Context(), b.now()); err != nil {
		b.t.Fatal(err)
	}
}

func (b *box) note(gaps ...avi.Gap) {
	b.t.Helper()
	if err := b.NoteGaps(b.t.Context(), door, gaps); err != nil {
		b.t.Fatal(err)
	}
}

func (b *box) resume() []avi.Gap {
	b.t.Helper()
	gaps, err := b.Resume(b.t.Context(), door, b.now())
	if err != nil {
		b.t.Fatal(err)
	}
	return gaps
}

// look is what a view beside the box, or without one, says from the first second on.
func (b *box) look(until time.Time) storage.Coverage {
	b.t.Helper()
	view, err := storage.OpenReadOnly(b.t.Context(), b.dir)
	if err != nil {
		b.t.Fatal(err)
	}
	defer view.Close()
	c, err := view.Coverage(b.t.Context(), door, b.epoch, until)
	if err != nil {
		b.t.Fatal(err)
	}
	return c
}

func (b *box) gap(from, to float64, reason string) avi.Gap {
	g := avi.Gap{From: b.at(from), Reason: reason}
	if to != 0 {
		g.To = b.at(to)
	}
	return g
}

func agrees[T any](t *testing.T, what string, got, want T) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%s: got %+v\nwant %+v", what, got, want)
	}
}

func TestResumeOfACameraThatNeverRecordedIsNothing(t *testing.T) {
	store := storagetest.Open(t, storage.Options{})
	if gaps, err := store.Resume(t.Context(), door, noon); err != nil || gaps != nil {
		t.Errorf("got %v, %v, want nothing", gaps, err)
	}
}

// What is open when the process is killed is finished by the next start; from its end on nothing ran.
func TestResumeAfterAKillWhileRecordingIsRestartedFromTheEndOfTheFootage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBox(t)
		b.film(60, nil, false)
		b.film(33, nil, true)
		b.wait(27)
		b.start()
		b.run(3)
		rows, err := b.Segments(t.Context(), storage.SegmentQuery{})
		if err != nil || len(rows) != 2 {
			t.Fatalf("got %d segments, %v, want both", len(rows), err)
		}
		end := rows[1].End.Sub(b.epoch).Seconds()
		agrees(t, "resume", b.resume(), []avi.Gap{b.gap(end, 120, storage.GapRestarted), b.gap(120, 0, storage.GapRestarted)})
		agrees(t, "coverage", b.look(b.at(120)).Gaps, []avi.Gap{b.gap(end, 120, storage.GapRestarted)})
	})
}

func TestResumeAfterKillsWhileTheCameraWasGoneIsOfflineAndRestarted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBox(t)
		b.film(60, nil, false)
		b.note(b.gap(60, 62, storage.GapSilent), b.gap(62, 0, storage.GapOffline))
		b.run(45)
		b.kill() // at 105, written down at 100
		b.wait(95)
		b.start() // at 200, and the camera never comes
		b.run(305)
		b.kill() // at 505, written down at 500
		b.wait(15)
		b.start() // at 520
		b.run(5)
		want := []avi.Gap{
			b.gap(60, 62, storage.GapSilent), b.gap(62, 100, storage.GapOffline), b.gap(100, 260, storage.GapRestarted),
			b.gap(260, 485, storage.GapOffline), b.gap(485, 520, storage.GapRestarted),
		}
		got := b.resume()
		agrees(t, "resume", got, append(want[:len(want):len(want)], b.gap(520, 0, storage.GapRestarted)))
		agrees(t, "coverage", b.look(b.at(520)).Gaps, want)
		if again := b.resume(); !reflect.DeepEqual(again, got) {
			t.Errorf("asked again: got %+v", again)
		}

		// The camera comes. The segment tells it all, and what is noted still counts nothing twice.
		b.note(got...)
		b.film(10, got, false)
		want[4].To = b.at(525)
		noted := b.look(b.at(535))
		agrees(t, "gaps of the segment", noted.Gaps, want)
		b.note()
		agrees(t, "coverage without the note", b.look(b.at(535)), noted)
		if noted.Recorded != 70*time.Second || noted.Frames != 70 {
			t.Errorf("got %v and %d frames, want 1m10s and 70", noted.Recorded, noted.Frames)
		}
	})
}

// A kill between a segment's commit and the clearing of what was noted leaves both.
func TestNoteThatASegmentHasToldSinceCountsNoMore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBox(t)
		b.film(60, nil, false)
		b.note(b.gap(60, 0, storage.GapOffline))
		b.run(30)
		b.film(10, []avi.Gap{b.gap(60, 0, storage.GapOffline)}, false)
		b.run(15)
		b.kill()
		b.wait(15)
		b.start()
		agrees(t, "resume", b.resume(), []avi.Gap{b.gap(100, 130, storage.GapRestarted), b.gap(130, 0, storage.GapRestarted)})
	})
}

func TestResumeAfterAStopIsRestartedFromTheEndOfTheFootage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBox(t)
		b.film(60, nil, false)
		b.run(2)
		b.Close()
		b.wait(28)
		b.start()
		agrees(t, "resume", b.resume(), []avi.Gap{b.gap(60, 90, storage.GapRestarted), b.gap(90, 0, storage.GapRestarted)})
	})
}

func TestCoverageIsTheSameAfterReindex(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBox(t)
		b.film(60, nil, false)
		b.note(b.gap(60, 0, storage.GapOffline))
		b.run(60)
		b.kill()
		b.wait(60)
		b.start()
		gaps := b.resume()
		segment := create(t, b.Store, storage.SegmentSpec{Camera: door, Start: b.now(), Gaps: gaps, Motion: true})
		shoot(t, segment)
		b.run(20)
		if err := segment.WriteGap(avi.Gap{From: b.at(181), To: b.at(199.5), Reason: storage.GapSilent}); err != nil {
			t.Fatal(err)
		}
		if _, err := segment.Commit(t.Context(), b.now()); err != nil {
			t.Fatal(err)
		}
		b.note(b.gap(200, 0, storage.GapPaused))
		b.run(60)
		b.Close()
		before := b.look(b.at(300))
		agrees(t, "coverage", before.Gaps, []avi.Gap{
			b.gap(60, 120, storage.GapOffline), b.gap(120, 180, storage.GapRestarted), b.gap(181, 199.5, storage.GapSilent),
			b.gap(200, 260, storage.GapPaused), b.gap(260, 300, storage.GapRestarted),
		})
		for _, lost := range []bool{false, true} {
			if lost {
				removeIndex(t, b.dir)
			}
			if _, err := storage.Reindex(t.Context(), storage.Options{Dir: b.dir, Location: time.UTC, Now: b.now}, nil); err != nil {
				t.Fatal(err)
			}
			agrees(t, "after reindex", b.look(b.at(300)), before)
		}
	})
}

// A box without a clock of its own boots in 1970, twice, and is set by NTP.
func TestTimeBetweenTwoReadingsOfTheClockIsNoTimeOfRunning(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBox(t)
		b.film(60, nil, false)
		b.kill() // at 60
		b.wait(30)
		b.off = time.Until(time.Unix(5, 0)) // at 90
		b.start()
		b.film(40, nil, false)
		b.off = 0 // at 130
		b.run(1)
		gaps := b.resume()
		agrees(t, "resume", gaps, []avi.Gap{b.gap(60, 131, storage.GapRestarted), b.gap(131, 0, storage.GapRestarted)})
		b.film(9, []avi.Gap{{From: time.Unix(45, 0), To: b.at(131), Reason: storage.GapClock}}, false) // as if nobody had asked
		b.Close()

		view, err := storage.OpenReadOnly(t.Context(), b.dir)
		if err != nil {
			t.Fatal(err)
		}
		defer view.Close()
		c, err := view.Coverage(t.Context(), door, time.Unix(0, 0), b.at(140))
		if err != nil {
			t.Fatal(err)
		}
		// What was recorded in 1970 stands there. The years between belong to nobody.
		agrees(t, "coverage", c.Gaps, []avi.Gap{
			{From: time.Unix(0, 0).UTC(), To: time.Unix(5, 0).UTC(), Reason: storage.GapRestarted},
			{From: time.Unix(45, 0).UTC(), To: time.Unix(46, 0).UTC(), Reason: storage.GapClock}, // the last second before it was set
			{From: time.Unix(46, 0).UTC(), To: b.epoch.UTC(), Reason: storage.GapRestarted},
			b.gap(60, 131, storage.GapRestarted),
		})
		if c.Recorded != 109*time.Second {
			t.Errorf("got %v recorded, want 1m49s", c.Recorded)
		}
	})
}

// Whoever sees first that the clock was set asks before StillAlive has told.
func TestClockThatWasYearsBehindAtTheStartHidesNothingOnceItIsRight(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBox(t)
		b.film(10, nil, false)
		b.note(avi.Gap{From: b.at(10), Reason: storage.GapSchedule})
		b.run(60)
		b.Close()
		b.wait(40)
		b.off = -8 * 365 * 24 * time.Hour
		b.start()
		b.note(avi.Gap{From: b.now().Add(5 * time.Second), Reason: storage.GapOffline})
		b.run(300)
		b.off = 0
		b.wait(1)
		want := []avi.Gap{b.gap(10, 70, storage.GapSchedule), b.gap(70, 411, storage.GapRestarted), {From: b.at(411), Reason: storage.GapRestarted}}
		agrees(t, "what is missing", b.resume(), want)
	})
}

func TestWhatIsMissingThroughASetBackClockKeepsItsReasonUpToWhereItHadCome(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBox(t)
		b.film(10, nil, false)
		b.note(avi.Gap{From: b.at(10), Reason: storage.GapSchedule})
		b.run(500) // to 510
		b.off = -400 * time.Second
		b.run(200) // from 110 to 310
		b.kill()
		b.wait(120)
		b.start() // at 430
		b.run(10)
		agrees(t, "coverage", b.look(b.at(440)).Gaps, []avi.Gap{b.gap(10, 440, storage.GapSchedule)})
	})
}

func TestAHoleInAnOpenSegmentIsAGapBeforeItIsCommitted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBox(t)
		segment := create(t, b.Store, storage.SegmentSpec{Camera: door, Start: b.now()})
		for i, after := range []int{0, 1, 8} {
			b.run(after)
			if err := segment.WriteFrame(camera.Frame{At: b.now(), JPEG: jpeg(i)}); err != nil {
				t.Fatal(err)
			}
		}
		if err := segment.WriteGap(b.gap(2, 9, storage.GapSilent)); err != nil {
			t.Fatal(err)
		}
		b.run(6)
		c, err := b.Coverage(t.Context(), door, b.epoch, b.at(15))
		if err != nil || c.Recorded != 8*time.Second {
			t.Errorf("got %v recorded, %v, want 8s", c.Recorded, err)
		}
		agrees(t, "coverage", c.Gaps, []avi.Gap{b.gap(2, 9, storage.GapSilent)})
	})
}

func TestClockThatWasSetForwardMissedNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, noted := range []bool{true, false} {
			b := newBox(t)
			b.film(60, nil, false)
			b.note(b.gap(60, 0, storage.GapOffline))
			b.run(30)
			b.off = time.Hour
			b.run(1)
			if noted {
				b.note(b.gap(60, 91, storage.GapOffline), b.gap(91, 3691, storage.GapClock), b.gap(3691, 0, storage.GapOffline))
			}
			b.run(29)
			c, err := b.Coverage(t.Context(), door, b.epoch, b.now().Add(time.Hour))
			if err != nil || !c.To.Equal(b.at(3720)) {
				t.Errorf("got an end at %v, %v, want now", c.To, err)
			}
			agrees(t, "coverage", c.Gaps, []avi.Gap{
				b.gap(60, 91, storage.GapOffline), b.gap(91, 3691, storage.GapClock), b.gap(3691, 3720, storage.GapOffline),
			})
		}
	})
}

func TestOpenSegmentIsRecordedForTheRunningAndUnfinishedForOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBox(t)
		b.film(60, nil, false)
		b.note(b.gap(60, 0, storage.GapOffline))
		b.run(30)
		segment := create(t, b.Store, storage.SegmentSpec{Camera: door, Start: b.now(), Gaps: []avi.Gap{b.gap(60, 0, storage.GapOffline)}})
		shoot(t, segment)
		offline := b.gap(60, 90, storage.GapOffline)
		for _, noted := range []bool{true, false} {
			b.run(30)
			c, err := b.Coverage(t.Context(), door, b.epoch, b.now())
			if err != nil {
				t.Fatal(err)
			}
			agrees(t, "the running one", c.Gaps, []avi.Gap{offline})
			beside := []avi.Gap{offline, b.gap(90, 120, storage.GapUnfinished)}
			if !noted {
				beside = []avi.Gap{b.gap(60, 150, storage.GapUnfinished)}
			}
			agrees(t, "one beside it", b.look(b.now()).Gaps, beside)
			b.note()
		}
	})
}

func TestNameAndBoundariesFollowAZoneThatIsChanged(t *testing.T) {
	store := storagetest.Open(t, storage.Options{Location: time.UTC})
	first := film(t, store, storage.SegmentSpec{Camera: door, Start: noon})
	store.SetLocation(time.FixedZone("", -10*3600))
	second := film(t, store, storage.SegmentSpec{Camera: door, Start: noon.Add(time.Minute)})
	for record, want := range map[string]string{first.Path: "2026-11-22/2026-11-22T13-05-00+0000.avi", second.Path: "2026-11-22/2026-11-22T03-06-00-1000.avi"} {
		if !strings.HasSuffix(filepath.ToSlash(record), want) {
			t.Errorf("got %s, want %s", record, want)
		}
	}
	store.SetLocation(nil)
	if store.Location() != time.Local {
		t.Errorf("got %v, want the box's zone", store.Location())
	}
}
