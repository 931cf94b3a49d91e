package avi

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"time"
)

// ErrSpliceDiffers is returned when a Splice comes to other bytes than were measured.
var ErrSpliceDiffers = errors.New("footage is not what was measured")

// A Splice joins parts of segments into one AVI, from front to end and without coding anything anew: a
// segment like any other, with journals, index and frame table, but for levels. It is gone through
// twice with the same calls: measured first, which reads no picture and no sound, so that the front
// and the length are known, and then written. It is for one goroutine at a time, and holds the records of
// what it joins (40 bytes a picture or sound) and a quarter of a megabyte.
type Splice struct {
	w        *Writer
	measured *Spliced // nil: this is the measuring
	stopped  time.Time
	sign     func(Content) Seal
}

// Spliced is a Splice that was measured.
type Spliced struct {
	Summary Summary
	meta    Meta
	front   []byte
}

// Part is a part of a segment: the pictures captured in [From, To), and the sound of that time, to the
// sample. Shift is added to all times.
type Part struct {
	From, To time.Time
	Shift    time.Duration
}

// spliceWrite is how much is gathered before it is written.
const spliceWrite = 256 << 10

// MeasureSplice begins to measure a file of pictures of this size that begins at m.Start.
func MeasureSplice(m Meta, width, height int) (*Splice, error) {
	s, err := newSplice(&forward{w: io.Discard}, m, width, height)
	if err == nil {
		s.w.hash = nil // no picture is read
	}
	return s, err
}

// Write begins the second pass, into w.
func (d *Spliced) Write(w io.Writer) (*Splice, error) {
	s, err := newSplice(&forward{w: w, front: d.front}, d.meta, d.Summary.Width, d.Summary.Height)
	if err == nil {
		s.measured = d
	}
	return s, err
}

func newSplice(out io.WriterAt, m Meta, width, height int) (*Splice, error) {
	w, err := NewWriter(out, m)
	if err != nil {
		return nil, err
	}
	w.begin(width, height)
	return &Splice{w: w}, w.commit()
}

// forward is a file that is written from its front to its end. What a Writer goes back for stands in the
// front that was measured.
type forward struct {
	w     io.Writer
	front []byte
	size  int64
}

func (f *forward) WriteAt(b []byte, at int64) (int, error) {
	n := len(b)
	if at < f.size {
		return n, nil
	}
	if at < int64(len(f.front)) {
		head := f.front[at:min(len(f.front), int(at)+n)]
		if _, err := f.w.Write(head); err != nil {
			return 0, err
		}
		b = b[len(head):]
	}
	f.size += int64(n)
	if len(b) > 0 {
		if _, err := f.w.Write(b); err != nil {
			return 0, err
		}
	}
	return n, nil
}

// Stopped is the time of what an Append could not take; zero when it has taken all.
func (s *Splice) Stopped() time.Time { return s.stopped }

// Append joins a part of a segment to what is there. What is missing before the segment and in it becomes a
// gap inside the file, silent and with the last picture going on. It returns ErrFull when the file would be
// larger or longer than a segment may be (MaxSize, MaxLength), ErrSizeChanged for a picture of another
// size, both with Stopped, or the error of a read or write.
func (s *Splice) Append(r *Reader, p Part) error {
	a := appending{Splice: s, r: r, Part: p}
	for _, g := range slices.Concat(r.Gaps(), r.Inside()) {
		if g.From.Before(p.To) && g.To.After(p.From) {
			a.gaps = append(a.gaps, g)
		}
	}
	for _, e := range r.events {
		if p.holds(e.At) {
			a.events = append(a.events, e)
		}
	}
	frames, audio := r.frames, r.audio
	for len(frames) > 0 || len(audio) > 0 {
		var at time.Time
		var err error
		// In the order of the file, so that what was side by side stays so. A lost picture has no place.
		if len(audio) == 0 || len(frames) > 0 && (frames[0].Lost || frames[0].Offset < audio[0].Offset) {
			f := &frames[0]
			at, frames = f.At, frames[1:]
			if p.holds(at) {
				err = a.frame(f)
			}
		} else {
			at, err = a.sound(&audio[0])
			audio = audio[1:]
		}
		if err != nil {
			s.stopped = at
			return err
		}
	}
	if err := a.told(p.To); err != nil {
		if s.stopped = p.To; len(a.events) > 0 {
			s.stopped = a.events[0].At
		}
		return err
	}
	return nil
}

// Sign has the seal of what is written made of what it holds, when it is closed; without it the seal stays blank.
func (s *Splice) Sign(sign func(Content) Seal) { s.sign = sign }

func (s *Splice) closeSeal() error {
	w, seal := s.w, Seal{}
	if done := w.hash; done != nil && s.measured != nil && s.sign != nil {
		w.hash = nil
		seal = s.sign(done.content(s.measured.front, w.size))
	}
	w.hash = nil
	chunk, ok := seal.append(w.buf)
	if !ok {
		chunk = appendBlankSeal(w.buf)
	}
	w.buf = chunk
	return w.commit()
}

func (p *Part) holds(at time.Time) bool { return !at.Before(p.From) && at.Before(p.To) }

// Close ends the file at end. Of the measuring it returns what is to be written; of the writing it returns
// ErrSpliceDiffers when other bytes came than were measured.
func (s *Splice) Close(end time.Time) (*Spliced, error) {
	w := s.w
	if w.err != nil {
		return nil, w.err
	}
	w.pad(end)
	w.appendJournal()
	if err := w.commit(); err != nil {
		return nil, err
	}
	moviEnd := w.size
	w.appendIndex()
	w.buf = appendJunk(w.buf, kindTable, w.table, 0)
	if err := w.commit(); err != nil {
		return nil, err
	}
	if err := s.closeSeal(); err != nil {
		return nil, err
	}
	w.err = ErrClosed
	if s.measured != nil {
		if w.size != s.measured.Summary.Bytes {
			return nil, fmt.Errorf("%d bytes in place of %d: %w", w.size, s.measured.Summary.Bytes, ErrSpliceDiffers)
		}
		return s.measured, nil
	}
	if w.sums.Frames == 0 {
		return nil, ErrEmpty
	}
	w.sums.Bytes = w.size
	return &Spliced{Summary: w.sums, meta: w.meta, front: w.frontNow(moviEnd, true)}, nil
}
