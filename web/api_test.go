package web

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"v720dvr/storage"
)

func TestListsComeInPages(t *testing.T) {
	s := open(t)
	for i := range 5 {
		film(t, s.o.Store, door, noon.Add(time.Duration(i)*time.Minute))
	}
	v := s.with("reader", storage.AllCameras, ScopeRead)
	for _, order := range []string{"oldest", "newest"} {
		var ids []int64
		for cursor := ""; ; {
			var page struct {
				Segments []Segment
				Next     string
			}
			v.want(200, "GET", "/api/v1/segments?limit=2&order="+order+"&cursor="+cursor, nil).into(t, &page)
			for _, r := range page.Segments {
				ids = append(ids, r.ID)
			}
			if cursor = page.Next; cursor == "" {
				break
			}
		}
		if want := map[string]string{"oldest": "[1 2 3 4 5]", "newest": "[5 4 3 2 1]"}[order]; fmt.Sprint(ids) != want {
			t.Errorf("%s: got %v, want %s", order, ids, want)
		}
	}
	var events struct{ Events []Event }
	v.want(200, "GET", "/api/v1/events?kind=motion&from=2026-11-22T14:06:00%2B01:00&to=2026-11-22T13:08:00Z", nil).into(t, &events)
	if len(events.Events) != 2 || events.Events[0].At.Format(time.RFC3339Nano) != "2026-11-22T14:06:00.2+01:00" || events.Events[0].Detail != "door" {
		t.Errorf("got %+v", events)
	}
	v.want(422, "GET", "/api/v1/events?from=2026-11-22T14:06:00+01:00", nil) // the + is a space
	var coverage Coverage
	v.want(200, "GET", "/api/v1/cameras/"+string(door)+"/coverage?from=2026-11-22T14:05:00%2B01:00&to=2026-11-22T14:06:00%2B01:00", nil).into(t, &coverage)
	years := "/api/v1/cameras/" + string(door) + "/coverage?from=2016-11-22T14:05:00Z&to=2026-11-22T14:06:00Z"
	v.want(422, "GET", years, nil)
	s.socket().want(200, "GET", years, nil)
	if coverage.Recorded < 0 || coverage.From.Format(time.RFC3339) != "2026-11-22T14:05:00+01:00" {
		t.Errorf("got %+v", coverage)
	}
}

func TestCameraIsPausedTriggeredAndApproved(t *testing.T) {
	s := open(t)
	v := s.admin()
	path := "/api/v1/cameras/" + string(door)
	var c Camera
	v.want(200, "POST", path+"/pause", fields{"seconds": 60}).into(t, &c)
	if c.Recording != RecordingPaused || c.PausedUntil.Format(time.RFC3339) != "2026-11-22T14:06:00+01:00" {
		t.Errorf("got %+v", c)
	}
	v.want(422, "POST", path+"/pause", fields{"seconds": 60, "until": "2026-11-22T15:06:00+01:00"})
	v.want(200, "POST", path+"/resume", nil).into(t, &c)
	if c.Recording != RecordingOn {
		t.Errorf("got %+v", c)
	}
	v.want(200, "POST", path+"/approve", nil).into(t, &c)
	if !c.Approved {
		t.Errorf("got %+v", c)
	}
	v.want(200, "POST", path+"/trigger", fields{"seconds": 30.5, "detail": "bell"})
	refused := v.want(409, "POST", "/api/v1/cameras/"+string(other)+"/trigger", fields{})
	if !strings.Contains(string(refused.body), `"detail":"it is not recorded now: paused"`) {
		t.Errorf("got %s", refused.body)
	}
	if got := fmt.Sprint(s.hall.triggered); got != "[0800c0000002 30.5s user admin: bell]" {
		t.Errorf("got %s", got)
	}
	v.want(422, "POST", path+"/trigger", fields{"seconds": 86401})
	for _, what := range []string{"", "/schedule", "/settings"} {
		v.want(404, "GET", "/api/v1/cameras/0800c0FFFFFF"+what, nil)
	}
	v.want(404, "POST", "/api/v1/cameras/0800c0FFFFFF/pause", fields{})
	var schedule Schedule
	v.want(200, "GET", path+"/schedule?changes=2", nil).into(t, &schedule)
	if len(schedule.Changes) != 2 || schedule.Changes[0].At.Format(time.RFC3339) != "2026-11-22T15:05:00+01:00" {
		t.Errorf("got %+v", schedule)
	}
}

func TestSettingsAreSetAndTakenBack(t *testing.T) {
	s := open(t)
	v := s.admin()
	var got struct{ Settings []Setting }
	v.want(200, "PATCH", "/api/v1/cameras/"+string(door)+"/settings", fields{"recording.segment": "1m"}).into(t, &got)
	if set := got.Settings[0]; string(set.Value) != `"1m"` || set.Who != "user admin" || set.Origin != "set" || set.At.Format(time.RFC3339) != "2026-11-22T14:05:00+01:00" {
		t.Errorf("got %+v", got)
	}
	v.want(200, "GET", "/api/v1/settings", nil).into(t, &got)
	if string(got.Settings[0].Value) != `"5m"` {
		t.Errorf("the whole box: got %+v", got)
	}
	refused := v.want(422, "PATCH", "/api/v1/settings", fields{"recording.segment": "1m", "recording.segmnt": 5})
	if !strings.Contains(string(refused.body), `"location":"body.recording.segmnt"`) {
		t.Errorf("got %s", refused.body)
	}
	v.want(422, "PATCH", "/api/v1/settings", fields{})
	v.want(200, "PATCH", "/api/v1/cameras/"+string(door)+"/settings", fields{"recording.segment": nil}).into(t, &got)
	if string(got.Settings[0].Value) != `"5m"` {
		t.Errorf("taken back: got %+v", got)
	}
}

func TestUsersAndTokensAreMade(t *testing.T) {
	s := open(t)
	v := s.admin()
	var made struct {
		User     User
		Password string
	}
	v.want(201, "POST", "/api/v1/users", fields{"name": "anna", "role": "viewer", "cameras": []string{string(door)}}).into(t, &made)
	if made.User.AllCameras || len(made.User.Cameras) != 1 || made.Password == "" {
		t.Errorf("got %+v", made)
	}
	s.visitor().logIn("anna", made.Password)
	v.want(409, "POST", "/api/v1/users", fields{"name": "Anna", "role": "viewer"})
	v.want(422, "POST", "/api/v1/users", fields{"name": "bob", "role": "root"})
	v.want(422, "POST", "/api/v1/users", fields{"name": "b/b", "role": "viewer"})
	v.want(422, "POST", "/api/v1/users", fields{"name": "bob", "role": "viewer", "cameras": []string{"../.."}})
	refused := v.want(422, "POST", "/api/v1/users", fields{"name": "bob", "role": "viewer", "password": "geheim"})
	if strings.Contains(string(refused.body), "geheim") {
		t.Errorf("the answer repeats a password: %s", refused.body)
	}
	v.want(409, "DELETE", "/api/v1/users/admin", nil)
	v.want(404, "DELETE", "/api/v1/users/nobody", nil)
	v.want(404, "PATCH", "/api/v1/users/nobody", fields{})
	v.want(404, "DELETE", "/api/v1/users/nobody/sessions", nil)
	var token struct {
		Info  Token
		Token string
	}
	v.want(201, "POST", "/api/v1/tokens", fields{"name": "ha", "scopes": []string{"live", "read"}, "all_cameras": true, "expires": "2026-11-22T15:05:00+01:00"}).into(t, &token)
	if token.Info.Owner != "admin" || !strings.HasPrefix(token.Token, "v720_") || strings.Contains(string(v.want(200, "GET", "/api/v1/tokens", nil).body), token.Token) {
		t.Errorf("got %+v", token)
	}
	program := s.visitor()
	program.token = token.Token
	program.want(200, "GET", "/api/v1/cameras", nil)
	s.clock.add(time.Hour)
	program.want(401, "GET", "/api/v1/cameras", nil)
	v.want(422, "POST", "/api/v1/tokens", fields{"name": "old", "scopes": []string{"read"}, "expires": "2026-11-22T14:05:00+01:00"})
	v.want(422, "POST", "/api/v1/tokens", fields{"name": "odd", "scopes": []string{"everything"}})
	v.want(204, "DELETE", "/api/v1/tokens/ha", nil)
	v.want(404, "DELETE", "/api/v1/tokens/ha", nil)
}

func TestZoneIsToldByItsOffsets(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	from := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	got := zoneParts(from.In(berlin), from.AddDate(1, 0, 0))
	var text []string
	for _, p := range got {
		text = append(text, fmt.Sprint(p.From.UTC().Format("01-02T15:04"), " ", p.Seconds, " ", p.Name))
	}
	if want := "01-01T00:00 3600 CET, 03-29T01:00 7200 CEST, 10-25T01:00 3600 CET"; strings.Join(text, ", ") != want {
		t.Errorf("got %v, want %s", text, want)
	}
	if got := zoneParts(from, from.AddDate(1, 0, 0)); len(got) != 1 {
		t.Errorf("UTC: got %+v", got)
	}
}
