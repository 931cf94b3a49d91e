package web

import (
	"errors"
	"net/netip"
	"sync"
	"testing"
	"time"

	"v720dvr/storage"
)

func TestPasswordsAndTokensAreGoodElsewhereThanOnThePage(t *testing.T) {
	s := open(t)
	v := s.with("live", storage.AllCameras, ScopeLive)
	from := netip.MustParseAddr("192.168.1.66")
	p, err := s.Authenticate(t.Context(), "whoever", v.token, from)
	if err != nil || !p.May(ScopeLive) || p.May(ScopeRead) || !s.Still(t.Context(), p) {
		t.Errorf("a token: got %+v, %v", p, err)
	}
	if _, err := s.Authenticate(t.Context(), "whoever", tokenPrefix+"nonsense", from); !errors.Is(err, ErrDenied) {
		t.Errorf("a token that is none: %v", err)
	}
	hash, err := HashPassword("right horse")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.accounts.AddUser(t.Context(), storage.User{Name: "anna", Role: storage.RoleViewer}, hash, s.o.Now()); err != nil {
		t.Fatal(err)
	}
	// An NVR of 30 cameras comes all at once: that is one try, and 30 who are let in.
	var all sync.WaitGroup
	for range 30 {
		all.Go(func() {
			if p, err := s.Authenticate(t.Context(), "Anna", "right horse", from); err != nil || p.Who != "user anna" {
				t.Errorf("got %+v, %v", p, err)
			}
		})
	}
	all.Wait()
	p, err = s.Authenticate(t.Context(), "anna", "right horse", from)
	if err != nil || p.Cameras.Has(door) || p.May(ScopeControl) {
		t.Errorf("a viewer of no camera: got %+v, %v", p, err)
	}
	if err := s.accounts.SetPassword(t.Context(), "anna", cost.format(make([]byte, 16), make([]byte, 32)), s.o.Now()); err != nil {
		t.Fatal(err)
	}
	if s.Still(t.Context(), p) {
		t.Error("with another password who came with the old one goes on")
	}
	if _, err := s.Authenticate(t.Context(), "anna", "right horse", from); !errors.Is(err, ErrDenied) {
		t.Errorf("the old password: %v", err)
	}
}

// Whoever has been right before is a guesser like others when he is wrong, and waits with the right one too.
func TestGuessesElsewhereAreThoseOfThePage(t *testing.T) {
	s := open(t)
	hash, err := HashPassword("right horse")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.accounts.AddUser(t.Context(), storage.User{Name: "anna", Role: storage.RoleViewer, Cameras: storage.AllCameras}, hash, s.o.Now()); err != nil {
		t.Fatal(err)
	}
	from := netip.MustParseAddr("192.168.1.66")
	if _, err := s.Authenticate(t.Context(), "anna", "right horse", from); err != nil {
		t.Fatal(err)
	}
	wait := (*WaitError)(nil)
	for i := range freeTries {
		if _, err := s.Authenticate(t.Context(), "anna", "wrong horse", from); !errors.Is(err, ErrDenied) {
			t.Fatalf("try %d: %v", i, err)
		}
	}
	for _, password := range []string{"wrong horse", "right horse"} {
		if _, err := s.Authenticate(t.Context(), "anna", password, from); !errors.As(err, &wait) || wait.After <= 0 || wait.After > time.Second {
			t.Errorf("%s: got %v, want a wait", password, err)
		}
	}
	if wait, _ := s.guesses.try("anna", from, "", s.o.Now()); wait <= 0 {
		t.Error("the page lets guess on")
	}
	if _, err := s.Authenticate(t.Context(), "anna", "right horse", netip.MustParseAddr("192.168.1.67")); err != nil {
		t.Errorf("from elsewhere: %v", err)
	}
	for range 2 * mostProofs {
		s.proofs.keep(s.proofs.seal(newSecret(), "", "", from), s.o.Now())
	}
	if n := len(s.proofs.right); n > mostProofs {
		t.Errorf("%d are remembered", n)
	}
}
