package recorder

import (
	"sync/atomic"
	"time"

	"v720dvr/camera"
)

// A deck decides what is recorded of one camera, picture by picture, and hands it on to its spool. It
// never waits for a disk. Everything but queue, roll, meter, wanted and what they hold belongs to run's
// goroutine. What it records is here, why it records nothing in rest.go, what it
// tells in happen.go, what it sees and hears in sight.go, what is wrong with that in health.go, and to whom it shows that in show.go.
type deck struct {
	id     camera.ID
	begun  time.Time // of the recorder: items say when they came since then
	clock  *wallClock
	queue  *queue
	spool  *spool
	roll   *preroll
	meter  *meter
	wanted atomic.Pointer[Settings]
	moves  atomic.Uint32 // of the last picture: 65535 is all of it

	settings Settings
	judge    judge
	ruling   ruling
	plan     planner
	rest     rest
	sight    sight
	checkup  checkup
	showing  showing
	hushed   time.Time     // what was captured before is not to be recorded: it was paused
	latest   time.Time     // up to where was judged: it does not go back but with the clock
	set      time.Duration // steps of the wall clock that were followed
	last     time.Duration // when the last picture came
	owed     bool          // the spool is to be woken
	notes    []noted
	replayed []item // scratch
}

func newDeck(id camera.ID, settings Settings, r *Recorder) *deck {
	m := new(meter)
	m.stats.Camera = id
	offset, steps := r.clock.read()
	begun := r.clock.of(r.clock.begun, offset)
	d := &deck{
		id: id, begun: r.clock.begun, clock: r.clock, meter: m, roll: newPreroll(r.budget), set: steps,
		judge: judge{id: id, store: r.store}, showing: newShowing(r),
		rest:   rest{begun: begun, seen: begun, silent: true},
		latest: begun,
		// In this order: of two items that came together, the spool's is the older one.
		spool: newSpool(id, settings.file(), m, r), queue: newQueue(r.budget),
	}
	d.take(settings)
	d.wanted.Store(&settings)
	return d
}

// apply is called from outside.
func (d *deck) apply(s Settings) {
	if !d.wanted.Load().Equal(s) {
		d.wanted.Store(&s)
		d.queue.wake()
	}
}

func (d *deck) stats(now time.Duration) DeckStats {
	s := d.meter.read(now)
	for _, q := range []*queue{d.queue, d.spool.queue} {
		n, frames, sounds := q.stats()
		s.Queue += n
		s.Dropped += frames
		s.DroppedSound += sounds
	}
	s.Unheld = d.roll.dropped()
	s.Moves = float64(d.moves.Load()) / 65535
	return s
}

// run takes items until the queue is closed and empty.
func (d *deck) run() {
	defer d.spool.queue.close()
	d.last = time.Since(d.begun)
	d.look()
	idle := time.NewTimer(silence)
	defer idle.Stop()
	waits := true // for the camera to fall silent
	for {
		d.takeUp(d.wanted.Load())
		i, more, over := d.queue.pop()
		if more {
			if d.accept(i) && !waits {
				waits = true
				idle.Reset(silence)
			}
			continue
		}
		d.wakeSpool()
		if over {
			d.endSight()
			d.endEpisodes(d.clock.today())
			d.wakeSpool()
			return
		}
		select {
		case <-d.queue.ready:
			d.look()
		case <-idle.C:
			// What lies in the queue may hold a picture that came in this moment.
			for i, more, _ := d.queue.pop(); more; i, more, _ = d.queue.pop() {
				d.accept(i)
			}
			if left := d.last + silence - time.Since(d.begun); left > 0 {
				idle.Reset(left)
				continue
			}
			waits = false
			d.fellSilent()
		}
	}
}

// look does what is due without a picture, once a second: a mode changes, an episode ends, the clock was
// set. Pictures that are still on their way are waited for.
func (d *deck) look() {
	now, _ := d.follow()
	d.settle()
	d.rule(now.Add(-late))
	d.roll.dropBefore(now.Add(-d.plan.preroll - 2*late))
	d.wakeSpool()
}

// takeUp hands new settings on: they hold from this place in the order on.
func (d *deck) takeUp(s *Settings) {
	if s.Equal(d.settings) {
		return
	}
	if file := s.file(); file != d.settings.file() {
		d.decide(item{kind: itemSettings, note: &note{file: file}})
	}
	d.take(*s)
	now, _ := d.follow()
	d.latest = now
	d.rule(now)
}

func (d *deck) take(s Settings) {
	d.settings = s
	d.plan.preroll, d.plan.postroll = max(s.Preroll, 0), max(s.Postroll, 0)
	d.judge.take(s.Plan)
	d.takeSight(s)
	d.takeHealth(s)
	if !s.rolls() {
		d.roll.clear()
	}
}

// follow moves all that is known when the wall clock was set, and returns what it says now, and its offset.
func (d *deck) follow() (now time.Time, offset time.Duration) {
	offset, steps := d.clock.read()
	now = d.clock.of(time.Now(), offset)
	by := steps - d.set
	if by == 0 {
		return now, offset
	}
	d.set = steps
	d.endSight() // by the clock as it was
	d.latest = d.latest.Add(by)
	d.hushed = d.hushed.Add(by)
	d.plan.shift(by)
	d.roll.shift(by)
	d.rest.shift(by)
	d.judge.zone = nil
	d.decide(item{kind: itemClock, at: now, note: &note{by: by, aside: d.ruling.mode == paused, event: camera.Event{
		Camera: d.id, At: now, Kind: camera.Clock, Detail: setBy(by),
	}}})
	return now, offset
}

// rule asks which mode is in force for a picture of that time, and ends the episodes that are over by then.
func (d *deck) rule(at time.Time) {
	if at.Before(d.latest) {
		at = d.latest
	}
	if r := d.judge.rule(at); r.mode != d.ruling.mode || r.reason != d.ruling.reason {
		d.turn(r)
	}
	d.latest = at
	d.endOver(at)
}

// endOver ends the episodes that are over by then.
func (d *deck) endOver(at time.Time) {
	for e, ok := d.plan.over(at); ok; e, ok = d.plan.over(at) {
		d.tellEnd(e, at)
	}
}

// turn brings another mode into force: since when it is, as far as pictures were not judged by the other.
func (d *deck) turn(r ruling) {
	since := r.from
	if since.Before(d.latest) {
		since = d.latest
	}
	if r.mode == paused || r.mode == off {
		d.endSight()
	}
	if r.mode == paused {
		d.endEpisodes(since)
		d.roll.clear()
		d.forgetShown()
	}
	if d.ruling.mode == paused { // what was captured in the pause may still be on its way
		d.hushed = d.clock.today()
		if p, _ := d.judge.store.Paused(d.id, d.hushed); !p.Until.IsZero() && p.Until.Before(d.hushed) { // nobody ended it
			d.hushed = p.Until
		}
	}
	d.idles(since)
	d.ruling = r
	d.plan.turn(r.mode, since)
	d.ruled(since)
	d.release()
}
