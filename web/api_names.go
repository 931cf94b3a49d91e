package web

import (
	"context"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"v720dvr/camera"
)

// Namer tells what the DNS server was asked.
type Namer interface {
	Names(ctx context.Context) (Names, error)
}

// Names is what the DNS server (cloud.dns) did since the start.
type Names struct {
	Listen    string `json:"listen" doc:"Where it answers; '' when it does not"`
	Ours      int64  `json:"ours" doc:"Questions for names of the cameras, answered with the address of this box"`
	Passed    int64  `json:"passed" doc:"Questions that other resolvers were asked"`
	Recalled  int64  `json:"recalled" doc:"Questions answered from what others said before"`
	Failed    int64  `json:"failed" doc:"Questions that no other resolver answered"`
	Strangers int64  `json:"strangers" doc:"Questions from networks that may not ask; they get no answer"`
	Malformed int64  `json:"malformed" doc:"Questions that did not parse"`

	Asked []NameAsked `json:"asked" nullable:"false" doc:"Who asked for a name of the cameras, by address; at most 256, those of late"`
}

// NameAsked is who asked for a name of the cameras: the first sign of one.
type NameAsked struct {
	Address string    `json:"address"`
	Camera  camera.ID `json:"camera,omitempty" doc:"Which was seen at this address last; missing when none was"`
	Name    string    `json:"name" doc:"What it asked for last" example:"v720.naxclow.com"`
	At      time.Time `json:"at" doc:"When it asked last"`
	Count   int64     `json:"count" doc:"How often it asked"`
}

type namesAnswer struct{ Body Names }

func (s *Server) namesAPI(api huma.API) {
	add(s, api, "GET", "/api/v1/system/names", "names", "Who asked the DNS server for the cameras' names", func(ctx context.Context, _ *struct{}) (*namesAnswer, error) {
		names, err := s.o.Box.Names(ctx)
		if err != nil {
			return nil, err
		}
		names.Asked = listed(names.Asked)
		for i := range names.Asked {
			names.Asked[i].At = s.local(names.Asked[i].At)
		}
		return &namesAnswer{Body: names}, nil
	})
}
