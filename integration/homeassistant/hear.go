package homeassistant

import (
	"context"
	"maps"
	"slices"
	"strings"

	"v720dvr/camera"
)

// strangers takes out cameras of which the broker keeps something, and which are not here.
func (r *Runner) strangers(ctx context.Context) {
	r.mu.Lock()
	odd := slices.Collect(maps.Keys(r.odd))
	clear(r.odd)
	r.mu.Unlock()
	r.look(ctx)
	for _, id := range odd {
		if r.cameras[id] == nil && !r.failing && r.link.up() {
			r.remove(id)
		}
	}
}

// hear takes a message of the broker's.
func (r *Runner) hear(topic string, payload []byte, retained bool) {
	if slices.Contains(r.t.births(), topic) {
		if string(payload) == available {
			signal(r.born)
		}
		return
	}
	id, announced := r.t.cameraAnnounced(topic)
	ours := announced && strings.Contains(string(payload), base+r.t.node+"/")
	if !announced {
		var rest string
		id, rest, ours = r.t.cameraIn(topic)
		if ours && strings.Contains(rest, "/") {
			if !retained { // what the broker kept is what somebody wanted once
				r.order(topic, payload)
			}
			return
		}
	}
	if !ours || !retained || len(payload) == 0 {
		return
	}
	r.mu.Lock()
	if !r.known[id] && len(r.odd) < mostStrangers {
		r.odd[id] = true
		signal(r.strange)
	}
	r.mu.Unlock()
}

func (r *Runner) isKnown(id camera.ID) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.known[id]
}
