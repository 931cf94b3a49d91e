package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/netip"
	"net/url"
	"os"
	"time"

	"v720dvr/camera"
	"v720dvr/integration/homeassistant"
	"v720dvr/recorder/live"
	"v720dvr/storage"
	"v720dvr/web"
)

// openHome makes what tells Home Assistant. Its broker may come later.
func (b *box) openHome(hub *live.Hub) (err error) {
	c := b.config.Load().Config.HomeAssistant
	if c.Broker == "" {
		return nil
	}
	about := homeassistant.About{Name: "v720dvr", Version: version, Page: b.reachablePage()}
	if host, err := os.Hostname(); err == nil {
		about.Name += " " + host
	}
	if b.home, err = homeassistant.New(homeassistant.Options{
		Broker: c.Broker, CAFile: c.CAFile, Prefix: c.DiscoveryPrefix, Node: b.store.Alias("homeassistant"), About: about,
		Box: home{b, b.pictureOf(hub)}, Live: hub, Log: b.log,
	}); err != nil {
		return fmt.Errorf("homeassistant.broker: %w", err)
	}
	return nil
}

// runHome tells Home Assistant until ctx ends.
func (b *box) runHome(ctx context.Context) error {
	if b.home == nil {
		<-ctx.Done()
		return nil
	}
	return b.home.Run(ctx)
}

// homeTrouble is why Home Assistant is not told anything; nil when it is, or is not to be.
func (b *box) homeTrouble() error {
	if b.home == nil {
		return nil
	}
	return b.home.Trouble()
}

// reachablePage is where other machines find the page; "" when they do not.
func (b *box) reachablePage() string {
	for _, page := range b.pages() {
		u, err := url.Parse(page)
		if err != nil {
			continue
		}
		if addr, err := netip.ParseAddr(u.Hostname()); err == nil && !addr.IsLoopback() {
			return page
		}
	}
	return ""
}

// home is what Home Assistant sees and does of a box.
type home struct {
	*box
	picture func(context.Context, camera.ID, time.Time) ([]byte, error)
}

// Cameras lists those that may stream: one that waits for a person is none of ours yet, and a demo is nobody's.
func (h home) Cameras(ctx context.Context) (list []homeassistant.Camera, err error) {
	known, err := h.box.Cameras(ctx)
	if err != nil {
		return nil, err
	}
	config := h.config.Load().Config
	for _, k := range known {
		if !k.Approved || k.Demo {
			continue
		}
		condition := h.cloud.Condition(k.ID)
		c := homeassistant.Camera{
			ID: k.ID, Name: k.Name, Model: k.Model, Firmware: k.Firmware, Online: k.Online, Paused: k.Recording == web.RecordingPaused,
			Recorded: string(k.Recording), FPS: k.FPS, Frames: k.Frames, Lost: k.Lost, Detection: config.Camera(k.ID).Motion.Enabled,
			Switches: make(map[string]*bool),
		}
		if percent, ok := condition.Battery(); ok {
			c.Battery = &percent
		}
		for what, field := range map[string]string{homeassistant.Infrared: "IrLed", homeassistant.Lamp: "lightGrade", homeassistant.Flip: "mirrorFlip"} {
			if value, told := condition.Values[field]; told {
				on := value > 0
				c.Switches[what] = &on
			}
		}
		list = append(list, c)
	}
	return list, nil
}

// Status tells how the recorder is.
func (h home) Status(ctx context.Context) (homeassistant.Status, error) {
	s, err := h.System(ctx)
	return homeassistant.Status{Size: s.Disk.Size, Free: s.Disk.Free, Days: s.Retention.Days, Trouble: s.Disk.Trouble, Errors: s.Problems}, err
}

// Picture is the one that stands at a moment.
func (h home) Picture(ctx context.Context, id camera.ID, at time.Time) ([]byte, error) {
	return h.picture(ctx, id, at)
}

// byHome is who did it, in the audit log.
const byHome = "Home Assistant"

// Do does what somebody in Home Assistant wants. What was done, and what may have been, is in the audit log.
func (h home) Do(ctx context.Context, c homeassistant.Command) error {
	what, detail, err := h.do(ctx, c)
	failed, refused := err.(*web.CommandError)
	if err != nil && !(refused && failed.Sent) {
		return err
	}
	if err != nil {
		detail += " (failed)"
	}
	entry := storage.AuditEntry{At: time.Now(), Who: byHome, What: what, About: string(c.Camera), Detail: detail}
	limited, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastSightings) // it was done, whatever comes
	defer cancel()
	if err := h.store.Accounts().Audit(limited, entry); err != nil {
		h.log.Error("what was done is not in the audit log", "who", byHome, "what", what, "about", c.Camera, "err", err)
	}
	return err
}

func (h home) do(ctx context.Context, c homeassistant.Command) (what, detail string, err error) {
	word := map[bool]string{false: "off", true: "on"}[c.On]
	command := web.Command{}
	switch c.What {
	case homeassistant.Recording:
		if c.On {
			return "camera.resume", "", h.Resume(ctx, c.Camera)
		}
		return "camera.pause", "", h.Pause(ctx, c.Camera, time.Time{})
	case homeassistant.Detection:
		value, err := json.Marshal(c.On)
		if err != nil {
			return "", "", err
		}
		return "camera.settings", "motion.enabled", h.ChangeSettings(ctx, c.Camera, map[string]json.RawMessage{"motion.enabled": value}, byHome)
	case homeassistant.Infrared:
		command.Set, command.Value = "ir", word
	case homeassistant.Lamp:
		command.Set, command.Value = "lamp", word
	case homeassistant.Flip:
		command.Set, command.Value = "flip", word
	case homeassistant.Reboot:
		command.Do = "reboot"
	default:
		return "", "", fmt.Errorf("a camera cannot be told %q by Home Assistant", c.What)
	}
	detail = command.Do
	if command.Set != "" {
		detail = command.Set + "=" + command.Value
	}
	_, err = h.Command(ctx, c.Camera, command)
	return "camera.command", detail, err
}
