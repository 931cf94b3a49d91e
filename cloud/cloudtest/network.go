package cloudtest

import (
	"context"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"net"
	"net/netip"
	"os"
	"strconv"
	"sync"
	"syscall"
	"time"
)

// Host is a machine on a network: where a camera or a server opens its sockets. A *Network
// gives hosts in memory, Loopback is the real one.
type Host interface {
	// Listen opens a stream listener: network is "tcp", address "10.42.0.1:80", ":80", or with
	// port 0 for a free one.
	Listen(network, address string) (net.Listener, error)
	// ListenPacket opens a datagram socket: network is "udp", address as for Listen.
	ListenPacket(network, address string) (PacketConn, error)
	// DialContext opens a stream to address, an IP address with a port.
	DialContext(ctx context.Context, network, address string) (net.Conn, error)
}

// PacketConn is the part of *net.UDPConn that cameras and servers use; a *net.UDPConn is one.
type PacketConn interface {
	ReadFromUDPAddrPort(b []byte) (int, netip.AddrPort, error)
	WriteToUDPAddrPort(b []byte, to netip.AddrPort) (int, error)
	SetReadDeadline(time.Time) error
	LocalAddr() net.Addr
	Close() error
}

// Network is a network in memory. Its hosts block in sync.Cond and timers alone, so that it
// can stand inside a testing/synctest bubble; make it inside the bubble.
//
// What is drawn by lot comes from the seed and from the two ends of a flow, not from the
// order in which goroutines run, so that a run can be had again.
type Network struct {
	seed int64

	mu          sync.Mutex
	hosts       map[netip.Addr]*host
	links       map[link]Conditions
	usual       Conditions               // of links that are not in links
	changed     chan struct{}            // closed when links or usual change, and made anew
	connections map[*connection]struct{} // those that an end holds open

	traffic traffic
}

type link struct{ from, to netip.Addr }

// NewNetwork makes a network without hosts. All that is drawn by lot on it follows from seed.
func NewNetwork(seed int64) *Network {
	return &Network{seed: seed, hosts: map[netip.Addr]*host{}, links: map[link]Conditions{},
		changed: make(chan struct{}), connections: map[*connection]struct{}{}}
}

// Host gives the host with this address, putting it up at the first call.
func (n *Network) Host(addr netip.Addr) Host {
	n.mu.Lock()
	defer n.mu.Unlock()
	h := n.hosts[addr]
	if h == nil {
		h = &host{network: n, addr: addr, listeners: map[uint16]*listener{}, sockets: map[uint16]*socket{}}
		h.ports = n.lots("ports", netip.AddrPortFrom(addr, 0), netip.AddrPort{})
		n.hosts[addr] = h
	}
	return h
}

// lots makes the source of chance of one flow.
func (n *Network) lots(kind string, from, to netip.AddrPort) *rand.Rand {
	h := fnv.New64a()
	fmt.Fprint(h, kind, from, to)
	return rand.New(rand.NewPCG(uint64(n.seed), h.Sum64()))
}

// host implements Host in memory; its maps and ports are guarded by Network.mu.
type host struct {
	network   *Network
	addr      netip.Addr
	listeners map[uint16]*listener
	sockets   map[uint16]*socket
	ports     *rand.Rand
}

// bind finds the port that address asks for, or a free one. Called with Network.mu held.
func (h *host) bind(address string, taken func(uint16) bool) (netip.AddrPort, error) {
	name, service, err := net.SplitHostPort(address)
	if err != nil {
		return netip.AddrPort{}, err
	}
	if name != "" {
		addr, err := netip.ParseAddr(name)
		if err != nil || (addr != h.addr && !addr.IsUnspecified()) {
			return netip.AddrPort{}, os.NewSyscallError("bind", syscall.EADDRNOTAVAIL)
		}
	}
	port, err := strconv.ParseUint(service, 10, 16)
	if err != nil {
		return netip.AddrPort{}, fmt.Errorf("port %q: want a number", service)
	}
	if port != 0 {
		if taken(uint16(port)) {
			return netip.AddrPort{}, os.NewSyscallError("bind", syscall.EADDRINUSE)
		}
		return netip.AddrPortFrom(h.addr, uint16(port)), nil
	}
	return h.ephemeral(taken)
}

// ephemeral draws a free port as a system does, from 32768 to 60999 (Linux's range).
func (h *host) ephemeral(taken func(uint16) bool) (netip.AddrPort, error) {
	const first, ports = 32768, 28232
	start := h.ports.IntN(ports)
	for i := range ports {
		port := uint16(first + (start+i)%ports)
		if !taken(port) {
			return netip.AddrPortFrom(h.addr, port), nil
		}
	}
	return netip.AddrPort{}, os.NewSyscallError("bind", syscall.EADDRINUSE)
}
