package cloud

import (
	"net"
	"net/netip"
)

// dnsSocket is a UDP socket that tells which of our addresses a datagram came to, so that it is
// answered from there, and with it.
type dnsSocket interface {
	// read waits for a datagram. to has no port; it is invalid where the system does not tell.
	read(b []byte) (n int, from netip.AddrPort, to netip.Addr, err error)
	// write sends a datagram from one of our addresses.
	write(b []byte, from netip.Addr, to netip.AddrPort) error
	Close() error
}

// routed is the address that this machine would speak to another one from: the one that it reached us
// by, unless this machine has several in its network. No packet is sent.
func routed(to netip.AddrPort) netip.Addr {
	conn, err := net.DialUDP("udp4", nil, net.UDPAddrFromAddrPort(to))
	if err != nil {
		return netip.Addr{}
	}
	defer conn.Close()
	return addrPortOf(conn.LocalAddr()).Addr()
}
