package web

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"v720dvr/storage"
)

// mostMarked bounds the events that one request marks.
const mostMarked = 5000

type markRequest struct {
	Body struct {
		Seen   *bool     `json:"seen,omitempty" doc:"false: new again; missing: seen"`
		IDs    []int64   `json:"ids,omitempty" maxItems:"5000" doc:"These events, of which those that match the rest"`
		Camera []string  `json:"camera,omitempty" maxItems:"1024" doc:"Of these cameras alone"`
		From   time.Time `json:"from,omitzero" doc:"Needed without ids"`
		To     time.Time `json:"to,omitzero" doc:"What begins there is not in it; needed without ids"`
		EventFilter
		Count *int `json:"count,omitempty" doc:"As many as there were shown: when there are others now nothing is marked, and 409 tells how many"`
	}
}

type markAnswer struct {
	Body struct {
		Matched int     `json:"matched" doc:"Events that this was about"`
		Changed []int64 `json:"changed" nullable:"false" doc:"Those that were otherwise before: to undo it, send these as ids with the opposite"`
	}
}

func (s *Server) markEvents(ctx context.Context, in *markRequest) (*markAnswer, error) {
	b := &in.Body
	if len(b.IDs) == 0 && (b.From.IsZero() || !b.To.After(b.From)) {
		return nil, huma.Error422UnprocessableEntity("say which events: their ids, or a span that ends behind its begin")
	}
	matched, err := s.markable(ctx, in)
	if err != nil {
		return nil, err
	}
	if b.Count != nil && *b.Count != len(matched) {
		return nil, huma.Error409Conflict(fmt.Sprintf("there are %d such events now, not %d: look at them again", len(matched), *b.Count))
	}
	changed, err := s.accounts.MarkSeen(ctx, whose(ctx), matched, b.Seen == nil || *b.Seen)
	if err != nil {
		return nil, err
	}
	answer := new(markAnswer)
	answer.Body.Matched, answer.Body.Changed = len(matched), make([]int64, 0, len(changed))
	for _, e := range changed {
		answer.Body.Changed = append(answer.Body.Changed, e.ID)
	}
	return answer, nil
}

// markable are the events that a request is about.
func (s *Server) markable(ctx context.Context, in *markRequest) ([]storage.EventRecord, error) {
	b := &in.Body
	q, err := pageOf(ctx, &PageRequest{Camera: b.Camera, From: b.From, To: b.To, Limit: mostMarked + 1})
	if err != nil {
		return nil, err
	}
	look, err := s.lookAt(ctx, q, b.EventFilter)
	if err != nil {
		return nil, err
	}
	if len(b.IDs) > 0 {
		list, err := s.o.Store.EventsOf(ctx, b.IDs)
		return slices.DeleteFunc(list, func(e storage.EventRecord) bool {
			return !q.Cameras.Has(e.Camera) || !q.From.IsZero() && e.At.Before(q.From) || !q.To.IsZero() && !e.At.Before(q.To) ||
				len(look.kinds) > 0 && !slices.Contains(look.kinds, e.Kind) || look.match != nil && !look.match(e)
		}), err
	}
	var all []storage.EventRecord
	for {
		list, next, err := s.o.Store.EventPage(ctx, q, look.kinds, look.match)
		if err != nil {
			return nil, err
		}
		if all = append(all, list...); len(all) > mostMarked {
			return nil, huma.Error422UnprocessableEntity(fmt.Sprintf("more than %d events: take a shorter span", mostMarked))
		}
		if next == nil {
			return all, nil
		}
		q.After = next
	}
}
