package web

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/danielgtaylor/huma/v2"

	"v720dvr/camera"
)

// Preferences are how somebody has arranged the page: the same in each browser of a user.
type Preferences struct {
	Order []camera.ID `json:"order" nullable:"false" maxItems:"256" doc:"Cameras in the order in which they stand; those that are not in it stand behind, by id"`
	Phone string      `json:"phone" enum:"one,two" doc:"Columns on a narrow screen"`
	Desk  string      `json:"desk" enum:"auto,one,two,focus" doc:"On a wide one; auto: as many columns as make the pictures largest; focus: one large picture, the others beside it"`
}

func noPreferences() Preferences {
	return Preferences{Order: []camera.ID{}, Phone: "one", Desk: "auto"}
}

type preferencesAnswer struct{ Body Preferences }

func (s *Server) preferencesAPI(api huma.API) {
	add(s, api, "GET", "/api/v1/preferences", "preferences", "How who asks has arranged the page", s.preferences)
	add(s, api, "PUT", "/api/v1/preferences", "set-preferences", "Arrange the page", s.setPreferences)
}

// whose is the number under which preferences are kept: 0 where nobody logs in.
func whose(ctx context.Context) int64 {
	if p := Asks(ctx); p.User != nil {
		return p.User.ID
	}
	return 0
}

func (s *Server) preferences(ctx context.Context, _ *struct{}) (*preferencesAnswer, error) {
	kept, err := s.accounts.Preferences(ctx, whose(ctx))
	if err != nil {
		return nil, err
	}
	answer := &preferencesAnswer{Body: noPreferences()}
	if kept != nil {
		if err := json.Unmarshal(kept, &answer.Body); err != nil {
			return nil, fmt.Errorf("read preferences: %w", err)
		}
	}
	answer.Body.Order = listed(answer.Body.Order)
	return answer, nil
}

func (s *Server) setPreferences(ctx context.Context, in *struct{ Body Preferences }) (*preferencesAnswer, error) {
	seen := make(map[camera.ID]bool)
	for i, id := range in.Body.Order {
		_, err := camera.ParseID(string(id))
		if err == nil && seen[id] {
			err = fmt.Errorf("camera %s stands in it twice", id)
		}
		if err != nil {
			return nil, huma.Error422UnprocessableEntity("the order is a list of cameras' ids", &huma.ErrorDetail{Location: fmt.Sprintf("body.order[%d]", i), Message: err.Error()})
		}
		seen[id] = true
	}
	value, err := json.Marshal(in.Body)
	if err != nil {
		return nil, err
	}
	return &preferencesAnswer{Body: in.Body}, s.accounts.SetPreferences(ctx, whose(ctx), value)
}
