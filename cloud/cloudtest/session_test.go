package cloudtest

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// A server that answered every 51 with a 50 would keep both busy for ever: the camera's part of
// it must be true. docs/protocol.md, section 4.
func TestEvery50IsAnsweredByA51(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCloud(t)
		camera := c.start(Options{ID: capturedID})
		p := c.register()
		media := c.open(p)
		for i := range 50 {
			c.tell(media, cmdJSON, []byte(`{"code":50}`))
			if m, from := c.code(51); from != media || m["devTarget"] != capturedID {
				t.Fatalf("probe %d: %v from %v", i, m, from)
			}
		}
		p.forward(`"code":2`)
		p.next()
		c.tell(media, cmdJSON, []byte(`{"code":50}`)) // while pictures flow
		for {
			if h, payload, _ := c.datagram(time.Second); h.cmd == cmdJSON {
				if m := decodeJSON(t, payload); m["code"] != 51.0 {
					t.Errorf("got %v", m)
				}
				break
			}
		}
		if s := camera.State(); s.Probes != 52 || s.Answers != 53 { // one 51 came of itself
			t.Errorf("%+v", s)
		}
	})
}

func TestCode20IsSentAgainAndThenGivenUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCloud(t)
		camera := c.start(Options{ID: capturedID})
		p := c.register()
		c.offer(p)
		_, first := c.code(20)
		began := time.Now()
		for i := range 4 {
			if _, from := c.code(20); from != first || time.Since(began) != time.Duration(i+1)*askAgain {
				t.Errorf("code 20 again after %v from %v", time.Since(began), from)
			}
		}
		if h, _, from := c.datagram(time.Minute); from.IsValid() {
			t.Errorf("cmd %d after it gave up", h.cmd)
		}
		if s := camera.State(); s.Step != Waiting || s.TimedOut != 1 || s.Media.IsValid() {
			t.Errorf("%+v", s)
		}
		if again := c.open(p); again == first {
			t.Errorf("the new session has the old port %v", again)
		}
	})
}

func TestStepWithoutAnswerBringsTheCameraBackToWaiting(t *testing.T) {
	for _, until := range []Step{Probing, Commanded, Streaming} {
		synctest.Test(t, func(t *testing.T) {
			c := newCloud(t)
			camera := c.start(Options{ID: capturedID})
			p := c.register()
			switch until {
			case Probing:
				c.offer(p)
				_, from := c.code(20)
				c.tell(from, cmdJSON, []byte(`{"code":21,"ip":"10.42.0.22","port":1}`))
				p.next()
				c.code(51)
				for range 5 { // sent again each second
					c.code(51)
				}
			case Commanded:
				c.open(p)
			case Streaming:
				c.play(p, 3)
				p.forward(`"code":0`)
			}
			c.collect(time.Second, false)
			if s := camera.State(); s.Step == Waiting {
				t.Errorf("%s: waiting already", until)
			}
			c.collect(20*time.Second, false)
			if s := camera.State(); s.Step != Waiting || s.TimedOut != 1 {
				t.Errorf("%s: %+v", until, s)
			}
			c.play(p, 3)
		})
	}
}

func TestNewCode11ReplacesTheSession(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCloud(t)
		camera := c.start(Options{ID: capturedID})
		p := c.register()
		first := c.play(p, 3)
		c.collect(time.Second, true)
		c.offer(p)
		var second netip.AddrPort
		for !second.IsValid() {
			if h, _, from := c.datagram(time.Second); h.cmd == cmdJSON {
				second = from
			}
		}
		if second == first {
			t.Errorf("the same port %v", first)
		}
		if packs := c.collect(500*time.Millisecond, true); len(packs) != 0 {
			t.Errorf("%d packages of the old session", len(packs))
		}
		if s := camera.State(); s.Replaced != 1 || s.Sessions != 2 || s.Step != Reaching || s.Media != second {
			t.Errorf("%+v", s)
		}
	})
}

func TestLostControlChannelEndsMediaAndBootsAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCloud(t)
		camera := c.start(Options{ID: capturedID})
		p := c.register()
		c.play(p, 3)
		c.collect(2*time.Second, true)
		p.conn.Close()
		synctest.Wait()
		c.collect(time.Millisecond, false)
		if packs := c.collect(900*time.Millisecond, false); len(packs) != 0 {
			t.Errorf("%d packages after the control channel had gone", len(packs))
		}
		p = c.register()
		c.play(p, 3)
		if packs := c.collect(time.Second, true); len(packs) == 0 {
			t.Error("no media in the second life")
		}
		if s := camera.State(); s.Boots != 2 || s.Sessions != 2 || s.Starts != 2 {
			t.Errorf("%+v", s)
		}
	})
}

// What comes too early, from the wrong side or for somebody else moves nothing.
func TestOrdersOutOfTurnAreRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCloud(t)
		camera := c.start(Options{ID: capturedID})
		p := c.register()
		refused := 0
		check := func(what string, step Step) {
			t.Helper()
			pass(10 * time.Millisecond)
			refused++
			if s := camera.State(); s.Refused != refused || s.Step != step {
				t.Errorf("%s: refused %d, step %s; want %d, %s", what, s.Refused, s.Step, refused, step)
				refused = s.Refused
			}
		}
		p.forward(`"code":3`)
		check("301 without a session", Waiting)
		p.send(`{"code":11,"cliTarget":"x","cliToken":"y","cliNatIp":"nowhere","cliNatPort":1}`)
		check("11 without an address", Waiting)
		p.send(`{"code":`)
		check("torn JSON", Waiting)
		c.offer(p)
		_, from := c.code(20)
		p.send(`{"code":53,"status":1}`)
		check("53 before 21", Reaching)
		c.tell(from, cmdJSON, []byte(`{"code":21,"ip":"10.42.0.22","port":1}`))
		c.code(51)
		p.next()
		p.send(`{"code":53,"status":1}`)
		check("53 before 50", Probing)
		c.tell(from, cmdJSON, []byte(`{"code":50}`))
		c.code(51)
		p.forward(`"code":3`)
		check("301 before 53", Probed)
		p.send(`{"code":53,"status":1}`)
		p.send(`{"code":301,"target":"somebody else","content":{"code":3}}`)
		check("301 for somebody else", Commanded)
		c.tell(from, cmdJSON, fmt.Appendf(nil, `{"code":301,"target":"%s","content":{"code":3}}`, target))
		check("301 by UDP", Commanded)
		if _, err := c.udp.WriteToUDPAddrPort([]byte{1, 2, 3}, from); err != nil {
			t.Fatal(err)
		}
		check("three bytes by UDP", Commanded)
		c.tell(from, cmdConfirm, []byte{1, 2, 3})
		check("a confirm of three bytes", Commanded)
		p.forward(`"code":3`)
		p.next()
		pass(10 * time.Millisecond)
		if s := camera.State(); s.Step != Streaming {
			t.Errorf("%+v", s)
		}
	})
}

// TCP is a stream: a server must take several messages from one segment, and one from several.
func TestMessagesAreCoalescedAndSplit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCloud(t)
		c.start(Options{ID: capturedID})
		p := c.register()
		c.open(p)
		coalesced, split, answers := 0, 0, 0
		var rest []byte
		buf := make([]byte, 4096)
		for range 100 {
			for range 4 {
				p.forward(`"code":4,"unixTimer":1677886134`)
			}
			if err := p.conn.SetReadDeadline(time.Now().Add(100 * time.Millisecond)); err != nil {
				t.Fatal(err)
			}
			for {
				n, err := p.conn.Read(buf)
				var timeout net.Error
				if errors.As(err, &timeout) && timeout.Timeout() {
					break
				}
				if err != nil {
					t.Fatal(err)
				}
				rest = append(rest, buf[:n]...)
				here := 0
				for len(rest) >= headerSize && len(rest) >= headerSize+int(readHeader(rest).size) {
					h := readHeader(rest)
					if h.cmd == cmdJSON {
						decodeJSON(t, rest[headerSize:headerSize+h.size])
						answers++
					}
					rest = rest[headerSize+h.size:]
					here++
				}
				if here > 1 {
					coalesced++
				}
				if len(rest) > 0 {
					split++
				}
			}
		}
		if coalesced < 10 || split < 10 || answers != 400 || len(rest) != 0 {
			t.Errorf("%d answers, %d segments with several, %d that end within one", answers, coalesced, split)
		}
	})
}

func TestBaseInfoIsAsTheFirmwareWritesIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCloud(t)
		c.start(Options{ID: capturedID})
		p := c.register()
		c.open(p)
		p.forward(`"unixTimer":1677886134,"code":4`)
		content, ok := p.next()["content"].(map[string]any)
		if !ok || content["code"] != 4.0 || content["version"] != "202212011602" || content["devPower"] != 100.0 {
			t.Errorf("base info %v", content)
		}
		p.forward(`"code":3`)
		if echo := p.raw(); !bytes.Equal(echo, []byte(`{"code": 301, "target": "00112233445566778899aabbccddeeff", "content": {"code": 3}}`)) {
			t.Errorf("echo %q", echo) // 83 bytes, as the log in docs/protocol.md's source has it
		}
	})
}

// The same camera on real sockets, as `v720dvr run --simulate` plays it.
func TestCameraOnLoopbackStreams(t *testing.T) {
	host := Loopback{}
	c := newCloudOn(t, host, host.addr(), ":0", ":0", ":0")
	var sent ledger
	camera := c.start(Options{ID: capturedID, Host: host, Sent: sent.note, FPS: 50, Source: newScene(t, SceneOptions{})})
	media := c.play(c.register(), 3)
	pictures := picturesOf(t, c.until(media, 5))
	if s := camera.State(); s.Step != Streaming || s.Pictures < len(pictures) {
		t.Errorf("%+v", s)
	}
	sent.mu.Lock()
	defer sent.mu.Unlock()
	for i, picture := range pictures {
		if !bytes.Equal(picture, sent.jpeg[i].JPEG) {
			t.Errorf("picture %d is not the one that the camera says", i)
		}
	}
}

// until takes and confirms packages until so many pictures have ended.
func (c *cloud) until(media netip.AddrPort, pictures int) (packs []pack) {
	c.t.Helper()
	for pictures > 0 {
		h, payload, from := c.datagram(10 * time.Second)
		if from != media {
			c.t.Fatalf("nothing came for 10 s, or from %v", from)
		}
		c.confirm(from, h.id)
		packs = append(packs, pack{h, payload, time.Now()})
		if h.cmd == cmdJPEG && h.flag == flagEnd {
			pictures--
		}
	}
	return packs
}

func TestNewCameraRefusesWhatCannotWork(t *testing.T) {
	for what, o := range map[string]Options{
		"no host": {HTTP: "x"}, "no server": {Host: Loopback{}}, "id": {Host: Loopback{}, HTTP: "x", ID: "../etc"}, "rate": {Host: Loopback{}, HTTP: "x", FPS: 1000},
	} {
		if _, err := NewCamera(o); err == nil {
			t.Errorf("%s: want an error", what)
		}
	}
}
