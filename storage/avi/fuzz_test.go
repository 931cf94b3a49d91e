package avi

import (
	"errors"
	"testing"
)

// FuzzReader: no file makes the Reader panic or give what lies outside of it, and the numbers of
// its summary are those of its lists. Run it with -fuzzminimizetime 20x: Go's fuzzer otherwise
// spends a minute on making each find smaller.
func FuzzReader(f *testing.F) {
	for _, finished := range []bool{true, false} {
		file := smallSegment(f, finished)
		f.Add(file.b)
		f.Add(file.b[:len(file.b)-300])
	}
	f.Add(foreign(f, pictures(f, 16, 16, 3)).b)
	f.Fuzz(func(t *testing.T, b []byte) {
		file := &memory{b: b}
		r, err := Open(file, int64(len(b)))
		if err != nil {
			if !errors.Is(err, ErrNotAVI) {
				t.Fatalf("open: %v, want ErrNotAVI from a file that can be read", err)
			}
			return
		}
		for i, frame := range r.Frames() {
			got, err := r.ReadFrame(nil, i)
			if !frame.Lost && (len(got) != frame.Size || err != nil && !errors.Is(err, ErrDamaged)) {
				t.Fatalf("frame %d: %d bytes of %d, %v", i, len(got), frame.Size, err)
			}
		}
		for i, audio := range r.Audio() {
			got, err := r.ReadAudio(nil, i)
			if len(got) != audio.Size || err != nil && !errors.Is(err, ErrDamaged) {
				t.Fatalf("sound %d: %d bytes of %d, %v", i, len(got), audio.Size, err)
			}
		}
		if s := r.Summary(); len(s.Gaps) > MaxGaps || len(s.Inside) > MaxInside {
			t.Fatalf("%d gaps, %d inside", len(s.Gaps), len(s.Inside))
		}
		if s := r.Summary(); !r.Finished() && s.Frames+s.Lost != len(r.Frames()) {
			t.Fatalf("summary says %d and %d lost, there are %d", s.Frames, s.Lost, len(r.Frames()))
		}
	})
}

// smallSegment holds a little of everything: the fuzzer is slow with more.
func smallSegment(t testing.TB, finished bool) *memory {
	t.Helper()
	file := &memory{}
	m := testMeta()
	m.Gaps = []Gap{{From: at(-ms(500)), To: start, Reason: "silent"}}
	m.Number = 7
	w, err := NewWriter(file, m)
	if err != nil {
		t.Fatal(err)
	}
	for i, picture := range pictures(t, 16, 16, 3) {
		for _, err := range []error{
			w.WriteFrame(Frame{At: at(ms(100 * i)), JPEG: picture, Cells: []byte{1, 2}}),
			w.WriteFrame(Frame{At: at(ms(100*i + 50)), Missing: 2}),
			w.WriteAudio(at(ms(100*i)), tone(40)),
			w.WriteEvent("motion", at(ms(100*i)), []byte("{}")),
			w.WriteGap(Gap{From: at(ms(100*i + 50)), To: at(ms(100*i + 100)), Reason: "silent"}),
		} {
			if err != nil {
				t.Fatal(err)
			}
		}
		if i == 1 {
			if err := w.Flush(); err != nil {
				t.Fatal(err)
			}
		}
	}
	if finished {
		if _, err := w.Close(at(ms(300))); err != nil {
			t.Fatal(err)
		}
	}
	return file
}

// FuzzRecords: a record that is read is written again as it was.
func FuzzRecords(f *testing.F) {
	frame := frameRecord{at: -1, tick: 2, offset: 3, size: 4, sum: 5, flags: 6, score: 7, missing: 8, cells: []byte("run")}
	sound := soundRecord{at: 1, first: 2, offset: 3, size: 4, sum: 5, flags: 1, dropped: 7}
	ticks := ticksRecord{first: 1, count: 2, offset: 3}
	event := eventRecord{at: 1, kind: "motion", body: []byte("{}")}
	gap := gapRecord{from: 1, to: 2, reason: "why"}
	f.Add(gap.append(event.append(ticks.append(sound.append(frame.append(nil))))))
	f.Fuzz(func(t *testing.T, b []byte) {
		for kind, body := range records(b) {
			var again []byte
			known := len(body)
			switch kind {
			case recordFrame:
				if frame := (frameRecord{}); frame.parse(body) {
					again, known = frame.append(nil), frameRecordSize+len(frame.cells)
				}
			case recordSound:
				if sound := (soundRecord{}); sound.parse(body) {
					body[26], body[27] = 0, 0 // reserved
					again, known = sound.append(nil), soundRecordSize
				}
			case recordTicks:
				if ticks := (ticksRecord{}); ticks.parse(body) {
					again, known = ticks.append(nil), ticksRecordSize
				}
			case recordEvent:
				if event := (eventRecord{}); event.parse(body) {
					again = event.append(nil)
				}
			case recordGap:
				if gap := (gapRecord{}); gap.parse(body) {
					again = gap.append(nil)
				}
			}
			if again != nil && string(again[recordHeader:]) != string(body[:known]) {
				t.Fatalf("record %d: % x written as % x", kind, body, again[recordHeader:])
			}
		}
	})
}

// FuzzPictureSize: no bytes make it read behind their end or give an empty picture.
func FuzzPictureSize(f *testing.F) {
	for _, c := range pictureSizes {
		f.Add([]byte(c.jpeg))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		width, height, ok := pictureSize(b)
		if ok != (width > 0 && height > 0) {
			t.Fatalf("%dx%d %v", width, height, ok)
		}
		if ok { // what is read from bytes is read from more of them too
			if w, h, ok := pictureSize(append(b, 0xFF, 0xD9)); w != width || h != height || !ok {
				t.Fatalf("%dx%d with more behind it, %dx%d before", w, h, width, height)
			}
		}
	})
}
