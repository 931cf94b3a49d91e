package cloud

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"v720dvr/cloud/v720"
)

// wire is a connection whose other end has said all that it will and reads everything.
type wire struct {
	from, to net.Addr
	said     *bytes.Reader

	mu     sync.Mutex
	heard  bytes.Buffer
	writes int
	closed bool
}

func newWire(said []byte) *wire {
	address := func(text string) net.Addr { return net.TCPAddrFromAddrPort(netip.MustParseAddrPort(text)) }
	return &wire{from: address("10.42.0.22:40000"), to: address("10.42.0.1:80"), said: bytes.NewReader(said)}
}

func (w *wire) Read(b []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed {
		return 0, net.ErrClosed
	}
	return w.said.Read(b)
}

func (w *wire) Write(b []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed {
		return 0, net.ErrClosed
	}
	w.writes++
	return w.heard.Write(b)
}

func (w *wire) Close() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.closed = true
	return nil
}

func (w *wire) LocalAddr() net.Addr              { return w.to }
func (w *wire) RemoteAddr() net.Addr             { return w.from }
func (w *wire) SetDeadline(time.Time) error      { return nil }
func (w *wire) SetReadDeadline(time.Time) error  { return nil }
func (w *wire) SetWriteDeadline(time.Time) error { return nil }

// silentListener is where nobody comes.
type silentListener struct{ closed chan struct{} }

func (l *silentListener) Accept() (net.Conn, error) { <-l.closed; return nil, net.ErrClosed }
func (l *silentListener) Addr() net.Addr            { return &net.TCPAddr{IP: net.IPv4(10, 42, 0, 1), Port: 6123} }
func (l *silentListener) Close() error {
	select {
	case <-l.closed:
	default:
		close(l.closed)
	}
	return nil
}

// deafSocket is a media channel that nothing comes from.
type deafSocket struct{ *silentListener }

func (s deafSocket) ReadFromUDPAddrPort([]byte) (int, netip.AddrPort, error) {
	<-s.closed
	return 0, netip.AddrPort{}, net.ErrClosed
}
func (s deafSocket) WriteToUDPAddrPort(b []byte, _ netip.AddrPort) (int, error) { return len(b), nil }
func (s deafSocket) LocalAddr() net.Addr                                        { return &net.UDPAddr{Port: 6123} }

// deafServer is a server that is not run: fuzzers hand connections to its parts.
func deafServer(t testing.TB, o Options) *Server {
	t.Helper()
	o.HTTP, o.Control, o.MQTT = ":80", ":6123", ":1883"
	o.Registry, o.Sink = &registry{}, newCollector()
	o.Log = slog.New(slog.NewTextHandler(io.Discard, &slog.HandlerOptions{Level: slog.LevelDebug})) // so that every line is written
	o.Listen = func(string, string) (net.Listener, error) { return &silentListener{make(chan struct{})}, nil }
	o.ListenPacket = func(string, string) (PacketConn, error) {
		return deafSocket{&silentListener{make(chan struct{})}}, nil
	}
	s, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Listen(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

// answers reads what a server said on an HTTP connection: whole answers, one behind the other, and
// nothing else.
func answers(heard []byte) (n int, err error) {
	for r := bufio.NewReader(bytes.NewReader(heard)); ; n++ {
		if _, err := r.Peek(1); errors.Is(err, io.EOF) {
			return n, nil
		}
		answer, err := http.ReadResponse(r, nil)
		if err != nil {
			return n, fmt.Errorf("answer %d: %w", n, err)
		}
		body, err := io.ReadAll(answer.Body)
		if err != nil || answer.ContentLength != int64(len(body)) {
			return n, fmt.Errorf("answer %d: %d of %d bytes: %w", n, len(body), answer.ContentLength, err)
		}
	}
}

func FuzzBootstrap(f *testing.F) {
	for _, request := range []string{
		post("/app/api/ApiServer/getA9ConfCheck?devicesCode=0800c00128F8&random=FGHIJK&token=68778db973"),
		post("/app/api/ApiSysDevicesBatch/registerDevices?batch=A9") + post("/app/api/ApiSysDevicesBatch/confirm"),
		"POST /app/api/ApiDorrBell/doorBellSendBase64IMG?devicesCode=0800c00128F8 HTTP/1.1\r\nContent-Length: 4\r\n\r\nabcd",
		"POST /app/x HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nabcd\r\n0\r\n\r\n" + post("/app/y"),
		"HEAD /app/x HTTP/1.1\r\n\r\n", "GET /app/x HTTP/1.0\r\n\r\n", "GET http://[::1%25a]/ HTTP/1.1\r\nversion: \x1b[2J\r\n\r\n",
		"POST /app/x HTTP/1.1\r\nContent-Length: 99999999999\r\n\r\n", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "\x16\x03\x01",
	} {
		f.Add([]byte(request))
	}
	s := deafServer(f, Options{})
	f.Fuzz(func(t *testing.T, said []byte) {
		c := newWire(said)
		s.serveBootstrap(t.Context(), c)
		n, err := answers(c.heard.Bytes())
		// Every request has its own "HTTP/1" or "http/1"; every answer is one write.
		if requests := bytes.Count(bytes.ToUpper(said), []byte("HTTP/")); err != nil || n > requests || n != c.writes {
			t.Errorf("%d answers in %d writes to at most %d requests, %v", n, c.writes, requests, err)
		}
		// What stands in a body is no request.
		c = newWire(append(fmt.Appendf(nil, "POST /app/x HTTP/1.1\r\nContent-Length: %d\r\n\r\n", len(said)), said...))
		s.serveBootstrap(t.Context(), c)
		if n, err := answers(c.heard.Bytes()); n != 1 || err != nil {
			t.Errorf("%d answers to a request with this body, %v", n, err)
		}
	})
}

func FuzzControl(f *testing.F) {
	register := v720.Packet{Payload: []byte(`{"code": 100, "uid": "0800c00128F8", "token": "91edf41f","domain": "v720.naxclow.com"}`)}.Append(nil)
	heartbeat := v720.Packet{Cmd: v720.CmdHeartbeat}.Append(nil)
	with := func(payload string) []byte {
		return v720.Packet{Payload: []byte(payload)}.Append(bytes.Clone(register))
	}
	f.Add(append(bytes.Clone(register), heartbeat...), true)
	f.Add(append(bytes.Clone(heartbeat), register...), false)
	f.Add(append(bytes.Clone(register), register...), true)
	f.Add(bytes.Repeat(heartbeat, 300), true)
	f.Add(with(`{"code":12,"status":200,"devIp":"10.42.0.22","devPort":1,"cliTarget":"a","cliToken":"b"}`), true)
	f.Add(with(`{"code":301,"target":"a","content":{"code":4,"unixTimer":1}}`), true)
	f.Add(with(`{"code":100,"uid":"0800c0000066"}`), false)
	f.Add(with("{\"code\":\"301\"\x00\xff"), true)
	f.Add(append(bytes.Clone(register), 0xFF, 0xFF, 0xFF, 0xFF), true)
	f.Add(v720.Packet{Cmd: v720.CmdJPEG, Flag: v720.FlagHead, Payload: []byte{0xFF, 0xD8}}.Append(bytes.Clone(register)), true)
	f.Fuzz(func(t *testing.T, said []byte, approved bool) {
		synctest.Test(t, func(t *testing.T) { // it panics if a goroutine is left
			var owner people
			if approved {
				owner.approve("0800c00128F8")
			}
			s := deafServer(t, Options{Approved: owner.approved})
			c := newWire(said)
			s.serveControl(t.Context(), c)
			if len(s.links)+len(s.routes) != 0 {
				t.Errorf("%d links and %d routes are left", len(s.links), len(s.routes))
			}
			for packages := v720.NewDecoder(bytes.NewReader(c.heard.Bytes())); ; {
				p, err := packages.Next()
				if errors.Is(err, io.EOF) {
					break
				}
				if err != nil {
					t.Fatalf("what we said breaks off: %v", err)
				}
				if p.Cmd == v720.CmdJSON {
					m, err := v720.ParseControl(p.Payload)
					if err != nil || !approved && m.Code != v720.CodeRegisterDone {
						t.Errorf("we said %q, %v", p.Payload, err)
					}
				}
			}
			sink := s.o.Sink.(*collector)
			if n := len(sink.events); n%2 != 0 || !approved && n != 0 {
				t.Errorf("events are %+v: want one end to each beginning, and none of a camera that waits", sink.events)
			}
		})
	})
}

func FuzzMQTT(f *testing.F) {
	session := append(mqttConnect("0800c0000066"), mqttSubscribe(topicSub+"0800c0000066")...)
	f.Add(append(bytes.Clone(session), mqttPublish(topicInfo, `{"version":"202212011602"}`)...))
	f.Add(append(bytes.Clone(session), ping...))
	f.Add(append(bytes.Clone(session), 0xE0, 0))
	f.Add(bytes.Join(deadlySubscribe, nil))
	f.Add(mqttConnectWill("0800c0000066", topicSub+"0800c00128F8", "{}"))
	f.Add(mqttPacket(0x10, "MQTT", 5, 0x84, 0, 10, []byte{5, 0x11, 0xFF, 0xFF, 0xFF, 0xFF}, "0800c0000066", []byte{5, 0x18, 0, 0, 0, 9}, topicStatus, "x", "0800c0000066"))
	f.Add(append(mqttConnect("0800c00128F8"), mqttPacket(0x34, topicInfo, 0, 7, []byte("{}"))...))
	f.Add([]byte{0x10, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F})

	s := deafServer(f, Options{})
	listener := &brokerListener{server: s, acceptor: newAcceptor(s, &silentListener{make(chan struct{})})}
	serve := func(said []byte) []byte {
		c := newWire(said)
		listener.serve(s.broker.mqtt.EstablishConnection, c)
		c.mu.Lock()
		defer c.mu.Unlock()
		return bytes.Clone(c.heard.Bytes())
	}
	good := append(mqttConnect("0800c00128F8"), mqttSubscribe(topicSub+"0800c00128F8")...)
	good = append(append(good, mqttPublish(topicInfo, `{"version":"202212011602"}`)...), ping...)
	want := bytes.Join([][]byte{connAck, subAck, pong}, nil)
	f.Fuzz(func(t *testing.T, said []byte) {
		serve(said)
		if got := serve(good); !bytes.Equal(got, want) {
			t.Errorf("a camera that comes after it is told %x, want %x", got, want)
		}
		for _, cl := range s.broker.mqtt.Clients.GetAll() { // what a panic left; the library's sweep does not run here
			s.broker.mqtt.UnsubscribeClient(cl)
			s.broker.mqtt.Clients.Delete(cl.ID)
		}
	})
}
