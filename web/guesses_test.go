package web

import (
	"fmt"
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"time"
)

func TestWrongPasswordsHaveToWaitLongerAndLonger(t *testing.T) {
	g, now := newGuesses(), noon
	addr := netip.MustParseAddr("192.168.1.66")
	var waits []time.Duration
	lines := 0
	for range 16 {
		wait, tells := g.try("admin", addr, "", now)
		if wait > 0 {
			waits = append(waits, wait)
			now = now.Add(wait)
			if wait, tells = g.try("admin", addr, "", now); wait > 0 {
				t.Fatalf("behind the wait: %v more", wait)
			}
		}
		if tells {
			lines++
		}
	}
	want := "[1s 2s 4s 8s 16s 32s 1m4s 2m8s 4m16s 5m0s 5m0s]"
	if fmt.Sprint(waits) != want || lines != 13 {
		t.Errorf("got %v and %d lines of log, want %s and 13", waits, lines, want)
	}
	if wait, _ := g.try("admin", netip.MustParseAddr("192.168.1.67"), "", now); wait > 0 {
		t.Errorf("somebody else at home waits %v", wait)
	}
	now = now.Add(longestWait + forgiven + time.Second)
	if wait, tells := g.try("admin", addr, "", now); wait > 0 || !tells {
		t.Errorf("after a while: wait %v, told of %v, want it to begin anew", wait, tells)
	}
	g.right(addr, "")
	for range freeTries {
		if wait, _ := g.try("admin", addr, "", now); wait > 0 {
			t.Errorf("behind the right one: wait %v", wait)
		}
	}
}

// Whatever strangers do, an owner is let in where he has been before, and at home.
func TestStrangersLockNobodyOut(t *testing.T) {
	g, now := newGuesses(), noon
	let := 0
	for i := range 3000 { // each from an address of its own
		addr := netip.AddrFrom4([4]byte{203, 0, byte(i / 256), byte(i)})
		if wait, _ := g.try("admin", addr, "", now); wait == 0 {
			let++
		}
		now = now.Add(100 * time.Millisecond)
	}
	if most := slotBurst + int(300*time.Second/slotEvery) + 1; let > most {
		t.Errorf("%d guesses from many addresses in 5 min, want at most %d", let, most)
	}
	beyond := netip.MustParseAddr("203.0.113.5")
	g.try("admin", beyond, "", now) // the one that may be left
	if wait, _ := g.try("Admin", beyond, "", now); wait == 0 {
		t.Error("another case of the name is another name")
	}
	if wait, _ := g.try("admin", beyond, "the owner's phone", now); wait > 0 {
		t.Errorf("the owner's phone on the road waits %v", wait)
	}
	if wait, _ := g.try("admin", netip.MustParseAddr("192.168.1.9"), "", now); wait > 0 {
		t.Errorf("the owner's new phone at home waits %v", wait)
	}
	if len(g.places.now) > mostRecent || len(g.places.before) > mostRecent || len(g.devices.now) > 1 {
		t.Errorf("remembered are %d and %d addresses", len(g.places.now), len(g.places.before))
	}
}

func TestSixtyFourBitsOfIPv6AreOneAddress(t *testing.T) {
	g := newGuesses()
	for i := range freeTries {
		g.try("admin", netip.MustParseAddr(fmt.Sprintf("2001:db8::%d", i+1)), "", noon)
	}
	if wait, _ := g.try("admin", netip.MustParseAddr("2001:db8::ffff"), "", noon); wait == 0 {
		t.Error("another address of a household is another household")
	}
	if wait, _ := g.try("admin", netip.MustParseAddr("2001:db8:0:1::1"), "", noon); wait > 0 {
		t.Errorf("another household waits %v", wait)
	}
}

func TestLogInSlowsDownAndTellsTheLogInALine(t *testing.T) {
	s := open(t)
	v := s.visitor()
	owner := s.admin() // has a device cookie
	for i := range 20 {
		got := v.send("POST", "/api/v1/session", fields{"user": "admin", "password": fmt.Sprint("guess ", i)})
		if want := map[bool]int{true: 401, false: 429}[i < freeTries]; got.StatusCode != want {
			t.Errorf("guess %d: got %s, want %d", i+1, got.Status, want)
		}
		if got.StatusCode == 429 && got.Header.Get("Retry-After") == "" {
			t.Error("429 does not say when to come again")
		}
	}
	if n := strings.Count(s.log.String(), `msg="log-in refused`); n != 2 {
		t.Errorf("%d lines of log for 20 guesses, want 2: the first, and when the wait began", n)
	}
	if got := v.send("POST", "/api/v1/session", fields{"user": "admin", "password": s.first}); got.StatusCode != 429 {
		t.Errorf("the right one in the wait: got %s", got.Status)
	}
	owner.want(204, "DELETE", "/api/v1/session", nil)
	owner.logIn("admin", s.first) // from the same address, with its cookie
	// A device cookie is for the user who logged in, and cannot be made.
	forged := s.visitor()
	got := forged.send("POST", "/api/v1/session", fields{"user": "admin", "password": s.first}, func(r *http.Request) {
		r.AddCookie(&http.Cookie{Name: "v720dvr_device", Value: "0123456789abcdef.AAAAAAAAAAAAAAAAAAAAAA"})
	})
	if got.StatusCode != 429 {
		t.Errorf("with a forged device cookie: got %s", got.Status)
	}
}
