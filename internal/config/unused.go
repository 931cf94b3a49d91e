package config

import (
	"reflect"
	"slices"
)

// effective are the keys that this version acts on; a camera's own key is effective when that
// of the whole box is. A new room adds its keys here.
var effective = []string{
	"cloud.http", "cloud.control", "cloud.mqtt", "cloud.dns", "cloud.dns_forward", "cloud.dns_networks", "cloud.advertise", "cloud.new_cameras", "cloud.max_cameras",
	"web.listen", "web.auth", "web.tls.cert", "web.tls.key", "web.tls.made",
	"rtsp.listen", "compat.listen", "homeassistant.broker", "homeassistant.ca_file", "homeassistant.discovery_prefix",
	"metrics.listen", "metrics.pprof",
	"storage.dir", "storage.recordings", "storage.sync",
	"recording.mode", "recording.segment", "recording.preroll", "recording.postroll", "recording.audio",
	"motion.enabled", "motion.sensitivity", "motion.min_size", "motion.hold", "motion.sound", "motion.zones",
	"schedule.cameras", "schedule.start", "schedule.stop", "schedule.mode",
	"hook.name", "hook.on", "hook.command", "hook.shell", "hook.url", "hook.format", "hook.secret_file", "hook.secret_env", "hook.ca_file", "hook.timeout", "hook.picture",
	"hook.cameras", "hook.kinds", "hook.min_length", "hook.start", "hook.stop", "hook.cooldown", "hook.page", "hook.title", "hook.message", "hook.priority", "hook.tags",
	"retention.cron", "retention.max_age", "retention.max_size", "retention.min_free", "retention.event_age", "retention.thin",
	"archive.s3", "archive.region", "archive.access_key", "archive.secret_file", "archive.secret_env", "archive.ca_file", "archive.style", "archive.what", "archive.bandwidth", "archive.delete_waits",
	"log.level", "log.format",
	"camera.id", "camera.name", "camera.motor", "camera.speaker",
}

// Unused names the keys that differ from their default and have no effect yet, in the order of
// the file's tables: "hook", "camera.0800c00128F8.retention.thin".
func Unused(loaded Loaded) []string {
	defaults := flat(Default())
	values := flat(loaded.Config)
	var names []string
	for _, l := range leaves(reflect.ValueOf(loaded.Config), "") {
		name := stable(loaded.Config, l.name)
		if defaults[name] == values[name] || slices.Contains(names, name) {
			continue
		}
		if !slices.Contains(effective, common(l.name)) {
			names = append(names, name)
		}
	}
	return names
}
