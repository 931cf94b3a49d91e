package recorder

import (
	"log/slog"
	"sync/atomic"
	"time"

	"v720dvr/camera"
	"v720dvr/storage"
	"v720dvr/storage/avi"
)

// Reasons of a gap. They stand in files: they never change.
const (
	GapSilent = "silent" // the camera sent no pictures
	GapDisk   = "disk"   // the disk did not take them
	GapOff    = "off"    // recording was switched off
)

const defaultSegment = 5 * time.Minute

// maxEvents bounds the events that wait for a segment, the oldest going first.
const maxEvents = 16

// softFull is where a segment ends at the next picture: so far below avi.MaxSize that neither
// that picture nor the sound held until then, nor the index, is refused for want of room.
const softFull = avi.MaxSize - 64<<20

// A deck records one camera. Everything but queue, meter, wanted and finished belongs to run's
// goroutine.
type deck struct {
	id       camera.ID
	store    *storage.Store
	log      *slog.Logger
	queue    *queue
	meter    meter
	wanted   atomic.Pointer[Settings]
	finished atomic.Bool // run has returned

	settings Settings         // of the open segment
	next     Settings         // of the next one
	segment  *storage.Segment // nil when none is open
	ending   *ending          // the segment before, while it waits for its sound
	span     span
	usual    time.Duration  // between two pictures, smoothed
	held     heldSound      // not yet in a segment
	heard    time.Time      // end of the sound in the open segment
	events   []camera.Event // waiting for a segment
	missing  *avi.Gap       // what the next segment will say is missing; its To is open
	trouble  trouble

	uncommitted bool // the last commit failed
}

func newDeck(id camera.ID, store *storage.Store, settings Settings, log *slog.Logger) *deck {
	d := &deck{
		id: id, store: store, log: log, queue: newQueue(),
		settings: settings, next: settings, usual: time.Second / 10, // an A9's
	}
	d.meter.stats.Camera = id
	d.wanted.Store(&settings)
	return d
}

// apply is called from outside.
func (d *deck) apply(s Settings) {
	if *d.wanted.Load() != s {
		d.wanted.Store(&s)
		d.queue.wake()
	}
}

func (d *deck) stats(now time.Time) DeckStats {
	s := d.meter.read(now)
	var frames, sounds int64
	s.Queue, frames, sounds = d.queue.stats()
	s.Dropped += frames
	s.DroppedSound += sounds
	return s
}

// run takes items until the queue is closed and empty, then commits.
func (d *deck) run() {
	defer d.finished.Store(true)
	idle := time.NewTimer(silence)
	defer idle.Stop()
	for {
		d.takeUp(*d.wanted.Load())
		i, more, over := d.queue.pop()
		switch {
		case more:
			d.take(i)
			if i.kind == itemFrame && i.data != nil {
				idle.Reset(silence)
			}
			continue
		case over:
			d.finish("")
			return
		}
		select {
		case <-d.queue.ready:
		case <-idle.C:
			if d.drain() {
				idle.Reset(silence)
			} else {
				d.finish(GapSilent)
			}
		}
	}
}

// drain takes what is in the queue, where sound may lie that woke nobody, and tells whether a
// picture was among it.
func (d *deck) drain() (picture bool) {
	for {
		i, more, _ := d.queue.pop()
		if !more {
			return picture
		}
		d.take(i)
		picture = picture || i.kind == itemFrame && i.data != nil
	}
}

// takeUp makes new settings count: at once when they end the recording, else from the next
// picture on, so that the segment that ends and the one that begins meet.
func (d *deck) takeUp(s Settings) {
	if s == d.next {
		return
	}
	d.next = s
	if d.segment != nil && s.Record {
		d.span.cut = s != d.settings
		return
	}
	d.finish(GapOff)
	d.settings = s
	d.held.clear()
}

func (d *deck) take(i item) {
	switch i.kind {
	case itemFrame:
		f := camera.Frame{Camera: d.id, At: i.at, JPEG: i.data, Repaired: i.repaired, Missing: i.missing}
		if f.JPEG == nil {
			if !i.dropped {
				d.meter.change(func(s *DeckStats) { s.Lost++ })
			}
			d.lost(f)
			return
		}
		now := time.Now()
		d.meter.picture(f.At, len(f.JPEG), f.Repaired, now)
		if d.settings.Record {
			d.picture(f, now)
		}
	case itemAudio:
		if d.settings.Record && d.settings.Audio {
			d.sound(camera.Audio{Camera: d.id, At: i.at, ALaw: i.data})
		}
	case itemEvent:
		if d.settings.Record {
			d.event(camera.Event{Camera: d.id, At: i.at, Kind: i.event, Detail: i.detail})
		}
	}
}
