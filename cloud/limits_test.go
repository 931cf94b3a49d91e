package cloud

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/time/rate"

	"v720dvr/cloud/cloudtest"
	"v720dvr/cloud/v720"
)

// diary is a log that tests read.
type diary struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (d *diary) Write(b []byte) (int, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.text.Write(b)
}

func (d *diary) log() *slog.Logger { return slog.New(slog.NewTextHandler(d, nil)) }

// lines counts those with a text in them.
func (d *diary) lines(with string) (n int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for line := range strings.Lines(d.text.String()) {
		if strings.Contains(line, with) {
			n++
		}
	}
	return n
}

// visit opens a connection to a port of the town's server from an address.
func (n *town) visit(from string, port int) net.Conn {
	n.t.Helper()
	c, err := n.network.Host(mustAddr(from)).DialContext(n.t.Context(), "tcp", fmt.Sprint("10.42.0.1:", port))
	if err != nil {
		n.t.Fatal(err)
	}
	n.t.Cleanup(func() { c.Close() })
	return c
}

// hungUp reads what the server has sent, and tells whether it has hung up behind it.
func hungUp(c net.Conn) bool {
	c.SetReadDeadline(time.Now().Add(time.Millisecond))
	defer c.SetReadDeadline(time.Time{})
	for b := make([]byte, 4096); ; {
		if _, err := c.Read(b); err != nil {
			netErr, ok := err.(net.Error)
			return !(ok && netErr.Timeout())
		}
	}
}

const ports = "80 6123 1883" // of the town's server

func eachPort(f func(port int)) {
	for field := range strings.FieldsSeq(ports) {
		var port int
		fmt.Sscan(field, &port)
		f(port)
	}
}

func TestOneAddressCannotTakeEveryConnection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log diary
		n := newTown(t, Options{MaxCameras: 8, Log: log.log()})
		eachPort(func(port int) {
			open, most := 0, n.perAddress()
			for range most + 10 {
				if !hungUp(n.visit("10.42.0.66", port)) {
					open++
				}
			}
			if open != most {
				t.Errorf("port %d: %d connections of one address stand, want %d", port, open, most)
			}
		})
		if got := n.Refused(); got != 30 {
			t.Errorf("%d refused, want 30", got)
		}
		if got := log.lines("connection refused"); got != 1 {
			t.Errorf("%d lines about 30 refusals of one address, want 1", got)
		}
		_, leave := n.settle(cloudtest.Options{ID: "0800c00128F8"}) // which has an address of its own
		defer leave()
		time.Sleep(2 * time.Second)
		if n.frames("0800c00128F8") == 0 {
			t.Error("a camera is kept out")
		}
		n.stop()
	})
}

func TestOneAddressCannotConnectWithoutPause(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log diary
		n := newTown(t, Options{MaxCameras: 8, Log: log.log()})
		eachPort(func(port int) {
			served := func(tries int) (served int) {
				for range tries {
					c := n.visit("10.42.0.66", port)
					if !hungUp(c) {
						served++
					}
					c.Close()
					synctest.Wait()
				}
				return served
			}
			burst := 4 * n.perAddress()
			if got := served(2 * burst); got < burst || got > burst+2 { // the tries take milliseconds
				t.Errorf("port %d: %d of %d connections without pause were served, want %d", port, got, 2*burst, burst)
			}
			time.Sleep(time.Minute)
			if got := served(2 * burst); got < burst || got > burst+2 {
				t.Errorf("port %d: %d of %d connections a minute later were served, want %d", port, got, 2*burst, burst)
			}
		})
		if lines := log.lines("connection refused"); lines < 3 || lines > 6 {
			t.Errorf("%d lines in three minutes and more, want about one a minute", lines)
		}
		n.stop()
	})
}

// codes asks for device codes from an address and counts those that it got.
func (n *town) codes(from string, requests int) (issued int) {
	n.t.Helper()
	c := n.visit(from, 80)
	defer c.Close()
	r := bufio.NewReader(c)
	for range requests {
		write(n.t, c, []byte(post("/app/api/ApiSysDevicesBatch/registerDevices?batch=A9")))
		answer, err := http.ReadResponse(r, nil)
		if err != nil {
			n.t.Fatal(err)
		}
		body, err := io.ReadAll(answer.Body)
		switch {
		case err != nil:
			n.t.Fatal(err)
		case answer.StatusCode == 200:
			issued++
		case answer.StatusCode != 429 || len(body) != 0:
			n.t.Fatalf("got %d %q, want 200, or 429 without a body", answer.StatusCode, body)
		}
	}
	return issued
}

// A code sticks in a camera for ever, and so does its row.
func TestDeviceCodesAreNotIssuedWithoutEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		reg := &registry{}
		n := newTown(t, Options{Registry: reg})
		if got := n.codes("10.42.0.66", 50); got != codesAtOnce {
			t.Errorf("an address got %d codes at once, want %d", got, codesAtOnce)
		}
		time.Sleep(3 * time.Minute)
		if got := n.codes("10.42.0.66", 50); got != 3 {
			t.Errorf("three minutes later it got %d, want 3", got)
		}
		all := 0
		for i := range 20 {
			all += n.codes(fmt.Sprint("10.42.1.", i), 20)
		}
		if want := codesAtOnceInAll - codesAtOnce; all != want {
			t.Errorf("twenty other addresses got %d, want the %d that are left", all, want)
		}
		time.Sleep(time.Hour)
		if got := n.codes("10.42.0.77", 5); got != 5 {
			t.Errorf("an hour later a person who sets up five cameras got %d codes, want 5", got)
		}
		if n.Refused() == 0 {
			t.Error("nothing was counted")
		}
		n.stop()
	})
}

// A peer that does nothing, little, or never reads, does not stay.
func TestConnectionsThatGoNowhereEnd(t *testing.T) {
	heartbeat := v720.Packet{Cmd: v720.CmdHeartbeat}.Append(nil)
	connect := []byte("\x10\x16\x00\x04MQTT\x04\x82\x00\x00\x00\x04abcd\x00\x04abcd") // keep-alive 0: none
	cases := map[string]struct {
		port   int
		first  []byte
		repeat []byte // every second
		within time.Duration
	}{
		"HTTP, nothing":                     {80, nil, nil, requestDeadline},
		"HTTP, a header a second":           {80, []byte("POST /app/ HTTP/1.1\r\n"), []byte("a: b\r\n"), requestDeadline},
		"HTTP, a byte of body a second":     {80, []byte("POST /app/x HTTP/1.1\r\nContent-Length: 1000\r\n\r\n"), []byte("x"), requestDeadline},
		"control, nothing":                  {6123, nil, nil, registerDeadline},
		"control, heartbeats":               {6123, heartbeat, heartbeat, registerDeadline},
		"control, heartbeats without pause": {6123, bytes.Repeat(heartbeat, 5000), heartbeat, registerDeadline},
		"control, a byte a second":          {6123, []byte{200, 0, 0, 0}, []byte{0}, registerDeadline},
		"control, registered, half of one":  {6123, v720.Packet{Payload: []byte(`{"code":100,"uid":"0800c0000001"}`)}.Append(nil), []byte{200, 0, 0, 0}, silenceDeadline + time.Second},
		"MQTT, nothing":                     {1883, nil, nil, connectDeadline},
		"MQTT, half a CONNECT":              {1883, connect[:10], nil, connectDeadline},
		"MQTT, connected, no keep-alive":    {1883, connect, nil, maxKeepAlive * 3 / 2 * time.Second},
		"MQTT, half a packet":               {1883, append(bytes.Clone(connect), 0x30, 0x7F), []byte{0}, maxKeepAlive * 3 / 2 * time.Second},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				n := newTown(t, Options{})
				conn := n.visit("10.42.0.66", c.port)
				began := time.Now()
				var sending sync.WaitGroup
				sending.Go(func() {
					conn.Write(c.first)
					for c.repeat != nil {
						time.Sleep(time.Second)
						if _, err := conn.Write(c.repeat); err != nil {
							return
						}
					}
				})
				io.Copy(io.Discard, conn)
				if took := time.Since(began); took < c.within-time.Second || took > c.within+time.Second {
					t.Errorf("ended after %v, want %v", took, c.within)
				}
				conn.Close()
				sending.Wait()
				n.stop()
			})
		})
	}
}

func TestAConnectionHasABoundedNumberOfRequests(t *testing.T) {
	s := startServer(t, Options{})
	c := dial(t, s.Addrs().HTTP)
	write(t, c, []byte(strings.Repeat(post("/app/api/ApiSysDevices/getDevInfo"), maxRequests)))
	r := bufio.NewReader(c)
	answers := 0
	for {
		answer, err := http.ReadResponse(r, nil)
		if errors.Is(err, io.ErrUnexpectedEOF) { // of a connection that ends where an answer would begin
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		io.Copy(io.Discard, answer.Body)
		answers++
	}
	if answers != maxRequests {
		t.Errorf("got %d answers, want %d and the end", answers, maxRequests)
	}
}

func TestForgettingAddressesLosesAsLittleAsCanBe(t *testing.T) {
	b := newBuckets(rate.Every(time.Minute), 3)
	now := began
	greedy := mustAddr("10.42.0.66")
	for range 3 {
		b.take(greedy, now)
	}
	for i := range 3 * maxBuckets {
		b.take(netip.AddrFrom4([4]byte{10, 43, byte(i >> 8), byte(i)}), now)
		if len(b.held) > maxBuckets {
			t.Fatalf("%d addresses are held, want at most %d", len(b.held), maxBuckets)
		}
	}
	if b.take(greedy, now) {
		t.Error("the one that has taken all was forgotten before those that took one")
	}
	now = now.Add(time.Hour)
	b.take(mustAddr("10.44.0.1"), now)
	if len(b.held) != 1 {
		t.Errorf("%d addresses are held an hour later, want the newest alone", len(b.held))
	}
}

func TestAnIPv6HostIsOneOwnerWhateverAddressItTakes(t *testing.T) {
	for _, c := range []struct{ a, b string }{{"2001:db8::1", "2001:db8::ffff:2"}, {"::ffff:10.42.0.1", "10.42.0.1"}, {"fe80::1%eth0", "fe80::2%eth1"}} {
		if owner(mustAddr(c.a)) != owner(mustAddr(c.b)) {
			t.Errorf("%s and %s have two owners, want one", c.a, c.b)
		}
	}
	if owner(mustAddr("10.42.0.1")) == owner(mustAddr("10.42.0.2")) || owner(mustAddr("2001:db8::1")) == owner(mustAddr("2001:db8:0:1::1")) {
		t.Error("two hosts have one owner")
	}
}

func TestNoticesComeOnceAMinuteAndInAllNotTooOften(t *testing.T) {
	g := newGuard(slog.New(slog.DiscardHandler))
	now := began
	if _, due := g.notices.due("a", now); !due {
		t.Error("the first is not told")
	}
	for range 5 {
		if _, due := g.notices.due("a", now.Add(59*time.Second)); due {
			t.Error("told again within a minute")
		}
	}
	if left, due := g.notices.due("a", now.Add(61*time.Second)); !due || left != 5 {
		t.Errorf("a minute later: told %v, %d left out, want true and 5", due, left)
	}
	told := 0
	now = now.Add(time.Hour)
	for i := range 5000 {
		if _, due := g.notices.due(itoa(i), now); due {
			told++
		}
		if len(g.notices.said) > maxNotices {
			t.Fatalf("%d keys are remembered, want at most %d", len(g.notices.said), maxNotices)
		}
	}
	if told != noticesInAll {
		t.Errorf("%d lines at once, want %d", told, noticesInAll)
	}
	if _, due := g.notices.due("new", now.Add(time.Hour)); !due {
		t.Error("an hour later a new one is not told")
	}
}

// Who sends without pause is slowed down, not fed with answers at that rate.
func TestAControlConnectionHasItsPace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newTown(t, Options{})
		c := n.visit("10.42.0.66", 6123)
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		go func() {
			write(t, c, v720.Packet{Payload: []byte(`{"code":100,"uid":"0800c0000001","token":"91edf41f"}`)}.Append(nil))
			for ctx.Err() == nil {
				if _, err := c.Write(v720.Packet{Cmd: v720.CmdPing}.Append(nil)); err != nil {
					t.Error(err)
					break
				}
			}
			c.Close()
		}()
		pongs, began := 0, time.Now()
		for packages := v720.NewDecoder(c); ; {
			p, err := packages.Next()
			if err != nil {
				break
			}
			if p.Cmd == v720.CmdPong {
				pongs++
			}
		}
		took := time.Since(began).Seconds() // until the server has taken what was on its way
		if most := controlBurst + int(took*controlPace) + 1; pongs < most*9/10 || pongs > most {
			t.Errorf("%d answers in %.1f seconds, want nearly %d", pongs, took, most)
		}
		n.stop()
	})
}
