package storage_test

import (
	"errors"
	"reflect"
	"testing"
	"time"

	"v720dvr/storage"
	"v720dvr/storage/storagetest"
)

func TestTokenIsFoundByItsHashUntilItExpiresOrGoes(t *testing.T) {
	accounts := storagetest.Open(t, storage.Options{}).Accounts()
	anna, err := accounts.AddUser(t.Context(), storage.User{Name: "anna", Role: storage.RoleViewer, Cameras: storage.SomeCameras("0800c0000001")}, "hash", noon)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := accounts.FirstUser(t.Context(), "admin", "hash", noon); err != nil {
		t.Fatal(err)
	}
	if _, err := accounts.AddUser(t.Context(), storage.User{Name: "bob", Role: storage.RoleAdmin}, "hash", noon); err != nil {
		t.Fatal(err)
	}
	add := func(token storage.Token, h [32]byte) storage.Token {
		t.Helper()
		added, err := accounts.AddToken(t.Context(), token, h)
		if err != nil {
			t.Fatal(err)
		}
		return added
	}
	garage := add(storage.Token{Name: "garage", Scopes: []string{"read", "live", "read"}, Cameras: storage.AllCameras, Owner: &anna, Created: noon, Expires: noon.Add(time.Hour)}, hash(1))
	add(storage.Token{Name: "kitchen", Scopes: []string{"admin"}, Created: noon}, hash(2))

	got, err := accounts.Token(t.Context(), hash(1), noon.Add(time.Hour-time.Second))
	if err != nil || !reflect.DeepEqual(got.Scopes, []string{"live", "read"}) || !got.Cameras.All || got.Owner == nil ||
		got.Owner.Name != "anna" || got.Owner.Role != storage.RoleViewer || !got.Owner.Cameras.Has("0800c0000001") || got.ID != garage.ID || !got.Used.IsZero() {
		t.Errorf("got %+v, %v", got, err)
	}
	if _, err := accounts.Token(t.Context(), hash(1), noon.Add(time.Hour)); !errors.Is(err, storage.ErrUnknown) {
		t.Errorf("an expired token: got %v", err)
	}
	if got, err := accounts.Token(t.Context(), hash(2), noon.AddDate(50, 0, 0)); err != nil || got.Owner != nil || got.Cameras.Has("0800c0000001") {
		t.Errorf("one that does not expire: got %+v, %v", got, err)
	}
	if err := accounts.TokenUsed(t.Context(), garage.ID, noon); err != nil {
		t.Fatal(err)
	}
	list, err := accounts.Tokens(t.Context())
	if err != nil || len(list) != 2 || list[0].Name != "garage" || !list[0].Used.Equal(micros(noon)) {
		t.Errorf("got %+v, %v", list, err)
	}
	for name, token := range map[string]storage.Token{
		"malformed": {Name: "x", Scopes: []string{"read live"}}, "without scope": {Name: "x"}, "name": {Name: " ", Scopes: []string{"read"}},
	} {
		if _, err := accounts.AddToken(t.Context(), token, hash(3)); !errors.Is(err, storage.ErrMalformed) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	if _, err := accounts.AddToken(t.Context(), storage.Token{Name: "GARAGE", Scopes: []string{"read"}}, hash(3)); !errors.Is(err, storage.ErrTaken) {
		t.Errorf("a second one of a name: got %v", err)
	}
	if err := accounts.RevokeToken(t.Context(), "Kitchen"); err != nil {
		t.Fatal(err)
	}
	if err := accounts.RevokeToken(t.Context(), "kitchen"); !errors.Is(err, storage.ErrUnknown) {
		t.Errorf("revoked twice: got %v", err)
	}
	if err := accounts.RemoveUser(t.Context(), "anna"); err != nil {
		t.Fatal(err)
	}
	if list, err := accounts.Tokens(t.Context()); err != nil || len(list) != 0 {
		t.Errorf("a user's tokens are left behind it: %+v, %v", list, err)
	}
}
