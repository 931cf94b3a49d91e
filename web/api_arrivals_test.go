package web

import (
	"encoding/json"
	"net/http"
	"testing"
	"time"

	"github.com/coder/websocket"

	"v720dvr/camera"
	"v720dvr/storage"
)

// arrivals are the next ones that a viewer is told.
func (l *looker) arrivals() []Arrival {
	l.t.Helper()
	for {
		kind, raw, err := l.read()
		if err != nil {
			l.t.Fatal(err)
		}
		var got arrivalsMessage
		if kind == websocket.MessageText && json.Unmarshal(raw, &got) == nil && got.Type == "arrivals" {
			return got.Arrivals
		}
	}
}

func TestStepsOfACameraAreToldAsTheyComeToWhoMaySeeIt(t *testing.T) {
	s := open(t)
	s.addUser("viewer", storage.RoleViewer, storage.SomeCameras(door))
	arrival := func(id camera.ID, step Step) Arrival {
		return Arrival{Camera: id, Address: "192.168.1.50", MAC: "b4:6d:c2:01:02:03", Steps: []ArrivalStep{{Step: step, At: noon.UTC(), Line: "POST /app/api"}}}
	}
	s.hall.arrive(arrival("", StepDNS))
	s.hall.arrive(arrival(yard, StepHTTP))
	viewer := s.visitor()
	viewer.logIn("viewer", "password of viewer")
	admin, some := s.admin().look(), viewer.look()
	if got := admin.arrivals(); len(got) != 2 || got[0].Camera != "" || got[0].MAC == "" || got[1].Steps[0].Line == "" || got[1].Steps[0].At.Location() == time.UTC {
		t.Errorf("the admin is told %+v", got)
	}
	s.hall.arrive(arrival(door, StepConnect))
	if got := admin.arrivals(); len(got) != 1 || got[0].Camera != door || got[0].Steps[0].Step != StepConnect {
		t.Errorf("the admin is told %+v", got)
	}
	if got := some.arrivals(); len(got) != 1 || got[0].Camera != door || got[0].MAC != "" || got[0].Steps[0].Line != "" {
		t.Errorf("who sees one camera is told %+v", got)
	}
	var told struct{ Arrivals []Arrival }
	viewer.want(http.StatusOK, "GET", "/api/v1/arrivals", nil).into(t, &told)
	if len(told.Arrivals) != 1 || told.Arrivals[0].Camera != door {
		t.Errorf("got %+v", told)
	}
}
