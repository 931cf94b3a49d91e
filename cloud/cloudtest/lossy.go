package cloudtest

import (
	"math/rand/v2"
	"net/netip"
	"sync"
)

// Lossy is a real host, Loopback for one, behind a bad link: of the datagrams that it sends and of those that come to
// it a share is lost, each by itself. Streams pass: TCP repairs what a link breaks. A Network does the same, and much
// more, where no real sockets are needed.
type Lossy struct {
	Host

	mu   sync.Mutex
	loss float64
	lots *rand.Rand
}

// NewLossy puts a host behind a link that loses so many datagrams, 0 to 1, in each direction. What is lost follows
// from seed and from the order in which they come.
func NewLossy(host Host, loss float64, seed uint64) *Lossy {
	return &Lossy{Host: host, loss: loss, lots: rand.New(rand.NewPCG(seed, 720))}
}

// Lose changes how many are lost: 1 is a link that is down for datagrams.
func (l *Lossy) Lose(share float64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.loss = share
}

func (l *Lossy) loses() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.lots.Float64() < l.loss
}

// ListenPacket is the host's, behind the link.
func (l *Lossy) ListenPacket(network, address string) (PacketConn, error) {
	conn, err := l.Host.ListenPacket(network, address)
	if err != nil {
		return nil, err
	}
	return lossyConn{conn, l}, nil
}

type lossyConn struct {
	PacketConn
	link *Lossy
}

func (c lossyConn) ReadFromUDPAddrPort(b []byte) (int, netip.AddrPort, error) {
	for {
		n, from, err := c.PacketConn.ReadFromUDPAddrPort(b)
		if err != nil || !c.link.loses() {
			return n, from, err
		}
	}
}

// WriteToUDPAddrPort tells the sender nothing of a loss, as a network does not.
func (c lossyConn) WriteToUDPAddrPort(b []byte, to netip.AddrPort) (int, error) {
	if c.link.loses() {
		return len(b), nil
	}
	return c.PacketConn.WriteToUDPAddrPort(b, to)
}
