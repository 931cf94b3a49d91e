package cloud

import (
	"encoding/binary"
	"sync"
	"time"
)

// Bounds of what is remembered of others' answers: 4 MB, for five minutes. It is there to answer a
// house that asks for the same names again and again, not to be a resolver of its own.
const (
	maxCached     = 1024
	maxCachedSize = 4 << 10
	longestCached = 5 * time.Minute
	longestNoName = time.Minute // of what is not there
)

// lookup is what makes two questions the same one.
type lookup struct {
	name                  string // folded
	kind                  uint16
	edns, dnssec, checked bool
}

func (q question) lookup() lookup {
	return lookup{lower(q.name), q.kind, q.edns, q.dnssec, q.flags&flagChecked != 0}
}

// remembered is an answer, with the time that is taken off its TTLs and the one it must not outlive.
type remembered struct {
	answer     []byte
	at, expire time.Time
}

type dnsCache struct {
	mu   sync.Mutex
	held map[lookup]remembered
}

// answer returns what is remembered, with the TTLs that are left, appended to dst.
func (c *dnsCache) answer(dst []byte, key lookup, now time.Time) ([]byte, bool) {
	c.mu.Lock()
	kept, ok := c.held[key]
	if ok && !now.Before(kept.expire) {
		delete(c.held, key)
		ok = false
	}
	c.mu.Unlock()
	if !ok {
		return dst, false
	}
	begin := len(dst)
	dst = append(dst, kept.answer...)
	age := uint32(now.Sub(kept.at) / time.Second)
	answer := dst[begin:]
	eachRecord(answer, dnsHeaderSize+len(key.name)+4, func(r record) { // it was walked before it was kept
		if r.kind != typeOPT {
			binary.BigEndian.PutUint32(answer[r.ttlAt:], r.ttl-min(r.ttl, age))
		}
	})
	return dst, true
}

// keep remembers an answer for as long as its own TTLs say, and no longer than the bounds.
func (c *dnsCache) keep(key lookup, answer []byte, now time.Time) {
	lasts := lifetime(answer, dnsHeaderSize+len(key.name)+4)
	if lasts <= 0 || len(answer) > maxCachedSize {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.held == nil {
		c.held = make(map[lookup]remembered)
	}
	if len(c.held) >= maxCached {
		c.makeRoom(now)
	}
	c.held[key] = remembered{answer: append([]byte(nil), answer...), at: now, expire: now.Add(lasts)}
}

// makeRoom forgets what is over, or else any one.
func (c *dnsCache) makeRoom(now time.Time) {
	for key, kept := range c.held {
		if !now.Before(kept.expire) {
			delete(c.held, key)
		}
	}
	for key := range c.held {
		if len(c.held) < maxCached {
			return
		}
		delete(c.held, key)
	}
}

// lifetime is how long an answer may be remembered: the least of its TTLs. What says that there is
// nothing has that of its SOA record, and none without one (RFC 2308, 5). Errors and what was cut are
// not remembered.
func lifetime(answer []byte, questionEnd int) time.Duration {
	flags := binary.BigEndian.Uint16(answer[2:])
	rcode := flags & 15
	if flags&flagTruncated != 0 || rcode != rcodeOK && rcode != rcodeNoName {
		return 0
	}
	longest := longestCached
	if binary.BigEndian.Uint16(answer[6:]) == 0 || rcode == rcodeNoName {
		longest = longestNoName
	}
	least, any := longest, false
	if eachRecord(answer, questionEnd, func(r record) {
		if r.kind != typeOPT {
			least, any = min(least, time.Duration(r.ttl)*time.Second), true
		}
	}) != nil || !any {
		return 0
	}
	return least
}
