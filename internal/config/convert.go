package config

import (
	"encoding"
	"fmt"
	"reflect"
	"strings"
)

// convert is mapstructure's hook: it sees every value before it is stored. It parses our types
// and refuses what mapstructure would bend: 6.5 for a whole number, two of three coordinates.
func convert(from, to reflect.Value) (any, error) {
	t, value := to.Type(), from.Interface()
	if t.Kind() == reflect.Pointer || from.Type() == t {
		return value, nil // a pointer comes again with what it points to
	}
	if isText(t) {
		text, ok := value.(string)
		if !ok {
			return nil, wrongType(value, "a text in quotes")
		}
		parsed := reflect.New(t)
		err := parsed.Interface().(encoding.TextUnmarshaler).UnmarshalText([]byte(text))
		return parsed.Elem().Interface(), err
	}
	switch t.Kind() {
	case reflect.String:
		if from.Kind() != reflect.String {
			return nil, wrongType(value, "a text in quotes")
		}
	case reflect.Bool:
		if from.Kind() != reflect.Bool {
			return nil, wrongType(value, "true or false")
		}
	case reflect.Int:
		if !from.CanInt() {
			return nil, wrongType(value, "a whole number")
		}
	case reflect.Float64:
		if !from.CanInt() && !from.CanFloat() {
			return nil, wrongType(value, "a number")
		}
	case reflect.Array:
		if from.Kind() != reflect.Slice || from.Len() != t.Len() {
			return nil, fmt.Errorf("is not %d numbers", t.Len())
		}
	case reflect.Slice:
		if from.Kind() != reflect.Slice {
			return nil, wrongType(value, "a list")
		}
	case reflect.Struct:
		if from.Kind() != reflect.Map {
			return nil, wrongType(value, "a table")
		}
	}
	return value, nil
}

func wrongType(value any, want string) error {
	switch v := value.(type) {
	case string:
		return fmt.Errorf("%q is not %s", v, want)
	case []any:
		return fmt.Errorf("a list is not %s", want)
	case map[string]any:
		return fmt.Errorf("a table is not %s", want)
	}
	return fmt.Errorf("%v is not %s", value, want)
}

// advice says what would be right for a key: an example, and the range when it has one.
func advice(key string) string {
	tag := keyTypes()[common(key)].Tag
	if one := tag.Get("one"); one != "" {
		return "write " + quoteList(strings.Fields(one))
	}
	text := "write for example " + example(key)
	if low, high, ok := strings.Cut(tag.Get("range"), " "); ok {
		text += fmt.Sprintf(" (%s to %s)", low, high)
	}
	return text
}

// example is a value that is right for a key, as it is written in the file.
func example(key string) string {
	key = common(key)
	for _, known := range boxKeys() {
		if known.name == key && !known.value.IsZero() {
			return literal(known.value)
		}
	}
	field := keyTypes()[key]
	if one := strings.Fields(field.Tag.Get("one")); len(one) > 0 {
		return `"` + one[0] + `"`
	}
	eg := field.Tag.Get("eg")
	inner, list := tableType(field.Type)
	switch {
	case eg != "" && (isText(field.Type) || field.Type.Kind() == reflect.String):
		return `"` + eg + `"`
	case eg != "":
		return eg
	case list:
		return "[[" + key + "]]"
	case inner != nil:
		return "[" + key + "]"
	}
	return literal(reflect.Zero(field.Type))
}
