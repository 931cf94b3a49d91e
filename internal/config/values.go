package config

import (
	"encoding"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"

	"v720dvr/camera"
)

// Value is a key that can be set, with what is in force.
type Value struct {
	Key     string
	Value   json.RawMessage // in the form of Setting.Value
	Default json.RawMessage // without any setting; of a camera: what is in force for the whole box
	Origin  Origin          // of the value
	Own     bool            // of a camera: it has a value of its own
}

// Values lists the keys that can be set: of the whole box with the id "", else of a camera.
func (l Loaded) Values(id camera.ID) []Value {
	if id == "" {
		return l.boxValues()
	}
	prefix := ""
	for i, own := range l.Config.Cameras {
		if own.ID == id {
			prefix = element("camera", i) + "."
		}
	}
	settings := l.Config.Camera(id)
	box, mine := reflect.ValueOf(l.Config), l.Config
	mine.Recording, mine.Motion, mine.Retention, mine.Archive = settings.Recording, settings.Motion, settings.Retention, settings.Archive
	var list []Value
	for _, key := range Settable(true) {
		v := Value{Key: key}
		v.Origin, v.Own = l.Origins[prefix+key]
		v.Own = v.Own && prefix != ""
		switch alone, is := map[string][2]any{ // keys that the whole box does not have
			"name": {settings.Name, string(id)}, "motor": {settings.Motor, false}, "speaker": {settings.Speaker, false},
		}[key]; {
		case is:
			v.Value, v.Default = toJSON(reflect.ValueOf(alone[0])), toJSON(reflect.ValueOf(alone[1]))
			if !v.Own {
				v.Origin = Origin{}
			}
		default:
			v.Value, v.Default = toJSON(lookup(reflect.ValueOf(mine), key)), toJSON(lookup(box, key))
			if !v.Own {
				v.Origin = l.Origin(key)
			}
		}
		list = append(list, v)
	}
	return list
}

func (l Loaded) boxValues() (list []Value) {
	values, defaults := reflect.ValueOf(l.Config), reflect.ValueOf(Default())
	for _, key := range Settable(false) {
		list = append(list, Value{Key: key, Value: toJSON(lookup(values, key)), Default: toJSON(lookup(defaults, key)), Origin: l.originOfAll(key)})
	}
	return list
}

// originOfAll is the Origin of a key, or of a list of tables: the place where its first element stands.
func (l Loaded) originOfAll(key string) Origin {
	first, is := l.Origins[key]
	for name, origin := range l.Origins {
		if !is && strings.HasPrefix(name, key+"[") && (first == Origin{} || origin.Line < first.Line) {
			first = origin
		}
	}
	return first
}

// toJSON writes a value so that fromJSON reads it.
func toJSON(v reflect.Value) json.RawMessage {
	text, err := json.Marshal(plainJSON(v))
	if err != nil { // a Config that was checked has no infinite numbers
		panic(fmt.Sprintf("config: write %v as JSON: %v", v, err))
	}
	return text
}

func plainJSON(v reflect.Value) any {
	if text, ok := v.Interface().(encoding.TextMarshaler); ok {
		written, _ := text.MarshalText() // ours never fail
		return string(written)
	}
	switch v.Kind() {
	case reflect.Slice, reflect.Array:
		list := make([]any, v.Len())
		for i := range list {
			list[i] = plainJSON(v.Index(i))
		}
		return list
	case reflect.Struct:
		table := make(map[string]any)
		for i := range v.NumField() {
			table[v.Type().Field(i).Tag.Get("toml")] = plainJSON(v.Field(i))
		}
		return table
	}
	return v.Interface()
}
