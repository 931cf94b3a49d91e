package web

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"sync"
	"time"

	"v720dvr/storage"
)

// ErrDenied is a user, password or token that is none.
var ErrDenied = errors.New("user or password is wrong")

// WaitError refuses to look at a password: there were too many wrong ones.
type WaitError struct{ After time.Duration }

func (e *WaitError) Error() string {
	return fmt.Sprintf("too many wrong passwords; try again in %d s", int((e.After+time.Second-1)/time.Second))
}

// proofs remembers passwords that were right, each for the place that it came from: an NVR gives the same one
// for each of its cameras, and again whenever it connects anew, and that neither takes it for a guess nor costs
// half a second of a core each. It holds seals by a key of this run, and no password.
type proofs struct {
	mu    sync.Mutex
	key   [32]byte
	right map[[32]byte]time.Time     // until when
	turns map[[32]byte]chan struct{} // of those that are looked at now; as many as who asks has connections
}

const (
	provenFor  = 15 * time.Minute
	mostProofs = 256 // beyond it all are forgotten
)

func newProofs() *proofs {
	p := &proofs{right: make(map[[32]byte]time.Time), turns: make(map[[32]byte]chan struct{})}
	rand.Read(p.key[:])
	return p
}

// seal of what somebody gave; hash is the user's, so that another password ends it.
func (p *proofs) seal(name, password, hash string, from netip.Addr) [32]byte {
	mac := hmac.New(sha256.New, p.key[:])
	for _, text := range []string{strings.ToLower(name), password, hash, place(from).String()} {
		fmt.Fprintf(mac, "%d %s", len(text), text)
	}
	return [32]byte(mac.Sum(nil))
}

// turn waits until nobody else looks at the same.
func (p *proofs) turn(ctx context.Context, seal [32]byte) (done func(), err error) {
	for {
		p.mu.Lock()
		other := p.turns[seal]
		if other == nil {
			mine := make(chan struct{})
			p.turns[seal] = mine
			p.mu.Unlock()
			return func() {
				p.mu.Lock()
				delete(p.turns, seal)
				p.mu.Unlock()
				close(mine)
			}, nil
		}
		p.mu.Unlock()
		select {
		case <-other:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

func (p *proofs) has(seal [32]byte, now time.Time) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return now.Before(p.right[seal])
}

func (p *proofs) keep(seal [32]byte, now time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.right) >= mostProofs {
		clear(p.right)
	}
	p.right[seal] = now.Add(provenFor)
}

// Authenticate finds out who gives a user and password, or a token as the password with any user, somewhere else
// than on the page: what it does to guesses is done to them all. Its error is ErrDenied, a *WaitError when nothing was
// looked at, or that of the database.
func (s *Server) Authenticate(ctx context.Context, name, password string, from netip.Addr) (*Principal, error) {
	if strings.HasPrefix(password, tokenPrefix) {
		p, err := s.byToken(ctx, sha256.Sum256([]byte(password)))
		if errors.Is(err, errBadCredentials) {
			err = ErrDenied
		}
		return p, err
	}
	user, hash, err := s.accounts.User(ctx, name)
	unknown := errors.Is(err, storage.ErrUnknown)
	if err != nil && !unknown {
		return nil, err
	}
	if unknown {
		hash = s.passwords.nobody
	}
	seal := s.proofs.seal(name, password, hash, from)
	done, err := s.proofs.turn(ctx, seal)
	if err != nil {
		return nil, err
	}
	defer done()
	now := s.o.Now()
	// Who has to wait has to wait with the right one too: else it could be found out meanwhile.
	if wait := s.guesses.waits(from, now); wait > 0 {
		return nil, &WaitError{wait}
	}
	if !s.proofs.has(seal, now) {
		wait, tells := s.guesses.try(name, from, "", now)
		if wait > 0 {
			return nil, &WaitError{wait}
		}
		same, _, err := s.passwords.is(ctx, hash, password)
		if errors.Is(err, errBusy) {
			return nil, &WaitError{time.Second}
		}
		if err != nil {
			return nil, err
		}
		if !same || unknown {
			if tells {
				s.refused(ctx, name, from)
			}
			return nil, ErrDenied
		}
		s.guesses.right(from, "")
		s.proofs.keep(seal, now)
	}
	p := &Principal{Who: "user " + user.Name, User: &user, password: hash}
	p.Scopes, p.Cameras = ofUser(user)
	return p, nil
}

// Still tells whether who asked is still who it was, and may what it might. A database that does not answer leaves
// things as they are.
func (s *Server) Still(ctx context.Context, p *Principal) bool {
	same, err := s.again(ctx, p)
	if err != nil {
		s.o.Log.Warn("cannot look up whether a stream may go on", "who", p.Who, "err", err)
	}
	return same || err != nil
}

// byPassword is who gave a password that was right, as things are now.
func (s *Server) byPassword(ctx context.Context, was *Principal) (*Principal, error) {
	user, hash, err := s.accounts.User(ctx, was.User.Name)
	if errors.Is(err, storage.ErrUnknown) || err == nil && hash != was.password {
		return nil, errBadCredentials
	}
	if err != nil {
		return nil, err
	}
	p := &Principal{Who: was.Who, User: &user, password: hash}
	p.Scopes, p.Cameras = ofUser(user)
	return p, nil
}
