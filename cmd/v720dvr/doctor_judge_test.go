package main

import (
	"errors"
	"fmt"
	"io/fs"
	"net/netip"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"v720dvr/camera"
	"v720dvr/internal/config"
	"v720dvr/web"
)

var doctorNow = time.Date(2026, 11, 22, 14, 5, 0, 0, time.UTC)

// wellBox are facts of a box with which nothing is wrong.
func wellBox() boxFacts {
	c := config.Default()
	synced := true
	return boxFacts{
		At: doctorNow, Running: true, Config: c.Cloud, Ports: wantedPorts(c), Own: []netip.Addr{netip.MustParseAddr("192.168.1.5")},
		Announced: netip.MustParseAddrPort("192.168.1.5:6123"), Reach: &reachFact{To: netip.MustParseAddrPort("192.168.1.5:6123")},
		Buffer: &bufferFact{8 << 20, 8 << 20}, Clock: clockFact{Synced: &synced},
		Disk:   diskFact{Folder: "/srv/recordings", Size: 1e12, Free: 5e11, MinFree: 5e10, Written: &writeFact{Bytes: trialSize, Took: 50 * time.Millisecond}},
		Folder: folderFact{Dir: "/srv"}, Names: &nameFact{Name: askedName, Addresses: []netip.Addr{netip.MustParseAddr("192.168.1.5")}},
		Limits: limitFact{Files: 65536, Memory: 1 << 30, Budget: 64 << 20},
	}
}

// wellCamera are facts of a camera that streams: each step a second behind the one before.
func wellCamera() cameraFacts {
	c := cameraFacts{Broker: true, Arrival: web.Arrival{Camera: "0800c0000001", Address: "192.168.1.50"}}
	for i, step := range web.Steps() {
		c.Arrival.Steps = append(c.Arrival.Steps, web.ArrivalStep{Step: step, At: doctorNow.Add(time.Duration(i)*time.Second - time.Hour)})
	}
	c.Camera = web.Camera{ID: "0800c0000001", Name: "door", Firmware: "202212011602", Approved: true, Online: true, State: "streaming", Since: c.seen(web.StepConnect), FPS: 10, Frames: 36000}
	return c
}

// goneTo is a camera that has come as far as a step, and not beyond.
func goneTo(last web.Step, line string) cameraFacts {
	c := wellCamera()
	for i, s := range c.Arrival.Steps {
		if s.Step == last {
			c.Arrival.Steps = c.Arrival.Steps[:i+1]
			c.Arrival.Steps[i].Line = line
			break
		}
	}
	c.FPS, c.Online, c.State, c.Broker = 0, last == web.StepConnect || last == web.StepMQTT || last == web.StepUDP || last == web.StepStream, "asked for a media channel", false
	if !c.Online {
		c.Camera = web.Camera{}
	}
	return c
}

func TestNothingIsFoundWhereAllIsWell(t *testing.T) {
	for _, f := range judge(wellBox(), []cameraFacts{wellCamera()}) {
		if f.Severity != web.SeverityOK {
			t.Errorf("found %+v", f)
		}
	}
	if way := wayOf(wellCamera()); way.Missing != "" || len(way.Steps) != 7 {
		t.Errorf("its way is %+v", way)
	}
}

func TestEachTroubleIsFoundByItsNameAndSaysWhatToDo(t *testing.T) {
	inUse := fmt.Errorf("listen: %w", os.NewSyscallError("bind", syscall.EADDRINUSE))
	for name, c := range map[string]struct {
		change   func(*boxFacts)
		cameras  []cameraFacts
		severity web.Severity
		about    string
		found    string
		do       string
	}{
		"port 80 taken":                           {func(b *boxFacts) { b.Ports[0].Err, b.Ports[0].Holder = inUse, "nginx (pid 812)" }, nil, web.SeverityFault, "port 80", "nginx (pid 812)", "end it"},
		"taken by somebody unknown":               {func(b *boxFacts) { b.Ports[0].Err = inUse }, nil, web.SeverityFault, "port 80", "another process", "ss -ltnp sport = :80"},
		"mosquitto is there":                      {func(b *boxFacts) { b.Ports[3].Err, b.Ports[3].Holder = inUse, "mosquitto (pid 3)" }, nil, web.SeverityFault, "port 1883", "mosquitto", "broker ="},
		"no right to port 80":                     {func(b *boxFacts) { b.Ports[0].Err = fs.ErrPermission }, nil, web.SeverityFault, "port 80", "root", "setcap"},
		"an address that is not here":             {func(b *boxFacts) { b.Ports[0].Err = syscall.EADDRNOTAVAIL }, nil, web.SeverityFault, "port 80", "no address of this machine", "cloud.http"},
		"at another port than cameras come to":    {func(b *boxFacts) { b.Ports[0].Address = ":8080" }, nil, web.SeverityWarning, "port 8080", "port 80", "cloud.http"},
		"on loopback alone":                       {func(b *boxFacts) { b.Ports[0].Address = "127.0.0.1:80" }, nil, web.SeverityWarning, "port 80", "this machine alone", "cloud.http"},
		"announced address of another machine":    {func(b *boxFacts) { b.Announced = netip.MustParseAddrPort("192.168.1.99:6123") }, nil, web.SeverityFault, "announced address", "192.168.1.99", "cloud.advertise"},
		"announced address of a container's host": {func(b *boxFacts) { b.Announced, b.Container = netip.MustParseAddrPort("192.168.1.99:6123"), true }, nil, web.SeverityWarning, "announced address", "container", "docker port"},
		"behind a container's NAT": {func(b *boxFacts) {
			b.Announced, b.Container, b.Own = netip.AddrPort{}, true, []netip.Addr{netip.MustParseAddr("172.17.0.2")}
		}, nil, web.SeverityWarning, "announced address", "Docker's NAT", "--network host"},
		"no network":                            {func(b *boxFacts) { b.Announced, b.Own = netip.AddrPort{}, nil }, nil, web.SeverityWarning, "announced address", "no IPv4 address", "ip -4 addr"},
		"media port does not answer":            {func(b *boxFacts) { b.Reach.Err = errors.New("no answer") }, nil, web.SeverityFault, "UDP", "no answer", "nft list ruleset"},
		"... behind ufw":                        {func(b *boxFacts) { b.Reach.Err, b.Firewalls = errors.New("no answer"), []string{"ufw"} }, nil, web.SeverityFault, "UDP", "no answer", "ufw allow 6123/udp"},
		"a firewall and no camera":              {func(b *boxFacts) { b.Firewalls = []string{"firewalld"} }, nil, web.SeverityNote, "UDP", "firewalld", "firewall-cmd"},
		"DNS points to the vendor":              {func(b *boxFacts) { b.Names.Addresses = []netip.Addr{netip.MustParseAddr("47.91.7.7")} }, nil, web.SeverityFault, "DNS", "47.91.7.7", "*.naxclow.com with 192.168.1.5"},
		"DNS knows nothing":                     {func(b *boxFacts) { b.Names.Addresses, b.Names.Err = nil, errors.New("no such host") }, nil, web.SeverityWarning, "DNS", "no such host", "192.168.1.5"},
		"DNS points elsewhere and cameras come": {func(b *boxFacts) { b.Names.Addresses = []netip.Addr{netip.MustParseAddr("47.91.7.7")} }, []cameraFacts{wellCamera()}, web.SeverityNote, "DNS", "all the same", ""},
		"disk nearly full":                      {func(b *boxFacts) { b.Disk.Free = 1e10 }, nil, web.SeverityFault, "disk space", "nearly full; 50.0 GB should stay free", "retention plan"},
		"no rule for the disk":                  {func(b *boxFacts) { b.Disk.MinFree = 0 }, nil, web.SeverityWarning, "disk space", "no rule", "min_free"},
		"disk read-only":                        {func(b *boxFacts) { b.Disk.Trouble = "read-only" }, nil, web.SeverityFault, "disk space", "read-only", "dmesg"},
		"disk gone":                             {func(b *boxFacts) { b.Disk.Err = fs.ErrNotExist }, nil, web.SeverityFault, "disk space", "cannot be looked at", "mount"},
		"disk takes no file":                    {func(b *boxFacts) { b.Disk.Written = &writeFact{Err: syscall.EROFS} }, nil, web.SeverityFault, "disk speed", "read-only", "dmesg"},
		"disk too slow":                         {func(b *boxFacts) { b.Disk.Written.Took = time.Minute }, nil, web.SeverityFault, "disk speed", "too slow for 1 camera", "iostat"},
		"disk slow":                             {func(b *boxFacts) { b.Disk.Written.Took = 3 * time.Second }, nil, web.SeverityWarning, "disk speed", "that is slow", "SD card"},
		"folder of somebody else":               {func(b *boxFacts) { b.Folder.Write = fs.ErrPermission }, nil, web.SeverityFault, "data folder", "nothing can be written", "chown"},
		"folder that cannot be made":            {func(b *boxFacts) { b.Folder.Missing, b.Folder.Write = true, fs.ErrPermission }, nil, web.SeverityFault, "data folder", "cannot be made", "install -d"},
		"secrets that all may read":             {func(b *boxFacts) { b.Folder.Open = []string{"/srv/state.sqlite"} }, nil, web.SeverityNote, "data folder", "every user", "chmod o-rwx"},
		"clock never set":                       {func(b *boxFacts) { b.At = time.Unix(100, 0) }, nil, web.SeverityFault, "clock", "1970", "set-ntp"},
		"clock that nobody keeps, and jumped":   {func(b *boxFacts) { no := false; b.Clock = clockFact{time.Hour, &no} }, nil, web.SeverityWarning, "clock", "set by 1h0m0s", "set-ntp"},
		"small buffer":                          {func(b *boxFacts) { b.Buffer.Granted = 212992 }, nil, web.SeverityNote, "socket buffer", "0.2 MB", "rmem_max=8388608"},
		"small buffer that overflowed":          {func(b *boxFacts) { b.Buffer.Granted, b.Dropped = 212992, 7 }, nil, web.SeverityWarning, "socket buffer", "7 have been", "rmem_max=8388608"},
		"few files":                             {func(b *boxFacts) { b.Limits.Files = 256 }, nil, web.SeverityWarning, "open files", "256", "LimitNOFILE"},
		"no memory":                             {func(b *boxFacts) { b.Limits.Memory = 1 << 20 }, nil, web.SeverityWarning, "memory", "are left", "more memory"},
		"a small container":                     {func(b *boxFacts) { b.Limits.MaxMemory = 100 << 20 }, nil, web.SeverityWarning, "memory", "container", "docker update"},
		"a broker that refuses":                 {func(b *boxFacts) { b.Broker = errors.New("the MQTT broker host:1883 does not let us read") }, nil, web.SeverityWarning, "MQTT", "does not let us read", "Naxclow/P2P"},
		"Home Assistant's broker is away":       {func(b *boxFacts) { b.Home = errors.New("the MQTT broker host:1883 of Home Assistant cannot be used") }, nil, web.SeverityWarning, "Home Assistant", "cannot be used", "homeassistant.broker"},
		"problem of the recorder":               {func(b *boxFacts) { b.Problems = []string{"the file has mistakes"} }, nil, web.SeverityFault, "the recorder", "mistakes", "healthcheck"},

		"stuck behind getDevInfo":           {nil, []cameraFacts{goneTo(web.StepHTTP, "POST /app/api/ApiSysDevices/getDevInfo?devicesCode=0800c0000001")}, web.SeverityFault, "0800c0000001", "asked getDevInfo at 13:05:01 and nothing after it", "off its power"},
		"does not come to the control port": {nil, []cameraFacts{goneTo(web.StepHTTP, "POST /app/api/ApiServer/getA9ConfCheck?devicesCode=0800c0000001")}, web.SeverityFault, "0800c0000001", "TCP port 6123 of 192.168.1.5", "TCP port 6123"},
		"a browser":                         {nil, []cameraFacts{goneTo(web.StepHTTP, "GET /favicon.ico")}, web.SeverityNote, "0800c0000001", "no camera asks", ""},
		"does not come to port 80":          {nil, []cameraFacts{goneTo(web.StepDNS, "")}, web.SeverityWarning, "0800c0000001", "and did not come", "TCP port 80"},
		"nothing by UDP":                    {func(b *boxFacts) { b.Firewalls = []string{"ufw"} }, []cameraFacts{goneTo(web.StepConnect, "")}, web.SeverityFault, "door", "nothing of it has come by UDP", "ufw allow 6123/udp"},
		"no stream":                         {nil, []cameraFacts{goneTo(web.StepUDP, "")}, web.SeverityFault, "door", "its stream does not begin", "cameras reboot 0800c0000001"},
		"no whole picture":                  {nil, []cameraFacts{goneTo(web.StepStream, "")}, web.SeverityWarning, "door", "no picture has come whole", "nearer"},
		"waits for a person":                {nil, []cameraFacts{{Camera: web.Camera{ID: "0800c0000001", Name: "door"}, Arrival: web.Arrival{Camera: "0800c0000001"}}}, web.SeverityNote, "door", "waits for your yes", "cameras approve 0800c0000001"},
		"away":                              {nil, []cameraFacts{{Camera: web.Camera{ID: "0800c0000001", Name: "door", Approved: true, Away: "no heartbeat for 20s"}, Arrival: web.Arrival{Camera: "0800c0000001"}}}, web.SeverityWarning, "door", "no heartbeat", "power"},
	} {
		t.Run(name, func(t *testing.T) {
			box := wellBox()
			if c.change != nil {
				c.change(&box)
			}
			all := judge(box, c.cameras)
			for _, f := range all {
				if f.Severity == c.severity && f.About == c.about && strings.Contains(f.Found, c.found) {
					if !strings.Contains(f.Do, c.do) {
						t.Errorf("it says to do %q, want %q in it", f.Do, c.do)
					}
					return
				}
			}
			t.Errorf("not among %+v", all)
		})
	}
}

func TestWorstIsToldFirst(t *testing.T) {
	box := wellBox()
	box.Disk.Free, box.Limits.Files, box.Buffer.Granted = 1e9, 10, 1
	was := 0
	for _, f := range judge(box, nil) {
		at := strings.Index("fault warning note ok", string(f.Severity))
		if at < was {
			t.Errorf("%s comes late: %+v", f.Severity, f)
		}
		was = at
	}
	if n := faults(judge(box, nil)); n != 1 {
		t.Errorf("%d faults, want 1", n)
	}
}

func TestWhatIsMissingNextIsNamed(t *testing.T) {
	for last, want := range map[web.Step]string{web.StepDNS: "http", web.StepHTTP: "connect", web.StepConnect: "udp", web.StepUDP: "frame"} {
		if got := wayOf(goneTo(last, "")).Missing; got != want {
			t.Errorf("behind %s: %q is missing, want %q", last, got, want)
		}
	}
	gone := wellCamera()
	gone.Online, gone.FPS = false, 0
	if got := wayOf(gone).Missing; got != "connect" {
		t.Errorf("of a camera that went, %q is missing", got)
	}
	never := cameraFacts{Arrival: web.Arrival{Camera: camera.ID("0800c0000009")}}
	if got := wayOf(never).Missing; got != "http" {
		t.Errorf("of one that never came, %q is missing", got)
	}
}
