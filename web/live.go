package web

import (
	"context"
	"errors"
	"math"
	"net/http"
	"net/netip"
	"reflect"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
)

// Bounds of those who look at cameras now, whichever way: the websocket, live.mjpeg, live.wav.
const (
	mostViewers             = 64
	mostViewersOfOneAddress = 16                     // loopback is free: a proxy is one address
	streamWriteTime         = 15 * time.Second       // for a piece of a stream to go; who takes nothing for so long is gone
	cameraEvery             = time.Second            // how often viewers are told how cameras are, at most
	arrivalEvery            = 100 * time.Millisecond // between two steps of a camera that comes in and those before, at most
)

func (s *Server) liveAPI(api huma.API) {
	add(s, api, "GET", "/api/v1/live", "live", "Pictures, sound, state and events of any number of cameras, over a websocket", s.liveSocket,
		answers(http.StatusSwitchingProtocols, "", "A websocket; docs/api.md has its messages"))
	add(s, api, "GET", "/api/v1/cameras/{camera}/latest.jpg", "latest-picture", "The latest picture", s.latestPicture,
		answers(http.StatusOK, "image/jpeg", "As the camera made it, or smaller"))
	add(s, api, "GET", "/api/v1/cameras/{camera}/live.mjpeg", "live-pictures", "Pictures as they come, without end", s.livePictures,
		answers(http.StatusOK, "multipart/x-mixed-replace", "A picture a part, each with Content-Length and X-Timestamp"))
	add(s, api, "GET", "/api/v1/cameras/{camera}/live.wav", "live-sound", "Sound as it comes, without end", s.liveSound,
		answers(http.StatusOK, "audio/wav", "PCM of 16 bits, 8000 samples a second, mono; both sizes of the header are FFFFFFFF"))
}

// answers says in the document what an operation answers that is no JSON.
func answers(status int, contentType, description string) func(*huma.Operation) {
	return func(op *huma.Operation) {
		op.DefaultStatus = status
		response := &huma.Response{Description: description}
		if contentType != "" {
			response.Content = map[string]*huma.MediaType{contentType: {Schema: &huma.Schema{Type: "string", Format: "binary"}}}
		}
		op.Responses = map[string]*huma.Response{strconv.Itoa(status): response}
	}
}

// itself has an operation answered by h.
func itself(h http.HandlerFunc) *huma.StreamResponse {
	return &huma.StreamResponse{Body: func(c huma.Context) {
		r, w := humago.Unwrap(c)
		h(w, r)
	}}
}

// placed bounds those who have a stream: h runs while this one has a place.
func (s *Server) placed(h http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		leave, ok := s.audience.enter(remote(r))
		if !ok {
			w.Header().Set("Retry-After", "10")
			problem(w, http.StatusServiceUnavailable, "as many look at cameras now as may")
			return
		}
		defer leave()
		h(w, r)
	}
}

// audience are those who look now.
type audience struct {
	bad atomic.Int64 // messages of viewers that were none

	mu    sync.Mutex
	over  bool
	all   int
	of    map[netip.Prefix]int   // as many as look
	seats map[*liveSeat]struct{} // those at a websocket
	known []Camera               // how the cameras were last
	gone  sync.WaitGroup
}

func newAudience() *audience {
	return &audience{of: make(map[netip.Prefix]int), seats: make(map[*liveSeat]struct{})}
}

// enter takes a place; call leave to give it back.
func (a *audience) enter(from netip.Addr) (leave func(), ok bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	at, free := place(from), from.IsLoopback() || !from.IsValid()
	if a.over || a.all >= mostViewers || !free && a.of[at] >= mostViewersOfOneAddress {
		return nil, false
	}
	a.all++
	a.of[at]++
	a.gone.Add(1)
	return func() {
		a.mu.Lock()
		defer a.mu.Unlock()
		a.all--
		if a.of[at]--; a.of[at] == 0 {
			delete(a.of, at)
		}
		a.gone.Done()
	}, true
}

// dismiss lets nobody in any more, and waits until all have left: their contexts have ended. (A websocket
// is no connection of net/http any more, which waits for none.)
func (a *audience) dismiss() {
	a.mu.Lock()
	a.over = true
	a.mu.Unlock()
	a.gone.Wait()
}

// sit has a seat told how cameras are, until the function returned is called.
func (a *audience) sit(seat *liveSeat) (rise func()) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.seats[seat] = struct{}{}
	return func() {
		a.mu.Lock()
		defer a.mu.Unlock()
		delete(a.seats, seat)
	}
}

// cameras is how cameras were last; the list is not changed.
func (a *audience) cameras() []Camera {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.known
}

// tell tells the seats how cameras are, if that is new.
func (a *audience) tell(list []Camera) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if reflect.DeepEqual(list, a.known) {
		return
	}
	a.known = slices.Clone(list)
	for seat := range a.seats {
		seat.restate()
	}
}

func (a *audience) empty() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return len(a.seats) == 0
}

// arrived has the seats told of cameras that come in.
func (a *audience) arrived() {
	a.mu.Lock()
	defer a.mu.Unlock()
	for seat := range a.seats {
		seat.comes()
	}
}

// watchCameras asks once a second how cameras are while somebody wants to know, and soon behind each step
// of one that comes in, until ctx ends.
func (s *Server) watchCameras(ctx context.Context) {
	tick := time.NewTicker(cameraEvery)
	defer tick.Stop()
	_, number, changed := s.o.Box.Arrivals(math.MaxUint64)
	var soon <-chan time.Time // when the steps are told that have come
	for {
		select {
		case <-ctx.Done():
			return
		case <-changed:
			changed, soon = nil, time.After(arrivalEvery)
			continue
		case <-soon:
			soon = nil
			_, number, changed = s.o.Box.Arrivals(number)
			s.audience.arrived()
		case <-tick.C:
		}
		if s.audience.empty() {
			continue
		}
		list, err := s.o.Box.Cameras(ctx)
		if err != nil {
			if ctx.Err() == nil {
				s.o.Log.Warn("cannot look up how cameras are", "err", err)
			}
			continue
		}
		s.audience.tell(list)
	}
}

// errNoWriteDeadline is a connection that could keep a stream for ever.
var errNoWriteDeadline = errors.New("the connection has no write deadline")

// piece writes a piece of a stream, and has it sent.
func piece(w http.ResponseWriter, parts ...[]byte) error {
	control := http.NewResponseController(w)
	if err := control.SetWriteDeadline(time.Now().Add(streamWriteTime)); err != nil {
		return errors.Join(errNoWriteDeadline, err)
	}
	for _, part := range parts {
		if _, err := w.Write(part); err != nil {
			return err
		}
	}
	return control.Flush()
}
