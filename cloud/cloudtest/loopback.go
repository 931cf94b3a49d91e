package cloudtest

import (
	"context"
	"fmt"
	"net"
	"net/netip"
)

// Loopback is this machine as a Host: real sockets, bound to one loopback address.
type Loopback struct {
	// Addr is the address; the zero value is 127.0.0.1. On Linux any 127.x.y.z can be taken,
	// so that each camera may have its own.
	Addr netip.Addr
}

func (l Loopback) addr() netip.Addr {
	if l.Addr.IsValid() {
		return l.Addr
	}
	return netip.AddrFrom4([4]byte{127, 0, 0, 1})
}

// here puts the address into one that names a port alone.
func (l Loopback) here(address string) (string, error) {
	name, port, err := net.SplitHostPort(address)
	if err != nil {
		return "", fmt.Errorf("open a socket on loopback: %w", err)
	}
	if name == "" {
		name = l.addr().String()
	}
	return net.JoinHostPort(name, port), nil
}

// Listen is net.Listen on the loopback address.
func (l Loopback) Listen(network, address string) (net.Listener, error) {
	address, err := l.here(address)
	if err != nil {
		return nil, err
	}
	return net.Listen(network, address)
}

// ListenPacket is net.ListenUDP on the loopback address; the PacketConn is a *net.UDPConn.
func (l Loopback) ListenPacket(network, address string) (PacketConn, error) {
	address, err := l.here(address)
	if err != nil {
		return nil, err
	}
	addr, err := net.ResolveUDPAddr(network, address)
	if err != nil {
		return nil, err
	}
	conn, err := net.ListenUDP(network, addr)
	if err != nil {
		return nil, err // not a typed nil in the interface
	}
	return conn, nil
}

// DialContext dials from the loopback address.
func (l Loopback) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	from := net.TCPAddrFromAddrPort(netip.AddrPortFrom(l.addr(), 0))
	return (&net.Dialer{LocalAddr: from}).DialContext(ctx, network, address)
}
