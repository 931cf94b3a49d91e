package web

import (
	"slices"
	"strings"
	"testing"

	"v720dvr/storage"
)

func TestCameraIsToldWhatToDoAndItStandsInTheAuditLog(t *testing.T) {
	s := open(t)
	admin := s.admin()
	path := "/api/v1/cameras/" + string(door) + "/"
	var state CameraState
	admin.want(200, "GET", path+"state", nil).into(t, &state)
	if state.Settings["ir"] != "on" || !state.Control || len(state.Commands) != 3 || state.Since.Location().String() == "UTC" || state.Networks == nil {
		t.Errorf("got %+v", state)
	}
	var answer struct {
		Results []CommandResult
		State   CameraState
	}
	admin.want(200, "POST", path+"command", fields{"set": fields{"led": "off", "ir": "on"}}).into(t, &answer)
	if len(answer.Results) != 2 || answer.Results[0].Command != "ir" || !answer.Results[0].Shown || len(answer.Results[0].Replies) != 1 || answer.State.Settings["ir"] != "on" {
		t.Errorf("got %+v", answer)
	}
	admin.want(200, "POST", path+"command", fields{"do": "reboot"})
	admin.want(200, "POST", path+"command", fields{"mqtt": `{ "x":1, "code":204,"p":"secret"}`, "seconds": 0.5})
	admin.want(422, "POST", path+"command", fields{"do": "power-off"})
	admin.want(200, "POST", path+"command", fields{"do": "power-off", "sure": true})
	admin.want(422, "POST", path+"command", fields{})
	admin.want(422, "POST", path+"command", fields{"do": "reboot", "set": fields{"ir": "on"}})
	admin.want(422, "POST", path+"command", fields{"forward": `[1]`})
	admin.want(504, "POST", path+"command", fields{"set": fields{"ir": "late"}})
	admin.want(409, "POST", path+"command", fields{"set": fields{"ir": "away"}})
	admin.want(404, "POST", "/api/v1/cameras/0800c0999999/command", fields{"do": "reboot"})
	if want := ` [] { "x":1, "code":204,"p":"secret"} true`; !slices.ContainsFunc(s.hall.commanded, func(c string) bool { return strings.HasSuffix(c, want) }) {
		t.Errorf("the raw message came as another one: %q", s.hall.commanded)
	}

	list, err := s.o.Store.Accounts().AuditLog(t.Context(), 0, 100)
	if err != nil {
		t.Fatal(err)
	}
	var told []string
	for _, e := range list {
		if e.What == "camera.command" {
			told = append(told, e.Who+" "+e.About+" "+e.Detail)
		}
	}
	want := []string{"ir=late (failed)", "power-off", "raw 204", "reboot", "ir=on led=off"}
	for i := range want {
		want[i] = "user admin " + string(door) + " " + want[i]
	}
	if !slices.Equal(told, want) {
		t.Errorf("got %q, want %q", told, want)
	}
}

func TestWhatIsDangerousOrRawNeedsMoreThanControl(t *testing.T) {
	s := open(t)
	c := s.with("control", storage.AllCameras, ScopeControl)
	path := "/api/v1/cameras/" + string(door) + "/command"
	c.want(200, "POST", path, fields{"do": "reboot"})
	c.want(200, "POST", path, fields{"set": fields{"ir": "on"}})
	c.want(403, "POST", path, fields{"do": "power-off", "sure": true})
	c.want(403, "POST", path, fields{"mqtt": `{"code":202}`})
	c.want(403, "POST", path, fields{"forward": `{"code":202}`})
	if len(s.hall.commanded) != 2 {
		t.Errorf("got %q", s.hall.commanded)
	}
}
