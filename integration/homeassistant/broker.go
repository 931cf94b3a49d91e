package homeassistant

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/eclipse/paho.golang/autopaho"
	"github.com/eclipse/paho.golang/paho"
)

// Limits of the connection. Keep-alive is what a broker needs to notice a box without power: one and a half times of it
// later everything is unavailable.
const (
	keepAlive    = 20 // seconds
	connectLimit = 10 * time.Second
	publishLimit = 10 * time.Second
	shortLife    = 10 * time.Second // of a connection: behind some that ended sooner is waited longer and longer
	mostMessage  = 256 << 10        // bytes that the broker may send: others announce devices of many entities
)

// How long is waited until a broker is asked again that is not there, or refuses.
const (
	firstPause = time.Second
	lastPause  = time.Minute
)

// link is the connection to the broker, an MQTT 5 client that comes again by itself. This file is the one that knows
// its library.
type link struct {
	url  *url.URL // with user and password: it is not logged
	tls  *tls.Config
	t    topics
	log  *slog.Logger
	came func()                                            // there is a connection, and we hear what we must
	hear func(topic string, payload []byte, retained bool) // a message; it does not block

	mu      sync.Mutex
	begun   sync.WaitGroup
	manager *autopaho.ConnectionManager // nil: nothing can be sent
	alive   context.Context             // of the last connection
	leave   context.CancelFunc          // ends it; nil without one
	since   time.Time                   // when the last connection began
	short   int                         // connections in a row that did not live long
	trouble error                       // why there is none; nil while there is one, and before the first try
}

// newLink checks an address and the certificate that is trusted. The address is not repeated in errors: it may hold a password.
func newLink(address, caFile string) (*link, error) {
	u, err := url.Parse(address)
	if err != nil || u.Hostname() == "" || u.Scheme != "mqtt" && u.Scheme != "mqtts" {
		return nil, errors.New("no address of an MQTT broker: want mqtt://user:password@host:1883, or mqtts:// for TLS")
	}
	if u.Port() == "" {
		u.Host += map[string]string{"mqtt": ":1883", "mqtts": ":8883"}[u.Scheme]
	}
	l := &link{url: u, tls: &tls.Config{MinVersion: tls.VersionTLS12}}
	if caFile == "" {
		return l, nil
	}
	text, err := os.ReadFile(caFile)
	if err != nil {
		return nil, fmt.Errorf("read the certificate of the MQTT broker's authority: %w", err)
	}
	l.tls.RootCAs = x509.NewCertPool()
	if !l.tls.RootCAs.AppendCertsFromPEM(text) {
		return nil, fmt.Errorf("%s has no certificate in PEM", caFile)
	}
	return l, nil
}

// run keeps a connection until ctx ends.
func (l *link) run(ctx context.Context) error {
	bare := *l.url
	bare.User = nil
	password, _ := l.url.User.Password()
	grow := autopaho.NewExponentialBackoff(firstPause, lastPause, 2*firstPause, 2)
	largest := uint32(mostMessage)
	manager, err := autopaho.NewConnection(ctx, autopaho.ClientConfig{
		ServerUrls: []*url.URL{&bare}, TlsCfg: l.tls, KeepAlive: keepAlive, CleanStartOnInitialConnection: true, ConnectTimeout: connectLimit,
		ConnectUsername: l.url.User.Username(), ConnectPassword: []byte(password),
		ReconnectBackoff: func(attempt int) time.Duration { return l.pause(attempt, grow) },
		WillMessage:      &paho.WillMessage{Topic: l.t.status(), Payload: []byte(gone), QoS: atLeastOnce, Retain: true},
		ConnectPacketBuilder: func(c *paho.Connect, _ *url.URL) (*paho.Connect, error) {
			c.Properties = &paho.ConnectProperties{MaximumPacketSize: &largest}
			return c, nil
		},
		OnConnectionUp: func(m *autopaho.ConnectionManager, _ *paho.Connack) {
			ctx, cancel := context.WithCancel(ctx)
			l.mu.Lock()
			l.alive, l.leave, l.since = ctx, cancel, time.Now()
			l.mu.Unlock()
			l.begun.Go(func() { l.begin(ctx, m) })
		},
		OnConnectionDown: func() bool {
			if ctx.Err() == nil {
				l.failed(errors.New("the connection broke"))
			}
			return true
		},
		OnConnectError: func(err error) { l.failed(plain(err)) },
		ClientConfig: paho.ClientConfig{
			ClientID: "v720dvr-" + l.t.node,
			OnPublishReceived: []func(paho.PublishReceived) (bool, error){func(p paho.PublishReceived) (bool, error) {
				l.hear(p.Packet.Topic, p.Packet.Payload, p.Packet.Retain)
				return true, nil
			}},
		},
	})
	if err != nil {
		return fmt.Errorf("connect to the MQTT broker %s: %w", l.url.Host, err)
	}
	<-manager.Done()
	l.end(nil)
	l.begun.Wait()
	return nil
}

// pause is how long is waited before a try. The library does not wait before the first one behind a connection that
// ended: a broker that takes and drops us, or another client of our name, would have us come as fast as it can.
func (l *link) pause(attempt int, grow func(int) time.Duration) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	if attempt > 0 {
		return grow(attempt)
	}
	if l.since.IsZero() || time.Since(l.since) >= shortLife {
		l.short = -1
	}
	l.short++
	return grow(l.short)
}

// plain says of a refusal what it means. OASIS MQTT 5.0, 3.2.2.2.
func plain(err error) error {
	var refusal *autopaho.ConnackError
	if !errors.As(err, &refusal) {
		return cmp.Or(errors.Unwrap(err), err) // around it the library tells the address, which is told already
	}
	switch refusal.ReasonCode {
	case 0x84:
		return errors.New("it does not speak MQTT 5: mosquitto does since version 1.6")
	case 0x86, 0x87:
		return errors.New("it refuses user and password of homeassistant.broker")
	}
	return err
}

// begin asks for what must be heard, again and again until it may or the connection is gone, which ends ctx.
func (l *link) begin(ctx context.Context, m *autopaho.ConnectionManager) {
	for pause := firstPause; ; pause = min(2*pause, lastPause) {
		err := l.subscribe(ctx, m)
		if ctx.Err() != nil {
			return
		}
		if err == nil {
			break
		}
		l.tell(fmt.Errorf("it does not let us read %s and %s: %w", l.t.command("+", "+"), strings.Join(l.t.births(), ", "), err))
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return
		}
	}
	l.mu.Lock()
	l.manager, l.trouble = m, nil
	l.mu.Unlock()
	l.log.Info("connected to the MQTT broker of Home Assistant", "broker", l.url.Host)
	l.came()
	// What the broker kept of cameras that are gone. One that does not let us read it is no reason to tell nothing.
	ctx, cancel := context.WithTimeout(ctx, publishLimit)
	defer cancel()
	if _, err := m.Subscribe(ctx, &paho.Subscribe{Subscriptions: []paho.SubscribeOptions{
		{Topic: base + l.t.node + "/+/+", QoS: 0, NoLocal: true}, {Topic: l.t.announcement("+"), QoS: 0, NoLocal: true},
	}}); err != nil && ctx.Err() == nil {
		l.log.Debug("the broker does not let us read what it keeps", "err", err)
	}
}

// never has the broker send nothing that it kept. OASIS MQTT 5.0, 3.8.3.1, Retain Handling.
const never = 2

func (l *link) subscribe(ctx context.Context, m *autopaho.ConnectionManager) error {
	ctx, cancel := context.WithTimeout(ctx, publishLimit)
	defer cancel()
	s := new(paho.Subscribe)
	for _, topic := range append(l.t.births(), l.t.command("+", "+")) {
		s.Subscriptions = append(s.Subscriptions, paho.SubscribeOptions{Topic: topic, QoS: atLeastOnce, RetainHandling: never})
	}
	_, err := m.Subscribe(ctx, s)
	return err
}

// failed notes why there is no connection.
func (l *link) failed(err error) {
	l.end(err)
	l.tell(err)
}

// tell notes a trouble, and logs one that is new.
func (l *link) tell(err error) {
	l.mu.Lock()
	known := l.trouble != nil && l.trouble.Error() == err.Error()
	l.trouble = err
	l.mu.Unlock()
	if !known {
		l.log.Warn("Home Assistant is not told anything; it is tried again", "broker", l.url.Host, "err", err)
	}
}

// end forgets the connection.
func (l *link) end(why error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.manager = nil
	if l.leave != nil {
		l.leave()
		l.leave = nil
	}
	if why == nil {
		l.trouble = nil
	}
}

// up tells whether something can be sent.
func (l *link) up() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.manager != nil
}

var errDown = errors.New("there is no connection to the MQTT broker")

// publish sends a message, and waits until the broker has it, but for pictures.
func (l *link) publish(ctx context.Context, m message) error {
	l.mu.Lock()
	manager, alive := l.manager, l.alive
	l.mu.Unlock()
	if manager == nil {
		return errDown
	}
	ctx, cancel := context.WithTimeout(ctx, publishLimit)
	defer cancel()
	defer context.AfterFunc(alive, cancel)() // the library would wait for an answer that no connection brings any more
	p := &paho.Publish{Topic: m.topic, Payload: m.payload, QoS: atLeastOnce, Retain: m.retained}
	if m.picture {
		p.QoS = 0
	}
	_, err := manager.Publish(ctx, p)
	switch {
	case err != nil && alive.Err() != nil:
		return errDown
	case err != nil:
		return fmt.Errorf("publish %s: %w", m.topic, err)
	}
	return nil
}

// err is why nothing is told; nil when all is, or is not yet.
func (l *link) err() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.trouble
}
