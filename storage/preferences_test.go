package storage_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"v720dvr/storage"
	"v720dvr/storage/storagetest"
)

func TestPreferencesAreEachUsersOwnAndEndWithTheUser(t *testing.T) {
	a := storagetest.Open(t, storage.Options{}).Accounts()
	anna, err := a.AddUser(t.Context(), storage.User{Name: "anna", Role: storage.RoleAdmin}, "hash", noon)
	if err != nil {
		t.Fatal(err)
	}
	ben, err := a.AddUser(t.Context(), storage.User{Name: "ben", Role: storage.RoleViewer}, "hash", noon)
	if err != nil {
		t.Fatal(err)
	}
	for user, value := range map[int64]string{anna.ID: `{"order":["a"]}`, ben.ID: `{"order":["b"]}`, 0: `{}`} {
		if err := a.SetPreferences(t.Context(), user, json.RawMessage(`{"old":true}`)); err != nil {
			t.Fatal(err)
		}
		if err := a.SetPreferences(t.Context(), user, json.RawMessage(value)); err != nil {
			t.Fatal(err)
		}
		if got, err := a.Preferences(t.Context(), user); err != nil || string(got) != value {
			t.Errorf("user %d: got %s, %v, want %s", user, got, err, value)
		}
	}
	if err := a.RemoveUser(t.Context(), "ben"); err != nil {
		t.Fatal(err)
	}
	if got, err := a.Preferences(t.Context(), ben.ID); err != nil || got != nil {
		t.Errorf("of a user that is gone: got %s, %v", got, err)
	}
	if got, err := a.Preferences(t.Context(), anna.ID); err != nil || got == nil {
		t.Errorf("of another user: got %s, %v", got, err)
	}
	if err := a.SetPreferences(t.Context(), ben.ID, json.RawMessage(`{}`)); !errors.Is(err, storage.ErrUnknown) {
		t.Errorf("set for a user that is gone: got %v", err)
	}
	for _, bad := range []string{``, `{`, `"` + strings.Repeat("x", 16<<10) + `"`} {
		if err := a.SetPreferences(t.Context(), anna.ID, json.RawMessage(bad)); !errors.Is(err, storage.ErrMalformed) {
			t.Errorf("%.20s: got %v", bad, err)
		}
	}
}
