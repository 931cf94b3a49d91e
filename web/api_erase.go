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

// auditErase is what the audit log calls a deletion by hand.
const auditErase = "footage.erase"

// mostGone bounds the stretches that a preview tells one by one.
const mostGone = 200

// EraseRequest asks for a span of a camera to be gone.
type EraseRequest struct {
	CameraPath
	From time.Time `query:"from" required:"true" doc:"RFC 3339; write %2B for the + of the offset"`
	To   time.Time `query:"to" required:"true" doc:"31 days behind from at most"`
	// Segments go whole, so who asks says which way they are rounded.
	Reach string `query:"reach" enum:"inside,beyond" default:"inside" doc:"inside: segments that lie in the span alone. beyond: all of which a part lies in it, so more time goes than was asked for"`
}

type eraseOrder struct {
	EraseRequest
	Plan string `query:"plan" required:"true" minLength:"32" maxLength:"32" doc:"That of the preview: nothing else is deleted than what it told"`
}

// Erasure is what a deletion by hand would take, or took.
type Erasure struct {
	From     time.Time    `json:"from" doc:"As was asked for"`
	To       time.Time    `json:"to"`
	Segments int          `json:"segments" doc:"That go, whole"`
	Bytes    int64        `json:"bytes" doc:"Of these"`
	Seconds  float64      `json:"seconds" doc:"Of these"`
	Events   int          `json:"events" doc:"That go with them: seen, heard, asked for"`
	Gone     []RecordedIn `json:"gone" nullable:"false" doc:"The time that really goes, in order; of more than 200 stretches the first 200"`
	Stays    ErasureStays `json:"stays" doc:"What stays though a part of it lies in the span"`
	Plan     string       `json:"plan" doc:"To be given back by who deletes"`
}

// ErasureStays is what a deletion by hand leaves alone.
type ErasureStays struct {
	Crossing  int   `json:"crossing" doc:"Segments that reach out of the span; with reach=beyond none"`
	Kept      int   `json:"kept" doc:"Segments that keeps in force hold"`
	KeptBytes int64 `json:"kept_bytes"`
	Elsewhere int   `json:"elsewhere" doc:"Segments on disks that are not there"`
	Open      bool  `json:"open" doc:"The segment that is being written"`
}

type erasureAnswer struct{ Body Erasure }

type erasedAnswer struct {
	Body struct {
		Segments int   `json:"segments"`
		Bytes    int64 `json:"bytes" doc:"Given back to the disk"`
	}
}

func (s *Server) eraseAPI(api huma.API) {
	const path = "/api/v1/cameras/{camera}/footage"
	add(s, api, "GET", path+"/erasure", "preview-erasure", "What deleting a span by hand would take; nothing is deleted", s.previewErasure)
	add(s, api, "DELETE", path, "erase-footage", "Delete a span by hand, as it was previewed", s.eraseFootage)
}

func (s *Server) previewErasure(ctx context.Context, in *EraseRequest) (*erasureAnswer, error) {
	e, err := s.planErasure(ctx, in)
	if err != nil {
		return nil, err
	}
	return &erasureAnswer{Body: s.erasure(e)}, nil
}

func (s *Server) planErasure(ctx context.Context, in *EraseRequest) (storage.Erasure, error) {
	return s.o.Store.PlanErase(ctx, camera.ID(in.Camera), in.From, in.To, in.Reach == "beyond")
}

func (s *Server) erasure(e storage.Erasure) Erasure {
	told := Erasure{
		From: s.local(e.From), To: s.local(e.To), Segments: e.Segments, Bytes: e.Bytes, Events: e.Events, Plan: e.Plan,
		Gone:  make([]RecordedIn, 0, min(len(e.Gone), mostGone)),
		Stays: ErasureStays{Crossing: e.Crossing, Kept: e.Kept, KeptBytes: e.KeptBytes, Elsewhere: e.Elsewhere, Open: e.Open},
	}
	for i, g := range e.Gone {
		told.Seconds += g.To.Sub(g.From).Seconds()
		if i < mostGone {
			told.Gone = append(told.Gone, RecordedIn{s.local(g.From), s.local(g.To)})
		}
	}
	return told
}

func (s *Server) eraseFootage(ctx context.Context, in *eraseOrder) (*erasedAnswer, error) {
	id := camera.ID(in.Camera)
	swept, err := s.o.Store.Erase(ctx, storage.Erasure{Camera: id, From: in.From, To: in.To, Beyond: in.Reach == "beyond", Plan: in.Plan}, Asks(ctx).Who)
	if errors.Is(err, storage.ErrChanged) {
		return nil, huma.Error409Conflict(storage.ErrChanged.Error())
	}
	zone := s.o.Box.Location()
	about(ctx, in.Camera, fmt.Sprintf("%s to %s, %s: %d segments, %d bytes", in.From.In(zone).Format(time.RFC3339), in.To.In(zone).Format(time.RFC3339), in.Reach, swept.Segments, swept.Bytes))
	if err != nil {
		if swept.Segments > 0 { // a part of it is gone, and that is somebody's doing
			s.audit(ctx, auditErase)
		}
		return nil, err
	}
	answer := new(erasedAnswer)
	answer.Body.Segments, answer.Body.Bytes = swept.Segments, swept.Bytes
	return answer, nil
}
