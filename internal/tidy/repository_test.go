package tidy

import (
	"bytes"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const root = "../.."

// files are the paths of all files that people write, by slash and from the root, for which
// wanted is true. What was recorded, built or taken from a camera is not among them.
func files(t *testing.T, wanted func(name string) bool) []string {
	t.Helper()
	var found []string
	err := filepath.WalkDir(root, func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, err = filepath.Rel(root, name)
		if err != nil {
			return err
		}
		name = filepath.ToSlash(name)
		if entry.IsDir() {
			hidden := strings.HasPrefix(name, ".") && name != "." && name != ".ci"
			if hidden || name == "data" || name == "dist" || path.Base(name) == "testdata" {
				return fs.SkipDir
			}
			return nil
		}
		if entry.Type().IsRegular() && wanted(name) {
			found = append(found, name)
		}
		return nil
	})
	if err != nil {
		t.Fatalf("walk the repository: %v", err)
	}
	if len(found) == 0 {
		t.Fatal("no file was found to look at")
	}
	return found
}

func isGo(name string) bool { return strings.HasSuffix(name, ".go") }

func isMarkdown(name string) bool { return strings.HasSuffix(name, ".md") }

func isTest(name string) bool { return strings.HasSuffix(name, "_test.go") }

// isText tells the files that people read, whatever their kind.
func isText(name string) bool {
	return name == "Makefile" || name == ".ci/run" ||
		slices.Contains([]string{".go", ".md", ".toml", ".sql", ".yml", ".mod"}, path.Ext(name))
}

func read(t *testing.T, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(name)))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func exists(name string) bool {
	_, err := os.Stat(filepath.Join(root, filepath.FromSlash(name)))
	return err == nil
}

// source is a Go file, with comments.
type source struct {
	name string
	room string // its folder
	ast  *ast.File
	set  *token.FileSet
}

func (s source) line(at token.Pos) int { return s.set.Position(at).Line }

// imports reports whether the file imports a package.
func (s source) imports(pkg string) bool {
	return slices.ContainsFunc(s.ast.Imports, func(i *ast.ImportSpec) bool { return i.Path.Value == `"`+pkg+`"` })
}

func sources(t *testing.T) []source {
	t.Helper()
	var all []source
	for _, name := range files(t, isGo) {
		set := token.NewFileSet()
		file, err := parser.ParseFile(set, name, read(t, name), parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, source{name, path.Dir(name), file, set})
	}
	return all
}

func TestGoFilesAreFormatted(t *testing.T) {
	for _, name := range files(t, isGo) {
		data := read(t, name)
		formatted, err := format.Source(data)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		} else if !bytes.Equal(data, formatted) {
			t.Errorf("%s: not formatted; run gofmt -w %s", name, name)
		}
	}
}
