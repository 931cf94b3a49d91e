package web

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"sync/atomic"

	"github.com/danielgtaylor/huma/v2"
	"golang.org/x/time/rate"

	"v720dvr/camera"
	"v720dvr/recorder/live"
)

// liveSeat is a viewer at a websocket.
type liveSeat struct {
	server *Server
	asks   *Principal
	socket *socket
	viewer *live.Viewer
	limit  *rate.Limiter
	wake   chan struct{} // holds one token when there is a pong or a state to send
	stale  atomic.Bool   // the state is to be sent
	come   atomic.Bool   // so are arrivals
	pong   atomic.Int64  // the ping to be answered and one; of several the last

	mu      sync.Mutex
	cameras []camera.ID // by number less one: a number stays a camera's as long as the connection
	numbers map[camera.ID]uint16

	// Of the sending goroutine alone:
	state  []byte // as it was told
	told   uint64 // number of the newest arrival that was
	buffer []byte // as large as the largest picture that was sent
}

// liveSocket serves the websocket.
func (s *Server) liveSocket(context.Context, *struct{}) (*huma.StreamResponse, error) {
	seated := s.placed(s.seat)
	return itself(func(w http.ResponseWriter, r *http.Request) {
		if status, why := asksForSocket(r); status != 0 {
			w.Header().Set("Upgrade", "websocket")
			problem(w, status, why)
			return
		}
		// Browsers let any page open a websocket and read it: so it is held to what changes are held to.
		change := *r
		change.Method = http.MethodPost
		if s.origins.Check(&change) != nil {
			problem(w, http.StatusForbidden, "this request comes from a page of another site")
			return
		}
		seated(w, r)
	}), nil
}

// seat serves a viewer.
func (s *Server) seat(w http.ResponseWriter, r *http.Request) {
	ctx := r.Context()
	list, err := s.o.Box.Cameras(ctx)
	if err != nil {
		s.o.Log.Error("cannot look up which cameras there are", "err", err)
		problem(w, http.StatusInternalServerError, "the cameras cannot be looked up; the log has more")
		return
	}
	socket, err := openSocket(w, r)
	if err != nil {
		s.o.Log.Debug("cannot open a websocket", "addr", r.RemoteAddr, "err", err)
		return
	}
	asks := Asks(ctx)
	seat := &liveSeat{
		server: s, asks: asks, socket: socket, viewer: s.o.Live.Subscribe(asks.Cameras.Has), wake: make(chan struct{}, 1),
		limit: rate.NewLimiter(messageRate, messageBurst), numbers: make(map[camera.ID]uint16),
	}
	defer seat.viewer.Close()
	defer s.audience.sit(seat)()
	s.audience.tell(list)
	seat.comes()
	var running sync.WaitGroup
	defer running.Wait()
	defer socket.hangUp()
	ended := make(chan error, 1)
	running.Go(func() { seat.receive(ended) })
	running.Go(socket.keepAlive)
	// A write to who takes nothing ends soon behind ctx.
	defer context.AfterFunc(ctx, socket.hangUpSoon)()

	err = seat.serve(ctx, ended)
	var bad badMessage
	switch {
	case asked(ctx).request.Context().Err() != nil:
		socket.close(closeGoing, "v720dvr stops")
	case ctx.Err() != nil:
		socket.close(closeRights, "what you may is not what it was: connect again")
	case errors.As(err, &bad):
		s.audience.bad.Add(1)
		socket.close(closeBad, string(bad))
	}
	s.o.Log.Debug("a viewer left", "who", asks.Who, "addr", r.RemoteAddr, "stats", seat.viewer.Stats(), "err", err)
}

// serve sends until the viewer goes, sends what is no message, or ctx ends.
func (t *liveSeat) serve(ctx context.Context, ended <-chan error) error {
	if err := t.sendHello(); err != nil {
		return err
	}
	for sent := true; ; {
		if sent { // and more may be there
			select {
			case <-ctx.Done():
				return ctx.Err()
			case err := <-ended:
				return err
			default:
			}
		} else {
			select {
			case <-ctx.Done():
				return ctx.Err()
			case err := <-ended:
				return err
			case <-t.viewer.Ready():
			case <-t.wake:
			}
		}
		var err error
		if sent, err = t.sendNext(); err != nil {
			return err
		}
	}
}

// restate has the viewer told how cameras are.
func (t *liveSeat) restate() {
	t.stale.Store(true)
	t.rouse()
}

// comes has the viewer told how far cameras have come in, if it may know.
func (t *liveSeat) comes() {
	if t.asks.May(ScopeRead) {
		t.come.Store(true)
		t.rouse()
	}
}

func (t *liveSeat) rouse() {
	select {
	case t.wake <- struct{}{}:
	default:
	}
}
