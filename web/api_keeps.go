package web

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"v720dvr/camera"
	"v720dvr/storage"
)

// Keep is a span of a camera's time that retention leaves alone.
type Keep struct {
	ID       int64     `json:"id" doc:"Never given twice"`
	Camera   camera.ID `json:"camera"`
	From     time.Time `json:"from"`
	To       time.Time `json:"to" doc:"What begins there is not in it"`
	Note     string    `json:"note"`
	Until    time.Time `json:"until,omitzero" doc:"When it is over by itself; missing: when it is taken away"`
	InForce  bool      `json:"in_force" doc:"false: it is over, and is forgotten a month after its end"`
	Who      string    `json:"who" doc:"Who made it"`
	Made     time.Time `json:"made"`
	Segments int       `json:"segments" doc:"Committed ones that it holds: all that overlap it, whole"`
	Bytes    int64     `json:"bytes" doc:"Of these"`
	Seconds  float64   `json:"seconds" doc:"Of these; what two keeps hold counts for both"`
}

func (s *Server) keep(k storage.Keep) Keep {
	return Keep{
		ID: k.ID, Camera: k.Camera, From: s.local(k.From), To: s.local(k.To), Note: k.Note,
		Until: s.local(k.Until), InForce: k.Holds(s.o.Now()), Who: k.Who, Made: s.local(k.Made),
		Segments: k.Held.Segments, Bytes: k.Held.Bytes, Seconds: k.Held.Length.Seconds(),
	}
}

type keepsAnswer struct {
	Body struct {
		Keeps []Keep `json:"keeps" nullable:"false"`
		Next  string `json:"next,omitempty" doc:"The cursor of the next page; missing: that is all"`
	}
}

type keepAnswer struct{ Body Keep }

type newKeepRequest struct {
	Body struct {
		Camera string    `json:"camera" maxLength:"64"`
		From   time.Time `json:"from"`
		To     time.Time `json:"to" doc:"It may lie ahead: what is recorded until then is kept too"`
		Note   string    `json:"note,omitempty" maxLength:"500" doc:"A line of 500 bytes at most"`
		Until  time.Time `json:"until,omitzero" doc:"When it is over by itself; missing: when it is taken away"`
	}
}

// KeepPath is the keep that a path names.
type KeepPath struct {
	Keep int64 `path:"keep" doc:"Its id"`
}

type changeKeepRequest struct {
	KeepPath
	Body struct {
		Note    *string    `json:"note,omitempty" maxLength:"500" doc:"A line of 500 bytes at most"`
		Until   *time.Time `json:"until,omitempty" doc:"When it is over by itself"`
		Endless bool       `json:"endless,omitempty" doc:"Instead of until: it is over when it is taken away"`
	}
}

func (s *Server) keepsAPI(api huma.API) {
	add(s, api, "GET", "/api/v1/keeps", "list-keeps", "List keeps that overlap a span, by their begin", s.listKeeps)
	add(s, api, "POST", "/api/v1/keeps", "add-keep", "Keep a span: no rule of retention deletes what overlaps it", s.addKeep, created)
	add(s, api, "PATCH", "/api/v1/keeps/{keep}", "change-keep", "Change note or end of a keep", s.changeKeep)
	add(s, api, "DELETE", "/api/v1/keeps/{keep}", "end-keep", "Unlock: from now on retention may delete what it held", s.endKeep)
}

func (s *Server) listKeeps(ctx context.Context, in *PageRequest) (*keepsAnswer, error) {
	q, err := pageOf(ctx, in)
	if err != nil {
		return nil, err
	}
	list, err := s.o.Store.Keeps(ctx, storage.KeepQuery(q))
	if err != nil {
		return nil, err
	}
	answer := new(keepsAnswer)
	answer.Body.Keeps = make([]Keep, 0, len(list))
	for _, k := range list {
		answer.Body.Keeps = append(answer.Body.Keeps, s.keep(k))
	}
	if len(list) == q.Limit {
		last := list[len(list)-1]
		answer.Body.Next = cursor(storage.Place{At: last.From, ID: last.ID})
	}
	return answer, nil
}

func (s *Server) addKeep(ctx context.Context, in *newKeepRequest) (*keepAnswer, error) {
	id, err := camera.ParseID(in.Body.Camera)
	if err != nil || !Asks(ctx).Cameras.Has(id) {
		return nil, ErrNoCamera
	}
	if _, err := s.camera(ctx, string(id)); err != nil {
		return nil, err
	}
	made, err := s.o.Store.Keep(ctx, storage.Keep{
		Camera: id, From: in.Body.From, To: in.Body.To, Note: in.Body.Note, Until: in.Body.Until, Who: Asks(ctx).Who,
	})
	if err != nil {
		return nil, err
	}
	s.aboutKeep(ctx, made)
	return &keepAnswer{Body: s.keep(made)}, nil
}

func (s *Server) changeKeep(ctx context.Context, in *changeKeepRequest) (*keepAnswer, error) {
	if _, err := s.ownKeep(ctx, in.Keep); err != nil {
		return nil, err
	}
	change := storage.KeepChange{Note: in.Body.Note, Until: in.Body.Until}
	if in.Body.Endless {
		if change.Until != nil {
			return nil, huma.Error422UnprocessableEntity("a keep has an end or none, not both")
		}
		change.Until = new(time.Time)
	}
	changed, err := s.o.Store.ChangeKeep(ctx, in.Keep, change)
	if err != nil {
		return nil, err
	}
	s.aboutKeep(ctx, changed)
	return &keepAnswer{Body: s.keep(changed)}, nil
}

func (s *Server) endKeep(ctx context.Context, in *KeepPath) (*struct{}, error) {
	k, err := s.ownKeep(ctx, in.Keep)
	if err != nil {
		return nil, err
	}
	s.aboutKeep(ctx, k)
	return nil, s.o.Store.Unkeep(ctx, in.Keep)
}

// ownKeep finds a keep. One of a camera that who asks may not see is one that is not there.
func (s *Server) ownKeep(ctx context.Context, id int64) (storage.Keep, error) {
	k, err := s.o.Store.FindKeep(ctx, id)
	if errors.Is(err, storage.ErrUnknown) || err == nil && !Asks(ctx).Cameras.Has(k.Camera) {
		return storage.Keep{}, errHidden
	}
	return k, err
}

// aboutKeep says in the audit log which keep it was.
func (s *Server) aboutKeep(ctx context.Context, k storage.Keep) {
	about(ctx, string(k.Camera), KeepInAudit(k, s.o.Box.Location()))
}

// KeepInAudit is a keep as the audit log has it, which cuts a long note.
func KeepInAudit(k storage.Keep, zone *time.Location) string {
	until := ""
	if !k.Until.IsZero() {
		until = " until " + k.Until.In(zone).Format(time.RFC3339)
	}
	return fmt.Sprintf("keep %d: %s to %s%s %s", k.ID, k.From.In(zone).Format(time.RFC3339), k.To.In(zone).Format(time.RFC3339), until, k.Note)
}
