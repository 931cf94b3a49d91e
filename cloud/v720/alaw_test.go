package v720

import (
	"encoding/binary"
	"math"
	"os"
	"testing"
)

// decodeALawSample is the inverse by the definition of ITU-T G.711, for the test alone.
func decodeALawSample(b byte) int {
	b ^= 0x55
	segment, step := int(b>>4&7), int(b&15)
	v := step<<4 + 8
	if segment > 0 {
		v = (v + 0x100) << (segment - 1)
	}
	if b&0x80 == 0 {
		return -v
	}
	return v
}

func TestEncodeALawGivesTheCodesOfTheStandard(t *testing.T) {
	for sample, want := range map[int16]byte{0: 0xD5, -1: 0x55, 8: 0xD5, 16: 0xD4, 32767: 0xAA, -32768: 0x2A, 1000: 0xFA, -1000: 0x7A} {
		got := EncodeALaw(nil, binary.LittleEndian.AppendUint16(nil, uint16(sample)))
		if len(got) != 1 || got[0] != want {
			t.Errorf("%d: got %x, want %x", sample, got, want)
		}
	}
}

// Every sample must come back within half a step of its segment.
func TestEncodeALawChoosesTheNearestCode(t *testing.T) {
	for s := math.MinInt16; s <= math.MaxInt16; s++ {
		code := EncodeALaw(nil, binary.LittleEndian.AppendUint16(nil, uint16(int16(s))))[0]
		back := decodeALawSample(code)
		step := 16
		for m := max(s, -s-1) >> 9; m > 0; m >>= 1 {
			step *= 2
		}
		if d := back - s; d > step || -d > step {
			t.Fatalf("%d: code %#x gives %d back, further than %d", s, code, back, step)
		}
	}
}

func TestEncodeALawTakesTheSoundOfARealCamera(t *testing.T) {
	pcm, err := os.ReadFile("testdata/pcm_package_960_v1.bin")
	if err != nil {
		t.Fatal(err)
	}
	got := EncodeALaw(nil, pcm)
	if len(got) != 480 {
		t.Fatalf("got %d samples, want 480", len(got))
	}
	for i, code := range got {
		want := int(int16(binary.LittleEndian.Uint16(pcm[2*i:])))
		if d := decodeALawSample(code) - want; d > 64 || d < -64 {
			t.Errorf("sample %d: got %d, want %d", i, decodeALawSample(code), want)
		}
	}
}
