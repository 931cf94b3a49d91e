package config

import (
	"bytes"
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"v720dvr/camera"
)

// again prints and loads.
func again(t interface{ Fatalf(string, ...any) }, loaded Loaded, origin bool) Config {
	var text bytes.Buffer
	if err := Print(&text, loaded, origin); err != nil {
		t.Fatalf("print: %v", err)
	}
	got, err := load(LoadOptions{File: "printed.toml"}, text.Bytes())
	if err != nil {
		t.Fatalf("load what was printed: %v\n%s", err, &text)
	}
	return got.Config
}

func TestWhatIsPrintedLoadsToTheSame(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := drawConfig(t)
		if err := Validate(want); err != nil {
			t.Fatalf("the test made a config that is not valid: %v", err)
		}
		// Origins of any shape may stand behind the values, a strange file name too.
		origins := map[string]Origin{"cloud.http": {Source: rapid.String().Draw(t, "file"), Line: 1}}
		for _, origin := range []bool{false, true} {
			if got := again(t, Loaded{Config: want, Origins: origins}, origin); !reflect.DeepEqual(got, want) {
				t.Fatalf("got %+v\nwant %+v", got, want)
			}
		}
	})
}

func drawConfig(t *rapid.T) Config {
	c := Default()
	text := rapid.StringN(1, 20, 64).Filter(func(s string) bool { return strings.TrimSpace(s) != "" && strings.ToValidUTF8(s, "") == s })
	pick := func(of ...string) string { return rapid.SampledFrom(of).Draw(t, "one") }
	length := func(least, most Duration) Duration {
		return Duration(rapid.Int64Range(int64(least)/1e6, int64(most)/1e6).Draw(t, "ms") * 1e6)
	}
	size := func() Size {
		if rapid.Bool().Draw(t, "part") {
			return Size{Percent: Percent(rapid.Float64Range(0.001, 100).Draw(t, "percent"))}
		}
		return Size{Bytes: rapid.Int64Min(0).Draw(t, "bytes")}
	}
	thin := func() []Thin {
		var steps []Thin
		for i := range rapid.IntRange(0, 3).Draw(t, "steps") {
			steps = append(steps, Thin{After: Duration(i+1) * Duration(day), FPS: 10 / float64(i+1)})
		}
		return steps
	}
	zones := func() []Zone {
		var all []Zone
		for range rapid.IntRange(0, 2).Draw(t, "zones") {
			corner := func() Point {
				return Point{rapid.Float64Range(0, 1).Draw(t, "x"), rapid.Float64Range(0, 1).Draw(t, "y")}
			}
			all = append(all, Zone{Name: text.Draw(t, "zone"), Kind: pick("include", "exclude"), Points: []Point{corner(), corner(), corner()}, Sensitivity: 4})
		}
		return all
	}
	c.Cloud.NewCameras, c.Cloud.MaxCameras = pick("accept", "approve"), rapid.IntRange(1, 1024).Draw(t, "cameras")
	c.Storage.Dir, c.Storage.Recordings = text.Draw(t, "dir"), rapid.String().Draw(t, "recordings")
	c.Storage.Sync = length(1e8, 1e10)
	c.Recording.Mode, c.Recording.Audio = pick(ModeContinuous, ModeMotion, ModeOff), rapid.Bool().Draw(t, "audio")
	c.Recording.Preroll = length(0, Duration(60e9))
	c.Motion.MinSize, c.Motion.Zones = Percent(rapid.Float64Range(0, 100).Draw(t, "min_size")), zones()
	c.Retention.MaxAge, c.Retention.MaxSize, c.Retention.Thin = Age(length(0, Duration(longest))), size(), thin()
	for range rapid.IntRange(0, 2).Draw(t, "hooks") {
		c.Hooks = append(c.Hooks, Hook{On: []string{pick(happenings...)}, Command: []string{text.Draw(t, "command")}})
	}
	for i := range rapid.IntRange(0, 2).Draw(t, "schedules") { // none within another
		c.Schedules = append(c.Schedules, Schedule{Start: []string{"0 22 * * *", "0 4 * * *"}[i], Stop: []string{"0 6 * * *", "0 9 * * *"}[i], Mode: pick(ModeMotion, ModeOff)})
	}
	for i := range rapid.IntRange(0, 12).Draw(t, "list") { // two digits too
		one := Camera{ID: camera.ID("0800c00128" + string(rune('A'+i))), Name: string(rune('a' + i))}
		if rapid.Bool().Draw(t, "own") {
			mode, hold, steps, places := pick(ModeMotion, ModeOff), length(0, Duration(60e9)), thin(), zones()
			one.Recording.Mode, one.Motion.Hold = &mode, &hold
			one.Retention.Thin, one.Motion.Zones = &steps, &places
		}
		c.Cameras = append(c.Cameras, one)
	}
	return c
}

func TestPrintTellsWhereEachValueComesFrom(t *testing.T) {
	options := write(t, "[[camera]]\nid = \"0800c00128F8\"\n[[camera.motion.zones]]\nname = \"sky\"\nkind = \"exclude\"\npoints = [[0, 0], [1, 0], [1, 1]]\n")
	options.Flags = []Flag{{"data", "storage.dir", "/srv"}}
	options.Env = []string{"V720DVR_LOG_LEVEL=debug"}
	loaded, err := Load(options)
	if err != nil {
		t.Fatal(err)
	}
	var text strings.Builder
	if err := Print(&text, loaded, true); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"http = \":80\" # default\n",
		"dir = \"/srv\" # flag --data\n",
		"level = \"debug\" # environment V720DVR_LOG_LEVEL\n",
		"\n[[camera]]\nid = \"0800c00128F8\" # config.toml:2\nname = \"0800c00128F8\" # default\n\n[camera.motion]\nzones = [{name = \"sky\", ",
		"sensitivity = 0}] # config.toml:3\n",
	} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("missing %q in\n%s", want, &text)
		}
	}
}

// FuzzLoad: no file makes Load panic, every mistake in a file has a line, and what loads prints
// as something that loads to the same.
func FuzzLoad(f *testing.F) {
	for _, text := range []string{
		"", "[cloud]\nhttp = ':81'\n", "[[camera]]\nid = \"0800c00128F8\"\n[camera.recording]\nmode = \"off\"\n",
		"cloud.http = \":1\"\n[retention]\nthin = [{after = \"7d\", fps = 2}]\n", "camera = [{id = \"0800c00128F8\"}, {id = \"0800c00128F9\", motion.zones = []}]\n",
		"[[hook]]\non = [\"a\"]\nurl = \"http://a\"\n", "\"cloud::http\" = \":1\"\n", "[cloud]\n\"http.x\" = 1\n\"a[0]\" = 2\n", "[[camera.motion.zones]]\n", "[a]\n[a]\n", "x = [[[[1]]]]\n",
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		loaded, err := load(LoadOptions{File: "config.toml"}, data)
		if err != nil {
			for _, one := range flatten(err) {
				if p, ok := one.(*Problem); !ok || p.Where.Line < 1 || p.Where.Line > bytes.Count(data, []byte("\n"))+1 {
					t.Errorf("%q: no line in %v", data, one)
				}
			}
			return
		}
		if got := again(t, loaded, true); !reflect.DeepEqual(got, loaded.Config) {
			t.Errorf("%q: printed and loaded\n%+v\nwant\n%+v", data, got, loaded.Config)
		}
	})
}
