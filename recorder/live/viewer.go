package live

import (
	"errors"
	"fmt"
	"slices"

	"v720dvr/camera"
)

// Bounds of a viewer.
const (
	MostUnacked = 2   // pictures that were taken and not acknowledged
	MostWatched = 128 // cameras
)

// Viewer is somebody who looks. Ready and Next are for one goroutine, all else for any.
type Viewer struct {
	hub   *Hub
	may   func(camera.ID) bool
	ready chan struct{}

	// What follows is under the hub's lock.
	watches      map[camera.ID]*watch
	wantsMoments bool
	queue        []*watch // that have a new picture, the one that waits longest first
	grids        []*watch // that have a new grid, in the same order
	unacked      []shown  // MostUnacked at most
	line         line     // of pictures of which every one is wanted
	sounds       sounds
	moments      moments
	stats        Stats
}

// shown is a picture that a viewer was given.
type shown struct {
	id     camera.ID
	number uint32
}

// Stats count what a viewer was given, and what not.
type Stats struct {
	Pictures, Sounds, Moments, Grids int64 // that were taken
	Thinned                          int64 // pictures that gave way to newer ones
	ThinnedGrids                     int64
	DroppedSounds                    int64
	MissedMoments                    int64
}

// Item is something to send: exactly one of its fields is set.
type Item struct {
	Picture Picture
	Sound   Sound
	Moment  *Moment
	Grid    *Grid
	// Missed counts moments that had no place: who wants them all asks for the list of events.
	Missed int
}

// Picture is one of a camera's pictures with its number: they count up by one a picture of the camera,
// whoever was shown it.
type Picture struct {
	camera.Frame
	Number uint32
}

// ErrNotWatched refuses cameras: who asks may not see one of them, or they are more than MostWatched.
var ErrNotWatched = errors.New("cannot be watched")

// Subscribe makes a Viewer, which watches nothing yet. may says which cameras it may see, always the
// same; it is asked under the hub's lock, so it is quick and calls nothing of the hub. Nil: all.
func (h *Hub) Subscribe(may func(camera.ID) bool) *Viewer {
	if may == nil {
		may = func(camera.ID) bool { return true }
	}
	v := &Viewer{hub: h, may: may, ready: make(chan struct{}, 1), watches: make(map[camera.ID]*watch)}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.viewers[v] = struct{}{}
	return v
}

// Watch says what the viewer wants from now on: of these cameras and of no other; tells has it told the
// moments of all that it may see. Of a camera that it begins to watch the latest picture comes at once. Nothing changes
// with an error, which wraps ErrNotWatched.
func (v *Viewer) Watch(cameras map[camera.ID]Want, tells bool) error {
	h := v.hub
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(cameras) > MostWatched {
		return fmt.Errorf("watch %d cameras: more than %d %w", len(cameras), MostWatched, ErrNotWatched)
	}
	for id := range cameras {
		if !v.may(id) {
			return fmt.Errorf("watch %s: %w", id, ErrNotWatched)
		}
	}
	if _, looks := h.viewers[v]; !looks {
		return nil // it is closed
	}
	for id, w := range v.watches {
		if cameras[id].nothing() {
			v.drop(w)
		}
	}
	for id, want := range cameras {
		v.watch(id, want)
	}
	if v.wantsMoments = tells; !tells {
		v.moments = moments{}
	}
	return nil
}

func (v *Viewer) watch(id camera.ID, want Want) {
	if want.nothing() {
		return
	}
	w := v.watches[id]
	if w == nil {
		w = &watch{viewer: v, id: id, feed: v.hub.feed(id)}
		v.watches[id] = w
		w.feed.watches = append(w.feed.watches, w)
	}
	was := w.want
	w.want = want
	if was.Every && (!want.Pictures || !want.Every) {
		v.line.forget(id)
	}
	if !want.Pictures {
		v.unqueue(w)
		w.shown = 0
	} else if !was.Pictures || was.FPS != want.FPS {
		w.pace = paceOf(want.FPS)
		w.begin()
	}
	if was.Sound && !want.Sound {
		v.sounds.forget(id)
	}
	if !want.Grids {
		v.forgetGrid(w)
	} else if !was.Grids || was.FPS != want.FPS {
		w.gridPace = paceOf(want.FPS)
	}
}

// drop ends a watch.
func (v *Viewer) drop(w *watch) {
	delete(v.watches, w.id)
	v.unqueue(w)
	v.line.forget(w.id)
	v.forgetGrid(w)
	v.sounds.forget(w.id)
	w.end(v.hub)
}

// Close ends the viewer.
func (v *Viewer) Close() {
	v.hub.mu.Lock()
	defer v.hub.mu.Unlock()
	for _, w := range v.watches {
		v.drop(w)
	}
	v.moments = moments{}
	delete(v.hub.viewers, v)
}

// Ready holds a token when Next may have something new.
func (v *Viewer) Ready() <-chan struct{} { return v.ready }

// Next takes what is to be sent next: sound before moments, those before grids, and those before pictures. It never waits;
// false when there is nothing now. The bytes in it are shared with everybody.
func (v *Viewer) Next() (Item, bool) {
	v.hub.mu.Lock()
	defer v.hub.mu.Unlock()
	if a, ok := v.sounds.take(); ok {
		v.stats.Sounds++
		return Item{Sound: a}, true
	}
	if n := v.moments.missed; n > 0 {
		v.moments.missed = 0
		return Item{Missed: n}, true
	}
	if m := v.moments.take(); m != nil {
		v.stats.Moments++
		return Item{Moment: m}, true
	}
	if len(v.grids) > 0 {
		grid := v.grids[0].grid
		v.forgetGrid(v.grids[0])
		v.stats.Grids++
		return Item{Grid: &grid}, true
	}
	if p, ok := v.line.take(); ok {
		v.stats.Pictures++
		return Item{Picture: p}, true
	}
	if len(v.queue) == 0 || len(v.unacked) == MostUnacked {
		return Item{}, false
	}
	w := v.queue[0]
	v.unqueue(w)
	w.shown = w.feed.pictures
	v.unacked = append(v.unacked, shown{w.id, w.shown})
	v.stats.Pictures++
	return Item{Picture: Picture{w.feed.latest, w.shown}}, true
}

// Ack says that a picture was painted, so that another may come. False: none with this number waits for it.
func (v *Viewer) Ack(id camera.ID, number uint32) bool {
	v.hub.mu.Lock()
	defer v.hub.mu.Unlock()
	i := slices.Index(v.unacked, shown{id, number})
	if i < 0 {
		return false
	}
	v.unacked = slices.Delete(v.unacked, i, i+1)
	if len(v.queue) > 0 {
		v.wake()
	}
	return true
}

// Stats tells what came of it so far.
func (v *Viewer) Stats() Stats {
	v.hub.mu.Lock()
	defer v.hub.mu.Unlock()
	return v.stats
}

// see has a picture of a camera sent that has just come.
func (v *Viewer) see(w *watch) {
	if !w.want.Every {
		v.show(w)
		return
	}
	w.shown = w.feed.pictures
	v.queueUp(Picture{w.feed.latest, w.feed.pictures})
}

// show has the newest picture of a camera sent when it is its turn.
func (v *Viewer) show(w *watch) {
	if w.waits {
		v.stats.Thinned++
		return
	}
	w.waits = true
	v.queue = append(v.queue, w)
	if len(v.unacked) < MostUnacked {
		v.wake()
	}
}

func (v *Viewer) unqueue(w *watch) {
	if w.waits {
		w.waits = false
		i := slices.Index(v.queue, w)
		v.queue = slices.Delete(v.queue, i, i+1)
	}
}

// hear has a piece of sound sent.
func (v *Viewer) hear(a Sound) {
	v.stats.DroppedSounds += int64(v.sounds.add(a))
	v.wake()
}

func (v *Viewer) tell(m Moment) {
	before := v.moments.missed
	v.moments.add(m)
	v.stats.MissedMoments += int64(v.moments.missed - before)
	v.wake()
}

// forget drops all of a camera that waits.
func (v *Viewer) forget(id camera.ID) {
	v.line.forget(id)
	if w := v.watches[id]; w != nil {
		v.unqueue(w)
		v.forgetGrid(w)
		w.pace, w.gridPace = paceOf(w.want.FPS), paceOf(w.want.FPS)
	}
	v.sounds.forget(id)
	v.moments.list = slices.DeleteFunc(v.moments.list, func(m Moment) bool { return m.Camera == id })
}

func (v *Viewer) wake() {
	select {
	case v.ready <- struct{}{}:
	default:
	}
}
