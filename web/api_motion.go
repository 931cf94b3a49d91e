package web

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"net/http"
	"reflect"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"v720dvr/camera"
	"v720dvr/storage"
)

func (s *Server) motionAPI(api huma.API) {
	j := &judging{s: s, replays: make(map[string]chan struct{})}
	const png = "The picture, twice as large, with the grid, what changed, what counts, the zones, and the reasons in words"
	add(s, api, "POST", "/api/v1/cameras/{camera}/motion/replay", "replay-motion", "Judge past footage again, by other settings and by those in force", j.replay,
		answersJSON[Replay](api), refuses(http.StatusTooManyRequests, http.StatusServiceUnavailable))
	add(s, api, "GET", "/api/v1/cameras/{camera}/motion/busy", "motion-busy", "Tell where something changes all the time, and propose zones to be left out", j.busy,
		refuses(http.StatusTooManyRequests, http.StatusServiceUnavailable))
	add(s, api, "GET", "/api/v1/cameras/{camera}/motion/why.png", "motion-why-picture", "Draw why the picture of a moment is motion, or is not", func(ctx context.Context, in *whyRequest) (*huma.StreamResponse, error) {
		return j.drawn(ctx, camera.ID(in.Camera), in.At, &in.WhyTried)
	}, answers(http.StatusOK, "image/png", png), refuses(http.StatusServiceUnavailable))
	add(s, api, "GET", "/api/v1/cameras/{camera}/motion/why.json", "motion-why", "Tell why the picture of a moment is motion, or is not", func(ctx context.Context, in *whyRequest) (*whyAnswer, error) {
		return j.told(ctx, camera.ID(in.Camera), in.At, &in.WhyTried)
	}, refuses(http.StatusServiceUnavailable))
	add(s, api, "GET", "/api/v1/events/{event}/why.png", "event-why-picture", "Draw why an event began: the picture with the most motion", func(ctx context.Context, in *whyEventRequest) (*huma.StreamResponse, error) {
		id, at, err := s.momentOf(ctx, in.Event)
		if err != nil {
			return nil, err
		}
		return j.drawn(ctx, id, at, &in.WhyTried)
	}, answers(http.StatusOK, "image/png", png), refuses(http.StatusServiceUnavailable))
	add(s, api, "GET", "/api/v1/events/{event}/why.json", "event-why", "Tell why an event began, of the picture with the most motion", func(ctx context.Context, in *whyEventRequest) (*whyAnswer, error) {
		id, at, err := s.momentOf(ctx, in.Event)
		if err != nil {
			return nil, err
		}
		return j.told(ctx, id, at, &in.WhyTried)
	}, refuses(http.StatusServiceUnavailable))
}

type whyAnswer struct{ Body Why }

// answersJSON names the answer of an operation that writes its JSON itself.
func answersJSON[T any](api huma.API) func(*huma.Operation) {
	return func(op *huma.Operation) {
		schema := api.OpenAPI().Components.Schemas.Schema(reflect.TypeFor[T](), true, "")
		op.Responses = map[string]*huma.Response{"200": {Description: "OK", Content: map[string]*huma.MediaType{"application/json": {Schema: schema}}}}
	}
}

// replay judges a span. It ends with the request, and its answer, which may be some megabytes, flows: a span
// may take longer than other requests.
func (j *judging) replay(ctx context.Context, in *replayRequest) (*huma.StreamResponse, error) {
	q := ReplayQuery{
		Camera: camera.ID(in.Camera), From: in.Body.From, To: in.Body.To, Settings: in.Body.Settings, Pictures: in.Body.Pictures, Frames: in.Body.Frames,
	}
	if err := replayable(q.From, q.To); err != nil {
		return nil, err
	}
	if _, err := j.s.camera(ctx, in.Camera); err != nil {
		return nil, err
	}
	told, err := j.alone(ctx, q)
	if err != nil {
		return nil, j.refusal(err, "body.settings.")
	}
	for _, events := range [][]ReplayedEvent{told.Events, told.Now} {
		for i := range events {
			for _, t := range []*time.Time{&events[i].Start, &events[i].End, &events[i].PeakAt, &events[i].Best} {
				*t = j.s.local(*t)
			}
		}
	}
	told.From, told.To = j.s.local(told.From), j.s.local(told.To)
	return flowing(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		if err := json.NewEncoder(w).Encode(told); err != nil {
			j.s.abandon(r, "what was judged again could not be written to its end", err)
		}
	}), nil
}

// momentOf is the camera and the moment of an event that is asked about. One of a camera that who asks may not see is one that is not there.
func (s *Server) momentOf(ctx context.Context, event int64) (camera.ID, time.Time, error) {
	e, err := s.o.Store.Event(ctx, event)
	if errors.Is(err, fs.ErrNotExist) || err == nil && !Asks(ctx).Cameras.Has(e.Camera) {
		return "", time.Time{}, errHidden
	}
	return e.Camera, MomentOf(e), err
}

// MomentOf is the moment of an event that explains it: that with the most motion, or its beginning.
func MomentOf(e storage.EventRecord) time.Time {
	if e.Ending != nil && e.Kind == camera.Motion && !e.Ending.PeakAt.IsZero() {
		return e.Ending.PeakAt
	}
	return e.At
}

func (j *judging) why(ctx context.Context, id camera.ID, at time.Time, tried *WhyTried, draw bool) (Why, error) {
	if err := span(at, at.Add(time.Second)); err != nil {
		return Why{}, err
	}
	settings, err := tried.settings()
	if err != nil {
		return Why{}, mistakes(err, "query.")
	}
	leave, ok := j.whys.take(mostWhys)
	if !ok {
		return Why{}, errReading
	}
	defer leave()
	told, err := j.s.o.Box.Why(ctx, WhyQuery{Camera: id, At: at, Settings: settings, Pictures: tried.Pictures, Draw: draw})
	if err != nil {
		return Why{}, j.refusal(err, "query.")
	}
	told.At = j.s.local(told.At)
	return told, nil
}

func (j *judging) told(ctx context.Context, id camera.ID, at time.Time, tried *WhyTried) (*whyAnswer, error) {
	told, err := j.why(ctx, id, at, tried, false)
	return &whyAnswer{Body: told}, err
}

func (j *judging) drawn(ctx context.Context, id camera.ID, at time.Time, tried *WhyTried) (*huma.StreamResponse, error) {
	told, err := j.why(ctx, id, at, tried, true)
	if err != nil {
		return nil, err
	}
	return kept("image/png", etagOf(told.PNG), told.PNG, http.Header{"X-Timestamp": {timestamp(told.At)}}), nil
}

// refusal makes an answer of what a Judge refuses.
func (j *judging) refusal(err error, place string) error {
	var judge *JudgeError
	var setting *SettingError
	switch {
	case errors.As(err, &judge):
		return huma.Error422UnprocessableEntity(judge.Text)
	case errors.As(err, &setting):
		return mistakes(err, place)
	case errors.Is(err, storage.ErrNoFootage), errors.Is(err, storage.ErrManySegments):
		return j.s.noFootage(err)
	}
	return err
}
