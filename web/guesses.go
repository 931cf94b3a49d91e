package web

import (
	"hash/maphash"
	"net/netip"
	"strings"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// guesses slows down who guesses passwords, without locking out who knows one. A browser in which a
// user has logged in before holds a device cookie, and has a back-off of its own: what strangers
// do does not touch it (owasp.org, Slow Down Online Guessing Attacks with Device Cookies). Everybody
// else has the back-off of an address, and shares with all others from the same side, this machine, the
// local network or beyond, so many tries a minute at a user's password.
type guesses struct {
	mu      sync.Mutex
	devices recent[string, backoff]
	places  recent[netip.Prefix, backoff]
	seed    maphash.Seed
	// By side and user. Names that are made up share the slots with those that are there, so that slots
	// need no bound, nobody can have one forgotten, and they tell nothing of who is there.
	slots [3][256]*rate.Limiter
}

const (
	freeTries   = 5 // before the first wait
	firstWait   = time.Second
	longestWait = 5 * time.Minute
	forgiven    = 15 * time.Minute // behind the last try, and the wait for it, all is forgotten
	slotEvery   = 6 * time.Second  // a try at a user's password, by all that are no known device
	slotBurst   = 20
)

// backoff counts tries in a row that were wrong.
type backoff struct {
	tries int
	until time.Time // before that no try is looked at
}

func newGuesses() *guesses {
	g := &guesses{seed: maphash.MakeSeed()}
	for side := range g.slots {
		for i := range g.slots[side] {
			g.slots[side][i] = rate.NewLimiter(rate.Every(slotEvery), slotBurst)
		}
	}
	return g
}

// try counts a try as wrong before it is looked at, so that a hundred at once are a hundred. device is
// "" where the browser is not known. It returns how long to wait, when it must not be looked at now;
// tells says that the refusals of this try are worth a line of log.
func (g *guesses) try(user string, addr netip.Addr, device string, now time.Time) (wait time.Duration, tells bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	b := g.backoff(addr, device)
	if now.Before(b.until) {
		return b.until.Sub(now), false
	}
	if device == "" {
		slot := g.slots[side(addr)][maphash.String(g.seed, strings.ToLower(user))%256]
		if r := slot.ReserveN(now, 1); r.DelayFrom(now) > 0 {
			wait = r.DelayFrom(now)
			r.CancelAt(now)
			return wait, false
		}
	}
	return 0, b.wrong(now)
}

// waits tells how long an address has to wait now; nothing is counted.
func (g *guesses) waits(addr netip.Addr, now time.Time) time.Duration {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.backoff(addr, "").until.Sub(now)
}

// right takes back what was counted.
func (g *guesses) right(addr netip.Addr, device string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	*g.backoff(addr, device) = backoff{}
}

func (g *guesses) backoff(addr netip.Addr, device string) *backoff {
	fresh := func() *backoff { return new(backoff) }
	if device != "" {
		return g.devices.of(device, fresh)
	}
	return g.places.of(place(addr), fresh)
}

// wrong counts a try, and tells whether the wait grew with it: that is when a line of log is due.
func (b *backoff) wrong(now time.Time) (grew bool) {
	if now.Sub(b.until) > forgiven {
		b.tries = 0
	}
	b.tries++
	b.until = now
	if b.tries < freeTries {
		return b.tries == 1
	}
	b.until = now.Add(min(firstWait<<min(b.tries-freeTries, 20), longestWait))
	return true
}

// side of a request: 0 this machine, 1 the local network, 2 beyond.
func side(addr netip.Addr) int {
	switch {
	case addr.IsLoopback():
		return 0
	case addr.IsPrivate(), addr.IsLinkLocalUnicast():
		return 1
	}
	return 2
}
