package cloud

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"sync"
	"time"

	"github.com/eclipse/paho.golang/autopaho"
	"github.com/eclipse/paho.golang/paho"
	"golang.org/x/time/rate"

	"v720dvr/camera"
	"v720dvr/cloud/v720"
)

// elsewhere is a broker that was there already, mosquitto for example: cameras come to it, and so do we, as a
// client of MQTT 5. It brings the same states and takes the same commands as our own. Who may speak for a camera
// there is that broker's to say.
type elsewhere struct {
	server *Server
	url    *url.URL
	pace   *rate.Limiter

	mu      sync.Mutex
	up      *autopaho.ConnectionManager // nil while there is none, or none that we may read at
	leave   context.CancelFunc          // ends what a connection began; nil without one
	trouble error                       // why we may not read what cameras say; nil when we may, or nothing was asked
}

// What the broker elsewhere may send us: as many cameras as there may be share one connection.
const (
	elsewherePace  = 100
	elsewhereBurst = 500
	publishLimit   = 3 * time.Second
)

// How long is waited until a broker is asked again that refuses: somebody may be mending its rules.
const (
	firstRefusal = time.Second
	lastRefusal  = time.Minute
)

// newElsewhere checks the address. It is not repeated in errors: it may hold a password.
func newElsewhere(s *Server, address string) (*elsewhere, error) {
	u, err := url.Parse(address)
	if err != nil || u.Hostname() == "" || u.Scheme != "mqtt" && u.Scheme != "mqtts" {
		return nil, errors.New("cloud.broker is no address of an MQTT broker: want mqtt://user:password@host:1883")
	}
	if u.Port() == "" {
		u.Host += map[string]string{"mqtt": ":1883", "mqtts": ":8883"}[u.Scheme]
	}
	return &elsewhere{server: s, url: u, pace: rate.NewLimiter(elsewherePace, elsewhereBurst)}, nil
}

// run keeps a connection until ctx ends.
func (e *elsewhere) run(ctx context.Context) {
	log := e.server.log.With("broker", e.url.Host)
	password, _ := e.url.User.Password()
	bare := *e.url
	bare.User = nil
	largest := uint32(64 << 10)
	manager, err := autopaho.NewConnection(ctx, autopaho.ClientConfig{
		ServerUrls: []*url.URL{&bare}, KeepAlive: 20, CleanStartOnInitialConnection: true,
		ConnectTimeout: 10 * time.Second, ReconnectBackoff: autopaho.NewExponentialBackoff(time.Second, 30*time.Second, time.Second, 2),
		ConnectUsername: e.url.User.Username(), ConnectPassword: []byte(password),
		ConnectPacketBuilder: func(c *paho.Connect, _ *url.URL) (*paho.Connect, error) {
			if c.Properties == nil {
				c.Properties = &paho.ConnectProperties{}
			}
			c.Properties.MaximumPacketSize = &largest
			return c, nil
		},
		OnConnectionUp: func(m *autopaho.ConnectionManager, _ *paho.Connack) {
			ctx, cancel := context.WithCancel(ctx)
			e.mu.Lock()
			e.leave = cancel
			e.mu.Unlock()
			go e.begin(ctx, m)
		},
		OnConnectionDown: func() bool {
			e.end()
			log.Warn("the MQTT broker is gone; cameras stream without it")
			return true
		},
		OnConnectError: func(err error) { log.Warn("no connection to the MQTT broker (cloud.broker)", "err", err) },
		ClientConfig: paho.ClientConfig{
			ClientID:          "v720dvr-" + target8(),
			OnPublishReceived: []func(paho.PublishReceived) (bool, error){e.received},
		},
	})
	if err != nil {
		log.Error("the MQTT broker cannot be used; cameras stream without it", "err", err)
		<-ctx.Done()
		return
	}
	<-manager.Done()
	e.end()
}

func target8() string { _, token := newKeys(); return token }

// begin asks for what cameras say, again and again until it may or the connection is gone, which ends ctx.
func (e *elsewhere) begin(ctx context.Context, m *autopaho.ConnectionManager) {
	for pause, told := firstRefusal, false; ; pause = min(2*pause, lastRefusal) {
		err := subscribe(ctx, m)
		e.mu.Lock()
		if ctx.Err() != nil {
			e.mu.Unlock()
			return
		}
		if e.trouble = err; err == nil {
			e.up = m
		}
		e.mu.Unlock()
		if err == nil {
			e.server.log.Info("connected to the MQTT broker", "broker", e.url.Host)
			return
		}
		if !told {
			e.server.log.Error("the MQTT broker does not let us read what cameras say; it is asked again", "broker", e.url.Host, "err", err, "do", brokerRules)
		}
		told = true
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return
		}
	}
}

// brokerRules is what the user of cloud.broker must be allowed there.
const brokerRules = "let the user of cloud.broker read Naxclow/P2P/Users/Device/# and write Naxclow/P2P/Users/Device/sub/#"

// subscribe is an error also where only one of both is granted.
func subscribe(ctx context.Context, m *autopaho.ConnectionManager) error {
	ctx, cancel := context.WithTimeout(ctx, publishLimit)
	defer cancel()
	_, err := m.Subscribe(ctx, &paho.Subscribe{Subscriptions: []paho.SubscribeOptions{{Topic: topicStatus, QoS: 1}, {Topic: topicInfo, QoS: 1}}})
	return err
}

// BrokerTrouble is why the broker of Options.Broker does not let us read what cameras say; nil
// when it does, or when there is none.
func (s *Server) BrokerTrouble() error {
	e := s.elsewhere
	if e == nil {
		return nil
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.trouble == nil {
		return nil
	}
	return fmt.Errorf("the MQTT broker %s does not let us read what cameras say: %w", e.url.Host, e.trouble)
}

// end forgets the connection: who is there is not known any more.
func (e *elsewhere) end() {
	e.mu.Lock()
	e.up, e.trouble = nil, nil
	if e.leave != nil {
		e.leave()
	}
	e.mu.Unlock()
	for id, c := range e.server.Conditions() {
		if c.Broker {
			e.server.went(id)
		}
	}
}

// received reads a camera's Status or Info; their own JSON says whose it is.
func (e *elsewhere) received(p paho.PublishReceived) (bool, error) {
	s := e.server
	if !e.pace.Allow() {
		s.guard.refused.Add(1)
		return true, nil
	}
	payload := v720.CleanJSON(p.Packet.Payload)
	s.log.Debug("MQTT message", "topic", p.Packet.Topic, "payload", quoted(payload))
	var m struct {
		Device, DevicesCode, Version string
		Status                       *v720.Number
	}
	if err := json.Unmarshal(payload, &m); err != nil {
		s.malformed.Add(1)
		return true, nil
	}
	id, err := camera.ParseID(m.Device + m.DevicesCode)
	if err != nil {
		s.strangers.Add(1)
		return true, nil
	}
	if firmware := cutFirmware(m.Version); firmware != "" {
		s.note(id, func(a *acquaintance) { a.firmware = firmware })
	}
	if p.Packet.Topic == topicStatus && m.Status != nil && *m.Status == 0 {
		s.went(id)
	} else if !p.Packet.Retain && !s.Condition(id).Broker {
		s.came(id)
	}
	s.heardMQTT(id, p.Packet.Topic, payload)
	return true, nil
}

// reaches is true for all: a camera that came before we did has said nothing to us yet.
func (e *elsewhere) reaches(camera.ID) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.up != nil
}

// publish sends a command to a camera's own topic.
func (e *elsewhere) publish(id camera.ID, payload []byte) error {
	e.mu.Lock()
	m := e.up
	e.mu.Unlock()
	if m == nil {
		return fmt.Errorf("there is no connection to the MQTT broker %s: the camera %w over MQTT", e.url.Host, ErrUnreachable)
	}
	ctx, cancel := context.WithTimeout(context.Background(), publishLimit)
	defer cancel()
	if _, err := m.Publish(ctx, &paho.Publish{Topic: topicSub + string(id), QoS: 1, Payload: payload}); err != nil {
		return fmt.Errorf("publish a command to camera %s at %s: %w", id, e.url.Host, err)
	}
	return nil
}
