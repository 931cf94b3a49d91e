package cloud

import (
	"context"
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
	// Secret returns the camera's own pwd, 8 hex digits, the same at each call. It writes nothing:
	// anybody may ask for any id.
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
	// DNS is an IPv4 address to answer DNS questions at, UDP and TCP. "" does not.
	DNS string
	// DNSForward is a resolver that is asked for names that are not the cameras'. Default: those
	// of ResolvConf.
	DNSForward netip.AddrPort
	// ResolvConf is the file that names the system's resolvers. Default /etc/resolv.conf.
	ResolvConf string
	// DNSNetworks may ask. Default: the private networks that this machine stands in.
	DNSNetworks []netip.Prefix
	// Advertise is the address that cameras are told to come to. Default: the one that they
	// reached us by.
	Advertise netip.Addr
	// MaxCameras bounds the control connections of registered cameras. Default 64.
	MaxCameras int

	Registry Registry    // required
	Sink     camera.Sink // required; its methods must not block
	// Approved tells whether a camera may stream. One that may not is kept waiting: it is registered,
	// and not asked for anything, until Reconsider asks again. It is called when a camera registers,
	// and may take a moment. Default: all may.
	Approved func(camera.ID) bool
	// Sighted is told of every proof that a camera is there, at most once a message on its
	// control channels. It must not block. Default: nobody is told.
	Sighted func(Sighting)
	// Contacted is told of everybody who comes to a door; anybody can make up the ids of those at
	// DoorHTTP and DoorMQTT. It must not block. Default: nobody is told.
	Contacted func(Contact)

	// Kept are the conditions of cameras as ChangedConditions told them before the start.
	Kept map[camera.ID]camera.Condition
	// Clients are the networks whose MQTT clients may read all topics and publish commands, without
	// a password. Default: nobody's, not even this machine's own.
	Clients []netip.Prefix
	// Broker is the URL of a broker that is used in place of our own, mqtt://user:password@host:1883.
	// Cameras must come to it. With it MQTT must be "".
	Broker string

	// Now is the clock. Default time.Now.
	Now func() time.Time
	// Location returns the zone that cameras are told the time of. Default time.Local.
	Location func() *time.Location
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
	// Registered is set when the contact was a registration on the control connection; anything
	// else can be sent by anybody for any id.
	Registered bool
}

const defaultMaxCameras = 64

// withDefaults fills in what was left out.
func (o Options) withDefaults() Options {
	if o.MaxCameras == 0 {
		o.MaxCameras = defaultMaxCameras
	}
	if o.ResolvConf == "" {
		o.ResolvConf = resolvConf
	}
	if o.Approved == nil {
		o.Approved = func(camera.ID) bool { return true }
	}
	if o.Sighted == nil {
		o.Sighted = func(Sighting) {}
	}
	if o.Contacted == nil {
		o.Contacted = func(Contact) {}
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Location == nil {
		o.Location = func() *time.Location { return time.Local }
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Listen == nil {
		o.Listen = net.Listen
	}
	if o.ListenPacket == nil {
		log := o.Log
		o.ListenPacket = func(network, address string) (PacketConn, error) { return listenUDP(network, address, log) }
	}
	return o
}
