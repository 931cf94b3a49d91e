package web

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"v720dvr/storage"
)

func init() {
	huma.DefaultArrayNullable = false // no list of ours is ever null
}

// serveAPI registers all routes. Huma makes the document of what is registered, so neither can be
// without the other.
func (s *Server) serveAPI() error {
	api := huma.NewAPI(huma.Config{
		OpenAPI: &huma.OpenAPI{
			OpenAPI: "3.1.0",
			Info: &huma.Info{
				Title: "v720dvr", Version: "1",
				Description: "What the recorder knows and can do. docs/api.md says how to begin. Times are RFC 3339 with the offset of the recorder's zone; problems are RFC 9457.",
			},
			Components: &huma.Components{
				Schemas: huma.NewMapRegistry("#/components/schemas/", huma.DefaultSchemaNamer),
				SecuritySchemes: map[string]*huma.SecurityScheme{
					"session": {Type: "apiKey", In: "cookie", Name: "v720dvr_session", Description: "Of POST /api/v1/session; with https its name begins with __Host-"},
					"token":   {Type: "http", Scheme: "bearer", Description: "Of POST /api/v1/tokens; or as the password of Basic, with any name"},
				},
			},
		},
		Formats:                      map[string]huma.Format{"application/json": huma.DefaultJSONFormat, "json": huma.DefaultJSONFormat},
		DefaultFormat:                "application/json",
		RejectUnknownQueryParameters: true,
		Transformers:                 []huma.Transformer{s.discreet},
	}, humago.NewAdapter(muxOf{s}, ""))
	s.sessionAPI(api)
	s.preferencesAPI(api)
	s.usersAPI(api)
	s.tokensAPI(api)
	s.auditAPI(api)
	s.camerasAPI(api)
	s.commandAPI(api)
	s.sdcardAPI(api)
	s.importAPI(api)
	s.arrivalsAPI(api)
	s.doctorAPI(api)
	s.demoAPI(api)
	s.recordingsAPI(api)
	s.eventsAPI(api)
	s.keepsAPI(api)
	s.eraseAPI(api)
	s.mediaAPI(api)
	s.exportAPI(api)
	s.tilesAPI(api)
	s.thumbsAPI(api)
	s.motionAPI(api)
	s.settingsAPI(api)
	s.storageAPI(api)
	s.scheduleAPI(api)
	s.healthAPI(api)
	s.liveAPI(api)
	s.systemAPI(api)
	s.namesAPI(api)
	s.captureAPI(api)
	s.hooksAPI(api)
	s.archiveAPI(api)
	s.serveProbes()
	s.serveMetrics()
	var err error
	if s.openapi, err = document(api); err != nil {
		return err
	}
	s.handle("GET /api/v1/openapi.json", http.HandlerFunc(s.serveDocument))
	return s.servePage()
}

// muxOf has what huma registers pass access.go.
type muxOf struct{ s *Server }

func (m muxOf) HandleFunc(pattern string, h func(http.ResponseWriter, *http.Request)) {
	m.s.handle(pattern, http.HandlerFunc(h))
}

func (m muxOf) ServeHTTP(w http.ResponseWriter, r *http.Request) { m.s.mux.ServeHTTP(w, r) }

// add registers an operation. What it needs is in access.go, and so in the document.
func add[I, O any](s *Server, api huma.API, method, path, id, summary string, do func(context.Context, *I) (*O, error), more ...func(*huma.Operation)) {
	op := huma.Operation{
		OperationID: id, Method: method, Path: path, Summary: summary,
		MaxBodyBytes: mostBody + 1, BodyReadTimeout: -1, // takeBody has bounded both
	}
	need := routes[method+" "+path]
	switch {
	case need.open:
		op.Security = []map[string][]string{}
	case need.session, need.person:
		op.Security = []map[string][]string{{"session": {}}}
	default:
		op.Security = []map[string][]string{{"session": {}}, {"token": {}}}
	}
	if need.scope != "" {
		op.Description = "Needs the scope " + string(need.scope) + "."
	}
	for _, change := range more {
		change(&op)
	}
	huma.Register(api, op, func(ctx context.Context, in *I) (*O, error) {
		out, err := do(ctx, in)
		if err != nil {
			return nil, s.problemOf(ctx, err)
		}
		return out, nil
	})
}

// created makes 201 the answer of an operation.
func created(op *huma.Operation) { op.DefaultStatus = http.StatusCreated }

// errHidden is answered as a thing that is not there.
var errHidden = errors.New("there is nothing at this address")

// problemOf makes the answer of an error.
func (s *Server) problemOf(ctx context.Context, err error) error {
	var own huma.StatusError
	var setting *SettingError
	var refused *RefusedError
	var command *CommandError
	switch {
	case errors.As(err, &own):
		return err
	case errors.As(err, &setting):
		return huma.Error422UnprocessableEntity("a setting cannot be so", settingDetails(err)...)
	case errors.As(err, &command):
		return huma.NewError(command.Status, err.Error())
	case errors.As(err, &refused):
		return huma.Error409Conflict(refused.Text)
	case errors.Is(err, errHidden), errors.Is(err, ErrNoCamera), errors.Is(err, ErrNoHook), errors.Is(err, storage.ErrUnknown):
		return huma.Error404NotFound(err.Error())
	case errors.Is(err, storage.ErrTaken), errors.Is(err, storage.ErrLastAdmin), errors.Is(err, storage.ErrTooMany):
		return huma.Error409Conflict(err.Error())
	case errors.Is(err, storage.ErrMalformed), errors.Is(err, ErrPassword):
		return huma.Error422UnprocessableEntity(err.Error())
	case errors.Is(err, errors.ErrUnsupported):
		return huma.Error501NotImplemented("this version does not do that")
	case errors.Is(err, errBusy):
		return huma.ErrorWithHeaders(huma.Error503ServiceUnavailable(err.Error()), http.Header{"Retry-After": {"2"}})
	case ctx.Err() != nil:
		return huma.Error503ServiceUnavailable("the request was given up")
	}
	s.o.Log.Error("a request could not be answered", "method", asked(ctx).request.Method, "path", asked(ctx).request.URL.Path, "err", err)
	return huma.Error500InternalServerError("this could not be done; the log has more")
}

// discreet takes out of problems what huma repeats of a request: a password would stand in the
// answer, and in whatever keeps answers.
func (s *Server) discreet(_ huma.Context, _ string, v any) (any, error) {
	p, ok := v.(*huma.ErrorModel)
	if !ok {
		return v, nil
	}
	quiet := *p
	quiet.Errors = nil
	for _, e := range p.Errors[:min(len(p.Errors), mostMistakes)] {
		if e != nil && p.Status < http.StatusInternalServerError {
			quiet.Errors = append(quiet.Errors, &huma.ErrorDetail{Message: e.Message, Location: e.Location})
		}
	}
	return &quiet, nil
}

// mostMistakes of a request are told: a body of 128 KB can have as many.
const mostMistakes = 20

// local is a time in the recorder's zone, to a microsecond; zero stays zero.
func (s *Server) local(t time.Time) time.Time {
	if t.IsZero() {
		return t
	}
	return t.In(s.o.Box.Location()).Truncate(time.Microsecond)
}

// camera finds a camera that is known.
func (s *Server) camera(ctx context.Context, id string) (Camera, error) {
	list, err := s.o.Box.Cameras(ctx)
	if err != nil {
		return Camera{}, err
	}
	i := slices.IndexFunc(list, func(c Camera) bool { return string(c.ID) == id })
	if i < 0 {
		return Camera{}, ErrNoCamera
	}
	return s.localCamera(list[i]), nil
}

func (s *Server) localCamera(c Camera) Camera {
	for _, t := range []*time.Time{&c.Since, &c.LastSeen, &c.LastFrame, &c.PausedUntil} {
		*t = s.local(*t)
	}
	c.Ailments = slices.Clone(c.Ailments)
	for i := range c.Ailments {
		c.Ailments[i].Since = s.local(c.Ailments[i].Since)
	}
	return c
}
