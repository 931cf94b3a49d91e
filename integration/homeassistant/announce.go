package homeassistant

import "encoding/json"

// What follows has Home Assistant's names, in full. docs.home-assistant.io, "MQTT", "Device discovery payload"
// (Home Assistant 2024.11 and later); testdata/documented.json lists the keys that are documented.

type announcement struct {
	Device     device               `json:"device"`
	Origin     origin               `json:"origin"`
	Components map[string]component `json:"components"`
}

type device struct {
	Identifiers      []string `json:"identifiers"`
	Name             string   `json:"name"`
	Manufacturer     string   `json:"manufacturer,omitempty"`
	Model            string   `json:"model,omitempty"`
	SerialNumber     string   `json:"serial_number,omitempty"`
	SWVersion        string   `json:"sw_version,omitempty"`
	ConfigurationURL string   `json:"configuration_url,omitempty"`
	ViaDevice        string   `json:"via_device,omitempty"`
}

type origin struct {
	Name      string `json:"name"`
	SWVersion string `json:"sw_version,omitempty"`
}

type component struct {
	Platform string  `json:"platform"`
	UniqueID string  `json:"unique_id"`
	Name     *string `json:"name"` // null: the device's

	Availability     []availability `json:"availability"`
	AvailabilityMode string         `json:"availability_mode"`

	DeviceClass               string   `json:"device_class,omitempty"`
	EntityCategory            string   `json:"entity_category,omitempty"`
	Icon                      string   `json:"icon,omitempty"`
	UnitOfMeasurement         string   `json:"unit_of_measurement,omitempty"`
	StateClass                string   `json:"state_class,omitempty"`
	SuggestedDisplayPrecision *int     `json:"suggested_display_precision,omitempty"`
	Options                   []string `json:"options,omitempty"`

	StateTopic          string `json:"state_topic,omitempty"`
	CommandTopic        string `json:"command_topic,omitempty"`
	Topic               string `json:"topic,omitempty"`       // of a camera
	ImageTopic          string `json:"image_topic,omitempty"` // of an image
	ContentType         string `json:"content_type,omitempty"`
	JSONAttributesTopic string `json:"json_attributes_topic,omitempty"`
	QoS                 *int   `json:"qos,omitempty"`
}

type availability struct {
	Topic               string `json:"topic"`
	PayloadAvailable    string `json:"payload_available,omitempty"`
	PayloadNotAvailable string `json:"payload_not_available,omitempty"`
}

// The payloads: Home Assistant's defaults, and what it takes for a state that is not known.
const (
	on, off              = "ON", "OFF"
	press                = "PRESS"
	unknown              = "None"
	available, gone      = "online", "offline"
	atLeastOnce     byte = 1
)

// announceCamera is the payload that makes a camera a device with entities.
func (t topics) announceCamera(c Camera, about About) []byte {
	a := announcement{
		Device: device{
			Identifiers: []string{deviceOf(c.ID)}, Name: c.Name, Manufacturer: "Naxclow", Model: c.Model, SerialNumber: string(c.ID),
			SWVersion: c.Firmware, ConfigurationURL: about.Page, ViaDevice: t.device(),
		},
		Origin: about.origin(), Components: make(map[string]component),
	}
	for _, th := range ofCamera {
		if th.optional && c.Switches[th.key] == nil {
			continue
		}
		part := t.component(th, deviceOf(c.ID), t.ofCamera(c.ID, th.key))
		switch th.needs {
		case needsOnline:
			part.Availability = append(part.Availability, availability{t.ofCamera(c.ID, keyOnline), on, off})
		case needsShown:
			part.Availability = append(part.Availability, availability{t.ofCamera(c.ID, keyShown), on, off})
		}
		a.Components[th.key] = part
	}
	return payload(a)
}

// announceBox is the payload that makes the recorder a device.
func (t topics) announceBox(about About) []byte {
	a := announcement{
		Device: device{
			Identifiers: []string{t.device()}, Name: about.Name, Manufacturer: "v720dvr", Model: "Recorder", SWVersion: about.Version, ConfigurationURL: about.Page,
		},
		Origin: about.origin(), Components: make(map[string]component),
	}
	for _, th := range ofBox {
		a.Components[th.key] = t.component(th, t.device(), t.ofBox(th.key))
	}
	return payload(a)
}

func (a About) origin() origin { return origin{Name: "v720dvr", SWVersion: a.Version} }

// component is a thing in Home Assistant's words.
func (t topics) component(th thing, device, topic string) component {
	qos := int(atLeastOnce)
	c := component{
		Platform: th.platform, UniqueID: device + "_" + th.key,
		Availability: []availability{{Topic: t.status()}}, AvailabilityMode: "all",
		DeviceClass: th.class, EntityCategory: th.category, Icon: th.icon, UnitOfMeasurement: th.unit, Options: th.options,
	}
	if th.name != "" {
		c.Name = &th.name
	}
	if th.measured {
		c.StateClass, c.SuggestedDisplayPrecision = "measurement", &th.digits
	}
	switch th.platform {
	case cameraOf:
		c.Topic = topic
	case image:
		c.ImageTopic, c.ContentType, c.JSONAttributesTopic = topic, "image/jpeg", details(topic)
	case button:
		c.CommandTopic, c.QoS = topic+"/set", &qos
	case toggle:
		c.StateTopic, c.CommandTopic, c.QoS = topic, topic+"/set", &qos
	default:
		c.StateTopic, c.QoS = topic, &qos
	}
	if th.key == "errors" {
		c.JSONAttributesTopic = details(topic)
	}
	return c
}

// payload is JSON of values that are all texts and numbers: it has a form for each of them.
func payload(v any) []byte {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return text
}
