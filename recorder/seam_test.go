package recorder

import (
	"errors"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"v720dvr/camera"
	"v720dvr/storage/avi"
	"v720dvr/storage/storagetest"
)

// talk sends pictures, 15 a second, and sound in pieces of 60 ms that come when their last sample
// was heard, as cameras send it. It goes on until both have come to the end of d, or of its part.
type talk struct {
	*scene
	sink  camera.Sink
	begun time.Time
	sound time.Duration // how far it was sent
	next  time.Duration // when the next picture is taken
}

const piece = 60 * time.Millisecond

func newTalk(sink camera.Sink) *talk {
	return &talk{scene: newScene(door, 15), sink: sink, begun: time.Now()}
}

// until sends everything up to d since the beginning. It returns with the pictures taken by then
// sent, and the sound heard by then.
func (k *talk) until(d time.Duration) {
	for {
		at := min(k.next, k.sound+piece)
		if at > d {
			pause(time.Until(k.begun.Add(d)))
			return
		}
		pause(time.Until(k.begun.Add(at)))
		if at == k.sound+piece {
			k.sink.Audio(k.scene.sound(k.begun.Add(k.sound), int(piece/sample)))
			k.sound += piece
		}
		if at == k.next {
			k.sink.Frame(k.frame(k.begun.Add(k.next)))
			k.next += k.interval
		}
	}
}

func TestSoundThatComesBehindTheCutIsSplitToTheSample(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := startRig(t, Options{}, recordAll(5*time.Second))
		k := newTalk(r)
		k.until(31 * time.Second)
		r.stop()
		all := readTape(t, r.store, door)
		all.holdsFrames(t, k.sent)
		all.holdsSound(t, k.heard)
		if len(all.segments) < 6 {
			t.Fatalf("got %d segments, want at least 6", len(all.segments))
		}
		for i, segment := range all.segments[:len(all.segments)-1] {
			length := int64((segment.End.Sub(segment.Start) + sample/2) / sample)
			if segment.Silence != 0 || segment.Dropped != 0 || segment.Samples != length {
				t.Errorf("segment %d: %d samples, %d of them silence, %d dropped; want %d and nothing put in or left out", i, segment.Samples, segment.Silence, segment.Dropped, length)
			}
		}
	})
}

// A segment that has one picture only may have none of its sound yet when the next one begins.
func TestSoundHasNoSeamWhereAStreamBeginsRightBeforeACut(t *testing.T) {
	for before := 10 * time.Millisecond; before < 200*time.Millisecond; before += 10 * time.Millisecond {
		synctest.Test(t, func(t *testing.T) {
			r := startRig(t, Options{}, recordAll(5*time.Second))
			pause(5*time.Second - before)
			k := newTalk(r)
			k.until(4 * time.Second)
			r.stop()
			all := readTape(t, r.store, door)
			for i, segment := range all.segments[:len(all.segments)-1] { // the last one ends in the midst of a piece
				if segment.Silence != 0 || segment.Dropped != 0 {
					t.Errorf("begun %v before the cut, segment %d: %d samples of silence, %d dropped", before, i, segment.Silence, segment.Dropped)
				}
			}
			all.holdsFrames(t, k.sent)
			all.holdsSound(t, k.heard)
		})
	}
}

// A cut in the middle of a sample, give or take less than the microsecond that files count in:
// deck and file must agree on which side that sample is.
func TestSoundHasNoSeamWhereverTheCutFalls(t *testing.T) {
	for off := -1200; off <= 1200; off += 200 {
		synctest.Test(t, func(t *testing.T) {
			r := startRig(t, Options{}, recordAll(5*time.Second))
			k := newTalk(r)
			k.until(5*time.Second - 10*time.Millisecond)
			k.next = 5*time.Second + sample/2 + time.Duration(off)
			k.until(7 * time.Second)
			r.stop()
			all := readTape(t, r.store, door)
			all.holdsFrames(t, k.sent)
			all.holdsSound(t, k.heard)
			if len(all.segments) != 2 || all.segments[0].Silence+all.segments[0].Dropped+all.segments[1].Dropped != 0 || beginsSilent(t, r.store.Path(all.segments[1])) {
				t.Errorf("a cut %d ns off the middle of a sample: got %+v, want nothing put in or left out there", off, all.segments)
			}
		})
	}
}

// beginsSilent tells whether silence was put before a segment's first sound.
func beginsSilent(t *testing.T, path string) bool {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		t.Fatal(err)
	}
	r, err := avi.Open(file, info.Size())
	if err != nil {
		t.Fatal(err)
	}
	return r.Audio()[0].Silence
}

// The cut has come and the sound before it has not: whatever happens then, both are committed.
func TestASegmentThatWaitsForItsSoundIsCommitted(t *testing.T) {
	for name, c := range map[string]struct {
		then     func(t *testing.T, r *rig, k *talk)
		segments int
	}{
		"the recorder stops": {func(t *testing.T, r *rig, k *talk) {}, 2},
		"the camera is gone": {func(t *testing.T, r *rig, k *talk) { pause(3 * silence) }, 2},
		"recording is switched off": {func(t *testing.T, r *rig, k *talk) {
			r.Apply(func(camera.ID) Settings { return inMode(ModeOff, 0) })
			pause(time.Second)
		}, 2},
		"sound is switched off": {func(t *testing.T, r *rig, k *talk) {
			r.Apply(func(camera.ID) Settings { return Settings{Segment: 5 * time.Second} })
			k.until(7 * time.Second)
		}, 3},
		"its sound has ended": {func(t *testing.T, r *rig, k *talk) {
			for range 30 {
				pause(k.interval)
				r.Frame(k.frame(time.Now()))
			}
		}, 2},
		"the next cut comes": {func(t *testing.T, r *rig, k *talk) {
			f := camera.Frame{Camera: door, At: time.Now(), JPEG: k.picture(320, 240)}
			k.scene.sent = append(k.scene.sent, f)
			r.Frame(f)
			synctest.Wait()
		}, 3},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := startRig(t, Options{}, recordAll(5*time.Second))
				k := newTalk(r)
				k.until(5*time.Second - 10*time.Millisecond)
				k.next = 5*time.Second + 10*time.Millisecond // behind the boundary, and before the sound of 4.98 to 5.04 s
				k.until(5*time.Second + 15*time.Millisecond)
				synctest.Wait()
				c.then(t, r, k)
				r.stop()
				all := readTape(t, r.store, door)
				all.holdsFrames(t, k.sent)
				if len(all.segments) != c.segments {
					t.Errorf("got %d segments, want %d", len(all.segments), c.segments)
				}
			})
		})
	}
}

// A disk that fails on the segment that ends takes nothing from the one that has begun.
func TestASegmentGivenUpAtItsEndLeavesTheNextItsSound(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := startRig(t, Options{}, recordAll(5*time.Second))
		k := newTalk(r)
		k.until(5*time.Second - 10*time.Millisecond)
		k.next = 5*time.Second + 10*time.Millisecond
		k.until(5*time.Second + 15*time.Millisecond)
		synctest.Wait()
		r.disk.Before(func(op, path string) error {
			if op == storagetest.OpWrite && strings.Contains(path, "01-00-00") {
				return errors.New("the disk has a bad sector")
			}
			return nil
		})
		k.until(9 * time.Second)
		if s := r.Stats()[0]; s.Err == "" {
			t.Error("the state says nothing of the segment that was not committed")
		}
		k.until(11 * time.Second)
		r.disk.Before(nil)
		k.until(18 * time.Second)
		if s := r.Stats()[0]; s.Err != "" {
			t.Errorf("the state still says %q behind the next good commit and %v", s.Err, steady)
		}
		r.stop()
		all := readTape(t, r.store, door)
		if len(all.segments) != 3 {
			t.Fatalf("got %d segments, want the three behind the one given up", len(all.segments))
		}
		if s := all.segments[0]; s.Silence > camera.SampleRate/10 || s.Dropped > camera.SampleRate/10 {
			t.Errorf("the next segment has %d samples of silence and %d dropped, want less than 100 ms", s.Silence, s.Dropped)
		}
	})
}

// Bytes that are no picture, at the place where a segment would begin, cost none of what waits.
func TestARefusedPictureBeginsNoSegment(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := startRig(t, Options{}, recordAll(time.Minute))
		k := newTalk(r)
		k.until(3 * time.Second)
		pause(3 * silence)
		r.Event(camera.Event{Camera: door, At: time.Now(), Kind: camera.Streaming})
		r.Frame(camera.Frame{Camera: door, At: time.Now(), JPEG: []byte{0xFF, 0xD8, 0xFF, 0xD9}})
		pause(time.Second)
		k.begun, k.next, k.sound = time.Now(), 0, 0
		k.until(2 * time.Second)
		r.stop()
		all := readTape(t, r.store, door)
		all.holdsFrames(t, k.sent)
		if len(all.segments) != 2 || all.segments[1].Gaps == nil || len(all.events) != 1 {
			t.Errorf("got %d segments and %d events, want two, the second behind a gap, and one", len(all.segments), len(all.events))
		}
		if s := r.Stats()[0]; s.Refused != 1 {
			t.Errorf("%d pictures refused, want 1", s.Refused)
		}
	})
}
