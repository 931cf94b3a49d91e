package config

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"reflect"
	"strings"

	"github.com/go-viper/mapstructure/v2"
	"github.com/spf13/viper"
)

// A loader is one load on its way.
type loader struct {
	options LoadOptions
	loaded  Loaded
	places  *positions     // nil without a file
	set     map[string]int // the settings that were written, by their place in the Config
	wrong   problems
}

// attempt decodes and checks, with these settings; what is wrong is in the loader. Data is nil when
// there is no file.
func attempt(options LoadOptions, data []byte, set []Setting) *loader {
	l := &loader{options: options, loaded: Loaded{Config: Default(), Origins: map[string]Origin{}}, set: map[string]int{}}
	// A viper of its own for every load: one that is used twice keeps keys that are gone.
	v := viper.NewWithOptions(viper.KeyDelimiter("::"))
	v.SetConfigType("toml")
	for _, key := range boxKeys() {
		v.SetDefault(viperKey(key.name), raw(key.value))
	}
	if data != nil && !l.file(v, data) {
		return l
	}
	for _, given := range outside(options, &l.wrong) {
		v.Set(viperKey(given.key), given.value)
		l.loaded.Origins[given.key] = given.origin
	}
	l.decode(v)
	l.write(set)
	l.finish()
	l.check()
	return l
}

func (l *loader) result() (Loaded, error) {
	if len(l.wrong) > 0 {
		return Loaded{}, l.wrong.err()
	}
	return l.loaded, nil
}

// file reads the file's text into v and its positions; false when it is no TOML.
func (l *loader) file(v *viper.Viper, data []byte) bool {
	l.loaded.File, l.loaded.text, l.loaded.sum = l.options.File, data, sha256.Sum256(data)
	data = withoutBOM(data)
	l.places = readPositions(l.options.File, data, &l.wrong)
	if err := v.ReadConfig(bytes.NewReader(data)); err != nil {
		l.places.unreadable(err)
		return false
	}
	for key, line := range l.places.lines {
		inner, list := tableType(l.places.known[plain(key)].Type)
		if inner == nil || list && !strings.HasSuffix(key, "]") {
			l.loaded.Origins[key] = Origin{Source: l.options.File, Line: line}
		}
	}
	return true
}

// decode fills the Config; what cannot be decoded stays at its default.
func (l *loader) decode(v *viper.Viper) {
	decode := v.UnmarshalExact
	if len(l.wrong) > 0 {
		decode = v.Unmarshal // unknown keys are reported already, with their lines
	}
	err := decode(&l.loaded.Config, strictly)
	for _, bad := range flatten(err) {
		var at *mapstructure.DecodeError
		if errors.As(bad, &at) {
			l.report(at.Name(), fmt.Sprintf("%v; %s", at.Unwrap(), advice(at.Name())))
		} else {
			l.wrong.add(Origin{Source: l.options.File}, "", "%v", bad)
		}
	}
}

// strictly has mapstructure take values as they are.
func strictly(c *mapstructure.DecoderConfig) {
	c.TagName, c.WeaklyTypedInput, c.DecodeHook = "toml", false, mapstructure.DecodeHookFuncValue(convert)
}

// check holds the Config against the rules. A rule about several keys blames the first that
// somebody wrote.
func (l *loader) check() {
	for _, f := range check(l.loaded.Config) {
		key := f.keys[0]
		for _, other := range f.keys {
			if l.locate(other) != (Origin{}) {
				key = other
				break
			}
		}
		l.report(key, f.text)
	}
}

// report adds what is wrong with a key. What nobody wrote is passed over when something else is
// wrong: viper takes an unknown key ("LOG", "log::level") for a known one.
func (l *loader) report(key, text string) {
	if where := l.locate(key); where != (Origin{}) || len(l.wrong) == 0 {
		l.wrong.add(where, key, "%s", text)
	}
}

func (l *loader) locate(key string) Origin {
	if _, ok := l.setting(key); ok {
		return Origin{Source: setSource}
	}
	if origin, ok := l.loaded.Origins[key]; ok || l.places == nil {
		return origin
	}
	return l.places.of(key)
}

// finish makes equal configurations equal: no list is nil, not empty, and a camera without a
// name is called by its id.
func (l *loader) finish() {
	c := &l.loaded.Config
	emptyToNil(reflect.ValueOf(c).Elem())
	for i := range c.Cameras {
		if _, named := l.loaded.Origins[element("camera", i)+".name"]; !named {
			c.Cameras[i].Name = string(c.Cameras[i].ID)
		}
	}
}

func emptyToNil(v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			emptyToNil(v.Elem())
		}
	case reflect.Struct:
		for i := range v.NumField() {
			emptyToNil(v.Field(i))
		}
	case reflect.Slice:
		if v.Len() == 0 {
			v.SetZero()
		}
		for i := range v.Len() {
			emptyToNil(v.Index(i))
		}
	}
}

// flatten takes the tree of joined errors apart that mapstructure returns, under one heading.
func flatten(err error) []error {
	var joined interface{ Unwrap() []error }
	if _, leaf := err.(*mapstructure.DecodeError); leaf || !errors.As(err, &joined) {
		if err == nil {
			return nil
		}
		return []error{err}
	}
	var all []error
	for _, inner := range joined.Unwrap() {
		all = append(all, flatten(inner)...)
	}
	return all
}

func viperKey(key string) string { return strings.ReplaceAll(key, ".", "::") }
