package storage

import (
	"context"
	"errors"
	"fmt"
	"time"

	"v720dvr/camera"
	"v720dvr/storage/avi"
)

// A Tape is a stretch of a camera's footage, piece by piece on one clock that begins with its first picture: what
// files other than a Span are made of. It has been gone through by the frame tables alone; Close it.
type Tape struct {
	Camera camera.ID
	Name   string // what the camera was called then
	From   time.Time
	To     time.Time // of what was asked for
	Start  time.Time // capture time of the first picture, in the store's zone
	Last   time.Time // … of the last one
	// Length is the time from Start until its last picture or sound ends. Where the clock was set back it is
	// longer than the times say.
	Length        time.Duration
	Width, Height int // of the first picture
	Pictures      int
	Bytes         int64       // of all pictures
	Samples       int64       // of sound, without what is missing
	Gaps          []avi.Gap   // between the first picture and the last
	Events        []avi.Event // in the order in which they were recorded

	store *Store
	parts []tapePart
}

type tapePart struct {
	spanPart
	wide, high int
}

// A Piece is a picture or a piece of sound of a Tape.
type Piece struct {
	Sound         bool
	At            time.Duration // of its beginning, since the tape's
	Time          time.Time     // when a picture was captured; of sound when it is heard in the segment
	First         int64         // of sound: its first sample, of the tape, 8000 a second: silence is before it where there is none
	Size          int           // bytes
	Segment       int           // from 0: pictures of one segment come from the same camera without a break
	Width, Height int           // of a picture
	Bytes         []byte        // nil when it was not read; good until the next piece
}

// Tape goes through the footage of [from, to) as Span does, but with no limit of size: pictures in the order of
// capture within each segment, sound to the sample, gaps and events with their true times.
//
// It returns a *GapError or ErrNoFootage when there is no picture, and ErrManySegments.
func (s *Store) Tape(ctx context.Context, id camera.ID, from, to time.Time) (*Tape, error) {
	t, err := s.tape(ctx, id, from, to)
	if err != nil {
		return nil, fmt.Errorf("footage of camera %s: %w", id, err)
	}
	return t, nil
}

func (s *Store) tape(ctx context.Context, id camera.ID, from, to time.Time) (_ *Tape, err error) {
	reels, err := s.reels(ctx, id, from, to)
	if err != nil {
		return nil, err
	}
	t := &Tape{Camera: id, From: from, To: to, store: s}
	defer func() {
		if err != nil {
			t.Close()
		}
	}()
	var end time.Time // on the tape's clock
	var shift time.Duration
	for _, r := range reels {
		if err := t.add(ctx, r, &end, &shift); err != nil && !errors.Is(err, ErrNoFootage) {
			return nil, err
		}
	}
	if len(t.parts) == 0 {
		return nil, s.whyNothing(ctx, id, from, to)
	}
	err = t.Play(ctx, nil, func(p Piece) error {
		if p.Sound {
			t.Samples += int64(p.Size)
			t.Length = max(t.Length, p.At+time.Duration(p.Size)*time.Second/avi.SampleRate)
			return nil
		}
		t.Pictures++
		t.Bytes += int64(p.Size)
		t.Length = max(t.Length, p.At)
		if t.Last = p.Time.In(t.Start.Location()); t.Width == 0 {
			t.Width, t.Height = p.Width, p.Height
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	if limit := end.Sub(t.Start); limit > t.Length {
		t.Length = limit
	}
	return t, t.gather(ctx)
}

// gather finds the gaps between the first picture and the last.
func (t *Tape) gather(ctx context.Context) error {
	if !t.Start.Before(t.Last) {
		return nil
	}
	c, err := t.store.Coverage(ctx, t.Camera, t.Start, t.Last)
	t.Gaps = c.Gaps
	return err
}

// add takes a segment's part in.
func (t *Tape) add(ctx context.Context, r reel, end *time.Time, shift *time.Duration) (err error) {
	part := tapePart{spanPart: spanPart{reel: r, Part: avi.Part{From: t.From, To: t.To}}}
	if r.growing != nil {
		if part.file, err = t.store.openAsItWas(ctx, r); err != nil {
			return err
		}
		defer func() {
			if len(t.parts) == 0 || t.parts[len(t.parts)-1].file != part.file {
				part.file.Close()
			}
		}()
	}
	read, _, done, err := t.store.readPart(ctx, &part.spanPart)
	if err != nil {
		return err
	}
	defer done()
	sums := read.Summary()
	if len(t.parts) == 0 {
		first, ok := firstPicture(read, t.From, t.To)
		if !ok {
			return nil
		}
		t.Name, t.Start = sums.Name, first.In(t.store.Location())
		*end, part.From = first, first
	}
	begins := sums.Start
	if begins.Before(part.From) {
		begins = part.From
	}
	if back := end.Sub(begins.Add(*shift)); back > backStep {
		*shift += back
	}
	part.Shift, part.wide, part.high = *shift, sums.Width, sums.Height
	t.parts = append(t.parts, part)
	t.store.used.hold(part.reel.record.ID)
	for _, e := range read.Events() {
		if !e.At.Before(part.From) && e.At.Before(part.To) {
			t.Events = append(t.Events, e)
		}
	}
	ends := sums.End
	if ends.After(t.To) {
		ends = t.To
	}
	if ends = ends.Add(*shift); ends.After(*end) {
		*end = ends
	}
	return nil
}

// Close lets go of what the tape holds open.
func (t *Tape) Close() {
	for _, part := range t.parts {
		t.store.used.letGo(part.reel.record.ID)
		if part.file != nil {
			part.file.Close()
		}
	}
	t.parts = nil
}
