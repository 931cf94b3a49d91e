package avi

import (
	"errors"
	"fmt"
	"io"
	"time"
)

// Foreign is an AVI as others make it, to be taken over into segments: MJPEG pictures, each on its tick, and
// sound that is A-law at 8000 Hz, or PCM of 8 or 16 bits, which becomes that. One of ours will do too. It
// holds what a Reader does.
type Foreign struct {
	r    *Reader
	wave wave // zero: A-law, or none
}

// OpenForeign reads the structure of a file of so many bytes; errors as Open has them.
func OpenForeign(r io.ReaderAt, size int64) (*Foreign, error) {
	file, err := open(r, size, true)
	if err != nil {
		return nil, err
	}
	f := &Foreign{r: file}
	if p := file.streams.pcm; p.prefix != "" && p.prefix == file.streams.sound {
		f.wave = p
	}
	return f, nil
}

// Start is when a file of ours begins; zero for others, which do not tell.
func (f *Foreign) Start() time.Time { return f.r.summary.Start }

// Pictures is how many there are.
func (f *Foreign) Pictures() int {
	n := 0
	for i := range f.r.frames {
		if !f.r.frames[i].Lost {
			n++
		}
	}
	return n
}

// HasSound tells whether there is sound that can be taken over.
func (f *Foreign) HasSound() bool { return len(f.r.audio) > 0 }

// Length is from the file's beginning to the end of its last picture and its sound.
func (f *Foreign) Length() time.Duration {
	end := time.Duration(0)
	if n := len(f.r.frames); n > 0 {
		tick := time.Duration(f.r.streams.ticksAt(1)) * time.Microsecond
		end = f.at(f.r.frames[n-1].At) + min(tick, time.Second)
	}
	if f.r.ours {
		return max(end, f.at(f.r.summary.End))
	}
	if n := len(f.r.audio); n > 0 {
		last := f.r.audio[n-1]
		end = max(end, f.soundAt(last.First+int64(last.Size)))
	}
	return end
}

func (f *Foreign) at(t time.Time) time.Duration { return t.Sub(f.r.summary.Start) }

// soundAt is when the byte with a number is heard.
func (f *Foreign) soundAt(n int64) time.Duration {
	if f.wave.known() {
		return time.Duration(float64(n/f.wave.frame()) / float64(f.wave.rate) * float64(time.Second))
	}
	return time.Duration(n) * time.Second / SampleRate
}

// Each hands over pictures and sound in the order of the file, with their time behind its beginning, until
// one of both returns an error. The bytes are theirs for the call alone. What cannot be read, or is not what
// was written, is left out and counted.
func (f *Foreign) Each(picture func(at time.Duration, jpeg []byte) error, sound func(at time.Duration, alaw []byte) error) (unread int, err error) {
	frames, audio := f.r.frames, f.r.audio
	var buf, alaw []byte
	turned := resampler{wave: f.wave}
	for i, j := 0, 0; i < len(frames) || j < len(audio); {
		if j == len(audio) || i < len(frames) && frames[i].Offset < audio[j].Offset {
			if !frames[i].Lost {
				buf, err = f.r.ReadFrame(buf, i)
				if err == nil {
					err = picture(f.at(frames[i].At), buf)
				}
			}
			i++
		} else {
			at := f.soundAt(audio[j].First)
			if f.r.ours {
				at = f.at(audio[j].At)
			}
			if buf, err = f.r.ReadAudio(buf, j); err == nil {
				heard := buf
				if f.wave.known() {
					alaw = turned.turn(alaw[:0], buf)
					heard = alaw
				}
				err = sound(at, heard)
			}
			j++
		}
		if errors.Is(err, ErrDamaged) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			unread, err = unread+1, nil
		}
		if err != nil {
			return unread, fmt.Errorf("take over an AVI: %w", err)
		}
	}
	return unread, nil
}
