package recorder

import (
	"bytes"
	"testing"
	"time"

	"pgregory.net/rapid"

	"v720dvr/camera"
)

// Whatever the cuts, the parts are the whole, and each lies on its side of its cut.
func TestHeldSoundIsCutWithoutLosingOrDoublingASample(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		start := time.Date(2026, 11, 22, 14, 0, 0, 0, time.UTC)
		var held heldSound
		var want, got []byte
		at := start
		for range rapid.IntRange(1, 8).Draw(t, "pieces") {
			piece := camera.Audio{At: at, ALaw: rapid.SliceOfN(rapid.Byte(), 1, 900).Draw(t, "sound")}
			at = end(piece).Add(time.Duration(rapid.IntRange(0, 5000).Draw(t, "hole in µs")) * time.Microsecond)
			want = append(want, piece.ALaw...)
			held.add(piece)
		}
		cut := start
		for cut.Before(at) {
			cut = cut.Add(time.Duration(rapid.IntRange(1, 200_000).Draw(t, "step in µs")) * time.Microsecond)
			for a, ok := held.before(cut); ok; a, ok = held.before(cut) {
				if end(a).After(cut.Add(sample / 2)) {
					t.Fatalf("sound until %v was cut at %v", end(a), cut)
				}
				got = append(got, a.ALaw...)
			}
			if first, ok := held.start(); ok && cut.Sub(first) > sample/2 {
				t.Fatalf("sound of %v was left behind the cut at %v", first, cut)
			}
		}
		for len(held.pieces) > 0 {
			got = append(got, held.next().ALaw...)
		}
		if !bytes.Equal(got, want) || held.samples != 0 {
			t.Fatalf("got %d samples, want %d, the same; %d counted as left", len(got), len(want), held.samples)
		}
	})
}
