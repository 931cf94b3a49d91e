package web

import (
	"strings"
	"testing"

	"v720dvr/camera"
	"v720dvr/storage"
)

func TestWeekShowsWhatMayBeSeen(t *testing.T) {
	s := open(t)
	seer := s.with("seer", storage.CameraSet{IDs: []camera.ID{door}}, ScopeRead)
	var got Week
	s.admin().want(200, "GET", "/api/v1/schedule?from=2026-11-20T23:30:00Z", nil).into(t, &got)
	if len(got.Days) != 7 || got.Days[0].From.Format("2006-01-02T15:04Z07:00") != "2026-11-21T00:00+01:00" || len(got.Rules) != 3 || len(got.Cameras) != 2 || len(got.Changes) != 10 ||
		got.Changes[1].At.Before(got.Changes[0].At) || got.Changes[0].Camera == got.Changes[1].Camera {
		t.Errorf("the admin sees %+v", got)
	}
	got = Week{}
	seer.want(200, "GET", "/api/v1/schedule", nil).into(t, &got)
	if len(got.Rules) != 2 || got.Rules[0].Number != 1 || got.Rules[0].Cameras[0] != string(door) || got.Rules[1].Number != 3 || len(got.Rules[1].Cameras) != 0 || len(got.Rules[1].For) != 1 ||
		len(got.Cameras) != 1 || len(got.Changes) != 8 {
		t.Errorf("who sees one camera sees %+v", got)
	}
}

func TestSchedulePreviewIsOfTheScheduleAlone(t *testing.T) {
	v := open(t).admin()
	v.want(200, "POST", "/api/v1/schedule/preview", fields{"settings": fields{"schedule": nil, "recording.mode": "motion"}})
	v.want(200, "POST", "/api/v1/schedule/preview", fields{"settings": fields{}})
	if got := v.want(422, "POST", "/api/v1/schedule/preview", fields{"settings": fields{"log.level": "debug"}}); !strings.Contains(string(got.body), "body.settings.log.level") {
		t.Errorf("got %s", got.body)
	}
	got := v.want(422, "POST", "/api/v1/schedule/preview", fields{"settings": fields{"schedule": []any{fields{"start": "at night"}}}})
	for _, want := range []string{`"body.schedule[0].start"`, `"body.schedule[1]"`} {
		if !strings.Contains(string(got.body), want) {
			t.Errorf("got %s, want a mistake at %s", got.body, want)
		}
	}
}
