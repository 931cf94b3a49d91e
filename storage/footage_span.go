package storage

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"v720dvr/camera"
	"v720dvr/storage/avi"
)

// A SpanError is a span that does not fit into one file: [from, Fits) does, and what is behind it into
// the next.
type SpanError struct {
	Fits  time.Time
	Cause error // avi.ErrFull, or avi.ErrSizeChanged
}

func (e *SpanError) Error() string {
	return fmt.Sprintf("the span does not fit into one file from %v on: %v", e.Fits, e.Cause)
}

// Unwrap is the cause.
func (e *SpanError) Unwrap() error { return e.Cause }

// Span is a stretch of a camera's footage as one AVI, ready to be written.
type Span struct {
	Summary avi.Summary // of the file; Start is the first picture's time
	Last    time.Time   // of the last picture, as it was captured
	store   *Store
	spliced *avi.Spliced
	parts   []spanPart
	end     time.Time // of what was added, with its shift
	from    time.Time
	to      time.Time
}

type spanPart struct {
	reel reel
	avi.Part
	file *Footage // of one that is being written: it may be committed meanwhile, and is read as it was
}

// Span measures the footage of [from, to): its pictures and sound byte for byte, on one clock, beginning with the
// first picture. Gaps in it become the last picture and silence. Where the clock was set back the times
// of what was recorded behind are moved on, so that it follows. It reads frame tables alone; Close it.
//
// It returns a *SpanError when one file does not take it, a *GapError or ErrNoFootage when there is no picture.
func (s *Store) Span(ctx context.Context, id camera.ID, from, to time.Time) (*Span, error) {
	span, err := s.span(ctx, id, from, to)
	if err != nil {
		return nil, fmt.Errorf("span of camera %s: %w", id, err)
	}
	return span, nil
}

func (s *Store) span(ctx context.Context, id camera.ID, from, to time.Time) (_ *Span, err error) {
	reels, err := s.reels(ctx, id, from, to)
	if err != nil {
		return nil, err
	}
	m := measuring{Span: &Span{store: s, from: from, to: to}, ctx: ctx, from: from, to: to}
	defer func() {
		if err != nil {
			m.Close()
		}
	}()
	for _, r := range reels {
		if err := m.add(r); err != nil && !errors.Is(err, ErrNoFootage) {
			return nil, err
		}
	}
	if m.splice == nil {
		return nil, s.whyNothing(ctx, id, from, to)
	}
	if m.spliced, err = m.splice.Close(m.end); err != nil {
		return nil, err
	}
	m.Summary = m.spliced.Summary
	return m.Span, nil
}

// whyNothing is why a span has no picture, where one reason tells.
func (s *Store) whyNothing(ctx context.Context, id camera.ID, from, to time.Time) error {
	if c, err := s.Coverage(ctx, id, from, to); err == nil && len(c.Gaps) > 0 {
		longest := slices.MaxFunc(c.Gaps, func(a, b avi.Gap) int { return cmp.Compare(a.To.Sub(a.From), b.To.Sub(b.From)) })
		return &GapError{longest}
	}
	return ErrNoFootage
}

// readPart opens what a part is of.
func (s *Store) readPart(ctx context.Context, part *spanPart) (*avi.Reader, *Footage, func(), error) {
	if part.file != nil {
		return part.reel.snapshot.Reader(part.file), part.file, func() {}, nil
	}
	select {
	case parsing <- struct{}{}:
		defer func() { <-parsing }()
	case <-ctx.Done():
		return nil, nil, nil, ctx.Err()
	}
	file, err := s.openListed(ctx, &part.reel.record)
	if err != nil {
		return nil, nil, nil, err
	}
	read, err := file.Reader()
	if err != nil {
		file.Close()
		return nil, nil, nil, err
	}
	return read, file, func() { file.Close() }, nil
}

// WriteTo writes the file: Summary.Bytes bytes, once. What is deleted meanwhile ends it with an error. It
// holds the records of the span and of one segment, and some pictures.
func (p *Span) WriteTo(ctx context.Context, w io.Writer) error {
	splice, err := p.spliced.Write(w)
	if err != nil {
		return err
	}
	vouched := p.store.vouch(ctx, p.Summary.Camera, p.from, p.to)
	splice.Sign(vouched.seal)
	for i := range p.parts {
		if err := p.append(ctx, splice, vouched, &p.parts[i]); err != nil {
			return fmt.Errorf("write span of camera %s: %w", p.Summary.Camera, err)
		}
	}
	if _, err := splice.Close(p.end); err != nil {
		return fmt.Errorf("write span of camera %s: %w", p.Summary.Camera, err)
	}
	return nil
}

func (p *Span) append(ctx context.Context, splice *avi.Splice, vouched *voucher, part *spanPart) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	read, file, done, err := p.store.readPart(ctx, part)
	if err != nil {
		return err
	}
	defer done()
	vouched.source(file, part.file != nil)
	return splice.Append(read, part.Part)
}

// Close lets go of what the span holds open.
func (p *Span) Close() {
	for _, part := range p.parts {
		p.store.used.letGo(part.reel.record.ID)
		if part.file != nil {
			part.file.Close()
		}
	}
	p.parts = nil
}
