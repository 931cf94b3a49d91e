package avi

import (
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"time"
)

// What a Reader holds at most, whatever a file says: so many pictures, chunks of sound and events
// (the rest is left out), blocks of so many bytes in all, a header of so many.
const (
	maxEntries = 1 << 20
	maxBlocks  = 128 << 20
	maxHeader  = 1 << 20
)

var (
	// ErrNotAVI is returned by Open for what does not begin as an AVI file with a picture stream.
	ErrNotAVI = errors.New("not an AVI file with pictures")
	// ErrLost is returned by ReadFrame for a frame that never came.
	ErrLost = errors.New("frame was lost")
	// ErrDamaged is returned with the bytes read when they are not those that were written.
	ErrDamaged = errors.New("bytes differ from those written")
)

// FrameInfo tells of a frame without its picture.
type FrameInfo struct {
	At       time.Time // capture time; in files that are not ours, and behind the last journal, the tick's
	Tick     int       // where players show it
	Offset   int64     // of the picture in the file; 0 when lost
	Size     int       // bytes; 0 when lost
	Repaired bool
	Lost     bool
	Missing  int
	Score    uint16
	Cells    []byte // shared with the Reader: not to be changed
	Taken    bool   // of Track alone: its picture was taken out by thinning, and was Size bytes
	sum      uint32
	summed   bool
}

// AudioInfo tells of a chunk of sound.
type AudioInfo struct {
	At      time.Time // of the first sample
	First   int64     // its number in the stream: First / SampleRate is where players hear it
	Offset  int64     // of the sound in the file
	Size    int       // bytes, which are samples
	Silence bool      // inserted, not heard
	Dropped int       // samples left out just before it
	sum     uint32
	summed  bool
}

// Event is something that happened during the segment.
type Event struct {
	Kind string
	At   time.Time
	Body []byte // shared with the Reader: not to be changed
}

// Reader gives what is in an AVI file: one of ours, finished or still open, or any with MJPEG
// pictures and, if it has any, A-law sound at 8000 Hz. It reads the file when asked and holds no
// picture. It is for any number of goroutines when the io.ReaderAt is.
type Reader struct {
	r        io.ReaderAt
	size     int64
	streams  streams
	moviAt   int64
	room     int64 // bytes of blocks that may still be read
	ours     bool
	finished bool
	totalled bool // finished, and the totals are of the whole file
	gapTold  bool // whether the summary speaks of gaps, be it to say that there is none
	summary  Summary
	frames   []FrameInfo
	taken    []FrameInfo // out of the file, by thinning
	audio    []AudioInfo
	events   []Event
	levels   Levels // as the file tells
}

// Open reads the structure of a file of so many bytes. From a finished segment it reads header
// and frame table alone. Otherwise it goes through the chunks: in an open or cut segment the
// journals tell what they know, the rest is taken from the chunks themselves. It returns
// ErrNotAVI, or the error of the first read that failed.
//
// It holds at most 2^20 frames and as many chunks of sound and events, about 100 bytes each, and
// 128 MiB of frame table and journals. What a file has beyond is left out.
func Open(r io.ReaderAt, size int64) (*Reader, error) { return open(r, size, false) }

// open is Open; with pcm a stream of PCM takes the place of one of A-law that is not there, and the samples
// of Audio are bytes.
func open(r io.ReaderAt, size int64, pcm bool) (*Reader, error) {
	file := &Reader{r: r, size: size, room: maxBlocks}
	if err := file.readFront(); err != nil {
		return nil, fmt.Errorf("open segment: %w", err)
	}
	if pcm && !file.finished && !file.ours && file.streams.sound == "" && file.streams.pcm.known() {
		file.streams.sound = file.streams.pcm.prefix
	}
	if !file.finished {
		if err := file.scan(); err != nil {
			return nil, fmt.Errorf("scan segment: %w", err)
		}
	}
	return file, nil
}

// Ours tells whether the file was written by a Writer.
func (r *Reader) Ours() bool { return r.ours }

// Finished tells whether the file was closed by a Writer: it has its frame table.
func (r *Reader) Finished() bool { return r.finished }

// Summary returns the segment in numbers. In a file that is not ours, and in an open one, they
// are counted from its chunks. A foreign file's Start is the zero time.
func (r *Reader) Summary() Summary { return r.summary }

// Frames returns all frames in the order they were written, lost ones among them. The slice is
// the Reader's.
func (r *Reader) Frames() []FrameInfo { return r.frames }

// Audio returns the chunks of sound in order. The slice is the Reader's.
func (r *Reader) Audio() []AudioInfo { return r.audio }

// Events returns what WriteEvent noted, in order. The slice is the Reader's.
func (r *Reader) Events() []Event { return r.events }

// Gaps returns what is missing before the segment, in order; nil when nothing is known to be. The
// slice is the Reader's.
func (r *Reader) Gaps() []Gap { return r.summary.Gaps }

// Inside returns the gaps inside the segment, as WriteGap noted them. The slice is the Reader's.
func (r *Reader) Inside() []Gap { return r.summary.Inside }

// TickRate returns the ticks a second of the file, as a fraction.
func (r *Reader) TickRate() (rate, scale int) { return int(r.streams.rate), int(r.streams.scale) }

// ReadFrame reads picture i of Frames into dst, which grows when it is too small. It returns
// ErrLost for a lost one, and ErrDamaged with the bytes when the journal's checksum differs.
func (r *Reader) ReadFrame(dst []byte, i int) ([]byte, error) {
	if i < 0 || i >= len(r.frames) {
		return dst[:0], fmt.Errorf("read frame %d of %d: no such frame", i, len(r.frames))
	}
	f := &r.frames[i]
	if f.Lost {
		return dst[:0], fmt.Errorf("read frame %d: %w", i, ErrLost)
	}
	dst, err := r.read(dst, f.Offset, f.Size, f.sum, f.summed)
	if err != nil {
		return dst, fmt.Errorf("read frame %d: %w", i, err)
	}
	return dst, nil
}

// ReadAudio reads chunk i of Audio into dst, as ReadFrame does.
func (r *Reader) ReadAudio(dst []byte, i int) ([]byte, error) {
	if i < 0 || i >= len(r.audio) {
		return dst[:0], fmt.Errorf("read sound %d of %d: no such chunk", i, len(r.audio))
	}
	a := &r.audio[i]
	dst, err := r.read(dst, a.Offset, a.Size, a.sum, a.summed)
	if err != nil {
		return dst, fmt.Errorf("read sound %d: %w", i, err)
	}
	return dst, nil
}

func (r *Reader) read(dst []byte, offset int64, size int, sum uint32, summed bool) ([]byte, error) {
	if cap(dst) < size {
		dst = make([]byte, size)
	}
	dst = dst[:size]
	if n, err := r.r.ReadAt(dst, offset); n < size {
		return dst[:0], fmt.Errorf("%d bytes at %d: %w", size, offset, err)
	}
	if summed && crc32.Checksum(dst, castagnoli) != sum {
		return dst, ErrDamaged
	}
	return dst, nil
}
