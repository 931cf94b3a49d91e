package v720

import (
	"math/rand/v2"
	"testing"
	"time"
)

// A camera of 10 pictures a second with 100 ms of sound each, whose packages arrive as the
// network lets them. arrive gets the capture time and returns the arrival; it must not reorder.
func worstClockError(seconds int, drift float64, arrive func(time.Duration) time.Duration) (picture, sound time.Duration) {
	var c Clock
	for i := range seconds * 10 {
		captured := time.Duration(i) * 100 * time.Millisecond
		at := c.Picture(start.Add(arrive(captured)), false)
		picture = max(picture, at.Sub(start.Add(captured)).Abs())

		end := captured + 90*time.Millisecond
		samples := 800 + int(float64(i+1)*800*drift) - int(float64(i)*800*drift)
		at = c.Sound(start.Add(arrive(end)), samples)
		sound = max(sound, at.Sub(start.Add(end-100*time.Millisecond)).Abs())
	}
	return picture, sound
}

func TestClockKeepsCaptureTimesThroughStallsBurstsAndDrift(t *testing.T) {
	jitter := rand.New(rand.NewPCG(1, 2))
	last := time.Duration(0)
	ordered := func(d time.Duration) time.Duration { last = max(last, d); return last }
	for _, c := range []struct {
		name   string
		drift  float64
		limit  time.Duration
		arrive func(time.Duration) time.Duration
	}{
		{"a quiet network", 0, 20 * time.Millisecond, func(d time.Duration) time.Duration { return d + 2*time.Millisecond }},
		{"jitter of 40 ms", 0, 60 * time.Millisecond, func(d time.Duration) time.Duration {
			return d + time.Duration(jitter.IntN(40))*time.Millisecond
		}},
		{"everything of each ten seconds' last three comes at once", 0, 100 * time.Millisecond, func(d time.Duration) time.Duration {
			const round = 10 * time.Second
			if d%round > 7*time.Second {
				return d.Truncate(round) + round
			}
			return d + 2*time.Millisecond
		}},
		{"a sound clock 0.3 % fast", 0.003, 100 * time.Millisecond, func(d time.Duration) time.Duration { return d + 2*time.Millisecond }},
		{"a sound clock 0.3 % slow", -0.003, 100 * time.Millisecond, func(d time.Duration) time.Duration { return d + 2*time.Millisecond }},
	} {
		last = 0
		picture, sound := worstClockError(300, c.drift, func(d time.Duration) time.Duration { return ordered(c.arrive(d)) })
		t.Logf("%s: worst error %v of pictures, %v of sound", c.name, picture, sound)
		if picture > c.limit || sound > c.limit {
			t.Errorf("%s: worst error %v of pictures, %v of sound, want at most %v", c.name, picture, sound, c.limit)
		}
	}
}

func TestClockTellsThrownAwaySoundFromALateLink(t *testing.T) {
	var c Clock
	at := start
	sound := func() time.Duration {
		first := c.Sound(at, 800)
		return at.Sub(first) - 100*time.Millisecond
	}
	for range 100 {
		at = at.Add(100 * time.Millisecond)
		sound()
	}
	at = at.Add(3 * time.Second) // the camera threw three seconds of sound away and goes on at its pace
	lag := time.Duration(0)
	for range 2 * steadyCount {
		at = at.Add(100 * time.Millisecond)
		lag = sound()
	}
	if lag > 10*time.Millisecond {
		t.Errorf("still %v late, want none", lag)
	}
}

func TestClockWithoutSoundTakesTheArrival(t *testing.T) {
	var c Clock
	for i := range 50 {
		at := start.Add(time.Duration(i*i) * time.Millisecond)
		if got := c.Picture(at, false); !got.Equal(at) {
			t.Fatalf("got %v, want %v", got, at)
		}
	}
	// Sound that ends does not hold pictures back.
	c.Sound(start.Add(3*time.Second), 800)
	for i := range 50 {
		at := start.Add(3*time.Second + time.Duration(i)*100*time.Millisecond)
		got := c.Picture(at, false)
		if i > maxSince && !got.Equal(at) {
			t.Fatalf("picture %d behind the last sound: got %v, want %v", i, got, at)
		}
	}
}

func TestClockFollowsAWallClockThatIsStepped(t *testing.T) {
	var c Clock
	at := time.Now()
	c.Sound(at, 800)
	c.Picture(at.Add(50*time.Millisecond), false)
	stepped := at.Add(150 * time.Millisecond).Round(0).Add(-time.Hour) // as if read off a clock an hour behind
	if got := c.Picture(stepped, false); got.Sub(stepped).Abs() > time.Hour {
		t.Errorf("got %v, want near %v", got, stepped)
	}
}
