package avi

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"reflect"
	"testing"
	"time"
)

// stalled is the gap inside openSegment.
var stalled = Gap{From: at(3 * time.Second), To: at(7 * time.Second), Reason: "silent"}

// openSegment is what a kill leaves of a segment of 20 s: its last journal is 7 frames old. It
// returns the pictures with their capture times too.
func openSegment(t testing.TB) (*memory, []Frame) {
	t.Helper()
	file := &memory{}
	m := testMeta()
	m.Gaps = []Gap{{From: at(-time.Minute), To: at(0), Reason: "silent"}}
	w, err := NewWriter(file, m)
	if err != nil {
		t.Fatal(err)
	}
	pics := pictures(t, 64, 48, 5)
	var shot []Frame
	heard := ms(0)
	for i, captured := range captureTimes(3, 10.3, ms(15), []stall{{3 * time.Second, 4 * time.Second}}, 20*time.Second) {
		for ; heard+ms(60) <= captured; heard += ms(60) {
			if err := w.WriteAudio(at(heard), tone(480)); err != nil {
				t.Fatal(err)
			}
		}
		f := Frame{At: at(captured.Truncate(time.Microsecond)), JPEG: numbered(pics[i%5], i), Missing: i % 3, Repaired: i%7 == 0, Score: uint16(i), Cells: []byte{byte(i)}}
		if err := w.WriteFrame(f); err != nil {
			t.Fatal(err)
		}
		shot = append(shot, f)
		if i == 45 { // a picture behind the stall
			if err := w.WriteGap(stalled); err != nil {
				t.Fatal(err)
			}
		}
		if i%30 == 0 {
			if err := w.WriteEvent("motion", f.At, []byte("{}")); err != nil {
				t.Fatal(err)
			}
		}
	}
	return file, shot
}

// finish finishes a copy of the file and holds the result against the rules of the format.
func finish(t testing.TB, file *memory) (*memory, Finished) {
	t.Helper()
	done := &memory{b: bytes.Clone(file.b)}
	found, err := Finish(done, int64(len(done.b)))
	if err != nil {
		t.Fatal(err)
	}
	r := done.open(t)
	if !r.Ours() || !r.Finished() {
		t.Fatalf("ours %v, finished %v, want both", r.Ours(), r.Finished())
	}
	if !reflect.DeepEqual(r.Summary(), found.Summary) {
		t.Errorf("the file says %+v, Finish %+v", r.Summary(), found.Summary)
	}
	if events, err := ReadEvents(done, int64(len(done.b))); err != nil || !reflect.DeepEqual(events, r.Events()) {
		t.Errorf("got %d events, %v, want %d", len(events), err, len(r.Events()))
	}
	brief, err := ReadSummary(done, int64(len(done.b)))
	if tooMany := len(found.Summary.Inside) > 10 && errors.Is(err, ErrNoSummary); !tooMany && (err != nil || !reflect.DeepEqual(brief, found.Summary)) {
		t.Errorf("its front says %+v, %v, Finish %+v", brief, err, found.Summary)
	}
	checkIndex(t, done.b)
	checkPlaces(t, r, done.b)
	again := &memory{b: bytes.Clone(done.b)}
	if found, err := Finish(again, int64(len(again.b))); err != nil || !found.Already || !bytes.Equal(again.b, done.b) {
		t.Errorf("finishing it again: %+v, %v; want it left as it is", found, err)
	}
	return done, found
}

// checkIndex holds idx1 and the header's lengths against the chunks of movi.
func checkIndex(t testing.TB, b []byte) {
	t.Helper()
	end := moviAt - 4 + int(le.Uint32(b[moviAt-8:]))
	index := b[end+chunkHeader:][:le.Uint32(b[end+4:])]
	ticks, samples := 0, 0
	for pos := moviAt; pos < end; {
		id, size := string(b[pos:pos+4]), int(le.Uint32(b[pos+4:]))
		if id != chunkJunk {
			if len(index) < indexEntry || string(index[:4]) != id || int(le.Uint32(index[8:])) != pos-(moviAt-4) || int(le.Uint32(index[12:])) != size {
				t.Fatalf("idx1 does not name %q of %d bytes at %d", id, size, pos)
			}
			index = index[indexEntry:]
		}
		switch id {
		case chunkPicture:
			ticks++
		case chunkSound:
			samples += size
		case chunkJunk:
		default:
			t.Fatalf("%q stands at %d in movi", id, pos)
		}
		pos += chunkHeader + size + padding(size)
	}
	if len(index) > 0 || int(le.Uint32(b[48:])) != ticks || int(le.Uint32(b[140:])) != ticks || samples > 0 && int(le.Uint32(b[340:])) != samples || int(le.Uint32(b[4:])) != len(b)-8 {
		t.Errorf("%d bytes of idx1 too many, %d ticks, %d samples, %d bytes: the header says %d, %d, %d", len(index), ticks, samples, len(b),
			le.Uint32(b[48:]), le.Uint32(b[340:]), le.Uint32(b[4:])+8)
	}
}

// checkPlaces holds the tick of each picture and the number of each sample, as the frame table has
// them, against what stands before it in movi: that is what players go by.
func checkPlaces(t testing.TB, r *Reader, b []byte) {
	t.Helper()
	tickAt, firstAt := make(map[int64]int), make(map[int64]int64)
	ticks, samples := 0, int64(0)
	for pos := moviAt; pos < moviAt-4+int(le.Uint32(b[moviAt-8:])); {
		id, size := string(b[pos:pos+4]), int(le.Uint32(b[pos+4:]))
		tickAt[int64(pos+chunkHeader)], firstAt[int64(pos+chunkHeader)] = ticks, samples
		switch id {
		case chunkPicture:
			ticks++
		case chunkSound:
			samples += int64(size)
		}
		pos += chunkHeader + size + padding(size)
	}
	for i, f := range r.Frames() {
		if tick, ok := tickAt[f.Offset]; !f.Lost && (!ok || tick != f.Tick) {
			t.Errorf("frame %d of tick %d stands on tick %d", i, f.Tick, tick)
		}
	}
	for i, a := range r.Audio() {
		if first, ok := firstAt[a.Offset]; !ok || first != a.First {
			t.Errorf("sound %d of sample %d stands at %d", i, a.First, first)
		}
	}
}

func TestSegmentThatAKillLeftOpenIsFinishedWithItsTrueTimes(t *testing.T) {
	file, shot := openSegment(t)
	done, found := finish(t, file)
	r := done.open(t)
	if found.Already || found.Cut != 0 || found.Holes != 0 || found.Untold == 0 || found.Untold > 15 {
		t.Errorf("found %+v, want nothing but the last pictures untold", found)
	}
	if len(r.Frames()) != len(shot) {
		t.Fatalf("%d frames, want %d", len(r.Frames()), len(shot))
	}
	for i, f := range r.Frames() {
		want := shot[i]
		got, err := r.ReadFrame(nil, i)
		if err != nil || !bytes.Equal(got, want.JPEG) {
			t.Errorf("frame %d: %d bytes, %v, want %d", i, len(got), err, len(want.JPEG))
		}
		told := i < len(shot)-found.Untold
		if told && (!f.At.Equal(want.At) || f.Score != want.Score || f.Repaired != want.Repaired || !bytes.Equal(f.Cells, want.Cells)) {
			t.Errorf("frame %d: %+v, want what its journal tells: %+v", i, f, want)
		}
		if off := f.At.Sub(want.At).Abs(); off > ms(10) {
			t.Errorf("frame %d stands %v from its capture time", i, off)
		}
	}
	s := found.Summary
	if s.Camera != "0800c00128F8" || s.Frames != len(shot) || len(s.Gaps) != 1 || s.Gaps[0].Reason != "silent" || !sameGaps(s.Inside, []Gap{stalled}) || s.End.Before(shot[len(shot)-1].At) || len(r.Events()) == 0 {
		t.Errorf("summary %+v with %d events", s, len(r.Events()))
	}
}

// The file may end anywhere; every picture that is whole stays.
func TestSegmentCutAnywhereIsFinished(t *testing.T) {
	whole, shot := openSegment(t)
	ends := make([]int, len(shot)) // where each picture ends in the file
	for i, f := range whole.open(t).Frames() {
		ends[i] = int(f.Offset) + f.Size
	}
	random := rand.New(rand.NewPCG(4, 720))
	for range 150 {
		cut := moviAt + random.IntN(len(whole.b)-moviAt)
		want := 0
		for want < len(ends) && ends[want] <= cut {
			want++
		}
		torn := &memory{b: whole.b[:cut]}
		if want == 0 {
			if _, err := Finish(&memory{b: bytes.Clone(torn.b)}, int64(cut)); !errors.Is(err, ErrEmpty) {
				t.Errorf("cut at %d: %v, want ErrEmpty", cut, err)
			}
			continue
		}
		if _, found := finish(t, torn); found.Summary.Frames != want {
			t.Errorf("cut at %d: %d frames, want %d", cut, found.Summary.Frames, want)
		}
	}
	for _, size := range []int{0, 1, moviAt - 1, moviAt, moviAt + 30} {
		left := &memory{b: bytes.Clone(whole.b[:size])}
		if _, err := Finish(left, int64(size)); !errors.Is(err, ErrEmpty) || len(left.b) != size {
			t.Errorf("%d bytes: %v, want ErrEmpty and the file as it is", size, err)
		}
	}
}

// A power cut leaves zeros where pages were not written yet.
func TestHolesBecomeChunksAndWhatIsBehindStaysInStep(t *testing.T) {
	whole, shot := openSegment(t)
	before := whole.open(t)
	for seed := range uint64(40) {
		random := rand.New(rand.NewPCG(seed, 720))
		torn := &memory{b: bytes.Clone(whole.b)}
		from := moviAt + random.IntN(len(torn.b)-moviAt)
		to := min(len(torn.b), from+random.IntN(20_000))
		clear(torn.b[from:to])
		done, found := finish(t, torn)
		r := done.open(t)
		kept := make(map[string]FrameInfo)
		for i, f := range r.Frames() {
			if jpeg, err := r.ReadFrame(nil, i); err == nil {
				kept[string(jpeg)] = f
			}
		}
		for i, f := range before.Frames() {
			whole := int(f.Offset)+f.Size <= from || int(f.Offset)-chunkHeader >= to
			got, ok := kept[string(shot[i].JPEG)]
			if !ok && whole {
				t.Errorf("seed %d: picture %d is gone, and was outside of the hole", seed, i)
			}
			if ok && (got.Tick != f.Tick || got.At.Sub(shot[i].At).Abs() > ms(10)) && i < len(shot)-15 {
				t.Errorf("seed %d: picture %d stands on tick %d, want %d", seed, i, got.Tick, f.Tick)
			}
		}
		if len(kept) < len(shot)-found.Summary.Lost-16 {
			t.Errorf("seed %d: %d of %d pictures, %d lost", seed, len(kept), len(shot), found.Summary.Lost)
		}
	}
}

// Whatever write of Close or Finish is the last, the next Finish makes the same file.
func TestFinishingMayBeInterruptedAnywhere(t *testing.T) {
	whole, shot := openSegment(t)
	clear(whole.b[len(whole.b)-9000 : len(whole.b)-6000])
	want, _ := finish(t, whole)
	for writes := range 8 {
		file := &failing{memory: memory{b: bytes.Clone(whole.b)}, left: writes}
		_, err := Finish(file, int64(len(file.b)))
		if err != nil && !errors.Is(err, errDisk) {
			t.Fatal(err)
		}
		for _, torn := range []int{0, 100} { // of the write that was under way
			left := &memory{b: bytes.Clone(file.b[:max(len(file.b)-torn*min(writes, 1), 0)])}
			got, found := finish(t, left)
			if torn == 0 && !bytes.Equal(got.b, want.b) {
				t.Errorf("after %d writes: another file, %+v", writes, found)
			}
		}
	}
	for writes := range 8 { // of Close: idx1 and frame table, header, totals
		file := &failing{left: 1 << 30}
		w, _ := NewWriter(file, testMeta())
		for _, f := range shot[:20] {
			if err := w.WriteFrame(f); err != nil {
				t.Fatal(err)
			}
		}
		file.left = writes
		w.Close(at(3 * time.Second))
		if _, found := finish(t, &file.memory); found.Summary.Frames != 20 {
			t.Errorf("closing ended after %d writes: %d frames, want 20", writes, found.Summary.Frames)
		}
	}
}

func TestFinishTakesOnlySegments(t *testing.T) {
	other := foreign(t, pictures(t, 64, 48, 3))
	other.b = append(other.b, make([]byte, moviAt)...)
	if _, err := Finish(other, int64(len(other.b))); !errors.Is(err, ErrNotOurs) {
		t.Errorf("a file of another maker: %v, want ErrNotOurs", err)
	}
	noise := &memory{b: bytes.Repeat([]byte("noise"), 4000)}
	if _, err := Finish(noise, int64(len(noise.b))); !errors.Is(err, ErrNotAVI) {
		t.Errorf("noise: %v, want ErrNotAVI", err)
	}
}

// Early versions told a gap in the journal alone; who reads the front must not take that for none.
func TestFrontWithoutAWordOnTheGapIsNotBelieved(t *testing.T) {
	file := closedSegment(t)
	size := int64(len(file.b))
	want := file.open(t).Summary()
	if got, err := ReadSummary(file, size); err != nil || !reflect.DeepEqual(got, want) {
		t.Fatalf("got %+v, %v, want %+v", got, err, want)
	}
	early := &memory{b: bytes.Clone(file.b)}
	at := bytes.Index(early.b, []byte("v720dvr\x00summ")) + blockHeader
	m := testMeta()
	records := m.appendRecords(nil)
	records = records[:len(records)-recordHeader]
	copy(early.b[at-blockHeader:], appendBlock(nil, kindSummary, records))
	if got := early.open(t).Summary(); !reflect.DeepEqual(got, want) {
		t.Errorf("an early file: got %+v, want %+v", got, want)
	}
	for name, file := range map[string]*memory{
		"early": early, "open": smallSegment(t, false), "cut": {b: file.b[:size-1]}, "foreign": foreign(t, pictures(t, 16, 16, 3)),
		"no file": {},
	} {
		if _, err := ReadSummary(file, int64(len(file.b))); !errors.Is(err, ErrNoSummary) {
			t.Errorf("%s: %v, want ErrNoSummary", name, err)
		}
	}
}
