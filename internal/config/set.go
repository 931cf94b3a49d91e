package config

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/go-viper/mapstructure/v2"

	"v720dvr/camera"
)

// Setting is a value that was set through page or API. It stands above the file, and below environment
// and flags; a camera's own stands above all that is said for the whole box.
type Setting struct {
	Camera camera.ID       // "" for the whole box
	Key    string          // "recording.segment"; of a camera also "name"
	Value  json.RawMessage // as in the file: durations and sizes are texts, lists are lists
}

// Settable lists the keys that a Setting of the whole box can have, or one of a camera: all that have
// one place and are not fixed at the start, and the lists of tables that are set as a whole.
func Settable(ofCamera bool) []string {
	var keys []string
	var walk func(t reflect.Type, prefix string)
	walk = func(t reflect.Type, prefix string) {
		for i := range t.NumField() {
			field := t.Field(i)
			name := join(prefix, field.Tag.Get("toml"))
			_, list := tableType(field.Type)
			switch {
			case isTable(field.Type):
				walk(field.Type, name)
			case field.Tag.Get("fixed") != "", name == "id", prefix == "" && list && field.Tag.Get("set") != "whole":
			default:
				keys = append(keys, name)
			}
		}
	}
	if ofCamera {
		walk(reflect.TypeFor[Camera](), "")
	} else {
		walk(reflect.TypeFor[Config](), "")
	}
	return keys
}

// AtStart tells whether a key is read once, when v720dvr starts, and has an effect then.
func AtStart(key string) bool {
	return slices.Contains(effective, key) && keyTypes()[key].Tag.Get("fixed") != ""
}

// InFile tells whether the file has a [[camera]] with this id; one that was only set has none.
func (l Loaded) InFile(id camera.ID) bool {
	for i, own := range l.Config.Cameras {
		if own.ID == id {
			return l.Origin(element("camera", i)+".id").Source != setSource
		}
	}
	return false
}

// write writes settings over what was read. Those that environment or flags decide are looked at, and
// have no effect.
func (l *loader) write(set []Setting) {
	for i, s := range set {
		name := s.Key
		if s.Camera != "" {
			name = element("camera", l.cameraAt(s.Camera)) + "." + s.Key
		}
		l.set[name] = i
		if !slices.Contains(Settable(s.Camera != ""), s.Key) {
			l.report(name, "cannot be set; it is no key, or one of config.toml alone")
			continue
		}
		field := l.field(name)
		if kind := l.loaded.Origins[name].Kind(); kind == FromEnvironment || kind == FromFlag {
			field = reflect.New(field.Type()).Elem()
		} else {
			l.owns(name)
		}
		value, err := fromJSON(s.Value)
		if err == nil {
			err = assign(field, value)
		}
		if err == nil && s.Camera == "" {
			err = checkTag(keyTypes()[name].Tag, field)
		}
		for _, bad := range flatten(err) {
			key, at := name, (*mapstructure.DecodeError)(nil)
			if errors.As(bad, &at) {
				bad = at.Unwrap()
				if strings.HasPrefix(at.Name(), "[") { // of a list: an element of it, or what stands there
					key += at.Name()
				}
			}
			l.report(key, fmt.Sprintf("%v; %s", bad, advice(common(key))))
		}
		if s.Camera == "" {
			l.ownsElements(s.Key)
		}
	}
}

// ownsElements notes of each key in a list of tables that was set as a whole that it was.
func (l *loader) ownsElements(list string) {
	for _, leaf := range leaves(reflect.ValueOf(l.loaded.Config), "") {
		if strings.HasPrefix(leaf.name, list+"[") {
			l.loaded.Origins[leaf.name] = Origin{Source: setSource}
		}
	}
}

// owns notes that a key was set, and that what the file says in its list is gone.
func (l *loader) owns(name string) {
	maps.DeleteFunc(l.loaded.Origins, func(key string, _ Origin) bool { return strings.HasPrefix(key, name+"[") })
	l.loaded.Origins[name] = Origin{Source: setSource}
}

// cameraAt is the place of a camera in the Config; without one it gets one.
func (l *loader) cameraAt(id camera.ID) int {
	c := &l.loaded.Config
	i := slices.IndexFunc(c.Cameras, func(own Camera) bool { return own.ID == id })
	if i < 0 {
		i = len(c.Cameras)
		c.Cameras = append(c.Cameras, Camera{ID: id})
		l.loaded.Origins[element("camera", i)+".id"] = Origin{Source: setSource}
	}
	return i
}

// field is the place of a key that can be set.
func (l *loader) field(name string) reflect.Value {
	of := reflect.ValueOf(&l.loaded.Config).Elem()
	if rest, ok := strings.CutPrefix(name, "camera["); ok {
		number, key, _ := strings.Cut(rest, "].")
		i, _ := strconv.Atoi(number) // element wrote it
		return lookup(of.FieldByName("Cameras").Index(i), key)
	}
	return lookup(of, name)
}

// lookup finds a key below a struct; it must be there.
func lookup(of reflect.Value, key string) reflect.Value {
	first, rest, more := strings.Cut(key, ".")
	for i := range of.NumField() {
		if of.Type().Field(i).Tag.Get("toml") != first {
			continue
		}
		if more {
			return lookup(of.Field(i), rest)
		}
		return of.Field(i)
	}
	panic("config: there is no key " + key)
}

// assign decodes a value as if it stood in the file.
func assign(field reflect.Value, value any) error {
	to := field.Type()
	if to.Kind() == reflect.Pointer {
		to = to.Elem()
	}
	decoded := reflect.New(to)
	options := &mapstructure.DecoderConfig{Result: decoded.Interface(), ErrorUnused: true}
	strictly(options)
	decoder, err := mapstructure.NewDecoder(options)
	if err != nil {
		return err
	}
	if err := decoder.Decode(value); err != nil {
		return err
	}
	if field.Kind() == reflect.Pointer {
		field.Set(decoded)
	} else {
		field.Set(decoded.Elem())
	}
	return nil
}

// fromJSON reads a value as a TOML decoder gives it.
func fromJSON(text json.RawMessage) (any, error) {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber() // 5 and 5.0 are two things
	var value any
	if err := decoder.Decode(&value); err != nil {
		return nil, fmt.Errorf("is no JSON: %w", err)
	}
	return asTOML(value)
}

func asTOML(value any) (_ any, err error) {
	switch v := value.(type) {
	case nil:
		return nil, errors.New("null is no value")
	case json.Number:
		if whole, err := strconv.ParseInt(v.String(), 10, 64); err == nil {
			return whole, nil
		}
		return strconv.ParseFloat(v.String(), 64)
	case []any:
		for i := range v {
			if v[i], err = asTOML(v[i]); err != nil {
				return nil, err
			}
		}
	case map[string]any:
		for key := range v {
			if v[key], err = asTOML(v[key]); err != nil {
				return nil, err
			}
		}
	}
	return value, nil
}
