package storage

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"v720dvr/storage/avi"
)

// Whatever was recorded: what stays is never more than the rate asks for, never leaves a slot that had a picture
// without one, holds spans whole, and the first and last picture; and choosing adds up.
func TestChoiceSpreadsPicturesEvenly(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		at := time.UnixMicro(rapid.Int64Range(1e15, 2e15).Draw(t, "start"))
		frames := make([]avi.FrameInfo, rapid.IntRange(0, 300).Draw(t, "frames"))
		for i := range frames {
			at = at.Add(time.Duration(rapid.IntRange(1, 400_000).Draw(t, "later")) * time.Microsecond)
			frames[i] = avi.FrameInfo{At: at, Lost: rapid.IntRange(0, 9).Draw(t, "lost") == 0}
		}
		var whole []span
		for range rapid.IntRange(0, 3).Draw(t, "events") {
			if len(frames) > 0 {
				from := frames[rapid.IntRange(0, len(frames)-1).Draw(t, "event")].At.UnixMicro()
				whole = append(whole, span{from, from + rapid.Int64Range(1, 5e6).Draw(t, "length")})
			}
		}
		whole = sortedSpans(whole)
		rate := rapid.Uint32Range(1, 30_000).Draw(t, "rate")
		keep := chooseFrames(frames, rate, whole)
		slot := int64(1e9) / int64(rate)
		first, last := -1, -1
		stay := make(map[int64]int)
		for i, f := range frames {
			if f.Lost {
				if !keep[i] {
					t.Fatalf("lost frame %d is not told any more", i)
				}
				continue
			}
			if first < 0 {
				first = i
			}
			last = i
			inside := slices.ContainsFunc(whole, func(s span) bool { return s.from <= f.At.UnixMicro() && f.At.UnixMicro() < s.to })
			if inside && !keep[i] {
				t.Fatalf("frame %d of an event goes", i)
			}
			if n := floor(f.At.UnixMicro(), slot); keep[i] && !inside {
				stay[n]++
			} else if keep[i] {
				stay[n] += 0
			}
		}
		if last >= 0 && (!keep[first] || !keep[last]) {
			t.Fatal("the first or the last picture goes")
		}
		for i, f := range frames {
			if f.Lost {
				continue
			}
			n := floor(f.At.UnixMicro(), slot)
			of, there := stay[n]
			most := 1
			if n == floor(frames[last].At.UnixMicro(), slot) {
				most = 2 // the last one, too
			}
			if !there || of > most {
				t.Fatalf("slot of frame %d keeps %d pictures outside of events (there: %v)", i, of, there)
			}
		}
		// Once more by what is left changes nothing, and a slower rate of slots that hold these comes to the same with and
		// without the faster one before.
		left, again := thinnedFrames(frames, keep), []bool(nil)
		if again = chooseFrames(left, rate, whole); slices.Contains(again, false) {
			t.Fatal("choosing again takes out more")
		}
		if slot*int64(rate) == 1e9 && 1e9%(int64(rate)*5) == 0 && rate%5 == 0 {
			slow := rate / 5
			straight := thinnedFrames(frames, chooseFrames(frames, slow, whole))
			steps := thinnedFrames(left, chooseFrames(left, slow, whole))
			if !slices.EqualFunc(straight, steps, func(a, b avi.FrameInfo) bool { return a.At.Equal(b.At) }) {
				t.Fatalf("in two steps %d frames stay, at once %d", len(steps), len(straight))
			}
		}
	})
}

func thinnedFrames(frames []avi.FrameInfo, keep []bool) (left []avi.FrameInfo) {
	for i, f := range frames {
		if keep[i] {
			left = append(left, f)
		}
	}
	return left
}
