package avi

import (
	"errors"
	"fmt"
	"io"
	"time"
)

// Repaired tells what Repair wrote.
type Repaired struct {
	Summary Summary
	Next    int // number of the frame that the next file begins with; the Reader's count when none is left
	Refused int // pictures that are none: left out
}

// Repair writes frames and sound of a broken file, ours or anybody's, into a new one, which is
// finished, beginning with frame number from. What does not fit into one file (1 GiB, 4 h, pictures
// of another size) is left to the next call. begin is when the recording began, for a file that
// does not say it itself.
//
// Pictures come out byte for byte, on the file's own ticks where a segment can have them, else on
// the nearest of a finer grid. It returns ErrEmpty with nothing written when there is no picture
// from there on, or the error of the read or write that failed.
func Repair(r *Reader, w io.WriterAt, from int, begin time.Time) (Repaired, error) {
	if from < 0 || from >= len(r.frames) {
		return Repaired{Next: len(r.frames)}, ErrEmpty
	}
	c := copier{r: r, from: r.frames[from].At, begin: begin, events: r.events, inside: r.summary.Inside}
	meta := r.summary.Meta
	if !meta.Start.IsZero() {
		c.begin = meta.Start
	}
	if from == 0 {
		c.from = meta.Start
	} else {
		meta.Gaps = nil
	}
	meta.Start = c.time(c.from)
	var err error
	if c.w, err = newWriter(w, meta, r.gridRate()); err != nil {
		return Repaired{}, fmt.Errorf("repair: %w", err)
	}
	done, err := c.run(from)
	if err != nil && !errors.Is(err, ErrEmpty) {
		err = fmt.Errorf("repair: %w", err)
	}
	return done, err
}

// A copier writes into one file what another one holds from a time on.
type copier struct {
	r      *Reader
	w      *Writer
	from   time.Time // as the file has it
	begin  time.Time // what the file's start is written as
	sound  int       // the next chunk of it
	events []Event   // not yet written
	inside []Gap     // not yet written
	buf    []byte
}

// time is a time of the file as it is written.
func (c *copier) time(at time.Time) time.Time { return c.begin.Add(at.Sub(c.r.summary.Start)) }

func (c *copier) run(from int) (done Repaired, err error) {
	for done.Next = from; done.Next < len(c.r.frames); done.Next++ {
		f := &c.r.frames[done.Next]
		err := c.until(f.At)
		if err == nil {
			err = c.frame(done.Next)
		}
		switch {
		case errors.Is(err, ErrNotPicture), errors.Is(err, ErrFull) && c.w.Size() == 0:
			done.Refused++
		case errors.Is(err, ErrFull), errors.Is(err, ErrSizeChanged):
			done.Summary, err = c.w.Close(c.time(f.At))
			return done, err
		case err != nil:
			return done, err
		}
	}
	end := c.r.summary.End
	if err := c.until(end); err != nil && !errors.Is(err, ErrFull) {
		return done, err
	}
	done.Summary, err = c.w.Close(c.time(end))
	return done, err
}

// frame writes a frame, or the place of a lost one.
func (c *copier) frame(i int) error {
	f := &c.r.frames[i]
	out := Frame{At: c.time(f.At), Repaired: f.Repaired, Missing: f.Missing, Score: f.Score}
	if len(f.Cells) <= MaxCells {
		out.Cells = f.Cells
	}
	if !f.Lost {
		var err error
		// A picture that is not as it was written may still show something.
		if c.buf, err = c.r.ReadFrame(c.buf, i); err != nil && !errors.Is(err, ErrDamaged) {
			return err
		}
		if len(c.buf) == 0 {
			return ErrNotPicture
		}
		out.JPEG = c.buf
	}
	return c.w.WriteFrame(out)
}

// until writes sound, events and gaps up to a time: by their times, so that what others write far apart
// comes to stand side by side.
func (c *copier) until(at time.Time) error {
	for ; len(c.events) > 0 && !c.events[0].At.After(at); c.events = c.events[1:] {
		e := c.events[0]
		if e.At.Before(c.from) || len(e.Kind) > 255 || len(e.Body) > MaxEvent {
			continue
		}
		if err := c.w.WriteEvent(e.Kind, c.time(e.At), e.Body); err != nil {
			return err
		}
	}
	for ; len(c.inside) > 0 && !c.inside[0].To.After(at); c.inside = c.inside[1:] {
		g := c.inside[0]
		g.From, g.To = c.time(g.From), c.time(g.To)
		if !g.To.After(c.w.meta.Start) || !g.From.Before(g.To) {
			continue
		}
		if err := c.w.WriteGap(g); err != nil {
			return err
		}
	}
	for ; c.sound < len(c.r.audio) && !c.r.audio[c.sound].At.After(at); c.sound++ {
		a := &c.r.audio[c.sound]
		if a.Silence || a.At.Before(c.from) {
			continue // it is put in again where it is missing
		}
		alaw, err := c.r.ReadAudio(nil, c.sound)
		if err != nil && !errors.Is(err, ErrDamaged) {
			return err
		}
		if err := c.w.WriteAudio(c.time(a.At), alaw); err != nil {
			return err
		}
	}
	return nil
}

// gridRate is the rate of ticks for the file's pictures: its own when it is a whole number that
// samples can be counted by, else that of segments, or a finer one where pictures come faster.
func (r *Reader) gridRate() int64 {
	rate, scale := int64(r.streams.rate), int64(r.streams.scale)
	if own := rate / scale; rate%scale == 0 && own <= SampleRate && SampleRate%own == 0 {
		return own
	}
	for _, grid := range []int64{TickRate, 100, 200, 400} {
		if rate <= grid*scale {
			return grid
		}
	}
	return 1000
}
