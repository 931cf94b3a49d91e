package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"v720dvr/camera"
	"v720dvr/cloud"
	"v720dvr/cloud/cloudtest"
	"v720dvr/web"
)

// The demo camera: one that is not there, for who wants to see what v720dvr does before a camera has come
// by post. It is simulated as those of `run --simulate` are, and comes in through the same doors.

// demoID is its device code. No camera has it: theirs are hexadecimal.
const (
	demoID   = camera.ID("0800c0F0DEMO")
	demoName = "demo"
)

// demo runs the demo camera. Its runner is run; start and stop are for anybody.
type demo struct {
	log    *slog.Logger
	begins chan *demoRun // a camera that is to run

	mu      sync.Mutex  // held while it is started or stopped
	now     *demoRun    // nil: none is played
	playing atomic.Bool // it is there, or about to be; who asks does not wait for a camera that stops
}

// demoRun is the camera from its start to its stop.
type demoRun struct {
	camera *cloudtest.Camera
	stop   chan struct{} // closed by who wants it to end
	ended  chan struct{} // closed when it has
}

func newDemo(log *slog.Logger) *demo {
	return &demo{log: log, begins: make(chan *demoRun)}
}

// run plays the cameras that start gives it, until ctx ends.
func (d *demo) run(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case r := <-d.begins:
			r.play(ctx)
		}
	}
}

// play runs the camera until it is stopped or ctx ends.
func (r *demoRun) play(ctx context.Context) {
	defer close(r.ended)
	ctx, cancel := context.WithCancel(ctx)
	var running sync.WaitGroup
	running.Go(func() { r.camera.Run(ctx) })
	select {
	case <-r.stop:
	case <-ctx.Done():
	}
	cancel()
	running.Wait()
}

// played tells whether it is there.
func (d *demo) played() bool { return d.playing.Load() }

// begin plays a camera; false when one is played already.
func (d *demo) begin(ctx context.Context, c *cloudtest.Camera) (begun bool, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.now != nil {
		return false, nil
	}
	r := &demoRun{camera: c, stop: make(chan struct{}), ended: make(chan struct{})}
	d.playing.Store(true) // before it registers
	select {
	case d.begins <- r:
		d.now = r
		return true, nil
	case <-ctx.Done():
		d.playing.Store(false)
		return false, ctx.Err()
	}
}

// end takes it away, and waits until it has gone; false when none is played.
func (d *demo) end() (ended bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.now == nil {
		return false
	}
	close(d.now.stop)
	<-d.now.ended
	d.now = nil
	d.playing.Store(false)
	return true
}

// StartDemo plays the demo camera where there is no other.
func (b *box) StartDemo(ctx context.Context, who string) error {
	cameras, err := b.Cameras(ctx)
	if err != nil {
		return err
	}
	if len(cameras) > 0 {
		return &web.RefusedError{Text: fmt.Sprintf("there is a camera already: %s", cameras[0].Name)}
	}
	if b.config.Load().Config.Camera(demoID).Name != demoName {
		name, err := json.Marshal(demoName)
		if err != nil {
			return err
		}
		if err := b.ChangeSettings(ctx, demoID, map[string]json.RawMessage{"name": name}, who); err != nil {
			return fmt.Errorf("name the demo camera: %w", err)
		}
	}
	if err := b.store.Approve(ctx, demoID, time.Now()); err != nil {
		return fmt.Errorf("approve of the demo camera: %w", err)
	}
	c, err := demoCamera(b.cloud.Addrs())
	if err != nil {
		return err
	}
	begun, err := b.demo.begin(ctx, c)
	switch {
	case err != nil:
		return err
	case !begun:
		return &web.RefusedError{Text: "the demo camera is there already"}
	}
	b.log.Info("the demo camera is played", "camera", demoID, "who", who)
	return nil
}

// StopDemo takes it away. What was recorded of it stays, in the folder demo.
func (b *box) StopDemo(context.Context) error {
	if !b.demo.end() {
		return &web.RefusedError{Text: "no demo camera is played"}
	}
	b.log.Info("the demo camera has gone", "camera", demoID)
	return nil
}

// demoCamera makes a camera that comes to these doors.
func demoCamera(addrs cloud.Addrs) (*cloudtest.Camera, error) {
	scene, err := cloudtest.NewScene(cloudtest.SceneOptions{})
	if err != nil {
		return nil, err
	}
	o := cloudtest.Options{ID: string(demoID), Host: cloudtest.Loopback{}, HTTP: nearestDoor(addrs.HTTP), Source: scene, Seed: 1}
	if addrs.MQTT != nil {
		o.MQTT = nearestDoor(addrs.MQTT)
	}
	c, err := cloudtest.NewCamera(o)
	if err != nil {
		return nil, fmt.Errorf("make the demo camera: %w", err)
	}
	return c, nil
}

// nearestDoor is where a listener is reached from this machine: its own address, or loopback when it
// listens at all of them.
func nearestDoor(a net.Addr) string {
	if tcp, ok := a.(*net.TCPAddr); ok && !tcp.IP.IsUnspecified() {
		return a.String()
	}
	return onThisMachine(a)
}
