package web

import (
	"context"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"v720dvr/camera"
)

// Hooks tell other programs what happens. They are written in config.toml alone: who may change settings over the
// network may not run programs by that.
type Hooks interface {
	// Hooks lists those of the configuration, in its order.
	Hooks(ctx context.Context) ([]HookState, error)
	// TestHook calls one with something that did not happen; on as in HookState.On, "" for its first. ErrNoHook when
	// there is none of that name.
	TestHook(ctx context.Context, name, on string, id camera.ID) (HookTrial, error)
}

// HookState is a hook, and how it does. It says nothing that is secret: of a URL the host, of a command the program.
type HookState struct {
	Name    string    `json:"name"`
	On      []string  `json:"on" nullable:"false" doc:"What it is told: docs/hooks.md"`
	Form    string    `json:"form" enum:"command,json,ntfy"`
	Where   string    `json:"where" doc:"The program, or the host of the URL"`
	Cameras []string  `json:"cameras" nullable:"false" doc:"Names or ids; none: all"`
	Signed  bool      `json:"signed" doc:"It has a secret"`
	Waiting int       `json:"waiting" doc:"Calls that are still to be made"`
	Oldest  time.Time `json:"oldest,omitzero" doc:"When the first of them happened"`
	Done    int64     `json:"done" doc:"Calls that succeeded"`
	Failed  int64     `json:"failed" doc:"Tries that did not"`
	Lost    int64     `json:"lost" doc:"Calls that were given up: too many, too old, or refused"`
	Called  time.Time `json:"called,omitzero" doc:"The end of the last try; missing: it was never called"`
	OK      bool      `json:"ok" doc:"The last try succeeded"`
	Answer  string    `json:"answer,omitempty" doc:"What came of it, for people"`
}

// HookTrial is what came of a test.
type HookTrial struct {
	On     string  `json:"on"`
	Sent   string  `json:"sent" doc:"Without secrets, and without the bytes of a picture"`
	OK     bool    `json:"ok"`
	Answer string  `json:"answer" doc:"What the receiver, or the command, said"`
	Error  string  `json:"error,omitempty" doc:"Why it failed"`
	Took   float64 `json:"seconds"`
}

type hooksAnswer struct {
	Body struct {
		Hooks []HookState `json:"hooks" nullable:"false"`
	}
}

type hookTestRequest struct {
	Hook string `path:"hook" maxLength:"200" doc:"Its name"`
	Body struct {
		On     string    `json:"on,omitempty" enum:"event_start,event_update,event_end,segment,camera_lost,camera_found,camera_new,disk" doc:"Missing: the first that it is told"`
		Camera camera.ID `json:"camera,omitempty" doc:"Of which it is told; missing: any"`
	}
}

type hookTestAnswer struct{ Body HookTrial }

func (s *Server) hooksAPI(api huma.API) {
	add(s, api, "GET", "/api/v1/hooks", "hooks", "Whom the recorder tells what happens, and how that goes", func(ctx context.Context, _ *struct{}) (*hooksAnswer, error) {
		list, err := s.o.Box.Hooks(ctx)
		if err != nil {
			return nil, err
		}
		answer := new(hooksAnswer)
		answer.Body.Hooks = []HookState{}
		for _, h := range list {
			h.On, h.Cameras, h.Oldest, h.Called = listed(h.On), listed(h.Cameras), s.local(h.Oldest), s.local(h.Called)
			answer.Body.Hooks = append(answer.Body.Hooks, h)
		}
		return answer, nil
	})
	// It may take as long as the hook's timeout: access.go gives it the time.
	add(s, api, "POST", "/api/v1/hooks/{hook}/test", "test-hook", "Call a hook now, with something that did not happen", func(ctx context.Context, in *hookTestRequest) (*hookTestAnswer, error) {
		about(ctx, in.Hook, in.Body.On)
		trial, err := s.o.Box.TestHook(ctx, in.Hook, in.Body.On, in.Body.Camera)
		if err != nil {
			return nil, err
		}
		return &hookTestAnswer{trial}, nil
	})
}
