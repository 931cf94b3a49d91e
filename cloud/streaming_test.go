package cloud

import (
	"context"
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"v720dvr/camera"
	"v720dvr/cloud/cloudtest"
)

// town is a server and simulated cameras on a network in memory; make it inside a bubble.
type town struct {
	*Server
	t       *testing.T
	network *cloudtest.Network
	sink    *collector
	stop    func() // ends the server and waits for it
}

func newTown(t *testing.T, o Options) *town {
	t.Helper()
	return newTownOn(t, cloudtest.NewNetwork(1), o)
}

func newTownOn(t *testing.T, network *cloudtest.Network, o Options) *town {
	t.Helper()
	n := &town{t: t, network: network, sink: newCollector()}
	if o.Sink == nil {
		o.Sink = n.sink
	}
	host := n.network.Host(mustAddr("10.42.0.1"))
	o.HTTP, o.Control, o.MQTT = ":80", ":6123", ":1883"
	if o.Registry == nil {
		o.Registry = &registry{}
	}
	o.Listen = host.Listen
	o.ListenPacket = func(network, address string) (PacketConn, error) { return host.ListenPacket(network, address) }
	var err error
	if n.Server, err = New(o); err != nil {
		t.Fatal(err)
	}
	if err := n.Listen(); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- n.Run(ctx) }()
	n.stop = func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}
	return n
}

// settle puts up a camera and returns it and what ends it.
func (n *town) settle(o cloudtest.Options) (*cloudtest.Camera, func()) {
	n.t.Helper()
	if o.Source == nil {
		o.Source = scene(n.t, cloudtest.SceneOptions{Width: 160, Height: 120, Bytes: 2048})
	}
	o.HTTP, o.MQTT = "10.42.0.1:80", "10.42.0.1:1883"
	if o.Host == nil {
		o.Host = n.network.Host(mustAddr("10.42.0.22"))
	}
	c, err := cloudtest.NewCamera(o)
	if err != nil {
		n.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(n.t.Context())
	ended := make(chan error, 1)
	go func() { ended <- c.Run(ctx) }()
	return c, func() { cancel(); <-ended }
}

func scene(t *testing.T, o cloudtest.SceneOptions) cloudtest.Source {
	t.Helper()
	s, err := cloudtest.NewScene(o)
	if err != nil {
		t.Fatal(err)
	}
	return noise{s}
}

// noise gives a scene sound of which no two packages are the same, so that each can be known again.
type noise struct{ cloudtest.Source }

func (noise) Sound(from int64, dst []byte) {
	for i := range dst {
		n := uint64(from) + uint64(i)
		n *= 0x9E3779B97F4A7C15
		dst[i] = byte(n >> 56)
	}
}

// frames counts a camera's.
func (n *town) frames(id camera.ID) int {
	n.sink.mu.Lock()
	defer n.sink.mu.Unlock()
	return len(n.sink.frames[id])
}

// happened lists a camera's events.
func (n *town) happened(id camera.ID) string {
	n.sink.mu.Lock()
	defer n.sink.mu.Unlock()
	var kinds []string
	for _, e := range n.sink.events {
		if e.Camera == id {
			kinds = append(kinds, string(e.Kind))
		}
	}
	return strings.Join(kinds, " ")
}

func TestACameraIsServedFromItsFirstBootToTheEndOfItsStream(t *testing.T) {
	for _, firmware := range []cloudtest.Firmware{cloudtest.Old, cloudtest.New} {
		synctest.Test(t, func(t *testing.T) {
			n := newTown(t, Options{})
			c, leave := n.settle(cloudtest.Options{Firmware: firmware}) // no id: its first boot
			time.Sleep(10 * time.Second)
			n.stop()
			synctest.Wait()
			s := c.State()
			leave()
			id := camera.ID(s.ID)
			if id != "0800c0000001" {
				t.Errorf("firmware %v: the camera calls itself %q, want the code it was issued", firmware, id)
			}
			if got := n.happened(id); got != "online streaming offline" {
				t.Errorf("firmware %v: events are %q", firmware, got)
			}
			if s.Stops != 1 || s.Refused != 0 || s.SplitAnswers != 0 {
				t.Errorf("firmware %v: %d streams stopped with a 301/0, want 1; %d messages refused, %d answers cut", firmware, s.Stops, s.Refused, s.SplitAnswers)
			}
			if s.Probes > maxProbes {
				t.Errorf("firmware %v: probed %d times, want at most %d", firmware, s.Probes, maxProbes)
			}
			if got := n.frames(id); got < 95 {
				t.Errorf("firmware %v: %d frames in ten seconds", firmware, got)
			}
		})
	}
}

func TestAStreamThatStopsIsOpenedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newTown(t, Options{})
		_, leave := n.settle(cloudtest.Options{ID: "0800c00128F8"})
		time.Sleep(3 * time.Second)
		leave() // and it is switched on again
		_, leave = n.settle(cloudtest.Options{ID: "0800c00128F8"})
		time.Sleep(3 * time.Second)
		leave()
		n.stop()
		if got, want := n.happened("0800c00128F8"), "online streaming offline online streaming offline"; got != want {
			t.Errorf("events are %q, want %q", got, want)
		}
	})
}

func TestManyCamerasBehindOneAddressAreToldApart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newTown(t, Options{})
		repeater := n.network.Host(mustAddr("10.42.0.99"))
		const cameras = 5
		for i := range cameras {
			_, leave := n.settle(cloudtest.Options{ID: fmt.Sprintf("0800c000000%d", i), Host: repeater, Firmware: cloudtest.Firmware(i % 2), Seed: int64(i)})
			defer leave()
		}
		time.Sleep(5 * time.Second)
		n.stop()
		for i := range cameras {
			id := camera.ID(fmt.Sprintf("0800c000000%d", i))
			if got := n.frames(id); got < 45 {
				t.Errorf("%s: %d frames in five seconds", id, got)
			}
		}
	})
}

func TestOneCameraTooManyIsTurnedAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newTown(t, Options{MaxCameras: 2})
		for i := range 3 {
			_, leave := n.settle(cloudtest.Options{ID: fmt.Sprintf("0800c000000%d", i), Host: n.network.Host(netip.AddrFrom4([4]byte{10, 42, 0, byte(30 + i)}))})
			defer leave()
			time.Sleep(time.Second)
		}
		if got := n.Cameras(); len(got) != 2 || got[0].Camera != "0800c0000000" || !got[0].Streams {
			t.Errorf("served are %+v, want the first two", got)
		}
		n.stop()
	})
}

// A probe answer in a camera's name, from elsewhere, takes nothing away from it.
func TestAStrangersProbeAnswerIsIgnored(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newTown(t, Options{})
		_, leave := n.settle(cloudtest.Options{ID: "0800c00128F8"})
		defer leave()
		time.Sleep(2 * time.Second)
		stranger, err := n.network.Host(mustAddr("10.42.0.66")).ListenPacket("udp", ":0")
		if err != nil {
			t.Fatal(err)
		}
		defer stranger.Close()
		answer := `{"code":51,"devTarget":"0800c00128F8","status":200}`
		stranger.WriteToUDPAddrPort(append([]byte{byte(len(answer)), 19: 0}, answer...), netip.MustParseAddrPort("10.42.0.1:6123"))
		time.Sleep(time.Second)
		if n.Strangers() == 0 {
			t.Error("the stranger was not counted")
		}
		before := n.frames("0800c00128F8")
		time.Sleep(2 * time.Second)
		if got := n.frames("0800c00128F8") - before; got < 19 {
			t.Errorf("%d frames in two seconds after the stranger came", got)
		}
		n.stop()
	})
}
