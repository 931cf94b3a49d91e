package cloudtest

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"slices"
	"time"

	"v720dvr/storage/avi"
)

// Footage is a Source that plays an AVI file over and over: its pictures byte for byte, and its
// A-law sound, held to the pictures where the file begins again.
type Footage struct {
	file     *os.File
	reader   *avi.Reader
	pictures []int // of the reader's frames, those that are there
	fps      int
	loop     int64 // samples in one turn of the pictures
	lead     int64 // samples of sound before the first picture

	picture []byte // the one given last
	spare   []byte // for the next
	chunk   int    // of the reader's sound, held in sound; -1 for none
	sound   []byte
	err     error
}

// alawSilence is the code next to zero.
const alawSilence = 0xD5

// OpenFootage opens an MJPEG AVI, with or without A-law sound at 8000 Hz. Each camera opens its
// own; who opens it closes it.
func OpenFootage(path string) (*Footage, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("open footage: %w", err)
	}
	f := &Footage{file: file, chunk: -1}
	if err := f.load(); err != nil {
		file.Close()
		return nil, fmt.Errorf("open footage %s: %w", path, err)
	}
	return f, nil
}

const howToConvert = "make one by: ffmpeg -i IN -c:v mjpeg -q:v 6 -pix_fmt yuvj422p -r 10 -c:a pcm_alaw -ar 8000 -ac 1 OUT.avi"

func (f *Footage) load() error {
	stat, err := f.file.Stat()
	if err != nil {
		return err
	}
	f.reader, err = avi.Open(f.file, stat.Size())
	if errors.Is(err, avi.ErrNotAVI) {
		return fmt.Errorf("%w; %s", err, howToConvert)
	}
	if err != nil {
		return err
	}
	const largest = windowSize*payloadSize - 5 // the camera's trailer goes with it
	frames := f.reader.Frames()
	for i, frame := range frames {
		var soi [2]byte
		switch {
		case frame.Lost || frame.Size == 0: // a tick without a picture
			continue
		case frame.Size > largest:
			return fmt.Errorf("picture %d has %d bytes: a camera's window takes %d; make it smaller, with -q:v 10 or so", i, frame.Size, largest)
		}
		if _, err := f.file.ReadAt(soi[:], frame.Offset); err != nil {
			return fmt.Errorf("read picture %d: %w", i, err)
		}
		if binary.BigEndian.Uint16(soi[:]) != 0xFFD8 {
			return fmt.Errorf("picture %d is no JPEG: not an MJPEG AVI; %s", i, howToConvert)
		}
		f.pictures = append(f.pictures, i)
	}
	if len(f.pictures) == 0 {
		return fmt.Errorf("no picture in it; %s", howToConvert)
	}
	f.fps = f.rate()
	f.loop = int64(len(f.pictures)) * sampleRate / int64(f.fps)
	if rate, scale := f.reader.TickRate(); rate > 0 {
		f.lead = int64(frames[f.pictures[0]].Tick) * int64(scale) * sampleRate / int64(rate)
	}
	return nil
}

// rate is the mean rate of the pictures, from the first to the last.
func (f *Footage) rate() int {
	const fallback = 10
	rate, scale := f.reader.TickRate()
	frames := f.reader.Frames()
	ticks := frames[f.pictures[len(f.pictures)-1]].Tick - frames[f.pictures[0]].Tick
	if rate < 1 || scale < 1 || ticks < 1 {
		return fallback
	}
	perSecond := float64(len(f.pictures)-1) * float64(rate) / float64(scale) / float64(ticks)
	return max(1, min(60, int(perSecond+0.5)))
}

// FPS is the rate of the file's pictures, rounded; what Options.FPS wants, or it plays faster
// or slower and its sound does not fit.
func (f *Footage) FPS() int { return f.fps }

// Picture gives a picture of the file. One that cannot be read any more is the one before; Err
// tells why.
func (f *Footage) Picture(n int, _ time.Time) []byte {
	picture, err := f.reader.ReadFrame(f.spare[:0], f.pictures[n%len(f.pictures)])
	if err != nil {
		f.err = err
		return f.picture
	}
	f.picture, f.spare = picture, f.picture
	return picture
}

// HasSound tells whether the file has any.
func (f *Footage) HasSound() bool { return len(f.reader.Audio()) > 0 }

// Sound gives the file's samples; silence where it has none.
func (f *Footage) Sound(from int64, dst []byte) {
	for len(dst) > 0 {
		at := from % f.loop
		n := min(int64(len(dst)), f.loop-at)
		f.heard(f.lead+at, dst[:n])
		dst, from = dst[n:], from+n
	}
}

// heard gives samples by their number in the file.
func (f *Footage) heard(from int64, dst []byte) {
	chunks := f.reader.Audio()
	for len(dst) > 0 {
		// The first chunk that ends behind from.
		i, _ := slices.BinarySearchFunc(chunks, from, func(c avi.AudioInfo, at int64) int {
			if c.First+int64(c.Size) <= at {
				return -1
			}
			return 1
		})
		var n int
		switch {
		case i == len(chunks):
			n = silence(dst)
		case chunks[i].First > from:
			n = silence(dst[:min(int64(len(dst)), chunks[i].First-from)])
		default:
			f.loadSound(i)
			n = copy(dst, f.sound[from-chunks[i].First:])
		}
		dst, from = dst[n:], from+int64(n)
	}
}

func silence(dst []byte) int {
	for i := range dst {
		dst[i] = alawSilence
	}
	return len(dst)
}

// loadSound holds chunk i; what cannot be read is silent.
func (f *Footage) loadSound(i int) {
	if f.chunk == i {
		return
	}
	sound, err := f.reader.ReadAudio(f.sound[:0], i)
	if size := f.reader.Audio()[i].Size; err != nil || len(sound) != size {
		f.err = err
		sound = make([]byte, size)
		silence(sound)
	}
	f.sound, f.chunk = sound, i
}

// Err is the last error of reading, nil when there was none.
func (f *Footage) Err() error { return f.err }

// Close closes the file; no camera may use it then.
func (f *Footage) Close() error { return f.file.Close() }
