package web

import (
	"context"
	"errors"
	"regexp"
	"strings"
	"testing"
)

func TestHashOfAPasswordIsItsOwn(t *testing.T) {
	cheap(t)
	p := newPasswords()
	const password = "correct horse ☃ staple"
	hash, err := HashPassword(password)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := HashPassword(password); err != nil || again == hash {
		t.Error("two hashes of a password are the same: no salt")
	}
	for text, want := range map[string]bool{password: true, password + " ": false, "": false, strings.Repeat("x", 1<<20): false} {
		if same, outdated, err := p.is(t.Context(), hash, text); same != want || outdated || err != nil {
			t.Errorf("%.20q: got %v, outdated %v, %v, want %v", text, same, outdated, err, want)
		}
	}
	if same, _, err := p.is(t.Context(), p.nobody, password); same || err != nil {
		t.Errorf("nobody's password: got %v, %v", same, err)
	}
	dearer := argon{memory: 16, passes: 2, lanes: 1}
	salt := []byte("0123456789abcdef")
	if same, outdated, err := p.is(t.Context(), dearer.format(salt, dearer.hash(password, salt)), password); !same || !outdated || err != nil {
		t.Errorf("a hash of another cost: got %v, outdated %v, %v", same, outdated, err)
	}
}

// What is kept may come from another version, or from a hand: nothing in it may take the machine down.
func TestHashIsReadWithinItsBounds(t *testing.T) {
	for text, ok := range map[string]bool{
		"$argon2id$v=19$m=65536,t=3,p=4$c29tZXNhbHQ$RdescudvJCsgt3ub+b+dWRWJTmaaJObG":              false, // 24 bytes
		"$argon2id$v=19$m=64,t=3,p=4$c29tZXNhbHQ$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA":      true,
		"$argon2i$v=19$m=64,t=3,p=4$c29tZXNhbHQ$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA":       false,
		"$argon2id$v=16$m=64,t=3,p=4$c29tZXNhbHQ$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA":      false,
		"$argon2id$v=19$m=4194304,t=3,p=4$c29tZXNhbHQ$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA": false,
		"$argon2id$v=19$m=64,t=0,p=4$c29tZXNhbHQ$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA":      false,
		"$argon2id$v=19$m=+64,t=3,p=4$c29tZXNhbHQ$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA":     false,
		"": false, "$$$$$": false,
	} {
		if _, _, _, err := parseHash(text); (err == nil) != ok {
			t.Errorf("%q: %v, want it read: %v", text, err, ok)
		}
	}
}

func FuzzParseHash(f *testing.F) {
	f.Add("$argon2id$v=19$m=64,t=3,p=4$c29tZXNhbHQ$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")
	f.Add("$argon2id$v=19$m=65536,t=3,p=4$c29tZXNhbHQ$")
	f.Fuzz(func(t *testing.T, text string) {
		a, salt, hash, err := parseHash(text)
		if err == nil && a.format(salt, hash) != text {
			t.Errorf("%q reads as %q", text, a.format(salt, hash))
		}
	})
}

func TestHashingIsBounded(t *testing.T) {
	p := newPasswords()
	var done []func()
	for range hashesAtOnce {
		leave, err := p.turn(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		done = append(done, leave)
	}
	waiting, stop := context.WithCancel(t.Context())
	ended := make(chan error, hashesWaiting)
	for range hashesWaiting {
		go func() {
			_, err := p.turn(waiting)
			ended <- err
		}()
	}
	// The last of them is refused only when all others wait.
	for p.waiting.Load() < hashesWaiting {
		select {
		case err := <-ended:
			t.Fatalf("one of those that may wait: %v", err)
		default:
		}
	}
	if _, err := p.turn(t.Context()); !errors.Is(err, errBusy) {
		t.Errorf("one more: %v", err)
	}
	stop()
	for range hashesWaiting {
		if err := <-ended; !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	}
	for _, leave := range done {
		leave()
	}
	if leave, err := p.turn(t.Context()); err != nil {
		t.Error(err)
	} else {
		leave()
	}
}

func TestDrawnPasswordCanBeTyped(t *testing.T) {
	a, b := NewPassword(), NewPassword()
	if a == b || !regexp.MustCompile(`^([a-z2-9]{4}-){3}[a-z2-9]{4}$`).MatchString(a) || CheckPassword(a) != nil {
		t.Errorf("got %q and %q", a, b)
	}
	for text, ok := range map[string]bool{"1234567": false, "12345678": true, "äöüßäöü": false, "äöüßäöüß": true, strings.Repeat("x", 257): false, "xxxxxxxx\xff": false} {
		if (CheckPassword(text) == nil) != ok {
			t.Errorf("%q: want %v", text, ok)
		}
	}
}
