package cloud

import (
	"encoding/binary"
	"net/netip"
	"slices"
	"sync"
	"time"
)

// zones are answered whole, and by us alone. docs/protocol.md, section 9.
var zones = []string{"\x07naxclow\x03com\x00", "\x07naxclow\x03com\x02cn\x00"}

// zoneTTL is how long our answers hold, in seconds: a box that gets another address is found within it.
const zoneTTL = 60

// zoneOf tells in which of our zones a folded name is, by the offset at which the zone begins in it.
func zoneOf(folded string) (offset int, ours bool) {
	for at := 0; at < len(folded); at += 1 + int(folded[at]) {
		if slices.Contains(zones, folded[at:]) {
			return at, true
		}
	}
	return 0, false
}

// appendZone answers a question for one of our zones, which begins at offset in its name: an A is our
// address, everything else has no data, which the SOA record lets resolvers remember (RFC 2308, 2.2).
func (q question) appendZone(dst []byte, offset int, address netip.Addr) []byte {
	if q.kind == typeA && address.Is4() {
		dst = q.appendHeader(dst, rcodeOK, flagAuthority, [3]uint16{1, 0, q.extra()})
		dst = appendRecord(dst, dnsHeaderSize, typeA)
		four := address.As4()
		dst = append(binary.BigEndian.AppendUint16(dst, 4), four[:]...)
	} else {
		zone := dnsHeaderSize + offset
		dst = q.appendHeader(dst, rcodeOK, flagAuthority, [3]uint16{0, 1, q.extra()})
		dst = appendRecord(dst, zone, typeSOA)
		length := len(dst)
		dst = append(dst, 0, 0)
		dst = appendPointer(dst, zone)
		dst = appendPointer(append(dst, "\x0ahostmaster"...), zone)
		for _, n := range []uint32{1, 3600, 600, 86400, zoneTTL} { // serial, refresh, retry, expire, minimum
			dst = binary.BigEndian.AppendUint32(dst, n)
		}
		binary.BigEndian.PutUint16(dst[length:], uint16(len(dst)-length-2))
	}
	if q.edns {
		dst = q.appendOPT(dst)
	}
	return dst
}

// appendRecord begins a record, to its TTL, with the name that stands at an offset of the message.
func appendRecord(dst []byte, name int, kind uint16) []byte {
	dst = appendPointer(dst, name)
	dst = binary.BigEndian.AppendUint16(dst, kind)
	dst = binary.BigEndian.AppendUint16(dst, classIN)
	return binary.BigEndian.AppendUint32(dst, zoneTTL)
}

func appendPointer(dst []byte, to int) []byte {
	return binary.BigEndian.AppendUint16(dst, 0xc000|uint16(to))
}

// Asked is who asked our DNS for a name of the cameras' zones, and when: the first thing that a camera
// does, before anything of it comes to another port.
type Asked struct {
	Addr  netip.Addr
	Name  string    // the last one, in lower case
	At    time.Time // of the last one
	Count int64     // of all
}

// maxAsked bounds the addresses that are remembered. Behind a network that is allowed many could be.
const maxAsked = 256

// askers remember who asked.
type askers struct {
	mu   sync.Mutex
	held map[netip.Addr]Asked
}

// note remembers a question; first tells that it is the first one of an address.
func (a *askers) note(from netip.Addr, name string, now time.Time) (first bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	known, ok := a.held[from]
	if !ok && len(a.held) >= maxAsked {
		var oldest netip.Addr
		for addr, one := range a.held {
			if !oldest.IsValid() || one.At.Before(a.held[oldest].At) {
				oldest = addr
			}
		}
		delete(a.held, oldest)
	}
	if a.held == nil {
		a.held = make(map[netip.Addr]Asked)
	}
	known.Addr, known.Name, known.At, known.Count = from, name, now, known.Count+1
	a.held[from] = known
	return !ok
}

func (a *askers) list() []Asked {
	a.mu.Lock()
	defer a.mu.Unlock()
	all := make([]Asked, 0, len(a.held))
	for _, one := range a.held {
		one.Name = nameText([]byte(one.Name)) // kept as it came: most are never told
		all = append(all, one)
	}
	slices.SortFunc(all, func(a, b Asked) int { return a.Addr.Compare(b.Addr) })
	return all
}
