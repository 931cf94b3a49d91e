package avi

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// thin takes pictures out of a segment in memory, and reads what came of it.
func thin(t rapid.TB, r *Reader, keep []bool, how Thinning) *Reader {
	t.Helper()
	out := new(memory)
	sums, err := Thin(out, r, keep, how)
	if err != nil {
		t.Fatal(err)
	}
	thinned, err := Open(out, int64(len(out.b)))
	if err != nil {
		t.Fatal(err)
	}
	front, err := ReadSummary(out, int64(len(out.b)))
	if err != nil || !reflect.DeepEqual(front, sums) || !reflect.DeepEqual(thinned.Summary(), sums) {
		t.Fatalf("the file says %+v\nits front %+v, %v\nthe call %+v", thinned.Summary(), front, err, sums)
	}
	return thinned
}

func drawKeep(t *rapid.T, r *Reader) []bool {
	keep := make([]bool, len(r.Frames()))
	for i := range keep {
		keep[i] = rapid.Bool().Draw(t, "keep")
	}
	for i, f := range r.Frames() {
		if !f.Lost {
			keep[i] = true
			break
		}
	}
	return keep
}

// Whatever is taken out, twice: the file is one like any other, what stays is what it was, and what was known of the
// rest is known still.
func TestThinnedSegmentTellsTheTruth(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		was := filmSegment(t, start, rapid.IntRange(0, 1).Draw(t, "number"), false).Reader
		track, levels := was.Track(), was.Levels()
		silent := rapid.Bool().Draw(t, "silent")
		now, taken := was, 0
		for n := range rapid.IntRange(1, 6).Draw(t, "times") {
			keep := drawKeep(t, now)
			before := now
			now = thin(t, before, keep, Thinning{At: start.Add(time.Duration(n) * time.Hour), Rule: "thin", Rate: 2, Sound: silent})
			checkThinned(t, before, now, keep)
			for i, f := range before.Frames() {
				if !keep[i] && !f.Lost {
					taken++
				}
			}
		}
		s, first := now.Summary(), was.Summary()
		if s.Taken() != taken || len(s.Thinned) > MaxThinnings || s.Thinned[0].Bytes != first.Bytes {
			t.Fatalf("it tells of %+v, %d pictures were taken out of %d bytes", s.Thinned, taken, first.Bytes)
		}
		if s.Missing != first.Missing || s.Lost != first.Lost || !s.End.Equal(first.End) || !slices.EqualFunc(s.Gaps, first.Gaps, sameGap) || !slices.EqualFunc(s.Inside, first.Inside, sameGap) {
			t.Fatalf("got %+v\nwant what is told of %+v", s, first)
		}
		if silent != (s.Samples == 0) && first.Samples > 0 || !silent && (s.Samples != first.Samples || s.Silence != first.Silence || s.Dropped != first.Dropped) {
			t.Fatalf("sound: got %+v, had %+v", s, first)
		}
		if !slices.EqualFunc(now.Track(), track, func(a, b FrameInfo) bool {
			return a.At.Equal(b.At) && a.Score == b.Score && a.Lost == b.Lost && a.Missing == b.Missing && a.Size == b.Size && bytes.Equal(a.Cells, b.Cells)
		}) {
			t.Fatalf("the track is\n%+v, was\n%+v", now.Track(), track)
		}
		got := now.Levels()
		for i := range got.Seconds {
			got.Seconds[i].Flags &^= LevelThinned
		}
		if !reflect.DeepEqual(got, levels) {
			t.Fatalf("levels are %+v, were %+v", got, levels)
		}
	})
}

func sameGap(a, b Gap) bool {
	return a.From.Equal(b.From) && a.To.Equal(b.To) && a.Reason == b.Reason
}

// checkThinned holds the pictures, sound and events that are left against those that were.
func checkThinned(t *rapid.T, before, now *Reader, keep []bool) {
	var want []int
	for i, f := range before.Frames() {
		if keep[i] || f.Lost {
			want = append(want, i)
		}
	}
	if len(now.Frames()) != len(want) {
		t.Fatalf("%d frames, want %d", len(now.Frames()), len(want))
	}
	tick := -1
	for n, i := range want {
		is, was := now.Frames()[n], before.Frames()[i]
		if !is.At.Equal(was.At) || is.Lost != was.Lost || is.Repaired != was.Repaired || is.Size != was.Size {
			t.Fatalf("frame %d is %+v, was %+v", n, is, was)
		}
		if is.Lost {
			continue
		}
		if is.Tick <= tick {
			t.Fatalf("tick %d behind %d", is.Tick, tick)
		}
		tick = is.Tick
		a, err1 := now.ReadFrame(nil, n)
		b, err2 := before.ReadFrame(nil, i)
		if err1 != nil || err2 != nil || !bytes.Equal(a, b) {
			t.Fatalf("picture %d differs: %v, %v", n, err1, err2)
		}
	}
	if len(now.Audio()) > 0 {
		for i, a := range now.Audio() {
			is, err1 := now.ReadAudio(nil, i)
			was, err2 := before.ReadAudio(nil, i)
			if b := before.Audio()[i]; err1 != nil || err2 != nil || !bytes.Equal(is, was) || !a.At.Equal(b.At) || a.First != b.First || a.Silence != b.Silence {
				t.Fatalf("sound %d is %+v, was %+v", i, a, b)
			}
		}
	}
	if !slices.EqualFunc(now.Events(), before.Events(), func(a, b Event) bool { return a.Kind == b.Kind && a.At.Equal(b.At) && bytes.Equal(a.Body, b.Body) }) {
		t.Fatalf("events %+v, had %+v", now.Events(), before.Events())
	}
}

// A thinned file that somebody cut is finished again, and tells that it was thinned.
func TestThinnedSegmentIsFinishedAgainWhenItsEndIsCut(t *testing.T) {
	file := new(memory)
	w, err := NewWriter(file, testMeta())
	if err != nil {
		t.Fatal(err)
	}
	writeMixed(t, w, pictures(t, 640, 480, 4))
	if _, err := w.Close(at(ms(12_000))); err != nil {
		t.Fatal(err)
	}
	r, err := Open(file, int64(len(file.b)))
	if err != nil {
		t.Fatal(err)
	}
	keep := make([]bool, len(r.Frames()))
	for i := range keep {
		keep[i] = i%5 == 0
	}
	out := new(memory)
	sums, err := Thin(out, r, keep, Thinning{At: at(0), Rule: "thin", Rate: 2})
	if err != nil {
		t.Fatal(err)
	}
	out.b = out.b[:len(out.b)-2000]
	done, err := Finish(out, int64(len(out.b)))
	if err != nil || done.Already || done.Summary.Frames != sums.Frames || done.Summary.Taken() != sums.Taken() || done.Summary.Samples != sums.Samples {
		t.Errorf("finished %+v, %v, want the pictures and sound of %+v", done, err, sums)
	}
}

// Of an open segment, and of one of somebody else, nothing is taken.
func TestThinRefusesWhatIsNoFinishedSegment(t *testing.T) {
	for name, file := range map[string]*memory{"open": smallSegment(t, false), "foreign": foreign(t, pictures(t, 16, 16, 3))} {
		r, err := Open(file, int64(len(file.b)))
		if err != nil {
			t.Fatal(err)
		}
		out := new(memory)
		if _, err := Thin(out, r, make([]bool, len(r.Frames())), Thinning{}); err == nil || len(out.b) > 0 {
			t.Errorf("%s: %v, %d bytes written, want an error and none", name, err, len(out.b))
		}
	}
}

// A player shows each picture of a thinned segment within 100 ms of its capture time, for as long as before.
func TestPlayersReadThinnedSegments(t *testing.T) {
	const length = 60 * time.Second
	rec := newRecording(t, 10, length, true)
	whole := filepath.Join(t.TempDir(), "whole.avi")
	record(t, whole, TickRate, rec, playerStalls, 0, func(w *Writer) {
		if _, err := w.Close(at(length)); err != nil {
			t.Fatal(err)
		}
	})
	b, err := os.ReadFile(whole)
	if err != nil {
		t.Fatal(err)
	}
	for _, every := range []int{5, 100} {
		for _, silent := range []bool{false, true} {
			t.Run(fmt.Sprintf("every %d, silent %v", every, silent), func(t *testing.T) {
				r, err := Open(&memory{b: b}, int64(len(b)))
				if err != nil {
					t.Fatal(err)
				}
				keep := make([]bool, len(r.Frames()))
				var times []time.Duration
				for i := range keep {
					if keep[i] = i%every == 0 || i == len(keep)-1; keep[i] {
						times = append(times, rec.times[i])
					}
				}
				out := new(memory)
				if _, err := Thin(out, r, keep, Thinning{At: at(0), Rule: "thin", Rate: 2, Sound: silent}); err != nil {
					t.Fatal(err)
				}
				path := filepath.Join(t.TempDir(), "thin.avi")
				if err := os.WriteFile(path, out.b, 0o644); err != nil {
					t.Fatal(err)
				}
				p := probe(t, path)
				if got := seconds(t, p.Format.Duration); got < length-ms(20) || got > length+ms(20) {
					t.Errorf("ffprobe says %v, recorded %v", got, length)
				}
				if got := len(p.Streams); silent != (got == 1) {
					t.Errorf("%d streams with sound taken out: %v", got, silent)
				}
				pts, sizes := p.packets(t, "video")
				var shown []time.Duration
				for i, at := range pts {
					if sizes[i] > 0 {
						shown = append(shown, at)
					}
				}
				if len(shown) != len(times) {
					t.Fatalf("a player shows %d pictures, want %d", len(shown), len(times))
				}
				for i, at := range shown {
					if off := (at - times[i]).Abs(); off > ms(100) {
						t.Errorf("picture %d is shown at %v, captured at %v", i, at, times[i])
					}
				}
				tool(t, "ffmpeg", "-guess_layout_max", "0", "-i", path, "-f", "null", "-")
			})
		}
	}
}

// BenchmarkThin takes four pictures of five out of five minutes of 10 pictures of 18 KB a second.
func BenchmarkThin(b *testing.B) {
	file := new(memory)
	w, err := NewWriter(file, testMeta())
	if err != nil {
		b.Fatal(err)
	}
	picture, sound := append(realPicture(b), make([]byte, 18<<10-15535)...), tone(800)
	for i := range 3000 {
		if err := w.WriteFrame(Frame{At: at(ms(100 * i)), JPEG: picture, Score: 9, Cells: make([]byte, 20)}); err != nil {
			b.Fatal(err)
		}
		if err := w.WriteAudio(at(ms(100*i)), sound); err != nil {
			b.Fatal(err)
		}
	}
	if _, err := w.Close(at(ms(300_000))); err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(file.b)))
	b.ReportAllocs()
	for b.Loop() {
		r, err := Open(file, int64(len(file.b)))
		if err != nil {
			b.Fatal(err)
		}
		keep := make([]bool, len(r.Frames()))
		for i := range keep {
			keep[i] = i%5 == 0
		}
		if _, err := Thin(&sparse{}, r, keep, Thinning{At: at(0), Rate: 2}); err != nil {
			b.Fatal(err)
		}
	}
}
