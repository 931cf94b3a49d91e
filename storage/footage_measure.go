package storage

import (
	"context"
	"errors"
	"time"

	"v720dvr/storage/avi"
)

// measuring is a Span that is being measured.
type measuring struct {
	*Span
	ctx      context.Context
	from, to time.Time
	splice   *avi.Splice // nil before the first picture
	shift    time.Duration
}

// backStep is how far a segment may begin before the end of the one before without being from behind a
// clock that was set back: pictures and sound may run on behind a segment's end.
const backStep = 2 * time.Second

// add measures a segment's part.
func (m *measuring) add(r reel) (err error) {
	part := spanPart{reel: r, Part: avi.Part{From: m.from, To: m.to}}
	if r.growing != nil {
		if part.file, err = m.store.openAsItWas(m.ctx, r); err != nil {
			return err
		}
		defer func() {
			if len(m.parts) == 0 || m.parts[len(m.parts)-1].file != part.file {
				part.file.Close()
			}
		}()
	}
	read, _, done, err := m.store.readPart(m.ctx, &part)
	if err != nil {
		return err
	}
	defer done()
	sums := read.Summary()
	if m.splice == nil {
		first, ok := firstPicture(read, m.from, m.to)
		if !ok {
			return nil
		}
		meta := avi.Meta{Camera: sums.Camera, Name: sums.Name, Start: first.In(m.store.Location()), Software: m.store.software}
		if m.splice, err = avi.MeasureSplice(meta, sums.Width, sums.Height); err != nil {
			return err
		}
		m.end, part.From = first, first
	}
	begins := sums.Start
	if begins.Before(part.From) {
		begins = part.From
	}
	if back := m.end.Sub(begins.Add(m.shift)); back > backStep {
		m.shift += back
	}
	part.Shift = m.shift
	m.parts = append(m.parts, part)
	m.store.used.hold(part.reel.record.ID)
	err = m.splice.Append(read, part.Part)
	if errors.Is(err, avi.ErrFull) || errors.Is(err, avi.ErrSizeChanged) {
		return &SpanError{Fits: utcMicros(m.splice.Stopped()), Cause: err}
	}
	if last, ok := lastPicture(read, part.From, m.to); ok {
		m.Last = last.In(m.store.Location())
	}
	end := sums.End
	if end.After(m.to) {
		end = m.to
	}
	if end = end.Add(m.shift); end.After(m.end) {
		m.end = end
	}
	return err
}

// openAsItWas opens the file of a segment that was being written when it was listed, under either name.
func (s *Store) openAsItWas(ctx context.Context, r reel) (*Footage, error) {
	f, err := s.openFootage(ctx, r.ref())
	if errors.Is(err, ErrUnknown) {
		return nil, ErrNoFootage
	}
	return f, err
}

func firstPicture(r *avi.Reader, from, to time.Time) (first time.Time, ok bool) {
	for _, f := range r.Frames() {
		if !f.Lost && !f.At.Before(from) && f.At.Before(to) && (!ok || f.At.Before(first)) {
			first, ok = f.At, true
		}
	}
	return first, ok
}

func lastPicture(r *avi.Reader, from, to time.Time) (last time.Time, ok bool) {
	for _, f := range r.Frames() {
		if !f.Lost && !f.At.Before(from) && f.At.Before(to) && f.At.After(last) {
			last, ok = f.At, true
		}
	}
	return last, ok
}
