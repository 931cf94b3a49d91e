package config

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/pelletier/go-toml/v2"
	"github.com/pelletier/go-toml/v2/unstable"
)

// positions reads where each key stands in a file, and finds the keys that do not exist. Keys
// carry the index of their list element: "camera[1].motion.zones[0].name". viper knows neither
// lines nor, since it folds keys to lower case, what was really written.
type positions struct {
	file   string
	known  map[string]reflect.StructField
	lines  map[string]int // key, table or list element → line
	counts map[string]int // list → elements so far
	starts []int          // offset at which each line begins
	broken bool           // the text is no TOML; false when it is TOML that contradicts itself
	wrong  *problems
}

func readPositions(file string, data []byte, wrong *problems) *positions {
	p := &positions{
		file: file, known: keyTypes(), lines: map[string]int{}, counts: map[string]int{},
		starts: []int{0}, wrong: wrong,
	}
	for i, b := range data {
		if b == '\n' {
			p.starts = append(p.starts, i+1)
		}
	}
	var parser unstable.Parser
	parser.Reset(data)
	// An error of the parser ends the loop; viper meets it again and reports it.
	table, ok := "", true
	for parser.NextExpression() {
		switch node := parser.Expression(); node.Kind {
		case unstable.Table, unstable.ArrayTable:
			table, ok = p.header(node)
		case unstable.KeyValue:
			if ok {
				p.keyValue(table, node)
			}
		}
	}
	p.broken = parser.Error() != nil
	return p
}

// of finds a key's line. A key that is missing in a list element, or that is an element itself,
// stands where the element begins; any other is nowhere.
func (p *positions) of(key string) Origin {
	for {
		if line, ok := p.lines[key]; ok {
			return Origin{Source: p.file, Line: line}
		}
		if !strings.Contains(key, "[") {
			return Origin{}
		}
		key = key[:strings.LastIndexAny(key, ".[")]
	}
}

// header enters [table] or [[list]]; false when there is no such table: what stands below it
// is then not looked at.
func (p *positions) header(node *unstable.Node) (table string, ok bool) {
	list := node.Kind == unstable.ArrayTable
	parts := node.Key()
	for parts.Next() {
		table, ok = p.enter(table, parts.Node(), !parts.IsLast())
		if !ok {
			return "", false
		}
		if !parts.IsLast() {
			continue
		}
		line := p.line(parts.Node())
		inner, isList := tableType(p.known[plain(table)].Type)
		switch {
		case inner == nil:
			p.add(line, table, "is no table; write %s = %s", plain(table), example(table))
			return "", false
		case isList && !list:
			p.add(line, table, "is a list of tables; write [[%s]]", plain(table))
			return "", false
		case !isList && list:
			p.add(line, table, "is one table; write [%s]", plain(table))
			return "", false
		}
		if list {
			if _, first := p.lines[table]; !first {
				p.lines[table] = line
			}
			table = p.next(table)
		}
		p.lines[table] = line
	}
	return table, true
}

// keyValue records `a.b = value` below table, and what is inside an inline value.
func (p *positions) keyValue(table string, node *unstable.Node) {
	parts := node.Key()
	key := table
	for parts.Next() {
		var ok bool
		if key, ok = p.enter(key, parts.Node(), !parts.IsLast()); !ok {
			return
		}
		if parts.IsLast() {
			p.lines[key] = p.line(parts.Node())
		}
	}
	p.value(key, node.Value())
}

func (p *positions) value(key string, node *unstable.Node) {
	inner, list := tableType(p.known[plain(key)].Type)
	if inner == nil {
		return
	}
	children := node.Children()
	switch {
	case node.Kind == unstable.InlineTable && !list:
		for children.Next() {
			p.keyValue(key, children.Node())
		}
	case node.Kind == unstable.Array && list:
		for children.Next() {
			entry := p.next(key)
			p.lines[entry] = p.lines[key]
			if children.Node().Kind != unstable.InlineTable {
				continue
			}
			keys := children.Node().Children()
			for keys.Next() {
				p.keyValue(entry, keys.Node())
			}
		}
	}
}

// enter goes one name deeper, into the last element of a list when more names follow.
func (p *positions) enter(prefix string, node *unstable.Node, more bool) (string, bool) {
	key := join(prefix, string(node.Data))
	field, known := p.known[plain(key)]
	if !known || strings.ContainsAny(string(node.Data), ".[]") {
		p.unknown(key, p.line(node))
		return "", false
	}
	inner, list := tableType(field.Type)
	if more && inner == nil {
		p.add(p.line(node), key, "is no table; write %s = %s", plain(key), example(key))
		return "", false
	}
	switch {
	case more && list && p.counts[key] == 0:
		p.add(p.line(node), key, "is a list of tables; write [[%s]] above this line", plain(key))
		return "", false
	case more && list:
		key = element(key, p.counts[key]-1)
	}
	return key, true
}

func (p *positions) unknown(key string, line int) {
	if rest, ok := strings.CutPrefix(plain(key), "camera."); ok {
		if _, known := p.known[rest]; known && strings.Contains(rest, ".") {
			p.add(line, key, "is for the whole box and cannot differ for one camera; set %s", rest)
			return
		}
	}
	if near := nearest(plain(key), slices.Sorted(maps.Keys(p.known)), "."); near != "" {
		p.add(line, key, "is no key; did you mean %s?", near)
		return
	}
	p.add(line, key, "is no key; `v720dvr config print` shows all there are")
}

func (p *positions) add(line int, key, format string, args ...any) {
	p.wrong.add(Origin{Source: p.file, Line: line}, key, format, args...)
}

// unreadable reports that viper could not read the file. What the line has wrong already is
// said better there.
func (p *positions) unreadable(err error) {
	var at *toml.DecodeError
	if !errors.As(err, &at) {
		p.wrong.add(Origin{Source: p.file}, "", "cannot be read as TOML: %v", err)
		return
	}
	line, _ := at.Position()
	for _, known := range *p.wrong {
		if known.Where.Line == line {
			return
		}
	}
	text := "cannot be read as TOML: " + strings.TrimPrefix(at.Error(), "toml: ")
	if p.broken {
		text += `; a line is a key and a value, and texts stand in quotes: name = "front door"`
	}
	p.add(line, "", "%s", text)
}

// next counts an element of a list and names it.
func (p *positions) next(list string) string {
	p.counts[list]++
	return element(list, p.counts[list]-1)
}

func element(list string, i int) string { return fmt.Sprintf("%s[%d]", list, i) }

// line finds the line of a key's name by the offset of its bytes.
func (p *positions) line(node *unstable.Node) int {
	offset := int(node.Raw.Offset)
	low, high := 0, len(p.starts)
	for high-low > 1 {
		if middle := (low + high) / 2; p.starts[middle] <= offset {
			low = middle
		} else {
			high = middle
		}
	}
	return low + 1
}

// withoutBOM takes away the mark that Windows' editor puts before UTF-8; TOML does not know it.
func withoutBOM(data []byte) []byte { return bytes.TrimPrefix(data, []byte("\xef\xbb\xbf")) }
