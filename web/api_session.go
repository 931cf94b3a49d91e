package web

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"v720dvr/camera"
	"v720dvr/storage"
)

// Me is who asks, and what they may.
type Me struct {
	Who        string      `json:"who" doc:"As in the audit log" example:"user anna"`
	User       string      `json:"user,omitempty" doc:"Name of the user; missing for a token, and where nobody logs in"`
	Scopes     []Scope     `json:"scopes" nullable:"false" doc:"read, live, control, admin"`
	AllCameras bool        `json:"all_cameras" doc:"All cameras may be seen, also those to come"`
	Cameras    []camera.ID `json:"cameras" nullable:"false" doc:"Those that may be seen, unless all may"`
}

type meAnswer struct{ Body Me }

type sessionAnswer struct {
	SetCookie []http.Cookie `header:"Set-Cookie"`
	Body      Me
}

type loginRequest struct {
	Body struct {
		User     string `json:"user" maxLength:"64"`
		Password string `json:"password" maxLength:"256"`
	}
}

type ownPasswordRequest struct {
	Body struct {
		Old string `json:"old" maxLength:"256" doc:"The password until now"`
		New string `json:"new" minLength:"8" maxLength:"256"`
	}
}

func (s *Server) sessionAPI(api huma.API) {
	add(s, api, "POST", "/api/v1/session", "log-in", "Log in: the answer sets a cookie", s.logIn)
	add(s, api, "GET", "/api/v1/session", "who-am-i", "Who asks, and what they may", func(ctx context.Context, _ *struct{}) (*meAnswer, error) {
		return &meAnswer{Body: meOf(Asks(ctx))}, nil
	})
	add(s, api, "DELETE", "/api/v1/session", "log-out", "Log out", s.logOut)
	add(s, api, "PUT", "/api/v1/session/password", "change-own-password", "Change one's own password; all other sessions of the user end", s.changeOwnPassword)
}

func meOf(p *Principal) Me {
	me := Me{Who: p.Who, Scopes: p.Scopes, AllCameras: p.Cameras.All, Cameras: listed(p.Cameras.IDs)}
	if p.session != nil {
		me.User = p.User.Name
	}
	return me
}

// errRefused says no more than that it was not right.
var errRefused = huma.Error401Unauthorized("user or password is wrong")

func (s *Server) logIn(ctx context.Context, in *loginRequest) (*sessionAnswer, error) {
	if s.deviceKey == nil {
		return nil, huma.Error404NotFound("nobody needs to log in here")
	}
	user, device, err := s.check(ctx, in.Body.User, in.Body.Password)
	if err != nil {
		return nil, err
	}
	n := asked(ctx).note
	n.who, n.about = "user "+user.Name, user.Name
	return s.beginSession(ctx, user, device)
}

// check compares a user's password, slowing down who guesses. device is the browser's, when it is
// known for this user.
func (s *Server) check(ctx context.Context, name, password string) (user storage.User, device string, err error) {
	r := asked(ctx).request
	now := s.o.Now()
	device = s.knownDevice(r, name)
	wait, tells := s.guesses.try(name, remote(r), device, now)
	if wait > 0 {
		seconds := int((wait + time.Second - 1) / time.Second)
		return user, "", huma.ErrorWithHeaders(
			huma.Error429TooManyRequests(fmt.Sprintf("too many wrong passwords; try again in %d s", seconds)),
			http.Header{"Retry-After": {strconv.Itoa(seconds)}})
	}
	user, hash, err := s.accounts.User(ctx, name)
	if known := err == nil; !known {
		if !errors.Is(err, storage.ErrUnknown) {
			return user, "", err
		}
		hash = s.passwords.nobody
	}
	same, outdated, failed := s.passwords.is(ctx, hash, password)
	if failed != nil {
		return user, "", failed
	}
	if !same || err != nil {
		if tells {
			s.refused(ctx, name, remote(r))
		}
		return user, "", errRefused
	}
	s.guesses.right(remote(r), device)
	if outdated {
		if fresh, err := s.passwords.hash(ctx, password); err == nil {
			s.later(func(ctx context.Context) error { return s.accounts.Rehash(ctx, user.ID, hash, fresh) })
		}
	}
	return user, device, nil
}

// refused tells of log-ins that were refused: at the first, and whenever the wait grows.
func (s *Server) refused(ctx context.Context, name string, from netip.Addr) {
	s.o.Log.Warn("log-in refused: user or password is wrong; more tries from there have to wait", "user", cutText(name, 64), "addr", from)
	e := storage.AuditEntry{At: s.o.Now(), Address: from.String(), What: "session.refused", About: cutText(name, 64)}
	if err := s.accounts.Audit(ctx, e); err != nil {
		s.o.Log.Error("a refused log-in is not in the audit log", "err", err)
	}
}

func cutText(text string, most int) string {
	return strings.ToValidUTF8(text[:min(len(text), most)], "\uFFFD")
}

func (s *Server) beginSession(ctx context.Context, user storage.User, device string) (*sessionAnswer, error) {
	r, now, secret := asked(ctx).request, s.o.Now(), newSecret()
	hash := sha256.Sum256([]byte(secret))
	err := s.accounts.BeginSession(ctx, storage.Session{
		Hash: hash, User: user.ID, Begun: now, Expires: sessionEnd(now, now),
		Address: remote(r).String(), Agent: r.UserAgent(),
	})
	if err != nil {
		return nil, err
	}
	p := &Principal{Who: "user " + user.Name, User: &user, session: &hash}
	p.Scopes, p.Cameras = ofUser(user)
	answer := &sessionAnswer{SetCookie: []http.Cookie{*s.cookie(s.cookieName(), secret, sessionMost)}, Body: meOf(p)}
	if device == "" {
		answer.SetCookie = append(answer.SetCookie, *s.cookie(s.deviceCookie(), s.newDevice(user.Name), 10*sessionMost))
	}
	return answer, nil
}

type endedAnswer struct {
	SetCookie []http.Cookie `header:"Set-Cookie"`
}

func (s *Server) logOut(ctx context.Context, _ *struct{}) (*endedAnswer, error) {
	p := Asks(ctx)
	about(ctx, p.User.Name, "")
	if err := s.accounts.EndSession(ctx, *p.session); err != nil {
		return nil, err
	}
	s.streams.kick()
	return &endedAnswer{SetCookie: []http.Cookie{*s.cookie(s.cookieName(), "", 0)}}, nil
}

func (s *Server) changeOwnPassword(ctx context.Context, in *ownPasswordRequest) (*sessionAnswer, error) {
	p := Asks(ctx)
	about(ctx, p.User.Name, "")
	user, device, err := s.check(ctx, p.User.Name, in.Body.Old)
	if err != nil {
		if errors.Is(err, errRefused) {
			err = huma.Error403Forbidden("the old password is wrong")
		}
		return nil, err
	}
	if err := s.setPassword(ctx, user.Name, in.Body.New); err != nil {
		return nil, err
	}
	return s.beginSession(ctx, user, device)
}

func (s *Server) setPassword(ctx context.Context, name, password string) error {
	hash, err := s.passwords.hash(ctx, password)
	if err != nil {
		return err
	}
	if err := s.accounts.SetPassword(ctx, name, hash, s.o.Now()); err != nil {
		return err
	}
	s.streams.kick()
	return nil
}

// deviceCookie says that a user has logged in in this browser before. It opens nothing.
func (s *Server) deviceCookie() string { return s.cookiePrefix() + "v720dvr_device" }

func (s *Server) newDevice(user string) string {
	number := newSecret()[:16]
	return number + "." + s.deviceSeal(user, number)
}

func (s *Server) deviceSeal(user, number string) string {
	mac := hmac.New(sha256.New, s.deviceKey)
	fmt.Fprintf(mac, "%s %s", strings.ToLower(user), number)
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil)[:16])
}

// knownDevice is the number of the browser, when this user has logged in in it before; "" else.
func (s *Server) knownDevice(r *http.Request, user string) string {
	cookie, err := r.Cookie(s.deviceCookie())
	if err != nil || s.deviceKey == nil {
		return ""
	}
	number, seal, _ := strings.Cut(cookie.Value, ".")
	if len(number) != 16 || !hmac.Equal([]byte(seal), []byte(s.deviceSeal(user, number))) {
		return ""
	}
	return number
}

// listed is a list that is never null.
func listed[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}
