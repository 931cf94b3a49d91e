package config

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestACameraHasItsOwnSettingsAndTheBoxsElsewhere(t *testing.T) {
	loaded, err := Load(write(t, `
[recording]
segment = "10m"
[[motion.zones]]
name = "sky"
kind = "exclude"
points = [[0, 0], [1, 0], [1, 0.2]]
[[camera]]
id = "0800c00128F8"
name = "front door"
[camera.recording]
mode = "off"
[camera.motion]
zones = []
[camera.retention]
max_age = "3d"
[camera.archive]
what = "all"
[[camera]]
id = "0800c00128F9"
`))
	if err != nil {
		t.Fatal(err)
	}
	c := loaded.Config
	door := c.Camera("0800c00128F8")
	if door.Name != "front door" || door.Recording.Mode != ModeOff || time.Duration(door.Recording.Segment) != 10*time.Minute ||
		!door.Recording.Audio || len(door.Motion.Zones) != 0 || time.Duration(door.Retention.MaxAge) != 3*day || door.Retention.MinFree.Percent != 5 || door.Archive.What != "all" {
		t.Errorf("front door: %+v", door)
	}
	for _, id := range []string{"0800c00128F9", "neverSeen1"} {
		other := c.Camera(cameraID(id))
		want := CameraSettings{ID: cameraID(id), Name: id, Recording: c.Recording, Motion: c.Motion, Retention: c.Retention, Archive: c.Archive}
		if !reflect.DeepEqual(other, want) || len(other.Motion.Zones) != 1 {
			t.Errorf("%s: got %+v, want %+v", id, other, want)
		}
	}
}

// A key of [recording], [motion] or [retention] that is new belongs to cameras too, or into
// this list with a reason.
func TestCamerasCanChangeEveryKeyThatMayDiffer(t *testing.T) {
	boxOnly := []string{"retention.cron", "retention.min_free",
		"archive.s3", "archive.region", "archive.access_key", "archive.secret_file", "archive.secret_env", "archive.ca_file", "archive.style", "archive.bandwidth", "archive.delete_waits"} // there is one
	known := keyTypes()
	for _, key := range Keys() {
		table, _, _ := strings.Cut(key, ".")
		if table != "recording" && table != "motion" && table != "retention" && table != "archive" {
			continue
		}
		own, there := known["camera."+key]
		if there == slices.Contains(boxOnly, key) {
			t.Errorf("%s: a camera can change it: %v", key, there)
		}
		if there && own.Type.Elem() != known[key].Type {
			t.Errorf("%s: is %v for the box and %v for a camera", key, known[key].Type, own.Type)
		}
	}
}

func TestNamesAreFoldersOnEverySystem(t *testing.T) {
	for _, good := range []string{"front door", "Straße 5", "кухня", "a", "CONSOLE", "com", "COM10", "v1.2", strings.Repeat("x", 64)} {
		if err := checkName(good); err != nil {
			t.Errorf("%q: %v", good, err)
		}
	}
	for _, bad := range []string{
		"", " ", ".", "..", ".hidden", "a/b", `a\b`, "a:b", "a*", "a?", `a"`, "a<", "a>", "a|", "end.", "end ", " begin",
		"tab\there", "nul\x00", "del\x7f", "line\u2028", "con", "NUL", "aux.txt", "com1", "LPT9.x", "COM¹", "con .x", "Volume.json", strings.Repeat("x", 65),
	} {
		if checkName(bad) == nil {
			t.Errorf("%q was taken for the name of a folder", bad)
		}
	}
}

func TestACameraHasTheSchedulesThatNameItOrNone(t *testing.T) {
	loaded, err := Load(write(t, `
[[camera]]
id = "0800c00128F8"
name = "front door"
[[schedule]]
start = "0 22 * * *"
stop = "0 6 * * *"
mode = "motion"
[[schedule]]
cameras = ["Front Door"]
start = "0 7 * * *"
stop = "0 8 * * *"
mode = "off"
[[schedule]]
cameras = ["0800c00128F8", "0800c00128FA"]
start = "0 9 * * *"
stop = "0 10 * * *"
mode = "off"
`))
	if err != nil {
		t.Fatal(err)
	}
	for id, want := range map[string][]int{"0800c00128F8": {0, 1, 2}, "0800c00128F9": {0}, "0800c00128FA": {0, 2}} {
		if got := loaded.Config.Camera(cameraID(id)).Schedules; !slices.Equal(got, want) {
			t.Errorf("%s: got %v, want %v", id, got, want)
		}
	}
}

func TestNoMoreSchedulesThanCanBeHeldAgainstEachOther(t *testing.T) {
	one := "[[schedule]]\nstart = \"0 22 * * *\"\nstop = \"0 6 * * *\"\nmode = \"motion\"\n"
	_, err := Load(write(t, strings.Repeat(one, maxSchedules)))
	if err != nil {
		t.Errorf("%d: %v", maxSchedules, err)
	}
	_, err = Load(write(t, strings.Repeat(one, maxSchedules+1)))
	wantError(t, "one more", err, "config.toml:401: schedule: is one more than the 100")
}
