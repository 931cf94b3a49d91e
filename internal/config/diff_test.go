package config

import (
	"slices"
	"testing"

	"v720dvr/camera"
)

func cameraID(text string) camera.ID { return camera.ID(text) }

func mustLoad(t *testing.T, text string) Loaded {
	t.Helper()
	loaded, err := load(LoadOptions{File: "config.toml"}, []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return loaded
}

const twoCameras = "[[camera]]\nid = \"AAAA\"\n[camera.motion]\nhold = \"3s\"\n[[camera]]\nid = \"BBBB\"\nname = \"door\"\n"

var differences = []struct {
	name, before, after string
	want                []string
}{
	{"nothing", "[log]\nlevel = \"info\"\n", "", nil},
	{"keys", "[log]\nlevel = \"warn\"\n", "[recording]\naudio = false\n", []string{"log.level", "recording.audio"}},
	{"a list in a table", "", "[retention]\nthin = [{after = \"7d\", fps = 2}]\n", []string{"retention.thin"}},
	{"a hook", "", "[[hook]]\non = [\"segment\"]\nurl = \"http://a\"\n", []string{"hook"}},
	{"the second hook's url", "[[hook]]\non = [\"segment\"]\nurl = \"http://a\"\n[[hook]]\non = [\"segment\"]\nurl = \"http://a\"\n",
		"[[hook]]\non = [\"segment\"]\nurl = \"http://a\"\n[[hook]]\non = [\"segment\"]\nurl = \"http://b\"\n", []string{"hook"}},
	{"cameras in another order", twoCameras, "[[camera]]\nid = \"BBBB\"\nname = \"door\"\n[[camera]]\nid = \"AAAA\"\n[camera.motion]\nhold = \"3s\"\n", nil},
	{"a name", twoCameras, twoCameras[:len(twoCameras)-6] + "gate\"\n", []string{"camera.BBBB.name"}},
	{"a camera less", twoCameras, "[[camera]]\nid = \"BBBB\"\nname = \"door\"\n", []string{"camera.AAAA.id", "camera.AAAA.motion.hold", "camera.AAAA.name"}},
}

func TestDiffNamesTheKeysThatChanged(t *testing.T) {
	for _, test := range differences {
		before, after := mustLoad(t, test.before).Config, mustLoad(t, test.after).Config
		if got := Diff(before, after); !slices.Equal(got, test.want) {
			t.Errorf("%s: got %q, want %q", test.name, got, test.want)
		}
		if got := Diff(after, before); !slices.Equal(got, test.want) {
			t.Errorf("%s, back: got %q, want %q", test.name, got, test.want)
		}
	}
}

func TestUnusedNamesWhatIsSetInVain(t *testing.T) {
	everythingUsed := "[cloud]\nhttp = \":8080\"\nmax_cameras = 3\n[web]\nlisten = \":7721\"\n[recording]\nmode = \"off\"\naudio = false\n" +
		"[[camera]]\nid = \"AAAA\"\nname = \"door\"\n[camera.recording]\nsegment = \"1m\"\nmode = \"motion\"\n[camera.motion]\nhold = \"1s\"\n" +
		"[[camera.motion.zones]]\nname = \"street\"\nkind = \"exclude\"\npoints = [[0, 0], [1, 0], [1, 0.3]]\n"
	if got := Unused(mustLoad(t, everythingUsed)); got != nil {
		t.Errorf("all of it is used, or a default: got %q", got)
	}
	all := effective
	t.Cleanup(func() { effective = all })
	effective = slices.DeleteFunc(slices.Clone(all), func(key string) bool { return key == "compat.listen" })
	got := Unused(mustLoad(t, "[compat]\nlisten = \":1\"\n[recording]\nmode = \"motion\"\n[[hook]]\non = [\"segment\"]\nurl = \"http://a\"\n"+
		"[[camera]]\nid = \"AAAA\"\n[camera.recording]\nmode = \"motion\"\n[camera.retention]\nthin = [{after = \"7d\", fps = 2}]\n"))
	want := []string{"compat.listen"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q\nwant %q", got, want)
	}
}

func TestAKeyWrittenWithItsDefaultIsNotChanged(t *testing.T) {
	loaded := mustLoad(t, "[cloud]\nhttp = \":80\"\ncontrol = \":7000\"\n")
	for key, want := range map[string]bool{"cloud.http": false, "cloud.control": true, "cloud.mqtt": false} {
		if got := loaded.Changed(key); got != want {
			t.Errorf("%s: got %v, want %v", key, got, want)
		}
	}
}

func TestEffectiveKeysExist(t *testing.T) {
	known := keyTypes()
	for _, key := range effective {
		if _, ok := known[key]; !ok {
			t.Errorf("there is no key %s", key)
		}
	}
}
