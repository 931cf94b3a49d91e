package config

import (
	"reflect"
	"slices"
	"strings"
)

// Diff names the keys that differ between two configurations, sorted. A camera's are named by
// its id, "camera.0800c00128F8.recording.mode", so that their order in the file does not matter;
// [[hook]] and [[schedule]] are one key each.
func Diff(a, b Config) []string {
	before, after := flat(a), flat(b)
	var changed []string
	for key, value := range before {
		if other, there := after[key]; !there || other != value {
			changed = append(changed, key)
		}
	}
	for key := range after {
		if _, there := before[key]; !there {
			changed = append(changed, key)
		}
	}
	slices.Sort(changed)
	return changed
}

// Changed tells whether a key of the whole box has a value other than its default. A key that
// is written down with its default, as all are in the config.toml that comes with v720dvr, has
// an Origin and is not changed.
func (l Loaded) Changed(key string) bool {
	return slices.Contains(Diff(Default(), l.Config), key)
}

// flat maps the keys of a Config to their values as text. A key that is there has a value.
func flat(c Config) map[string]string {
	all := map[string]string{}
	for _, l := range leaves(reflect.ValueOf(c), "") {
		_, key := split(l.name)
		all[stable(c, l.name)] += key + " = " + literal(l.value) + "\n" // a list gathers its elements
	}
	return all
}

// stable names a leaf without its place in a list.
func stable(c Config, name string) string {
	for i, own := range c.Cameras {
		if rest, ok := strings.CutPrefix(name, element("camera", i)+"."); ok {
			return "camera." + string(own.ID) + "." + rest
		}
	}
	list, _, isList := strings.Cut(name, "[")
	if isList {
		return list
	}
	return name
}
