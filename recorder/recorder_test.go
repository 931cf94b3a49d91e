package recorder

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"v720dvr/camera"
	"v720dvr/storage/storagetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func contextFor(t *testing.T) (context.Context, context.CancelFunc) {
	return context.WithCancel(t.Context())
}

func TestMinuteOfTwoCamerasIsInTheFilesOnceAndOnTheClock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := startRig(t, Options{}, recordAll(5*time.Second))
		pause(1234567 * time.Microsecond) // a start off the clock
		scenes := []*scene{newScene("0800c0000001", 10), newScene("0800c000000A2", 10)}
		var playing sync.WaitGroup
		for i, s := range scenes {
			playing.Go(func() {
				pause(time.Duration(i) * 37 * time.Millisecond)
				s.play(r, time.Minute)
			})
		}
		playing.Wait()
		r.stop()
		for _, s := range scenes {
			all := readTape(t, r.store, s.id)
			all.holdsFrames(t, s.sent)
			all.holdsSound(t, s.heard)
			if got, want := len(all.segments), 13; got != want {
				t.Errorf("camera %s: got %d segments, want %d", s.id, got, want)
			}
			for i, segment := range all.segments {
				if i == 0 {
					continue
				}
				if late := segment.Start.Sub(segment.Start.Truncate(5 * time.Second)); late >= s.interval {
					t.Errorf("segment %d begins %v behind the clock, want less than %v", i, late, s.interval)
				}
				if last := all.segments[i-1]; !last.End.Equal(segment.Start) {
					t.Errorf("segment %d begins at %v, the one before ends at %v", i, segment.Start, last.End)
				}
				if segment.Gaps != nil {
					t.Errorf("segment %d: got gap %+v, want none", i, segment.Gaps)
				}
			}
		}
		if report := storagetest.Check(t, r.store); report.Segments != 26 || report.Left != 0 {
			t.Errorf("got %+v, want 26 segments and nothing left", report)
		}
		for _, s := range r.Stats() {
			if s.Frames != 600 || s.Written != 600 || s.Dropped+s.Lost+s.DroppedSound+s.Refused != 0 || s.Queue != 0 || s.Segment != "" {
				t.Errorf("got stats %+v, want 600 frames, all written, nothing open", s)
			}
		}
	})
}

var _ camera.Sink = (*Recorder)(nil)
