package recorder

import (
	"bytes"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"v720dvr/camera"
	"v720dvr/recorder/schedule"
	"v720dvr/storage"
	"v720dvr/storage/storagetest"
)

const door = camera.ID("0800c0000001")

func recordAll(segment time.Duration) Settings {
	return inMode(ModeContinuous, segment)
}

func inMode(mode string, segment time.Duration) Settings {
	return Settings{Segment: segment, Audio: true, Plan: schedule.Plan{Otherwise: mode}}
}

// A PCM camera's sound comes in 60 ms, its pictures every 66.7 ms: each cut goes through a piece.
func TestSoundThatStraddlesACutIsSplitToTheSample(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := startRig(t, Options{}, recordAll(5*time.Second))
		s := newScene(door, 15)
		begun := time.Now()
		nextSound := begun
		for range 30 * 15 {
			for !nextSound.After(time.Now()) { // sound first: that is how capture order has it
				r.Audio(s.sound(nextSound, 480))
				nextSound = nextSound.Add(60 * time.Millisecond)
			}
			r.Frame(s.frame(time.Now()))
			pause(s.interval)
		}
		r.stop()
		all := readTape(t, r.store, door)
		all.holdsFrames(t, s.sent)
		all.holdsSound(t, s.heard)
		for i, segment := range all.segments[:len(all.segments)-1] {
			heard := segment.Samples - segment.Silence
			want := int64(segment.End.Sub(segment.Start) / sample)
			if off := heard - want; off < -1 || off > 1 || segment.Dropped != 0 {
				t.Errorf("segment %d: got %d samples in %v and %d dropped, want %d", i, heard, segment.End.Sub(segment.Start), segment.Dropped, want)
			}
			if segment.Silence != 0 {
				t.Errorf("segment %d: got %d samples of silence, want none at a cut", i, segment.Silence)
			}
		}
	})
}

func TestSoundBeforeTheFirstPictureIsRecorded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := startRig(t, Options{}, recordAll(time.Minute))
		s := newScene(door, 10)
		for range 30 { // 3 s of sound, of which the last one counts
			r.Audio(s.sound(time.Now(), 800))
			pause(100 * time.Millisecond)
		}
		heard := s.heard[20:]
		s.heard = nil
		s.play(r, 2*time.Second)
		r.stop()
		all := readTape(t, r.store, door)
		all.holdsFrames(t, s.sent)
		all.holdsSound(t, append(heard, s.heard...))
		if got, want := all.segments[0].Start, heard[0].At; !got.Equal(want) {
			t.Errorf("got start %v, want the sound's %v", got, want)
		}
	})
}

func TestCameraWithoutPicturesEndsItsSegmentAndTheNextTellsTheGap(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := startRig(t, Options{}, recordAll(time.Hour))
		s := newScene(door, 10)
		s.play(r, 3*time.Second)
		ended := time.Now()
		pause(silence - 200*time.Millisecond)
		if open := r.Stats()[0].Segment; open == "" {
			t.Error("the segment ended too early")
		}
		pause(time.Second)
		if open := r.Stats()[0].Segment; open != "" {
			t.Errorf("still open: %s", open)
		}
		pause(20 * time.Second)
		s.play(r, 3*time.Second)
		r.stop()
		all := readTape(t, r.store, door)
		all.holdsFrames(t, s.sent)
		all.holdsSound(t, s.heard)
		if len(all.segments) != 2 {
			t.Fatalf("got %d segments, want 2", len(all.segments))
		}
		first, second := all.segments[0], all.segments[1]
		if !first.End.Equal(ended) || first.Gaps != nil {
			t.Errorf("first: got end %v and gap %+v, want %v and none", first.End, first.Gaps, ended)
		}
		if gaps := second.Gaps; len(gaps) != 1 || !gaps[0].From.Equal(first.End) || !gaps[0].To.Equal(second.Start) || gaps[0].Reason != storage.GapSilent {
			t.Errorf("second: got gaps %+v, want %q from %v to %v", gaps, storage.GapSilent, first.End, second.Start)
		}
	})
}

// Times may jump though no clock was set: who hands them in may be wrong.
func TestCaptureTimesThatJumpCutTheSegment(t *testing.T) {
	for name, jump := range map[string]time.Duration{"back": -time.Minute, "ahead": time.Hour} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := startRig(t, Options{}, recordAll(time.Hour))
				s := newScene(door, 10)
				s.play(r, 3*time.Second)
				for range 30 {
					at := time.Now().Add(jump)
					r.Audio(s.sound(at, 800))
					r.Frame(s.frame(at))
					pause(s.interval)
				}
				r.stop()
				all := readTape(t, r.store, door)
				all.holdsFrames(t, s.sent)
				if len(all.segments) != 2 {
					t.Errorf("got %d segments, want 2", len(all.segments))
				}
				for _, segment := range all.segments {
					if length := segment.End.Sub(segment.Start); length > 4*time.Second {
						t.Errorf("got a segment of %v, want about 3 s", length)
					}
				}
			})
		})
	}
}

func TestPictureOfAnotherSizeBeginsASegment(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := startRig(t, Options{}, recordAll(time.Hour))
		s := newScene(door, 10)
		s.play(r, 2*time.Second)
		for range 20 {
			f := camera.Frame{Camera: door, At: time.Now(), JPEG: s.picture(320, 240)}
			s.sent = append(s.sent, f)
			r.Frame(f)
			pause(s.interval)
		}
		r.stop()
		all := readTape(t, r.store, door)
		all.holdsFrames(t, s.sent)
		if len(all.segments) != 2 || all.segments[1].Width != 320 || !all.segments[0].End.Equal(all.segments[1].Start) {
			t.Errorf("got %+v, want two that meet, the second 320 wide", all.segments)
		}
	})
}

func TestBytesThatAreNoPictureAreCountedAndDoNotStopTheRecording(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := startRig(t, Options{}, recordAll(time.Hour))
		s := newScene(door, 10)
		r.Frame(camera.Frame{Camera: door, At: time.Now(), JPEG: []byte("no picture, and the first at that")})
		pause(100 * time.Millisecond)
		s.play(r, time.Second)
		r.Frame(camera.Frame{Camera: door, At: time.Now(), JPEG: []byte{0xFF, 0xD8, 0xFF, 0xD9}})
		pause(100 * time.Millisecond)
		s.play(r, time.Second)
		r.stop()
		stats := r.Stats()[0]
		if stats.Refused != 2 || stats.Written != 20 || stats.Err != "" {
			t.Errorf("got %+v, want 2 refused and 20 written", stats)
		}
		all := readTape(t, r.store, door)
		if got := all.segments[0].Frames; len(all.segments) != 1 || got != 20 {
			t.Errorf("got %d segments and %d frames, want 1 and 20", len(all.segments), got)
		}
	})
}

func TestLostAndRepairedFramesAndEventsStandInTheSegment(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := startRig(t, Options{}, recordAll(time.Hour))
		s := newScene(door, 10)
		r.Event(camera.Event{Camera: door, At: time.Now(), Kind: camera.Streaming, Detail: "before the first picture"})
		s.play(r, time.Second)
		for _, f := range []camera.Frame{
			{Missing: 3},
			{JPEG: s.picture(640, 480), Repaired: true},
		} {
			f.Camera, f.At = door, time.Now()
			s.sent = append(s.sent, f)
			r.Frame(f)
			pause(s.interval)
		}
		r.Event(camera.Event{Camera: door, At: time.Now(), Kind: camera.Stalled})
		r.stop()
		all := readTape(t, r.store, door)
		all.holdsFrames(t, s.sent)
		if got := all.frames[10].Missing; got != 3 || !all.frames[11].Repaired {
			t.Errorf("got %d missing and repaired %v, want 3 and true", got, all.frames[11].Repaired)
		}
		if len(all.events) != 2 || all.events[0].Kind != "streaming" || string(all.events[0].Body) != "before the first picture" || all.events[1].Kind != "stalled" {
			t.Errorf("got events %+v, want both", all.events)
		}
		if stats := r.Stats()[0]; stats.Lost != 1 || stats.Repaired != 1 || stats.Frames != 11 {
			t.Errorf("got %+v, want 11 frames, 1 repaired, 1 lost", stats)
		}
	})
}

func TestSlowCommitsCostNoPicture(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := startRig(t, Options{}, recordAll(15*time.Second))
		r.disk.Before(func(op, path string) error {
			if op == storagetest.OpRename {
				pause(10 * time.Second)
			}
			return nil
		})
		s := newScene(door, 10)
		s.play(r, time.Minute)
		pause(time.Second)
		r.disk.Before(nil)
		r.stop()
		all := readTape(t, r.store, door)
		all.holdsFrames(t, s.sent)
		all.holdsSound(t, s.heard)
		if len(all.segments) < 4 {
			t.Errorf("got %d segments, want at least 4", len(all.segments))
		}
	})
}

func TestPicturesThatDidNotWaitForTheDiskStandInTheLedgerAsLost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := startRig(t, Options{Waiting: 200 << 10}, recordAll(30*time.Second))
		s := newScene(door, 10)
		s.play(r, time.Second)
		var stall atomic.Bool
		stall.Store(true)
		r.disk.Before(func(op, path string) error {
			if op == storagetest.OpCreate && stall.CompareAndSwap(true, false) {
				pause(40 * time.Second)
			}
			return nil
		})
		s.play(r, 75*time.Second)
		r.stop()
		stats := r.Stats()[0]
		if stats.Dropped < 100 || stats.DroppedSound < 100 || stats.Dropped+stats.Written != int64(len(s.sent)) {
			t.Errorf("got %+v: want written and dropped to be the %d that were sent", stats, len(s.sent))
		}
		all := readTape(t, r.store, door)
		if len(all.frames) != len(s.sent) {
			t.Fatalf("got %d frames in the ledger, want %d", len(all.frames), len(s.sent))
		}
		var lost int64
		for i, got := range all.frames {
			if !got.At.Equal(s.sent[i].At) {
				t.Fatalf("frame %d: got capture time %v, want %v", i, got.At, s.sent[i].At)
			}
			if got.JPEG == nil {
				lost++
			} else if !bytes.Equal(got.JPEG, s.sent[i].JPEG) {
				t.Fatalf("frame %d is another picture", i)
			}
		}
		var rows int64
		for _, segment := range all.segments {
			rows += int64(segment.Lost)
		}
		if lost != stats.Dropped || rows != lost {
			t.Errorf("got %d lost in the ledger and %d in the rows, want %d", lost, rows, stats.Dropped)
		}
	})
}

func TestFailingDiskIsTriedAgainWithLongerRestsAndTwoLinesOfLog(t *testing.T) {
	for _, op := range []string{storagetest.OpWrite, storagetest.OpCreate, storagetest.OpSync} {
		t.Run(op, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var text lines
				r := startRig(t, Options{Log: slog.New(slog.NewTextHandler(&text, nil))}, recordAll(5*time.Second))
				s := newScene(door, 10)
				s.play(r, 7*time.Second)
				var tries atomic.Int32
				r.disk.Before(func(is, path string) error {
					if is == op {
						tries.Add(1)
						return syscall.EIO
					}
					return nil
				})
				s.play(r, 60*time.Second)
				if stats := r.Stats()[0]; !strings.Contains(stats.Err, syscall.EIO.Error()) {
					t.Errorf("got error %q, want %v", stats.Err, syscall.EIO)
				}
				r.disk.Before(nil)
				s.play(r, 60*time.Second)
				r.stop()

				// 1, 2, 4, 8, 16, 30 s: a handful of tries, each of which may sync or write more than once.
				if n := tries.Load(); n < 5 || n > 20 {
					t.Errorf("got %d tries in a minute, want a handful", n)
				}
				begun, ended := text.count("recording failed"), text.count("recording again")
				if begun != 1 || ended != 1 || text.count("level=ERROR") != 1 || text.count("pictures_lost=0") != 1 {
					t.Errorf("got %d lines at its begin and %d at its end, want one each:\n%s", begun, ended, &text)
				}
				stats := r.Stats()[0]
				if stats.Err != "" || stats.Frames != int64(len(s.sent)) || stats.Written < stats.Frames || stats.Dropped != 0 || stats.DroppedSound > 2 { // of a segment that was given up while it waited for it
					t.Errorf("got %+v: want no error, and all of the %d that were sent written", stats, len(s.sent))
				}
				// A failed sync leaves pictures in a file that is given up; those behind it wait.
				all := readTape(t, r.store, door)
				held := make(map[string]bool)
				for _, f := range append(all.frames, givenUp(t, r.store).frames...) {
					held[string(f.JPEG)] = true
				}
				for i, f := range s.sent {
					if !held[string(f.JPEG)] {
						t.Errorf("picture %d is in no file", i)
					}
				}
				for _, segment := range all.segments {
					for _, gap := range segment.Gaps {
						if op != storagetest.OpSync || gap.Reason != storage.GapDisk {
							t.Errorf("got gap %+v, want none", gap)
						}
					}
				}
			})
		})
	}
}

// givenUp reads the .part files of a store.
func givenUp(t *testing.T, store *storage.Store) (all tape) {
	t.Helper()
	parts, err := filepath.Glob(filepath.Join(store.Recordings(), "*", "*", "*.part"))
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range parts {
		readSegment(t, part, &all)
	}
	return all
}

// lines is a log that may be read while it is written.
type lines struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *lines) count(what string) int { return strings.Count(l.String(), what) }

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return fmt.Sprint(&l.text)
}
