package homeassistant

import (
	"context"
	"time"

	"v720dvr/camera"
)

// tellAll tells everything anew.
func (r *Runner) tellAll(ctx context.Context) {
	clear(r.sent)
	r.status = time.Time{}
	for _, c := range r.cameras {
		c.picture = time.Time{}
		if !c.last.Start.IsZero() {
			r.want(c.last)
		}
	}
	r.keep(r.t.status(), []byte(available))
	r.look(ctx)
}

// keep has the broker keep a state, unless it does.
func (r *Runner) keep(topic string, payload []byte) {
	if old, there := r.sent[topic]; there && old == string(payload) {
		return
	}
	r.sent[topic] = string(payload)
	r.out.put(message{topic: topic, payload: payload, retained: true})
}

// look asks the box how things are, and tells what is new.
func (r *Runner) look(ctx context.Context) {
	if !r.link.up() {
		return
	}
	now := time.Now()
	list, err := r.o.Box.Cameras(ctx)
	if err == nil && now.Sub(r.status) >= statusEvery {
		err = r.lookAtBox(ctx, now)
	}
	if err != nil {
		if !r.failing && ctx.Err() == nil {
			r.o.Log.Warn("what Home Assistant is to be told cannot be found out; it is tried again", "err", err)
		}
		r.failing = true
		return
	}
	r.failing = false
	here := make(map[camera.ID]bool, len(list))
	for _, c := range list {
		here[c.ID] = true
		r.lookAt(c, now)
	}
	for id := range r.cameras {
		if !here[id] {
			r.remove(id)
		}
	}
	r.mu.Lock()
	r.known = here
	r.mu.Unlock()
}

func (r *Runner) lookAtBox(ctx context.Context, now time.Time) error {
	s, err := r.o.Box.Status(ctx)
	if err != nil {
		return err
	}
	r.keep(r.t.announcement(r.t.device()), r.t.announceBox(r.o.About))
	for _, s := range r.t.statesOfBox(s) {
		r.keep(s.topic, s.payload)
	}
	r.status = now
	return nil
}

func (r *Runner) lookAt(c Camera, now time.Time) {
	t := r.cameras[c.ID]
	if t == nil {
		t = &told{going: make(map[camera.EventKind]time.Time)}
		r.cameras[c.ID] = t
	}
	t.Camera = c
	t.loss = t.losses.look(now, c.Frames, c.Lost)
	if !c.shown() {
		clear(t.going) // nobody tells their end
	}
	r.keep(r.t.announcement(deviceOf(c.ID)), r.t.announceCamera(c, r.o.About))
	r.tell(t)
	r.show(t, now)
}

// tell tells a camera's states.
func (r *Runner) tell(t *told) {
	for _, s := range r.t.statesOf(t.Camera, t.going, t.loss) {
		r.keep(s.topic, s.payload)
	}
}

// show sends a camera's newest picture now and then: video is for other ways. docs/homeassistant.md.
func (r *Runner) show(t *told, now time.Time) {
	if !t.shown() || len(t.going) == 0 && now.Sub(t.at) < pictureEvery && !t.picture.IsZero() {
		return
	}
	f, ok := r.o.Live.Latest(t.ID)
	if !ok || f.At.Equal(t.picture) {
		return
	}
	t.picture, t.at = f.At, now
	r.out.put(message{topic: r.t.ofCamera(t.ID, keyPicture), payload: f.JPEG, picture: true})
}

// remove takes a camera out of Home Assistant, and what the broker keeps of it.
func (r *Runner) remove(id camera.ID) {
	gone := []string{r.t.announcement(deviceOf(id)), r.t.ofCamera(id, keyShown), details(r.t.ofCamera(id, keyEvent))}
	for _, th := range ofCamera {
		gone = append(gone, r.t.ofCamera(id, th.key))
	}
	for _, topic := range gone {
		delete(r.sent, topic)
		r.out.put(message{topic: topic, retained: true})
	}
	delete(r.cameras, id)
	r.o.Log.Info("camera removed from Home Assistant", "camera", id)
}
