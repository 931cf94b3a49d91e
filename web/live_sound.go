package web

import (
	"bytes"
	"context"
	"encoding/binary"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"v720dvr/camera"
	"v720dvr/recorder/live"
)

// linear maps a byte of A-law to its sample of 16 bits (ITU-T G.711, table 1a: sign, a segment of three
// bits, a step of four, even bits inverted).
var linear = func() (table [256]int16) {
	for i := range table {
		code := byte(i) ^ 0x55
		segment, sample := code>>4&7, int16(code&15)<<4+8
		if segment > 0 {
			sample = (sample + 0x100) << (segment - 1)
		}
		if code&0x80 == 0 {
			sample = -sample
		}
		table[i] = sample
	}
	return table
}()

// wavHeader is the header of a WAV file without end: RIFF, "fmt " with PCM of 16 bits at
// camera.SampleRate, mono, and "data"; both sizes are FFFFFFFF, which readers take for "until it ends".
// PCM, since A-law in WAV is not read everywhere, and twice 8 KB a second are no matter.
func wavHeader() []byte {
	const channels, sampleBytes = 1, 2
	b := append([]byte("RIFF"), 0xFF, 0xFF, 0xFF, 0xFF)
	b = append(b, "WAVEfmt "...)
	b = binary.LittleEndian.AppendUint32(b, 16)
	b = binary.LittleEndian.AppendUint16(b, 1) // WAVE_FORMAT_PCM
	b = binary.LittleEndian.AppendUint16(b, channels)
	b = binary.LittleEndian.AppendUint32(b, camera.SampleRate)
	b = binary.LittleEndian.AppendUint32(b, camera.SampleRate*channels*sampleBytes)
	b = binary.LittleEndian.AppendUint16(b, channels*sampleBytes)
	b = binary.LittleEndian.AppendUint16(b, 8*sampleBytes)
	b = append(b, "data"...)
	return append(b, 0xFF, 0xFF, 0xFF, 0xFF)
}

// liveSound serves a camera's sound as a WAV file without end.
func (s *Server) liveSound(ctx context.Context, in *CameraPath) (*huma.StreamResponse, error) {
	return s.stream(ctx, in.Camera, live.Want{Sound: true}, "audio/wav", func(w http.ResponseWriter, next func() (live.Item, bool)) error {
		if err := piece(w, wavHeader()); err != nil {
			return err
		}
		var line soundLine
		var buffer []byte
		for item, ok := next(); ok; item, ok = next() {
			if buffer = line.append(buffer[:0], item.Sound.Audio); len(buffer) == 0 {
				continue
			}
			if err := piece(w, buffer); err != nil {
				return err
			}
		}
		return nil
	})
}

// A soundLine puts pieces of sound one behind the other, so that what was heard a second later is heard a
// second later. The zero value begins with what comes first.
type soundLine struct{ end time.Time }

const (
	soundSlack  = 60 * time.Millisecond // capture times jitter: less is not set right
	mostSilence = 5 * time.Second       // for what is missing; beyond it the sound goes on at once
)

// append adds a piece as PCM, with silence before it where something is missing, and without what
// overlaps with the piece before.
func (l *soundLine) append(pcm []byte, a camera.Audio) []byte {
	alaw := a.ALaw
	if l.end.IsZero() {
		l.end = a.At
	}
	switch late := a.At.Sub(l.end); {
	case late > soundSlack:
		silent := int(min(late, mostSilence) * camera.SampleRate / time.Second)
		pcm = append(pcm, bytes.Repeat([]byte{0, 0}, silent)...)
		l.end = a.At
	case late < -mostSilence: // the clock was set back
		l.end = a.At
	case late < -soundSlack:
		twice := min(int(-late*camera.SampleRate/time.Second), len(alaw))
		alaw = alaw[twice:]
	}
	for _, code := range alaw {
		pcm = binary.LittleEndian.AppendUint16(pcm, uint16(linear[code]))
	}
	l.end = l.end.Add(time.Duration(len(alaw)) * time.Second / camera.SampleRate)
	return pcm
}
