package rtsp

import (
	"testing"
	"time"

	"v720dvr/camera"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

func TestRTPTimeIsCaptureTimeAsLongAsTheClockIsNotSet(t *testing.T) {
	var c clock
	came := time.Now()
	for i := range 50 {
		at, late := noon.Add(time.Duration(i)*100*time.Millisecond), time.Duration(i%7)*150*time.Millisecond // waits for packages
		if got := c.show(at, came.Add(time.Duration(i)*100*time.Millisecond+late)); !got.Equal(at) {
			t.Fatalf("picture %d: got %v, want %v", i, got, at)
		}
		if got, skip := c.hear(camera.Audio{At: at, ALaw: make([]byte, 800)}, came.Add(time.Duration(i)*100*time.Millisecond)); !got.Equal(at) || skip != 0 {
			t.Fatalf("sound %d: got %v, %d are left out; want %v", i, got, skip, at)
		}
	}
	// It stalls for an hour, and goes on.
	at := noon.Add(time.Hour)
	if got := c.show(at, came.Add(time.Hour)); !got.Equal(at) {
		t.Errorf("behind a stall: got %v, want %v", got, at)
	}
}

func TestRTPTimeGoesOnWhereTheWallClockWasSet(t *testing.T) {
	for _, by := range []time.Duration{-time.Hour, time.Hour, 56 * 365 * 24 * time.Hour} {
		var c clock
		came := time.Now()
		c.show(noon, came)
		c.hear(camera.Audio{At: noon, ALaw: make([]byte, 800)}, came)
		for i := 1; i < 5; i++ {
			step := time.Duration(i) * 100 * time.Millisecond
			if got := c.show(noon.Add(by+step), came.Add(step)); got.Sub(noon) != step {
				t.Errorf("set by %v, picture %d: got %v behind the first, want %v", by, i, got.Sub(noon), step)
			}
			if got, skip := c.hear(camera.Audio{At: noon.Add(by + step), ALaw: make([]byte, 800)}, came.Add(step)); got.Sub(noon) != step || skip != 0 {
				t.Errorf("set by %v, sound %d: got %v behind the first and %d left out, want %v", by, i, got.Sub(noon), skip, step)
			}
			if captured := c.picture.Add(-c.shift); !captured.Equal(noon.Add(by + step)) {
				t.Errorf("a sender report would tell %v", captured)
			}
		}
	}
}

func TestSoundHasNoJitterNoOverlapAndItsGaps(t *testing.T) {
	var c clock
	came := time.Now()
	for _, piece := range []struct {
		at, want time.Duration
		skip     int
	}{
		{0, 0, 0},
		{130 * time.Millisecond, 100 * time.Millisecond, 0}, // jitter
		{185 * time.Millisecond, 200 * time.Millisecond, 0},
		{500 * time.Millisecond, 500 * time.Millisecond, 0},   // a gap
		{500 * time.Millisecond, 600 * time.Millisecond, 800}, // twice
		{540 * time.Millisecond, 600 * time.Millisecond, 480}, // in part
		{640 * time.Millisecond, 640 * time.Millisecond, 0},
	} {
		got, skip := c.hear(camera.Audio{At: noon.Add(piece.at), ALaw: make([]byte, 800)}, came.Add(piece.at))
		if got.Sub(noon) != piece.want || skip != piece.skip {
			t.Errorf("sound of %v: got %v and %d left out, want %v and %d", piece.at, got.Sub(noon), skip, piece.want, piece.skip)
		}
	}
}

func TestPicturesHaveTimesThatGrow(t *testing.T) {
	var c clock
	came := time.Now()
	var last uint32
	for i, at := range []time.Duration{0, 100, 100, 90, 200} {
		got := ticks(c.show(noon.Add(at*time.Millisecond), came), 90000)
		if i > 0 && int32(got-last) <= 0 {
			t.Errorf("picture %d: %d behind %d", i, got, last)
		}
		last = got
	}
}
