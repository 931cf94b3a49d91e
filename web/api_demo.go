package web

import (
	"context"

	"github.com/danielgtaylor/huma/v2"
)

func (s *Server) demoAPI(api huma.API) {
	add(s, api, "POST", "/api/v1/demo", "start-demo", "Play one camera that is not there, while there is no other", func(ctx context.Context, _ *struct{}) (*struct{}, error) {
		return nil, s.o.Box.StartDemo(ctx, Asks(ctx).Who)
	})
	add(s, api, "DELETE", "/api/v1/demo", "stop-demo", "Take that camera away; what was recorded of it stays until the rules delete it", func(ctx context.Context, _ *struct{}) (*struct{}, error) {
		return nil, s.o.Box.StopDemo(ctx)
	})
}
