package config

import (
	"fmt"
	"slices"
	"strings"

	"v720dvr/camera"
	"v720dvr/recorder/schedule"
)

// maxSchedules bounds what is held against each other at a load, and asked at each turn.
const maxSchedules = 100

// isFor tells whether a schedule is for a camera. Names are folders: capitals are no difference.
func (s Schedule) isFor(id camera.ID, name string) bool {
	return len(s.Cameras) == 0 || slices.ContainsFunc(s.Cameras, func(text string) bool { return called(id, name, text) })
}

func called(id camera.ID, name, text string) bool {
	return text == string(id) || strings.EqualFold(text, name)
}

// Called tells whether a text is the camera's name or its id.
func (s CameraSettings) Called(text string) bool { return called(s.ID, s.Name, text) }

// checkSchedules looks for cameras that are not there, windows that never close, and schedules
// that a later one leaves without effect. What the lines have wrong is the tags' business.
func checkSchedules(c Config, found *findings) {
	if len(c.Schedules) > maxSchedules {
		found.add([]string{element("schedule", maxSchedules)}, "is one more than the %d that can be; join some with lists, start = \"0 20,22 * * 1-5\"", maxSchedules)
		return
	}
	windows := make([]schedule.Window, len(c.Schedules))
	good := make([]bool, len(c.Schedules))
	for i, s := range c.Schedules {
		key := element("schedule", i)
		checkScheduleCameras(c, key+".cameras", s, found)
		_, errStart := schedule.Parse(s.Start)
		_, errStop := schedule.Parse(s.Stop)
		if errStart != nil || errStop != nil {
			continue
		}
		var err error
		if windows[i], err = schedule.NewWindow(s.Start, s.Stop); err != nil {
			found.add([]string{key + ".stop"}, "%v; for a mode at all times write recording.mode = %q", err, s.Mode)
			continue
		}
		good[i] = true
	}
	for i, s := range c.Schedules {
		for j := i + 1; j < len(c.Schedules) && good[i]; j++ {
			later := c.Schedules[j]
			if good[j] && s.Mode != later.Mode && forAllOf(c, later, s) && windows[j].Covers(windows[i]) {
				found.add([]string{element("schedule", i)}, `says %q and never has an effect: number %d of the schedules (start = %q, stop = %q) comes later, says %q and holds at all of its times; `+
					`put this one behind that, or delete one of them`, s.Mode, j+1, later.Start, later.Stop, later.Mode)
				break
			}
		}
	}
}

// forAllOf tells whether a schedule is for each camera that the other is for.
func forAllOf(c Config, s, other Schedule) bool {
	if len(s.Cameras) == 0 || len(other.Cameras) == 0 {
		return len(s.Cameras) == 0
	}
	for _, text := range other.Cameras {
		id, name := camera.ID(text), text
		for _, own := range c.Cameras {
			if called(own.ID, own.Name, text) {
				id, name = own.ID, own.Name
			}
		}
		if !s.isFor(id, name) {
			return false
		}
	}
	return true
}

// isCode tells whether a text is what the makers gave as id, 12 hexadecimal digits: it may be that of
// a camera which this file does not know. Anything else is taken for a name. docs/protocol.md, section 2.
func isCode(text string) bool {
	return len(text) == 12 && strings.Trim(text, "0123456789abcdefABCDEF") == ""
}

// checkScheduleCameras wants the names and ids of this file, or a code of the makers'.
func checkScheduleCameras(c Config, key string, s Schedule, found *findings) {
	var names []string
	for _, own := range c.Cameras {
		names = append(names, own.Name, string(own.ID))
	}
	for _, text := range s.Cameras {
		if isCode(text) || slices.ContainsFunc(names, func(name string) bool { return strings.EqualFold(name, text) }) {
			continue
		}
		right := "write a name or an id of a [[camera]] of this file, or the id of any other camera"
		if near := nearest(text, names, "."); near != "" {
			right = fmt.Sprintf("did you mean %q?", near)
		}
		found.add([]string{key}, "%q is no camera; %s", text, right)
	}
}
