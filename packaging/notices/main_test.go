package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

func TestEveryModuleInTheBinaryHasItsLicenceInTheNotices(t *testing.T) {
	t.Chdir("../..")
	binary := filepath.Join(t.TempDir(), "v720dvr")
	cmd := exec.Command("go", "build", "-trimpath", "-o", binary, "./cmd/v720dvr")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	var notices bytes.Buffer
	if err := write(&notices, []string{binary}); err != nil {
		t.Fatal(err)
	}
	modules, err := exec.Command("go", "version", "-m", binary).Output()
	if err != nil {
		t.Fatal(err)
	}
	count := 0
	for line := range strings.Lines(string(modules)) {
		if words := strings.Fields(line); len(words) > 2 && words[0] == "dep" {
			count++
			if !strings.Contains(notices.String(), "\n"+words[1]+" "+words[2]+"\n") {
				t.Errorf("%s %s is in the binary and not in the notices", words[1], words[2])
			}
		}
	}
	if count < 20 {
		t.Errorf("got %d modules in the binary, want all", count)
	}
	for _, want := range []string{"The Go Authors", "lit (on the page)", "Google LLC", "uplot (on the page)", "Leon Sorokin", "SQLite C amalgamation"} {
		if !strings.Contains(notices.String(), want) {
			t.Errorf("%q is not in the notices", want)
		}
	}
}

// built is the program, out of this source; the test goes on at its root.
func built(t *testing.T) string {
	t.Helper()
	t.Chdir("../..")
	binary := filepath.Join(t.TempDir(), "v720dvr")
	cmd := exec.Command("go", "build", "-trimpath", "-o", binary, "./cmd/v720dvr")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return binary
}

func TestPartWithoutALicenceIsRefused(t *testing.T) {
	dir := t.TempDir()
	inner := filepath.Join(dir, "inner")
	if err := os.Mkdir(inner, 0o755); err != nil {
		t.Fatal(err)
	}
	p := part{Path: "example.org/a", Dir: dir, Folders: []string{inner}}
	if texts, err := p.licences(); err != nil || len(texts) != 0 {
		t.Fatalf("got %q, %v; want none", texts, err)
	}
	for name, text := range map[string]string{"LICENSE": "one", "inner/NOTICE.md": "two", "inner/license.go": "three", "inner/COPYING": "one"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	texts, err := p.licences()
	if err != nil || string(bytes.Join(texts, []byte(" "))) != "one two" {
		t.Errorf("got %q, %v; want each text once", texts, err)
	}
}
