package cloudtest

import "net/netip"

// RebindUDP gives the datagram socket at addr another port, drawn by lot, without its owner's
// knowing, as a router does that has forgotten a mapping. What the socket sends comes from the
// new port; what is sent to the new port reaches it, and what is sent to the old one is unheard.
//
// addr is the socket's own address, or where an earlier rebinding has put it. The result is the
// address that others see now; the zero value when there is no such socket.
func (n *Network) RebindUDP(addr netip.AddrPort) netip.AddrPort {
	n.mu.Lock()
	defer n.mu.Unlock()
	h := n.hosts[addr.Addr()]
	if h == nil {
		return netip.AddrPort{}
	}
	s := h.sockets[addr.Port()]
	for _, other := range h.sockets {
		if s == nil && other.addr == addr {
			s = other
		}
	}
	if s == nil {
		return netip.AddrPort{}
	}
	outer, err := h.ephemeral(func(port uint16) bool { return h.sockets[port] != nil })
	if err != nil {
		return netip.AddrPort{} // all ports are taken
	}
	delete(h.sockets, s.outer.Port())
	s.outer = outer
	h.sockets[outer.Port()] = s
	return outer
}
