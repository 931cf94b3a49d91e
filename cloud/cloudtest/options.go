package cloudtest

import (
	"errors"
	"fmt"
	"log/slog"
	"slices"
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
	// Host is where the camera lives, until Move.
	Host Host
	// HTTP is the bootstrap server, "10.42.0.1:80"; what its name resolves to.
	HTTP string
	// MQTT is the broker, "10.42.0.1:1883"; "" for a camera without.
	MQTT     string
	Firmware Firmware
	// Source is what the camera sees and hears; nil is NewScene of the default size.
	Source Source
	// FPS is in pictures a second, 1 to 60; 0 is 10.
	FPS int
	// Rates are those that follow FPS, in order: a camera's rate varies with the light.
	Rates []Rate
	Sound Sound
	// Log gets what the camera does; nil is silence.
	Log *slog.Logger
	// Sent is called for each picture and each sound package just before its last byte is handed
	// to the network, so that whoever has received it finds it noted; it must not block. Nil is
	// no call.
	Sent func(Sent)
	// Seed decides what the camera draws by lot: ids, tokens, how messages are cut.
	Seed int64

	// Battery is in percent; 0 is 100. SetBattery changes it.
	Battery int
	// Card is the size of its SD card in GB; 0 is none.
	Card int
	// Files are what is on the card, by "20261122/14/05".
	Files map[string]CardFile
	// CardStopsLive is a camera that sends no pictures and no sound from the moment it plays its card until
	// it is asked for them again. Whether real ones do was not seen.
	CardStopsLive bool
	// CardOverTCP sends files over the control connection.
	CardOverTCP bool
	// Motor is a camera that turns: State.Pan and Tilt.
	Motor bool
	// Speaker is a camera that plays what it is sent as sound.
	Speaker bool
	// Sleeps is a battery camera: it is at the broker, and comes to its control connection when 242
	// wakes it, for AwakeFor (0: as long as the connection lasts). docs/protocol.md, section 10.
	Sleeps   bool
	AwakeFor time.Duration

	// Resend is how packages are sent again that are not confirmed.
	Resend Resend
	// Window is how many packages may be unconfirmed, 1 to 2000; 0 is 111. A picture that does not
	// fit any more is skipped. docs/protocol.md, section 6.
	Window int
	// Plain is a camera that knows no confirms: it sends in plain mode, message flag 0, whatever
	// 301/298 says.
	Plain bool
	// SoundDrift is by how much the camera's sound clock runs fast, in parts per million from
	// -100000 to 100000: with 3000 there are 8024 samples in a true second. Pictures and all that
	// Sent tells keep the true clock.
	SoundDrift int
	// Hangs are steps in which the camera goes mute when it first comes to them, each once. From
	// Reaching on it does and answers nothing more in that media session; a new code 11 helps. At
	// Booting it sends half a request, at Connected half of code 100, and boots again 5 s later.
	// New firmware that hangs at Informed asks for nothing more until its power is switched.
	// docs/protocol.md, section 2. Other steps cannot hang.
	Hangs []Step
	// KeepsServer is a camera that, when it loses its control connection, dials the same server
	// once more before it boots and asks HTTP again. docs/protocol.md, section 2.
	KeepsServer bool
}

// Resend is how a camera sends packages again. What the real ones do is unknown; docs/protocol.md,
// section 6.
type Resend int

// The ways to send again.
const (
	// ByTimer sends a package each 200 ms until it is confirmed.
	ByTimer Resend = iota
	// AtConfirm sends again what a confirm leaves out: packages older than the newest one that it
	// names, each at most every 40 ms. Without a confirm for 1 s the oldest one is sent again.
	AtConfirm
	// Never sends nothing again. A package is no longer waited for 1 s after it was sent.
	Never
)

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

// checked gives the options with their defaults, or says what is wrong with them.
func (o Options) checked() (Options, error) {
	if o.Host == nil || o.HTTP == "" {
		return o, errors.New("want a Host and the address of an HTTP server")
	}
	if o.ID != "" {
		if _, err := camera.ParseID(o.ID); err != nil {
			return o, err
		}
	}
	if o.FPS == 0 {
		o.FPS = 10
	}
	if o.Battery == 0 {
		o.Battery = 100
	}
	if o.Window == 0 {
		o.Window = windowSize
	}
	switch {
	case o.FPS < 1 || o.FPS > 60:
		return o, fmt.Errorf("%d pictures a second, want 1 to 60", o.FPS)
	case o.Battery < 0 || o.Battery > 100 || o.Card < 0 || o.AwakeFor < 0:
		return o, fmt.Errorf("a battery of %d %%, a card of %d GB, awake for %v: want 0 to 100, and nothing below 0", o.Battery, o.Card, o.AwakeFor)
	case o.Sleeps && o.MQTT == "":
		return o, errors.New("a camera that sleeps needs MQTT to be woken")
	case o.Window < 1 || o.Window > windowLimit:
		return o, fmt.Errorf("a window of %d packages, want 1 to %d", o.Window, windowLimit)
	case o.SoundDrift < -driftLimit || o.SoundDrift > driftLimit:
		return o, fmt.Errorf("a sound clock %d ppm off, want at most %d", o.SoundDrift, driftLimit)
	case o.Resend < ByTimer || o.Resend > Never:
		return o, fmt.Errorf("no such way to send again: %d", o.Resend)
	}
	if err := checkRates(o.Rates); err != nil {
		return o, err
	}
	for _, step := range o.Hangs {
		if !slices.Contains([]Step{Booting, Informed, Connected, Reaching, Probing, Probed, Commanded, Streaming}, step) {
			return o, fmt.Errorf("step %q cannot hang", step)
		}
	}
	if o.Source == nil {
		scene, err := NewScene(SceneOptions{})
		if err != nil {
			return o, err
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
	return o, nil
}
