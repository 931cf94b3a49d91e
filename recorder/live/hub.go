package live

import (
	"sync"

	"v720dvr/camera"
)

// Hub takes what cameras give and has viewers told. Its methods may be called from any goroutine.
type Hub struct {
	// One lock for all: what it guards takes well under a microsecond a viewer, and nothing is written,
	// read or waited for under it.
	mu      sync.Mutex
	feeds   map[camera.ID]*feed // as many as cameras were seen: the cloud bounds those
	viewers map[*Viewer]struct{}
}

// feed is what comes of one camera.
type feed struct {
	latest   camera.Frame // without a picture: there was none, or it was forgotten
	pictures uint32       // number of the latest picture, from 1
	sounds   uint32       // number of the latest piece of sound, from 1
	watches  []*watch     // of those who look now
}

// NewHub makes a Hub.
func NewHub() *Hub {
	return &Hub{feeds: make(map[camera.ID]*feed), viewers: make(map[*Viewer]struct{})}
}

// Frame takes a picture, in capture order for each camera. The place of a lost one is passed over: what
// viewers see stays until there is something newer.
func (h *Hub) Frame(f camera.Frame) {
	if f.JPEG == nil {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	feed := h.feed(f.Camera)
	feed.latest = f
	feed.pictures++
	for _, w := range feed.watches {
		if w.want.Pictures && w.pace.due(f.At) {
			w.viewer.see(w)
		}
	}
}

// Audio takes a piece of sound, in capture order for each camera.
func (h *Hub) Audio(a camera.Audio) {
	h.mu.Lock()
	defer h.mu.Unlock()
	feed := h.feed(a.Camera)
	feed.sounds++
	for _, w := range feed.watches {
		if w.want.Sound {
			w.viewer.hear(Sound{Audio: a, Number: feed.sounds})
		}
	}
}

// Moment takes what is new of an event.
func (h *Hub) Moment(m Moment) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for v := range h.viewers {
		if v.wantsMoments && v.may(m.Camera) {
			v.tell(m)
		}
	}
}

// Forget lets go the latest picture of a camera, and whatever of it waits for viewers: it is paused for
// privacy. What is being written in this moment goes out. Pictures that come later are shown.
func (h *Hub) Forget(id camera.ID) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if f := h.feeds[id]; f != nil {
		f.latest = camera.Frame{}
	}
	for v := range h.viewers {
		v.forget(id)
	}
}

// Latest is the newest picture of a camera; false when there is none.
func (h *Hub) Latest(id camera.ID) (camera.Frame, bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	f := h.feeds[id]
	if f == nil || f.latest.JPEG == nil {
		return camera.Frame{}, false
	}
	return f.latest, true
}

// Viewers counts those who look now.
func (h *Hub) Viewers() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.viewers)
}

// feed finds or makes the feed of a camera.
func (h *Hub) feed(id camera.ID) *feed {
	f := h.feeds[id]
	if f == nil {
		f = new(feed)
		h.feeds[id] = f
	}
	return f
}
