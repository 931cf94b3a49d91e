package storage_test

import (
	"errors"
	"path/filepath"
	"testing"

	"v720dvr/camera"
	"v720dvr/storage"
	"v720dvr/storage/storagetest"
)

func TestFirstUserIsMadeOnceAndTheLastAdminStays(t *testing.T) {
	accounts := storagetest.Open(t, storage.Options{}).Accounts()
	for i, want := range []bool{true, false} {
		if added, err := accounts.FirstUser(t.Context(), "admin", "hash", noon); added != want || err != nil {
			t.Errorf("first user, try %d: got %v, %v, want %v", i+1, added, err, want)
		}
	}
	viewer := storage.User{Name: "Anna", Role: storage.RoleViewer, Cameras: storage.SomeCameras("0800c0000002", "0800c0000001", "0800c0000002")}
	added, err := accounts.AddUser(t.Context(), viewer, "hash of Anna", noon)
	if err != nil || added.Cameras.String() != "0800c0000001 0800c0000002" || !added.Created.Equal(micros(noon)) {
		t.Errorf("got %+v, %v", added, err)
	}
	for name, u := range map[string]storage.User{
		"taken": {Name: "anna", Role: storage.RoleViewer}, "no name": {Role: storage.RoleViewer}, "path": {Name: "../x", Role: storage.RoleViewer},
		"line": {Name: "a\nb", Role: storage.RoleViewer}, "role": {Name: "bob", Role: "root"},
	} {
		_, err := accounts.AddUser(t.Context(), u, "hash", noon)
		want := storage.ErrMalformed
		if name == "taken" {
			want = storage.ErrTaken
		}
		if !errors.Is(err, want) {
			t.Errorf("%s: got %v, want %v", name, err, want)
		}
	}
	if err := accounts.RemoveUser(t.Context(), "admin"); !errors.Is(err, storage.ErrLastAdmin) {
		t.Errorf("remove the last admin: got %v", err)
	}
	if _, err := accounts.ChangeUser(t.Context(), storage.User{Name: "admin", Role: storage.RoleViewer}); !errors.Is(err, storage.ErrLastAdmin) {
		t.Errorf("make the last admin a viewer: got %v", err)
	}
	if u, _, err := accounts.User(t.Context(), "ADMIN"); err != nil || u.Role != storage.RoleAdmin {
		t.Errorf("behind a refused change: got %+v, %v, want an admin still", u, err)
	}
	if _, err := accounts.ChangeUser(t.Context(), storage.User{Name: "ANNA", Role: storage.RoleAdmin, Cameras: storage.AllCameras}); err != nil {
		t.Error(err)
	}
	if err := accounts.RemoveUser(t.Context(), "admin"); err != nil {
		t.Errorf("remove an admin beside another: %v", err)
	}
	if err := accounts.RemoveUser(t.Context(), "admin"); !errors.Is(err, storage.ErrUnknown) {
		t.Errorf("remove who is not there: got %v", err)
	}
	list, err := accounts.Users(t.Context())
	if err != nil || len(list) != 1 || list[0].Name != "Anna" || list[0].Role != storage.RoleAdmin || !list[0].Cameras.All {
		t.Errorf("left: %+v, %v", list, err)
	}
}

func TestAccountsAreChangedBesideARunningStore(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	if _, err := storage.OpenAccounts(t.Context(), dir); err == nil {
		t.Error("accounts of a folder that no v720dvr has used: no error")
	}
	store := storagetest.Open(t, storage.Options{Dir: dir})
	beside, err := storage.OpenAccounts(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := beside.AddUser(t.Context(), storage.User{Name: "anna", Role: storage.RoleAdmin}, "hash", noon); err != nil {
		t.Error(err)
	}
	if err := beside.Close(); err != nil {
		t.Error(err)
	}
	if _, password, err := store.Accounts().User(t.Context(), "anna"); err != nil || password != "hash" {
		t.Errorf("the running store sees %q, %v", password, err)
	}
}

func TestKeyIsDrawnOnce(t *testing.T) {
	accounts := storagetest.Open(t, storage.Options{}).Accounts()
	for _, draw := range []string{"one", "two"} {
		if key, err := accounts.Key(t.Context(), "device", func() ([]byte, error) { return []byte(draw), nil }); err != nil || string(key) != "one" {
			t.Errorf("got %q, %v, want the first one drawn", key, err)
		}
	}
	broken := errors.New("no entropy")
	if _, err := accounts.Key(t.Context(), "other", func() ([]byte, error) { return nil, broken }); !errors.Is(err, broken) {
		t.Errorf("got %v", err)
	}
	if err := accounts.SetKey(t.Context(), "device", []byte("three")); err != nil {
		t.Fatal(err)
	}
	if key, err := accounts.Key(t.Context(), "device", nil); err != nil || string(key) != "three" {
		t.Errorf("got %q, %v, want the one that was set", key, err)
	}
}

func TestCameraSetsMeet(t *testing.T) {
	some, other := storage.SomeCameras("AAAA1", "BBBB2"), storage.SomeCameras("BBBB2", "CCCC3")
	for _, c := range []struct {
		a, b storage.CameraSet
		want string
	}{
		{storage.AllCameras, storage.AllCameras, "*"},
		{storage.AllCameras, some, "AAAA1 BBBB2"},
		{some, storage.AllCameras, "AAAA1 BBBB2"},
		{some, other, "BBBB2"},
		{some, storage.CameraSet{}, ""},
	} {
		got := c.a.And(c.b)
		if got.String() != c.want {
			t.Errorf("%q and %q: got %q, want %q", c.a, c.b, got, c.want)
		}
		for _, id := range []camera.ID{"AAAA1", "BBBB2", "CCCC3", "*", ""} {
			if got.Has(id) != (c.a.Has(id) && c.b.Has(id)) {
				t.Errorf("%q and %q: has %q: %v", c.a, c.b, id, got.Has(id))
			}
		}
	}
}
