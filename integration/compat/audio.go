package compat

import (
	"bytes"
	"time"

	"v720dvr/camera"
)

// alawFormat is WAVEFORMATEX of A-law, 8000 samples a second, mono, one byte each: as in our AVI. docs/storage.md.
var alawFormat = []byte{6, 0, 1, 0, 0x40, 0x1F, 0, 0, 0x40, 0x1F, 0, 0, 1, 0, 8, 0, 0, 0}

// wavHead is the head of a WAV file of A-law without end: the Python server's has a length of 15 s, behind which some readers stop.
// FFFFFFFF is taken for "until it ends".
var wavHead = bytes.Join([][]byte{
	[]byte("RIFF\xFF\xFF\xFF\xFFWAVEfmt \x12\x00\x00\x00"), alawFormat,
	[]byte("fact\x04\x00\x00\x00\xFF\xFF\xFF\xFFdata\xFF\xFF\xFF\xFF"),
}, nil)

// audio serves sound as a WAV file.
func (r *reading) audio() error {
	defer r.watch(Want{Sound: true})()
	var line line
	for {
		_, a, err := r.next()
		if err != nil {
			return err
		}
		if !r.begun {
			r.begin("audio/wav")
			if err := r.write(wavHead); err != nil {
				return err
			}
		}
		if err := r.write(line.add(a)); err != nil {
			return err
		}
	}
}

const (
	slack       = 60 * time.Millisecond // capture times jitter: less is not set right
	mostSilence = 5 * time.Second       // for what is missing; beyond it the sound goes on at once
	silent      = 0xD5                  // the A-law byte of zero
)

// line puts pieces of sound one behind the other, so that what was heard a second later is heard a second later. The zero value
// begins with what comes first.
type line struct{ end time.Time }

// add is a piece with silence before it where something is missing, and without what overlaps with the one before.
func (l *line) add(a camera.Audio) []byte {
	alaw := a.ALaw
	if l.end.IsZero() {
		l.end = a.At
	}
	switch late := a.At.Sub(l.end); {
	case late > slack:
		missing := int(min(late, mostSilence) * camera.SampleRate / time.Second)
		alaw = append(bytes.Repeat([]byte{silent}, missing), alaw...)
		l.end = a.At
	case late < -mostSilence: // the clock was set back
		l.end = a.At
	case late < -slack:
		alaw = alaw[min(int(-late*camera.SampleRate/time.Second), len(alaw)):]
		l.end = l.end.Add(time.Duration(len(alaw)) * time.Second / camera.SampleRate)
		return alaw
	}
	l.end = l.end.Add(time.Duration(len(a.ALaw)) * time.Second / camera.SampleRate)
	return alaw
}
