package web

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"v720dvr/storage"
)

// tokenPrefix marks a token as ours: people and secret scanners know it again.
const tokenPrefix = "v720_"

// newSecret draws what a session's cookie or a token holds: 256 bits, so that nobody needs to be
// kept from guessing, and a plain hash is enough to keep.
func newSecret() string {
	raw := make([]byte, 32)
	rand.Read(raw)
	return base64.RawURLEncoding.EncodeToString(raw)
}

// NewToken draws a token, and gives the hash by which it is kept.
func NewToken() (token string, hash [32]byte) {
	token = tokenPrefix + newSecret()
	return token, sha256.Sum256([]byte(token))
}

// errBadCredentials is a token or session that is none: it never was, it has expired or was ended.
var errBadCredentials = errors.New("the token is none, or none any more")

// identify finds out who asks; nil for nobody. Whoever gives a token is that token or nobody.
func (s *Server) identify(r *http.Request) (*Principal, error) {
	if local, ok := r.Context().Value(localKey{}).(Principal); ok {
		return &local, nil
	}
	if token, given := tokenOf(r); given {
		return s.byToken(r.Context(), sha256.Sum256([]byte(token)))
	}
	if s.o.Open {
		p := anyone()
		return &p, nil
	}
	cookie, err := r.Cookie(s.cookieName())
	if err != nil || cookie.Value == "" {
		return nil, nil
	}
	p, err := s.bySession(r.Context(), sha256.Sum256([]byte(cookie.Value)))
	if errors.Is(err, errBadCredentials) {
		return nil, nil // an old cookie is as good as none
	}
	return p, err
}

// tokenOf reads the token of a request: "Authorization: Bearer …", or as the password of Basic, since
// ffmpeg and VLC take http://token:…@host and no header of one's own.
func tokenOf(r *http.Request) (token string, given bool) {
	scheme, value, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	switch {
	case strings.EqualFold(scheme, "Bearer"):
		return strings.TrimSpace(value), true
	case strings.EqualFold(scheme, "Basic"):
		_, password, _ := r.BasicAuth()
		return password, true
	}
	return "", scheme != ""
}

func (s *Server) byToken(ctx context.Context, hash [32]byte) (*Principal, error) {
	now := s.o.Now()
	t, err := s.accounts.Token(ctx, hash, now)
	if errors.Is(err, storage.ErrUnknown) {
		return nil, errBadCredentials
	}
	if err != nil {
		return nil, err
	}
	if now.Sub(t.Used).Abs() >= usedEvery {
		s.later(func(ctx context.Context) error { return s.accounts.TokenUsed(ctx, t.ID, now) })
	}
	p := &Principal{Who: "token " + t.Name, User: t.Owner, token: &hash}
	p.Scopes, p.Cameras = ofToken(t)
	return p, nil
}

func (s *Server) bySession(ctx context.Context, hash [32]byte) (*Principal, error) {
	now := s.o.Now()
	session, user, err := s.accounts.Session(ctx, hash, now)
	if errors.Is(err, storage.ErrUnknown) {
		return nil, errBadCredentials
	}
	if err != nil {
		return nil, err
	}
	if now.Sub(session.Used).Abs() >= usedEvery {
		s.later(func(ctx context.Context) error {
			return s.accounts.ProlongSession(ctx, hash, now, sessionEnd(session.Begun, now))
		})
	}
	p := &Principal{Who: "user " + user.Name, User: &user, session: &hash}
	p.Scopes, p.Cameras = ofUser(user)
	return p, nil
}

// again looks whether who asked still is who it was, and may what it might.
func (s *Server) again(ctx context.Context, was *Principal) (same bool, err error) {
	var now *Principal
	switch {
	case was.token != nil:
		now, err = s.byToken(ctx, *was.token)
	case was.session != nil:
		now, err = s.bySession(ctx, *was.session)
	case was.password != "":
		now, err = s.byPassword(ctx, was)
	default:
		return true, nil
	}
	if errors.Is(err, errBadCredentials) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	return slices.Equal(was.Scopes, now.Scopes) && was.Cameras.String() == now.Cameras.String(), nil
}

type localKey struct{}

// sessionIdle is how long a session lasts that is not used, and sessionMost how long one that is:
// a phone in a drawer is out after a month, and who looks every day types a password once a year.
const (
	sessionIdle = 30 * 24 * time.Hour
	sessionMost = 365 * 24 * time.Hour
	usedEvery   = time.Hour // how exactly it is written down when something was used last
)

func sessionEnd(begun, now time.Time) time.Time {
	end, most := now.Add(sessionIdle), begun.Add(sessionMost)
	if most.Before(end) {
		return most
	}
	return end
}

// cookieName is the session's cookie. With TLS its prefix has browsers hold it to this host, and to
// https (RFC 6265bis, section 4.1.3.2).
func (s *Server) cookieName() string { return s.cookiePrefix() + "v720dvr_session" }

func (s *Server) cookiePrefix() string {
	if s.tls() {
		return "__Host-"
	}
	return ""
}

// cookie makes one that scripts cannot read, and that no other site's request carries along.
func (s *Server) cookie(name, value string, lasts time.Duration) *http.Cookie {
	c := &http.Cookie{
		Name: name, Value: value, Path: "/", HttpOnly: true, Secure: s.tls(), SameSite: http.SameSiteStrictMode,
		MaxAge: int(lasts / time.Second),
	}
	if lasts <= 0 {
		c.MaxAge = -1
	}
	return c
}
