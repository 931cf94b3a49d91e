package homeassistant

// A need is what must be for an entity to be available, besides a recorder that runs.
type need int

const (
	needsNothing need = iota
	needsOnline       // its camera is connected
	needsShown        // it is connected, and not paused: nothing of a paused camera is told
)

// A thing is an entity of Home Assistant's in our words. Its key is in topics and in the entity's unique id, so it
// never changes.
type thing struct {
	key, platform, name string
	class, category     string // device_class and entity_category; "" for none
	icon, unit          string
	measured            bool // a number that history makes curves of
	digits              int  // behind the point, where measured
	options             []string
	needs               need
	optional            bool // announced once its camera has told a state of it
}

// The platforms of things: docs.home-assistant.io, "MQTT".
const (
	binarySensor = "binary_sensor"
	button       = "button"
	cameraOf     = "camera"
	image        = "image"
	sensor       = "sensor"
	toggle       = "switch"
)

const (
	diagnostic = "diagnostic"
	settings   = "config"
)

// The keys of what can be commanded, and of what the runner tells by itself.
const (
	keyPicture   = "picture"
	keyEvent     = "event"
	keyMotion    = "motion"
	keyLight     = "light"
	keySound     = "sound"
	keyOnline    = "online"
	keyShown     = "shown" // no entity: whether there is anything to see
	keyRecording = "recording"
	keyDetection = "motion_detection"
	keyInfrared  = "infrared"
	keyLamp      = "lamp"
	keyFlip      = "flip"
	keyReboot    = "reboot"
)

// ofCamera are a camera's, ofBox the recorder's own.
var (
	ofCamera = []thing{
		{key: keyPicture, platform: cameraOf, needs: needsShown}, // without a name: it is what the device is about
		{key: keyEvent, platform: image, name: "Last event"},
		{key: keyMotion, platform: binarySensor, name: "Motion", class: "motion", needs: needsShown},
		{key: keyLight, platform: binarySensor, name: "Light change", icon: "mdi:theme-light-dark", needs: needsShown},
		{key: keySound, platform: binarySensor, name: "Sound", class: "sound", needs: needsShown},
		{key: keyOnline, platform: binarySensor, name: "Online", class: "connectivity", category: diagnostic},
		{key: "battery", platform: sensor, name: "Battery", class: "battery", category: diagnostic, unit: "%", measured: true, needs: needsOnline},
		{key: "fps", platform: sensor, name: "Frame rate", icon: "mdi:speedometer", category: diagnostic, unit: "fps", measured: true, digits: 1, needs: needsOnline},
		{key: "loss", platform: sensor, name: "Lost pictures", icon: "mdi:image-broken-variant", category: diagnostic, unit: "%", measured: true, digits: 1, needs: needsOnline},
		{key: "recorded", platform: sensor, name: "Recorder", class: "enum", icon: "mdi:record-rec", category: diagnostic, options: []string{"on", "ready", "off", "paused", "failing", "absent"}},
		{key: keyRecording, platform: toggle, name: "Recording", icon: "mdi:record-rec"},
		{key: keyDetection, platform: toggle, name: "Motion detection", icon: "mdi:motion-sensor", category: settings},
		{key: keyInfrared, platform: toggle, name: "Infrared lamp", icon: "mdi:weather-night", needs: needsOnline},
		{key: keyLamp, platform: toggle, name: "Lamp", icon: "mdi:lightbulb", needs: needsOnline, optional: true},
		{key: keyFlip, platform: toggle, name: "Flip picture", icon: "mdi:flip-vertical", category: settings, needs: needsOnline},
		{key: keyReboot, platform: button, name: "Restart", class: "restart", category: settings, needs: needsOnline},
	}
	ofBox = []thing{
		{key: "disk_free", platform: sensor, name: "Disk free", class: "data_size", category: diagnostic, unit: "GB", measured: true, digits: 1},
		{key: "disk_used", platform: sensor, name: "Disk used", icon: "mdi:harddisk", category: diagnostic, unit: "%", measured: true, digits: 1},
		{key: "forecast", platform: sensor, name: "Recordings will reach back", class: "duration", category: diagnostic, unit: "d", measured: true, digits: 1},
		{key: "disk", platform: binarySensor, name: "Disk", class: "problem", category: diagnostic},
		{key: "errors", platform: sensor, name: "Errors", icon: "mdi:alert-circle-outline", category: diagnostic, measured: true},
	}
)

// commandable are the things of a camera that take commands, by key.
var commandable = func() map[string]thing {
	found := make(map[string]thing)
	for _, t := range ofCamera {
		if t.commanded() {
			found[t.key] = t
		}
	}
	return found
}()

func (t thing) commanded() bool { return t.platform == toggle || t.platform == button }
