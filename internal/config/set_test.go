package config

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"v720dvr/camera"
)

func setTo(id camera.ID, key, value string) Setting {
	return Setting{Camera: id, Key: key, Value: json.RawMessage(value)}
}

const door = camera.ID("0800c00128F8")

func TestWhatIsSetStandsAboveTheFileAndBelowTheEnvironment(t *testing.T) {
	options := LoadOptions{
		File: "config.toml", Env: []string{"V720DVR_RECORDING_MODE=off"}, Flags: []Flag{{"level", "log.level", "warn"}},
		Set: []Setting{
			setTo("", "recording.mode", `"continuous"`), setTo("", "log.level", `"debug"`), setTo("", "recording.segment", `"1m"`),
			setTo("", "motion.zones", `[{"name":"sky","kind":"exclude","points":[[0,0],[1,0],[0.5,1]]}]`),
			setTo(door, "name", `"front door"`), setTo(door, "recording.audio", `false`), setTo(door, "motion.sensitivity", `7`),
			setTo("0800c00128F9", "retention.max_age", `"7d"`),
		},
	}
	loaded, err := load(options, []byte("[recording]\nsegment = \"10m\"\npreroll = \"3s\"\n[motion]\nzones = [{name = \"a\", kind = \"include\", points = [[0,0],[1,0],[1,1]]}]\n[[camera]]\nid = \"0800c00128F8\"\nname = \"door\"\n"))
	if err != nil || len(loaded.LeftOut) > 0 {
		t.Fatal(err, loaded.LeftOut)
	}
	c := loaded.Config
	if c.Recording.Mode != ModeOff || c.Log.Level != "warn" || c.Recording.Segment.String() != "1m" || c.Recording.Preroll.String() != "3s" ||
		len(c.Motion.Zones) != 1 || c.Motion.Zones[0].Name != "sky" {
		t.Errorf("got %+v %+v", c.Recording, c.Motion)
	}
	if d := c.Camera(door); d.Name != "front door" || d.Recording.Audio || d.Motion.Sensitivity != 7 {
		t.Errorf("got %+v of the camera of the file", d)
	}
	if d := c.Camera("0800c00128F9"); d.Name != "0800c00128F9" || d.Retention.MaxAge.String() != "7d" {
		t.Errorf("got %+v of the camera that only was set", d)
	}
	for key, want := range map[string]string{
		"recording.mode": "environment V720DVR_RECORDING_MODE", "log.level": "flag --level", "recording.segment": "set", "recording.preroll": "config.toml:3",
		"motion.zones": "set", "motion.zones[0].name": "default", "camera[0].name": "set", "camera[0].id": "config.toml:7", "camera[1].id": "set", "camera[1].name": "default",
	} {
		if got := loaded.Origin(key).String(); got != want {
			t.Errorf("%s comes from %s, want %s", key, got, want)
		}
	}
	if !loaded.InFile(door) || loaded.InFile("0800c00128F9") || loaded.InFile("AAAA") {
		t.Error("InFile does not tell the file's cameras from the others")
	}
}

// What cannot be is left out alone, and told with its reason.
func TestSettingsThatCannotBeAreLeftOutAlone(t *testing.T) {
	const file = "[recording]\npreroll = \"3s\"\n[[camera]]\nid = \"0800c00128F8\"\nname = \"door\"\n[[camera]]\nid = \"0800c00128F9\"\nname = \"gate\"\n" +
		"[[schedule]]\ncameras = [\"door\"]\nstart = \"0 22 * * *\"\nstop = \"0 6 * * *\"\nmode = \"off\"\n"
	good := setTo("", "log.level", `"debug"`)
	for _, test := range []struct {
		name string
		set  []Setting
		left []int
		says string
	}{
		{"a text for a length", []Setting{good, setTo("", "recording.segment", `"5 minutes"`)}, []int{1}, `"5 minutes" is no duration`},
		{"a value that does not divide an hour", []Setting{setTo("", "recording.segment", `"7m"`), good}, []int{0}, "divide an hour"},
		{"a broken number", []Setting{good, setTo("", "motion.sensitivity", `6.5`)}, []int{1}, "whole number"},
		{"out of range", []Setting{good, setTo(door, "motion.sensitivity", `11`)}, []int{1}, "out of range"},
		{"null", []Setting{good, setTo("", "motion.zones", `[null]`)}, []int{1}, "null is no value"},
		{"no JSON", []Setting{good, setTo("", "recording.mode", `loud`)}, []int{1}, "no JSON"},
		{"an unknown key in a list", []Setting{good, setTo("", "retention.thin", `[{"after":"7d","fps":2,"more":1}]`)}, []int{1}, "more"},
		{"a wrong value in a list", []Setting{good, setTo(door, "motion.zones", `[{"name":"a","kind":"sky","points":[[0,0],[1,0],[1,1]]}]`)}, []int{1}, `"sky" is not known`},
		{"a key that is none", []Setting{good, setTo("", "recording.modes", `"off"`)}, []int{1}, "cannot be set"},
		{"a key of the start", []Setting{good, setTo("", "web.listen", `":80"`)}, []int{1}, "cannot be set"},
		{"a table", []Setting{good, setTo("", "recording", `{}`)}, []int{1}, "cannot be set"},
		{"a list of tables", []Setting{good, setTo("", "camera", `[]`)}, []int{1}, "cannot be set"},
		{"an id", []Setting{good, setTo(door, "id", `"AAAA"`)}, []int{1}, "cannot be set"},
		{"a key of the whole box for a camera", []Setting{good, setTo(door, "log.level", `"warn"`)}, []int{1}, "cannot be set"},
		{"a camera that is none", []Setting{setTo("../etc", "name", `"a"`), good}, []int{0}, "letters and digits"},
		// The blame of these lies with a key of the file.
		{"the name of a later camera", []Setting{good, setTo(door, "name", `"gate"`)}, []int{1}, "is the name of camera"},
		{"a name that a schedule has", []Setting{good, setTo(door, "name", `"hall"`)}, []int{1}, "is no camera"},
		{"names that change places, and a mistake", []Setting{setTo(door, "name", `"gate"`), setTo("0800c00128F9", "name", `"door"`), setTo("", "recording.mode", `7`)}, []int{2}, "7 is not a text"},
		{"two that cannot be", []Setting{setTo("", "recording.mode", `"loud"`), good, setTo("0800c00128FA", "name", `"door"`)}, []int{0, 2}, `"loud" is not known`},
	} {
		loaded, err := load(LoadOptions{File: "config.toml", Set: test.set}, []byte(file))
		if err != nil {
			t.Errorf("%s: %v", test.name, err)
			continue
		}
		var left []Setting
		for _, i := range test.left {
			left = append(left, test.set[i])
		}
		var got []Setting
		for _, l := range loaded.LeftOut {
			got = append(got, l.Setting)
		}
		if !reflect.DeepEqual(got, left) || !strings.Contains(loaded.LeftOut[0].Why.Error(), test.says) {
			t.Errorf("%s: left out are %+v, want %s, which says %q", test.name, loaded.LeftOut, left, test.says)
		}
		if err := Validate(loaded.Config); err != nil {
			t.Errorf("%s: %v", test.name, err)
		}
		if slices.ContainsFunc(test.set, func(s Setting) bool { return s.Key == "log.level" && string(s.Value) == `"debug"` }) && loaded.Config.Log.Level != "debug" {
			t.Errorf("%s: the good one is left out too", test.name)
		}
	}
	over := LoadOptions{Env: []string{"V720DVR_RECORDING_PREROLL=3s"}, Set: []Setting{setTo("", "recording.preroll", `"1h"`)}}
	if loaded, err := load(over, nil); err != nil || len(loaded.LeftOut) != 1 || loaded.Origin("recording.preroll").Kind() != FromEnvironment {
		t.Errorf("a mistake below the environment: got %v, left out %+v", err, loaded.LeftOut)
	}
	if _, err := load(LoadOptions{File: "config.toml", Set: []Setting{good}}, []byte("[recording]\nsegmnt = 1\n")); err == nil || !strings.Contains(err.Error(), "config.toml:2") {
		t.Errorf("a file with a mistake and settings: got %v", err)
	}
}

func TestKeysOfTheStartCannotBeSet(t *testing.T) {
	box, own := Settable(false), Settable(true)
	for _, key := range []string{"cloud.http", "web.listen", "web.tls.made", "storage.dir", "storage.recordings", "log.format", "camera", "hook", "schedule.start"} {
		if slices.Contains(box, key) {
			t.Errorf("%s can be set", key)
		}
	}
	for _, key := range []string{"cloud.new_cameras", "recording.mode", "motion.zones", "retention.thin", "log.level", "schedule"} {
		if !slices.Contains(box, key) {
			t.Errorf("%s cannot be set", key)
		}
	}
	if !slices.Contains(own, "name") || !slices.Contains(own, "recording.preroll") || slices.Contains(own, "id") || slices.Contains(own, "retention.cron") {
		t.Errorf("of a camera can be set %q", own)
	}
	for key, want := range map[string]bool{"web.listen": true, "storage.sync": true, "rtsp.listen": true, "compat.listen": true, "log.level": false, "nonsense": false} {
		if got := AtStart(key); got != want {
			t.Errorf("%s at the start: got %v, want %v", key, got, want)
		}
	}
}

// What Values tells can be set as it is, and then all is as it was.
func TestValuesThatAreSetAsTheyAreToldChangeNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := drawConfig(t)
		loaded := Loaded{Config: want, Origins: map[string]Origin{}}
		var set []Setting
		for _, v := range loaded.Values("") {
			set = append(set, Setting{Key: v.Key, Value: v.Value})
		}
		for _, own := range want.Cameras {
			for _, v := range loaded.Values(own.ID) {
				set = append(set, Setting{Camera: own.ID, Key: v.Key, Value: v.Value})
			}
		}
		got, err := load(LoadOptions{Set: set}, nil)
		if err != nil || len(got.LeftOut) > 0 {
			t.Fatalf("%v, left out %+v", err, got.LeftOut)
		}
		if !reflect.DeepEqual(got.Config.Recording, want.Recording) || !reflect.DeepEqual(got.Config.Motion, want.Motion) || !reflect.DeepEqual(got.Config.Retention, want.Retention) ||
			!reflect.DeepEqual(got.Config.Schedules, want.Schedules) {
			t.Fatalf("got %+v\nwant %+v", got.Config, want)
		}
		for _, own := range want.Cameras {
			g, w := got.Config.Camera(own.ID), want.Camera(own.ID)
			if !reflect.DeepEqual(g, w) {
				t.Fatalf("got %+v\nwant %+v", g, w)
			}
		}
	})
}

func TestValuesTellWhatIsACamerasOwn(t *testing.T) {
	loaded, err := load(LoadOptions{File: "config.toml", Set: []Setting{setTo("", "recording.preroll", `"4s"`), setTo(door, "motion.hold", `"5s"`)}},
		[]byte("[[camera]]\nid = \"0800c00128F8\"\nname = \"door\"\nrecording.audio = false\n"))
	if err != nil {
		t.Fatal(err)
	}
	told := map[string]Value{}
	for _, v := range loaded.Values(door) {
		told[v.Key] = v
	}
	for key, want := range map[string]struct {
		value, without, kind string
		own                  bool
	}{
		"name":               {`"door"`, `"0800c00128F8"`, FromFile, true},
		"recording.audio":    {`false`, `true`, FromFile, true},
		"motion.hold":        {`"5s"`, `"2s"`, FromSet, true},
		"recording.preroll":  {`"4s"`, `"4s"`, FromSet, false},
		"motion.sensitivity": {`5`, `5`, FromDefault, false},
		"motion.zones":       {`[]`, `[]`, FromDefault, false},
	} {
		got := told[key]
		if string(got.Value) != want.value || string(got.Default) != want.without || got.Origin.Kind() != want.kind || got.Own != want.own {
			t.Errorf("%s: got %s, without %s, from %q, own %v; want %+v", key, got.Value, got.Default, got.Origin, got.Own, want)
		}
	}
	for _, v := range loaded.Values("AAAA") {
		if v.Own || v.Key == "name" && (v.Origin != Origin{} || string(v.Value) != `"AAAA"`) {
			t.Errorf("a camera that is not there: got %+v", v)
		}
	}
}

func FuzzSetting(f *testing.F) {
	for _, s := range []Setting{
		setTo("", "recording.segment", `"1m"`), setTo("", "motion.zones", `[{"name":"a","kind":"include","points":[[0,0],[1,0],[1,1]]}]`), setTo(door, "retention.thin", `[{"after":"7d","fps":1e2}]`),
		setTo(door, "name", `"a\u0000/.."`), setTo("..", "motion.min_size", `5`), setTo("", "", `{"a":[[[1]]]}`), setTo("A", "motion.sensitivity", `1e999`),
	} {
		f.Add(string(s.Camera), s.Key, string(s.Value))
	}
	f.Fuzz(func(t *testing.T, id, key, value string) {
		loaded, err := load(LoadOptions{Set: []Setting{setTo(camera.ID(id), key, value), setTo("", "log.level", `"debug"`)}}, nil)
		if err != nil || loaded.Config.Log.Level != "debug" && key != "log.level" {
			t.Fatalf("%q %q %q: %v, %+v", id, key, value, err, loaded.LeftOut)
		}
		if err := Validate(loaded.Config); err != nil {
			t.Errorf("%q %q %q: %v", id, key, value, err)
		}
	})
}

const nights = `[{"start":"0 22 * * *","stop":"0 6 * * *","mode":"off"}]`

// A list of tables that is set stands in the place of the file's, all of it.
func TestSchedulesAreSetAsOneList(t *testing.T) {
	const file = "[[schedule]]\nstart = \"0 8 * * *\"\nstop = \"0 9 * * *\"\nmode = \"motion\"\n[[schedule]]\nstart = \"0 10 * * *\"\nstop = \"0 11 * * *\"\nmode = \"off\"\n"
	for _, test := range []struct {
		name, set, value, origin string
		of                       map[string]string
	}{
		{"only the file", "", `[{"cameras":[],"mode":"motion","start":"0 8 * * *","stop":"0 9 * * *"},{"cameras":[],"mode":"off","start":"0 10 * * *","stop":"0 11 * * *"}]`, "config.toml:1",
			map[string]string{"schedule[0].start": "config.toml:2", "schedule[1].mode": "config.toml:8"}},
		{"a list", nights, `[{"cameras":[],"mode":"off","start":"0 22 * * *","stop":"0 6 * * *"}]`, "set",
			map[string]string{"schedule[0].start": "set", "schedule[0].mode": "set", "schedule[1].mode": "default"}},
		{"an empty list", `[]`, `[]`, "set", map[string]string{"schedule[0].start": "default"}},
	} {
		options := LoadOptions{File: "config.toml"}
		if test.set != "" {
			options.Set = []Setting{setTo("", "schedule", test.set)}
		}
		loaded, err := load(options, []byte(file))
		if err != nil || len(loaded.LeftOut) > 0 {
			t.Fatalf("%s: %v, left out %+v", test.name, err, loaded.LeftOut)
		}
		values := loaded.Values("")
		v := values[slices.IndexFunc(values, func(v Value) bool { return v.Key == "schedule" })]
		if string(v.Value) != test.value || string(v.Default) != "[]" || v.Origin.String() != test.origin {
			t.Errorf("%s: got %+v from %s", test.name, v, v.Origin)
		}
		for key, want := range test.of {
			if got := loaded.Origin(key).String(); got != want {
				t.Errorf("%s: %s comes from %s, want %s", test.name, key, got, want)
			}
		}
		var printed strings.Builder
		if err := Print(&printed, loaded, true); err != nil || test.set == nights && !strings.Contains(printed.String(), `start = "0 22 * * *" # set`) {
			t.Errorf("%s: %v, printed\n%s", test.name, err, &printed)
		}
	}
}

// What is wrong in a list is told of each entry, and the list is left out as a whole: half a schedule is none.
func TestWhatIsWrongWithSchedulesIsToldByEntry(t *testing.T) {
	for _, test := range []struct {
		name, set string
		places    []string
		says      string
	}{
		{"no cron line", `[{"start":"0 22 * * *","stop":"0 6 * * *","mode":"off"},{"start":"at night","stop":"0 6 * * *","mode":"loud"}]`, []string{"schedule[1].start", "schedule[1].mode"}, "at night"},
		{"one behind that covers it", `[{"start":"0 22 * * *","stop":"0 6 * * *","mode":"off"},{"start":"0 21 * * *","stop":"0 7 * * *","mode":"motion"}]`, []string{"schedule[0]"}, "number 2"},
		{"never closes", `[{"start":"0 0 * * *","stop":"0 0 * * *","mode":"off"}]`, []string{"schedule[0].stop"}, "never closes"},
		{"nobody", `[{"cameras":["attic"],"start":"0 22 * * *","stop":"0 6 * * *","mode":"off"}]`, []string{"schedule[0].cameras"}, "no camera"},
		{"a key that is none", `[{"start":"0 22 * * *","stop":"0 6 * * *","mode":"off"},{"begin":"0 22 * * *","stop":"0 6 * * *","mode":"off"}]`, []string{"schedule[1]"}, "begin"},
		{"a number", `[{"start":22,"stop":"0 6 * * *","mode":"off"}]`, []string{"schedule[0].start"}, "text"},
		{"no list", `"never"`, []string{"schedule"}, ""},
	} {
		loaded, err := load(LoadOptions{Set: []Setting{setTo("", "schedule", test.set), setTo("", "log.level", `"debug"`)}}, nil)
		if err != nil || len(loaded.LeftOut) != 1 || len(loaded.Config.Schedules) > 0 || loaded.Config.Log.Level != "debug" {
			t.Errorf("%s: %v, left out %+v, in force %+v", test.name, err, loaded.LeftOut, loaded.Config.Schedules)
			continue
		}
		left := loaded.LeftOut[0]
		var places []string
		for _, p := range left.All {
			places = append(places, left.Place(p))
		}
		if !slices.Equal(places, test.places) || !strings.Contains(left.Why.Text, test.says) || left.Why != left.All[0] {
			t.Errorf("%s: wrong is %q at %q, want %q", test.name, left.Why.Text, places, test.places)
		}
	}
}
