package web

import (
	"context"
	"time"

	"v720dvr/camera"
)

type busyRequest struct {
	CameraPath
	From        time.Time `query:"from" required:"true" doc:"RFC 3339; write %2B for the + of the offset"`
	To          time.Time `query:"to" required:"true" doc:"A span is 31 days at most"`
	Sensitivity int       `query:"sensitivity" minimum:"1" maximum:"10" doc:"That sees a change; missing: the one in force"`
	Above       float64   `query:"above" minimum:"0.01" maximum:"1" default:"0.2" doc:"What changes in a larger part of the pictures is proposed to be left out"`
}

// BusyQuery asks where something changes all the time.
type BusyQuery struct {
	Camera      camera.ID
	From, To    time.Time
	Sensitivity int     // that sees a change; 0: the one in force
	Above       float64 // part of the pictures, 0 to 1
}

// Busy is how often each cell of the picture changed, and what of it could be left out.
type Busy struct {
	Width   int          `json:"width" doc:"Of the grid, in cells; 0 where nobody looked"`
	Height  int          `json:"height"`
	Frames  int          `json:"frames" doc:"That were looked at while they were recorded; the others do not count"`
	Shares  []float64    `json:"shares" nullable:"false" doc:"Of each cell, row by row: in what part of the frames it changed, 0 to 1"`
	Zones   []MotionZone `json:"zones" nullable:"false" maxItems:"8" doc:"That would leave out what changes more often than above"`
	Missing int          `json:"missing" doc:"Files that are not there any more"`
}

type busyAnswer struct{ Body Busy }

// busy counts. It takes the place of a replay: it reads as much.
func (j *judging) busy(ctx context.Context, in *busyRequest) (*busyAnswer, error) {
	if err := replayable(in.From, in.To); err != nil {
		return nil, err
	}
	leave, err := j.enter(ctx, judgeFor(Asks(ctx)))
	if err != nil {
		return nil, err
	}
	defer leave()
	told, err := j.s.o.Box.Busy(ctx, BusyQuery{Camera: camera.ID(in.Camera), From: in.From, To: in.To, Sensitivity: in.Sensitivity, Above: in.Above})
	if err != nil {
		return nil, j.refusal(err, "query.")
	}
	return &busyAnswer{Body: told}, nil
}
