package homeassistant

import (
	"encoding/json"
	"maps"
	"os"
	"regexp"
	"slices"
	"testing"
)

// documented is testdata/documented.json.
type documented struct {
	Root, Device, Origin, Availability, Entity keys
	Platforms                                  map[string]platform
}

type keys struct{ Required, Allowed []string }

type platform struct {
	keys
	DeviceClasses    []string            `json:"device_classes"`
	EntityCategories []string            `json:"entity_categories"`
	Units            map[string][]string `json:"units"`
}

func documentation(t *testing.T) (d documented) {
	t.Helper()
	text, err := os.ReadFile("testdata/documented.json")
	if err == nil {
		err = json.Unmarshal(text, &d)
	}
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// hold complains of keys that are not documented, and of those that are missing.
func (k keys) hold(t *testing.T, of string, got map[string]any, more ...string) {
	t.Helper()
	allowed := slices.Concat(k.Required, k.Allowed, more)
	for key := range got {
		if !slices.Contains(allowed, key) {
			t.Errorf("%s has the key %s, which Home Assistant does not know", of, key)
		}
	}
	for _, key := range k.Required {
		if _, has := got[key]; !has {
			t.Errorf("%s has no %s", of, key)
		}
	}
}

func TestEverythingThatIsAnnouncedIsDocumentedByHomeAssistant(t *testing.T) {
	d, tp := documentation(t), topics{"homeassistant", "abc123"}
	yes, about := true, About{Name: "v720dvr garage", Version: "1.2", Page: "http://192.168.1.5:7720"}
	full := Camera{ID: "0800c00128F8", Name: "Front door", Model: "A9", Firmware: "202212011602", Switches: map[string]*bool{keyLamp: &yes}}
	unique := make(map[string]bool)
	for name, text := range map[string][]byte{
		"camera": tp.announceCamera(full, about), "bare camera": tp.announceCamera(Camera{ID: "0800c0000002", Name: "0800c0000002"}, About{Name: "v720dvr"}), "box": tp.announceBox(about),
	} {
		var got map[string]any
		if err := json.Unmarshal(text, &got); err != nil {
			t.Fatal(err)
		}
		d.Root.hold(t, name, got)
		d.Device.hold(t, name+"'s device", got["device"].(map[string]any))
		d.Origin.hold(t, name+"'s origin", got["origin"].(map[string]any))
		for key, part := range got["components"].(map[string]any) {
			d.entity(t, name+"'s "+key, part.(map[string]any), unique)
		}
	}
	want := len(ofCamera) + len(ofCamera) - 1 + len(ofBox) // the lamp is one of those that told it
	if len(unique) != want {
		t.Errorf("%d entities, want %d: %v", len(unique), want, slices.Sorted(maps.Keys(unique)))
	}
}

// topic is one that may be subscribed to and published at.
var topic = regexp.MustCompile(`^v720dvr/abc123/[A-Za-z0-9_/]+$`)

func (d documented) entity(t *testing.T, of string, got map[string]any, unique map[string]bool) {
	t.Helper()
	p, known := d.Platforms[got["platform"].(string)]
	if !known {
		t.Fatalf("%s is of the platform %v", of, got["platform"])
	}
	p.hold(t, of, got, slices.Concat(d.Entity.Required, d.Entity.Allowed)...)
	d.Entity.hold(t, of, got, slices.Concat(p.Required, p.Allowed)...)
	for _, a := range got["availability"].([]any) {
		d.Availability.hold(t, of+"'s availability", a.(map[string]any))
		if at := a.(map[string]any)["topic"].(string); !topic.MatchString(at) {
			t.Errorf("%s is available at %q", of, at)
		}
	}
	for _, key := range []string{"state_topic", "command_topic", "topic", "image_topic", "json_attributes_topic"} {
		if at, has := got[key]; has && !topic.MatchString(at.(string)) {
			t.Errorf("%s has the %s %q", of, key, at)
		}
	}
	if id := got["unique_id"].(string); unique[id] {
		t.Errorf("%s: %s is there twice", of, id)
	} else {
		unique[id] = true
	}
	class, _ := got["device_class"].(string)
	if class != "" && !slices.Contains(p.DeviceClasses, class) {
		t.Errorf("%s is of the class %q", of, class)
	}
	if category, has := got["entity_category"]; has && !slices.Contains(p.EntityCategories, category.(string)) {
		t.Errorf("%s is of the category %v: a %v of that is refused", of, category, got["platform"])
	}
	if units, limited := p.Units[class]; limited && !slices.Contains(units, got["unit_of_measurement"].(string)) {
		t.Errorf("%s is measured in %v", of, got["unit_of_measurement"])
	}
	_, enum := got["options"]
	if enum != (class == "enum") || enum && (got["state_class"] != nil || got["unit_of_measurement"] != nil) {
		t.Errorf("%s has options, or none, beside %v", of, got)
	}
}

// What is in a unique id or a topic is in people's Home Assistants: it never changes.
func TestUniqueIDsAreOfTheCameraAloneWhateverItsNameAndRecorder(t *testing.T) {
	ids := func(tp topics, c Camera) (list []string) {
		var a announcement
		if err := json.Unmarshal(tp.announceCamera(c, About{}), &a); err != nil {
			t.Fatal(err)
		}
		list = append(list, a.Device.Identifiers...)
		for _, key := range slices.Sorted(maps.Keys(a.Components)) {
			list = append(list, a.Components[key].UniqueID)
		}
		return list
	}
	before := ids(topics{"homeassistant", "one"}, Camera{ID: "0800c00128F8", Name: "Front door"})
	if after := ids(topics{"ha", "two"}, Camera{ID: "0800c00128F8", Name: "Garage", Model: "A9"}); !slices.Equal(before, after) {
		t.Errorf("got %q, were %q", after, before)
	}
	if want := "v720dvr_0800c00128F8_motion"; !slices.Contains(before, want) {
		t.Errorf("%s is not in %q", want, before)
	}
}
