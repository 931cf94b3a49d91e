package config

import (
	"encoding"
	"reflect"
	"strings"
)

// A leaf is one key of a Config with its value. The elements of [[camera]], [[hook]] and
// [[schedule]] have leaves of their own, "camera[0].recording.mode"; lists in a table are one.
type leaf struct {
	name  string
	tag   reflect.StructTag
	value reflect.Value
}

// leaves lists the keys of a struct in the order of its fields; keys that a camera leaves to
// the whole box are not among them.
func leaves(of reflect.Value, prefix string) []leaf {
	var all []leaf
	for i := range of.NumField() {
		field, value := of.Type().Field(i), of.Field(i)
		name := join(prefix, field.Tag.Get("toml"))
		if value.Kind() == reflect.Pointer {
			if value.IsNil() {
				continue
			}
			value = value.Elem()
		}
		switch {
		case isTable(value.Type()):
			all = append(all, leaves(value, name)...)
		case of.Type() == reflect.TypeFor[Config]() && value.Kind() == reflect.Slice:
			for j := range value.Len() {
				all = append(all, leaves(value.Index(j), element(name, j))...)
			}
		default:
			all = append(all, leaf{name: name, tag: field.Tag, value: value})
		}
	}
	return all
}

// boxKeys are the keys that are not in a list, with their defaults.
func boxKeys() []leaf {
	defaults := Default()
	return leaves(reflect.ValueOf(defaults), "")
}

// keyTypes maps every key, tables and lists included and without indexes ("camera.name"), to
// the field that holds it.
func keyTypes() map[string]reflect.StructField {
	all := map[string]reflect.StructField{}
	var walk func(t reflect.Type, prefix string)
	walk = func(t reflect.Type, prefix string) {
		for i := range t.NumField() {
			field := t.Field(i)
			name := join(prefix, field.Tag.Get("toml"))
			all[name] = field
			if inner, _ := tableType(field.Type); inner != nil {
				walk(inner, name)
			}
		}
	}
	walk(reflect.TypeFor[Config](), "")
	return all
}

// tableType is the struct behind a table, a list of tables or a pointer to either; nil when t
// is a plain value.
func tableType(t reflect.Type) (inner reflect.Type, list bool) {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if t.Kind() == reflect.Slice {
		t, list = t.Elem(), true
	}
	if isTable(t) {
		return t, list
	}
	return nil, false
}

func isTable(t reflect.Type) bool { return t.Kind() == reflect.Struct && !isText(t) }

// isText tells the types that are written as a TOML string of a form of their own.
func isText(t reflect.Type) bool {
	return reflect.PointerTo(t).Implements(reflect.TypeFor[encoding.TextUnmarshaler]())
}

func join(prefix, name string) string {
	if prefix == "" {
		return name
	}
	return prefix + "." + name
}

// plain takes the indexes out of a key: "camera[0].name" is the key camera.name.
func plain(name string) string {
	for {
		open := strings.IndexByte(name, '[')
		if open < 0 {
			return name
		}
		end := strings.IndexByte(name[open:], ']')
		if end < 0 {
			return name
		}
		name = name[:open] + name[open+end+1:]
	}
}

// common is the key of the whole box behind a camera's own: "camera[0].motion.hold" gives
// motion.hold. Other keys come back as they are, without indexes.
func common(name string) string {
	name = plain(name)
	if rest, ok := strings.CutPrefix(name, "camera."); ok && strings.Contains(rest, ".") {
		return rest
	}
	return name
}
