package packaging

import (
	"encoding/json"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"v720dvr/internal/config"
)

// instruction is one of a Dockerfile: https://docs.docker.com/reference/dockerfile
type instruction struct{ name, rest string }

// dockerfile reads a Dockerfile, its lines joined as Docker does.
func dockerfile(t *testing.T, name string) (list []instruction) {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	whole := ""
	for line := range strings.Lines(string(data)) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		if more, ok := strings.CutSuffix(line, `\`); ok {
			whole += more
			continue
		}
		word, rest, _ := strings.Cut(whole+line, " ")
		list = append(list, instruction{word, strings.TrimSpace(rest)})
		whole = ""
	}
	if whole != "" {
		t.Errorf("%s: ends in the middle of %q", name, whole)
	}
	return list
}

// only are the instructions of a name.
func only(list []instruction, name string) (found []string) {
	for _, i := range list {
		if i.name == name {
			found = append(found, i.rest)
		}
	}
	return found
}

// words reads the form of a command that needs no shell, which an empty image has not.
func words(t *testing.T, file, text string) (list []string) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), &list); err != nil || len(list) == 0 {
		t.Errorf("%s: %s is no list of words: %v", file, text, err)
	}
	return list
}

var knownInstructions = strings.Fields("ARG CMD COPY ENTRYPOINT ENV EXPOSE FROM HEALTHCHECK RUN STOPSIGNAL USER VOLUME WORKDIR")

// No docker is needed for what is checked here, and none builds the image in a test.
func TestDockerfilesAreSound(t *testing.T) {
	for _, file := range []struct {
		name, context, program string
		root                   bool // Home Assistant's folders are root's
	}{
		{"docker/Dockerfile", "..", "/v720dvr", false},
		{"homeassistant/v720dvr/Dockerfile", "homeassistant/v720dvr", "/usr/bin/v720dvr", true},
	} {
		list := dockerfile(t, file.name)
		stages := []string{}
		for i, in := range list {
			if !slices.Contains(knownInstructions, in.name) {
				t.Errorf("%s: %s is none of %v", file.name, in.name, knownInstructions)
			}
			if i == 0 && in.name != "FROM" && in.name != "ARG" {
				t.Errorf("%s: begins with %s", file.name, in.name)
			}
			switch in.name {
			case "FROM":
				image, stage, _ := strings.Cut(in.rest, " AS ")
				_, tag, tagged := strings.Cut(image, ":")
				if image != "scratch" && (!tagged || tag == "latest") {
					t.Errorf("%s: %s: say which version", file.name, image)
				}
				stages = append(stages, stage)
			case "RUN":
				if strings.Contains(in.rest, "apt-get install") && !(strings.Contains(in.rest, "--no-install-recommends") && strings.Contains(in.rest, "rm -rf /var/lib/apt/lists")) {
					t.Errorf("%s: installs more than is named, or leaves lists behind: %s", file.name, in.rest)
				}
			case "COPY":
				copied(t, file.name, file.context, in.rest, stages)
			case "ENV":
				name, _, _ := strings.Cut(in.rest, "=")
				if key := strings.Replace(strings.ToLower(strings.TrimPrefix(name, "V720DVR_")), "_", ".", 1); !slices.Contains(config.Keys(), key) {
					t.Errorf("%s: %s is no key of the configuration", file.name, name)
				}
			}
		}
		users := only(list, "USER")
		if len(users) != 1 || !regexp.MustCompile(`^\d+:\d+$`).MatchString(users[0]) || (users[0] == "0:0") != file.root {
			t.Errorf("%s: runs as %q, want one user by number, of root %v", file.name, users, file.root)
		}
		checks := only(list, "HEALTHCHECK")
		if len(checks) != 1 {
			t.Fatalf("%s: got health checks %q, want one", file.name, checks)
		}
		_, check, _ := strings.Cut(checks[0], "CMD ")
		for _, command := range append(only(list, "ENTRYPOINT"), check) {
			if got := words(t, file.name, command); len(got) > 0 && got[0] != file.program {
				t.Errorf("%s: starts %q, want %s", file.name, got, file.program)
			}
		}
		for _, command := range only(list, "CMD") {
			words(t, file.name, command)
		}
	}
}

// copied checks that what is copied is there: in the context, or from a stage that came before.
func copied(t *testing.T, file, context, rest string, stages []string) {
	t.Helper()
	list := strings.Fields(rest)
	for len(list) > 0 && strings.HasPrefix(list[0], "--") {
		if stage, ok := strings.CutPrefix(list[0], "--from="); ok {
			if !slices.Contains(stages[:len(stages)-1], stage) {
				t.Errorf("%s: copies from %s, which is no stage before", file, stage)
			}
			return
		}
		list = list[1:]
	}
	if len(list) < 2 {
		t.Errorf("%s: COPY %s copies nothing", file, rest)
		return
	}
	made := []string{"v720dvr-${BUILD_ARCH}", "NOTICES.txt"} // by packaging/dist
	for _, name := range list[:len(list)-1] {
		if slices.Contains(made, name) {
			continue
		}
		if _, err := os.Stat(filepath.Join(context, filepath.FromSlash(name))); err != nil {
			t.Errorf("%s: COPY %s: %v", file, name, err)
		}
	}
}

func TestImageIsBuiltWithTheGoOfTheModuleAndShowsTheCamerasPorts(t *testing.T) {
	list := dockerfile(t, "docker/Dockerfile")
	module, err := os.ReadFile("../go.mod")
	if err != nil {
		t.Fatal(err)
	}
	version := regexp.MustCompile(`(?m)^go (\d+\.\d+)`).FindSubmatch(module)
	if from := only(list, "FROM")[0]; version == nil || !strings.HasPrefix(from, "golang:"+string(version[1])+"-") {
		t.Errorf("got %s, go.mod asks for %q", from, version)
	}
	c := config.Default()
	want := []string{port(c.Cloud.HTTP) + "/tcp", port(c.Cloud.MQTT) + "/tcp", port(c.Cloud.Control) + "/tcp", port(c.Cloud.Control) + "/udp", port(c.Web.Listen) + "/tcp"}
	if got := strings.Fields(only(list, "EXPOSE")[0]); !slices.Equal(got, want) {
		t.Errorf("got ports %q, want %q", got, want)
	}
}

func port(address string) string { return address[strings.LastIndexByte(address, ':')+1:] }

func readYAML(t *testing.T, name string, into any) {
	t.Helper()
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	decoder := yaml.NewDecoder(f)
	decoder.KnownFields(true)
	if err := decoder.Decode(into); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
}

// The fields are those of https://docs.docker.com/reference/compose-file that are used; another one is a slip.
func TestComposeFileRunsTheImageOnTheHostsNetworkWithOneRight(t *testing.T) {
	var c struct {
		Services map[string]struct {
			Image           string
			Build           struct{ Context, Dockerfile string }
			NetworkMode     string `yaml:"network_mode"`
			Restart         string
			Init            bool
			StopGracePeriod string `yaml:"stop_grace_period"`
			ReadOnly        bool   `yaml:"read_only"`
			Tmpfs           []string
			CapDrop         []string `yaml:"cap_drop"`
			CapAdd          []string `yaml:"cap_add"`
			Environment     map[string]string
			Volumes         []string
		}
		Volumes map[string]any
	}
	readYAML(t, "docker/compose.yaml", &c)
	s, ok := c.Services["v720dvr"]
	if !ok || len(c.Services) != 1 {
		t.Fatalf("got services %v", c.Services)
	}
	if s.NetworkMode != "host" || !s.ReadOnly || !s.Init || !slices.Equal(s.CapDrop, []string{"ALL"}) || !slices.Equal(s.CapAdd, []string{"NET_BIND_SERVICE"}) {
		t.Errorf("got %+v", s)
	}
	if _, err := os.Stat(filepath.Join("docker", s.Build.Context, s.Build.Dockerfile)); err != nil {
		t.Error(err)
	}
	for _, v := range s.Volumes {
		from, _, _ := strings.Cut(v, ":")
		if _, named := c.Volumes[from]; !named && !strings.HasPrefix(from, ".") && !path.IsAbs(from) {
			t.Errorf("%s is a volume that is not there", from)
		}
	}
}

// https://developers.home-assistant.io/docs/add-ons/configuration
func TestAddOnSaysWhatHomeAssistantAsksFor(t *testing.T) {
	const folder = "homeassistant/v720dvr/"
	var c struct {
		Name, Version, Slug, Description string
		Arch                             []string
		Startup, Boot                    string
		HostNetwork                      bool `yaml:"host_network"`
		Ports                            map[string]int
		PortsDescription                 map[string]string `yaml:"ports_description"`
		WebUI                            string            `yaml:"webui"`
		Watchdog                         string
		Map                              []struct {
			Type     string
			ReadOnly *bool `yaml:"read_only"`
		}
		Init bool
	}
	readYAML(t, folder+"config.yaml", &c)
	if c.Name == "" || c.Version == "" || c.Description == "" || !regexp.MustCompile(`^[-_.A-Za-z0-9]+$`).MatchString(c.Slug) {
		t.Errorf("got %+v, want all four that must be there", c)
	}
	if !c.HostNetwork || c.Startup != "services" || c.Boot != "auto" {
		t.Errorf("got %+v", c)
	}
	page := port(config.Default().Web.Listen)
	if c.WebUI != "http://[HOST]:[PORT:"+page+"]" || c.Watchdog != c.WebUI+"/healthz" {
		t.Errorf("got %s and %s, want port %s", c.WebUI, c.Watchdog, page)
	}
	script, err := os.ReadFile("dist")
	if err != nil {
		t.Fatal(err)
	}
	for _, arch := range c.Arch {
		if !strings.Contains(string(script), `"$addon/v720dvr-`+arch+`"`) {
			t.Errorf("%s is named, and `make dist` makes no binary for it", arch)
		}
	}
	for _, m := range c.Map {
		if m.Type == "media" && (m.ReadOnly == nil || *m.ReadOnly) {
			t.Error("recordings go to the media folder, which cannot be written")
		}
	}
	var words struct{ Network map[string]string }
	readYAML(t, folder+"translations/en.yaml", &words)
	for name := range words.Network {
		if _, ok := c.Ports[name]; !ok {
			t.Errorf("a name for port %s, which is not there", name)
		}
	}
}
