//go:build !linux

package cloud

import (
	"net"
	"net/netip"
)

// plainSocket answers from the address that the system chooses.
type plainSocket struct{ *net.UDPConn }

func newDNSSocket(conn *net.UDPConn) (dnsSocket, error) { return plainSocket{conn}, nil }

func (s plainSocket) read(b []byte) (n int, from netip.AddrPort, to netip.Addr, err error) {
	n, from, err = s.ReadFromUDPAddrPort(b)
	return n, netip.AddrPortFrom(from.Addr().Unmap(), from.Port()), to, err
}

func (s plainSocket) write(b []byte, _ netip.Addr, to netip.AddrPort) error {
	_, err := s.WriteToUDPAddrPort(b, to)
	return err
}
