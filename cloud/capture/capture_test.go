package capture

import (
	"bytes"
	"context"
	"encoding/json"
	"math/rand/v2"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

var (
	camera = netip.MustParseAddrPort("192.168.1.7:52432")
	server = netip.MustParseAddrPort("192.168.1.5:6123")
	noon   = time.Date(2026, 11, 22, 12, 0, 0, 123456000, time.UTC)
)

// file is what a capture writes of what is said in do.
func file(t *testing.T, o Options, do func(*Capture)) []byte {
	t.Helper()
	c := New(o)
	do(c)
	c.End()
	var b bytes.Buffer
	if err := c.Write(context.Background(), &b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// talk is a conversation of both kinds.
func talk(c *Capture) {
	c.Open(camera, server, noon)
	c.Stream(camera, server, true, []byte("hello"), noon.Add(time.Millisecond))
	c.Stream(camera, server, false, bytes.Repeat([]byte("picture "), 1000), noon.Add(2*time.Millisecond))
	c.Stream(camera, server, true, []byte("more"), noon.Add(3*time.Millisecond))
	c.Datagram(netip.MustParseAddrPort("192.168.1.7:43258"), server, true, []byte("media!!"), noon.Add(4*time.Millisecond))
	c.Datagram(netip.MustParseAddrPort("192.168.1.7:43258"), server, false, []byte("confirm"), noon.Add(5*time.Millisecond))
	c.Close(camera, server, noon.Add(6*time.Millisecond))
	six := netip.MustParseAddrPort("[fd00::7]:5000")
	c.Stream(six, netip.MustParseAddrPort("[fd00::5]:80"), true, []byte("by IPv6"), noon.Add(7*time.Millisecond))
}

func TestWhatIsWrittenIsReadAgain(t *testing.T) {
	got, datagrams, err := Read(bytes.NewReader(file(t, Options{}, talk)))
	if err != nil || len(got) != 2 || datagrams != 2 {
		t.Fatalf("%d conversations, %d datagrams, %v", len(got), datagrams, err)
	}
	c := got[0]
	if c.Client != camera || c.Server != server || c.Gap || len(c.Turns) != 3 || string(c.Turns[0].Data) != "hello" || len(c.Turns[1].Data) != 8000 ||
		c.Turns[1].ByClient || string(c.Turns[2].Data) != "more" || !c.Turns[0].At.Equal(noon.Add(time.Millisecond)) {
		t.Errorf("got %+v", c)
	}
	if string(got[1].Turns[0].Data) != "by IPv6" {
		t.Errorf("got %+v", got[1])
	}
}

func TestOtherAddressesAreNotCaptured(t *testing.T) {
	got, datagrams, err := Read(bytes.NewReader(file(t, Options{Addrs: []netip.Addr{netip.MustParseAddr("192.168.1.8")}}, talk)))
	if err != nil || len(got) != 0 || datagrams != 0 {
		t.Errorf("%d conversations, %d datagrams, %v", len(got), datagrams, err)
	}
}

func TestACaptureEndsWhenItsFileIsFull(t *testing.T) {
	c := New(Options{MaxBytes: 10_000})
	for range 100 {
		c.Datagram(camera, server, true, make([]byte, 1000), noon)
	}
	var b bytes.Buffer
	if err := c.Write(context.Background(), &b); err != nil { // it would not return
		t.Fatal(err)
	}
	if _, datagrams, err := Read(&b); err != nil || datagrams < 8 || datagrams > 10 {
		t.Errorf("%d datagrams, %v", datagrams, err)
	}
}

func TestWhatIsNotWrittenInTimeIsDroppedAndCounted(t *testing.T) {
	c := New(Options{MaxBytes: 1 << 30})
	for range 3 * maxPending / 1000 {
		c.Datagram(camera, server, true, make([]byte, 1000), noon)
	}
	if c.Dropped() == 0 || len(c.pending) > maxPending+2000 {
		t.Errorf("%d dropped, %d bytes held", c.Dropped(), len(c.pending))
	}
}

// tshark is Wireshark without a window: what it says is wrong, a reader of a bug report sees.
func tshark(t *testing.T, path string, args ...string) string {
	t.Helper()
	program, err := exec.LookPath("tshark")
	if err != nil {
		if os.Getenv("V720DVR_TEST_ALL") != "" {
			t.Fatal(err)
		}
		t.Skip("SKIPPED: tshark is not installed, so Wireshark has not looked at a capture")
	}
	out, err := exec.Command(program, append([]string{"-r", path, "-o", "tcp.check_checksum:TRUE", "-o", "udp.check_checksum:TRUE", "-o", "ip.check_checksum:TRUE"}, args...)...).Output()
	if err != nil {
		t.Fatalf("tshark: %v, %s", err, out)
	}
	return string(out)
}

func TestWiresharkFindsNothingWrong(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.pcapng")
	if err := os.WriteFile(path, file(t, Options{}, talk), 0o600); err != nil {
		t.Fatal(err)
	}
	if bad := tshark(t, path, "-Y", "_ws.malformed || tcp.analysis.flags || tcp.checksum.status == 0 || udp.checksum.status == 0 || ip.checksum.status == 0"); bad != "" {
		t.Errorf("it complains of\n%s", bad)
	}
	all := tshark(t, path, "-T", "fields", "-e", "ip.src", "-e", "tcp.srcport", "-e", "udp.srcport", "-e", "tcp.len", "-e", "frame.time_epoch")
	for _, want := range []string{"192.168.1.7\t52432\t\t5\t1795348800.124456", "192.168.1.5\t6123\t\t1400\t", "192.168.1.7\t\t43258\t\t"} {
		if !strings.Contains(all, want) {
			t.Errorf("no %q in\n%s", want, all)
		}
	}
	if n := strings.Count(all, "\n"); n != 3+1+6+1+2+2+1 {
		t.Errorf("%d packets\n%s", n, all)
	}
}

func TestTheCapturedBootIsPutTogether(t *testing.T) {
	f, err := os.Open("testdata/registration.pcapng")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	got, _, err := Read(f)
	if err != nil {
		t.Fatal(err)
	}
	var kinds []string
	for _, c := range got {
		kinds = append(kinds, kindOf(c))
		if c.Gap {
			t.Errorf("%v has a gap", c.Client)
		}
	}
	if !slices.Equal(kinds, []string{KindHTTP, KindControl, KindMQTT}) {
		t.Errorf("conversations %q", kinds)
	}
	if n := len(messages(readPackage, sideOf(got[1], true))); n != 67 {
		t.Errorf("%d messages on the control connection, want a registration and 66 heartbeats", n)
	}
}

// Segments come late, twice and in pieces that overlap.
func TestStreamsArePutTogetherWhateverTheNetworkDid(t *testing.T) {
	for seed := range uint64(50) {
		lots := rand.New(rand.NewPCG(seed, 1))
		want := make([]byte, 20_000)
		for i := range want {
			want[i] = byte(lots.Uint32())
		}
		start := uint32(lots.Uint64()) // it may go around
		var segments []segment
		for at := 0; at < len(want); {
			n := min(1+lots.IntN(1400), len(want)-at)
			from := max(0, at-lots.IntN(50))
			segments = append(segments, segment{from: camera, to: server, protocol: protocolTCP, flags: flagACK, seq: start + 1 + uint32(from), data: want[from : at+n]})
			at += n
		}
		for i := range segments {
			if j := i + lots.IntN(5); j < len(segments) {
				segments[i], segments[j] = segments[j], segments[i]
			}
			if lots.IntN(4) == 0 {
				segments = append(segments, segments[i])
			}
		}
		b := appendHead(nil, "")
		b = appendPacket(b, segment{from: camera, to: server, protocol: protocolTCP, flags: flagSYN, seq: start}, noon)
		for _, s := range segments {
			b = appendPacket(b, s, noon)
		}
		got, _, err := Read(bytes.NewReader(b))
		if err != nil || len(got) != 1 || !bytes.Equal(sideOf(got[0], true), want) || got[0].Gap {
			t.Fatalf("seed %d: %v, %d conversations", seed, err, len(got))
		}
	}
}

func TestCapturingAllocatesNothingAPackage(t *testing.T) {
	c := New(Options{MaxBytes: 1 << 30})
	c.pending = slices.Grow(c.pending, maxPending+maxBlock)
	data := make([]byte, 1024)
	if n := testing.AllocsPerRun(1000, func() { c.Datagram(camera, server, true, data, noon) }); n > 0 {
		t.Errorf("%v allocations", n)
	}
}

func FuzzRead(f *testing.F) {
	c := New(Options{})
	talk(c)
	f.Add(c.pending)
	if boot, err := os.ReadFile("testdata/registration.pcapng"); err == nil {
		f.Add(boot[:8000])
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		conversations, _, err := Read(bytes.NewReader(b))
		if err != nil {
			return
		}
		for _, c := range conversations {
			size := len(sideOf(c, true)) + len(sideOf(c, false))
			if size > len(b) {
				t.Errorf("%d bytes out of %d", size, len(b))
			}
			kind := kindOf(c)
			messages(splitter(kind), sideOf(c, false))
		}
		if _, err := json.Marshal(conversations); err != nil {
			t.Error(err)
		}
	})
}
