package homeassistant

import (
	"cmp"
	"math"
	"strconv"
	"time"

	"v720dvr/camera"
)

// Camera is a camera as Home Assistant is told it.
type Camera struct {
	ID                    camera.ID
	Name, Model, Firmware string
	Online, Paused        bool
	Recorded              string  // on, ready, off, paused, failing or absent
	FPS                   float64 // pictures a second
	Frames, Lost          int64   // pictures that came, and that did not come whole, since the start
	Battery               *int64  // percent; nil: it did not tell
	Detection             bool    // its pictures are looked at for motion
	// Switches are the camera's own settings by keyInfrared and so on; nil or missing: it did not tell.
	Switches map[string]*bool
}

// Status is the recorder as Home Assistant is told it.
type Status struct {
	Size, Free int64    // of the recordings' disk, bytes
	Days       float64  // how far back recordings will reach; 0: nobody knows
	Trouble    string   // of that disk; "" without
	Errors     []string // what somebody must act on
}

// About is what is the same of all devices.
type About struct {
	Name    string // of the recorder, for people
	Version string
	Page    string // where a browser finds the page; "" without
}

// A state is what a topic is to say.
type state struct {
	topic   string
	payload []byte
}

func flag(yes bool) string {
	if yes {
		return on
	}
	return off
}

func flagOf(yes *bool) string {
	if yes == nil {
		return unknown
	}
	return flag(*yes)
}

func number(x float64, digits int) string {
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return unknown
	}
	return strconv.FormatFloat(x, 'f', digits, 64)
}

// statesOf are a camera's, but for its pictures. going is what is under way, loss the part of its pictures that did not
// come, in percent; below 0: nobody knows.
func (t topics) statesOf(c Camera, going map[camera.EventKind]time.Time, loss float64) (list []state) {
	tell := func(key, text string) { list = append(list, state{t.ofCamera(c.ID, key), []byte(text)}) }
	tell(keyOnline, flag(c.Online))
	tell(keyShown, flag(c.shown()))
	for _, seen := range []struct {
		key  string
		kind camera.EventKind
	}{{keyMotion, camera.Motion}, {keyLight, camera.Light}, {keySound, camera.Sound}} {
		_, is := going[seen.kind]
		tell(seen.key, flag(is && c.shown()))
	}
	battery := unknown
	if c.Battery != nil {
		battery = strconv.FormatInt(*c.Battery, 10)
	}
	tell("battery", battery)
	tell("fps", number(c.FPS, 1))
	lost := unknown
	if loss >= 0 {
		lost = number(loss, 1)
	}
	tell("loss", lost)
	tell("recorded", c.Recorded)
	tell(keyRecording, flag(!c.Paused))
	tell(keyDetection, flag(c.Detection))
	tell(keyInfrared, flagOf(c.Switches[keyInfrared]))
	tell(keyFlip, flagOf(c.Switches[keyFlip]))
	if c.Switches[keyLamp] != nil {
		tell(keyLamp, flagOf(c.Switches[keyLamp]))
	}
	return list
}

// shown tells whether there is anything to see of it.
func (c Camera) shown() bool { return c.Online && !c.Paused }

// statesOfBox are the recorder's own.
func (t topics) statesOfBox(s Status) []state {
	free, used, days := unknown, unknown, unknown
	if s.Size > 0 {
		free, used = number(float64(s.Free)/1e9, 1), number(100-100*float64(s.Free)/float64(s.Size), 1)
	}
	if s.Days > 0 {
		days = number(s.Days, 1)
	}
	errors := t.ofBox("errors")
	return []state{
		{t.ofBox("disk_free"), []byte(free)}, {t.ofBox("disk_used"), []byte(used)}, {t.ofBox("forecast"), []byte(days)},
		{t.ofBox("disk"), []byte(flag(s.Trouble != ""))}, {errors, []byte(strconv.Itoa(len(s.Errors)))},
		{details(errors), payload(map[string]any{"errors": cut(s.Errors), "disk": cmp.Or(s.Trouble, "well")})},
	}
}

// Bounds of what is told of errors: Home Assistant keeps 16 KB of an entity's attributes in its history.
const (
	mostErrors    = 20
	mostErrorText = 300
)

func cut(texts []string) []string {
	list := []string{}
	for _, text := range texts[:min(len(texts), mostErrors)] {
		if runes := []rune(text); len(runes) > mostErrorText {
			text = string(runes[:mostErrorText-1]) + "…"
		}
		list = append(list, text)
	}
	return list
}
