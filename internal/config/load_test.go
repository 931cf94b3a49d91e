package config

import (
	"errors"
	"flag"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// write puts a config.toml into a folder of its own and goes there, so that messages name it
// as a user sees it.
func write(t *testing.T, text string) LoadOptions {
	t.Helper()
	t.Chdir(t.TempDir())
	if err := os.WriteFile("config.toml", []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return LoadOptions{File: "config.toml"}
}

func TestLoadWithoutAnythingGivesTheDefaults(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, options := range []LoadOptions{{}, {File: "config.toml"}, write(t, "")} {
		got, err := Load(options)
		if err != nil {
			t.Fatalf("%+v: %v", options, err)
		}
		if !reflect.DeepEqual(got.Config, Default()) || len(got.Origins) != 0 {
			t.Errorf("%+v: got %+v", options, got)
		}
	}
	if err := Validate(Default()); err != nil {
		t.Errorf("the defaults are not valid: %v", err)
	}
}

func TestLoadWantsAFileThatWasNamed(t *testing.T) {
	t.Chdir(t.TempDir())
	_, err := Load(LoadOptions{File: "mine.toml", Explicit: true})
	wantError(t, "mine.toml", err, "mine.toml: there is no such file")
	_, err = Load(LoadOptions{File: t.TempDir()})
	wantError(t, "a folder", err, "read configuration")
	if err := os.WriteFile("huge.toml", []byte(strings.Repeat("# ....\n", maxFile/7+1)), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err = Load(LoadOptions{File: "huge.toml"})
	wantError(t, "huge.toml", err, "larger than 1 MiB")
}

func TestFlagsStandBeforeEnvironmentBeforeFileBeforeDefaults(t *testing.T) {
	options := write(t, "\ufeff[storage]\r\ndir = \"file\"\r\nsync = \"2s\"\r\nrecordings = \"file\"\r\n[recording]\r\naudio = false\r\n")
	options.Env = []string{"V720DVR_STORAGE_DIR=env", "V720DVR_STORAGE_SYNC=3s", "V720DVR_TEST_ALL=1", "V720DVR_TEST_WATCH=1m", "HOME=/", "V720DVR_CLOUD_MQTT=", "V720DVR_CLOUD_BROKER=mqtt://host"}
	options.Flags = []Flag{{"data", "storage.dir", "flag"}, {"cameras", "cloud.max_cameras", 7}, {"sure", "motion.enabled", "false"}}
	got, err := Load(options)
	if err != nil {
		t.Fatal(err)
	}
	want := Default()
	want.Storage.Dir, want.Storage.Sync, want.Storage.Recordings = "flag", Duration(3e9), "file"
	want.Recording.Audio, want.Motion.Enabled, want.Cloud.MaxCameras = false, false, 7
	want.Cloud.MQTT, want.Cloud.Broker = "", "mqtt://host"
	if !reflect.DeepEqual(got.Config, want) {
		t.Errorf("got %+v\nwant %+v", got.Config, want)
	}
	for key, origin := range map[string]string{
		"storage.dir": "flag --data", "storage.sync": "environment V720DVR_STORAGE_SYNC", "storage.recordings": "config.toml:4",
		"recording.audio": "config.toml:6", "recording.mode": "default", "cloud.mqtt": "environment V720DVR_CLOUD_MQTT",
	} {
		if got := got.Origin(key).String(); got != origin {
			t.Errorf("origin of %s: got %q, want %q", key, got, origin)
		}
	}
	if got.File != "config.toml" {
		t.Errorf("file: got %q", got.File)
	}
}

// sample is a value for each type that a variable can set, other than any default.
func sample(t *testing.T, key leaf) string {
	t.Helper()
	if one := strings.Fields(key.tag.Get("one")); len(one) > 0 {
		return one[len(one)-1]
	}
	switch key.value.Type() {
	case reflect.TypeFor[bool]():
		return map[bool]string{true: "false", false: "true"}[key.value.Bool()]
	case reflect.TypeFor[int]():
		return "3"
	case reflect.TypeFor[Duration]():
		return "6s"
	case reflect.TypeFor[Percent]():
		return "7%"
	case reflect.TypeFor[Size]():
		return "3%"
	}
	if eg := key.tag.Get("eg"); eg != "" {
		return eg
	}
	return map[string]string{"listen": ":4711", "listen?": ":4711", "text": "elsewhere", "topic": "ha", "cron": "1 2 * * *"}[key.tag.Get("is")]
}

func TestEveryKeyCanBeSetByTheEnvironment(t *testing.T) {
	names := map[string]bool{}
	for _, key := range boxKeys() {
		variable := Variable(key.name)
		if names[variable] {
			t.Errorf("two keys are called %s", variable)
		}
		names[variable] = true
		if _, list := tableType(key.value.Type()); list {
			_, err := Load(LoadOptions{Env: []string{variable + "=x"}})
			wantError(t, variable, err, "lists of tables have no environment form")
			continue
		}
		env := []string{variable + "=" + sample(t, key)}
		switch key.name { // keys that contradict others when they stand alone
		case "cloud.broker":
			env = append(env, "V720DVR_CLOUD_MQTT=")
		case "web.tls.cert":
			env = append(env, "V720DVR_WEB_TLS_KEY=k")
		case "web.tls.key":
			env = append(env, "V720DVR_WEB_TLS_CERT=c")
		case "archive.s3":
			env = append(env, "V720DVR_ARCHIVE_ACCESS_KEY=k", "V720DVR_ARCHIVE_SECRET_ENV=S")
		case "web.auth":
			env = append(env, "V720DVR_WEB_LISTEN=127.0.0.1:1")
		}
		got, err := Load(LoadOptions{Env: env})
		if err != nil {
			t.Errorf("%v: %v", env, err)
			continue
		}
		changed := Diff(Default(), got.Config)
		if len(changed) != len(env) || !strings.Contains(" "+strings.Join(changed, " ")+" ", " "+key.name+" ") {
			t.Errorf("%v: changed %v", env, changed)
		}
		if want := "environment " + variable; got.Origin(key.name).String() != want {
			t.Errorf("%s: origin %q, want %q", key.name, got.Origin(key.name), want)
		}
	}
	if len(names) < 35 {
		t.Errorf("only %d keys were tried", len(names))
	}
}

func TestEveryExampleInAMessageIsRight(t *testing.T) {
	for name, field := range keyTypes() {
		inner, list := tableType(field.Type)
		if rule, _ := strings.CutSuffix(field.Tag.Get("is"), "?"); rule != "" && checks[rule] == nil {
			t.Errorf("%s: no check is called %q", name, rule)
		}
		if inner != nil && !list || strings.HasPrefix(name, "camera.") && common(name) != name {
			continue
		}
		value := reflect.New(field.Type).Elem()
		if text, ok := strings.CutPrefix(example(name), `"`); ok {
			text = strings.TrimSuffix(text, `"`)
			switch at := value.Addr().Interface().(type) {
			case interface{ UnmarshalText([]byte) error }:
				if err := at.UnmarshalText([]byte(text)); err != nil {
					t.Errorf("%s: %v", name, err)
				}
			default:
				value.SetString(text)
			}
			if err := checkTag(field.Tag, value); err != nil {
				t.Errorf("%s: the example %q: %v", name, text, err)
			}
		} else if example(name) == "" {
			t.Errorf("%s has no example", name)
		}
	}
}

func TestProblemsCanBeTakenApart(t *testing.T) {
	_, err := Load(write(t, "[log]\nlevel = \"loud\"\n"))
	var p *Problem
	if !errors.As(err, &p) || p.Key != "log.level" || p.Where != (Origin{"config.toml", 2}) {
		t.Errorf("got %+v", p)
	}
}

var update = flag.Bool("update", false, "write the .golden files anew; read the difference before you commit it")

// TestMistakesAreNamedWithLineKeyAndRemedy holds each testdata/*.toml against the messages in
// the file of the same name; V720DVR_… lines in the first comment are its environment.
func TestMistakesAreNamedWithLineKeyAndRemedy(t *testing.T) {
	files, err := filepath.Glob("testdata/*.toml")
	if err != nil || len(files) < 4 {
		t.Fatalf("got %v, %v", files, err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			options := LoadOptions{File: "config.toml"}
			for line := range strings.Lines(string(data)) {
				if pair, ok := strings.CutPrefix(line, "#env "); ok {
					options.Env = append(options.Env, strings.TrimSpace(pair))
				}
			}
			_, err = load(options, data)
			if err == nil {
				t.Fatal("no mistake was found")
			}
			got := err.Error() + "\n"
			golden := strings.TrimSuffix(file, ".toml") + ".golden"
			if *update {
				if err := os.WriteFile(golden, []byte(got), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) {
				t.Errorf("got\n%swant\n%s", got, want)
			}
		})
	}
}

func TestRTSPWithoutLogInStaysOnThisMachine(t *testing.T) {
	for listen, good := range map[string]bool{"": true, ":8554": false, "192.168.1.5:8554": false, "127.0.0.1:8554": true, "localhost:8554": true} {
		c := Default()
		c.Web.Listen, c.Web.Auth, c.RTSP.Listen = "127.0.0.1:7720", "none", listen
		if err := Validate(c); (err == nil) != good || !good && !strings.Contains(err.Error(), "rtsp.listen") {
			t.Errorf("%q: got %v", listen, err)
		}
		if c.Web.Auth = "password"; Validate(c) != nil {
			t.Errorf("%q with passwords: %v", listen, Validate(c))
		}
	}
}
