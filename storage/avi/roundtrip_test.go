package avi

import (
	"bytes"
	"errors"
	"os"
	"reflect"
	"testing"
	"time"
)

// A written is what went into a segment.
type written struct {
	frames []Frame
	sound  []byte
}

// writeMixed writes 12 s of everything that a segment can hold.
func writeMixed(t testing.TB, w *Writer, pics [][]byte) written {
	t.Helper()
	var in written
	for i := range 120 {
		f := Frame{At: at(ms(100*i + 7*(i%5)))}
		switch {
		case i%17 == 5:
			f.Missing = i
		case i%11 == 3:
			f.JPEG, f.Repaired, f.Score, f.Cells = pics[i%len(pics)], true, uint16(i), []byte{1, 2, byte(i)}
		default:
			f.JPEG = pics[i%len(pics)]
		}
		if err := w.WriteFrame(f); err != nil {
			t.Fatal(err)
		}
		in.frames = append(in.frames, f)
		piece := tone(800)
		piece[0] = byte(i)
		if err := w.WriteAudio(at(ms(100*i)), piece); err != nil {
			t.Fatal(err)
		}
		in.sound = append(in.sound, piece...)
		if i == 60 {
			if err := w.WriteEvent("motion", at(ms(6000)), []byte(`{"score":3}`)); err != nil {
				t.Fatal(err)
			}
			if err := w.Flush(); err != nil {
				t.Fatal(err)
			}
		}
	}
	return in
}

// checkRead compares what a Reader gives with what was written. known is how many frames a
// journal tells of; the others are read without their facts.
func checkRead(t *testing.T, r *Reader, in written, known int) {
	t.Helper()
	var want []Frame
	for i, f := range in.frames {
		if i < known || f.JPEG != nil {
			want = append(want, f)
		}
	}
	if len(r.Frames()) != len(want) {
		t.Fatalf("%d frames, want %d", len(r.Frames()), len(want))
	}
	var buf []byte
	for i, got := range r.Frames() {
		var err error
		if buf, err = r.ReadFrame(buf, i); errors.Is(err, ErrLost) != got.Lost || err != nil && !got.Lost {
			t.Fatalf("frame %d: %v", i, err)
		}
		if !bytes.Equal(buf, want[i].JPEG) {
			t.Fatalf("frame %d: %d bytes differ from the %d written", i, len(buf), len(want[i].JPEG))
		}
		if shown := start.Add(time.Duration(got.Tick) * time.Second / TickRate); shown.Sub(want[i].At).Abs() > ms(10) {
			t.Errorf("frame %d stands at %v, captured %v", i, shown, want[i].At)
		}
		if i >= known {
			continue
		}
		told := Frame{At: got.At, JPEG: want[i].JPEG, Repaired: got.Repaired, Missing: got.Missing, Score: got.Score, Cells: got.Cells}
		if !got.At.Equal(want[i].At) || got.Lost != (want[i].JPEG == nil) {
			t.Errorf("frame %d at %v lost %v, want %v", i, got.At, got.Lost, want[i].At)
		}
		if told.At = want[i].At; !reflect.DeepEqual(told, want[i]) {
			t.Errorf("frame %d: got %+v, want %+v", i, got, want[i])
		}
	}
	var sound []byte
	for i := range r.Audio() {
		piece, err := r.ReadAudio(nil, i)
		if err != nil {
			t.Fatal(err)
		}
		sound = append(sound, piece...)
	}
	if !bytes.Equal(sound[:min(len(sound), len(in.sound))], in.sound) {
		t.Errorf("%d bytes of sound, want the %d written and silence", len(sound), len(in.sound))
	}
}

func TestFinishedSegmentGivesBackEverything(t *testing.T) {
	m := testMeta()
	m.Gaps = []Gap{{From: at(-5 * time.Second), To: at(0), Reason: "camera was silent"}}
	file := &memory{}
	w, err := NewWriter(file, m)
	if err != nil {
		t.Fatal(err)
	}
	in := writeMixed(t, w, pictures(t, 64, 48, 9))
	sums, err := w.Close(at(12 * time.Second))
	if err != nil {
		t.Fatal(err)
	}
	r := file.open(t)
	checkRead(t, r, in, len(in.frames))
	if !r.Ours() || !r.Finished() {
		t.Error("not taken for a finished segment of ours")
	}
	got := r.Summary()
	if !got.Start.Equal(m.Start) || got.Start.Format(time.RFC3339Nano) != m.Start.Format(time.RFC3339Nano) || !got.End.Equal(at(12*time.Second)) {
		t.Errorf("from %v to %v, want %v and 12 s", got.Start, got.End, m.Start)
	}
	if !sameGaps(r.Gaps(), m.Gaps) {
		t.Errorf("gaps %+v, want %+v", r.Gaps(), m.Gaps)
	}
	want := Summary{
		Meta: m, Width: 64, Height: 48, Frames: 113, Repaired: 11, Lost: 7, Missing: 392,
		Samples: 96000, Bytes: int64(len(file.b)), Events: 1, HasAudio: true,
	}
	for _, s := range []Summary{got, sums} {
		s.Start, s.End, s.Gaps, want.Start, want.Gaps = time.Time{}, time.Time{}, nil, time.Time{}, nil
		if !reflect.DeepEqual(s, want) {
			t.Errorf("summary %+v\nwant %+v", s, want)
		}
	}
	events := r.Events()
	if len(events) != 1 || events[0].Kind != "motion" || !events[0].At.Equal(at(ms(6000))) || string(events[0].Body) != `{"score":3}` {
		t.Errorf("events %+v", events)
	}
}

func TestOpenSegmentGivesBackEverythingUpToTheLastPicture(t *testing.T) {
	file := &memory{}
	w, _ := NewWriter(file, testMeta())
	in := writeMixed(t, w, pictures(t, 64, 48, 9))
	r := file.open(t)
	known := 0 // frames of which a journal tells
	for known < len(in.frames) && at(ms(100*known)).Before(at(time.Duration(w.journalAt)*time.Microsecond)) {
		known++
	}
	if known < len(in.frames)-11 {
		t.Fatalf("journal tells of %d frames of %d: it is more than a second old", known, len(in.frames))
	}
	checkRead(t, r, in, known)
	if r.Finished() || !r.Ours() || r.Summary().Name != "front door" || r.Summary().Run != testMeta().Run {
		t.Errorf("open segment taken for %+v", r.Summary())
	}
}

func TestFlushPutsEverythingIntoTheJournal(t *testing.T) {
	file := &memory{}
	w, _ := NewWriter(file, testMeta())
	in := writeMixed(t, w, pictures(t, 64, 48, 9))
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	r := file.open(t)
	checkRead(t, r, in, len(in.frames))
	if len(r.Events()) != 1 || r.Summary().Lost != 7 || r.Summary().Missing != 392 {
		t.Errorf("%d events, summary %+v", len(r.Events()), r.Summary())
	}
}

// A finished segment cut anywhere gives what lies before the cut.
func TestCutSegmentGivesEveryWholePictureBeforeTheCut(t *testing.T) {
	file := &memory{}
	w, _ := NewWriter(file, testMeta())
	writeMixed(t, w, pictures(t, 64, 48, 9))
	if _, err := w.Close(at(12 * time.Second)); err != nil {
		t.Fatal(err)
	}
	whole := file.open(t).Frames()
	for cut := len(file.b) - 1; cut > moviAt; cut -= 997 {
		r := (&memory{b: file.b[:cut]}).open(t)
		got := make(map[int64]FrameInfo)
		for _, f := range r.Frames() {
			got[f.Offset] = f
		}
		for _, want := range whole {
			if f, ok := got[want.Offset]; !want.Lost && want.Offset+int64(want.Size) <= int64(cut) && (!ok || f.Size != want.Size || f.Tick != want.Tick) {
				t.Fatalf("cut at %d: frame at %d is %+v, want %+v", cut, want.Offset, f, want)
			}
		}
	}
}

// After a power cut, pages that never reached the disk are zeros.
func TestZeroedPagesCostOnlyWhatLiesInThem(t *testing.T) {
	file := &memory{}
	w, _ := NewWriter(file, testMeta())
	writeMixed(t, w, pictures(t, 64, 48, 9))
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	whole := file.open(t)
	for page := int64(8192); page+8192 < int64(len(file.b)); page += 24576 {
		damaged := &memory{b: bytes.Clone(file.b)}
		clear(damaged.b[page : page+8192])
		r := damaged.open(t)
		good := make(map[int64][]byte)
		for i, f := range r.Frames() {
			if b, err := r.ReadFrame(nil, i); err == nil {
				good[f.Offset] = b
			} else if !errors.Is(err, ErrLost) && !errors.Is(err, ErrDamaged) {
				t.Fatalf("page %d: frame %d: %v", page, i, err)
			}
		}
		for i, f := range whole.Frames() {
			if f.Lost || f.Offset-chunkHeader < page+8192 && f.Offset+int64(f.Size) > page {
				continue
			}
			want, _ := whole.ReadFrame(nil, i)
			if !bytes.Equal(good[f.Offset], want) {
				t.Errorf("page %d: frame at %d outside of it is lost", page, f.Offset)
			}
		}
	}
}

func TestRealPictureGoesThroughUntouched(t *testing.T) {
	want, err := os.ReadFile("testdata/real_camera_picture.jpg")
	if err != nil {
		t.Fatal(err)
	}
	file := &memory{}
	w, _ := NewWriter(file, testMeta())
	if err := w.WriteFrame(Frame{At: start, JPEG: want}); err != nil {
		t.Fatal(err)
	}
	sums, err := w.Close(start)
	if err != nil {
		t.Fatal(err)
	}
	got, err := file.open(t).ReadFrame(nil, 0)
	if err != nil || !bytes.Equal(got, want) || sums.Width != 640 || sums.Height != 480 {
		t.Errorf("got %d bytes %dx%d, %v; want %d bytes 640x480", len(got), sums.Width, sums.Height, err, len(want))
	}
}
