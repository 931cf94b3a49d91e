package cloud

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"time"

	"v720dvr/camera"
)

// Registry remembers what cameras were given for ever. The store is one.
type Registry interface {
	// IssueCamera returns a device code that was never given before, nor seen, after it has been
	// written down durably.
	IssueCamera(ctx context.Context) (camera.ID, error)
	// Secret returns the camera's own pwd, 8 hex digits, the same at each call.
	Secret(ctx context.Context, id camera.ID) (string, error)
}

// PacketConn is what the media channel needs of a UDP socket; *net.UDPConn is one.
type PacketConn interface {
	ReadFromUDPAddrPort(b []byte) (n int, from netip.AddrPort, err error)
	WriteToUDPAddrPort(b []byte, to netip.AddrPort) (n int, err error)
	LocalAddr() net.Addr
	Close() error
}

// Options of a Server. The zero value of each optional field works.
type Options struct {
	// Addresses to listen at, "host:port". MQTT "" means no broker. Port 0 takes a free one; the
	// media channel always has the number of the control port.
	HTTP, Control, MQTT string
	// Advertise is the address that cameras are told to come to. Default: the one that they
	// reached us by.
	Advertise netip.Addr
	// MaxCameras bounds the control connections of registered cameras. Default 64.
	MaxCameras int

	Registry Registry    // required
	Sink     camera.Sink // required; its methods must not block
	// Sighted is told of every proof that a camera is there, at most once a message on its
	// control channels. It must not block. Default: nobody is told.
	Sighted func(Sighting)

	// Now is the clock. Default time.Now.
	Now func() time.Time
	// Location is the zone that cameras are told the time of. Default time.Local.
	Location *time.Location
	// Log is told what begins, ends and fails. Default: nobody is told.
	Log *slog.Logger

	// Listen and ListenPacket open sockets. Default: the system's.
	Listen       func(network, address string) (net.Listener, error)
	ListenPacket func(network, address string) (PacketConn, error)
}

// Sighting is what one contact with a camera told of it.
type Sighting struct {
	Camera   camera.ID
	At       time.Time
	Addr     netip.Addr
	Firmware string // "" when this contact did not tell
}

const defaultMaxCameras = 64

// withDefaults fills in what was left out.
func (o Options) withDefaults() Options {
	if o.MaxCameras == 0 {
		o.MaxCameras = defaultMaxCameras
	}
	if o.Sighted == nil {
		o.Sighted = func(Sighting) {}
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Location == nil {
		o.Location = time.Local
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Listen == nil {
		o.Listen = net.Listen
	}
	if o.ListenPacket == nil {
		o.ListenPacket = listenUDP
	}
	return o
}

// mediaBuffer is the socket buffer that is asked for: the system's default holds four to eight
// pictures of one camera, and all cameras share the socket. What the system grants is its own affair.
const mediaBuffer = 8 << 20

// listenUDP opens a UDP socket of the system.
func listenUDP(network, address string) (PacketConn, error) {
	addr, err := net.ResolveUDPAddr(network, address)
	if err != nil {
		return nil, err
	}
	conn, err := net.ListenUDP(network, addr)
	if err != nil {
		return nil, err
	}
	if err := conn.SetReadBuffer(mediaBuffer); err != nil {
		conn.Close()
		return nil, fmt.Errorf("ask for a socket buffer of %d bytes: %w", mediaBuffer, err)
	}
	return conn, nil
}
