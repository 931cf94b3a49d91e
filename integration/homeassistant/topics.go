package homeassistant

import (
	"strings"

	"v720dvr/camera"
)

// defaultPrefix is that of discovery where nobody changed it.
const defaultPrefix = "homeassistant"

// base is where all topics of ours begin that are not discovery: two recorders at one broker have each their own.
const base = "v720dvr/"

// topics are those of one recorder.
type topics struct{ prefix, node string }

// status has "online", or the will.
func (t topics) status() string { return base + t.node + "/status" }

func (t topics) ofBox(key string) string { return base + t.node + "/box/" + key }

func (t topics) ofCamera(id camera.ID, key string) string {
	return base + t.node + "/" + string(id) + "/" + key
}

// command is where Home Assistant writes what a thing is to do.
func (t topics) command(id camera.ID, key string) string { return t.ofCamera(id, key) + "/set" }

// details has a thing's attributes, as JSON.
func details(topic string) string { return topic + "_details" }

// births are where Home Assistant says that it is there: at its own place whatever the prefix of discovery, unless it is configured
// otherwise, and then hardly anywhere but below that prefix. docs.home-assistant.io, "MQTT", "Birth and last will messages".
func (t topics) births() []string {
	own, below := defaultPrefix+"/status", t.prefix+"/status"
	if own == below {
		return []string{own}
	}
	return []string{own, below}
}

// announcement is where a device is announced. docs.home-assistant.io, "MQTT", "Discovery topic".
func (t topics) announcement(device string) string {
	return t.prefix + "/device/" + device + "/config"
}

// deviceOf is a camera's identifier in Home Assistant: its id alone, so that it stays itself on another recorder.
func deviceOf(id camera.ID) string { return "v720dvr_" + string(id) }

// device is the recorder's own.
func (t topics) device() string { return "v720dvr_box_" + t.node }

// cameraIn finds whose topic of ours it is; false when it is no camera's.
func (t topics) cameraIn(topic string) (id camera.ID, rest string, ok bool) {
	rest, ours := strings.CutPrefix(topic, base+t.node+"/")
	name, rest, below := strings.Cut(rest, "/")
	id, err := camera.ParseID(name)
	return id, rest, ours && below && err == nil
}

// cameraAnnounced finds the camera that a discovery topic announces; false when it is no camera's of ours.
func (t topics) cameraAnnounced(topic string) (id camera.ID, ok bool) {
	rest, under := strings.CutPrefix(topic, t.prefix+"/device/")
	rest, config := strings.CutSuffix(rest, "/config")
	name, ours := strings.CutPrefix(rest, "v720dvr_")
	id, err := camera.ParseID(name)
	return id, under && config && ours && err == nil
}
