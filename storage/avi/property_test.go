package avi

import (
	"bytes"
	"errors"
	"reflect"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// Whatever a camera does, every picture comes out whole, in order, within 100 ms of its capture
// time, the sound stands within 100 ms of its own, and both streams end together with the segment.
func TestAnyCameraIsRecordedTrulyAndInStep(t *testing.T) {
	pics := pictures(t, 64, 48, 7)
	rapid.Check(t, func(t *rapid.T) {
		file := &memory{}
		m := testMeta()
		m.Gaps = gapsUpTo(start, rapid.IntRange(0, MaxGaps).Draw(t, "gaps before"), rapid.IntRange(0, MaxReason).Draw(t, "length of their reasons"))
		w, err := NewWriter(file, m)
		if err != nil {
			t.Fatal(err)
		}
		drift := rapid.Float64Range(-0.003, 0.003).Draw(t, "drift of the sound's clock")
		piece := rapid.SampledFrom([]int{480, 800}).Draw(t, "piece")
		sound := rapid.Bool().Draw(t, "sound")
		now, heard := time.Duration(0), 0.0
		var in []Frame
		var inside []Gap
		for range rapid.IntRange(1, 150).Draw(t, "frames") {
			now += ms(rapid.IntRange(25, 160).Draw(t, "ms to the next frame"))
			stalled := rapid.IntRange(0, 30).Draw(t, "stall") == 0
			if stalled {
				gap := Gap{From: at(now.Truncate(time.Microsecond)), Reason: "silent"}
				now += ms(rapid.IntRange(200, 9000).Draw(t, "ms of the stall"))
				gap.To = at(now.Truncate(time.Microsecond))
				if err := w.WriteGap(gap); err != nil {
					t.Fatal(err)
				}
				inside = append(inside, gap)
			}
			for ; heard+0.1 < now.Seconds(); heard += float64(piece) / SampleRate * (1 + drift) {
				if sound && !stalled {
					jitter := ms(rapid.IntRange(0, 20).Draw(t, "jitter"))
					if err := w.WriteAudio(at(time.Duration(heard*1e9)+jitter), tone(piece)); err != nil {
						t.Fatal(err)
					}
				}
			}
			f := Frame{At: at(now.Truncate(time.Microsecond)), Repaired: rapid.Bool().Draw(t, "repaired")}
			if rapid.IntRange(0, 9).Draw(t, "lost") == 0 {
				f.Repaired, f.Missing = false, 1+len(in)
			} else {
				f.JPEG = pics[len(in)%len(pics)]
			}
			if err := w.WriteFrame(f); err != nil {
				t.Fatal(err)
			}
			in = append(in, f)
			if rapid.IntRange(0, 20).Draw(t, "flush") == 0 {
				if err := w.Flush(); err != nil {
					t.Fatal(err)
				}
			}
		}
		end := now + ms(rapid.IntRange(0, 3000).Draw(t, "ms to the end"))

		open := 0
		if !slices.ContainsFunc(in, func(f Frame) bool { return f.JPEG != nil }) {
			if _, err := w.Close(at(end)); !errors.Is(err, ErrEmpty) {
				t.Fatalf("no picture: %v, want ErrEmpty", err)
			}
			return
		}
		opened, err := Open(file, int64(len(file.b)))
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range opened.Frames() {
			if !f.Lost {
				open++
			}
		}
		sums, err := w.Close(at(end))
		if err != nil {
			t.Fatal(err)
		}
		if open != sums.Frames {
			t.Fatalf("open: %d pictures, finished: %d", open, sums.Frames)
		}
		r, err := Open(file, int64(len(file.b)))
		if err != nil {
			t.Fatal(err)
		}
		checkTruth(t, r, in, sums, end)
		for _, s := range []Summary{sums, r.Summary()} {
			if !sameGaps(s.Gaps, m.Gaps) || !sameGaps(s.Inside, inside) {
				t.Fatalf("gaps %+v and %+v inside, want %+v and %+v", s.Gaps, s.Inside, m.Gaps, inside)
			}
		}
		if front, err := ReadSummary(file, int64(len(file.b))); err == nil && !reflect.DeepEqual(front, r.Summary()) || err != nil && len(inside) < 20 {
			t.Fatalf("the front says %+v, %v, the frame table %+v", front, err, r.Summary())
		}
	})
}

func checkTruth(t *rapid.T, r *Reader, in []Frame, sums Summary, end time.Duration) {
	if len(r.Frames()) != len(in) {
		t.Fatalf("%d frames, want %d", len(r.Frames()), len(in))
	}
	last := -1
	for i, f := range r.Frames() {
		if !f.At.Equal(in[i].At) || f.Repaired != in[i].Repaired || f.Missing != in[i].Missing || f.Lost != (in[i].JPEG == nil) {
			t.Fatalf("frame %d: %+v, want %+v", i, f, in[i])
		}
		if f.Lost {
			continue
		}
		if f.Tick <= last {
			t.Fatalf("frame %d on tick %d behind tick %d", i, f.Tick, last)
		}
		last = f.Tick
		if off := start.Add(time.Duration(f.Tick) * time.Second / TickRate).Sub(f.At).Abs(); off > ms(100) {
			t.Fatalf("frame %d stands %v from its capture time", i, off)
		}
		got, err := r.ReadFrame(nil, i)
		if err != nil || !bytes.Equal(got, in[i].JPEG) {
			t.Fatalf("frame %d: %d bytes, %v; want %d", i, len(got), err, len(in[i].JPEG))
		}
	}
	next := int64(0)
	for i, a := range r.Audio() {
		if a.First != next || a.Size > SampleRate {
			t.Fatalf("sound %d begins with sample %d of %d, want %d", i, a.First, a.Size, next)
		}
		next += int64(a.Size)
		if off := start.Add(time.Duration(a.First) * time.Second / SampleRate).Sub(a.At).Abs(); off > ms(100) {
			t.Fatalf("sound %d stands %v from its capture time", i, off)
		}
	}
	ticks := int64(le.Uint32(readAll(t, r)[24+8+16:]))
	if over := ticks*SampleRate/TickRate - next; sums.HasAudio && (over < 0 || over > SampleRate/5) {
		t.Fatalf("%d samples for %d ticks", next, ticks)
	}
	if off := time.Duration(ticks)*time.Second/TickRate - end; off.Abs() > ms(200) {
		t.Fatalf("the segment ends %v off", off)
	}
}

func readAll(t *rapid.T, r *Reader) []byte {
	b := make([]byte, r.size)
	if _, err := r.r.ReadAt(b, 0); err != nil {
		t.Fatal(err)
	}
	return b
}
