package avi

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// filmed is a segment in memory with what was put into it.
type filmed struct {
	*Reader
	pictures [][]byte
	times    []time.Time
	ends     time.Time
}

// filmSegment writes pictures with lost ones, events and sound from a time on; an open one is not closed.
func filmSegment(t *rapid.T, begin time.Time, number int, open bool) filmed {
	m := testMeta()
	m.Start = begin
	if number > 0 {
		m.Gaps = []Gap{{From: begin.Add(-time.Second), To: begin, Reason: "offline"}}
	}
	file := new(memory)
	w, err := NewWriter(file, m)
	if err != nil {
		t.Fatal(err)
	}
	var f filmed
	must := func(err error) {
		if err != nil {
			t.Fatal(err)
		}
	}
	at := begin
	for i := range rapid.IntRange(1, 40).Draw(t, "pictures") {
		at = at.Add(time.Duration(rapid.IntRange(1, 400).Draw(t, "later")) * time.Millisecond)
		switch what := rapid.IntRange(0, 20).Draw(t, "what"); {
		case what == 0 && i > 0:
			must(w.WriteFrame(Frame{At: at, Missing: 2}))
			continue
		case what == 1:
			must(w.WriteEvent("motion", at, []byte("door")))
		case what == 2:
			at = at.Add(3 * time.Second)
			must(w.WriteGap(Gap{From: at.Add(-3 * time.Second), To: at, Reason: "silent"}))
		}
		picture := shortPicture(1000*number+i, rapid.IntRange(0, 9).Draw(t, "longer"))
		must(w.WriteFrame(Frame{At: at, JPEG: picture, Score: uint16(i), Cells: bytes.Repeat([]byte{7}, i%3)}))
		f.pictures, f.times = append(f.pictures, picture), append(f.times, at)
		if rapid.Bool().Draw(t, "sound") {
			must(w.WriteAudio(at, tone(rapid.IntRange(1, 800).Draw(t, "samples"))))
		}
	}
	f.ends = at.Add(time.Duration(rapid.IntRange(1, 500).Draw(t, "end")) * time.Millisecond)
	if open {
		snapshot, ok := w.Snapshot()
		if !ok || snapshot.Size() != int64(len(file.b)) {
			t.Fatalf("a snapshot of %d bytes, want %d", snapshot.Size(), len(file.b))
		}
		f.Reader = snapshot.Reader(file)
		// What is written behind it is not in it.
		must(w.WriteFrame(Frame{At: at.Add(time.Second), JPEG: shortPicture(99, 0)}))
		_, err := w.Close(at.Add(2 * time.Second))
		must(err)
		return f
	}
	_, err = w.Close(f.ends)
	must(err)
	f.Reader, err = Open(file, int64(len(file.b)))
	must(err)
	return f
}

// shortPicture is what a Writer takes for a picture of 640×480, with a number.
func shortPicture(n, longer int) []byte {
	b := []byte{0xFF, 0xD8, 0xFF, 0xC0, 0, 17, 8, 480 >> 8, 480 & 0xFF, 640 >> 8, 640 & 0xFF, 3, 1, 0x21, 0, 2, 0x11, 1, 3, 0x11, 1}
	return append(append(b, fmt.Sprint(n)...), append(bytes.Repeat([]byte{'.'}, longer), 0xFF, 0xD9)...)
}

// splice goes through it twice.
func splice(start time.Time, parts []filmed, from, to time.Time, end time.Time) ([]byte, error) {
	m := testMeta()
	m.Start = start
	pass := func(s *Splice) (*Spliced, error) {
		for _, f := range parts {
			if err := s.Append(f.Reader, Part{From: from, To: to}); err != nil {
				return nil, err
			}
		}
		return s.Close(end)
	}
	s, err := MeasureSplice(m, 640, 480)
	if err != nil {
		return nil, err
	}
	measured, err := pass(s)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	if s, err = measured.Write(&b); err != nil {
		return nil, err
	}
	if _, err = pass(s); err == nil && int64(b.Len()) != measured.Summary.Bytes {
		err = fmt.Errorf("wrote %d bytes, said %d", b.Len(), measured.Summary.Bytes)
	}
	return b.Bytes(), err
}

// Whatever the parts are: the file has the length that was measured, every chunk and its index are right, and
// pictures, times, scores and what was lost are those of the parts.
func TestSpliceHoldsWhatItsPartsDo(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var parts []filmed
		next := start
		for n := range rapid.IntRange(1, 4).Draw(t, "segments") {
			next = next.Add(time.Duration(rapid.SampledFrom([]int{0, 0, 1, 5000}).Draw(t, "apart")) * time.Millisecond)
			f := filmSegment(t, next, n, rapid.IntRange(0, 3).Draw(t, "open") == 0)
			parts = append(parts, f)
			next = f.ends
		}
		first := parts[0]
		from := first.times[rapid.IntRange(0, len(first.times)-1).Draw(t, "from")]
		to := from.Add(time.Duration(rapid.IntRange(1, 60_000).Draw(t, "length")) * time.Millisecond)
		var pictures [][]byte
		var times []time.Time
		for _, p := range parts {
			for i, at := range p.times {
				if !at.Before(from) && at.Before(to) {
					pictures, times = append(pictures, p.pictures[i]), append(times, at)
				}
			}
		}
		end := next
		if to.Before(end) {
			end = to
		}
		file, err := splice(from, parts, from, to, end)
		if err != nil {
			t.Fatal(err)
		}
		read, err := Open(bytes.NewReader(file), int64(len(file)))
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		for i, f := range read.Frames() {
			if f.Lost {
				continue
			}
			got, err := read.ReadFrame(nil, i)
			if err != nil || n == len(times) || !bytes.Equal(got, pictures[n]) || !f.At.Equal(times[n].Truncate(time.Microsecond)) {
				t.Fatalf("picture %d: got %q at %v, %v", n, got, f.At, err)
			}
			n++
		}
		if n != len(times) {
			t.Fatalf("got %d pictures, want %d", n, len(times))
		}
		heard := int64(0)
		for i, a := range read.Audio() {
			if _, err := read.ReadAudio(nil, i); err != nil || a.First != heard {
				t.Fatalf("sound %d begins at sample %d, want %d: %v", i, a.First, heard, err)
			}
			heard += int64(a.Size)
		}
		// Finish goes through the chunks, and comes to the same when the file has lost its end.
		cut := &memory{b: slices.Clone(file)}
		sums := read.Summary()
		if err := cut.Truncate(indexAt(file)); err != nil {
			t.Fatal(err)
		}
		done, err := Finish(cut, int64(len(cut.b)))
		if err != nil || done.Summary.Frames != sums.Frames || done.Holes != 0 || done.Untold != 0 || done.Summary.Samples != sums.Samples {
			t.Fatalf("its chunks and journals tell %+v, %v, its frame table %+v", done, err, sums)
		}
		// Finish adds levels, which a splice has none of.
		if end := len(file) - SealSize; !bytes.Equal(cut.b[moviAt:end], file[moviAt:end]) {
			t.Fatal("index or frame table are not those that its chunks and journals make")
		}
	})
}

// indexAt is where movi ends.
func indexAt(file []byte) int64 { return moviAt - 4 + int64(le.Uint32(file[moviAt-8:])) }

func TestSpliceStopsWhereAFileIsFull(t *testing.T) {
	many := &Reader{
		size: 1 << 40, streams: streams{picture: "00", sound: "01", rate: TickRate, scale: 1, width: 640, height: 480},
		summary: Summary{Meta: Meta{Start: start}},
	}
	for i := range 100_000 { // 20 KB each: 2 GB, which only measuring can take
		many.frames = append(many.frames, FrameInfo{At: at(ms(100 * i)), Offset: int64(moviAt + i*20_008), Size: 20_000})
	}
	s, err := MeasureSplice(testMeta(), 640, 480)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Append(many, Part{From: start, To: at(4 * time.Hour)}); !errors.Is(err, ErrFull) {
		t.Fatalf("got %v, want it full", err)
	}
	stopped := s.Stopped()
	n := int(stopped.Sub(start) / ms(100))
	if s, err = MeasureSplice(testMeta(), 640, 480); err != nil {
		t.Fatal(err)
	}
	if err := s.Append(many, Part{From: start, To: stopped}); err != nil {
		t.Fatal(err)
	}
	done, err := s.Close(stopped)
	if err != nil || done.Summary.Frames != n || done.Summary.Bytes > MaxSize || done.Summary.Bytes < MaxSize-(1<<20) {
		t.Errorf("got %d pictures, want %d, in %d bytes, %v", done.Summary.Frames, n, done.Summary.Bytes, err)
	}
	if s, err = MeasureSplice(testMeta(), 320, 240); err != nil {
		t.Fatal(err)
	}
	if err := s.Append(many, Part{From: start, To: stopped}); !errors.Is(err, ErrSizeChanged) || !s.Stopped().Equal(start) {
		t.Errorf("pictures of another size: got %v at %v", err, s.Stopped())
	}
	if _, err := s.Close(stopped); !errors.Is(err, ErrEmpty) {
		t.Errorf("nothing in it: got %v", err)
	}
}

func TestSpliceThatComesToOtherBytesSaysSo(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := filmSegment(t, start, 0, false), filmSegment(t, start.Add(time.Hour), 1, false)
		s, err := MeasureSplice(testMeta(), 640, 480)
		if err != nil {
			t.Fatal(err)
		}
		whole := Part{From: start, To: start.Add(2 * time.Hour)}
		if err := errors.Join(s.Append(a.Reader, whole), s.Append(b.Reader, whole)); err != nil {
			t.Fatal(err)
		}
		measured, err := s.Close(b.ends)
		if err != nil {
			t.Fatal(err)
		}
		if s, err = measured.Write(new(bytes.Buffer)); err != nil {
			t.Fatal(err)
		}
		if err := s.Append(a.Reader, whole); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Close(a.ends); !errors.Is(err, ErrSpliceDiffers) {
			t.Fatalf("got %v", err)
		}
	})
}
