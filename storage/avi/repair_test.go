package avi

import (
	"bytes"
	"errors"
	"fmt"
	"testing"
	"time"
)

// repairAll repairs a file into as many as it takes and returns their readers.
func repairAll(t testing.TB, r *Reader) (made []*Reader) {
	t.Helper()
	for from := 0; from < len(r.Frames()); {
		out := &memory{}
		done, err := Repair(r, out, from, start)
		if errors.Is(err, ErrEmpty) {
			if len(out.b) > 0 || done.Next != len(r.Frames()) {
				t.Fatalf("%v with %d bytes written, and frame %d of %d next", err, len(out.b), done.Next, len(r.Frames()))
			}
			break
		}
		if err != nil || done.Next <= from {
			t.Fatalf("frame %d: %v, and frame %d next", from, err, done.Next)
		}
		again := out.open(t)
		if !again.Finished() || again.Summary().Frames != done.Summary.Frames {
			t.Fatalf("the file from frame %d on: finished %v, %d frames, Repair says %d", from, again.Finished(), again.Summary().Frames, done.Summary.Frames)
		}
		made = append(made, again)
		from = done.Next
	}
	return made
}

// allPictures reads what can be taken for a picture.
func allPictures(t testing.TB, readers ...*Reader) (all [][]byte) {
	t.Helper()
	for _, r := range readers {
		for i, f := range r.Frames() {
			jpeg, err := r.ReadFrame(nil, i)
			if err != nil && !errors.Is(err, ErrDamaged) && !f.Lost {
				t.Fatal(err)
			}
			if IsPicture(jpeg) {
				all = append(all, jpeg)
			}
		}
	}
	return all
}

func samePictures(t testing.TB, got, want [][]byte) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%d pictures, want %d", len(got), len(want))
	}
	for i := range got {
		if !bytes.Equal(got[i], want[i]) {
			t.Fatalf("picture %d is another one", i)
		}
	}
}

func TestBrokenFileOfAnotherMakerIsMadeWhole(t *testing.T) {
	pics := pictures(t, 64, 48, 3)
	whole := foreign(t, pics)
	noLengths := bytes.Clone(whole.b)
	clear(noLengths[4:8])
	movi := bytes.Index(noLengths, []byte("movi"))
	clear(noLengths[movi-4 : movi])
	cut := whole.b[:bytes.LastIndex(whole.b, []byte("01dc"))+100]
	for name, c := range map[string]struct {
		b    []byte
		want int
	}{"whole": {whole.b, 3}, "no lengths": {noLengths, 3}, "cut": {cut, 2}} {
		r := (&memory{b: c.b}).open(t)
		made := repairAll(t, r)
		if len(made) != 1 {
			t.Fatalf("%s: %d files, want one", name, len(made))
		}
		samePictures(t, allPictures(t, made[0]), pics[:c.want])
		for i, f := range made[0].Frames() {
			tick := []int{0, 2, 3}[i]
			if off := f.At.Sub(start) - time.Duration(tick)*time.Second/15; off.Abs() > time.Microsecond {
				t.Errorf("%s: picture %d at %v, want tick %d of 15 a second", name, i, f.At.Sub(start), tick)
			}
		}
		if s := made[0].Summary(); c.want == 3 && s.Samples < 1600 {
			t.Errorf("%s: %d samples, want 1600 or more", name, s.Samples)
		}
	}
}

func TestFileWithPicturesOfSeveralSizesBecomesSeveral(t *testing.T) {
	small, large := pictures(t, 64, 48, 2), pictures(t, 80, 48, 2)
	b := appendList(nil, "RIFF", 0, "AVI ")
	h := header{width: 64, height: 48, rate: 25}
	b = append(b, h.append(nil)[listHeader:]...)
	b = appendList(b, "LIST", 0, "movi")
	var want [][]byte
	for _, jpeg := range [][]byte{small[0], []byte("\xFF\xD8 no picture"), large[0], large[1], small[1]} {
		b = append(appendChunk(b, "00dc", uint32(len(jpeg))), jpeg...)
		b = append(b, make([]byte, padding(len(jpeg)))...)
		if IsPicture(jpeg) {
			want = append(want, jpeg)
		}
	}
	made := repairAll(t, (&memory{b: b}).open(t))
	if len(made) != 3 || made[1].Summary().Width != 80 {
		t.Fatalf("%d files, want three", len(made))
	}
	samePictures(t, allPictures(t, made...), want)
	if rate, _ := made[0].TickRate(); rate != 25 {
		t.Errorf("%d ticks a second, want the file's 25", rate)
	}
	if got, want := made[1].Summary().Start.Sub(start), 2*time.Second/25; got != want {
		t.Errorf("the second begins %v after the first, want %v", got, want)
	}
}

// A segment whose front is damaged in a way that Finish refuses keeps what its journals tell.
func TestRepairedSegmentKeepsTimesAndEvents(t *testing.T) {
	file, shot := openSegment(t)
	r := file.open(t)
	made := repairAll(t, r)
	if len(made) != 1 {
		t.Fatalf("%d files, want one", len(made))
	}
	got := made[0]
	if fmt.Sprint(got.Events()) != fmt.Sprint(r.Events()) || got.Summary().Camera != "0800c00128F8" || len(got.Gaps()) != 1 || !sameGaps(got.Inside(), []Gap{stalled}) {
		t.Errorf("got %+v with events %v, want what the file had", got.Summary(), got.Events())
	}
	for i, f := range got.Frames() {
		if want := r.Frames()[i]; !f.At.Equal(want.At) || f.Repaired != want.Repaired || f.Score != want.Score {
			t.Errorf("frame %d: %+v, want %+v", i, f, want)
		}
	}
	var want [][]byte
	for _, f := range shot {
		want = append(want, f.JPEG)
	}
	samePictures(t, allPictures(t, got), want)
	if a, b := got.Summary().Samples, r.Summary().Samples; a < b || a > b+SampleRate {
		t.Errorf("%d samples, had %d", a, b)
	}
}

// FuzzRepair: no bytes make Repair or Finish panic; what they make opens, is finished, and has the
// pictures that the Reader found.
func FuzzRepair(f *testing.F) {
	for _, finished := range []bool{true, false} {
		file := smallSegment(f, finished)
		f.Add(file.b)
		f.Add(file.b[:len(file.b)-300])
		holed := bytes.Clone(file.b)
		clear(holed[moviAt+500 : moviAt+900])
		f.Add(holed)
	}
	f.Add(foreign(f, pictures(f, 16, 16, 3)).b)
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := Open(&memory{b: b}, int64(len(b)))
		if err != nil {
			return
		}
		samePictures(t, allPictures(t, repairAll(t, r)...), allPictures(t, r))

		file := &memory{b: bytes.Clone(b)}
		found, err := Finish(file, int64(len(file.b)))
		if err != nil {
			if !errors.Is(err, ErrEmpty) && !errors.Is(err, ErrNotOurs) && !errors.Is(err, ErrNotAVI) || !bytes.Equal(file.b, b) {
				t.Fatalf("finish: %v, and the file is changed: %v", err, !bytes.Equal(file.b, b))
			}
			return
		}
		again := file.open(t)
		if !again.Finished() || again.Summary().Frames != found.Summary.Frames {
			t.Fatalf("finished %v, %d frames, Finish says %d", again.Finished(), again.Summary().Frames, found.Summary.Frames)
		}
		if brief, err := ReadSummary(file, int64(len(file.b))); err == nil && brief.Frames != found.Summary.Frames {
			t.Fatalf("its front says %d frames, Finish %d", brief.Frames, found.Summary.Frames)
		}
		if !sameGaps(again.Gaps(), r.Gaps()) || !sameGaps(again.Inside(), r.Inside()) {
			t.Fatalf("gaps %+v and %+v inside, before Finish %+v and %+v", again.Gaps(), again.Inside(), r.Gaps(), r.Inside())
		}
		if next, err := Finish(file, int64(len(file.b))); err != nil || !next.Already {
			t.Fatalf("finishing it again: %+v, %v", next, err)
		}
	})
}
