package cloudtest

import (
	"slices"
	"testing"
)

// The values are of ITU-T G.711, table 1a: code, linear value of 13 bits shifted up by 3.
func TestALawIsTheOneOfG711(t *testing.T) {
	for _, c := range []struct {
		code   byte
		linear int16
	}{{0xD5, 8}, {0x55, -8}, {0xD4, 24}, {0xAA, 32256}, {0x2A, -32256}, {0xC5, 264}, {0x45, -264}} {
		if got := alawDecode[c.code]; got != c.linear {
			t.Errorf("code %#x: got %d, want %d", c.code, got, c.linear)
		}
	}
	for code := range 256 {
		if got := alawEncode(alawDecode[code]); got != byte(code) {
			t.Errorf("code %#x comes back as %#x", code, got)
		}
	}
}

func TestALawErrsByHalfAStepAtMost(t *testing.T) {
	for v := -32768; v <= 32767; v++ {
		got := int(alawDecode[alawEncode(int16(v))])
		step := 16 // of the segment: table 1a, values of 13 bits shifted up by 3
		for size := max(v, -v-1); size >= 512; size /= 2 {
			step *= 2
		}
		if err := max(got-v, v-got); err > step/2 {
			t.Fatalf("%d: got %d, want it within %d", v, got, step/2)
		}
	}
}

func record(from int64, seconds float64) []byte {
	b := make([]byte, int(seconds*sampleRate))
	Tone(from, b)
	return b
}

func TestToneIsTheSameHoweverItIsCut(t *testing.T) {
	const from = 3*sampleRate - 200
	whole := record(from, 2.5)
	for _, size := range []int{1, 7, 480, 800, 8001} {
		var pieces []byte
		for at := 0; at < len(whole); at += size {
			piece := make([]byte, min(size, len(whole)-at))
			Tone(from+int64(at), piece)
			pieces = append(pieces, piece...)
		}
		if !slices.Equal(pieces, whole) {
			t.Errorf("cut into %d samples it is another tone", size)
		}
	}
}

func TestTicksTellEachSecondAndNothingElse(t *testing.T) {
	const from = 12345
	sound := record(from, 40)
	ticks := Ticks(sound)
	if len(ticks) != 40 {
		t.Fatalf("got %d ticks in 40 s, want 40", len(ticks))
	}
	for i, tick := range ticks {
		if want := int64(2+i) * sampleRate; tick.Sample != want || int64(tick.Offset) != want-from {
			t.Errorf("tick %d: %+v, want sample %d at %d", i, tick, want, want-from)
		}
	}
}

func TestTicksMeasureAGapAndAnInsert(t *testing.T) {
	sound := record(100, 6)
	const cut, put = 1234, 777
	sound = slices.Delete(sound, 11000, 11000+cut)
	sound = slices.Insert(sound, 30000, make([]byte, put)...)
	ticks := Ticks(sound)
	var shifts []int64
	for i := 1; i < len(ticks); i++ {
		shift := ticks[i].Sample - ticks[i-1].Sample - int64(ticks[i].Offset-ticks[i-1].Offset)
		if shift != 0 {
			shifts = append(shifts, shift)
		}
	}
	if !slices.Equal(shifts, []int64{cut, -put}) {
		t.Errorf("got shifts %d, want %d missing and %d put in", shifts, cut, put)
	}
}

func TestTicksLiveThroughAnotherEncoding(t *testing.T) {
	sound := record(0, 3)
	for i, code := range sound {
		sound[i] = alawEncode(alawDecode[code] / 3)
	}
	if got := len(Ticks(sound)); got != 3 {
		t.Errorf("got %d ticks at a third of the loudness, want 3", got)
	}
}
