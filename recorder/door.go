package recorder

import "v720dvr/camera"

// Frame implements camera.Sink. It never waits.
func (r *Recorder) Frame(f camera.Frame) {
	if d := r.deck(f.Camera); d != nil {
		d.queue.push(item{kind: itemFrame, at: f.At, came: r.now(), data: f.JPEG, repaired: f.Repaired, missing: int32(f.Missing)})
	}
}

// Audio implements camera.Sink. It never waits.
func (r *Recorder) Audio(a camera.Audio) {
	if d := r.deck(a.Camera); d != nil {
		d.queue.push(item{kind: itemAudio, at: a.At, came: r.now(), data: a.ALaw})
	}
}

// Event implements camera.Sink. It never waits.
func (r *Recorder) Event(e camera.Event) {
	if d := r.deck(e.Camera); d != nil {
		d.queue.push(item{kind: itemEvent, at: e.At, came: r.now(), note: &note{event: e}})
	}
}

// Trigger tells that something happened which is to be recorded. It never waits. One for a camera that gave
// nothing in this run, and that Expect was not told of, is forgotten. At is the wall clock's, or has time.Now's
// monotonic reading.
func (r *Recorder) Trigger(t Trigger) {
	r.mu.RLock()
	d := r.decks[t.Camera]
	r.mu.RUnlock()
	if d != nil {
		d.queue.push(item{kind: itemTrigger, at: t.At, came: r.now(), note: &note{trigger: t}})
	}
}

// Expect names cameras that may come: why nothing is recorded of them is written down even before they do. It
// is to be called for those that were recorded in an earlier run.
func (r *Recorder) Expect(ids ...camera.ID) {
	for _, id := range ids {
		r.deck(id)
	}
}

// deck returns a camera's deck, making it at the first value; nil when the recorder has stopped.
func (r *Recorder) deck(id camera.ID) *deck {
	r.mu.RLock()
	d := r.decks[id]
	r.mu.RUnlock()
	if d != nil {
		return d
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if d := r.decks[id]; d != nil || r.stopped {
		return d
	}
	d = newDeck(id, r.settings(id), r)
	r.decks[id] = d
	r.fresh = append(r.fresh, d)
	select {
	case r.wake <- struct{}{}:
	default:
	}
	return d
}
