package cloudtest

import (
	"encoding/binary"
	"hash/crc32"
	"math"
)

// The tone of a simulated camera: a scale, one note a second, and at the start of each second
// a tick of 7 ms that holds the second's number, so that a person hears a gap and a test can
// measure it. All is a function of the sample's number alone.
//
//	tick: 24 samples sync | 32 bits second, high first | 16 bits CRC; a sample a bit, loud:
//	      one is up, zero down
const (
	tickSync    = 0xB2D14F // in no note: these turn 24 times as slowly
	tickSamples = 24 + 32 + 16
)

// scale in Hz, whole numbers: after a second each note stands at its beginning again.
var scale = [8]int{440, 494, 554, 587, 659, 740, 831, 880}

// wave is one turn of a sine in 8000 A-law samples, at a quarter of the range.
var wave = func() (table [sampleRate]byte) {
	for i := range table {
		table[i] = alawEncode(int16(8000 * math.Sin(2*math.Pi*float64(i)/sampleRate)))
	}
	return table
}()

var (
	loudUp   = alawEncode(24000)
	loudDown = alawEncode(-24000)
)

// tick gives the samples of the tick of a second.
func tick(second uint32) (b [tickSamples]byte) {
	var number [4]byte
	binary.BigEndian.PutUint32(number[:], second)
	check := crc32.ChecksumIEEE(number[:]) & 0xFFFF
	for i := range b {
		var bit uint32
		switch {
		case i < 24:
			bit = tickSync >> (23 - i)
		case i < 24+32:
			bit = second >> (24 + 31 - i)
		default:
			bit = check >> (tickSamples - 1 - i)
		}
		b[i] = loudDown
		if bit&1 == 1 {
			b[i] = loudUp
		}
	}
	return b
}

// Tone fills dst with the A-law samples [from, from+len(dst)) of the tone.
func Tone(from int64, dst []byte) {
	for len(dst) > 0 {
		second, at := from/sampleRate, int(from%sampleRate)
		n := min(len(dst), sampleRate-at)
		if at < tickSamples {
			t := tick(uint32(second))
			n = copy(dst, t[at:])
		} else {
			step := scale[second%int64(len(scale))]
			phase := at * step % sampleRate
			for i := range dst[:n] {
				dst[i] = wave[phase]
				if phase += step; phase >= sampleRate {
					phase -= sampleRate
				}
			}
		}
		dst, from = dst[n:], from+int64(n)
	}
}

// Tick is a place in a recording that tells which sample of the Tone stands there.
type Tick struct {
	Offset int   // in samples, from the start of the recording
	Sample int64 // the number of the sample; a multiple of 8000
}

// Ticks finds the ticks in A-law samples of a recording. Between two neighbours nothing is
// missing and nothing was put in when Offset and Sample grew by the same; Sample minus Offset
// is the number of the recording's first sample, as far as it runs without a gap.
func Ticks(alaw []byte) []Tick {
	var found []Tick
	for i := 0; i+tickSamples <= len(alaw); i++ {
		if second, ok := readTick(alaw[i:]); ok {
			found = append(found, Tick{Offset: i, Sample: int64(second) * sampleRate})
		}
	}
	return found
}

// readTick takes the sign of each sample for a bit, so that it lives with a recording that
// was made louder or encoded again.
func readTick(alaw []byte) (second uint32, ok bool) {
	for i := range 24 {
		if up := alawDecode[alaw[i]] > 0; up != (tickSync>>(23-i)&1 == 1) {
			return 0, false
		}
	}
	for i := range 32 {
		second <<= 1
		if alawDecode[alaw[24+i]] > 0 {
			second |= 1
		}
	}
	want := tick(second)
	for i := 24 + 32; i < tickSamples; i++ {
		if (alawDecode[alaw[i]] > 0) != (alawDecode[want[i]] > 0) {
			return 0, false
		}
	}
	return second, true
}
