package cloud

import (
	"net"
	"net/netip"
	"slices"
	"sync"
	"time"
)

// networksAfter is how old what is known of our own networks may be: who asks later has them read anew.
const networksAfter = 10 * time.Second

// networks tells who may ask: the networks that the configuration names, or else the private ones that
// this machine stands in itself.
type networks struct {
	named      []netip.Prefix
	interfaces func() ([]net.Addr, error)

	mu   sync.Mutex
	own  []netip.Prefix
	read time.Time
}

func newNetworks(named []netip.Prefix) *networks {
	return &networks{named: named, interfaces: net.InterfaceAddrs}
}

// allow tells whether an address may ask. Interfaces come and go, so they are read anew, at most once in
// networksAfter: a network that this machine has left is a stranger's as one that it has not seen yet.
func (n *networks) allow(from netip.Addr, now time.Time) bool {
	from = from.Unmap().WithZone("")
	within := func(p netip.Prefix) bool { return p.Contains(from) }
	if len(n.named) > 0 {
		return slices.ContainsFunc(n.named, within)
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.read.IsZero() || now.Sub(n.read) >= networksAfter {
		n.read = now
		if all, err := n.interfaces(); err == nil {
			n.own = privateNetworks(all)
		}
	}
	return slices.ContainsFunc(n.own, within)
}

// privateNetworks are those of RFC 1918, 3927 and 4193, and this machine itself: a box with an address
// of the Internet is no resolver for its neighbours there.
func privateNetworks(addresses []net.Addr) (private []netip.Prefix) {
	for _, a := range addresses {
		p, err := netip.ParsePrefix(a.String())
		if err != nil {
			continue
		}
		p = netip.PrefixFrom(p.Addr().Unmap(), p.Bits()).Masked()
		if p.Addr().IsPrivate() || p.Addr().IsLoopback() || p.Addr().IsLinkLocalUnicast() {
			private = append(private, p)
		}
	}
	return private
}

// ownAddress tells whether an address is one of this machine's.
func (n *networks) ownAddress(addr netip.Addr) bool {
	if addr.IsLoopback() || addr.IsUnspecified() {
		return true
	}
	all, err := n.interfaces()
	return err == nil && slices.ContainsFunc(all, func(a net.Addr) bool {
		p, err := netip.ParsePrefix(a.String())
		return err == nil && p.Addr().Unmap() == addr.Unmap().WithZone("")
	})
}
