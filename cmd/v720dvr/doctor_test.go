package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"v720dvr/cloud"
	"v720dvr/cloud/cloudtest"
	"v720dvr/internal/config"
	"v720dvr/storage/storagetest"
	"v720dvr/web"
)

// ward is a box in memory with cameras, with which nothing is wrong but what a test makes so.
type ward struct {
	config  config.Config
	asks    asksOutside
	network *cloudtest.Network
	cameras []cloudtest.Options
	full    int64 // bytes that the recordings' disk holds; 0: the real one's
}

var (
	wardBox  = netip.MustParseAddr("10.42.0.1")
	wardHall = netip.MustParseAddr("10.42.0.50")
)

// newWard makes one with a camera of each firmware. Call it inside a bubble.
func newWard(t *testing.T) *ward {
	t.Helper()
	wait(t.Context(), time.Until(time.Date(2026, 11, 22, 14, 5, 0, 0, time.UTC))) // no clock that was never set
	w := &ward{config: config.Default(), network: cloudtest.NewNetwork(1)}
	w.config.Storage.Dir = t.TempDir()
	if err := os.Chmod(w.config.Storage.Dir, 0o700); err != nil {
		t.Fatal(err)
	}
	w.config.Web.Listen = ""
	w.config.Retention.MinFree = config.Size{Bytes: 1e6} // however full the disk is that this test runs on
	synced := true
	w.asks = asksOutside{
		lookup: func(context.Context, string) ([]netip.Addr, error) { return []netip.Addr{wardBox}, nil },
		own:    func() []netip.Addr { return []netip.Addr{wardBox} },
		system: func() systemFacts {
			return systemFacts{Synced: &synced, Limits: limitFact{Files: 65536, Memory: 1 << 30}}
		},
		udp: func(network, address string) (cloud.PacketConn, error) {
			return w.network.Host(wardBox).ListenPacket("udp", address)
		},
	}
	for i := range 2 {
		scene, err := cloudtest.NewScene(cloudtest.SceneOptions{Width: 160, Height: 120, Bytes: 2048})
		if err != nil {
			t.Fatal(err)
		}
		w.cameras = append(w.cameras, cloudtest.Options{
			ID: fmt.Sprintf("0800c0F0000%d", i), Host: w.network.Host(netip.AddrFrom4([4]byte{10, 42, 0, byte(50 + i)})), Source: scene,
			HTTP: "10.42.0.1:80", MQTT: "10.42.0.1:1883", Firmware: cloudtest.Firmware(i), Seed: int64(i),
		})
	}
	return w
}

// examine lets box and cameras run for a minute, and has the doctor look.
func (w *ward) examine(t *testing.T) web.Diagnosis {
	t.Helper()
	host, disk := w.network.Host(wardBox), new(storagetest.Disk)
	w.asks.disk = disk
	b, err := openBox(t.Context(), config.Loaded{Config: w.config}, boxOptions{
		listen: host.Listen, location: time.UTC, log: testLog(t), disk: disk, outside: &w.asks,
		listenPacket: func(network, address string) (cloud.PacketConn, error) { return host.ListenPacket(network, address) },
	})
	if err != nil {
		t.Fatal(err)
	}
	if w.full > 0 {
		disk.Limit(t, filepath.Join(w.config.Storage.Dir, "recordings"), w.full)
	}
	ctx, stop := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() {
		if err := b.run(ctx); err != nil {
			t.Error(err)
		}
	})
	for _, o := range w.cameras {
		c, err := cloudtest.NewCamera(o)
		if err != nil {
			t.Fatal(err)
		}
		running.Go(func() { c.Run(ctx) })
	}
	wait(t.Context(), time.Minute)
	d, err := b.Diagnose(t.Context())
	if err != nil {
		t.Error(err)
	}
	if s, err := b.System(t.Context()); err != nil || s.Faults != faults(d.Findings) {
		t.Errorf("the page is told of %d faults, %v, of %d", s.Faults, err, faults(d.Findings))
	}
	stop()
	running.Wait()
	return d
}

// onlyFound wants a finding, and no fault or warning but it.
func onlyFound(t *testing.T, d web.Diagnosis, severity web.Severity, about, text string) (is web.Finding) {
	t.Helper()
	for _, f := range d.Findings {
		switch {
		case f.Severity == severity && f.About == about && strings.Contains(f.Found, text):
			is = f
		case f.Severity == web.SeverityFault || f.Severity == web.SeverityWarning:
			t.Errorf("found beside it: %+v", f)
		}
	}
	if is.About == "" {
		t.Errorf("%s %q of %s is not among %+v", severity, text, about, d.Findings)
	}
	return is
}

func TestDoctorFindsNothingWhereTwoCamerasStream(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newWard(t).examine(t)
		for _, f := range d.Findings {
			if f.Severity != web.SeverityOK {
				t.Errorf("found %+v", f)
			}
		}
		for _, w := range d.Ways {
			for _, s := range w.Steps {
				if !s.Seen && s.Step != "dns" { // it is asked of nobody here
					t.Errorf("%s of %s was not seen", s.Step, w.Camera)
				}
			}
			if w.Missing != "" || w.Steps[2].What == "" {
				t.Errorf("of %s %q is missing: %+v", w.Camera, w.Missing, w.Steps)
			}
		}
		if len(d.Ways) != 2 || len(d.Findings) < 10 {
			t.Errorf("got %d ways, %d findings", len(d.Ways), len(d.Findings))
		}
	})
}

func TestDoctorFindsThatUDPDoesNotComeThrough(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWard(t)
		w.network.SetConditions(wardHall, wardBox, cloudtest.Conditions{DatagramsDown: true})
		d := w.examine(t)
		f := onlyFound(t, d, web.SeverityFault, "0800c0F00000", "nothing of it has come by UDP since: UDP port 6123")
		if f.Camera != "0800c0F00000" || !strings.Contains(f.Do, "6123") {
			t.Errorf("it says %+v", f)
		}
		if d.Ways[0].Camera != "0800c0F00000" || d.Ways[0].Missing != "udp" {
			t.Errorf("the first way is %+v", d.Ways[0])
		}
	})
}

func TestDoctorFindsThatItsOwnMediaPortDoesNotAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWard(t)
		elsewhere := netip.MustParseAddr("10.42.0.9")
		w.network.SetConditions(elsewhere, wardBox, cloudtest.Conditions{DatagramsDown: true})
		w.asks.udp = func(network, address string) (cloud.PacketConn, error) {
			return w.network.Host(elsewhere).ListenPacket("udp", ":0")
		}
		onlyFound(t, w.examine(t), web.SeverityFault, "UDP", "no answer from 10.42.0.1:6123")
	})
}

func TestDoctorFindsACameraThatStopsBehindGetDevInfo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWard(t)
		w.cameras[1].Hangs = []cloudtest.Step{cloudtest.Informed}
		d := w.examine(t)
		f := onlyFound(t, d, web.SeverityFault, "0800c0F00001", "asked getDevInfo at 14:05:00 and nothing after it")
		if f.Do == "" || f.Camera != "0800c0F00001" {
			t.Errorf("it says %+v", f)
		}
		if d.Ways[0].Camera != "0800c0F00001" || d.Ways[0].Missing != "connect" {
			t.Errorf("the first way is %+v", d.Ways[0])
		}
	})
}

func TestDoctorFindsAnAnnouncedAddressThatIsNotThisMachines(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWard(t)
		w.config.Cloud.Advertise = "10.42.0.99"
		d := w.examine(t)
		var said []string
		for _, f := range d.Findings {
			if f.Severity == web.SeverityFault {
				said = append(said, f.About+": "+f.Found)
			}
		}
		text := strings.Join(said, "\n")
		if !strings.Contains(text, "announced address: cameras are told to come to 10.42.0.99 (cloud.advertise), which is none of this machine's addresses (10.42.0.1)") ||
			!strings.Contains(text, "UDP: the media port does not answer") || strings.Count(text, "TCP port 6123 of 10.42.0.99 (cloud.advertise), and has not come") != 2 {
			t.Errorf("got faults\n%s", text)
		}
	})
}

func TestDoctorFindsThatNamesLeadElsewhere(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWard(t)
		w.cameras = nil // they have gone to the vendor
		w.asks.lookup = func(context.Context, string) ([]netip.Addr, error) {
			return []netip.Addr{netip.MustParseAddr("47.91.7.7")}, nil
		}
		f := onlyFound(t, w.examine(t), web.SeverityFault, "DNS", "v720.naxclow.com is 47.91.7.7 here, which is not this machine")
		if !strings.Contains(f.Do, "10.42.0.1") {
			t.Errorf("it says to do %q", f.Do)
		}
	})
}

func TestDoctorFindsADiskThatIsNearlyFull(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWard(t)
		w.full, w.config.Retention.MinFree = 5e6, config.Size{Bytes: 4e6} // a file that is being written cannot make room
		f := onlyFound(t, w.examine(t), web.SeverityFault, "disk space", "free of 5.0 MB, and is nearly full; 4.0 MB should stay free")
		if !strings.Contains(f.Do, "retention plan") {
			t.Errorf("it says to do %q", f.Do)
		}
	})
}

// Beside a process that has port 80's place, the doctor names it; v720dvr does not run, so the box alone is looked at.
func TestDoctorNamesWhoHasThePort(t *testing.T) {
	dir := t.TempDir()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	doctor := func(http string, more ...string) (int, string, string) {
		p := command(t, dir, append([]string{"doctor"}, more...)...)
		p.Env = append(p.Env, "V720DVR_CLOUD_HTTP="+http, "V720DVR_CLOUD_CONTROL=127.0.0.1:0", "V720DVR_CLOUD_MQTT=127.0.0.1:0", "V720DVR_WEB_LISTEN=127.0.0.1:0")
		return p.run()
	}
	code, out, stderr := doctor(l.Addr().String())
	if code != exitFailed || !strings.Contains(stderr, "found") || !strings.Contains(out, "(cameras' HTTP, cloud.http) is taken by ") || !strings.Contains(out, fmt.Sprintf("(pid %d)", os.Getpid())) {
		t.Errorf("exit code %d, %s%s", code, out, stderr)
	}
	if !strings.Contains(out, "only the box was looked at") {
		t.Errorf("it does not say that nothing runs:\n%s", out)
	}
	_, out, _ = doctor("127.0.0.1:0", "--json")
	var d web.Diagnosis
	if err := json.Unmarshal([]byte(out), &d); err != nil || d.Running {
		t.Fatalf("%v: %s", err, out)
	}
	for _, f := range d.Findings {
		if strings.HasPrefix(f.About, "port ") && f.Severity == web.SeverityFault {
			t.Errorf("of a free port it found %+v", f)
		}
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "*")); len(left) > 0 {
		t.Errorf("it left %v", left)
	}
}

func TestDoctorAsksTheOneThatRuns(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	p := command(t, dir, "run", "--simulate", "2").start()
	b := p.visit(t)
	b.logIn(p)
	var d web.Diagnosis
	streaming := func() (n int) {
		for _, w := range d.Ways {
			if w.Missing == "" {
				n++
			}
		}
		return n
	}
	eventually(t, "both cameras' ways are whole", func() bool {
		d = web.Diagnosis{}
		b.send(http.StatusOK, "GET", "/doctor", nil, &d)
		return streaming() == 2
	})
	code, out, stderr := command(t, dir, "doctor").run()
	if want := strings.Contains(out, "FAULT"); (code == exitFailed) != want { // whatever the machine is like that this test runs on
		t.Errorf("exit code %d, %s%s", code, out, stderr)
	}
	for _, want := range []string{"CAMERA", "0800c0F00001", "nothing", "disk speed", "UDP: "} {
		if !strings.Contains(out, want) {
			t.Errorf("%q is not in\n%s%s", want, out, stderr)
		}
	}
	t.Log(out)
	if left, _ := filepath.Glob(filepath.Join(dir, "data", "recordings", trialPlace)); len(left) > 0 {
		t.Errorf("it left %v", left)
	}
	p.finish()
}
