package storage

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"v720dvr/camera"
	"v720dvr/storage/avi"
)

// ImportSpec says what a file that others made is to become.
type ImportSpec struct {
	Camera camera.ID
	Name   string    // what people call the camera; "" is its id
	Start  time.Time // of the file; zero: the file is one of ours, and tells
	Source string    // what the file is called; the segments' summaries name it
	// Cut takes what lies beside what is recorded already; else a file that overlaps is refused whole.
	Cut bool
}

// Imported is what became of a file.
type Imported struct {
	Segments []SegmentRecord // in order
	Start    time.Time       // of the file
	End      time.Time
	Pictures int  // taken over
	Left     int  // pictures in time that is recorded already
	Refused  int  // what could not be read, and pictures that are none
	Sound    bool // the file has sound that could be taken over
}

// An OverlapError is a file of a time of which something is recorded already.
type OverlapError struct{ From, To time.Time } // what is, the first of it

func (e *OverlapError) Error() string {
	return fmt.Sprintf("of %s to %s something is recorded already, which stays", e.From.Format("2006-01-02 15:04:05"), e.To.Format("15:04:05"))
}

var (
	errNoStart = errors.New("the file does not tell when it begins: say it")
	errFuture  = errors.New("the file would end in the future")
	errNothing = errors.New("all of its time is recorded already")
)

// Import takes a file over as footage of a camera: it writes its pictures, byte for byte, and its sound into
// segments of ours, committed as any, beside what is recorded and never over it. One that a crash cuts off
// ends as any segment does, and what is missing can be imported with Cut. It returns an *OverlapError, an
// error of avi.OpenForeign, or one that says what to do; what was committed before it stays and is told.
func (s *Store) Import(ctx context.Context, spec ImportSpec, file io.ReaderAt, size int64) (done Imported, err error) {
	done, err = s.importFile(ctx, spec, file, size)
	if err != nil {
		return done, fmt.Errorf("import %s: %w", spec.Source, err)
	}
	s.log.Info("imported footage", "camera", spec.Camera, "source", spec.Source, "start", done.Start, "end", done.End, "pictures", done.Pictures, "left", done.Left, "refused", done.Refused)
	return done, nil
}

func (s *Store) importFile(ctx context.Context, spec ImportSpec, file io.ReaderAt, size int64) (done Imported, err error) {
	from, err := avi.OpenForeign(file, size)
	if err != nil {
		return done, err
	}
	if spec.Start.IsZero() {
		spec.Start = from.Start()
	}
	switch done.Start, done.End = utcMicros(spec.Start), utcMicros(spec.Start.Add(from.Length())); {
	case spec.Start.IsZero():
		return done, errNoStart
	case from.Pictures() == 0:
		return done, avi.ErrEmpty
	case done.End.After(s.now()):
		return done, errFuture
	}
	done.Start, done.End, done.Sound = done.Start.In(s.Location()), done.End.In(s.Location()), from.HasSound()
	s.importing.Lock() // what is free stays free: recording takes no time of the past
	defer s.importing.Unlock()
	taken, err := s.taken(ctx, spec.Camera, done.Start, done.End)
	if err != nil {
		return done, err
	}
	if len(taken) > 0 && !spec.Cut {
		return done, &OverlapError{taken[0].from.In(s.Location()), taken[0].to.In(s.Location())}
	}
	w := importing{ctx: ctx, store: s, spec: spec, done: &done, taken: taken}
	unread, err := from.Each(w.picture, w.sound)
	done.Refused += unread
	if err = errors.Join(err, w.end(done.End)); err == nil && len(done.Segments) == 0 {
		err = errNothing
	}
	return done, err
}

// occupied is time that is recorded.
type occupied struct{ from, to time.Time }

func (o occupied) holds(at time.Time) bool { return !at.Before(o.from) && at.Before(o.to) }

// taken lists what is recorded in a span, or being recorded, by its start.
func (s *Store) taken(ctx context.Context, id camera.ID, from, to time.Time) (list []occupied, err error) {
	growing := s.growing(id) // before the rows: one that is committed meanwhile would be in neither
	rows, err := s.Segments(ctx, SegmentQuery{Camera: id, From: from, To: to, Limit: mostListed})
	if err != nil {
		return nil, err
	}
	if len(rows) == mostListed {
		return nil, ErrManySegments
	}
	for _, r := range rows {
		list = append(list, occupied{r.Start, r.End})
	}
	for _, g := range growing {
		if g.spec.Start.Before(to) {
			list = append(list, occupied{g.spec.Start, to})
		}
	}
	return list, nil
}

// importing writes a file's pictures and sound into segments.
type importing struct {
	ctx   context.Context
	store *Store
	spec  ImportSpec
	done  *Imported
	taken []occupied
	open  *Segment // nil: none is begun
	last  time.Time
}

// isTaken tells whether a moment is recorded already.
func (w *importing) isTaken(at time.Time) (until occupied, taken bool) {
	for _, o := range w.taken {
		if o.holds(at) {
			return o, true
		}
	}
	return until, false
}

func (w *importing) picture(after time.Duration, jpeg []byte) error {
	if err := w.ctx.Err(); err != nil {
		return err
	}
	at := utcMicros(w.spec.Start.Add(after))
	if o, taken := w.isTaken(at); taken {
		w.done.Left++
		return w.end(o.from)
	}
	for _, o := range w.taken { // what stands between the last picture and this one
		if o.from.After(w.last) && o.from.Before(at) && !w.last.IsZero() {
			if err := w.end(o.from); err != nil {
				return err
			}
		}
	}
	for try := 0; ; try++ {
		if w.open == nil {
			if err := w.begin(at); err != nil {
				return err
			}
		}
		err := w.open.WriteFrame(camera.Frame{Camera: w.spec.Camera, At: at, JPEG: jpeg})
		switch {
		case err == nil:
			w.done.Pictures++
			w.last = at
			return nil
		case errors.Is(err, avi.ErrNotPicture):
			w.done.Refused++
			return nil
		case try == 0 && (errors.Is(err, avi.ErrFull) || errors.Is(err, avi.ErrSizeChanged)):
			if err := w.end(at); err != nil {
				return err
			}
		default:
			return err
		}
	}
}

func (w *importing) begin(at time.Time) (err error) {
	w.open, err = w.store.Create(SegmentSpec{Camera: w.spec.Camera, Name: w.spec.Name, Start: at, source: w.spec.Source})
	return err
}

func (w *importing) sound(after time.Duration, alaw []byte) error {
	at := utcMicros(w.spec.Start.Add(after))
	if _, taken := w.isTaken(at); taken {
		return nil
	}
	for _, o := range w.taken {
		if room := o.from.Sub(at) * avi.SampleRate / time.Second; room > 0 && int(room) < len(alaw) {
			alaw = alaw[:room]
		}
	}
	if w.open == nil && w.last.IsZero() && after < time.Second { // many files begin with it
		if err := w.begin(w.done.Start); err != nil {
			return err
		}
	}
	if w.open == nil || at.Before(w.open.Start()) {
		return nil
	}
	err := w.open.WriteAudio(camera.Audio{Camera: w.spec.Camera, At: at, ALaw: alaw})
	if errors.Is(err, avi.ErrFull) { // the next picture begins another one
		return nil
	}
	return err
}

// end commits the segment that is open; it reaches no further than to what is recorded behind it.
func (w *importing) end(at time.Time) error {
	if w.open == nil {
		return nil
	}
	for _, o := range w.taken {
		if o.from.After(w.last) && o.from.Before(at) {
			at = o.from
		}
	}
	segment := w.open
	w.open = nil
	record, err := segment.Commit(context.WithoutCancel(w.ctx), at)
	if errors.Is(err, avi.ErrEmpty) {
		return nil
	}
	if err == nil {
		w.done.Segments = append(w.done.Segments, record)
	}
	return err
}
