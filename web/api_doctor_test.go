package web

import (
	"net/http"
	"testing"

	"v720dvr/storage"
)

func TestDoctorTellsAdminsAllAndOthersOfTheirCamerasAlone(t *testing.T) {
	s := open(t)
	s.addUser("viewer", storage.RoleViewer, storage.SomeCameras(door))
	var all, some Diagnosis
	s.admin().want(http.StatusOK, "GET", "/api/v1/doctor", nil).into(t, &all)
	if len(all.Findings) != 4 || len(all.Ways) != 3 || all.Findings[0].Found == "" || all.Ways[0].MAC == "" || all.Ways[0].Steps[0].Line == "" {
		t.Errorf("the admin is told %+v", all)
	}
	if got := all.Ways[0].Steps[0].At.Format("15:04 -0700"); got != "14:05 +0100" {
		t.Errorf("a step was seen at %s, want the recorder's zone", got)
	}
	viewer := s.visitor()
	viewer.logIn("viewer", "password of viewer")
	viewer.want(http.StatusOK, "GET", "/api/v1/doctor", nil).into(t, &some)
	if len(some.Findings) != 2 || some.Findings[0].Found != "" || some.Findings[0].Do != "" || some.Findings[0].Severity != SeverityFault || some.Findings[1].Camera != door || some.Findings[1].Found == "" {
		t.Errorf("who sees one camera is told of %+v", some.Findings)
	}
	if len(some.Ways) != 1 || some.Ways[0].Camera != door || some.Ways[0].MAC != "" || some.Ways[0].Steps[0].Line != "" {
		t.Errorf("who sees one camera is told of %+v", some.Ways)
	}
}
