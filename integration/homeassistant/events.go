package homeassistant

import (
	"context"
	"time"

	"v720dvr/camera"
	"v720dvr/recorder/live"
)

// pictured are the events whose picture is told.
var pictured = map[camera.EventKind]bool{camera.Motion: true, camera.Light: true, camera.Sound: true, camera.Asked: true, camera.Device: true}

// moments takes what is new of events.
func (r *Runner) moments(viewer *live.Viewer) {
	for {
		item, ok := viewer.Next()
		if !ok {
			return
		}
		if item.Missed > 0 { // ends may be among them; what goes on is told again
			for _, t := range r.cameras {
				clear(t.going)
				r.tellIfUp(t)
			}
		}
		if m := item.Moment; m != nil {
			if t := r.cameras[m.Camera]; t != nil {
				r.moment(t, *m)
			}
		}
	}
}

func (r *Runner) moment(t *told, m live.Moment) {
	if m.Phase == live.PhaseEnd {
		delete(t.going, m.Kind)
	} else if pictured[m.Kind] {
		t.going[m.Kind] = m.Start
	}
	r.tellIfUp(t)
	if pictured[m.Kind] && m.Phase != live.PhaseUpdate {
		t.last = m
		r.want(m)
	}
}

func (r *Runner) tellIfUp(t *told) {
	if r.link.up() {
		r.tell(t)
	}
}

// want has the picture of an event sent, in place of one of the same camera that waits.
func (r *Runner) want(m live.Moment) {
	r.mu.Lock()
	r.shots[m.Camera] = m
	r.mu.Unlock()
	signal(r.shoot)
}

// takePictures finds those that are wanted, one by one, until ctx ends: they are read from disk.
func (r *Runner) takePictures(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-r.shoot:
		}
		for m, ok := r.nextShot(); ok && ctx.Err() == nil; m, ok = r.nextShot() {
			r.takePicture(ctx, m)
		}
	}
}

func (r *Runner) nextShot() (m live.Moment, ok bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for id, m := range r.shots {
		delete(r.shots, id)
		return m, true
	}
	return m, false
}

// event is what an event's picture has for attributes.
type event struct {
	Camera camera.ID        `json:"camera_id"`
	Kind   camera.EventKind `json:"kind"`
	Begin  time.Time        `json:"begin"`
	End    time.Time        `json:"end,omitzero"` // missing: it goes on
	Zones  []string         `json:"zones,omitempty"`
	Detail string           `json:"detail,omitempty"`
}

func (r *Runner) takePicture(ctx context.Context, m live.Moment) {
	ctx, cancel := context.WithTimeout(ctx, pictureLimit)
	defer cancel()
	at := m.Start
	if m.Phase == live.PhaseEnd && !m.Best.IsZero() {
		at = m.Best
	}
	jpeg, err := r.o.Box.Picture(ctx, m.Camera, at)
	if err != nil || len(jpeg) == 0 {
		r.o.Log.Debug("an event has no picture for Home Assistant", "camera", m.Camera, "err", err)
		return
	}
	if !r.link.up() || !r.isKnown(m.Camera) {
		return
	}
	e := event{Camera: m.Camera, Kind: m.Kind, Begin: m.Start.UTC(), Zones: m.Zones, Detail: m.Detail}
	if m.Phase == live.PhaseEnd {
		e.End = m.End.UTC()
	}
	topic := r.t.ofCamera(m.Camera, keyEvent)
	r.out.put(message{topic: topic, payload: jpeg, retained: true, picture: true})
	r.out.put(message{topic: details(topic), payload: payload(e), retained: true})
}
