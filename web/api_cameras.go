package web

import (
	"context"
	"slices"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"v720dvr/camera"
)

type camerasAnswer struct {
	Body struct {
		Cameras []Camera `json:"cameras" nullable:"false"`
	}
}

// CameraPath is the camera that a path names.
type CameraPath struct {
	Camera string `path:"camera" doc:"Its id"`
}

type cameraAnswer struct{ Body Camera }

type pauseRequest struct {
	CameraPath
	Body struct {
		Until   time.Time `json:"until,omitzero" doc:"End of the pause; missing with seconds missing too: until it is resumed"`
		Seconds int64     `json:"seconds,omitempty" minimum:"1" maximum:"31536000" doc:"Or its length"`
	}
}

type triggerRequest struct {
	CameraPath
	Body struct {
		Seconds float64 `json:"seconds,omitempty" minimum:"0" maximum:"86400" doc:"How long it goes on, as far as known; tell again to prolong it"`
		Detail  string  `json:"detail,omitempty" maxLength:"200" doc:"What happened, for people"`
	}
}

type scheduleRequest struct {
	CameraPath
	At      time.Time `query:"at" doc:"Another moment than now"`
	Changes int       `query:"changes" minimum:"0" maximum:"100" default:"10" doc:"How many of the next changes are told"`
}

type scheduleAnswer struct{ Body Schedule }

func (s *Server) camerasAPI(api huma.API) {
	add(s, api, "GET", "/api/v1/cameras", "list-cameras", "List the cameras with their state", s.listCameras)
	add(s, api, "GET", "/api/v1/cameras/{camera}", "camera", "A camera with its state", func(ctx context.Context, in *CameraPath) (*cameraAnswer, error) {
		c, err := s.camera(ctx, in.Camera)
		return &cameraAnswer{Body: c}, err
	})
	add(s, api, "POST", "/api/v1/cameras/{camera}/approve", "approve-camera", "Say yes to a camera that waits",
		s.toCamera(func(ctx context.Context, id camera.ID) error { return s.o.Box.Approve(ctx, id) }))
	add(s, api, "POST", "/api/v1/cameras/{camera}/resume", "resume-camera", "End a pause",
		s.toCamera(func(ctx context.Context, id camera.ID) error { return s.o.Box.Resume(ctx, id) }))
	add(s, api, "POST", "/api/v1/cameras/{camera}/pause", "pause-camera", "Record nothing of a camera for a while: privacy", s.pauseCamera)
	add(s, api, "POST", "/api/v1/cameras/{camera}/trigger", "trigger-camera", "Something happens that is worth recording", s.triggerCamera)
	add(s, api, "GET", "/api/v1/cameras/{camera}/schedule", "camera-schedule", "Which mode is in force, and what comes next", s.cameraSchedule)
}

func (s *Server) listCameras(ctx context.Context, _ *struct{}) (*camerasAnswer, error) {
	list, err := s.o.Box.Cameras(ctx)
	if err != nil {
		return nil, err
	}
	answer := new(camerasAnswer)
	answer.Body.Cameras = []Camera{}
	for _, c := range list {
		if Asks(ctx).Cameras.Has(c.ID) {
			answer.Body.Cameras = append(answer.Body.Cameras, s.localCamera(c))
		}
	}
	return answer, nil
}

// toCamera does something to a camera that is known, and answers with its state behind it.
func (s *Server) toCamera(do func(context.Context, camera.ID) error) func(context.Context, *CameraPath) (*cameraAnswer, error) {
	return func(ctx context.Context, in *CameraPath) (*cameraAnswer, error) { return s.acted(ctx, in.Camera, do) }
}

func (s *Server) acted(ctx context.Context, id string, do func(context.Context, camera.ID) error) (*cameraAnswer, error) {
	c, err := s.camera(ctx, id)
	if err != nil {
		return nil, err
	}
	if err := do(ctx, c.ID); err != nil {
		return nil, err
	}
	c, err = s.camera(ctx, id)
	return &cameraAnswer{Body: c}, err
}

func (s *Server) pauseCamera(ctx context.Context, in *pauseRequest) (*cameraAnswer, error) {
	until, now := in.Body.Until, s.o.Now()
	switch {
	case in.Body.Seconds > 0 && !until.IsZero():
		return nil, huma.Error422UnprocessableEntity("a pause has an end or a length, not both")
	case in.Body.Seconds > 0:
		until = now.Add(time.Duration(in.Body.Seconds) * time.Second)
	case !until.IsZero() && !until.After(now):
		return nil, huma.Error422UnprocessableEntity("the pause would have ended already")
	}
	if !until.IsZero() {
		about(ctx, in.Camera, "until "+s.local(until).Format(time.RFC3339))
	}
	return s.acted(ctx, in.Camera, func(ctx context.Context, id camera.ID) error { return s.o.Box.Pause(ctx, id, until) })
}

func (s *Server) triggerCamera(ctx context.Context, in *triggerRequest) (*cameraAnswer, error) {
	detail := Asks(ctx).Who
	if in.Body.Detail != "" {
		detail += ": " + in.Body.Detail
	}
	about(ctx, in.Camera, in.Body.Detail)
	return s.acted(ctx, in.Camera, func(ctx context.Context, id camera.ID) error {
		return s.o.Box.Trigger(ctx, id, time.Duration(in.Body.Seconds*float64(time.Second)), detail)
	})
}

func (s *Server) cameraSchedule(ctx context.Context, in *scheduleRequest) (*scheduleAnswer, error) {
	c, err := s.camera(ctx, in.Camera)
	if err != nil {
		return nil, err
	}
	at := in.At
	if at.IsZero() {
		at = s.o.Now()
	}
	schedule, err := s.o.Box.Schedule(ctx, c.ID, s.local(at), in.Changes)
	if err != nil {
		return nil, err
	}
	schedule.Since, schedule.Until = s.local(schedule.Since), s.local(schedule.Until)
	schedule.Changes = listed(slices.Clone(schedule.Changes))
	for i := range schedule.Changes {
		change := &schedule.Changes[i]
		change.At, change.Until = s.local(change.At), s.local(change.Until)
	}
	return &scheduleAnswer{Body: schedule}, nil
}
