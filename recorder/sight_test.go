package recorder

import (
	"bytes"
	"image"
	"image/color"
	"image/jpeg"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"v720dvr/camera"
	"v720dvr/recorder/motion"
	"v720dvr/storage"
	"v720dvr/storage/avi"
)

// A parlour is a room that a camera looks at: somebody walks through when told so, and the lamp can be turned.
type parlour struct {
	t      *testing.T
	still  []byte   // nobody is there
	bright []byte   // nobody is there, and the lamp is on
	steps  [][]byte // somebody walks
	sent   []camera.Frame
}

func newParlour(t *testing.T) *parlour {
	s := &parlour{t: t}
	s.still, s.bright = s.draw(-1, 1), s.draw(-1, 1.6)
	for x := 0; x < 320; x += 12 {
		s.steps = append(s.steps, s.draw(x, 1))
	}
	return s
}

// draw draws the room, lit so much, with somebody at x.
func (s *parlour) draw(x int, light float64) []byte {
	picture := image.NewGray(image.Rect(0, 0, 320, 240))
	for i := range picture.Pix {
		column, row := i%320, i/320
		shade := 90 + 30*math.Sin(float64(column)/17) + 20*math.Cos(float64(row)/11)
		if x >= 0 && column >= x && column < x+48 && row >= 80 && row < 200 {
			shade = 20 + float64((column-x)%16)*4
		}
		picture.Pix[i] = color.Gray{Y: uint8(min(shade*light, 255))}.Y
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, picture, &jpeg.Options{Quality: 90}); err != nil {
		s.t.Fatal(err)
	}
	return b.Bytes()
}

// play shows pictures in turn, 10 a second.
func (s *parlour) play(sink camera.Sink, d time.Duration, pictures ...[]byte) {
	for n := range int(d / (100 * time.Millisecond)) {
		f := camera.Frame{Camera: door, At: time.Now(), JPEG: bytes.Clone(pictures[n%len(pictures)])}
		s.sent = append(s.sent, f)
		sink.Frame(f)
		pause(100 * time.Millisecond)
	}
}

func watching(s Settings) Settings {
	s.Motion = Motion{Enabled: true, Settings: motion.Settings{Zones: []motion.Zone{
		{Name: "floor", Kind: motion.Include, Points: []motion.Point{{X: 0, Y: 0}, {X: 1, Y: 0}, {X: 1, Y: 1}, {X: 0, Y: 1}}},
	}}, Sound: 5}
	return s
}

// endings lists the ends of events of a kind.
func endings(t *testing.T, r *rig, kind camera.EventKind) (list []camera.Ending) {
	t.Helper()
	events, err := r.store.Events(t.Context(), storage.EventQuery{Camera: door})
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range events {
		if ending, ok := camera.ParseEnding(e.Detail); ok && e.Kind == camera.Ended && ending.Kinds[0] == kind {
			list = append(list, ending)
		}
	}
	return list
}

func TestWhatMovesIsAFileWithItsRollsAndItsBestPicture(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := startRig(t, Options{}, watching(rolls(5*time.Second, 3*time.Second)))
		s := newParlour(t)
		s.play(r, 20*time.Second, s.still)
		walked := time.Now()
		s.play(r, 2600*time.Millisecond, s.steps...)
		left := time.Now()
		s.play(r, 20*time.Second, s.still)
		r.stop()
		all := readTape(t, r.store, door)
		if len(all.segments) != 1 || !strings.HasSuffix(all.segments[0].Path, "_motion.avi") {
			t.Fatalf("got %d segments, want one of motion", len(all.segments))
		}
		ends := endings(t, r, camera.Motion)
		if len(ends) != 1 {
			t.Fatalf("got %d events of motion, want 1", len(ends))
		}
		e := ends[0]
		page, _, err := r.store.EventPage(t.Context(), storage.PageQuery{Cameras: storage.AllCameras, Limit: 10}, nil, nil)
		if err != nil || len(page) != 1 || page[0].Kind != camera.Motion || page[0].Ending == nil || page[0].Ending.Frames != e.Frames {
			t.Errorf("got %+v, %v: want the event with its end in one row", page, err)
		}
		over := e.Begin.Add(time.Duration(e.Seconds * float64(time.Second)))
		// It is there from the second picture with somebody on, and lets go of who has left within a second.
		if e.Begin.Sub(walked).Abs() > 150*time.Millisecond || over.Before(left.Add(-200*time.Millisecond)) || over.After(left.Add(time.Second)) {
			t.Errorf("it says from %v to %v, want from %v to %v", e.Begin, over, walked, left)
		}
		all.holdsFrames(t, between(s.sent, e.Begin.Add(-5*time.Second), over.Add(3*time.Second)))
		if e.Peak < 0.02 || e.Peak > 0.9 || e.Box == nil || e.BestBox == nil || e.Frames < 20 || len(e.Zones) != 1 || e.Zones[0] != "floor" {
			t.Errorf("got %+v", e)
		}
		lines, pictures := told(t, r, walked)
		if len(lines) != 1 || lines[0].Kind != camera.Motion || lines[0].Detail != "floor" || lines[0].Seconds != e.Seconds ||
			!lines[0].Time.Equal(e.Begin) || lines[0].Segment != filepath.Base(all.segments[0].Path) {
			t.Fatalf("got lines %+v", lines)
		}
		for _, f := range s.sent {
			if f.At.Truncate(time.Microsecond).Equal(e.Best.Truncate(time.Microsecond)) && !bytes.Equal(f.JPEG, pictures[0]) {
				t.Error("the picture beside the recordings is not the best one")
			}
		}
		if !bytes.Equal(pictures[0], s.still) && e.Best.Before(walked) || bytes.Equal(pictures[0], s.still) {
			t.Errorf("the best picture, of %v, shows nobody", e.Best)
		}
	})
}

func TestTheTrackInAFileSaysWhatTheRecorderSaw(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		settings := watching(recordAll(10 * time.Second))
		r := startRig(t, Options{}, settings)
		s := newParlour(t)
		s.play(r, 9*time.Second, s.still)
		s.play(r, 2600*time.Millisecond, s.steps...) // over the cut
		s.play(r, 9*time.Second, s.still)
		r.stop()
		all := readTape(t, r.store, door)
		all.holdsFrames(t, s.sent)
		if len(all.segments) < 2 {
			t.Fatalf("got %d segments, want a cut", len(all.segments))
		}
		judge := motion.NewJudge(settings.Motion.Settings)
		var teller motion.Teller
		var change motion.Change
		var got []motion.Event
		scored := 0
		for _, record := range all.segments {
			for _, f := range frameInfos(t, r.store.Path(record)) {
				if err := change.DecodeTrack(f.Cells); err != nil {
					t.Fatal(err)
				}
				result := judge.Step(&change, f.At)
				if result.Score != f.Score {
					t.Errorf("the file scores %v with %d, its track with %d", f.At, f.Score, result.Score)
				}
				if f.Score > 0 {
					scored++
				}
				for _, n := range teller.Step(result, change.Width, change.Height, f.At, nil) {
					if n.Phase == motion.Ends && n.Event.Kind == motion.Movement {
						got = append(got, *n.Event)
					}
				}
			}
		}
		ends := endings(t, r, camera.Motion)
		if len(ends) != 1 || len(got) != 1 || !ends[0].Begin.Equal(got[0].Start) || ends[0].Frames != got[0].Frames || scored < 20 {
			t.Errorf("the index has %+v, judged again it is %+v, with %d pictures that score", ends, got, scored)
		}
		lines, _ := told(t, r, s.sent[0].At)
		if len(lines) != 1 || lines[0].Segment != filepath.Base(all.segments[0].Path) {
			t.Errorf("got lines %+v, want the event in the file in which it began", lines)
		}
	})
}

func frameInfos(t *testing.T, path string) []avi.FrameInfo {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	r, err := avi.Open(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	return r.Frames()
}

func TestAChangeOfLightIsToldAndNotRecorded(t *testing.T) {
	for mode, files := range map[string]int{ModeMotion: 0, ModeContinuous: 1} {
		t.Run(mode, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				settings := rolls(5*time.Second, 3*time.Second)
				settings.Plan.Otherwise = mode
				r := startRig(t, Options{}, watching(settings))
				s := newParlour(t)
				s.play(r, 20*time.Second, s.still)
				s.play(r, 20*time.Second, s.bright)
				r.stop()
				if all := readTape(t, r.store, door); len(all.segments) != files {
					t.Errorf("got %d files, want %d", len(all.segments), files)
				}
				if ends := endings(t, r, camera.Light); len(ends) != files {
					t.Errorf("got %+v in the index", ends)
				}
				if lines, pictures := told(t, r, s.sent[0].At); len(lines) != 1 || lines[0].Kind != camera.Light || !bytes.Equal(pictures[0], s.bright) {
					t.Errorf("got lines %+v", lines)
				}
			})
		})
	}
}

func TestNoiseIsRecordedAsMotionIs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		settings := watching(rolls(5*time.Second, 3*time.Second))
		settings.Audio = true
		r := startRig(t, Options{}, settings)
		s := newParlour(t)
		quiet, loud := bytes.Repeat([]byte{0x55, 0xD5}, 400), bytes.Repeat([]byte{0x2A, 0x2A, 0xAA, 0xAA}, 200)
		hear := func(seconds int, alaw []byte) {
			for range seconds * 10 {
				r.Audio(camera.Audio{Camera: door, At: time.Now(), ALaw: bytes.Clone(alaw)})
				s.play(r, 100*time.Millisecond, s.still)
			}
		}
		hear(20, quiet)
		began := time.Now()
		hear(2, loud)
		hear(20, quiet)
		r.stop()
		ends := endings(t, r, camera.Sound)
		if len(ends) != 1 || ends[0].Begin.Sub(began).Abs() > 100*time.Millisecond || math.Abs(ends[0].Seconds-2) > 0.2 || ends[0].Peak < 20 {
			t.Fatalf("got %+v, want a noise of 2 s from %v", ends, began)
		}
		all := readTape(t, r.store, door)
		over := ends[0].Begin.Add(time.Duration(ends[0].Seconds * float64(time.Second)))
		all.holdsFrames(t, between(s.sent, ends[0].Begin.Add(-5*time.Second), over.Add(3*time.Second)))
		if lines, pictures := told(t, r, began); len(lines) != 1 || lines[0].Kind != camera.Sound || pictures[0] == nil {
			t.Errorf("got lines %+v", lines)
		}
	})
}

func TestAPauseEndsWhatMovesAndNothingIsLookedAtInIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := startRig(t, Options{}, watching(recordAll(time.Minute)))
		s := newParlour(t)
		s.play(r, 10*time.Second, s.still)
		s.play(r, 1500*time.Millisecond, s.steps...)
		paused := time.Now()
		if err := r.store.Pause(t.Context(), door, paused, time.Time{}); err != nil {
			t.Fatal(err)
		}
		s.play(r, 2600*time.Millisecond, s.steps...)
		s.play(r, 5*time.Second, s.still)
		if err := r.store.Unpause(t.Context(), door); err != nil {
			t.Fatal(err)
		}
		s.play(r, 5*time.Second, s.still)
		r.stop()
		ends := endings(t, r, camera.Motion)
		if len(ends) != 1 {
			t.Fatalf("got %+v, want the one before the pause", ends)
		}
		if over := ends[0].Begin.Add(time.Duration(ends[0].Seconds * float64(time.Second))); over.After(paused) {
			t.Errorf("it is said to go on until %v, and the pause began at %v", over, paused)
		}
		if lines, _ := told(t, r, paused); len(lines) != 1 {
			t.Errorf("got lines %+v", lines)
		}
	})
}

func TestDamagedPicturesAreCountedAndRecorded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := startRig(t, Options{}, watching(recordAll(time.Minute)))
		s := newParlour(t)
		half := append(bytes.Clone(s.still[:len(s.still)/2]), 0xFF, 0xD9)
		s.play(r, 5*time.Second, s.still, s.still, half)
		r.stop()
		all := readTape(t, r.store, door)
		all.holdsFrames(t, s.sent)
		if got := r.Stats()[0].Unread; got != 16 {
			t.Errorf("%d pictures could not be looked at, want 16", got)
		}
		if ends := endings(t, r, camera.Motion); len(ends) != 0 {
			t.Errorf("damaged pictures are %+v", ends)
		}
	})
}
