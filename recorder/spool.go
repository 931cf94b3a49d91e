package recorder

import (
	"log/slog"
	"sync/atomic"
	"time"

	"v720dvr/camera"
	"v720dvr/storage"
	"v720dvr/storage/avi"
)

const defaultSegment = 5 * time.Minute

// maxEvents bounds the events that wait for a segment, the oldest going first.
const maxEvents = 16

// softFull is where a segment ends at the next picture: so far below avi.MaxSize that neither
// that picture nor the sound held until then, nor the index, is refused for want of room.
const softFull = avi.MaxSize - 64<<20

// A spool is the part of a deck that waits for the disk: it cuts segments on the clock and writes
// them, in a goroutine of its own. Everything but queue, meter, turn, committing and finished
// belongs to that.
type spool struct {
	id       camera.ID
	begun    time.Time // of the recorder
	clock    *wallClock
	store    *storage.Store
	log      *slog.Logger
	queue    *queue
	meter    *meter
	disk     *disk
	turn     atomic.Int64 // since when the item in hand waits, behind begun, and 1 ns; 0 for none
	finished atomic.Bool  // run has returned

	settings fileSettings // of the open segment
	next     fileSettings // of the next one
	motion   bool         // whether the open segment holds an event of motion mode
	asked    bool         // whether the picture in hand belongs into such a one
	score    uint16       // what was seen in the picture in hand
	track    []byte
	segment  *storage.Segment // nil when none is open
	ending   *ending          // the segment before, while it waits for its sound
	span     span
	usual    time.Duration  // between two pictures, smoothed
	held     heldSound      // not yet in a segment
	heard    time.Time      // end of the sound in the open segment
	events   []camera.Event // waiting for a segment
	untold   []telling      // waiting for a picture
	// toldIn are the segments in which the last events of a kind stand: what is told when it is over began there.
	toldIn  map[camera.EventKind]*storage.Segment
	view    view
	reached time.Time // the latest end of a segment of this run
	missing absence   // since the last segment; none while one is open
	noting  noting
	trouble trouble

	commits     chan committed // of the commit under way; nil when none is
	committing  atomic.Int64   // since when, as turn
	uncommitted bool           // the last commit failed
}

func newSpool(id camera.ID, settings fileSettings, m *meter, r *Recorder) *spool {
	return &spool{
		id: id, begun: r.begun, clock: r.clock, store: r.store, log: r.log.With("camera", id),
		queue: newQueue(r.budget), meter: m, disk: r.disk,
		settings: settings, next: settings, usual: time.Second / 10, // an A9's
		toldIn: make(map[camera.EventKind]*storage.Segment),
	}
}

// run takes items until the queue is closed and empty, then commits. While the disk fails the
// item stays in hand and all behind it in the queue: what the budget holds is not lost.
func (s *spool) run() {
	defer s.finished.Store(true)
	s.resume()
	for {
		s.lookForCommit()
		i, more, over := s.queue.pop()
		switch {
		case more:
			for !s.take(i) {
				if !s.rest() {
					s.dropAll(i)
					break
				}
			}
			s.queue.budget.give(i.cost())
		case over:
			s.tellAll()
			s.finish(storage.GapRestarted)
			s.awaitCommit()
			s.noteGaps()
			s.disk.left(s)
			return
		default:
			s.idle()
		}
	}
}

// rest waits until it is time to try again; false when nothing more comes and the disk has had its
// last chance.
func (s *spool) rest() bool {
	if s.trouble.last {
		return false
	}
	s.turn.Store(0)
	timer := time.NewTimer(time.Until(s.trouble.until))
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-s.queue.closed:
		s.trouble.last = true
	}
	return true
}

// dropAll gives up the item in hand and all that waits.
func (s *spool) dropAll(i item) {
	s.dropItem(i)
	for {
		i, more, _ := s.queue.pop()
		if !more {
			return
		}
		s.dropItem(i)
		s.queue.budget.give(i.cost())
	}
}

func (s *spool) dropItem(i item) {
	switch {
	case i.isPicture():
		s.queue.budget.dropped.Add(1)
		s.meter.change(func(n *DeckStats) { n.Dropped++ })
	case i.kind == itemAudio:
		s.dropSound()
	}
}

// take does what an item asks for; false when the disk failed, and the same is to be tried again.
func (s *spool) take(i item) bool {
	came := i.came
	if i.kind == itemAudio { // it may have lain there for want of a picture
		came = time.Since(s.begun)
	}
	s.turn.Store(int64(came) + 1)
	defer s.turn.Store(0)
	if i.hole {
		s.span.hole, s.span.dropped = true, true
	}
	switch i.kind {
	case itemFrame:
		f := camera.Frame{Camera: s.id, At: i.at, JPEG: i.data, Repaired: i.repaired, Missing: int(i.missing)}
		s.span.dropped, s.span.gone = s.span.dropped || i.dropped, s.span.gone || i.gone
		if f.JPEG == nil {
			s.lost(f)
			return true
		}
		s.asked, s.score, s.track = i.motion, i.score, i.track
		if !s.picture(f) {
			return false
		}
		s.show(f)
	case itemAudio:
		if s.settings.audio {
			s.sound(camera.Audio{Camera: s.id, At: i.at, ALaw: i.data})
		}
	case itemEvent:
		if !i.note.aside {
			s.event(i.note.event)
		}
		switch {
		case i.note.over != nil:
			s.tellOver(i.note.over)
		case !i.note.silent:
			s.tell(i.note.event)
		}
	case itemSettings:
		s.takeUp(i.note.file)
	case itemRest:
		s.rests(i.at, i.note.reason)
	case itemRename:
		s.missing.rename(i.at, i.note.was, i.note.reason)
		s.noteGaps()
	case itemClock:
		s.step(i.note)
	}
	return true
}

// takeUp makes new settings count from the next picture on, so that the segment that ends and the one
// that begins meet.
func (s *spool) takeUp(settings fileSettings) {
	s.next = settings
	if s.segment != nil {
		s.span.cut = settings != s.settings
		return
	}
	s.settings = settings
	s.held.clear()
}
