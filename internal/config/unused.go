package config

import (
	"reflect"
	"slices"
)

// effective are the keys that this version acts on; a camera's own key is effective when that
// of the whole box is. A new room adds its keys here.
var effective = []string{
	"cloud.http", "cloud.control", "cloud.mqtt", "cloud.advertise", "cloud.new_cameras", "cloud.max_cameras",
	"storage.dir", "storage.recordings", "storage.sync",
	"recording.mode", "recording.segment", "recording.preroll", "recording.postroll", "recording.audio",
	"schedule.cameras", "schedule.start", "schedule.stop", "schedule.mode",
	"retention.cron", "retention.max_age", "retention.max_size", "retention.min_free",
	"log.level", "log.format",
	"camera.id", "camera.name",
}

// effectiveModes are the values of recording.mode that this version acts on.
var effectiveModes = []string{ModeContinuous, ModeOff}

// Unused names the keys that differ from their default and have no effect yet, in the order of
// the file's tables: "hook", "camera.0800c00128F8.motion.hold", `recording.mode = "motion"`.
func Unused(loaded Loaded) []string {
	defaults := flat(Default())
	values := flat(loaded.Config)
	var names []string
	for _, l := range leaves(reflect.ValueOf(loaded.Config), "") {
		name := stable(loaded.Config, l.name)
		if defaults[name] == values[name] || slices.Contains(names, name) {
			continue
		}
		key := common(l.name)
		switch {
		case key == "recording.mode" && !slices.Contains(effectiveModes, l.value.String()):
			name += " = " + literal(l.value)
		case slices.Contains(effective, key):
			continue
		}
		names = append(names, name)
	}
	return names
}
