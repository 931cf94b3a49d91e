package config

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// envPrefix begins the name of every variable that is ours.
const envPrefix = "V720DVR_"

// notOurs are variables with our prefix that are no keys.
var notOurs = []string{
	"V720DVR_TEST_ALL",   // a test that would skip fails instead
	"V720DVR_TEST_WATCH", // how long tests of the page look at what lasts
}

// Variable is the environment's name of a key: cloud.http gives V720DVR_CLOUD_HTTP.
func Variable(key string) string {
	return envPrefix + strings.ToUpper(strings.ReplaceAll(key, ".", "_"))
}

// Keys lists every key that has one place: all but those of [[camera]], [[hook]], [[schedule]].
func Keys() []string {
	var names []string
	for _, key := range boxKeys() {
		names = append(names, key.name)
	}
	return names
}

// A given is a value of the environment or a flag, later ones before earlier ones.
type given struct {
	key    string
	value  any
	origin Origin
}

// outside gathers what the environment and the flags set.
func outside(options LoadOptions, wrong *problems) []given {
	types := map[string]reflect.Type{}
	byVariable := map[string]string{}
	for _, key := range boxKeys() {
		types[key.name] = key.value.Type()
		if inner, list := tableType(key.value.Type()); inner == nil && !list {
			byVariable[Variable(key.name)] = key.name
		}
	}
	var all []given
	set := func(key, text string, origin Origin) {
		value, err := fromText(text, types[key])
		if err != nil {
			wrong.add(origin, key, "%v; %s", err, advice(key))
			return
		}
		all = append(all, given{key, value, origin})
	}
	for _, pair := range options.Env {
		name, text, _ := strings.Cut(pair, "=")
		if !strings.HasPrefix(name, envPrefix) || slices.Contains(notOurs, name) {
			continue
		}
		origin := Origin{Source: "environment " + name}
		if key, ok := byVariable[name]; ok {
			set(key, text, origin)
			continue
		}
		wrong.add(origin, "", "%s", unknownVariable(name, byVariable))
	}
	for _, flag := range options.Flags {
		origin := Origin{Source: "flag --" + flag.Name}
		if types[flag.Key] == nil {
			wrong.add(origin, flag.Key, "is no key that a flag can set")
			continue
		}
		if text, ok := flag.Value.(string); ok {
			set(flag.Key, text, origin)
			continue
		}
		all = append(all, given{flag.Key, flag.Value, origin})
	}
	return all
}

func unknownVariable(name string, known map[string]string) string {
	for key, field := range keyTypes() {
		if _, list := tableType(field.Type); list && strings.HasPrefix(name+"_", Variable(key)+"_") {
			return "lists of tables have no environment form; write them into config.toml"
		}
	}
	names := make([]string, 0, len(known))
	for variable := range known {
		names = append(names, variable)
	}
	slices.Sort(names)
	if near := nearest(name, names, "_"); near != "" {
		return fmt.Sprintf("is no variable of v720dvr; did you mean %s?", near)
	}
	return "is no variable of v720dvr; they are called as the keys are: recording.segment is V720DVR_RECORDING_SEGMENT"
}

// fromText gives the text of a variable or flag the type that the same value has in a file.
func fromText(text string, t reflect.Type) (any, error) {
	if !utf8.ValidString(text) {
		return nil, fmt.Errorf("%q is not UTF-8", text)
	}
	switch {
	case isText(t):
		return text, nil
	case t.Kind() == reflect.Bool:
		if text == "true" || text == "false" {
			return text == "true", nil
		}
		return nil, fmt.Errorf("%q is neither true nor false", text)
	case t.Kind() == reflect.Int:
		n, err := strconv.Atoi(text)
		if err != nil {
			return nil, fmt.Errorf("%q is no whole number", text)
		}
		return n, nil
	}
	return text, nil
}
