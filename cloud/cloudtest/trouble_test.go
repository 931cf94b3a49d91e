package cloudtest

import (
	"errors"
	"io"
	"math/rand/v2"
	"net/netip"
	"os"
	"slices"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

// ends reads a control connection until it fails, for at most a minute, and says how.
func (p *peer) ends() error {
	p.conn.SetReadDeadline(time.Now().Add(time.Minute))
	_, err := io.Copy(io.Discard, p.in)
	return err
}

func TestRebootDropsEverythingWithoutAWord(t *testing.T) {
	var silent, reset int
	for seed := range int64(8) {
		synctest.Test(t, func(t *testing.T) {
			c := newCloud(t)
			camera := c.start(Options{ID: capturedID, Seed: seed})
			p := c.register()
			first := c.play(p, 3)
			packs := c.collect(2*time.Second, true)
			camera.Reboot()
			camera.Reboot() // it has no power: nothing more goes
			began := time.Now()
			c.collect(5*time.Millisecond, true) // what was under way
			if more := c.collect(900*time.Millisecond, true); len(more) != 0 || camera.State().Step != Off {
				t.Errorf("%d packages of a camera without power, which is %s", len(more), camera.State().Step)
			}
			next := c.register()
			if took := time.Since(began); took < time.Second || took > 2100*time.Millisecond {
				t.Errorf("registered again after %v", took)
			}
			switch err := p.ends(); {
			case errors.Is(err, os.ErrDeadlineExceeded):
				silent++
			case errors.Is(err, syscall.ECONNRESET):
				reset++
			default:
				t.Errorf("the old connection ended by %v", err)
			}
			second := c.play(next, 3)
			again := c.collect(time.Second, true)
			if last := packs[len(packs)-1].id; second == first || again[0].id-last < 1000 {
				t.Errorf("media from %v after %v, package %d after %d", second, first, again[0].id, last)
			}
			if s := camera.State(); s.Reboots != 1 || s.Boots != 2 || s.Refused != 0 {
				t.Errorf("%+v", s)
			}
		})
	}
	if silent == 0 || reset == 0 {
		t.Errorf("%d power cuts and %d resets, want both", silent, reset)
	}
}

func TestMoveBootsFromAnotherAddress(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCloud(t)
		camera := c.start(Options{ID: capturedID})
		p := c.register()
		c.play(p, 3)
		c.collect(time.Second, true)
		elsewhere := netip.MustParseAddr("10.42.0.77")
		camera.Move(c.network.Host(elsewhere))
		next := c.register()
		if from := netip.MustParseAddrPort(next.conn.RemoteAddr().String()).Addr(); from != elsewhere {
			t.Errorf("registered from %v", from)
		}
		c.collect(time.Millisecond, false)
		if from := c.play(next, 3); from.Addr() != elsewhere {
			t.Errorf("media from %v", from)
		}
		c.collect(time.Second, true)
		if err := p.ends(); !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("the old connection ended by %v, want silence", err)
		}
		if s := camera.State(); s.Moves != 1 || s.Boots != 2 || s.Step != Streaming {
			t.Errorf("%+v", s)
		}
	})
}

func TestCutControlLeavesMediaBehindForAMoment(t *testing.T) {
	for _, offered := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			c := newCloud(t)
			camera := c.start(Options{ID: capturedID})
			p := c.register()
			old := c.play(p, 3)
			c.collect(time.Second, true)
			camera.CutControl()
			began := time.Now()
			if err := p.ends(); !errors.Is(err, syscall.ECONNRESET) {
				t.Errorf("the connection ended by %v", err)
			}
			next := c.register()
			if took := time.Since(began); took < time.Second || took > 1300*time.Millisecond {
				t.Errorf("registered again after %v", took)
			}
			if offered {
				c.offer(next)
			}
			var last time.Duration
			for {
				h, _, from := c.datagram(time.Second)
				if !from.IsValid() || from != old {
					break
				}
				if h.cmd == cmdJPEG {
					last = time.Since(began)
				}
			}
			switch {
			case offered && last > 1300*time.Millisecond:
				t.Errorf("media of before until %v, beside a new session", last)
			case !offered && (last < lingers-200*time.Millisecond || last > lingers):
				t.Errorf("media of before until %v, want %v", last, lingers)
			}
			if s := camera.State(); s.Cuts != 1 || s.Boots != 2 || s.Reboots != 0 {
				t.Errorf("%+v", s)
			}
		})
	}
}

func TestSecondControlStandsBesideTheFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCloud(t)
		camera := c.start(Options{ID: capturedID})
		if err := camera.SecondControl(t.Context()); !errors.Is(err, errNoControl) {
			t.Errorf("before the first: %v", err)
		}
		first := c.register()
		c.play(first, 3)
		var asking sync.WaitGroup
		asking.Go(func() {
			if err := camera.SecondControl(t.Context()); err != nil {
				t.Error(err)
			}
		})
		second := c.accept()
		if m := second.next(); m["code"] != 100.0 || m["uid"] != capturedID {
			t.Errorf("second connection begins with %v", m)
		}
		if s := camera.State(); s.Step != Streaming {
			t.Errorf("the second connection disturbs the first: %+v", s)
		}
		first.conn.Close() // the newest wins, even before it is answered. docs/protocol.md, section 3
		pass(time.Second)
		second.send(`{"code":101,"status":200}`)
		asking.Wait()
		c.collect(10*time.Millisecond, false)
		if more := c.collect(time.Second, false); len(more) != 0 {
			t.Errorf("%d packages of a session whose connection has gone", len(more))
		}
		c.play(second, 3)
		c.collect(time.Minute, true)
		if s := camera.State(); s.Seconds != 1 || s.Boots != 1 || s.Registered != 2 || s.Step != Streaming || len(c.asked()) != 1 {
			t.Errorf("%+v after asking %q", s, c.asked())
		}
		second.conn.Close() // the last one
		c.register()
		if s := camera.State(); s.Boots != 2 {
			t.Errorf("%+v", s)
		}
	})
}

func TestCameraThatKeepsItsServerDialsItBeforeItAsksAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCloud(t)
		camera := c.start(Options{ID: capturedID, KeepsServer: true, MQTT: "10.42.0.1:1883"})
		for losses := range 3 {
			p := c.register()
			c.play(p, 3)
			c.collect(2*time.Second, true)
			if s := camera.State(); len(c.asked()) != 1 || s.Redials != losses || s.Boots != 1 {
				t.Errorf("after %d losses asked %q; %+v", losses, c.asked(), s)
			}
			p.conn.Close()
			lost := time.Now()
			c.collect(time.Second, true)
			pass(100 * time.Millisecond)
			if time.Since(lost) > 1200*time.Millisecond {
				t.Fatal("the test is too slow")
			}
		}
		c.register()
		c.tcp.Close() // the server has gone
		c.network.CutStreams(cameraAddr, serverAddr)
		pass(10 * time.Second)
		asked := c.asked()
		if s := camera.State(); s.Redials != 3 || s.Boots < 2 || len(asked) < 2 {
			t.Errorf("without a server asked %q; %+v", asked, s)
		}
	})
}

func TestHangingCameraIsMuteUntilANewCode11(t *testing.T) {
	steps := []Step{Reaching, Probing, Probed, Commanded, Streaming}
	for _, hangs := range steps {
		synctest.Test(t, func(t *testing.T) {
			c := newCloud(t)
			camera := c.start(Options{ID: capturedID, Hangs: []Step{hangs}})
			p := c.register()
			c.offer(p)
			at := slices.Index(steps, hangs)
			var media netip.AddrPort
			if at > 0 {
				_, media = c.code(20)
				c.tell(media, cmdJSON, []byte(`{"code":21,"ip":"10.42.0.22","port":1}`))
				if m := p.next(); m["code"] != 12.0 {
					t.Errorf("%s: %v", hangs, m)
				}
			}
			if at > 1 {
				c.code(51)
				c.tell(media, cmdJSON, []byte(`{"code":50}`))
				c.code(51)
			}
			if at > 2 {
				p.send(`{"code":53,"status":1}`)
			}
			if at > 3 {
				p.forward(`"code":298`)
				p.forward(`"code":3`)
				p.next() // the echo, and no media behind it
			}
			pass(100 * time.Millisecond)
			if s := camera.State(); s.Step != hangs || s.Hung != 1 {
				t.Fatalf("want it to hang while %s: %+v", hangs, s)
			}
			if media.IsValid() {
				c.tell(media, cmdJSON, []byte(`{"code":21,"ip":"10.42.0.22","port":1}`))
				c.tell(media, cmdJSON, []byte(`{"code":50}`))
				c.tell(media, cmdPing, nil)
			}
			p.send(`{"code":53,"status":1}`)
			p.forward(`"code":4,"unixTimer":1677886134`)
			p.forward(`"code":3`)
			if h, _, from := c.datagram(time.Minute); from.IsValid() {
				t.Errorf("%s: cmd %d of a camera that hangs", hangs, h.cmd)
			}
			if s := camera.State(); s.Step != hangs || s.TimedOut != 0 || s.Heartbeats < 10 {
				t.Errorf("%s: %+v", hangs, s)
			}
			again := c.play(p, 3)
			if packs := c.collect(time.Second, true); len(packs) < 30 || again == media {
				t.Errorf("%s: %d packages from %v after the new code 11", hangs, len(packs), again)
			}
			if s := camera.State(); s.Hung != 1 || s.Replaced != 1 || s.Refused != 0 {
				t.Errorf("%s: %+v", hangs, s)
			}
		})
	}
}

func TestHangingBootIsGivenUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCloud(t)
		began := time.Now()
		camera := c.start(Options{ID: capturedID, Hangs: []Step{Connected, Booting}})
		p := c.accept()
		if took := time.Since(began); took < hangLasts+time.Second || took > hangLasts+1300*time.Millisecond {
			t.Errorf("first connection after %v: want half a request before it", took)
		}
		compareBytes(t, "half a request", c.requests[0], capturedRequest[:len(capturedRequest)/2])
		began = time.Now()
		half, err := io.ReadAll(p.conn)
		if got := string(half); err != nil || got != capturedRegistration[:len(capturedRegistration)/2] || time.Since(began) > hangLasts+time.Second {
			t.Errorf("half of code 100 %q, %v, after %v", got, err, time.Since(began))
		}
		c.play(c.register(), 3)
		if s := camera.State(); s.Boots != 3 || s.Hung != 2 || s.Registered != 1 {
			t.Errorf("%+v", s)
		}
	})
}

// All that can befall a camera, at any time and from several sides at once: it ends when it is
// told to, and leaves nothing behind.
func TestTroubleMayComeAtAnyTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCloud(t)
		c.network.SetDefault(Conditions{Latency: 2 * time.Millisecond, Jitter: 5 * time.Millisecond, Loss: 0.1})
		mqtt := "10.42.0.1:1883"
		camera := c.start(Options{ID: capturedID, MQTT: mqtt, KeepsServer: true, Hangs: []Step{Probed, Streaming}, Resend: AtConfirm})
		var running sync.WaitGroup
		running.Go(func() { // a server that opens media as well as the network lets it
			for {
				conn, err := c.tcp.Accept()
				if err != nil {
					return
				}
				running.Go(func() {
					defer conn.Close()
					for _, text := range []string{
						`{"code":101,"status":200}`,
						`{"code":11,"cliTarget":"` + target + `","cliToken":"x","cliNatIp":"10.42.0.1","cliNatPort":6123}`,
					} {
						conn.Write(serverMessage(cmdJSON, []byte(text)))
					}
					for _, text := range []string{`{"code":53,"status":1}`, `{"code":301,"target":"` + target + `","content":{"code":298}}`,
						`{"code":301,"target":"` + target + `","content":{"code":3}}`} {
						pass(time.Second / 2)
						conn.Write(serverMessage(cmdJSON, []byte(text)))
					}
					conn.SetReadDeadline(time.Now().Add(20 * time.Second))
					io.Copy(io.Discard, conn)
				})
			}
		})
		running.Go(func() {
			b := make([]byte, 2048)
			for {
				n, from, err := c.udp.ReadFromUDPAddrPort(b)
				if err != nil {
					return
				}
				if h := readHeader(b); h.cmd == cmdJSON && n > headerSize {
					c.udp.WriteToUDPAddrPort(serverMessage(cmdJSON, []byte(`{"code":21,"ip":"10.42.0.22","port":1}`)), from)
					c.udp.WriteToUDPAddrPort(serverMessage(cmdJSON, []byte(`{"code":50}`)), from)
				}
			}
		})
		var meddling sync.WaitGroup
		for i := range 3 {
			meddling.Go(func() {
				lots := rand.New(rand.NewPCG(uint64(i), 1))
				for range 100 {
					switch lots.IntN(8) {
					case 0:
						camera.Reboot()
					case 1:
						camera.Move(c.network.Host(netip.AddrFrom4([4]byte{10, 42, 0, byte(22 + lots.IntN(3))})))
					case 2, 3:
						camera.CutControl()
					case 4, 5:
						_ = camera.SecondControl(t.Context())
					case 6:
						c.network.CutStreams(cameraAddr, serverAddr)
					case 7:
						c.network.SetConditions(cameraAddr, serverAddr, Conditions{Down: lots.IntN(2) == 0})
					}
					pass(time.Duration(lots.IntN(4000)) * time.Millisecond)
				}
			})
		}
		meddling.Wait()
		s := camera.State()
		if s.Reboots < 10 || s.Moves < 10 || s.Cuts < 10 || s.Seconds < 5 || s.Redials < 5 || s.Starts < 10 || s.Pictures < 50 || s.Hung != 2 {
			t.Errorf("too little happened: %+v", s)
		}
		c.close()
		running.Wait()
	})
}
