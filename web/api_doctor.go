package web

import (
	"context"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"v720dvr/camera"
)

// Doctor looks for what is wrong.
type Doctor interface {
	// Diagnose looks at the box and at all cameras. It asks the system's resolver for a name and writes some
	// megabytes to the recordings' disk, so what it measured some seconds ago may be told again.
	Diagnose(ctx context.Context) (Diagnosis, error)
}

// Severity says how bad a Finding is.
type Severity string

// The severities, the worst last.
const (
	SeverityOK      Severity = "ok"      // looked at, and well
	SeverityNote    Severity = "note"    // nobody must act
	SeverityWarning Severity = "warning" // works, and may not for long
	SeverityFault   Severity = "fault"   // does not work
)

// Severities lists them all, the worst first.
func Severities() []Severity {
	return []Severity{SeverityFault, SeverityWarning, SeverityNote, SeverityOK}
}

// Diagnosis is what a look for troubles found.
type Diagnosis struct {
	At       time.Time `json:"at"`
	Running  bool      `json:"running" doc:"A recorder runs, and its cameras were looked at"`
	Findings []Finding `json:"findings" nullable:"false" doc:"The worst first"`
	Ways     []Way     `json:"ways" nullable:"false" doc:"How far each camera has come, and each address that may become one; those that miss something first"`
}

// Finding is one thing that was looked at.
type Finding struct {
	Severity Severity  `json:"severity" enum:"fault,warning,note,ok" doc:"fault: does not work; warning: works, and may not for long; note: nobody must act; ok: looked at, and well"`
	About    string    `json:"about" example:"disk space" doc:"What was looked at: a few words; of a camera its name"`
	Camera   camera.ID `json:"camera,omitempty" doc:"Whose it is; missing: the box's, or an address's"`
	Address  string    `json:"address,omitempty" doc:"Whose it is that has said no camera's name"`
	Found    string    `json:"found,omitempty" doc:"For people. Of the box for admins alone: it names files, processes and addresses"`
	Do       string    `json:"do,omitempty" doc:"What to do, for people, with commands between backticks; likewise"`
}

// Way is how far somebody has come from the first question to the first picture.
type Way struct {
	Camera  camera.ID `json:"camera,omitempty" doc:"Missing: nobody knows yet who has this address"`
	Name    string    `json:"name,omitempty"`
	Address string    `json:"address,omitempty"`
	MAC     string    `json:"mac,omitempty" doc:"For admins"`
	Steps   []WayStep `json:"steps" nullable:"false" doc:"All of them, in order"`
	Missing string    `json:"missing,omitempty" doc:"The step that is missing next; missing itself when none is"`
}

// WayStep is a step, and whether it was seen since the start.
type WayStep struct {
	Step string    `json:"step" enum:"dns,http,firmware,connect,mqtt,udp,frame"`
	Seen bool      `json:"seen"`
	At   time.Time `json:"at,omitzero" doc:"When it was seen last; missing of what is known from before the start"`
	What string    `json:"what,omitempty" doc:"Of firmware its version"`
	Line string    `json:"line,omitempty" doc:"How it began, as it came; for admins"`
}

type doctorAnswer struct{ Body Diagnosis }

func (s *Server) doctorAPI(api huma.API) {
	add(s, api, "GET", "/api/v1/doctor", "doctor", "What is wrong with the box and on the way of each camera, and what to do", func(ctx context.Context, _ *struct{}) (*doctorAnswer, error) {
		found, err := s.o.Box.Diagnose(ctx)
		if err != nil {
			return nil, err
		}
		return &doctorAnswer{Body: s.diagnosisFor(Asks(ctx), found)}, nil
	})
}

// diagnosisFor is what of a diagnosis somebody may see: of cameras those that may be seen, of strangers all or none.
// Of the box everybody may know what is well and what is not; what was found there is for admins.
func (s *Server) diagnosisFor(asks *Principal, d Diagnosis) Diagnosis {
	admin := asks.May(ScopeAdmin)
	sees := func(id camera.ID) bool { return id != "" && asks.Cameras.Has(id) || asks.Cameras.All }
	seen := Diagnosis{At: s.local(d.At), Running: d.Running, Findings: []Finding{}, Ways: []Way{}}
	for _, f := range d.Findings {
		ofBox := f.Camera == "" && f.Address == ""
		if !ofBox && !sees(f.Camera) {
			continue
		}
		if ofBox && !admin {
			f.Found, f.Do = "", ""
		}
		seen.Findings = append(seen.Findings, f)
	}
	for _, w := range d.Ways {
		if !sees(w.Camera) {
			continue
		}
		steps := make([]WayStep, 0, len(w.Steps))
		for _, step := range w.Steps {
			if step.At = s.local(step.At); !admin {
				step.Line = ""
			}
			steps = append(steps, step)
		}
		if w.Steps = steps; !admin {
			w.MAC = ""
		}
		seen.Ways = append(seen.Ways, w)
	}
	return seen
}
