package tidy

import (
	"maps"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// A rule says what a room may import besides the standard library: rooms of ours, modules of
// others, and rooms of ours that its tests may import on top.
type rule struct {
	rooms, modules, tests []string
}

// rules is the map of docs/architecture.md: imports run downhill, neighbours meet in cmd. A new
// room gets its line here before it compiles its first test.
var rules = map[string]rule{
	// A leaf: values that everyone shares.
	"camera": {},

	// cloud and recorder never meet: cmd hands the one to the other as a camera.Sink.
	"cloud": {
		rooms:   []string{"camera", "cloud/capture", "cloud/card", "cloud/v720"},
		modules: []string{"github.com/eclipse/paho.golang", "github.com/mochi-mqtt/server/v2", "golang.org/x/sys", "golang.org/x/time"},
		tests:   []string{"cloud/cloudtest"},
	},
	"cloud/v720": {},
	// What is said, as a file: made of bytes that others heard.
	"cloud/capture": {rooms: []string{"cloud/v720"}},
	// A camera's SD card, over either line to it.
	"cloud/card": {rooms: []string{"cloud/v720"}},
	// The camera on its own Wi-Fi.
	"cloud/accesspoint": {rooms: []string{"cloud/card", "cloud/v720"}, tests: []string{"cloud/cloudtest"}},
	// The simulated camera is written from docs/protocol.md: sharing the server's codec would
	// share its mistakes. It reads footage with the AVI reader.
	"cloud/cloudtest": {
		rooms: []string{"camera", "storage/avi"},
		tests: []string{"cloud"},
	},

	"recorder": {
		rooms:   []string{"camera", "recorder/live", "recorder/motion", "recorder/schedule", "storage", "storage/avi"},
		modules: []string{"golang.org/x/sys"},
		tests:   []string{"storage/storagetest"},
	},

	// Pure: pixels in, judgements out.
	"recorder/motion": {},
	// Pure: who looks now gets what comes now.
	"recorder/live": {rooms: []string{"camera"}},
	// Pure. The one room that knows how a cron line is read.
	"recorder/schedule": {modules: []string{"github.com/robfig/cron/v3"}},

	// Storage knows nothing of who records: events and tracks come to it as records.
	"storage": {
		rooms:   []string{"camera", "storage/avi", "storage/chain"},
		modules: []string{"github.com/fsnotify/fsnotify", "modernc.org/sqlite", "golang.org/x/sys"},
		tests:   []string{"storage/storagetest"},
	},
	"storage/avi": {},
	// Pure: statements, signatures, and what holds them against files.
	"storage/chain":       {rooms: []string{"storage/avi"}},
	"storage/storagetest": {rooms: []string{"storage"}},

	// Footage as files for others.
	"export": {rooms: []string{"camera", "recorder/motion", "storage", "storage/avi"}, tests: []string{"storage/storagetest"}},

	// Footage copied away. One file knows the library.
	"archive": {
		rooms:   []string{"camera", "storage"},
		modules: []string{"github.com/minio/minio-go/v7", "golang.org/x/time"},
		tests:   []string{"storage/storagetest"},
	},

	// The API, and who may. What the recorder knows and can do comes to it as an interface of its own.
	"web": {
		rooms:   []string{"camera", "docs", "export", "recorder/live", "recorder/motion", "storage", "storage/avi", "web/thumb"},
		modules: []string{"github.com/coder/websocket", "github.com/danielgtaylor/huma/v2", "golang.org/x/crypto", "golang.org/x/time"},
		tests:   []string{"storage/storagetest"},
	},

	// What others are told of what happens. It sees the recorder through its moments, and the store as a queue.
	"integration/hooks": {
		rooms: []string{"camera", "recorder/live", "storage"},
		tests: []string{"storage/avi", "storage/storagetest"},
	},

	// Figures that others count, as Prometheus takes them. It sees all rooms through one interface of its own.
	"integration/metrics": {modules: []string{"github.com/prometheus/client_golang"}},

	// The Python server's web addresses. What it reads and who may comes to it as interfaces of its own.
	"integration/compat": {rooms: []string{"camera"}, tests: []string{"recorder/live"}},

	// Cameras and box in Home Assistant, over its broker. One file knows the library.
	"integration/homeassistant": {
		rooms:   []string{"camera", "recorder/live"},
		modules: []string{"github.com/eclipse/paho.golang", "golang.org/x/time"},
	},

	// Pure: small pictures of pictures.
	"web/thumb": {},

	// What it reads and who may comes to it as interfaces of its own. gortsplib brings pion's packets.
	"integration/rtsp": {
		rooms:   []string{"camera"},
		modules: []string{"github.com/bluenviron/gortsplib/v5", "github.com/pion/rtcp", "github.com/pion/rtp"},
		tests:   []string{"recorder/live"},
	},

	// Only cmd imports internal/config: each room has Options of its own. (The test that holds
	// config.toml against the defaults is the one exception.)
	"internal/config": {
		// A cron line that nobody can read, and a zone that crosses itself, are mistakes in the configuration.
		rooms: []string{"camera", "recorder/motion", "recorder/schedule"},
		modules: []string{
			"github.com/fsnotify/fsnotify", "github.com/go-viper/mapstructure/v2",
			"github.com/pelletier/go-toml/v2", "github.com/spf13/viper",
		},
	},
	"internal/tidy": {tests: []string{"internal/config"}},
	// The packaged configuration is held against the defaults.
	"packaging":         {tests: []string{"internal/config"}},
	"packaging/notices": {},

	// A leaf: documents that the page shows.
	"docs": {},

	// The only joiner.
	"cmd/v720dvr": {
		rooms:   []string{"archive", "camera", "cloud", "cloud/v720", "cloud/accesspoint", "cloud/capture", "cloud/card", "cloud/cloudtest", "export", "integration/compat", "integration/homeassistant", "integration/hooks", "integration/metrics", "integration/rtsp", "internal/config", "recorder", "recorder/live", "recorder/motion", "recorder/schedule", "storage", "storage/avi", "storage/chain", "web"},
		modules: []string{"github.com/spf13/cobra", "github.com/spf13/pflag", "github.com/lmittmann/tint", "golang.org/x/sys"},
		tests:   []string{"storage/storagetest"},
	},
}

// testModules may be imported by the tests of any room.
var testModules = []string{"pgregory.net/rapid", "go.uber.org/goleak", "github.com/rogpeppe/go-internal", "github.com/chromedp", "go.yaml.in/yaml", "github.com/johannesboyne/gofakes3"}

func TestRoomsImportOnlyDownhill(t *testing.T) {
	for _, s := range sources(t) {
		rule, ok := rules[s.room]
		if !ok {
			continue // the next test says so, once
		}
		rooms, modules := slices.Concat(rule.rooms, []string{s.room}), rule.modules
		if isTest(s.name) {
			rooms, modules = slices.Concat(rooms, rule.tests), slices.Concat(modules, testModules)
		}
		for _, spec := range s.ast.Imports {
			pkg, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				t.Fatal(err)
			}
			first, _, _ := strings.Cut(pkg, "/")
			room, ours := strings.CutPrefix(pkg, "v720dvr/")
			switch {
			case ours && !slices.Contains(rooms, room):
				t.Errorf("%s:%d: %s may not import %s", s.name, s.line(spec.Pos()), s.room, room)
			case !ours && strings.Contains(first, ".") && !slices.ContainsFunc(modules, func(m string) bool {
				return pkg == m || strings.HasPrefix(pkg, m+"/")
			}):
				t.Errorf("%s:%d: %s may not use %s", s.name, s.line(spec.Pos()), s.room, pkg)
			}
		}
	}
}

func TestEveryRoomHasARuleAndEveryRuleARoom(t *testing.T) {
	rooms := map[string]bool{}
	for _, s := range sources(t) {
		rooms[s.room] = true
	}
	for _, room := range slices.Sorted(maps.Keys(rooms)) {
		if _, ok := rules[room]; !ok {
			t.Errorf("%s: the room has no rule; say in rooms_test.go what it may import", room)
		}
	}
	for _, room := range slices.Sorted(maps.Keys(rules)) {
		if !rooms[room] {
			t.Errorf("%s: there is a rule and no such room", room)
		}
	}
}

func TestEveryRoomStandsOnTheMap(t *testing.T) {
	var lines []string
	for _, name := range []string{"README.md", "docs/architecture.md"} {
		if exists(name) {
			lines = slices.Concat(lines, strings.Split(string(read(t, name)), "\n"))
		} else {
			t.Errorf("%s is missing, and the map with it", name)
		}
	}
	for _, room := range slices.Sorted(maps.Keys(rules)) {
		// The whole path, not as a part of a longer one, and words behind it.
		says := regexp.MustCompile(`(^|[^\w/])` + regexp.QuoteMeta(room) + `/?([^\w/].*\w.*)$`)
		if !slices.ContainsFunc(lines, says.MatchString) {
			t.Errorf("%s: no line of README.md or docs/architecture.md says what it is for; name it by its whole path", room)
		}
	}
}

func TestEveryPackageSaysWhatItIsFor(t *testing.T) {
	said := map[string]bool{}
	for _, s := range sources(t) {
		if isTest(s.name) {
			continue
		}
		begin := "Package " + s.ast.Name.Name + " "
		if s.ast.Name.Name == "main" {
			begin = "Command " + path.Base(s.room) + " "
		}
		said[s.room] = said[s.room] || strings.HasPrefix(s.ast.Doc.Text(), begin)
	}
	for _, room := range slices.Sorted(maps.Keys(said)) {
		if !said[room] {
			t.Errorf("%s: no file has a package comment (\"Package … \", for main \"Command ROOM \")", room)
		}
	}
}
