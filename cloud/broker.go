package cloud

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	mqtt "github.com/mochi-mqtt/server/v2"
	"github.com/mochi-mqtt/server/v2/listeners"
	"github.com/mochi-mqtt/server/v2/packets"
	"golang.org/x/time/rate"

	"v720dvr/camera"
	"v720dvr/cloud/v720"
)

// Topics of the vendor's broker. docs/protocol.md, section 7.
const (
	topicStatus = "Naxclow/P2P/Users/Device/Status"
	topicInfo   = "Naxclow/P2P/Users/Device/Info"
	topicSub    = "Naxclow/P2P/Users/Device/sub/" // and the camera's id
)

// connectDeadline is how long a connection may take to its CONNECT.
const connectDeadline = 10 * time.Second

// maxKeepAlive is in seconds; a connection ends after one and a half of them without a packet.
// Cameras say 10.
const maxKeepAlive = 60

// broker is the MQTT side of the cloud: the only file that knows the library. Cameras stream
// without it; it brings their state now and will carry commands.
type broker struct {
	server   *Server
	mqtt     *mqtt.Server
	listener net.Listener
	started  atomic.Bool
}

// newBroker puts a broker on l.
func newBroker(s *Server, l net.Listener) (*broker, error) {
	limits := mqtt.NewDefaultServerCapabilities()
	limits.MaximumClients = int64(s.maxConns())
	limits.MaximumPacketSize = 64 << 10 // an Info with a scan of the neighbourhood's Wi-Fi has a few KB
	limits.MaximumClientWritesPending = 64
	limits.MaximumInflight = 64
	limits.ReceiveMaximum = 64
	limits.MaximumSessionExpiryInterval = 0 // no session outlives its connection: cameras ask for clean ones
	limits.RetainAvailable = 0
	limits.SharedSubAvailable = 0
	limits.TopicAliasMaximum = 0
	limits.MaximumQos = 1
	m := mqtt.New(&mqtt.Options{Capabilities: limits, Logger: slog.New(slog.DiscardHandler), InlineClient: true})
	if err := m.AddHook(&brokerHook{server: s, mqtt: m}, nil); err != nil {
		return nil, fmt.Errorf("set up the MQTT broker: %w", err)
	}
	b := &broker{server: s, mqtt: m, listener: l}
	if err := m.AddListener(&brokerListener{server: s, acceptor: newAcceptor(s, l), ended: make(chan struct{})}); err != nil {
		return nil, fmt.Errorf("set up the MQTT broker: %w", err)
	}
	return b, nil
}

func (b *broker) start() error {
	b.started.Store(true)
	return b.mqtt.Serve()
}

// reaches tells whether a camera is subscribed to its commands.
func (b *broker) reaches(id camera.ID) bool { return b.server.Condition(id).Broker }

// publish sends a command to a camera's own topic.
func (b *broker) publish(id camera.ID, payload []byte) error {
	if err := b.mqtt.Publish(topicSub+string(id), payload, false, 1); err != nil {
		return fmt.Errorf("publish a command to camera %s: %w", id, err)
	}
	return nil
}

// close ends all connections and waits for them.
func (b *broker) close() {
	if b.started.CompareAndSwap(true, false) {
		b.mqtt.Close()
	}
	b.listener.Close()
}

// brokerListener hands connections to the broker under recover: one malformed SUBSCRIBE of
// MQTT 5 panics the library in the goroutine of its connection, and would take the process with
// it. So the connection dies and the broker lives.
type brokerListener struct {
	server   *Server
	acceptor *acceptor
	ended    chan struct{} // closed when no connection is left
}

func (l *brokerListener) Init(*slog.Logger) error { return nil }
func (l *brokerListener) ID() string              { return "cameras" }
func (l *brokerListener) Address() string         { return l.acceptor.listener.Addr().String() }
func (l *brokerListener) Protocol() string        { return "tcp" }

// Serve is called on a goroutine of the library's, which waits for it when it closes.
func (l *brokerListener) Serve(establish listeners.EstablishFn) {
	defer close(l.ended)
	l.acceptor.run(func(c net.Conn) { l.serve(establish, c) })
}

// serve serves one connection to its end, whatever it sends.
func (l *brokerListener) serve(establish listeners.EstablishFn, c net.Conn) {
	defer func() {
		if r := recover(); r != nil {
			l.server.malformed.Add(1)
			from := addrPortOf(c.RemoteAddr()).Addr()
			l.server.guard.notice(slog.LevelWarn, from.String(), "MQTT connection ended by a message that the broker cannot read", "from", from, "panic", fmt.Sprint(r))
		}
	}()
	c.SetDeadline(time.Now().Add(connectDeadline)) // also for what we answer; then the keep-alive sets it
	if err := establish(l.ID(), &brokerConn{c, rate.NewLimiter(mqttPace, mqttBurst)}); err != nil {
		l.server.log.Debug("MQTT connection ended", "from", c.RemoteAddr(), "err", err)
	}
}

// Close hangs up and waits, instead of the library's CloseFn. That sends a DISCONNECT, which no server
// may send to a client of MQTT 3.1.1; and it takes a read lock twice, so that a client that leaves
// between the two is waited for, and waits, forever (mochi-mqtt issue 488).
func (l *brokerListener) Close(listeners.CloseFn) {
	l.acceptor.close()
	<-l.ended
}

// brokerConn is a connection with its pace.
type brokerConn struct {
	net.Conn
	pace *rate.Limiter
}

// brokerHook decides who may what, and reads what cameras say.
type brokerHook struct {
	mqtt.HookBase
	server *Server
	mqtt   *mqtt.Server
}

func (h *brokerHook) ID() string { return "cameras" }

func (h *brokerHook) Provides(b byte) bool {
	return bytes.IndexByte([]byte{mqtt.OnConnectAuthenticate, mqtt.OnACLCheck, mqtt.OnPacketRead, mqtt.OnPublished, mqtt.OnSessionEstablished, mqtt.OnClientExpired, mqtt.OnSubscribed, mqtt.OnUnsubscribed, mqtt.OnDisconnect}, b) >= 0
}

// OnConnectAuthenticate lets cameras in: the client id is a device code and the user name too. And guests:
// people's own clients, from networks of Options.Clients.
// The password is another one each time and proves nothing. docs/protocol.md, section 7.
func (h *brokerHook) OnConnectAuthenticate(cl *mqtt.Client, pk packets.Packet) bool {
	id, err := camera.ParseID(cl.ID)
	if err != nil || string(pk.Connect.Username) != string(id) {
		there, taken := h.mqtt.Clients.Get(cl.ID) // the library would hang up on a camera of that client id
		if h.isGuest(cl) && !pk.Connect.WillFlag && !(taken && h.isCamera(there)) {
			h.server.guard.notice(slog.LevelInfo, cl.Net.Remote, "MQTT client that is no camera is let in", "client", fmt.Sprintf("%.64q", cl.ID), "from", cl.Net.Remote)
			return true
		}
		h.server.strangers.Add(1)
		h.server.log.Debug("MQTT client that is no camera is refused", "client", fmt.Sprintf("%.64q", cl.ID), "from", cl.Net.Remote)
		return false
	}
	// The library sends a will wherever it says, without asking OnACLCheck: a client could leave
	// commands for other cameras behind. Nobody reads a camera's own; the end of its control
	// connection tells more.
	if pk.Connect.WillFlag && pk.Connect.WillTopic != topicStatus {
		h.refuse(cl, "leave a will", pk.Connect.WillTopic)
	}
	cl.Properties.Will = mqtt.Will{}
	if k := cl.State.Keepalive; k == 0 || k > maxKeepAlive {
		cl.State.Keepalive, cl.State.ServerKeepalive = maxKeepAlive, true
	}
	return true
}

// OnPacketRead keeps a client waiting that sends faster than mqttPace.
func (h *brokerHook) OnPacketRead(cl *mqtt.Client, pk packets.Packet) (packets.Packet, error) {
	if c, ok := cl.Net.Conn.(*brokerConn); ok {
		time.Sleep(c.pace.Reserve().Delay())
	}
	return pk, nil
}

// OnClientExpired clears up behind a client that asked for no clean session, or whose connection a
// panic ended: the library forgets it a second or two later, but not what it subscribed to.
func (h *brokerHook) OnClientExpired(cl *mqtt.Client) { h.mqtt.UnsubscribeClient(cl) }

// refuse counts what a client may not have.
func (h *brokerHook) refuse(cl *mqtt.Client, what, topic string) {
	from := addrPortOf(stringAddr(cl.Net.Remote)).Addr()
	h.server.guard.refuse(from, "MQTT topic refused", "camera", cl.ID, "to", what, "topic", quoted(topic), "do", "find out what has this address: cameras do not do so")
}

// OnACLCheck lets a camera write its state and read its own commands.
func (h *brokerHook) OnACLCheck(cl *mqtt.Client, topic string, write bool) bool {
	if !h.isCamera(cl) { // a guest: OnConnectAuthenticate let it in
		_, err := camera.ParseID(strings.TrimPrefix(topic, topicSub))
		return !write || strings.HasPrefix(topic, topicSub) && err == nil
	}
	if write {
		if topic == topicStatus || topic == topicInfo {
			return true
		}
		h.refuse(cl, "publish", topic)
		return false
	}
	if topic == topicSub+cl.ID {
		return true
	}
	h.refuse(cl, "subscribe", topic)
	return false
}

func (h *brokerHook) OnSessionEstablished(cl *mqtt.Client, _ packets.Packet) {
	if !h.isCamera(cl) {
		return
	}
	h.server.o.Contacted(Contact{
		Camera: camera.ID(cl.ID), Door: DoorMQTT, At: h.server.o.Now(), Addr: addrPortOf(stringAddr(cl.Net.Remote)).Addr(), Said: said("CONNECT " + cl.ID),
	})
	h.server.guard.notice(slog.LevelInfo, cl.ID, "camera's MQTT connected", "camera", cl.ID, "from", cl.Net.Remote)
}

// OnPublished reads a camera's Status and Info. What does not parse is counted and kept for the
// debug log.
func (h *brokerHook) OnPublished(cl *mqtt.Client, pk packets.Packet) {
	s := h.server
	if !h.isCamera(cl) { // ourselves, or a guest, with a command
		var command struct{ Code v720.Number }
		json.Unmarshal(v720.CleanJSON(pk.Payload), &command) // 0 of what is none
		// Without its text: a command may have the Wi-Fi's password in it.
		s.log.Debug("MQTT command", "from", cl.Net.Remote, "topic", quoted(pk.TopicName), "code", command.Code, "bytes", len(pk.Payload))
		return
	}
	payload := v720.CleanJSON(pk.Payload)
	s.log.Debug("MQTT message", "camera", cl.ID, "topic", pk.TopicName, "payload", quoted(payload))
	var info struct{ Device, DevicesCode, Version string }
	if err := json.Unmarshal(payload, &info); err != nil {
		s.malformed.Add(1)
		return
	}
	for _, named := range []string{info.Device, info.DevicesCode} {
		if named != "" && named != cl.ID {
			h.refuse(cl, "speak for camera "+fmt.Sprintf("%.40q", named), pk.TopicName)
			return
		}
	}
	id := camera.ID(cl.ID)
	firmware := cutFirmware(info.Version)
	if firmware != "" {
		s.note(id, func(a *acquaintance) { a.firmware = firmware })
	}
	remote := addrPortOf(stringAddr(cl.Net.Remote))
	s.o.Sighted(Sighting{Camera: id, At: s.o.Now(), Addr: remote.Addr(), Firmware: firmware})
	s.heardMQTT(id, pk.TopicName, payload)
}

// isCamera tells a camera from a guest and from ourselves.
func (h *brokerHook) isCamera(cl *mqtt.Client) bool {
	_, err := camera.ParseID(cl.ID)
	return err == nil && !cl.Net.Inline && string(cl.Properties.Username) == cl.ID
}

// isGuest tells whether a client's address may do more than a camera.
func (h *brokerHook) isGuest(cl *mqtt.Client) bool {
	from := addrPortOf(stringAddr(cl.Net.Remote)).Addr()
	return slices.ContainsFunc(h.server.o.Clients, func(p netip.Prefix) bool { return p.Contains(from) })
}

// OnSubscribed notes that a camera takes commands.
func (h *brokerHook) OnSubscribed(cl *mqtt.Client, pk packets.Packet, codes []byte) {
	for i, filter := range pk.Filters {
		if h.isCamera(cl) && filter.Filter == topicSub+cl.ID && i < len(codes) && codes[i] < 0x80 {
			h.server.came(camera.ID(cl.ID))
		}
	}
}

// OnUnsubscribed notes that it does not any more.
func (h *brokerHook) OnUnsubscribed(cl *mqtt.Client, pk packets.Packet) {
	for _, filter := range pk.Filters {
		if h.isCamera(cl) && filter.Filter == topicSub+cl.ID {
			h.server.went(camera.ID(cl.ID))
		}
	}
}

// OnDisconnect notes that a camera has left, unless its next connection has taken over.
func (h *brokerHook) OnDisconnect(cl *mqtt.Client, _ error, _ bool) {
	if h.isCamera(cl) && !cl.IsTakenOver() {
		h.server.went(camera.ID(cl.ID))
	}
}

// stringAddr is the text of a network address, which is all the library keeps.
type stringAddr string

func (a stringAddr) Network() string { return "tcp" }
func (a stringAddr) String() string  { return strings.TrimSpace(string(a)) }
