package main

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/netip"
	"sync/atomic"
	"time"

	"v720dvr/camera"
	"v720dvr/cloud"
	"v720dvr/internal/config"
	"v720dvr/recorder"
	"v720dvr/recorder/schedule"
	"v720dvr/storage"
)

// box is the rooms joined: the cloud hands frames to the recorder, the recorder writes them to
// the store. It is all of v720dvr but for signals, the configuration's file and the socket that
// other commands talk to; tests start it too, in a bubble over a network in memory.
type box struct {
	config    atomic.Pointer[config.Config]
	started   time.Time
	log       *slog.Logger
	store     *storage.Store
	recorder  *recorder.Recorder
	cloud     *cloud.Server
	sightings *sightings
	sweeper   *sweeper
	zone      *zone
}

// boxOptions are what a box takes from outside besides its configuration. The zero value means
// the system's sockets and clock.
type boxOptions struct {
	listen       func(network, address string) (net.Listener, error)
	listenPacket func(network, address string) (cloud.PacketConn, error)
	location     *time.Location
	disk         storage.FS // of the recordings; nil is the real one
	log          *slog.Logger
}

// openBox opens the store and binds all sockets: what can fail before anything runs fails here,
// and then nothing stays open.
func openBox(ctx context.Context, c config.Config, o boxOptions) (_ *box, err error) {
	b := &box{started: time.Now(), log: o.log, zone: newZone(o.location, o.log)}
	b.config.Store(&c)
	if b.store, err = storage.Open(ctx, storage.Options{
		Dir: c.Storage.Dir, Recordings: c.Storage.Recordings,
		Location: b.zone.now(), Log: o.log, Software: software(), FS: o.disk,
	}); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			b.store.Close()
		}
	}()
	if b.recorder, err = recorder.New(recorder.Options{
		Store: b.store, Settings: b.settings, Sync: time.Duration(c.Storage.Sync), Log: o.log,
	}); err != nil {
		return nil, err
	}
	b.zone.changed = b.store.SetLocation
	if err = b.expect(ctx); err != nil {
		return nil, err
	}
	b.sweeper = &sweeper{
		store: b.store, config: func() config.Config { return *b.config.Load() }, written: b.written,
		location: b.zone.now, log: o.log,
	}
	advertise, err := advertised(c.Cloud)
	if err != nil {
		return nil, err
	}
	b.sightings = newSightings(b.store, o.log)
	if b.cloud, err = cloud.New(cloud.Options{
		HTTP: c.Cloud.HTTP, Control: c.Cloud.Control, MQTT: c.Cloud.MQTT,
		Advertise: advertise, MaxCameras: c.Cloud.MaxCameras,
		Registry: b.store, Sink: b.recorder, Approved: b.approved, Sighted: b.sighted,
		Location: b.zone.now, Log: o.log, Listen: o.listen, ListenPacket: o.listenPacket,
	}); err != nil {
		return nil, err
	}
	return b, b.cloud.Listen()
}

// advertised reads cloud.advertise, which the configuration has checked to be an address.
func advertised(c config.Cloud) (netip.Addr, error) {
	if c.Advertise == "" {
		return netip.Addr{}, nil
	}
	return netip.ParseAddr(c.Advertise)
}

// close gives up a box that was never run.
func (b *box) close() error {
	b.cloud.Close()
	return b.store.Close()
}

// run runs the rooms until ctx ends, and closes the store behind them. The recorder ends behind the
// cloud, which may still hold pictures that waited for a package.
func (b *box) run(ctx context.Context) error {
	recording, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	err := together(ctx,
		func(ctx context.Context) error {
			defer stop()
			return b.cloud.Run(ctx)
		},
		func(context.Context) error { return b.recorder.Run(recording) },
		b.sightings.run,
		b.sweeper.run,
		b.zone.run,
		storage.NewRescan(b.store, b.log).Run,
	)
	return errors.Join(err, b.store.Close())
}

// together runs runners until ctx ends or one of them returns, then ends the others, and returns
// when all have.
func together(ctx context.Context, runners ...func(context.Context) error) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	ended := make(chan error, len(runners))
	for _, run := range runners {
		go func() { ended <- run(ctx) }()
	}
	var all error
	for range runners {
		all = errors.Join(all, <-ended)
		cancel()
	}
	return all
}

// settings are a camera's for the recorder.
func (b *box) settings(id camera.ID) recorder.Settings {
	c := b.config.Load()
	s := c.Camera(id)
	plan, err := planOf(*c, s)
	if err != nil { // the configuration has checked it
		b.log.Error("a camera's schedule cannot be read; its recording.mode holds", "camera", id, "err", err)
		plan = schedule.Plan{Otherwise: s.Recording.Mode}
	}
	return recorder.Settings{
		Name:     s.Name,
		Plan:     plan,
		Preroll:  time.Duration(s.Recording.Preroll),
		Postroll: time.Duration(s.Recording.Postroll),
		Segment:  time.Duration(s.Recording.Segment),
		Audio:    s.Recording.Audio,
	}
}

// expect tells the recorder of the cameras that have been here, so that what is missing of one that
// never comes back is written down too.
func (b *box) expect(ctx context.Context) error {
	known, err := b.store.Cameras(ctx)
	if err != nil {
		return err
	}
	for _, k := range known {
		if !k.FirstSeen.IsZero() && (k.Approved || !waitsForPerson(*b.config.Load(), k.ID)) {
			b.recorder.Expect(k.ID)
		}
	}
	return nil
}

// written counts the bytes that the recorder has taken to write, about.
func (b *box) written() (bytes int64) {
	for _, deck := range b.recorder.Stats() {
		bytes += deck.Bytes
	}
	return bytes
}

// fixedAtStart are the keys that are read once, when sockets and folders are opened.
var fixedAtStart = []string{
	"cloud.http", "cloud.control", "cloud.mqtt", "cloud.advertise", "cloud.max_cameras",
	"storage.dir", "storage.recordings", "storage.sync", "log.format",
}

// apply takes a new configuration. Streams whose settings are the same are untouched.
func (b *box) apply(c config.Config) {
	changed := config.Diff(*b.config.Load(), c)
	b.config.Store(&c)
	b.recorder.Apply(b.settings)
	b.cloud.Reconsider() // a [[camera]] table says yes to its camera
	var restart []string
	for _, key := range changed {
		for _, fixed := range fixedAtStart {
			if key == fixed {
				restart = append(restart, key)
			}
		}
	}
	b.log.Info("configuration changed", "keys", changed)
	if len(restart) > 0 {
		b.log.Warn("some changes take effect at the next start", "keys", restart)
	}
}

// summary says in one line where the cameras are served.
func (b *box) summary() []any {
	a := b.cloud.Addrs()
	facts := []any{"http", a.HTTP.String(), "control", a.Control.String()}
	if a.MQTT != nil {
		facts = append(facts, "mqtt", a.MQTT.String())
	}
	return append(facts, "recordings", b.store.Recordings(), "version", version)
}
