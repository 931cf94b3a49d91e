package homeassistant

import (
	"fmt"

	"v720dvr/camera"
)

// Command is what somebody in Home Assistant wants of a camera.
type Command struct {
	Camera camera.ID
	What   string // Recording, Detection, Infrared, Lamp, Flip or Reboot
	On     bool   // of all but Reboot
}

// What a Command may be.
const (
	Recording = keyRecording // off is a pause without an end
	Detection = keyDetection // its pictures are looked at for motion
	Infrared  = keyInfrared
	Lamp      = keyLamp
	Flip      = keyFlip
	Reboot    = keyReboot
)

// parseCommand reads a message that came to a topic. Anybody at the broker may have written it.
func (t topics) parseCommand(topic string, payload []byte) (c Command, err error) {
	id, rest, ours := t.cameraIn(topic)
	key, set := cutSet(rest)
	th, known := commandable[key]
	if !ours || !set || !known {
		return c, fmt.Errorf("a command at %.80q: want %s", topic, t.command("CAMERA", "THING"))
	}
	c = Command{Camera: id, What: key}
	switch text := string(payload); {
	case th.platform == button && text == press:
	case th.platform == toggle && (text == on || text == off):
		c.On = text == on
	case th.platform == button:
		return Command{}, fmt.Errorf("command %s of camera %s: %.40q came, want %s", key, id, text, press)
	default:
		return Command{}, fmt.Errorf("command %s of camera %s: %.40q came, want %s or %s", key, id, text, on, off)
	}
	return c, nil
}

// cutSet cuts "/set" off.
func cutSet(rest string) (key string, ok bool) {
	const set = "/set"
	if len(rest) <= len(set) || rest[len(rest)-len(set):] != set {
		return "", false
	}
	return rest[:len(rest)-len(set)], true
}
