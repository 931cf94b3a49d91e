package web

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"v720dvr/camera"
	"v720dvr/storage"
)

// Token is what a program uses the API with.
type Token struct {
	Name       string      `json:"name"`
	Scopes     []string    `json:"scopes" nullable:"false" doc:"read, live, control, admin; admin has all others in it"`
	AllCameras bool        `json:"all_cameras"`
	Cameras    []camera.ID `json:"cameras" nullable:"false" doc:"Those that it may see, unless it may see all"`
	Owner      string      `json:"owner,omitempty" doc:"Who made it: it may no more than that user, and goes with it. Missing: made at the command line"`
	Created    time.Time   `json:"created"`
	Used       time.Time   `json:"used,omitzero" doc:"To within an hour; missing: never"`
	Expires    time.Time   `json:"expires,omitzero" doc:"Missing: never"`
}

func (s *Server) tokenOf(t storage.Token) Token {
	shown := Token{
		Name: t.Name, Scopes: t.Scopes, AllCameras: t.Cameras.All, Cameras: listed(t.Cameras.IDs),
		Created: s.local(t.Created), Used: s.local(t.Used), Expires: s.local(t.Expires),
	}
	if t.Owner != nil {
		shown.Owner = t.Owner.Name
	}
	return shown
}

type tokensAnswer struct {
	Body struct {
		Tokens []Token `json:"tokens" nullable:"false"`
	}
}

type newTokenRequest struct {
	Body struct {
		Name       string    `json:"name" minLength:"1" maxLength:"64"`
		Scopes     []string  `json:"scopes" minItems:"1" maxItems:"4" enum:"read,live,control,admin"`
		AllCameras bool      `json:"all_cameras,omitempty"`
		Cameras    []string  `json:"cameras,omitempty" maxItems:"1024"`
		Expires    time.Time `json:"expires,omitzero" doc:"Missing: never"`
	}
}

type newTokenAnswer struct {
	Body struct {
		Info  Token  `json:"info"`
		Token string `json:"token" doc:"It is not shown again"`
	}
}

type tokenPath struct {
	Token string `path:"token" doc:"Its name"`
}

func (s *Server) tokensAPI(api huma.API) {
	add(s, api, "GET", "/api/v1/tokens", "list-tokens", "List the tokens", func(ctx context.Context, _ *struct{}) (*tokensAnswer, error) {
		list, err := s.accounts.Tokens(ctx)
		if err != nil {
			return nil, err
		}
		answer := new(tokensAnswer)
		answer.Body.Tokens = []Token{}
		for _, t := range list {
			answer.Body.Tokens = append(answer.Body.Tokens, s.tokenOf(t))
		}
		return answer, nil
	})
	add(s, api, "POST", "/api/v1/tokens", "create-token", "Create a token", s.createToken, created)
	add(s, api, "DELETE", "/api/v1/tokens/{token}", "revoke-token", "Revoke a token", func(ctx context.Context, in *tokenPath) (*struct{}, error) {
		about(ctx, in.Token, "")
		err := s.accounts.RevokeToken(ctx, in.Token)
		s.streams.kick()
		return nil, err
	})
}

func (s *Server) createToken(ctx context.Context, in *newTokenRequest) (*newTokenAnswer, error) {
	about(ctx, in.Body.Name, strings.Join(in.Body.Scopes, " "))
	cameras, err := cameraSet(in.Body.AllCameras, in.Body.Cameras)
	if err != nil {
		return nil, err
	}
	now := s.o.Now()
	if !in.Body.Expires.IsZero() && !in.Body.Expires.After(now) {
		return nil, huma.Error422UnprocessableEntity("the token would have expired already")
	}
	if err := CheckScopes(in.Body.Scopes); err != nil {
		return nil, huma.Error422UnprocessableEntity(err.Error())
	}
	token, hash := NewToken()
	t, err := s.accounts.AddToken(ctx, storage.Token{
		Name: in.Body.Name, Scopes: in.Body.Scopes, Cameras: cameras, Owner: Asks(ctx).User, Created: now, Expires: in.Body.Expires,
	}, hash)
	if err != nil {
		return nil, err
	}
	answer := new(newTokenAnswer)
	answer.Body.Info, answer.Body.Token = s.tokenOf(t), token
	return answer, nil
}

// CheckScopes says which of these is no scope.
func CheckScopes(scopes []string) error {
	for _, text := range scopes {
		if !slices.Contains(Scopes(), Scope(text)) {
			return &scopeError{text}
		}
	}
	return nil
}

type scopeError struct{ text string }

func (e *scopeError) Error() string {
	return "\"" + cutText(e.text, 32) + "\" is no scope; there are read, live, control and admin"
}
