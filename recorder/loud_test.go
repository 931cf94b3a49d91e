package recorder

import (
	"bytes"
	"testing"
	"time"
)

func TestLoudnessIsThatOfTheLastSecond(t *testing.T) {
	const silence, loudest = 0xD5, 0xAA // A-law: 0 and the largest sample
	var m meter
	for _, c := range []struct {
		at    time.Duration
		heard byte // 0: nothing
		want  uint8
	}{
		{at: 100 * time.Millisecond, heard: silence, want: 0},
		{at: 1500 * time.Millisecond, heard: loudest, want: 127},
		{at: 1900 * time.Millisecond, heard: silence, want: 127},
		{at: 2100 * time.Millisecond, heard: silence, want: 127}, // less than a second ago
		{at: 3100 * time.Millisecond, heard: silence, want: 0},
		{at: 3200 * time.Millisecond, heard: loudest, want: 127},
		{at: 6 * time.Second, want: 0}, // nothing came since
	} {
		if c.heard != 0 {
			m.sound(bytes.Repeat([]byte{c.heard}, 800), c.at)
		}
		if got := m.read(c.at).Loud; got != c.want {
			t.Errorf("at %v: got %d, want %d", c.at, got, c.want)
		}
	}
}
