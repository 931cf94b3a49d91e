package web

import (
	"context"
	"time"

	"github.com/danielgtaylor/huma/v2"
)

// SystemState is how the recorder is.
type SystemState struct {
	Version string    `json:"version" doc:"Of the program: a page of another one should be loaded again"`
	Run     string    `json:"run" doc:"Of this life of the process: with another one, what was asked for before should be asked for again"`
	Now     time.Time `json:"now" doc:"The recorder's clock"`
	Zone    string    `json:"zone" doc:"The recorder's zone" example:"Europe/Berlin"`
	Well    bool      `json:"well" doc:"Nobody must act"`
	System
}

type systemAnswer struct{ Body SystemState }

type zoneRequest struct {
	From time.Time `query:"from" required:"true" doc:"RFC 3339; write %2B for the + of the offset"`
	To   time.Time `query:"to" required:"true"`
}

// ZonePart is a time in which the recorder's clock has one offset.
type ZonePart struct {
	From    time.Time `json:"from" doc:"The first is the begin of what was asked for"`
	Seconds int       `json:"offset_seconds" doc:"East of UTC"`
	Name    string    `json:"name" example:"CET"`
}

type zoneAnswer struct {
	Body struct {
		Zone  string     `json:"zone"`
		Parts []ZonePart `json:"parts" nullable:"false" doc:"In order, without a hole"`
	}
}

func (s *Server) systemAPI(api huma.API) {
	add(s, api, "GET", "/api/v1/system", "system", "How the recorder is", func(ctx context.Context, _ *struct{}) (*systemAnswer, error) {
		state, err := s.o.Box.System(ctx)
		if err != nil {
			return nil, err
		}
		well := len(state.Problems) == 0
		if !Asks(ctx).May(ScopeAdmin) {
			state.Problems, state.Disk.Error, state.Disk.Folder, state.Retention.Problem, state.HomeAssistant = nil, "", "", "", "" // they name files and addresses
		}
		state.Problems = listed(state.Problems)
		for _, t := range []*time.Time{&state.Started, &state.Disk.Since, &state.Disk.Oldest, &state.Retention.LastSweep} {
			*t = s.local(*t)
		}
		return &systemAnswer{Body: SystemState{
			Version: s.o.Version, Run: s.run, Now: s.local(s.o.Now()), Zone: s.o.Box.Location().String(), Well: well, System: state,
		}}, nil
	})
	add(s, api, "GET", "/api/v1/system/zone", "zone", "The offsets of the recorder's zone in a span: browsers have another zone, and old tables", func(_ context.Context, in *zoneRequest) (*zoneAnswer, error) {
		if !in.To.After(in.From) || in.To.Sub(in.From) > longestZone {
			return nil, huma.Error422UnprocessableEntity("a span ends behind its begin, within 20 years")
		}
		answer := new(zoneAnswer)
		location := s.o.Box.Location()
		answer.Body.Zone, answer.Body.Parts = location.String(), zoneParts(in.From.In(location), in.To)
		return answer, nil
	})
}

const longestZone = 20 * 366 * 24 * time.Hour

// zoneParts are the offsets of from's zone until to.
func zoneParts(from, to time.Time) []ZonePart {
	parts := []ZonePart{}
	for at := from; at.Before(to); {
		name, offset := at.Zone()
		parts = append(parts, ZonePart{From: at, Seconds: offset, Name: name})
		_, end := at.ZoneBounds()
		if end.IsZero() {
			break
		}
		at = end
	}
	return parts
}
