package web

import (
	"net/http"
	"slices"
	"testing"

	"v720dvr/camera"
	"v720dvr/storage"
)

func TestOrderOfCamerasIsTheSameInEachBrowserOfAUserAndNoOther(t *testing.T) {
	s := open(t)
	s.addUser("anna", storage.RoleViewer, storage.AllCameras)
	s.addUser("ben", storage.RoleViewer, storage.AllCameras)
	phone, desk, ben := s.visitor(), s.visitor(), s.visitor()
	phone.logIn("anna", "password of anna")
	desk.logIn("anna", "password of anna")
	ben.logIn("ben", "password of ben")
	got := func(v *visitor) (p Preferences) {
		t.Helper()
		v.want(http.StatusOK, "GET", "/api/v1/preferences", nil).into(t, &p)
		return p
	}
	if p := got(phone); len(p.Order) != 0 || p.Phone != "one" || p.Desk != "auto" {
		t.Errorf("at first: got %+v", p)
	}
	want := Preferences{Order: []camera.ID{other, door}, Phone: "two", Desk: "focus"}
	phone.want(http.StatusOK, "PUT", "/api/v1/preferences", want)
	if p := got(desk); !slices.Equal(p.Order, want.Order) || p.Phone != "two" || p.Desk != "focus" {
		t.Errorf("in another browser: got %+v", p)
	}
	if p := got(ben); len(p.Order) != 0 {
		t.Errorf("of another user: got %+v", p)
	}
	for _, bad := range []any{
		fields{"order": []string{"../etc"}, "phone": "one", "desk": "auto"}, fields{"order": []camera.ID{door, door}, "phone": "one", "desk": "auto"},
		fields{"order": make([]string, 257), "phone": "one", "desk": "auto"}, fields{"order": []string{}, "phone": "nine", "desk": "auto"},
		fields{"order": []string{}, "phone": "one", "desk": "auto", "else": 1}, fields{}, `{"order":null}`,
	} {
		phone.want(http.StatusUnprocessableEntity, "PUT", "/api/v1/preferences", bad)
	}
	if p := got(phone); !slices.Equal(p.Order, want.Order) {
		t.Errorf("behind what was refused: got %+v", p)
	}
	reader := s.with("reader", storage.AllCameras, ScopeRead)
	reader.want(http.StatusForbidden, "PUT", "/api/v1/preferences", want)
}
