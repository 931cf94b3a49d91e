package cloudtest

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// cloud is a server with the test's hands: it does what docs/protocol.md says a server does,
// one step at a time, and looks at every byte.
type cloud struct {
	t       *testing.T
	network *Network
	host    Host
	addr    netip.Addr
	http    net.Listener
	tcp     net.Listener
	mqtt    net.Listener
	udp     PacketConn
	port    uint16 // of tcp and udp
	buf     [2048]byte
	close   func()

	mu       sync.Mutex
	requests []string // as they came
	blank    string   // one blank line too many, when it is set
	missing  string   // path that is answered 404
}

var (
	serverAddr = netip.MustParseAddr("10.42.0.1")
	cameraAddr = netip.MustParseAddr("10.42.0.22")
)

// newCloud sets a server up in the bubble.
func newCloud(t *testing.T) *cloud {
	n := NewNetwork(1)
	c := newCloudOn(t, n.Host(serverAddr), serverAddr, ":80", ":6123", ":1883")
	c.network = n
	return c
}

func newCloudOn(t *testing.T, host Host, addr netip.Addr, http, control, mqtt string) *cloud {
	c := &cloud{t: t, host: host, addr: addr}
	c.http, c.tcp, c.mqtt = c.listen(http), c.listen(control), c.listen(mqtt)
	c.port = netip.MustParseAddrPort(c.tcp.Addr().String()).Port()
	udp, err := host.ListenPacket("udp", fmt.Sprintf(":%d", c.port))
	if err != nil {
		t.Fatal(err)
	}
	c.udp = udp
	var serving sync.WaitGroup
	serving.Go(func() { c.serveHTTP(&serving) })
	c.close = sync.OnceFunc(func() {
		c.http.Close()
		c.tcp.Close()
		c.mqtt.Close()
		c.udp.Close()
		serving.Wait()
	})
	t.Cleanup(c.close)
	return c
}

func (c *cloud) listen(address string) net.Listener {
	l, err := c.host.Listen("tcp", address)
	if err != nil {
		c.t.Fatal(err)
	}
	return l
}

// start runs a camera until the test ends.
func (c *cloud) start(o Options) *Camera {
	if o.Host == nil {
		o.Host = c.network.Host(cameraAddr)
	}
	if o.Source == nil {
		o.Source = newScene(c.t, SceneOptions{Width: 160, Height: 120, Bytes: 2048})
	}
	o.HTTP = c.http.Addr().String()
	camera, err := NewCamera(o)
	if err != nil {
		c.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() {
		if err := camera.Run(ctx); err != nil {
			c.t.Errorf("run camera: %v", err)
		}
	})
	c.t.Cleanup(func() {
		cancel()
		running.Wait()
		if s := camera.State().Step; s != Off {
			c.t.Errorf("a camera that has stopped is %s", s)
		}
	})
	return camera
}

func (c *cloud) serveHTTP(serving *sync.WaitGroup) {
	for {
		conn, err := c.http.Accept()
		if err != nil {
			return
		}
		serving.Go(func() {
			defer conn.Close()
			conn.SetDeadline(time.Now().Add(20 * time.Second)) // a camera that lost its power never hangs up
			buf := make([]byte, 2048)
			n, err := conn.Read(buf)
			if err != nil {
				return
			}
			request := string(buf[:n]) // the camera sends it in one segment
			c.mu.Lock()
			c.requests = append(c.requests, request)
			answer := c.answer(request)
			c.mu.Unlock()
			if _, err := io.WriteString(conn, answer); err != nil && !errors.Is(err, syscall.ECONNRESET) {
				c.t.Errorf("answer HTTP: %v", err)
			}
			_, _ = conn.Read(buf) // until the camera hangs up
		})
	}
}

// answer has the captured answer's shape: exact length, one blank line, compact JSON.
func (c *cloud) answer(request string) string {
	path, _, _ := strings.Cut(strings.TrimPrefix(request, "POST /app/api/"), "?")
	_, id, _ := strings.Cut(request, "devicesCode=")
	id, _, _ = strings.Cut(id, "&")
	if path == c.missing {
		return "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"
	}
	var data string
	switch path {
	case "ApiSysDevicesBatch/registerDevices":
		data = `"0800c0ABCDEF"`
	case "ApiSysDevicesBatch/confirm":
		data = `null`
	case "ApiSysDevices/getDevInfo":
		data = `{"userInfo_userId":" ","ota_url":null,"userInfo_state":1}`
	case "ApiServer/getA9ConfCheck":
		data = fmt.Sprintf(`{"tcpPort":%d,"uid":"%s","isBind":"8","domain":"v720.naxclow.com","updateUrl":null,"host":"%s","currTime":"1676097689","pwd":"91edf41f","version":null}`, c.port, id, c.addr)
	}
	body := `{"code":200,"message":"操作成功","data":` + data + `}`
	return fmt.Sprintf("HTTP/1.1 200\r\nContent-Type: application/json\r\nContent-Length: %d\r\nConnection: keep-alive\r\n\r\n%s%s", len(body), c.blank, body)
}

// asked lists the paths of the requests until now.
func (c *cloud) asked() (paths []string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, request := range c.requests {
		path, _, _ := strings.Cut(strings.TrimPrefix(request, "POST /app/api/"), "?")
		paths = append(paths, path)
	}
	return paths
}

// peer is one control connection as the server sees it.
type peer struct {
	t    *testing.T
	conn net.Conn
	in   *bufio.Reader
	buf  [maxStreamMessage]byte
}

// accept takes the next control connection.
func (c *cloud) accept() *peer {
	c.t.Helper()
	conn, err := c.tcp.Accept()
	if err != nil {
		c.t.Fatal(err)
	}
	c.t.Cleanup(func() { conn.Close() })
	return &peer{t: c.t, conn: conn, in: bufio.NewReader(conn)}
}

// register takes the next control connection and its code 100.
func (c *cloud) register() *peer {
	c.t.Helper()
	p := c.accept()
	if m := p.next(); m["code"] != 100.0 {
		c.t.Fatalf("first message %v, want code 100", m)
	}
	p.send(`{"code":101,"status":200}`)
	return p
}

func (p *peer) send(text string) {
	p.t.Helper()
	if _, err := p.conn.Write(serverMessage(cmdJSON, []byte(text))); err != nil {
		p.t.Fatal(err)
	}
}

// serverMessage has the server's forward id.
func serverMessage(cmd uint16, payload []byte) []byte {
	b := message(cmd, payload)
	copy(b[8:16], "00000000")
	return b
}

// next is the next JSON message; heartbeats are passed over.
func (p *peer) next() map[string]any {
	p.t.Helper()
	return decodeJSON(p.t, p.raw())
}

func (p *peer) raw() []byte {
	p.t.Helper()
	for {
		if err := p.conn.SetReadDeadline(time.Now().Add(time.Minute)); err != nil {
			p.t.Fatal(err)
		}
		h, payload, err := readMessage(p.in, p.buf[:])
		if err != nil {
			p.t.Fatalf("read control channel: %v", err)
		}
		if h.cmd == cmdJSON {
			return bytes.Clone(payload)
		}
	}
}

// pass lets time pass in the bubble.
func pass(d time.Duration) { <-time.After(d) }

func decodeJSON(t *testing.T, payload []byte) (m map[string]any) {
	t.Helper()
	if err := json.Unmarshal(bytes.TrimRight(payload, "\x00"), &m); err != nil {
		t.Fatalf("decode %q: %v", payload, err)
	}
	return m
}

// datagram is the next one, nil when none comes within patience.
func (c *cloud) datagram(patience time.Duration) (header, []byte, netip.AddrPort) {
	c.t.Helper()
	if err := c.udp.SetReadDeadline(time.Now().Add(patience)); err != nil {
		c.t.Fatal(err)
	}
	n, from, err := c.udp.ReadFromUDPAddrPort(c.buf[:])
	var timeout net.Error
	if errors.As(err, &timeout) && timeout.Timeout() {
		return header{}, nil, netip.AddrPort{}
	}
	if err != nil {
		c.t.Fatal(err)
	}
	h, payload, err := datagramMessage(c.buf[:n])
	if err != nil {
		c.t.Fatal(err)
	}
	return h, bytes.Clone(payload), from
}

// code waits for JSON with this code by UDP.
func (c *cloud) code(want int) (map[string]any, netip.AddrPort) {
	c.t.Helper()
	h, payload, from := c.datagram(10 * time.Second)
	if !from.IsValid() || h.cmd != cmdJSON {
		c.t.Fatalf("got cmd %d from %v, want JSON with code %d", h.cmd, from, want)
	}
	m := decodeJSON(c.t, payload)
	if m["code"] != float64(want) {
		c.t.Fatalf("got %v, want code %d", m, want)
	}
	return m, from
}

func (c *cloud) tell(to netip.AddrPort, cmd uint16, payload []byte) {
	c.t.Helper()
	if _, err := c.udp.WriteToUDPAddrPort(serverMessage(cmd, payload), to); err != nil {
		c.t.Fatal(err)
	}
}

const target, secret = "00112233445566778899aabbccddeeff", "55ABfb77"

func (c *cloud) offer(p *peer) {
	c.t.Helper()
	p.send(fmt.Sprintf(`{"code":11,"cliTarget":"%s","cliToken":"%s","cliIp":"255.255.255.255","cliPort":0,"cliNatIp":"%s","cliNatPort":%d}`, target, secret, c.addr, c.port))
}

// open goes from code 11 to command mode and gives the camera's end of the media channel.
func (c *cloud) open(p *peer) netip.AddrPort {
	c.t.Helper()
	c.offer(p)
	_, from := c.code(20)
	c.tell(from, cmdJSON, fmt.Appendf(nil, `{"code":21,"ip":"%s","port":53221}`, from.Addr()))
	answer := p.next()
	for field, want := range map[string]any{"code": 12.0, "status": 200.0, "cliTarget": target, "cliToken": secret,
		"devNatIp": from.Addr().String(), "devNatPort": float64(from.Port()), "devIp": from.Addr().String(), "devPort": 53221.0} {
		if answer[field] != want {
			c.t.Errorf("code 12: %s is %v, want %v", field, answer[field], want)
		}
	}
	if m, _ := c.code(51); m["status"] != 200.0 || m["devTarget"] == "" {
		c.t.Errorf("code 51: %v", m)
	}
	c.tell(from, cmdJSON, []byte(`{"code":50}`))
	c.code(51)
	p.send(`{"code":53,"status":1}`)
	return from
}

func (p *peer) forward(content string) {
	p.t.Helper()
	p.send(`{"code":301,"target":"` + target + `","content":{` + content + `}}`)
}

// play opens a media session with retransmission and starts content: 1 sound, 2 pictures, 3 both.
func (c *cloud) play(p *peer, content int) netip.AddrPort {
	c.t.Helper()
	from := c.open(p)
	p.forward(`"code":298`)
	p.forward(fmt.Sprintf(`"code":%d`, content))
	if m := p.next(); m["code"] != 301.0 || m["content"].(map[string]any)["code"] != float64(content) {
		c.t.Fatalf("got %v, want an echo of 301/%d", m, content)
	}
	return from
}

// confirm sends cmd 605 with these ids.
func (c *cloud) confirm(to netip.AddrPort, ids ...uint32) {
	c.t.Helper()
	var payload []byte
	for _, id := range ids {
		payload = append(payload, byte(id), byte(id>>8), byte(id>>16), byte(id>>24))
	}
	c.tell(to, cmdConfirm, payload)
}

// ledger keeps what a camera says it has sent.
type ledger struct {
	mu     sync.Mutex
	jpeg   []Sent
	sounds []Sent
}

func (l *ledger) note(s Sent) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if s.JPEG != nil {
		l.jpeg = append(l.jpeg, s)
	} else {
		l.sounds = append(l.sounds, s)
	}
}
