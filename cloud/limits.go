package cloud

import (
	"context"
	"log/slog"
	"net/netip"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// What one address may do at the camera ports, and all of them together. Cameras behind one
// repeater share its address, so the bounds are those of a house full of cameras, not of one.
//
//	connections at once    a third of what the port takes: 53 with 64 cameras. 16 cameras behind a
//	                       repeater, each with a connection, its successor and one more, are 48
//	new connections        four times as many a minute, and as many at once. A camera makes five to
//	                       boot; all 16 may have lost their power together
//	device codes           codesAtOnce, then one in codesEvery; codesAtOnceInAll from all addresses
//	                       together, then one in codesEveryInAll. A code is for ever
//	requests a connection  maxRequests
//	packages on a control
//	connection             controlPace a second; who sends more is kept waiting, by TCP
//	MQTT packets           mqttPace a second, likewise
//
// This machine itself (loopback) opens as many connections as it likes: simulated cameras come from
// there, and all cameras where a container's proxy hides their addresses.
const (
	codesAtOnce      = 10
	codesEvery       = time.Minute
	codesAtOnceInAll = 64
	codesEveryInAll  = time.Minute
	maxRequests      = 100
	controlPace      = 100 // a camera sends a heartbeat in 5 s, and half a dozen messages an opening
	controlBurst     = 50  // less than outboxSize: the answers to them fit in
	mqttPace         = 10  // a camera sends its Info after each change, and a PINGREQ in 10 s
	mqttBurst        = 50
)

// perAddress is how many connections one address may have at one port.
func (s *Server) perAddress() int { return s.maxConns() / 3 }

// raiseMaxCameras is what to do when real cameras are refused.
const raiseMaxCameras = "nothing if this is no camera of yours; else raise cloud.max_cameras: one address gets a third of the connections"

// owner is who an address is counted as: an IPv4 address is one host, in IPv6 the upper 64 bits are.
func owner(a netip.Addr) netip.Addr {
	if a = a.Unmap().WithZone(""); a.Is6() {
		prefix, _ := a.Prefix(64) // never fails: 64 is less than 128
		return prefix.Addr()
	}
	return a
}

// guard counts what is refused, tells the log of it, and holds what more than one port needs.
type guard struct {
	log      *slog.Logger
	refused  counter
	notices  notices
	codes    *buckets
	allCodes *rate.Limiter
}

func newGuard(log *slog.Logger) *guard {
	return &guard{
		log:      log,
		notices:  notices{inAll: rate.NewLimiter(rate.Every(noticeEvery/noticesInAll), noticesInAll)},
		codes:    newBuckets(rate.Every(codesEvery), codesAtOnce),
		allCodes: rate.NewLimiter(rate.Every(codesEveryInAll), codesAtOnceInAll),
	}
}

// mayHaveCode tells whether one more device code may be issued to an address.
func (g *guard) mayHaveCode(from netip.Addr) bool {
	now := time.Now()
	return g.codes.take(from, now) && g.allCodes.AllowN(now, 1)
}

// refuse counts a refusal, and tells the log of the first from an address and then once a minute.
// The message says what was refused; the facts say why, and what to do.
func (g *guard) refuse(from netip.Addr, message string, facts ...any) {
	g.refused.Add(1)
	g.notice(slog.LevelWarn, from.String(), message, append([]any{"from", from}, facts...)...)
}

// notice writes a line unless the same one was written about the same in the last minute.
func (g *guard) notice(level slog.Level, about, message string, facts ...any) {
	if left, due := g.notices.due(message+" "+about, time.Now()); due {
		if left > 0 {
			facts = append(facts, "more_since_last", left)
		}
		g.log.Log(context.Background(), level, message, facts...)
	}
}

// Refused counts what was turned away: connections and device codes of an address that asks for
// too many, registrations in another camera's name, MQTT topics of others.
func (s *Server) Refused() int64 { return s.guard.refused.Load() }

// maxBuckets bounds the addresses that are remembered. More than these at once on a network at
// home are made up.
const maxBuckets = 1024

// buckets holds a token bucket for each address.
type buckets struct {
	fill  rate.Limit
	burst int

	mu   sync.Mutex
	held map[netip.Addr]*rate.Limiter
}

func newBuckets(fill rate.Limit, burst int) *buckets {
	return &buckets{fill: fill, burst: burst, held: make(map[netip.Addr]*rate.Limiter)}
}

// take takes a token of an address; false when it has none left.
func (b *buckets) take(from netip.Addr, now time.Time) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	from = owner(from)
	bucket := b.held[from]
	if bucket == nil {
		if len(b.held) >= maxBuckets {
			b.forget(now)
		}
		bucket = rate.NewLimiter(b.fill, b.burst)
		b.held[from] = bucket
	}
	return bucket.AllowN(now, 1)
}

// forget drops the buckets that are full again, with which nothing is lost, or else the fullest.
func (b *buckets) forget(now time.Time) {
	var fullest netip.Addr
	most := -1.0
	for from, bucket := range b.held {
		tokens := bucket.TokensAt(now)
		if tokens >= float64(b.burst) {
			delete(b.held, from)
		} else if tokens > most {
			fullest, most = from, tokens
		}
	}
	if len(b.held) >= maxBuckets {
		delete(b.held, fullest)
	}
}

// Bounds of the lines that strangers can bring into the log.
const (
	noticeEvery  = time.Minute
	noticesInAll = 30   // lines in noticeEvery
	maxNotices   = 1024 // keys that are remembered
)

// notices keep what strangers do from filling the log: a line a minute for each key, and
// noticesInAll for all together. What is left out is counted in the next line of the key.
type notices struct {
	mu    sync.Mutex
	said  map[string]*notice
	inAll *rate.Limiter
}

type notice struct {
	at   time.Time // of the last line; zero before the first
	left int       // out since then
}

// due tells whether a line is due for key, and how many were left out since the last.
func (n *notices) due(key string, now time.Time) (left int, due bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	of := n.said[key]
	if of == nil {
		for old, of := range n.said {
			if len(n.said) >= maxNotices && now.Sub(of.at) >= noticeEvery {
				delete(n.said, old)
			}
		}
		if len(n.said) >= maxNotices {
			return 0, false
		}
		if n.said == nil {
			n.said = make(map[string]*notice)
		}
		of = new(notice)
		n.said[key] = of
	}
	if !of.at.IsZero() && now.Sub(of.at) < noticeEvery || !n.inAll.AllowN(now, 1) {
		of.left++
		return 0, false
	}
	left, of.at, of.left = of.left, now, 0
	return left, true
}
