package main

import (
	"bytes"
	"encoding/binary"
	"math"
	"strings"
	"testing"
)

// wav makes a file of a tone.
func wav(tag, channels, rate, bits int, seconds, tone float64) []byte {
	var data []byte
	for i := range int(seconds * float64(rate)) {
		v := 8000 * math.Sin(2*math.Pi*tone*float64(i)/float64(rate))
		for range channels {
			if bits == 8 {
				data = append(data, byte(int(v)>>8+128))
			} else {
				data = binary.LittleEndian.AppendUint16(data, uint16(int16(v)))
			}
		}
	}
	b := append([]byte("RIFF\x00\x00\x00\x00WAVELIST\x03\x00\x00\x00abc\x00fmt "), 16, 0, 0, 0)
	for _, v := range []any{uint16(tag), uint16(channels), uint32(rate), uint32(rate * channels * bits / 8), uint16(channels * bits / 8), uint16(bits)} {
		b, _ = binary.Append(b, binary.LittleEndian, v)
	}
	return append(binary.LittleEndian.AppendUint32(append(b, "data"...), uint32(len(data))), data...)
}

// loudness is the mean of squares of an A-law tone, by the steps of G.711.
func loudness(alaw []byte) (sum float64) {
	for _, code := range alaw {
		c := code ^ 0x55
		v := float64(int(c&15)<<4 + 8)
		if e := c >> 4 & 7; e > 0 {
			v = (v + 256) * float64(int(1)<<(e-1))
		}
		sum += v * v / float64(len(alaw))
	}
	return sum
}

func TestAWAVBecomesALawWhateverItsRate(t *testing.T) {
	for _, c := range []struct{ channels, rate, bits int }{{1, 8000, 16}, {2, 48000, 16}, {1, 44100, 16}, {1, 11025, 16}, {2, 16000, 16}, {1, 22050, 8}} {
		got, err := readWAV(bytes.NewReader(wav(1, c.channels, c.rate, c.bits, 1, 440)))
		if err != nil || len(got) < 7998 || len(got) > 8000 {
			t.Errorf("%+v: %d samples, %v", c, len(got), err)
			continue
		}
		if loud, want := loudness(got[500:7500]), 8000.0*8000/2; loud < want*0.9 || loud > want*1.1 {
			t.Errorf("%+v: loudness %.0f, want %.0f", c, loud, want)
		}
	}
	// What 8 kHz cannot hold does not come back as another tone.
	got, err := readWAV(bytes.NewReader(wav(1, 1, 48000, 16, 1, 7000)))
	if err != nil || loudness(got[500:7500]) > 8000.0*8000/2/1000 {
		t.Errorf("a tone of 7 kHz: loudness %.0f, %v", loudness(got[500:7500]), err)
	}
}

func TestAWAVThatCannotBeReadSaysWhatCan(t *testing.T) {
	for _, file := range [][]byte{nil, []byte("RIFFxxxxWAVE"), []byte("ID3 an mp3 file"), wav(3, 1, 8000, 16, 0.1, 440), wav(1, 6, 8000, 16, 0.1, 440), wav(6, 2, 8000, 8, 0.1, 440)} {
		if _, err := readWAV(bytes.NewReader(file)); err == nil || !strings.Contains(err.Error(), "WAV") && !strings.Contains(err.Error(), "ffmpeg") {
			t.Errorf("%.12q: %v", file, err)
		}
	}
}

func FuzzWAV(f *testing.F) {
	f.Add(wav(1, 2, 16000, 16, 0.01, 440))
	f.Fuzz(func(t *testing.T, file []byte) { readWAV(bytes.NewReader(file)) })
}
