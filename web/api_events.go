package web

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"v720dvr/camera"
	"v720dvr/storage"
)

// Event is what happened to a camera or was seen by it.
type Event struct {
	ID      int64            `json:"id" doc:"Until the index is built again"`
	Segment int64            `json:"segment" doc:"In which it stands; 0: its footage was taken away past v720dvr"`
	Camera  camera.ID        `json:"camera"`
	At      time.Time        `json:"at"`
	Kind    camera.EventKind `json:"kind" example:"motion"`
	Detail  string           `json:"detail,omitempty"`

	End     time.Time   `json:"end,omitzero" doc:"Missing: it has no length, or is not over in what is committed"`
	Peak    float64     `json:"peak,omitempty" doc:"Of motion the part of the picture that moved, 0 to 1; of sound how much louder it was than usual, in dB"`
	PeakAt  time.Time   `json:"peak_at,omitzero"`
	Best    time.Time   `json:"best,omitzero" doc:"Capture time of the picture that shows it best"`
	BestBox *camera.Box `json:"best_box,omitempty" doc:"What moves in that picture"`
	Box     *camera.Box `json:"box,omitempty" doc:"Where something moved at any time"`
	Zones   []string    `json:"zones,omitempty" doc:"In which something moved"`

	Seen bool `json:"seen,omitempty" doc:"Who asks has seen it; missing: it is new. To a token all are new"`
	Kept bool `json:"kept,omitempty" doc:"A keep in force holds a part of it"`
}

// EventFilter says which events are wanted.
type EventFilter struct {
	Kind  []string `query:"kind" json:"kind,omitempty" maxItems:"32" doc:"Of these kinds alone"`
	Zone  string   `query:"zone" json:"zone,omitempty" maxLength:"64" doc:"That moved in this zone"`
	Least float64  `query:"min_seconds" json:"min_seconds,omitempty" minimum:"0" maximum:"86400" doc:"As long as this at least"`
	Kept  bool     `query:"kept" json:"kept,omitempty" doc:"That a keep holds"`
	State string   `query:"state" json:"state,omitempty" enum:"new,seen" doc:"That who asks has not seen, or has. Not for a token, which has seen nothing"`
}

type eventsRequest struct {
	PageRequest
	EventFilter
	Known string `header:"If-None-Match" doc:"The ETag of the answer before: 304 when it is the same still"`
}

type eventsAnswer struct {
	ETag  string `header:"ETag" doc:"Changes when an event in the span comes, goes, is seen or kept"`
	Cache string `header:"Cache-Control"`
	Body  struct {
		Events []Event `json:"events" nullable:"false"`
		Next   string  `json:"next,omitempty" doc:"The cursor of the next page; missing: that is all. A page of a filter may be short and have one"`
	}
}

type eventRequest struct {
	Event int64 `path:"event" doc:"Its id"`
}

type eventAnswer struct{ Body Event }

func (s *Server) eventsAPI(api huma.API) {
	add(s, api, "GET", "/api/v1/events", "list-events", "List events of committed segments, by time", s.listEvents)
	add(s, api, "GET", "/api/v1/events/{event}", "event", "Tell of one event", s.oneEvent)
	add(s, api, "GET", "/api/v1/events/days", "event-days", "Count events and footage of each day, for a calendar", s.eventDays)
	add(s, api, "POST", "/api/v1/events/seen", "mark-events", "Mark events as seen by who asks, or as new again", s.markEvents)
}

func (s *Server) listEvents(ctx context.Context, in *eventsRequest) (*eventsAnswer, error) {
	q, err := pageOf(ctx, &in.PageRequest)
	if err != nil {
		return nil, err
	}
	look, err := s.lookAt(ctx, q, in.EventFilter)
	if err != nil {
		return nil, err
	}
	answer := &eventsAnswer{Cache: "private, no-cache"}
	if answer.ETag, err = s.eventsTag(ctx, q, in, look); err != nil {
		return nil, err
	}
	if strings.Contains(in.Known, answer.ETag) {
		return nil, huma.ErrorWithHeaders(huma.Status304NotModified(), http.Header{"ETag": {answer.ETag}, "Cache-Control": {answer.Cache}})
	}
	list, next, err := s.o.Store.EventPage(ctx, q, look.kinds, look.match)
	if err != nil {
		return nil, err
	}
	answer.Body.Events = make([]Event, 0, len(list))
	for _, e := range list {
		answer.Body.Events = append(answer.Body.Events, s.event(e, look))
	}
	if next != nil {
		answer.Body.Next = cursor(*next)
	}
	return answer, nil
}

// eventsTag stands for all that an answer is made of. What changes in the span beyond the page changes it too.
func (s *Server) eventsTag(ctx context.Context, q storage.PageQuery, in *eventsRequest, look *looking) (string, error) {
	mark, err := s.o.Store.EventsMark(ctx, q)
	if err != nil {
		return "", err
	}
	asked := *in
	asked.Known = ""
	return etagOf(fmt.Appendf(nil, "%s %s %d %v %+v", mark, q.Cameras, look.user, look.seen.Mark()+look.kept.Mark(q.From, q.To), asked)), nil
}

func (s *Server) oneEvent(ctx context.Context, in *eventRequest) (*eventAnswer, error) {
	e, err := s.o.Store.Event(ctx, in.Event)
	if errors.Is(err, fs.ErrNotExist) || err == nil && (!Asks(ctx).Cameras.Has(e.Camera) || e.Kind == camera.Ended) {
		return nil, errHidden
	}
	if err != nil {
		return nil, err
	}
	look, err := s.lookAt(ctx, storage.PageQuery{From: e.At, To: e.At.Add(time.Second)}, EventFilter{})
	if err != nil {
		return nil, err
	}
	return &eventAnswer{Body: s.event(e, look)}, nil
}

// looking is what is known beside the index of the events that somebody asks for.
type looking struct {
	kinds []camera.EventKind
	match func(storage.EventRecord) bool // nil: all
	user  int64
	seen  storage.Seen
	kept  storage.Kept
}

// lookAt finds out what a filter needs to know of events of a span.
func (s *Server) lookAt(ctx context.Context, q storage.PageQuery, f EventFilter) (*looking, error) {
	look := &looking{user: -1}
	for _, kind := range f.Kind {
		if len(kind) > 64 {
			return nil, huma.Error422UnprocessableEntity("no kind of event has so long a name")
		}
		look.kinds = append(look.kinds, camera.EventKind(kind))
	}
	var err error
	if Asks(ctx).token == nil {
		look.user = whose(ctx)
		if look.seen, err = s.accounts.Seen(ctx, look.user, q.From, q.To); err != nil {
			return nil, err
		}
	} else if f.State != "" {
		return nil, huma.Error422UnprocessableEntity("a token has seen nothing: a state is for who logs in")
	}
	if look.kept, err = s.o.Store.Kept(ctx, s.o.Now()); err != nil {
		return nil, err
	}
	if f.Zone != "" || f.Least > 0 || f.Kept || f.State != "" {
		look.match = func(e storage.EventRecord) bool { return f.has(e, look) }
	}
	return look, nil
}

// has tells whether an event is wanted.
func (f *EventFilter) has(e storage.EventRecord, look *looking) bool {
	if f.Zone != "" && (e.Ending == nil || !inZone(e.Ending.Zones, f.Zone)) || f.Least > 0 && (e.Ending == nil || e.Ending.Seconds < f.Least) {
		return false
	}
	return (!f.Kept || look.kept.Has(e.Camera, e.At, endOf(e))) && (f.State == "" || look.seen.Has(e) == (f.State == "seen"))
}

func inZone(zones []string, zone string) bool {
	for _, z := range zones {
		if strings.EqualFold(z, zone) {
			return true
		}
	}
	return false
}

func endOf(e storage.EventRecord) time.Time {
	if e.Ending == nil {
		return e.At
	}
	return e.At.Add(time.Duration(e.Ending.Seconds * float64(time.Second)))
}

func (s *Server) event(r storage.EventRecord, look *looking) Event {
	e := Event{ID: r.ID, Segment: r.Segment, Camera: r.Camera, At: s.local(r.At), Kind: r.Kind, Detail: r.Detail}
	if over := r.Ending; over != nil {
		e.End = s.local(endOf(r))
		e.Peak, e.BestBox, e.Box, e.Zones = over.Peak, over.BestBox, over.Box, over.Zones
		if !over.Best.IsZero() {
			e.PeakAt, e.Best = s.local(over.PeakAt), s.local(over.Best)
		}
	}
	e.Seen, e.Kept = look.seen.Has(r), look.kept.Has(r.Camera, r.At, endOf(r))
	return e
}
