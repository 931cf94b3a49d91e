package web

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"v720dvr/storage"
)

func TestFirstStartTellsAPasswordOnceAndItOpens(t *testing.T) {
	s := open(t)
	if len(s.first) < 16 {
		t.Fatalf("got password %q", s.first)
	}
	told := s.first
	s.first = ""
	if err := s.firstUser(t.Context()); err != nil || s.first != "" {
		t.Errorf("at the second start: told %q, %v", s.first, err)
	}
	if strings.Contains(s.log.String(), told) {
		t.Error("the password is in the log too")
	}
	v := s.visitor()
	got := v.logIn("Admin", told)
	var session *http.Cookie
	for _, c := range got.Cookies() {
		if c.Name == "v720dvr_session" {
			session = c
		}
	}
	if session == nil || !session.HttpOnly || session.SameSite != http.SameSiteStrictMode || session.Secure || session.Path != "/" || session.Domain != "" {
		t.Errorf("got cookie %+v", session)
	}
	v.want(200, "GET", "/api/v1/users", nil)
	_, _, err := s.accounts.Session(t.Context(), [32]byte([]byte(session.Value)[:32]), s.clock.read())
	if err == nil {
		t.Error("the cookie itself is what is kept")
	}
	for _, wrong := range []fields{{"user": "admin", "password": told + "x"}, {"user": "admin", "password": ""}, {"user": "nobody", "password": told}, {"user": "", "password": ""}} {
		got := s.visitor().want(401, "POST", "/api/v1/session", wrong)
		if strings.Contains(string(got.body), told) || len(got.Cookies()) != 0 {
			t.Errorf("a refusal repeats the password or sets a cookie: %s", got.body)
		}
	}
}

func TestSessionSlidesAndEnds(t *testing.T) {
	s := open(t)
	v := s.admin()
	for range 14 { // four weeks at a time
		s.clock.add(28 * 24 * time.Hour)
		if got := v.send("GET", "/api/v1/session", nil); got.StatusCode != 200 {
			if s.clock.read().Sub(noon) < sessionMost {
				t.Fatalf("after %v in use: %s", s.clock.read().Sub(noon), got.Status)
			}
			break
		}
		s.settle()
	}
	v.want(401, "GET", "/api/v1/session", nil) // a year is over
	v.logIn("admin", s.first)
	s.clock.add(sessionIdle)
	v.want(401, "GET", "/api/v1/session", nil)

	v.logIn("admin", s.first)
	again := s.visitor()
	again.http.Jar = v.http.Jar
	v.want(204, "DELETE", "/api/v1/session", nil)
	v.want(401, "GET", "/api/v1/session", nil)
	again.want(401, "GET", "/api/v1/session", nil)
}

// settle waits until what is noted later is.
func (s *site) settle() {
	s.t.Helper()
	done := make(chan struct{})
	select {
	case s.deferred <- func(context.Context) error { close(done); return nil }:
	case <-s.t.Context().Done():
		s.t.Fatal("what is to be noted has no place")
	}
	<-done
}

func TestPasswordChangeEndsAllSessionsButTheNewOne(t *testing.T) {
	s := open(t)
	s.addUser("anna", storage.RoleViewer, storage.AllCameras)
	phone, desk := s.visitor(), s.visitor()
	phone.logIn("anna", "password of anna")
	desk.logIn("anna", "password of anna")
	desk.want(403, "PUT", "/api/v1/session/password", fields{"old": "not it, no", "new": "another password"})
	desk.want(422, "PUT", "/api/v1/session/password", fields{"old": "password of anna", "new": "short"})
	desk.want(200, "PUT", "/api/v1/session/password", fields{"old": "password of anna", "new": "another password"})
	desk.want(200, "GET", "/api/v1/session", nil)
	phone.want(401, "GET", "/api/v1/session", nil)
	phone.want(401, "POST", "/api/v1/session", fields{"user": "anna", "password": "password of anna"})
	phone.logIn("anna", "another password")

	var given struct{ Password string }
	s.admin().want(200, "PUT", "/api/v1/users/anna/password", fields{}).into(t, &given)
	phone.want(401, "GET", "/api/v1/session", nil)
	phone.logIn("anna", given.Password)
	s.admin().want(204, "DELETE", "/api/v1/users/anna/sessions", nil)
	phone.want(401, "GET", "/api/v1/session", nil)
}

func TestAuditLogTellsWhoDidWhatFromWhere(t *testing.T) {
	s := open(t)
	v := s.admin()
	v.want(200, "POST", "/api/v1/cameras/"+string(door)+"/pause", fields{"until": "2026-11-22T15:00:00+01:00"})
	v.want(422, "POST", "/api/v1/cameras/"+string(door)+"/pause", fields{"until": "2026-11-22T13:00:00+01:00"})
	s.visitor().want(401, "POST", "/api/v1/session", fields{"user": "admin\nx", "password": "wrong"})
	s.socket().want(200, "POST", "/api/v1/cameras/"+string(door)+"/resume", nil)
	var log struct{ Entries []AuditEntry }
	v.want(200, "GET", "/api/v1/audit", nil).into(t, &log)
	want := []AuditEntry{
		{Who: "command line", What: "camera.resume", About: string(door)},
		{Address: "127.0.0.1", What: "session.refused", About: "admin\nx"},
		{Who: "user admin", Address: "127.0.0.1", What: "camera.pause", About: string(door), Detail: "until 2026-11-22T15:00:00+01:00"},
		{Who: "user admin", Address: "127.0.0.1", What: "session.begin", About: "admin"},
	}
	if len(log.Entries) != len(want) {
		t.Fatalf("got %+v", log.Entries)
	}
	for i, got := range log.Entries {
		if !got.At.Equal(noon) || got.At.Format(time.RFC3339) != "2026-11-22T14:05:00+01:00" {
			t.Errorf("entry %d is of %v", i, got.At)
		}
		got.ID, got.At = 0, time.Time{}
		if got != want[i] {
			t.Errorf("entry %d: got %+v, want %+v", i, got, want[i])
		}
	}
	var page struct{ Entries []AuditEntry }
	v.want(200, "GET", "/api/v1/audit?limit=1&before="+itoa(log.Entries[1].ID), nil).into(t, &page)
	if len(page.Entries) != 1 || page.Entries[0].ID != log.Entries[2].ID {
		t.Errorf("got %+v", page.Entries)
	}
}

// A stream ends when who asked for it may not have it any more, and not before.
func TestStreamEndsWithTheRightToIt(t *testing.T) {
	s := open(t)
	s.addUser("anna", storage.RoleViewer, storage.SomeCameras(door))
	anna := s.visitor()
	anna.logIn("anna", "password of anna")
	token := s.with("script", storage.AllCameras, ScopeLive)
	begin := func(v *visitor) (*Principal, context.Context) {
		t.Helper()
		r, err := http.NewRequest("GET", s.base+"/", nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range v.http.Jar.Cookies(r.URL) {
			r.AddCookie(c)
		}
		r.Header["Authorization"] = map[bool][]string{true: {"Bearer " + v.token}}[v.token != ""]
		p, err := s.identify(r)
		if err != nil || p == nil {
			t.Fatalf("got %+v, %v", p, err)
		}
		ctx, done := s.streams.hold(t.Context(), p)
		t.Cleanup(done)
		return p, ctx
	}
	_, first := begin(anna)
	_, scripts := begin(token)
	admin := s.admin()
	admin.want(200, "PATCH", "/api/v1/users/anna", fields{"cameras": []string{string(door), string(yard)}})
	<-first.Done() // it would show less, or more, than she may see
	_, second := begin(anna)
	anna.want(204, "DELETE", "/api/v1/session", nil)
	<-second.Done()
	if scripts.Err() != nil {
		t.Error("somebody else's stream ended too")
	}
	admin.want(204, "DELETE", "/api/v1/tokens/script", nil)
	<-scripts.Done()
}

func TestTokenIsTakenAsBearerOrPasswordAndNothingElseIs(t *testing.T) {
	s := open(t)
	v := s.with("script", storage.AllCameras, ScopeRead)
	token := v.token
	v.token = ""
	for header, want := range map[string]int{
		"Bearer " + token: 200, "bearer  " + token: 200, "Bearer " + token + "x": 401, "Bearer": 401, "Bearer ": 401, token: 401, "Digest " + token: 401, "Basic !": 401,
	} {
		if got := v.send("GET", "/api/v1/session", nil, func(r *http.Request) { r.Header.Set("Authorization", header) }); got.StatusCode != want {
			t.Errorf("%.12q: got %s, want %d", header, got.Status, want)
		}
	}
	if got := v.send("GET", "/api/v1/session", nil, func(r *http.Request) { r.SetBasicAuth("anything", token) }); got.StatusCode != 200 {
		t.Errorf("as the password of Basic: got %s", got.Status)
	}
	// Whoever gives a token is that token, whatever cookies say.
	admin := s.admin()
	if got := admin.send("GET", "/api/v1/users", nil, func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+token) }); got.StatusCode != 403 {
		t.Errorf("an admin's cookie beside a token for reading: got %s", got.Status)
	}
	s.settle()
	list, err := s.accounts.Tokens(t.Context())
	if err != nil || !list[0].Used.Equal(noon) {
		t.Errorf("it was used, and noted is %v, %v", list[0].Used, err)
	}
}
