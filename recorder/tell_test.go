package recorder

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"v720dvr/camera"
	"v720dvr/storage"
)

// told reads what the day's folder of a camera tells, with its pictures, but for the ends of events.
func told(t *testing.T, r *rig, day time.Time) (lines []storage.EventLine, pictures [][]byte) {
	t.Helper()
	dir := filepath.Join(r.store.Recordings(), string(door), day.In(berlin(t)).Format("2006-01-02"))
	f, err := os.Open(filepath.Join(dir, "events.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for line, err := range storage.EventLines(f) {
		if err != nil {
			t.Fatal(err)
		}
		if line.Kind == camera.Ended {
			continue
		}
		var picture []byte
		if line.Picture != "" {
			if picture, err = os.ReadFile(filepath.Join(dir, line.Picture)); err != nil {
				t.Error(err)
			}
		}
		lines, pictures = append(lines, line), append(pictures, picture)
	}
	return lines, pictures
}

func TestEventIsToldWithTheFirstPictureBehindIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := startRig(t, Options{}, recordAll(time.Minute))
		s := newScene(door, 10)
		s.play(r, time.Second)
		pause(30 * time.Millisecond)
		rung := time.Now()
		r.Event(camera.Event{Camera: door, At: rung, Kind: camera.Device, Detail: "bell"})
		r.Event(camera.Event{Camera: door, At: rung, Kind: camera.Stalled})
		pause(50 * time.Millisecond)
		s.play(r, time.Second)
		r.stop()
		lines, pictures := told(t, r, rung)
		if len(lines) != 2 || lines[0].Kind != camera.Stalled || lines[0].Picture != "" || !lines[1].Time.Equal(rung.Truncate(time.Microsecond)) || lines[1].Detail != "bell" {
			t.Fatalf("got %+v", lines)
		}
		if want := s.sent[10].JPEG; !bytes.Equal(pictures[1], want) {
			t.Errorf("got %d bytes, want the first picture behind the bell", len(pictures[1]))
		}
		segments, err := r.store.Segments(t.Context(), storage.SegmentQuery{})
		if err != nil || len(segments) != 1 {
			t.Fatalf("got %+v, %v", segments, err)
		}
		if want := rung.Sub(segments[0].Start).Seconds(); filepath.Base(segments[0].Path) != lines[1].Segment || lines[1].Offset != want {
			t.Errorf("got %+v, want %s at %v", lines[1], segments[0].Path, want)
		}
		events, err := r.store.Events(t.Context(), storage.EventQuery{})
		if err != nil || len(events) != 3 || events[0].Kind != camera.Ended && events[1].Kind != camera.Ended && events[2].Kind != camera.Ended {
			t.Errorf("got events %+v, %v in the index, want both, and that the bell has ended", events, err)
		}
	})
}

func TestEventThatComesBehindItsPictureIsToldWithTheLastOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := startRig(t, Options{}, recordAll(time.Minute))
		s := newScene(door, 10)
		s.play(r, time.Second)
		r.Event(camera.Event{Camera: door, At: time.Now().Add(-500 * time.Millisecond), Kind: camera.Device})
		synctest.Wait()
		lines, pictures := told(t, r, time.Now())
		if len(lines) != 1 || !bytes.Equal(pictures[0], s.sent[9].JPEG) {
			t.Errorf("got %+v, want it told at once with the last picture", lines)
		}
		r.stop()
	})
}

func TestEventOfACameraThatSendsNoMorePicturesIsToldAllTheSame(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := startRig(t, Options{}, recordAll(time.Minute))
		s := newScene(door, 10)
		begun := time.Now()
		r.Event(camera.Event{Camera: door, At: begun, Kind: camera.Device, Detail: "before any"})
		pause(pictureWait + time.Second)
		synctest.Wait()
		s.play(r, time.Second)
		r.Event(camera.Event{Camera: door, At: time.Now(), Kind: camera.Device, Detail: "behind the last"})
		pause(pictureWait + time.Second)
		synctest.Wait()
		pause(10 * silence)
		r.Event(camera.Event{Camera: door, At: time.Now(), Kind: camera.Device, Detail: "long after"})
		r.stop()
		lines, pictures := told(t, r, begun)
		if len(lines) != 3 || lines[0].Detail != "before any" || lines[1].Detail != "behind the last" || lines[2].Detail != "long after" {
			t.Fatalf("got %+v", lines)
		}
		if pictures[0] != nil || !bytes.Equal(pictures[1], s.sent[9].JPEG) || pictures[2] != nil {
			t.Errorf("got pictures of %d, %d and %d bytes, want the last one for the second alone", len(pictures[0]), len(pictures[1]), len(pictures[2]))
		}
	})
}

func TestEventsThatWaitForAPictureAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := startRig(t, Options{}, recordAll(time.Minute))
		s := newScene(door, 10)
		s.play(r, time.Second)
		pause(time.Millisecond)
		for range 3 * maxEvents {
			r.Event(camera.Event{Camera: door, At: time.Now(), Kind: camera.Device})
		}
		synctest.Wait()
		if waiting := len(r.decks[door].spool.untold); waiting != maxEvents {
			t.Errorf("got %d waiting, want %d", waiting, maxEvents)
		}
		r.stop()
		if lines, pictures := told(t, r, time.Now()); len(lines) != 3*maxEvents || pictures[len(pictures)-1] == nil {
			t.Errorf("got %d lines, want %d with pictures", len(lines), 3*maxEvents)
		}
	})
}
