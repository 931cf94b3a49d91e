package cloud

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"v720dvr/cloud/cloudtest"
)

// The MQTT that tests speak by hand: first byte, length, body. OASIS MQTT 3.1.1 and 5.0, chapter 3.

func mqttPacket(kind byte, parts ...any) []byte {
	var body []byte
	for _, part := range parts {
		switch part := part.(type) {
		case string:
			body = append(binary.BigEndian.AppendUint16(body, uint16(len(part))), part...)
		case []byte:
			body = append(body, part...)
		case int:
			body = append(body, byte(part))
		}
	}
	return append(append([]byte{kind}, binary.AppendUvarint(nil, uint64(len(body)))...), body...)
}

func mqttConnect(id string) []byte {
	return mqttPacket(0x10, "MQTT", 4, 0x82, 0, 10, id, id)
}

func mqttConnectWill(id, topic, payload string) []byte {
	return mqttPacket(0x10, "MQTT", 4, 0x8E, 0, 10, id, topic, payload, id)
}

func mqttSubscribe(filter string) []byte { return mqttPacket(0x82, 0, 1, filter, 1) }

func mqttPublish(topic, payload string) []byte { return mqttPacket(0x30, topic, []byte(payload)) }

var (
	connAck = []byte{0x20, 2, 0, 0}
	subAck  = []byte{0x90, 3, 0, 1, 1}
	subNo   = []byte{0x90, 3, 0, 1, 0x80}
	ping    = []byte{0xC0, 0}
	pong    = []byte{0xD0, 0}
)

// deadlySubscribe is a client's MQTT 5, with the SUBSCRIBE that has no options byte behind its
// filter: it makes the library panic.
var deadlySubscribe = [][]byte{
	mqttPacket(0x10, "MQTT", 5, 0x82, 0, 10, 0, "0800c0000066", "0800c0000066"),
	mqttPacket(0x82, 0, 1, 0, topicSub+"0800c0000066", 1),
	mqttPacket(0x82, 0, 2, 0, topicSub+"0800c0000066"),
}

// expect reads what the broker must say.
func expect(t *testing.T, c net.Conn, want []byte) {
	t.Helper()
	c.SetReadDeadline(time.Now().Add(time.Second))
	if got := read(t, c, len(want)); !bytes.Equal(got, want) {
		t.Fatalf("got %x, want %x", got, want)
	}
}

func TestTheDeadlySubscribeEndsNobodysConnectionButItsOwn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log diary
		n := newTown(t, Options{Log: log.log()})
		good := n.visit("10.42.0.22", 1883)
		write(t, good, append(mqttConnect("0800c00128F8"), mqttSubscribe(topicSub+"0800c00128F8")...))
		expect(t, good, append(bytes.Clone(connAck), subAck...))
		m := n.broker.mqtt
		clients, subscriptions := m.Clients.Len(), m.Info.Subscriptions
		for range 3 {
			bad := n.visit("10.42.0.66", 1883)
			for _, packet := range deadlySubscribe {
				write(t, bad, packet)
			}
			synctest.Wait()
			if !hungUp(bad) {
				t.Error("its own connection stands")
			}
		}
		if n.Malformed() != 3 {
			t.Errorf("%d counted, want 3", n.Malformed())
		}
		if got := log.lines("that the broker cannot read"); got != 1 {
			t.Errorf("%d lines, want 1", got)
		}
		write(t, good, append(mqttPublish(topicInfo, `{"version":"202212011602"}`), ping...))
		expect(t, good, pong)
		if got := n.knownFirmware("0800c00128F8"); got != "202212011602" {
			t.Errorf("the other client's Info gives %q", got)
		}
		time.Sleep(5 * time.Second)
		if m.Clients.Len() != clients || m.Info.Subscriptions != subscriptions {
			t.Errorf("%d clients with %d subscriptions are left, want %d with %d", m.Clients.Len(), m.Info.Subscriptions, clients, subscriptions)
		}
		_, leave := n.settle(cloudtest.Options{ID: "0800c0000066"})
		defer leave()
		time.Sleep(2 * time.Second)
		if n.frames("0800c0000066") == 0 {
			t.Error("the camera whose name was used does not stream")
		}
		n.stop()
	})
}

func TestACameraReadsAndWritesItsOwnTopicsOnly(t *testing.T) {
	const mine, others = "0800c0000066", "0800c00128F8"
	command := `{"code":299,"reboot":1}`
	cases := map[string]struct {
		connect []byte
		send    []byte
		want    []byte // behind the CONNACK
		refused int64
	}{
		"subscribes to its own":             {mqttConnect(mine), mqttSubscribe(topicSub + mine), subAck, 0},
		"publishes its Status":              {mqttConnect(mine), append(mqttPublish(topicStatus, `{"device":"`+mine+`","status":1}`), ping...), pong, 0},
		"subscribes to another's":           {mqttConnect(mine), mqttSubscribe(topicSub + others), subNo, 1},
		"subscribes to everything":          {mqttConnect(mine), mqttSubscribe("#"), subNo, 1},
		"subscribes to a level":             {mqttConnect(mine), mqttSubscribe("+"), subNo, 1},
		"subscribes to all cameras":         {mqttConnect(mine), mqttSubscribe(topicSub + "+"), subNo, 1},
		"subscribes below its own":          {mqttConnect(mine), mqttSubscribe(topicSub + mine + "/#"), subNo, 1},
		"subscribes in a shared way":        {mqttConnect(mine), mqttSubscribe("$share/a/" + topicSub + others), subNo, 1},
		"subscribes to states":              {mqttConnect(mine), mqttSubscribe(topicStatus), subNo, 1},
		"subscribes to the broker's":        {mqttConnect(mine), mqttSubscribe("$SYS/#"), subNo, 1},
		"commands another":                  {mqttConnect(mine), append(mqttPublish(topicSub+others, command), ping...), pong, 1},
		"commands itself":                   {mqttConnect(mine), append(mqttPublish(topicSub+mine, command), ping...), pong, 1},
		"leaves a command in its will":      {mqttConnectWill(mine, topicSub+others, command), nil, nil, 1},
		"leaves the will that cameras do":   {mqttConnectWill(mine, topicStatus, `{"device":"`+mine+`","status":0}`), nil, nil, 0},
		"gives another's Status":            {mqttConnect(mine), append(mqttPublish(topicStatus, `{"device":"`+others+`","version":"1"}`), ping...), pong, 1},
		"gives another's Info":              {mqttConnect(mine), append(mqttPublish(topicInfo, `{"devicesCode":"`+others+`","version":"1"}`), ping...), pong, 1},
		"connects with another's user name": {mqttPacket(0x10, "MQTT", 4, 0x82, 0, 10, mine, others), nil, nil, 0},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var sighted []Sighting
				n := newTown(t, Options{Sighted: func(s Sighting) { sighted = append(sighted, s) }})
				victim := n.visit("10.42.0.22", 1883)
				write(t, victim, append(mqttConnect(others), mqttSubscribe(topicSub+others)...))
				expect(t, victim, append(bytes.Clone(connAck), subAck...))

				conn := n.visit("10.42.0.66", 1883)
				write(t, conn, c.connect)
				if name == "connects with another's user name" {
					expect(t, conn, []byte{0x20, 2, 0, 5})
				} else {
					expect(t, conn, connAck)
				}
				if c.send != nil {
					write(t, conn, c.send)
					expect(t, conn, c.want)
				}
				conn.Close() // without a DISCONNECT: the will is due
				synctest.Wait()

				write(t, victim, ping)
				expect(t, victim, pong) // and no command before it
				if n.Refused() != c.refused {
					t.Errorf("%d refused, want %d", n.Refused(), c.refused)
				}
				for _, s := range sighted {
					if s.Camera == others {
						t.Errorf("%+v: the other camera said nothing", s)
					}
				}
				if n.knownFirmware(others) != "" {
					t.Errorf("the other camera's firmware is %q", n.knownFirmware(others))
				}
				n.stop()
			})
		})
	}
}

// Nothing is left of clients that are made up.
func TestTheBrokerKeepsNothingOfClientsThatHaveGone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newTown(t, Options{})
		m := n.broker.mqtt
		clients, subscriptions := m.Clients.Len(), m.Info.Subscriptions
		for i := range 40 {
			id := fmt.Sprintf("0800c0%06d", i)
			connect := [][]byte{
				mqttPacket(0x10, "MQTT", 4, 0x80, 0, 10, id, id),                                          // no clean session
				mqttPacket(0x10, "MQTT", 5, 0x80, 0, 10, []byte{5, 0x11, 0xFF, 0xFF, 0xFF, 0xFF}, id, id), // nor one that ends
			}[i%2]
			subscribe := [][]byte{mqttSubscribe(topicSub + id), mqttPacket(0x82, 0, 1, 0, topicSub+id, 1)}[i%2]
			c := n.visit("10.42.0.66", 1883)
			write(t, c, append(connect, subscribe...))
			synctest.Wait()
			if hungUp(c) {
				t.Fatalf("client %d was not served", i)
			}
			c.Close()
		}
		time.Sleep(5 * time.Second)
		if m.Clients.Len() != clients || m.Info.Subscriptions != subscriptions {
			t.Errorf("%d clients with %d subscriptions are left, want %d with %d", m.Clients.Len(), m.Info.Subscriptions, clients, subscriptions)
		}
		n.stop()
	})
}

// A loop of many rounds, since it is about what two goroutines do at once: mochi-mqtt issue 488.
func TestTheBrokerEndsWhileItsClientsLeave(t *testing.T) {
	for range 500 {
		synctest.Test(t, func(t *testing.T) {
			n := newTown(t, Options{})
			for i := range 30 {
				c := n.visit(fmt.Sprintf("10.42.0.%d", 20+i), 1883)
				id := fmt.Sprintf("0800c00000%02x", i)
				write(t, c, mqttConnect(id))
				expect(t, c, connAck)
				defer c.Close()
			}
			n.stop()
		})
	}
}

func TestTheBrokerTakesNoPacketThatIsTooLarge(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newTown(t, Options{})
		c := n.visit("10.42.0.66", 1883)
		write(t, c, mqttConnect("0800c0000066"))
		expect(t, c, connAck)
		write(t, c, mqttPublish(topicInfo, `{"wifiName":"`+strings.Repeat("x", 60<<10)+`"}`))
		write(t, c, ping)
		expect(t, c, pong)
		write(t, c, mqttPublish(topicInfo, strings.Repeat("x", 64<<10))[:100])
		synctest.Wait()
		if !hungUp(c) {
			t.Error("the connection stands")
		}
		n.stop()
	})
}
