package main

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"strconv"
	"sync"
	"time"

	"v720dvr/cloud"
	"v720dvr/cloud/cloudtest"
	"v720dvr/internal/config"
)

// maxSimulated bounds --simulate: more than one box is built for.
const maxSimulated = 256

// simulatedSegment is the length of a simulation's segments: who tries v720dvr sees finished files
// within a minute.
const simulatedSegment = config.Duration(30 * time.Second)

// simulatedCard is the size of a simulated camera's SD card, in GB.
const simulatedCard = 32

// forSimulation gives a simulation, in place of what nobody changed, free ports on loopback, so that no
// root is needed and nothing is opened to the network, and short segments.
func forSimulation(loaded config.Loaded) config.Loaded {
	c := &loaded.Config
	if !loaded.Changed("recording.segment") {
		c.Recording.Segment = simulatedSegment
	}
	for key, address := range map[string]*string{
		"cloud.http": &c.Cloud.HTTP, "cloud.control": &c.Cloud.Control, "cloud.mqtt": &c.Cloud.MQTT, "web.listen": &c.Web.Listen,
	} {
		if !loaded.Changed(key) {
			*address = "127.0.0.1:0"
		}
	}
	return loaded
}

// outlived runs cameras around what serves them, so that it is there first and takes its leave of
// them, as of real ones.
func outlived(cameras []*cloudtest.Camera, serve func(context.Context) error) func(context.Context) error {
	return func(ctx context.Context) error {
		living, stop := context.WithCancel(context.WithoutCancel(ctx))
		var running sync.WaitGroup
		for _, c := range cameras {
			running.Go(func() { c.Run(living) })
		}
		err := serve(ctx)
		stop()
		running.Wait()
		return err
	}
}

// simulate makes the simulated cameras: of one firmware and the other by turns.
func simulate(flags runFlags, addrs cloud.Addrs, log *slog.Logger) (cameras []*cloudtest.Camera, err error) {
	for i := range flags.simulate {
		o := cloudtest.Options{
			ID:       fmt.Sprintf("0800c0F0%04d", i+1),
			Host:     cloudtest.Loopback{},
			HTTP:     onThisMachine(addrs.HTTP),
			Firmware: cloudtest.Firmware(i % 2),
			Seed:     int64(i + 1),
			Motor:    true, Speaker: true, Card: simulatedCard,
		}
		if log.Enabled(context.Background(), slog.LevelDebug) { // else only the cloud's side of it is told
			o.Log = log.With("simulated", i+1)
		}
		if addrs.MQTT != nil {
			o.MQTT = onThisMachine(addrs.MQTT)
		}
		if flags.footage != "" {
			footage, err := cloudtest.OpenFootage(flags.footage)
			if err != nil {
				return nil, err
			}
			o.Source, o.FPS = footage, footage.FPS()
		} else if o.Source, err = cloudtest.NewScene(cloudtest.SceneOptions{Seed: int64(i)}); err != nil {
			return nil, err
		}
		camera, err := cloudtest.NewCamera(o)
		if err != nil {
			return nil, fmt.Errorf("simulate camera %d: %w", i+1, err)
		}
		cameras = append(cameras, camera)
	}
	return cameras, nil
}

// onThisMachine is where a listener is reached from here.
func onThisMachine(a net.Addr) string {
	_, port, err := net.SplitHostPort(a.String())
	if err != nil {
		return a.String()
	}
	number, _ := strconv.Atoi(port)
	return net.JoinHostPort("127.0.0.1", fmt.Sprint(number))
}
