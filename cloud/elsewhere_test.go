package cloud

import (
	"bufio"
	"bytes"
	"io"
	"net"
	"testing"
)

// strictBroker is a broker that speaks MQTT 5 by hand and grants both topics at the last of its answers.
// OASIS MQTT 5.0, 3.2 and 3.9.
type strictBroker struct {
	listener net.Listener
	answers  [][2]byte // to each SUBSCRIBE; the last one holds on
	message  []byte    // is sent behind the last
}

func (b *strictBroker) serve() {
	for asked := 0; ; {
		c, err := b.listener.Accept()
		if err != nil {
			return
		}
		for r := bufio.NewReader(c); ; {
			kind, body, err := mqttRead(r)
			if err != nil {
				break
			}
			switch kind >> 4 {
			case 1: // CONNECT
				c.Write([]byte{0x20, 3, 0, 0, 0})
			case 8: // SUBSCRIBE
				answer := b.answers[min(asked, len(b.answers)-1)]
				asked++
				c.Write([]byte{0x90, 5, body[0], body[1], 0, answer[0], answer[1]})
				if asked == len(b.answers) {
					c.Write(b.message)
				}
			}
		}
		c.Close()
	}
}

// mqttRead reads a packet of less than 16 KB.
func mqttRead(r *bufio.Reader) (kind byte, body []byte, err error) {
	if kind, err = r.ReadByte(); err != nil {
		return 0, nil, err
	}
	size := 0
	for shift := 0; shift < 14; shift += 7 {
		b, err := r.ReadByte()
		if err != nil {
			return 0, nil, err
		}
		size |= int(b&0x7f) << shift
		if b < 0x80 {
			break
		}
	}
	body = make([]byte, size)
	_, err = io.ReadFull(r, body)
	return kind, body, err
}

func TestABrokerThatRefusesIsAskedAgainUntilItGrantsBothTopics(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	const refused, granted = 0x87, 1 // not authorized; QoS 1
	b := &strictBroker{
		listener: l, answers: [][2]byte{{refused, refused}, {granted, refused}, {granted, granted}},
		message: mqttPacket(0x30, topicInfo, 0, []byte(`{"devicesCode":"`+string(doorID)+`","version":"202212011602"}`)),
	}
	ended := make(chan struct{})
	go func() { b.serve(); close(ended) }()
	t.Cleanup(func() { l.Close(); <-ended })
	var log diary
	s := startServer(t, Options{Broker: "mqtt://" + l.Addr().String(), Log: log.log()})
	until(t, "the refusal is told", func() bool { return s.BrokerTrouble() != nil })
	if s.elsewhere.reaches(doorID) {
		t.Error("commands go out where nothing can be read")
	}
	until(t, "the server may read", func() bool { return s.elsewhere.reaches(doorID) })
	until(t, "what a camera said is read", func() bool { return s.knownFirmware(doorID) == "202212011602" })
	if err := s.BrokerTrouble(); err != nil {
		t.Errorf("it is told still: %v", err)
	}
	if n := log.lines("does not let us read"); n != 1 {
		t.Errorf("told in %d lines, want 1", n)
	}
}

func TestWhoIsAGuestIsSaidByNetworksAlone(t *testing.T) {
	notAuthorized := []byte{0x20, 2, 0, 5}
	for name, c := range map[string]struct {
		clients []string
		want    []byte
	}{
		"nobody is named":       {nil, notAuthorized},
		"others are":            {[]string{"192.168.1.0/24"}, notAuthorized},
		"this machine is named": {[]string{"127.0.0.0/8", "::1/128"}, connAck},
	} {
		s := startServer(t, Options{Clients: prefixes(c.clients...)})
		conn, err := net.Dial("tcp", s.Addrs().MQTT.String())
		if err != nil {
			t.Fatal(err)
		}
		write(t, conn, mqttPacket(0x10, "MQTT", 4, 0x02, 0, 10, "node-red"))
		if got := read(t, conn, 4); !bytes.Equal(got, c.want) {
			t.Errorf("%s: got %x, want %x", name, got, c.want)
		}
		conn.Close()
	}
}
