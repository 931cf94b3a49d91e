package export

import (
	"context"
	"encoding/binary"
	"io"
	"time"

	"v720dvr/storage"
	"v720dvr/storage/avi"
)

// longestWAV is what the 32 bits of a RIFF file can count of 16,000 bytes a second, in samples.
const longestWAV = (1<<32 - 1 - 64) / 2

// wavHead is RIFF WAVE of 16-bit PCM up to the samples: every player opens that, where A-law in WAV is known to
// few. All 256 values of A-law have one of their own in it, so nothing is lost.
func wavHead(samples int64) []byte {
	le := binary.LittleEndian
	b := le.AppendUint32([]byte("RIFF"), uint32(36+2*samples))
	b = le.AppendUint32(append(b, "WAVEfmt "...), 16)
	b = le.AppendUint16(le.AppendUint16(b, 1), 1)
	b = le.AppendUint32(le.AppendUint32(b, avi.SampleRate), 2*avi.SampleRate)
	b = le.AppendUint16(le.AppendUint16(b, 2), 16)
	return le.AppendUint32(append(b, "data"...), uint32(2*samples))
}

// soundLength is how many samples a film lasts.
func (f *film) soundLength() int64 {
	return (f.Length.Microseconds()*avi.SampleRate + 999_999) / 1_000_000
}

func (e *Export) asWAV(f *film) error {
	samples := f.soundLength()
	if f.Samples == 0 {
		return ErrNoSound
	}
	if samples > longestWAV {
		return &storage.SpanError{Fits: f.Start.Add(longestWAV / avi.SampleRate * time.Second), Cause: avi.ErrFull}
	}
	e.Pictures, e.Bytes = 0, int64(len(wavHead(0)))+2*samples
	e.write = f.writeWAV
	return nil
}

// writeWAV writes the sound from the first picture to the end, silent where there is none.
func (f *film) writeWAV(ctx context.Context, w io.Writer) error {
	total := f.soundLength()
	if _, err := w.Write(wavHead(total)); err != nil {
		return err
	}
	next, pcm := int64(0), make([]byte, 0, 64<<10)
	silence := func(until int64) error {
		for next < until {
			n := min(until-next, 32<<10)
			if _, err := w.Write(make([]byte, 2*n)); err != nil {
				return err
			}
			next += n
		}
		return nil
	}
	err := f.show(ctx, false, true, true, func(p storage.Piece) error {
		if err := silence(min(p.First, total)); err != nil {
			return err
		}
		pcm = pcm[:0]
		for _, code := range p.Bytes[:min(int64(p.Size), total-next)] {
			pcm = binary.LittleEndian.AppendUint16(pcm, uint16(aLaw[code]))
		}
		next += int64(len(pcm) / 2)
		_, err := w.Write(pcm)
		return err
	})
	if err != nil {
		return err
	}
	return silence(total)
}

// aLaw are the values of its codes. G.711, table 1a.
var aLaw = func() (t [256]int16) {
	for i := range t {
		code := byte(i) ^ 0x55
		v := int16(code&0x0F)<<4 + 8
		if exponent := code >> 4 & 7; exponent > 0 {
			v = (v + 0x100) << (exponent - 1)
		}
		if code&0x80 == 0 {
			v = -v
		}
		t[i] = v
	}
	return t
}()
