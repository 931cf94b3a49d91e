package cloudtest

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"log/slog"
	"math/rand/v2"
	"sync"
	"time"

	"v720dvr/camera"
)

// Firmware is a generation of the camera's software.
type Firmware int

const (
	// Old is 202212011602, as captured: getA9ConfCheck, TCP, then MQTT; forgiving in what it
	// reads.
	Old Firmware = iota
	// New stands for what came from 2024-11 on: getDevInfo first, MQTT before TCP,
	// Content-Length taken at its word, NUL behind its JSON, an SSID that is not UTF-8, base
	// info that does not parse, PCM sound. docs/protocol.md, sections 1, 2, 4 and 7.
	New
)

func (f Firmware) version() string {
	if f == New {
		return "202411131121"
	}
	return "202212011602"
}

// Sound is how a camera sends what it hears.
type Sound int

// The kinds of sound. docs/protocol.md, section 5.
const (
	SoundOfFirmware Sound = iota // A-law from Old, PCM from New
	ALaw                         // cmd 4, 800 samples a package
	PCM                          // cmd 6, 480 samples a package, never confirmed
	NoSound
)

// Options of a camera. Host and HTTP are needed; the zero value of all else works.
type Options struct {
	// ID is the device code. "" is the first boot of a new camera: registerDevices gives one.
	ID string
	// Host is where the camera lives.
	Host Host
	// HTTP is the bootstrap server, "10.42.0.1:80"; what its name resolves to.
	HTTP string
	// MQTT is the broker, "10.42.0.1:1883"; "" for a camera without.
	MQTT     string
	Firmware Firmware
	// Source is what the camera sees and hears; nil is NewScene of the default size.
	Source Source
	// FPS is in pictures a second, 1 to 60; 0 is 10.
	FPS   int
	Sound Sound
	// Log gets what the camera does; nil is silence.
	Log *slog.Logger
	// Sent is called for each picture and each sound package just before its last byte is handed
	// to the network, so that whoever has received it finds it noted; it must not block. Nil is
	// no call.
	Sent func(Sent)
	// Seed decides what the camera draws by lot: ids, tokens, how messages are cut.
	Seed int64
}

// Sent is a picture or a sound package that went out.
type Sent struct {
	// At is the capture time: of the picture, or of the first sample.
	At time.Time
	// Index is the picture's number, or the number of the first sample; both count from the
	// moment at which Run began.
	Index int64
	// JPEG is the picture without what stands behind its EOI; nil for sound. It may be kept.
	JPEG []byte
	// ALaw holds the samples as the source gave them; a PCM camera sends them decoded. Nil for a
	// picture. It may be kept.
	ALaw []byte
}

// Camera is a simulated V720 camera: it boots, registers, opens media when it is asked, sends
// pictures and sound, and begins again when something breaks. docs/protocol.md, sections 1 to 7.
type Camera struct {
	o   Options
	log *slog.Logger

	epoch time.Time // when Run began: picture and sample 0

	mu       sync.Mutex
	state    State
	settings settings
}

// NewCamera checks the options; nothing runs yet.
func NewCamera(o Options) (*Camera, error) {
	if o.Host == nil || o.HTTP == "" {
		return nil, errors.New("new camera: want a Host and the address of an HTTP server")
	}
	if o.ID != "" {
		if _, err := camera.ParseID(o.ID); err != nil {
			return nil, fmt.Errorf("new camera: %w", err)
		}
	}
	if o.FPS == 0 {
		o.FPS = 10
	}
	if o.FPS < 1 || o.FPS > 60 {
		return nil, fmt.Errorf("new camera: %d pictures a second, want 1 to 60", o.FPS)
	}
	if o.Source == nil {
		scene, err := NewScene(SceneOptions{})
		if err != nil {
			return nil, fmt.Errorf("new camera: %w", err)
		}
		o.Source = scene
	}
	switch {
	case !o.Source.HasSound():
		o.Sound = NoSound
	case o.Sound == SoundOfFirmware && o.Firmware == New:
		o.Sound = PCM
	case o.Sound == SoundOfFirmware:
		o.Sound = ALaw
	}
	c := &Camera{o: o, log: o.Log, state: State{ID: o.ID, Step: Off}, settings: factory}
	if c.log == nil {
		c.log = slog.New(slog.DiscardHandler)
	}
	return c, nil
}

// Run lives a camera's life until ctx ends, and returns nil then. It may be called once.
func (c *Camera) Run(ctx context.Context) error {
	c.epoch = time.Now()
	defer c.step(Off)
	lots := c.lots("back-off")
	const shortest, longest = time.Second, 30 * time.Second
	pause := shortest
	for {
		registered := c.State().Registered
		err := c.boot(ctx)
		if ctx.Err() != nil {
			return nil
		}
		if c.State().Registered > registered {
			pause = shortest // it worked for a while: no reason to hesitate
		}
		wait := pause + time.Duration(lots.Int64N(int64(pause)/4))
		c.log.Warn("camera starts again", "camera", c.id(), "after", wait, "cause", err)
		if rest(ctx, wait) != nil {
			return nil
		}
		pause = min(2*pause, longest)
	}
}

// boot is one life, from the first request to the loss of the control channel. It returns the
// reason why it ended.
func (c *Camera) boot(ctx context.Context) error {
	c.step(Booting)
	c.note(func(s *State) { s.Boots++ })
	var running sync.WaitGroup
	defer running.Wait()
	ctx, off := context.WithCancelCause(ctx)
	defer off(nil)

	if c.id() == "" {
		if err := c.firstBoot(ctx); err != nil {
			return err
		}
	}
	mqtt := func() <-chan struct{} {
		connected := make(chan struct{})
		if c.o.MQTT != "" {
			running.Go(func() { c.statusLoop(ctx, connected, off) })
		}
		return connected
	}
	if c.o.Firmware == New {
		if err := c.deviceInfo(ctx); err != nil {
			return err
		}
		if c.o.MQTT != "" {
			// Video works without MQTT: a broker that is not there costs a few seconds only.
			const patience = 5 * time.Second
			select {
			case <-mqtt():
			case <-time.After(patience):
			case <-ctx.Done():
				return ctx.Err()
			}
		}
	}
	conf, err := c.configuration(ctx)
	if err != nil {
		return err
	}
	channel, err := c.register(ctx, conf)
	if err != nil {
		return err
	}
	if c.o.Firmware == Old {
		mqtt()
	}
	err = channel.serve(ctx)
	if cause := context.Cause(ctx); cause != nil {
		return cause // the connection broke since it was to break
	}
	return err
}

func (c *Camera) id() string { return c.State().ID }

// lots is a source of chance for one of the camera's goroutines.
func (c *Camera) lots(user string) *rand.Rand {
	h := fnv.New64a()
	fmt.Fprint(h, user, c.o.ID)
	return rand.New(rand.NewPCG(uint64(c.o.Seed), h.Sum64()))
}
