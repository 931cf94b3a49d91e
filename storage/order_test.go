package storage

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"v720dvr/camera"
)

// A shot is a segment in the tests of the order: when it began, in minutes, and its number.
func shot(run byte, id camera.ID, number uint32, minute int) recording {
	return recording{run: [16]byte{run}, camera: id, number: number, start: time.Unix(int64(minute)*60, 0)}
}

func itself(r recording) recording { return r }

func TestOrderIsThatOfTimeAndWithinARunThatOfRecording(t *testing.T) {
	for name, c := range map[string]struct{ in, want []recording }{
		"none": {nil, nil},
		"the clock was set back": {
			[]recording{shot(1, "a", 3, 5), shot(1, "a", 4, 10), shot(1, "a", 1, 60), shot(1, "a", 2, 65), shot(1, "a", 5, 70)},
			[]recording{shot(1, "a", 1, 60), shot(1, "a", 2, 65), shot(1, "a", 3, 5), shot(1, "a", 4, 10), shot(1, "a", 5, 70)},
		},
		"set back twice, to one minute": {
			[]recording{shot(1, "a", 1, 5), shot(1, "a", 3, 5), shot(1, "a", 2, 5)},
			[]recording{shot(1, "a", 1, 5), shot(1, "a", 2, 5), shot(1, "a", 3, 5)},
		},
		"another camera of the run begins its first later": {
			[]recording{shot(1, "b", 2, 0), shot(1, "a", 1, 1)},
			[]recording{shot(1, "b", 2, 0), shot(1, "a", 1, 1)},
		},
		"another run, before the clock was right": {
			[]recording{shot(2, "a", 1, 0), shot(1, "a", 1, 60), shot(1, "a", 2, 61)},
			[]recording{shot(2, "a", 1, 0), shot(1, "a", 1, 60), shot(1, "a", 2, 61)},
		},
		"files that do not tell": {
			[]recording{shot(1, "a", 0, 7), shot(1, "a", 0, 3), shot(1, "a", 0, 5)},
			[]recording{shot(1, "a", 0, 3), shot(1, "a", 0, 5), shot(1, "a", 0, 7)},
		},
	} {
		got := slices.Clone(c.in)
		if sortRecorded(got, itself); !slices.Equal(got, c.want) {
			t.Errorf("%s: got %v, want %v", name, got, c.want)
		}
	}
}

// However the clock is set, whatever part of the rows is asked for and in whatever order they come:
// a run's segments of a camera stand in the order of their numbers, and where the clock was not
// set back all stand by their start.
func TestOrderHoldsForAnyPartOfAnyHistory(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var all []recording
		setBack := false
		now := 1000
		for run := range byte(rapid.IntRange(1, 3).Draw(t, "runs")) {
			for number := range uint32(rapid.IntRange(0, 12).Draw(t, "segments")) {
				step := rapid.IntRange(-20, 30).Draw(t, "minutes on")
				setBack = setBack || step < 0
				now += step
				all = append(all, shot(run, camera.ID(rapid.SampledFrom([]string{"a", "b"}).Draw(t, "camera")), number+1, now))
			}
		}
		part := slices.DeleteFunc(rapid.Permutation(all).Draw(t, "rows"), func(recording) bool { return rapid.IntRange(0, 4).Draw(t, "left out") == 0 })
		got := slices.Clone(part)
		sortRecorded(got, itself)
		last := make(map[recording]recording) // by run and camera
		for i, r := range got {
			source := recording{run: r.run, camera: r.camera}
			if before, ok := last[source]; ok && before.number > r.number {
				t.Fatalf("number %d stands behind %d: %v", r.number, before.number, got)
			}
			if last[source] = r; !setBack && i > 0 && got[i-1].start.After(r.start) {
				t.Fatalf("not by start: %v", got)
			}
		}
		again := rapid.Permutation(part).Draw(t, "the same rows")
		if sortRecorded(again, itself); !slices.EqualFunc(got, again, func(a, b recording) bool { return a.start.Equal(b.start) && a.number == b.number }) {
			t.Fatalf("another order of the same rows: %v and %v", got, again)
		}
	})
}
