package tidy

import (
	"fmt"
	"go/ast"
	"regexp"
	"strings"
	"testing"
)

// called lists where a file calls one of the functions of a package, as "line: package.Function".
func (s source) called(pkg string, functions ...string) []string {
	if !s.imports(pkg) {
		return nil
	}
	var found []string
	ast.Inspect(s.ast, func(n ast.Node) bool {
		selector, ok := n.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		if x, ok := selector.X.(*ast.Ident); ok && x.Name == pkg && x.Obj == nil {
			for _, function := range functions {
				if selector.Sel.Name == function {
					found = append(found, fmt.Sprintf("%d: %s.%s", s.line(n.Pos()), pkg, function))
				}
			}
		}
		return true
	})
	return found
}

func TestTestsDoNotSleepOutsideABubble(t *testing.T) {
	for _, s := range sources(t) {
		if !isTest(s.name) || s.imports("testing/synctest") {
			continue
		}
		for _, call := range s.called("time", "Sleep") {
			t.Errorf("%s:%s: wait for what is to happen, or let it happen in a synctest bubble", s.name, call)
		}
	}
}

func TestOnlyCommandsPrint(t *testing.T) {
	for _, s := range sources(t) {
		if isTest(s.name) || strings.HasPrefix(s.room, "cmd/") {
			continue
		}
		for _, call := range s.called("fmt", "Print", "Println", "Printf") {
			t.Errorf("%s:%s: a room logs what it is handed a logger for, or returns it", s.name, call)
		}
	}
}

func TestNothingIsLeftToDo(t *testing.T) {
	// Put together here, so that this file does not say it.
	leftover := regexp.MustCompile(`\b(` + strings.Join([]string{"TO" + "DO", "FIX" + "ME", "X" + "XX"}, "|") + `)\b`)
	for _, name := range files(t, isText) {
		for i, line := range strings.Split(string(read(t, name)), "\n") {
			if word := leftover.FindString(line); word != "" {
				t.Errorf("%s:%d: %s: do it, or make it an issue", name, i+1, word)
			}
		}
	}
}
