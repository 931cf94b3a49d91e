package cloud

import (
	"context"
	"fmt"
	"net/netip"
	"strconv"
	"sync"
	"testing"

	"v720dvr/camera"
)

func itoa(n int) string { return strconv.Itoa(n) }

func prefixes(texts ...string) (all []netip.Prefix) {
	for _, text := range texts {
		all = append(all, netip.MustParsePrefix(text))
	}
	return all
}

func mustAddr(s string) netip.Addr { return netip.MustParseAddr(s) }

// registry is a Registry in memory: the store's is tested with the store, and run.go joins them.
type registry struct {
	mu     sync.Mutex
	issued int
	fail   error
}

func (r *registry) IssueCamera(context.Context) (camera.ID, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.issued++
	return camera.ID(fmt.Sprintf("0800c0%06X", r.issued)), r.fail
}

func (r *registry) Secret(context.Context, camera.ID) (string, error) { return "91edf41f", r.fail }

// collector is a Sink that keeps what it is given.
type collector struct {
	mu     sync.Mutex
	frames map[camera.ID][]camera.Frame
	sounds map[camera.ID][]camera.Audio
	events []camera.Event
}

func newCollector() *collector {
	return &collector{frames: map[camera.ID][]camera.Frame{}, sounds: map[camera.ID][]camera.Audio{}}
}

func (c *collector) Frame(f camera.Frame) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.frames[f.Camera] = append(c.frames[f.Camera], f)
}

func (c *collector) Audio(a camera.Audio) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.sounds[a.Camera] = append(c.sounds[a.Camera], a)
}

func (c *collector) Event(e camera.Event) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.events = append(c.events, e)
}

// startServer runs a server on free loopback ports until the test ends.
func startServer(t *testing.T, o Options) *Server {
	t.Helper()
	o.HTTP, o.Control = "127.0.0.1:0", "127.0.0.1:0"
	if o.Broker == "" {
		o.MQTT = "127.0.0.1:0"
	}
	if o.Registry == nil {
		o.Registry = &registry{}
	}
	if o.Sink == nil {
		o.Sink = newCollector()
	}
	s, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Listen(); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	return s
}
