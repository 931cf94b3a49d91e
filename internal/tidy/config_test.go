package tidy

import (
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"v720dvr/internal/config"
)

func TestConfigTomlStandsAtTheDefaultsAndExplainsEveryKey(t *testing.T) {
	loaded, err := config.Load(config.LoadOptions{File: filepath.Join(root, "config.toml"), Explicit: true})
	if err != nil {
		t.Fatal(err)
	}
	if changed := config.Diff(config.Default(), loaded.Config); !reflect.DeepEqual(loaded.Config, config.Default()) {
		t.Errorf("not at their defaults: %v", changed)
	}
	lines := strings.Split(string(read(t, "config.toml")), "\n")
	for _, key := range config.Keys() {
		line := loaded.Origin(key).Line
		if line == 0 {
			t.Errorf("%s is missing", key)
			continue
		}
		if !strings.HasPrefix(lines[line-2], "# ") {
			t.Errorf("config.toml:%d: %s: no comment stands above it", line, key)
		}
	}
}

// What a user gets by taking the "#" away must be right too. Examples are the lines with no
// space behind it.
func TestExamplesInConfigTomlAreRight(t *testing.T) {
	uncommented := regexp.MustCompile(`(?m)^#([^# \n])`).ReplaceAll(read(t, "config.toml"), []byte("$1"))
	file := filepath.Join(t.TempDir(), "config.toml")
	if err := os.WriteFile(file, uncommented, 0o600); err != nil {
		t.Fatal(err)
	}
	loaded, err := config.Load(config.LoadOptions{File: file, Explicit: true})
	if err != nil {
		t.Fatal(err)
	}
	if c := loaded.Config; len(c.Cameras) == 0 || len(c.Schedules) == 0 || len(c.Hooks) == 0 {
		t.Errorf("got %d cameras, %d schedules and %d hooks, want an example of each", len(c.Cameras), len(c.Schedules), len(c.Hooks))
	}
}
