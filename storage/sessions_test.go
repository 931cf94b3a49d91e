package storage_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"v720dvr/storage"
	"v720dvr/storage/storagetest"
)

func hash(n byte) (h [32]byte) {
	h[0] = n
	return h
}

func TestSessionsEndByThemselvesAtLogOutAndWithThePassword(t *testing.T) {
	accounts := storagetest.Open(t, storage.Options{}).Accounts()
	anna, err := accounts.AddUser(t.Context(), storage.User{Name: "anna", Role: storage.RoleAdmin}, "old", noon)
	if err != nil {
		t.Fatal(err)
	}
	begin := func(n byte, at time.Time) {
		t.Helper()
		err := accounts.BeginSession(t.Context(), storage.Session{
			Hash: hash(n), User: anna.ID, Begun: at, Expires: at.Add(time.Hour), Address: "192.168.1.9", Agent: strings.Repeat("\xff", 999)})
		if err != nil {
			t.Fatal(err)
		}
	}
	there := func(n byte, at time.Time, want bool) {
		t.Helper()
		s, u, err := accounts.Session(t.Context(), hash(n), at)
		if want && (err != nil || u.Name != "anna" || s.User != anna.ID) || !want && !errors.Is(err, storage.ErrUnknown) {
			t.Errorf("session %d at %v: got %+v, %+v, %v, want it there: %v", n, at, s, u, err, want)
		}
	}
	begin(1, noon)
	begin(2, noon)
	there(1, noon.Add(time.Hour-time.Second), true)
	there(1, noon.Add(time.Hour), false)
	if err := accounts.ProlongSession(t.Context(), hash(1), noon.Add(time.Minute), noon.Add(2*time.Hour)); err != nil {
		t.Fatal(err)
	}
	there(1, noon.Add(time.Hour), true)
	if err := accounts.EndSession(t.Context(), hash(1)); err != nil {
		t.Fatal(err)
	}
	there(1, noon, false)
	if err := accounts.ProlongSession(t.Context(), hash(1), noon, noon.Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	there(1, noon, false)
	there(2, noon, true)
	if err := accounts.SetPassword(t.Context(), "Anna", "new", noon.Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	there(2, noon, false)
	if err := accounts.Rehash(t.Context(), anna.ID, "old", "stale"); err != nil {
		t.Fatal(err)
	}
	if _, password, err := accounts.User(t.Context(), "anna"); err != nil || password != "new" {
		t.Errorf("a hash of the old password took the place of the new: %q, %v", password, err)
	}
	begin(3, noon)
	if n, err := accounts.EndSessions(t.Context(), "anna"); n != 1 || err != nil {
		t.Errorf("ended %d, %v", n, err)
	}
	begin(4, noon)
	if err := accounts.BeginSession(t.Context(), storage.Session{Hash: hash(9), User: 99, Begun: noon, Expires: noon.Add(time.Hour)}); err == nil {
		t.Error("a session of nobody began")
	}
}

func TestSessionsOfAUserAreBounded(t *testing.T) {
	accounts := storagetest.Open(t, storage.Options{}).Accounts()
	anna, err := accounts.AddUser(t.Context(), storage.User{Name: "anna", Role: storage.RoleAdmin}, "hash", noon)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 70 {
		at := noon.Add(time.Duration(i) * time.Second)
		if err := accounts.BeginSession(t.Context(), storage.Session{Hash: hash(byte(i)), User: anna.ID, Begun: at, Expires: at.Add(time.Hour)}); err != nil {
			t.Fatal(err)
		}
	}
	for i, want := range map[byte]bool{0: false, 5: false, 6: true, 69: true} {
		if _, _, err := accounts.Session(t.Context(), hash(i), noon); (err == nil) != want {
			t.Errorf("session %d of 70: got %v, want it there: %v", i, err, want)
		}
	}
}
