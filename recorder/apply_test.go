package recorder

import (
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"v720dvr/camera"
	"v720dvr/storage"
	"v720dvr/storage/storagetest"
)

func TestNewSettingsCutOnlyWhatTheyChange(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := startRig(t, Options{}, recordAll(time.Hour))
		changed, same := newScene(door, 10), newScene("0800c0000002", 10)
		var playing sync.WaitGroup
		playing.Go(func() { same.play(r, 10*time.Second) })
		changed.play(r, 3050*time.Millisecond)
		r.Apply(func(id camera.ID) Settings {
			if id == door {
				return Settings{Name: "front door", Segment: 5 * time.Second, Audio: true}
			}
			return recordAll(time.Hour)
		})
		changed.play(r, 6*time.Second)
		playing.Wait()
		r.stop()

		all := readTape(t, r.store, same.id)
		all.holdsFrames(t, same.sent)
		if len(all.segments) != 1 {
			t.Errorf("the camera that was not changed: got %d segments, want 1", len(all.segments))
		}
		all = readTape(t, r.store, door)
		all.holdsFrames(t, changed.sent)
		all.holdsSound(t, changed.heard)
		if len(all.segments) != 3 { // before, after, and the boundary at 5 s
			t.Fatalf("the changed one: got %d segments, want 3", len(all.segments))
		}
		for i, segment := range all.segments[1:] {
			if !strings.HasPrefix(segment.Path, "front door/") || segment.Gaps != nil || !segment.Start.Equal(all.segments[i].End) {
				t.Errorf("segment %d: got %+v, want it in the new folder, right behind the one before", i+1, segment)
			}
		}
	})
}

func TestSettingsThatComeBackBeforeTheNextPictureCutNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := startRig(t, Options{}, recordAll(time.Hour))
		s := newScene(door, 10)
		s.play(r, time.Second)
		for _, settings := range []Settings{recordAll(time.Minute), recordAll(time.Hour)} {
			r.Apply(func(camera.ID) Settings { return settings })
			synctest.Wait()
		}
		s.play(r, time.Second)
		r.stop()
		if all := readTape(t, r.store, door); len(all.segments) != 1 {
			t.Errorf("got %d segments, want 1", len(all.segments))
		}
	})
}

func TestRecordingSwitchedOffEndsAtOnceAndOnAgainTellsTheGap(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := startRig(t, Options{}, recordAll(time.Hour))
		s := newScene(door, 10)
		apply := func(settings Settings) {
			r.Apply(func(camera.ID) Settings { return settings })
			synctest.Wait()
		}
		s.play(r, 2*time.Second)
		apply(inMode(ModeOff, time.Hour))
		if stats := r.Stats()[0]; stats.Segment != "" || stats.Segments != 1 {
			t.Errorf("got %+v, want the segment committed", stats)
		}
		unseen := newScene(door, 10)
		unseen.play(r, 2*time.Second)
		apply(recordAll(time.Hour))
		s.play(r, 2*time.Second)
		r.stop()
		all := readTape(t, r.store, door)
		all.holdsFrames(t, s.sent)
		all.holdsSound(t, s.heard)
		if gaps := all.segments[1].Gaps; len(all.segments) != 2 || len(gaps) != 1 || gaps[0].Reason != storage.GapOff || gaps[0].To.Sub(gaps[0].From) != 2*time.Second {
			t.Errorf("got %+v, want a second segment with a gap of 2 s for %q", all.segments, storage.GapOff)
		}
		if stats := r.Stats()[0]; stats.Frames != 60 || stats.Written != 40 || stats.Dropped != 0 {
			t.Errorf("got %+v, want 60 frames, 40 written", stats)
		}
	})
}

func TestSoundSwitchedOffIsInTheFilesUntilThen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := startRig(t, Options{}, recordAll(time.Hour))
		s := newScene(door, 10)
		s.play(r, 2*time.Second)
		heard := s.heard
		r.Apply(func(camera.ID) Settings { return Settings{Segment: time.Hour} })
		synctest.Wait()
		s.play(r, 2*time.Second)
		r.stop()
		all := readTape(t, r.store, door)
		all.holdsFrames(t, s.sent)
		all.holdsSound(t, heard)
		if len(all.segments) != 2 || all.segments[1].HasAudio {
			t.Errorf("got %+v, want a second segment without sound", all.segments)
		}
	})
}

func TestWhatCameBeforeRunIsRecorded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := startRig(t, Options{}, recordAll(time.Hour))
		r.stop()
		second, err := New(Options{Store: r.store, Settings: func(camera.ID) Settings { return recordAll(time.Hour) }})
		if err != nil {
			t.Fatal(err)
		}
		s := newScene(door, 10)
		s.play(second, 2*time.Second)
		stop := runRecorder(t, second)
		synctest.Wait()
		stop()
		s.play(second, time.Second) // nobody takes it, nobody waits
		all := readTape(t, r.store, door)
		all.holdsFrames(t, s.sent[:20])
	})
}

func TestStopGivesUpADiskThatStandsStillAfterFiveSeconds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := startRig(t, Options{}, recordAll(time.Hour))
		r.stop()
		second, err := New(Options{Store: r.store, Settings: func(camera.ID) Settings { return recordAll(time.Hour) }})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := contextFor(t)
		result := make(chan error, 1)
		go func() { result <- second.Run(ctx) }()
		s := newScene(door, 10)
		s.play(second, 2*time.Second)
		release := make(chan struct{})
		r.disk.Before(func(op, path string) error {
			if op == storagetest.OpRename {
				<-release
			}
			return nil
		})
		cancel()
		began := time.Now()
		if err := <-result; err == nil || !strings.Contains(err.Error(), string(door)) {
			t.Errorf("got %v, want an error that names the camera", err)
		}
		if took := time.Since(began); took != shutdown {
			t.Errorf("got it after %v, want %v", took, shutdown)
		}
		r.disk.Before(nil)
		close(release)
		synctest.Wait()
		all := readTape(t, r.store, door)
		all.holdsFrames(t, s.sent)
	})
}

func TestStatsTellTheRateOfTheLastTenSeconds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := startRig(t, Options{}, recordAll(time.Hour))
		s := newScene(door, 10)
		fps := func() float64 { synctest.Wait(); return r.Stats()[0].FPS }
		s.play(r, 3*time.Second)
		if got := fps(); got != 10 {
			t.Errorf("after 3 s: got %v, want 10", got)
		}
		s.interval = time.Second / 20
		s.play(r, 5*time.Second)
		if got := fps(); got != (3*10+5*20)/8. {
			t.Errorf("after 5 s at 20: got %v, want %v", got, (3*10+5*20)/8.)
		}
		s.play(r, 20*time.Second)
		if got := fps(); got != 20 {
			t.Errorf("after 20 s at 20: got %v, want 20", got)
		}
		pause(5 * time.Second)
		if got := fps(); got != 10 {
			t.Errorf("5 s after the last: got %v, want 10", got)
		}
		pause(time.Minute)
		if got := fps(); got != 0 {
			t.Errorf("a minute after the last: got %v, want 0", got)
		}
	})
}

func TestNewRefusesWhatCannotWork(t *testing.T) {
	store := storagetest.Open(t, storage.Options{})
	settings := func(camera.ID) Settings { return Settings{} }
	for _, o := range []Options{{Settings: settings}, {Store: store}, {Store: store, Settings: settings, Sync: -1}} {
		if _, err := New(o); err == nil {
			t.Errorf("%+v: got no error", o)
		}
	}
}
