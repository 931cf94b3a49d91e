package avi

import (
	"errors"
	"math"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// alaw is a sample of a magnitude of 16 bits.
func alaw(magnitude int) byte {
	best, off := byte(0), math.MaxInt
	for code := range 128 {
		v := code&15<<4 + 8
		if code > 15 {
			v = (v + 0x100) << (code>>4 - 1)
		}
		if d := max(v-magnitude, magnitude-v); d < off {
			best, off = byte(code), d
		}
	}
	return best ^ 0x55
}

func TestLevelsSayWhatEachSecondHeld(t *testing.T) {
	file := &memory{}
	w, err := NewWriter(file, testMeta()) // begins 123.456 ms into a second
	if err != nil {
		t.Fatal(err)
	}
	pic := pictures(t, 64, 48, 1)[0]
	picture := func(at time.Duration, score uint16) {
		t.Helper()
		if err := w.WriteFrame(Frame{At: start.Add(at), JPEG: pic, Score: score}); err != nil {
			t.Fatal(err)
		}
	}
	for i := range 30 {
		picture(ms(100*i), uint16(i)) // until 3.02 of its seconds
	}
	picture(ms(3000), math.MaxUint16) // second 3
	loud := slices.Repeat([]byte{alaw(32256)}, 10)
	for _, err := range []error{
		w.WriteAudio(at(ms(876)), append(slices.Repeat([]byte{alaw(8)}, 5), loud...)), // 0.5 ms before second 1
		w.WriteFrame(Frame{At: at(ms(1100)), Missing: 2}),
		w.WriteEvent("motion", at(ms(1000)), nil),
		w.WriteEvent("online", at(ms(2000)), nil),
		w.WriteGap(Gap{From: at(ms(3100)), To: at(ms(6000)), Reason: "silent"}),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	picture(ms(6000), 0)
	picture(ms(7000), 16384)
	if _, err := w.Close(at(ms(7876))); err != nil {
		t.Fatal(err)
	}
	got := file.open(t).Levels()
	want := Levels{First: start.Unix(), Seconds: []Level{
		{Motion: 3, Sound: 0, Coverage: 224, Flags: LevelHeard},
		{Motion: 4, Sound: 255, Coverage: 255, Flags: LevelHeard | LevelLost | LevelEvent},
		{Motion: 5, Coverage: 255, Flags: LevelTold},
		{Motion: 255, Coverage: 57, Flags: LevelGap}, // 223.456 ms: the last picture stood as long as the one before
		{Flags: LevelGap},
		{Flags: LevelGap},
		{Coverage: 224, Flags: LevelGap},
		{Motion: 128, Coverage: 255},
	}}
	if got.First != want.First || !slices.Equal(got.Seconds, want.Seconds) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

// A decibel is 3.5 steps, all the way.
func TestSoundLevelsAreDecibels(t *testing.T) {
	for _, c := range []struct {
		magnitude int
		want      uint8
	}{{8, 0}, {24, 34}, {264, 107}, {1056, 150}, {4224, 193}, {32256, 255}} {
		for _, sign := range []byte{0, 0x80} {
			if got := soundLevels[Loudest([]byte{alaw(0), alaw(c.magnitude) ^ sign, alaw(0)})]; got != c.want {
				t.Errorf("%d: got %d, want %d", c.magnitude, got, c.want)
			}
		}
	}
}

func TestLoudestIsTheLargestMagnitude(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := rapid.SliceOfN(rapid.Byte(), 0, 40).Draw(t, "sound")
		want := uint8(0)
		for _, s := range b {
			want = max(want, (s^0x55)&0x7F)
		}
		if got := Loudest(b); got != want {
			t.Fatalf("% x: got %d, want %d", b, got, want)
		}
	})
}

// Levels of the Writer are those that its file tells, in few reads and in whole, and those that are
// made of its records and its sound again.
func TestLevelsAreTheSameFromWriterFileAndFootage(t *testing.T) {
	file := closedSegment(t)
	r := file.open(t)
	told, err := ReadLevels(file, int64(len(file.b)))
	if err != nil || len(told.Seconds) != 10 || !slices.EqualFunc(told.Seconds, r.Levels().Seconds, func(a, b Level) bool { return a == b }) {
		t.Fatalf("got %+v, %v; the Reader says %+v", told, err, r.Levels())
	}
	again := r.measure(func(offset int64, size int) []byte { return file.b[offset:][:size] })
	if again.First != told.First || !slices.Equal(again.Seconds, told.Seconds) {
		t.Errorf("the footage says %+v\nthe file %+v", again, told)
	}
	// Of an early version's file, which has none, all but the sound is known.
	table := slices.Clone(file.b[:len(file.b)-padding(len(file.b))])
	cut := len(appendLevels(nil, told)) + SealSize
	early := &memory{table[:len(table)-cut]}
	if _, err := ReadLevels(early, int64(len(early.b))); !errors.Is(err, ErrNoLevels) {
		t.Errorf("a file without levels: %v, want ErrNoLevels", err)
	}
	known := early.open(t).Levels()
	for i, l := range told.Seconds {
		if l.Sound = 0; l.Flags&LevelHeard != 0 {
			l.Flags |= LevelUnmeasured
		}
		if known.Seconds[i] != l {
			t.Errorf("second %d of an early version: got %+v, want %+v", i, known.Seconds[i], l)
		}
	}
}

// What Finish makes of a file that was cut anywhere has the levels of what stands in it.
func TestFinishedFileHasTheLevelsOfItsFootage(t *testing.T) {
	whole := closedSegment(t).b
	rapid.Check(t, func(t *rapid.T) {
		cut := rapid.IntRange(moviAt, len(whole)-1).Draw(t, "cut")
		file := &memory{slices.Clone(whole[:cut])}
		done, err := Finish(file, int64(cut))
		if errors.Is(err, ErrEmpty) {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		told, err := ReadLevels(file, done.Summary.Bytes)
		if err != nil {
			t.Fatal(err)
		}
		r, err := Open(file, int64(len(file.b)))
		if err != nil {
			t.Fatal(err)
		}
		again := r.measure(func(offset int64, size int) []byte { return file.b[offset:][:size] })
		if again.First != told.First || !slices.Equal(again.Seconds, told.Seconds) {
			t.Fatalf("the footage says %+v\nthe file %+v", again, told)
		}
	})
}

func TestQuietMinutesCostLittle(t *testing.T) {
	quiet := Levels{First: start.Unix(), Seconds: slices.Repeat([]Level{{Coverage: 255}}, 300)}
	if n := len(quiet.Append(nil)); n > 40 {
		t.Errorf("five minutes without sound take %d bytes", n)
	}
	for i := range quiet.Seconds {
		quiet.Seconds[i].Sound = uint8(60 + i*7%11) // noise, another one each second
	}
	if n := len(quiet.Append(nil)); n > 340 {
		t.Errorf("five quiet minutes take %d bytes", n)
	}
	worst := Levels{Seconds: make([]Level, mostSeconds)}
	for i := range worst.Seconds {
		worst.Seconds[i] = Level{Motion: uint8(i), Sound: uint8(i), Coverage: uint8(i), Flags: LevelFlags(i)}
	}
	if n := int64(len(appendLevels(nil, worst))); n > maxLevels {
		t.Errorf("the longest take %d bytes, more than the %d that are kept for them", n, maxLevels)
	}
}

// FuzzLevels: what is read is written so that it is read again as it was, and no bytes give more than a
// segment has.
func FuzzLevels(f *testing.F) {
	f.Add(Levels{First: 7, Seconds: []Level{{1, 2, 3, 4}, {1, 2, 3, 4}, {1, 9, 3, 4}, {1, 9, 3, 5}, {1, 2, 3, 5}}}.Append(nil))
	f.Add(Levels{First: -1, Seconds: slices.Repeat([]Level{{Coverage: 255}}, 300)}.Append(nil))
	f.Fuzz(func(t *testing.T, b []byte) {
		l, ok := ParseLevels(b)
		if !ok {
			return
		}
		if len(l.Seconds) > mostSeconds {
			t.Fatalf("%d seconds", len(l.Seconds))
		}
		again, ok := ParseLevels(l.Append(nil))
		if !ok || again.First != l.First || !slices.Equal(again.Seconds, l.Seconds) {
			t.Fatalf("got %+v, %v, want %+v", again, ok, l)
		}
	})
}
