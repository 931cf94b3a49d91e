package web

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"v720dvr/camera"
)

type settingsAnswer struct {
	Body struct {
		Settings []Setting `json:"settings" nullable:"false"`
	}
}

type changeSettingsRequest struct {
	TwiceQuery
	Body map[string]json.RawMessage `doc:"New values by key, in the form of GET; null takes back what was set: config.toml decides again"`
}

type changeCameraSettingsRequest struct {
	CameraPath
	TwiceQuery
	Body map[string]json.RawMessage `doc:"New values by key, in the form of GET; null takes back what was set: the whole box's value decides again"`
}

func (s *Server) settingsAPI(api huma.API) {
	add(s, api, "GET", "/api/v1/settings", "settings", "The settings of the whole box", func(ctx context.Context, _ *struct{}) (*settingsAnswer, error) {
		return s.settingsOf(ctx, "")
	})
	add(s, api, "PATCH", "/api/v1/settings", "change-settings", "Change settings of the whole box, all or none", func(ctx context.Context, in *changeSettingsRequest) (*settingsAnswer, error) {
		return s.changeSettings(ctx, "", in.Body, in.Twice)
	})
	add(s, api, "GET", "/api/v1/cameras/{camera}/settings", "camera-settings", "The settings of a camera", func(ctx context.Context, in *CameraPath) (*settingsAnswer, error) {
		if _, err := s.camera(ctx, in.Camera); err != nil {
			return nil, err
		}
		return s.settingsOf(ctx, camera.ID(in.Camera))
	})
	add(s, api, "PATCH", "/api/v1/cameras/{camera}/settings", "change-camera-settings", "Change settings of a camera, all or none", func(ctx context.Context, in *changeCameraSettingsRequest) (*settingsAnswer, error) {
		if _, err := s.camera(ctx, in.Camera); err != nil {
			return nil, err
		}
		return s.changeSettings(ctx, camera.ID(in.Camera), in.Body, in.Twice)
	})
}

func (s *Server) settingsOf(ctx context.Context, id camera.ID) (*settingsAnswer, error) {
	list, err := s.o.Box.Settings(ctx, id)
	if err != nil {
		return nil, err
	}
	answer := new(settingsAnswer)
	answer.Body.Settings = listed(slices.Clone(list))
	for i := range answer.Body.Settings {
		answer.Body.Settings[i].At = s.local(answer.Body.Settings[i].At)
	}
	return answer, nil
}

// mostChanges of a request.
const mostChanges = 100

func (s *Server) changeSettings(ctx context.Context, id camera.ID, changes map[string]json.RawMessage, twice bool) (*settingsAnswer, error) {
	if len(changes) == 0 || len(changes) > mostChanges {
		return nil, huma.Error422UnprocessableEntity("nothing is to be changed, or more than 100 keys")
	}
	rules := false
	for key, value := range changes {
		rules = rules || isRule(key)
		if string(value) == "null" {
			changes[key] = nil
		}
	}
	if rules && !twice {
		if err := s.once(ctx, RuleChanges{id: changes}); err != nil {
			return nil, err
		}
	}
	about(ctx, string(id), strings.Join(slices.Sorted(maps.Keys(changes)), " "))
	if err := s.o.Box.ChangeSettings(ctx, id, changes, Asks(ctx).Who); err != nil {
		return nil, err
	}
	return s.settingsOf(ctx, id)
}

// settingDetails lists what is wrong with settings: the errors may be joined.
func settingDetails(err error) (details []error) {
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		for _, e := range joined.Unwrap() {
			details = append(details, settingDetails(e)...)
		}
		return details
	}
	var wrong *SettingError
	if errors.As(err, &wrong) {
		return []error{&huma.ErrorDetail{Message: wrong.Text, Location: "body." + wrong.Key}}
	}
	return []error{errors.New("another mistake; the log has it")}
}
