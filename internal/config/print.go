package config

import (
	"encoding"
	"fmt"
	"io"
	"reflect"
	"strconv"
	"strings"
)

// Print writes a Config as TOML that loads to the same Config; with origin, behind each value
// stands where it comes from. Passwords in addresses are not hidden: what is printed is complete.
func Print(w io.Writer, loaded Loaded, origin bool) error {
	var text strings.Builder
	table := "" // the header that is open
	for _, l := range leaves(reflect.ValueOf(loaded.Config), "") {
		header, key := split(l.name)
		if header != table {
			if table != "" {
				text.WriteByte('\n')
			}
			writeHeaders(&text, table, header)
			table = header
		}
		fmt.Fprintf(&text, "%s = %s", key, literal(l.value))
		if origin {
			fmt.Fprintf(&text, " # %s", printable(loaded.Origin(l.name).String()))
		}
		text.WriteByte('\n')
	}
	_, err := io.WriteString(w, text.String())
	return err
}

// split cuts a leaf's name into table and key. [web.tls] is written as keys of [web].
func split(name string) (header, key string) {
	if list := strings.LastIndexByte(name, ']'); list >= 0 {
		cut := strings.LastIndexByte(name, '.')
		return name[:cut], name[cut+1:]
	}
	header, key, _ = strings.Cut(name, ".")
	return header, key
}

// writeHeaders opens a table; for the first key of a list element that stands in a table
// below it, the element first.
func writeHeaders(text *strings.Builder, before, header string) {
	list, below, isList := strings.Cut(header, "]")
	if !isList {
		fmt.Fprintf(text, "[%s]\n", header)
		return
	}
	if !strings.HasPrefix(before, list+"]") {
		fmt.Fprintf(text, "[[%s]]\n", plain(header[:len(list)+1]))
	}
	if below != "" {
		fmt.Fprintf(text, "[%s]\n", plain(header))
	}
}

// literal writes a value as TOML, on one line.
func literal(v reflect.Value) string {
	if v.Kind() == reflect.Pointer {
		return literal(v.Elem())
	}
	if text, ok := v.Interface().(encoding.TextMarshaler); ok {
		written, _ := text.MarshalText() // ours never fail
		return quote(string(written))
	}
	switch v.Kind() {
	case reflect.String:
		return quote(v.String())
	case reflect.Float64:
		return strconv.FormatFloat(v.Float(), 'f', -1, 64)
	case reflect.Slice, reflect.Array:
		parts := make([]string, v.Len())
		for i := range parts {
			parts[i] = literal(v.Index(i))
		}
		return "[" + strings.Join(parts, ", ") + "]"
	case reflect.Struct:
		var parts []string
		for _, l := range leaves(v, "") {
			parts = append(parts, l.name+" = "+literal(l.value))
		}
		return "{" + strings.Join(parts, ", ") + "}"
	}
	return fmt.Sprint(v.Interface()) // bool and whole numbers
}

// raw is a value as a TOML decoder gives it.
func raw(v reflect.Value) any {
	if text, ok := v.Interface().(encoding.TextMarshaler); ok {
		written, _ := text.MarshalText()
		return string(written)
	}
	if v.Kind() == reflect.Slice {
		return []any{} // no default is a list with something in it
	}
	return v.Interface()
}

// quote writes a TOML basic string (TOML 1.0, String).
func quote(text string) string {
	var out strings.Builder
	out.WriteByte('"')
	for _, c := range text {
		switch {
		case c == '"' || c == '\\':
			out.WriteByte('\\')
			out.WriteRune(c)
		case c == '\n':
			out.WriteString(`\n`)
		case c == '\t':
			out.WriteString(`\t`)
		case c < ' ' || c == 0x7f:
			fmt.Fprintf(&out, `\u%04X`, c)
		default:
			out.WriteRune(c)
		}
	}
	out.WriteByte('"')
	return out.String()
}

// printable keeps a file's strange name from ending the comment it stands in.
func printable(text string) string { return strings.Trim(strconv.Quote(text), `"`) }
