package main

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"v720dvr/archive"
	"v720dvr/camera"
	"v720dvr/cloud"
	"v720dvr/integration/compat"
	"v720dvr/integration/homeassistant"
	"v720dvr/integration/hooks"
	"v720dvr/integration/metrics"
	"v720dvr/integration/rtsp"
	"v720dvr/internal/config"
	"v720dvr/recorder"
	"v720dvr/recorder/live"
	"v720dvr/recorder/schedule"
	"v720dvr/storage"
	"v720dvr/web"
)

// box is the rooms joined: the cloud hands frames to the recorder, the recorder writes them to
// the store, page and API look at all of it (box is a web.Box). It is all of v720dvr but for signals
// and the configuration's file; tests start it too, in a bubble over a network in memory.
type box struct {
	config    atomic.Pointer[config.Loaded]
	watcher   *config.Watcher // nil: the configuration stays as it is
	adjust    func(config.Loaded) config.Loaded
	level     *slog.LevelVar // of the log
	started   time.Time
	log       *slog.Logger
	store     *storage.Store
	recorder  *recorder.Recorder
	cloud     *cloud.Server
	sightings *sightings
	hooks     *hooks.Runner
	archive   *archive.Archive // nil: there is none
	arrived   arrived          // cameras that are not new
	arrivals  *arrivals
	accepted  accepted // cameras that came in without a person
	demo      *demo
	doctor    doctor
	sweeper   *sweeper
	rescan    *storage.Rescan
	thinner   *thinner
	stocks    *stocks
	figures   *figures
	pace      *pace // of judging footage again
	zone      *zone
	web       *web.Server
	rtsp      *rtsp.Server          // nil: off
	compat    *compat.Server        // nil: off
	home      *homeassistant.Runner // nil: off
	measure   http.Handler          // scrapes
	meters    []meter
	local     net.Listener // for other commands; nil without

	applying   sync.Mutex // held while another configuration is applied
	unarchived string     // why there is none though the configuration names one

	setting sync.Mutex // held while settings are changed
	leftOut string     // what was told last of settings that are not in force
}

// boxOptions are what a box takes from outside besides its configuration. The zero value means
// the system's sockets and clock.
type boxOptions struct {
	listen       func(network, address string) (net.Listener, error)
	listenPacket func(network, address string) (cloud.PacketConn, error)
	location     *time.Location
	disk         storage.FS // of the recordings; nil is the real one
	log          *slog.Logger

	watcher  *config.Watcher                   // has what is set through page and API; nil: nothing can be
	adjust   func(config.Loaded) config.Loaded // has the last word about a configuration; nil: nobody
	level    *slog.LevelVar                    // follows log.level; nil: nothing does
	announce func(user, password string)       // tells the first admin's password; nil logs it
	outside  *asksOutside                      // what doctor asks; nil: the system, and listenPacket
	socket   string                            // a unix socket for other commands; "" for none
	watch    bool                              // hears from the system what people do to the recordings
}

// openBox opens the store and binds all sockets: what can fail before anything runs fails here,
// and then nothing stays open.
func openBox(ctx context.Context, loaded config.Loaded, o boxOptions) (_ *box, err error) {
	b := &box{started: time.Now(), log: o.log, zone: newZone(o.location, o.log), pace: newPace(), watcher: o.watcher, adjust: o.adjust, level: o.level}
	if b.adjust == nil {
		b.adjust = func(l config.Loaded) config.Loaded { return l }
	}
	loaded = b.adjust(loaded)
	b.config.Store(&loaded)
	c := loaded.Config
	if b.store, err = storage.Open(ctx, storage.Options{
		Dir: c.Storage.Dir, Recordings: c.Storage.Recordings,
		Location: b.zone.now(), Log: o.log, Software: software(), FS: o.disk,
	}); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			b.close()
		}
	}()
	if err = b.recall(ctx); err != nil {
		return nil, err
	}
	c = b.config.Load().Config
	hub := live.NewHub()
	if b.recorder, err = recorder.New(recorder.Options{
		Store: b.store, Live: hub, Settings: b.settings, Sync: time.Duration(c.Storage.Sync), Log: o.log,
	}); err != nil {
		return nil, err
	}
	b.zone.changed = b.store.SetLocation
	if b.rescan = storage.NewRescan(b.store, o.log); o.watch {
		b.rescan.Listen()
	}
	if err = b.expect(ctx); err != nil {
		return nil, err
	}
	b.sweeper = &sweeper{
		store: b.store, config: func() config.Config { return b.config.Load().Config }, written: b.written,
		location: b.zone.now, log: o.log, now: make(chan chan<- sweepAnswer),
	}
	b.thinner = &thinner{store: b.store, config: b.sweeper.config, location: b.zone.now, log: o.log, now: make(chan struct{}, 1)}
	b.openArchive()
	b.stocks = &stocks{
		store: b.store, config: func() config.Config { return b.config.Load().Config }, location: b.zone.now, started: b.started, log: o.log,
	}
	advertise, err := advertised(c.Cloud)
	if err != nil {
		return nil, err
	}
	forward, networks, err := dnsOf(c.Cloud)
	if err != nil {
		return nil, err
	}
	clients, err := config.ParseNetworks(c.Cloud.MQTTClients)
	if err != nil {
		return nil, err
	}
	kept, err := storage.OpenFigures(ctx, c.Storage.Dir)
	if err != nil { // recording comes first
		o.log.Error("the history of figures is not kept until the next start", "err", err)
	}
	b.figures = &figures{
		kept: kept, decks: b.recorder.Stats, space: b.store.Space, synced: b.recorder.Syncs, log: o.log,
		cameras: func() []cloud.Status { return b.cloud.Cameras() }, drops: func() int64 { return b.cloud.Drops() },
		waiting: func() int64 { return b.recorder.Disk().Waiting }, waits: func() []camera.ID { return b.cloud.Waiting() },
	}
	b.sightings = newSightings(b.store, o.log)
	if err = b.openHooks(hub); err != nil {
		return nil, err
	}
	if err = b.arrived.recall(ctx, b.store); err != nil {
		return nil, err
	}
	b.arrivals = newArrivals()
	b.demo = newDemo(o.log)
	b.doctor.outside, b.doctor.turn = o.asks(), make(chan struct{}, 1)
	if b.cloud, err = cloud.New(cloud.Options{
		HTTP: c.Cloud.HTTP, Control: c.Cloud.Control, MQTT: c.Cloud.MQTT,
		DNS: c.Cloud.DNS, DNSForward: forward, DNSNetworks: networks,
		Advertise: advertise, MaxCameras: c.Cloud.MaxCameras,
		Broker: c.Cloud.Broker, Clients: clients, Kept: conditions(ctx, b.store, o.log),
		Registry: b.store, Sink: b.arrivals.before(&teller{b.recorder, b.hooks}), Approved: b.approved, Sighted: b.sighted, Contacted: b.arrivals.contact,
		Location: b.zone.now, Log: o.log, Listen: o.listen, ListenPacket: o.listenPacket,
	}); err != nil {
		return nil, err
	}
	if err = b.cloud.Listen(); err != nil {
		return nil, err
	}
	b.measure = metrics.Handler(scraped{b, hub}, o.log)
	if err = b.openWeb(ctx, hub, o); err != nil {
		return nil, err
	}
	if err = b.openMeters(o); err != nil {
		return nil, err
	}
	if err = b.openCompat(hub, o); err != nil {
		return nil, err
	}
	if err = b.openHome(hub); err != nil {
		return nil, err
	}
	return b, b.openRTSP(hub, o)
}

// advertised reads cloud.advertise, which the configuration has checked to be an address.
func advertised(c config.Cloud) (netip.Addr, error) {
	if c.Advertise == "" {
		return netip.Addr{}, nil
	}
	return netip.ParseAddr(c.Advertise)
}

// dnsOf reads cloud.dns_forward and cloud.dns_networks, likewise.
func dnsOf(c config.Cloud) (forward netip.AddrPort, networks []netip.Prefix, err error) {
	if c.DNSForward != "" {
		if forward, err = config.ParseResolver(c.DNSForward); err != nil {
			return forward, nil, err
		}
	}
	networks, err = config.ParseNetworks(c.DNSNetworks)
	return forward, networks, err
}

// close gives up a box that was never run.
func (b *box) close() error {
	var errs []error
	if b.local != nil {
		errs = append(errs, b.local.Close())
	}
	if b.rtsp != nil {
		errs = append(errs, b.rtsp.Close())
	}
	if b.compat != nil {
		errs = append(errs, b.compat.Close())
	}
	errs = append(errs, b.closeMeters())
	if b.web != nil {
		errs = append(errs, b.web.Close())
	}
	if b.cloud != nil {
		b.cloud.Close()
	}
	if b.rescan != nil {
		b.rescan.Close()
	}
	if b.figures != nil {
		errs = append(errs, b.figures.close())
	}
	return errors.Join(append(errs, b.store.Close())...)
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
		b.sightings.run, b.runHooks,
		keepConditions(b.store, b.cloud, b.log),
		b.demo.run,
		b.sweeper.run,
		b.runArchive,
		b.thinner.run,
		b.stocks.run,
		b.figures.run,
		b.zone.run,
		b.lookForFaults,
		b.web.Run, b.answer, b.runRTSP, b.runMeters, b.runHome, b.runCompat,
		b.rescan.Run,
	)
	return errors.Join(err, b.figures.close(), b.store.Close())
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
	c := b.config.Load().Config
	s := c.Camera(id)
	plan, err := planOf(c, s)
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
		Motion:   recorder.Motion{Enabled: s.Motion.Enabled, Settings: motionSettings(s.Motion), Sound: s.Motion.Sound},
		Health:   true,
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
		if k.ID != demoID && !k.FirstSeen.IsZero() && (k.Approved || !waitsForPerson(*b.config.Load(), k.ID)) {
			b.accepted.know(k.ID)
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

// reload applies what the watcher has in force: it may be newer than what was told.
func (b *box) reload() {
	b.applying.Lock()
	defer b.applying.Unlock()
	b.apply(b.adjust(b.watcher.Current()))
}

// apply takes a new configuration. Streams whose settings are the same are untouched.
func (b *box) apply(loaded config.Loaded) {
	changed := config.Diff(b.config.Load().Config, loaded.Config)
	b.config.Store(&loaded)
	b.tellLeftOut(loaded)
	if b.level != nil {
		b.level.Set(slogLevel(loaded.Config.Log.Level))
	}
	if len(changed) == 0 {
		return
	}
	b.recorder.Apply(b.settings)
	if slices.Contains(changed, "hook") {
		b.hooks.Apply(b.hooksOf(loaded.Config))
	}
	b.cloud.Reconsider() // a [[camera]] table says yes to its camera
	b.log.Info("configuration changed", "keys", changed)
	if restart := slices.DeleteFunc(changed, func(key string) bool { return !config.AtStart(key) }); len(restart) > 0 {
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
	if a.DNS != nil {
		facts = append(facts, "dns", a.DNS.String())
	}
	if b.rtsp != nil {
		facts = append(facts, "rtsp", b.rtsp.Addr().String())
	}
	if b.compat != nil {
		facts = append(facts, "compat", b.compat.Addr().String())
	}
	return append(facts, "recordings", b.store.Recordings(), "version", version)
}
