package cloudtest

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"slices"
	"time"
)

const (
	infoAfter     = time.Second // after Status, as captured
	mqttPatience  = 5 * time.Second
	mqttPingEvery = mqttKeepAlive * time.Second
)

// errReboot is what command 299 asks for.
var errReboot = errors.New("rebooted by a command")

// errLeft is what ends a camera that a command has sent away.
var errLeft = errors.New("switched off, or sent away, by a command")

// statusLoop keeps the connection to the MQTT broker until ctx ends. It closes connected when
// Status was published for the first time. A broker that is not there stops nothing else.
func (c *Camera) statusLoop(ctx context.Context, connected chan struct{}, reboot func(error)) {
	lots := c.lots("mqtt")
	const shortest, longest = time.Second, 30 * time.Second
	pause := shortest
	for {
		began := time.Now()
		err := c.status(ctx, lots, func() {
			if connected != nil {
				close(connected)
				connected = nil
			}
		})
		switch {
		case ctx.Err() != nil:
			return
		case errors.Is(err, errReboot):
			reboot(err)
			return
		case time.Since(began) > longest:
			pause = shortest
		}
		c.log.Warn("camera lost the MQTT broker", "camera", c.id(), "again", pause, "cause", err)
		if rest(ctx, pause) != nil {
			return
		}
		pause = min(2*pause, longest)
	}
}

// broker is one connection to the MQTT broker.
type broker struct {
	conn net.Conn
	buf  []byte // what has come and is not taken apart yet, at most one packet and a read
}

func (c *Camera) hasBroker(b *broker) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.broker = b
}

// status is one connection's life. docs/protocol.md, section 7.
func (c *Camera) status(ctx context.Context, lots *rand.Rand, connected func()) error {
	id := c.id()
	dialCtx, cancel := context.WithTimeout(ctx, mqttPatience)
	defer cancel()
	conn, err := c.dial(dialCtx, c.o.MQTT)
	if err != nil {
		return err
	}
	defer conn.Close() // without DISCONNECT, like a device that loses power: the will is sent
	defer closeWhenDone(ctx, conn)()
	b := &broker{conn: conn}

	if err := b.ask(connectPacket(id, tenHex(lots)), mqttConnAck, "\x00\x00"); err != nil {
		return fmt.Errorf("connect to MQTT: %w", err)
	}
	// A broker may grant less than the QoS 1 that was asked for.
	if err := b.ask(subscribePacket(1, id), mqttSubAck, "\x00\x01\x01", "\x00\x01\x00"); err != nil {
		return fmt.Errorf("subscribe: %w", err)
	}
	if err := b.send(publishPacket(statusTopic, statusMessage(id, 1))); err != nil {
		return err
	}
	connected()
	c.log.Debug("camera has the MQTT broker", "camera", id)
	c.hasBroker(b)
	defer c.hasBroker(nil)
	return c.statusServe(b, lots)
}

func (c *Camera) statusServe(b *broker, lots *rand.Rand) error {
	info := func() error { return b.send(publishPacket(infoTopic, c.infoMessage(lots))) }
	next, informed, pinged := time.Now().Add(infoAfter), false, false
	for {
		kind, body, err := b.read(next)
		var timeout net.Error
		switch {
		case errors.As(err, &timeout) && timeout.Timeout() && !informed:
			informed, err = true, info()
			next = time.Now().Add(mqttPingEvery)
		case errors.As(err, &timeout) && timeout.Timeout() && pinged:
			return errors.New("MQTT broker did not answer a ping")
		case errors.As(err, &timeout) && timeout.Timeout():
			pinged, err = true, b.send(mqttPacket(mqttPingReq, nil))
			next = next.Add(mqttPingEvery)
		case err != nil:
		case kind == mqttPingResp:
			pinged = false
		case kind&0xF0 == mqttPublish:
			err = c.command(b, kind, body, info)
		default:
			c.refuse("MQTT packet", "kind", kind)
		}
		if err != nil {
			return err
		}
	}
}

// command obeys a publication on the sub topic; the new Info is the answer.
func (c *Camera) command(b *broker, kind byte, body []byte, info func() error) error {
	p, err := readPublication(kind, body)
	if err != nil {
		return err
	}
	if p.qos == 1 {
		if err := b.send(pubAckPacket(p.packet)); err != nil {
			return err
		}
	}
	m, err := readInstruction(p.payload)
	if err != nil || p.topic != subTopic+c.id() {
		c.refuse("MQTT command", "topic", p.topic, "payload", string(p.payload), "cause", err)
		return nil
	}
	outcome := c.obeysMQTT(m)
	if outcome == refused {
		c.refuse("MQTT command", "code", m.code, "payload", string(p.payload))
		return nil
	}
	c.note(func(s *State) { s.Commands++ })
	switch outcome {
	case reboots:
		return errReboot
	case leaves:
		c.leave()
		return errLeft
	}
	return info()
}

func (b *broker) send(packet []byte) error {
	_, err := b.conn.Write(packet)
	return err
}

// ask sends a packet and waits for its answer, which must have one of these bodies.
func (b *broker) ask(packet []byte, kind byte, bodies ...string) error {
	if err := b.send(packet); err != nil {
		return err
	}
	k, got, err := b.read(time.Now().Add(mqttPatience))
	if err != nil {
		return err
	}
	if k != kind || !slices.Contains(bodies, string(got)) {
		return fmt.Errorf("got packet %#x % x, want %#x %x", k, got, kind, bodies)
	}
	return nil
}

// read gives the next packet, valid until the next call. A deadline that passes loses nothing
// of a packet that has come in part.
func (b *broker) read(deadline time.Time) (kind byte, body []byte, err error) {
	if err := b.conn.SetReadDeadline(deadline); err != nil {
		return 0, nil, err
	}
	var part [512]byte
	for {
		kind, body, rest, whole, err := splitMQTT(b.buf)
		if err != nil {
			return 0, nil, err
		}
		if whole {
			b.buf = rest
			return kind, body, nil
		}
		n, err := b.conn.Read(part[:])
		b.buf = append(b.buf, part[:n]...)
		if err != nil && n == 0 {
			return 0, nil, err
		}
	}
}
