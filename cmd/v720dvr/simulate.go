package main

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"strconv"

	"v720dvr/cloud"
	"v720dvr/cloud/cloudtest"
	"v720dvr/internal/config"
)

// maxSimulated bounds --simulate: more than one box is built for.
const maxSimulated = 256

// onLoopback gives a simulation free ports on loopback in place of every camera address that
// nobody changed, so that no root is needed and nothing is opened to the network.
func onLoopback(loaded config.Loaded) config.Config {
	c := loaded.Config
	for key, address := range map[string]*string{"cloud.http": &c.Cloud.HTTP, "cloud.control": &c.Cloud.Control, "cloud.mqtt": &c.Cloud.MQTT} {
		if !loaded.Changed(key) {
			*address = "127.0.0.1:0"
		}
	}
	return c
}

// simulate makes the simulated cameras, as runners: of one firmware and the other by turns.
func simulate(flags runFlags, addrs cloud.Addrs, log *slog.Logger) (runners []func(context.Context) error, err error) {
	for i := range flags.simulate {
		o := cloudtest.Options{
			ID:       fmt.Sprintf("0800c0F0%04d", i+1),
			Host:     cloudtest.Loopback{},
			HTTP:     onThisMachine(addrs.HTTP),
			Firmware: cloudtest.Firmware(i % 2),
			Log:      log.With("simulated", i+1),
			Seed:     int64(i + 1),
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
		runners = append(runners, camera.Run)
	}
	return runners, nil
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
