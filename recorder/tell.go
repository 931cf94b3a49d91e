package recorder

import (
	"context"
	"time"

	"v720dvr/camera"
	"v720dvr/storage"
	"v720dvr/storage/avi"
)

// pictureWait is how long an event waits for the picture that shows it: a camera that is rung awake
// takes seconds to send one.
const pictureWait = 5 * time.Second

// A telling is an event that is to be told in its day's folder and waits for its picture.
type telling struct {
	event   camera.Event
	segment *storage.Segment // that was open when it came; nil when none was
	length  time.Duration    // of an event that is over
	until   time.Time        // it waits no longer, on the monotonic clock
}

// A view is the last picture of a camera that is not silent.
type view struct {
	at   time.Time
	jpeg []byte
}

// tell tells an event, at once or with the first picture behind it. At most maxEvents wait.
func (s *spool) tell(e camera.Event) {
	t := telling{event: e, segment: s.segment, until: time.Now().Add(pictureWait)}
	switch {
	case !storage.HasPicture(e.Kind):
		s.say(t, nil)
	case s.view.jpeg != nil && !e.At.After(s.view.at): // it came behind the picture that shows it
		s.say(t, s.view.jpeg)
	default:
		if len(s.untold) == maxEvents {
			s.tellOldest()
		}
		s.untold = append(s.untold, t)
	}
}

// tellOver tells an event that is over, from its beginning, with the picture that shows it best.
func (s *spool) tellOver(o *over) {
	t := telling{event: o.event, segment: s.toldIn[o.event.Kind], length: o.length}
	s.say(t, o.picture)
}

// show tells the events that waited for this picture.
func (s *spool) show(f camera.Frame) {
	if !avi.IsPicture(f.JPEG) {
		return
	}
	s.view = view{f.At, f.JPEG}
	for len(s.untold) > 0 && !s.untold[0].event.At.After(f.At) {
		s.tellOldest()
	}
	s.tellOverdue()
}

// tellOverdue tells the events that have waited long enough, with the last picture before them.
func (s *spool) tellOverdue() {
	for len(s.untold) > 0 && !time.Now().Before(s.untold[0].until) {
		s.tellOldest()
	}
}

// tellAll tells what waits, and forgets the last picture: it shows nothing of what comes next.
func (s *spool) tellAll() {
	for len(s.untold) > 0 {
		s.tellOldest()
	}
	s.view = view{}
}

func (s *spool) tellOldest() {
	t := s.untold[0]
	if s.untold = s.untold[1:]; len(s.untold) == 0 {
		s.untold = nil
	}
	s.say(t, s.view.jpeg)
}

// say writes the line and the picture. What the disk does not take is lost to who browses the
// folder, not to the segment.
func (s *spool) say(t telling, picture []byte) {
	if t.segment == nil {
		t.segment = s.segment
	}
	err := s.store.NoteEvent(context.Background(), storage.Note{Event: t.event, Length: t.length, Name: s.next.name, Segment: t.segment, Picture: picture})
	if err != nil {
		s.log.Debug("event not told in its day's folder", "error", err)
	}
}

// idle waits until there is something to do.
func (s *spool) idle() {
	s.tellOverdue()
	if len(s.untold) == 0 {
		<-s.queue.ready
		return
	}
	overdue := time.NewTimer(time.Until(s.untold[0].until))
	defer overdue.Stop()
	select {
	case <-s.queue.ready:
	case <-overdue.C:
	}
}
