package web

import (
	"encoding/json"
	"errors"
	"io"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"v720dvr/camera"
)

// MotionSettings are settings of motion, in the form that PATCH of settings takes: docs/motion.md. What is
// missing is as in force.
type MotionSettings struct {
	Sensitivity int          `json:"sensitivity,omitempty" minimum:"1" maximum:"10" doc:"motion.sensitivity"`
	MinSize     string       `json:"min_size,omitempty" maxLength:"20" example:"0.2%" doc:"motion.min_size"`
	Hold        string       `json:"hold,omitempty" maxLength:"20" example:"2s" doc:"motion.hold"`
	Zones       []MotionZone `json:"zones,omitzero" maxItems:"64" doc:"motion.zones; an empty list is none"`
}

// MotionZone is a polygon of the picture.
type MotionZone struct {
	Name        string       `json:"name,omitempty" maxLength:"200"`
	Kind        string       `json:"kind" enum:"include,exclude"`
	Points      [][2]float64 `json:"points" minItems:"3" maxItems:"1000" doc:"Corners, from [0, 0] at the top left to [1, 1] at the bottom right"`
	Sensitivity int          `json:"sensitivity,omitempty" minimum:"0" maximum:"10" doc:"Of its own; 0 is that of the picture"`
}

// A JudgeError is footage that cannot be judged as it is asked for.
type JudgeError struct {
	Text string // why, and what can be
}

func (e *JudgeError) Error() string { return e.Text }

type replayRequest struct {
	CameraPath
	Body struct {
		From     time.Time      `json:"from" doc:"RFC 3339"`
		To       time.Time      `json:"to" doc:"What was captured then is not in it; a span is 31 days at most"`
		Settings MotionSettings `json:"settings,omitzero" doc:"To be tried"`
		Pictures bool           `json:"pictures,omitempty" doc:"Look at the pictures, even where the track tells enough"`
		Frames   bool           `json:"frames,omitempty" doc:"Tell of every frame, too: 36,000 at most"`
	}
}

// WhyTried are settings of motion that are tried in a query. What is missing is as in force.
type WhyTried struct {
	Sensitivity int    `query:"sensitivity" minimum:"1" maximum:"10" doc:"Instead of motion.sensitivity"`
	MinSize     string `query:"min_size" maxLength:"20" example:"0.2%" doc:"Instead of motion.min_size; % is %25 in a query"`
	Hold        string `query:"hold" maxLength:"20" example:"2s" doc:"Instead of motion.hold"`
	Zones       string `query:"zones" maxLength:"12000" doc:"Instead of motion.zones: JSON, a list as in settings; [] is none"`
	Pictures    bool   `query:"pictures" doc:"Look at the pictures, even where the track tells enough"`
}

type whyRequest struct {
	CameraPath
	At time.Time `query:"at" required:"true" doc:"RFC 3339; write %2B for the + of the offset"`
	WhyTried
}

type whyEventRequest struct {
	Event int64 `path:"event" minimum:"1" doc:"Its id"`
	WhyTried
}

// settings reads what is tried.
func (t *WhyTried) settings() (s MotionSettings, err error) {
	s = MotionSettings{Sensitivity: t.Sensitivity, MinSize: t.MinSize, Hold: t.Hold}
	if t.Zones == "" {
		return s, nil
	}
	read := json.NewDecoder(strings.NewReader(t.Zones))
	read.DisallowUnknownFields()
	err = read.Decode(&s.Zones)
	if _, more := read.Token(); err != nil || s.Zones == nil || !errors.Is(more, io.EOF) {
		return s, &SettingError{Key: "zones", Text: `no zones; want a list like [{"kind":"exclude","points":[[0,0],[1,0],[1,0.3]]}]`}
	}
	return s, nil
}

// ReplayQuery asks for footage to be judged again.
type ReplayQuery struct {
	Camera   camera.ID
	From, To time.Time
	Settings MotionSettings
	Pictures bool // never by the track
	Frames   bool
}

// WhyQuery asks why a picture is motion, or is not.
type WhyQuery struct {
	Camera   camera.ID
	At       time.Time // the picture that stood then
	Settings MotionSettings
	Pictures bool // never by the track
	Draw     bool
}

// mistakes makes a refusal of settings that cannot be; place is where they stand in the request.
func mistakes(err error, place string) error {
	details := settingDetails(err)
	for _, d := range details {
		if d, ok := d.(*huma.ErrorDetail); ok {
			d.Location = place + strings.TrimPrefix(d.Location, "body.")
		}
	}
	return huma.Error422UnprocessableEntity("a setting cannot be so", details...)
}
