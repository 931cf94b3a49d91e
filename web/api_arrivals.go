package web

import (
	"context"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"v720dvr/camera"
)

// Arrival is how far a camera has come on its way in, since the start: from the first question to a file.
type Arrival struct {
	Camera  camera.ID     `json:"camera,omitempty" doc:"As it called itself; missing: nobody knows yet who has this address"`
	Address string        `json:"address,omitempty" doc:"Where it was seen last"`
	MAC     string        `json:"mac,omitempty" doc:"Of that address, where the system knows it; for admins"`
	Steps   []ArrivalStep `json:"steps" nullable:"false" doc:"Those that were seen, in the order of the way"`
}

// ArrivalStep is a step on the way, when it was seen last.
type ArrivalStep struct {
	Step Step      `json:"step" enum:"dns,http,connect,mqtt,udp,stream,frame,sound,file" doc:"dns: asked the recorder's own DNS for a vendor's name; http: asked the bootstrap; connect: registered; mqtt: at the broker; udp: answered by UDP; stream: media began to come; frame, sound: the first of that stream; file: a file was closed"`
	At   time.Time `json:"at"`
	Line string    `json:"line,omitempty" doc:"How it began, as it came; printable, 200 bytes at most; for admins"`
}

// Step is a step of a camera on its way in.
type Step string

// The steps, in the order of the way.
const (
	StepDNS     Step = "dns"
	StepHTTP    Step = "http"
	StepConnect Step = "connect"
	StepMQTT    Step = "mqtt"
	StepUDP     Step = "udp"
	StepStream  Step = "stream"
	StepFrame   Step = "frame"
	StepSound   Step = "sound"
	StepFile    Step = "file"
)

// Steps lists them all, in the order of the way.
func Steps() []Step {
	return []Step{StepDNS, StepHTTP, StepConnect, StepMQTT, StepUDP, StepStream, StepFrame, StepSound, StepFile}
}

type arrivalsAnswer struct {
	Body struct {
		Arrivals []Arrival `json:"arrivals" nullable:"false"`
	}
}

func (s *Server) arrivalsAPI(api huma.API) {
	add(s, api, "GET", "/api/v1/arrivals", "arrivals", "How far cameras, and who may become one, have come on their way in", func(ctx context.Context, _ *struct{}) (*arrivalsAnswer, error) {
		list, _, _ := s.o.Box.Arrivals(0)
		answer := new(arrivalsAnswer)
		answer.Body.Arrivals = s.arrivalsFor(Asks(ctx), list)
		return answer, nil
	})
}

// arrivalsFor is what of a list somebody may see: of cameras those that may be seen, of strangers all or
// none. What they said and their MAC are for admins.
func (s *Server) arrivalsFor(asks *Principal, list []Arrival) []Arrival {
	seen := []Arrival{}
	for _, a := range list {
		if a.Camera == "" && !asks.Cameras.All || a.Camera != "" && !asks.Cameras.Has(a.Camera) {
			continue
		}
		steps := make([]ArrivalStep, 0, len(a.Steps))
		for _, step := range a.Steps {
			step.At = s.local(step.At)
			if !asks.May(ScopeAdmin) {
				step.Line = ""
			}
			steps = append(steps, step)
		}
		if !asks.May(ScopeAdmin) {
			a.MAC = ""
		}
		a.Steps = steps
		seen = append(seen, a)
	}
	return seen
}
