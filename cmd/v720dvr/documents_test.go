package main

import (
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"go.yaml.in/yaml/v3"

	"v720dvr/internal/config"
)

// documents are what people read and copy from, by path.
func documents(t *testing.T) map[string]string {
	t.Helper()
	const root = "../.."
	found := map[string]string{}
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() && (slices.Contains([]string{".git", "dist", "data", "testdata"}, entry.Name())) {
			return fs.SkipDir
		}
		if filepath.Ext(path) == ".md" {
			text, err := os.ReadFile(path)
			found[path] = string(text)
			return err
		}
		return nil
	})
	if err != nil || len(found) < 10 {
		t.Fatalf("got %d documents: %v", len(found), err)
	}
	return found
}

// block is what stands in a code block, its indentation taken away.
type block struct {
	line int
	kind string // what stands behind the fence; "" of one that is indented
	text string
}

// blocks finds the code blocks of a document: fenced ones, and those that stand in by four spaces or more.
func blocks(text string) (list []block) {
	lines := strings.Split(text, "\n")
	for i := 0; i < len(lines); i++ {
		if kind, ok := strings.CutPrefix(strings.TrimSpace(lines[i]), "```"); ok {
			b := block{line: i + 2, kind: kind}
			for i++; i < len(lines) && !strings.HasPrefix(strings.TrimSpace(lines[i]), "```"); i++ {
				b.text += lines[i] + "\n"
			}
			list = append(list, b)
			continue
		}
		if !indented(lines[i]) {
			continue
		}
		b, first := block{line: i + 1}, i
		for i < len(lines) && (indented(lines[i]) || strings.TrimSpace(lines[i]) == "" && i+1 < len(lines) && indented(lines[i+1])) {
			i++
		}
		b.text = dedent(lines[first:i])
		list = append(list, b)
	}
	return list
}

func indented(line string) bool {
	return strings.HasPrefix(line, "    ") && strings.TrimSpace(line) != ""
}

// dedent takes away the spaces that all lines begin with.
func dedent(lines []string) string {
	least := -1
	for _, line := range lines {
		if in := len(line) - len(strings.TrimLeft(line, " ")); strings.TrimSpace(line) != "" && (least < 0 || in < least) {
			least = in
		}
	}
	var text strings.Builder
	for _, line := range lines {
		text.WriteString(line[min(least, len(line)):] + "\n")
	}
	return text.String()
}

var (
	// called is a line that calls v720dvr, whoever does so, from wherever.
	calledAs = regexp.MustCompile(`^(?:30 3 \* \* \* root )?(?:sudo (?:-u v720dvr )?)?(?:docker compose .* exec v720dvr )?(?:go run )?(?:\./cmd/|\./|/usr/bin/|/)?v720dvr((?: .*)?)$`)
	inLine   = regexp.MustCompile("`v720dvr( [a-z][^`]*)`")
	comment  = regexp.MustCompile(` {2,}\S.*$| # .*$`)
	quoted   = regexp.MustCompile(`"[^"]*"|\S+`)
)

// Nobody copies a command out of a document that is not there, or a flag that has another name now.
func TestCommandsInDocumentsAreThere(t *testing.T) {
	calls := 0
	check := func(where, call string) {
		calls++
		if err := checkCall(call); err != nil {
			t.Errorf("%s: v720dvr%s: %v", where, call, err)
		}
	}
	for name, text := range documents(t) {
		for _, b := range blocks(text) {
			for i, line := range strings.Split(b.text, "\n") {
				if m := calledAs.FindStringSubmatch(strings.TrimSpace(comment.ReplaceAllString(line, ""))); m != nil {
					check(fmt.Sprintf("%s:%d", name, b.line+i), m[1])
				}
			}
		}
		for i, line := range strings.Split(text, "\n") {
			for _, m := range inLine.FindAllStringSubmatch(line, -1) {
				check(fmt.Sprintf("%s:%d", name, i+1), m[1])
			}
		}
	}
	for _, started := range []struct{ file, by string }{
		{"debian/v720dvr.service", `(?m)^ExecStart=/usr/bin/v720dvr (.*)$`},
		{"docker/Dockerfile", `HEALTHCHECK .*CMD \["/v720dvr", "(\w+)"\]`},
		{"docker/Dockerfile", `(?m)^CMD \["(\w+)"\]$`},
		{"homeassistant/v720dvr/Dockerfile", `HEALTHCHECK .*CMD \["/usr/bin/v720dvr", "(\w+)"\]`},
		{"homeassistant/v720dvr/Dockerfile", `(?m)^CMD \["(\w+)"\]$`},
	} {
		data, err := os.ReadFile(filepath.Join("../../packaging", started.file))
		if err != nil {
			t.Fatal(err)
		}
		m := regexp.MustCompile(started.by).FindSubmatch(data)
		if m == nil {
			t.Errorf("%s starts nothing like %s", started.file, started.by)
			continue
		}
		check(started.file, " "+string(m[1]))
	}
	t.Logf("%d calls", calls)
	if calls < 80 {
		t.Errorf("got %d calls in all documents: the rest was not recognized", calls)
	}
}

// checkCall finds the command that is called, and its flags. What stands for something else (NAME, […], a|b) is passed
// over where it is no command's name.
func checkCall(call string) error {
	call = strings.NewReplacer("[", " ", "]", " ", "…", " ", "; ", " ").Replace(call)
	words := quoted.FindAllString(call, -1)
	for _, first := range alternatives(words, 0) {
		for _, second := range alternatives(words, 1) {
			args := slices.Clone(words)
			if len(args) > 0 {
				args[0] = first
			}
			if len(args) > 1 {
				args[1] = second
			}
			if err := checkWords(args); err != nil {
				return err
			}
		}
	}
	return nil
}

// alternatives of a word: list|get|delete.
func alternatives(words []string, i int) []string {
	if i >= len(words) {
		return []string{""}
	}
	return strings.Split(words[i], "|")
}

func checkWords(words []string) error {
	root := newRoot()
	root.InitDefaultHelpFlag()
	root.InitDefaultCompletionCmd()
	cmd, rest, err := root.Find(words)
	if err != nil {
		return err
	}
	if cmd.HasAvailableSubCommands() && len(rest) > 0 && regexp.MustCompile(`^[a-z-]+$`).MatchString(rest[0]) && !strings.HasPrefix(rest[0], "-") {
		return fmt.Errorf("%s has no %s", cmd.CommandPath(), rest[0])
	}
	cmd.InitDefaultHelpFlag()
	for _, word := range rest {
		if name, ok := strings.CutPrefix(word, "--"); ok && name != "" {
			name, _, _ = strings.Cut(name, "=")
			if name = strings.TrimRight(name, ",.;:)"); flagOf(cmd, name) == nil {
				return fmt.Errorf("%s has no --%s", cmd.CommandPath(), name)
			}
		}
	}
	return nil
}

func flagOf(cmd *cobra.Command, name string) any {
	if f := cmd.Flags().Lookup(name); f != nil {
		return f
	}
	if f := cmd.InheritedFlags().Lookup(name); f != nil {
		return f
	}
	return nil
}

var section = regexp.MustCompile(`^\[{1,2}[a-z]+(\.[a-z]+)*\]{1,2}$`)

// Whoever copies a piece of configuration has one that loads.
func TestConfigurationsInDocumentsAreGood(t *testing.T) {
	found := 0
	for name, text := range documents(t) {
		for _, b := range blocks(text) {
			first, _, _ := strings.Cut(b.text, "\n")
			first, _, _ = strings.Cut(first, " #")
			if b.kind != "toml" && !(b.kind == "" && section.MatchString(strings.TrimSpace(first))) {
				continue
			}
			found++
			file := filepath.Join(t.TempDir(), "config.toml")
			if err := os.WriteFile(file, []byte(b.text), 0o600); err != nil {
				t.Fatal(err)
			}
			if _, err := config.Load(config.LoadOptions{File: file, Explicit: true}); err != nil {
				t.Errorf("%s:%d: %v", name, b.line, err)
			}
		}
	}
	if found < 10 {
		t.Errorf("got %d configurations in all documents: the rest was not recognized", found)
	}
}

var mapping = regexp.MustCompile(`^[a-z_0-9]+:( [^/].*)?$`)

// Other programs' YAML parses, and says no key twice.
func TestYAMLInDocumentsParses(t *testing.T) {
	found := 0
	for name, text := range documents(t) {
		for _, b := range blocks(text) {
			lines := strings.Split(strings.TrimSpace(b.text), "\n")
			if b.kind != "yaml" && !(b.kind == "" && len(lines) > 1 && mapping.MatchString(lines[0]) && strings.HasPrefix(lines[1], " ")) {
				continue
			}
			found++
			var into map[string]any
			if err := yaml.Unmarshal([]byte(b.text), &into); err != nil || len(into) == 0 {
				t.Errorf("%s:%d: %v", name, b.line, err)
			}
		}
	}
	if found < 5 {
		t.Errorf("got %d blocks of YAML in all documents: the rest was not recognized", found)
	}
}

// nft reads the file and does not apply it; it needs the rights to ask the kernel.
func TestFirewallForCamerasIsRightAndLetsThemToThePortsThatTheyKnow(t *testing.T) {
	const file = "../../contrib/nftables/cameras.nft"
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	c := config.Default().Cloud
	port := func(address string) string { return address[strings.LastIndexByte(address, ':')+1:] }
	for _, want := range []string{
		"tcp dport { " + port(c.HTTP) + ", " + port(c.Control) + ", " + port(c.MQTT) + " } accept",
		"udp dport " + port(c.Control) + " accept",
	} {
		if !strings.Contains(string(data), want) {
			t.Errorf("the file has no %q", want)
		}
	}
	nft, err := exec.LookPath("nft")
	if err != nil || os.Geteuid() != 0 {
		t.Logf("SKIPPED: nft is not installed, or not root's (%v); the file was not read by it", err)
		return
	}
	if out, err := exec.Command(nft, "--check", "--file", file).CombinedOutput(); err != nil {
		if strings.Contains(string(out), "not permitted") || strings.Contains(string(out), "not supported") {
			t.Logf("SKIPPED: this kernel lets nft read nothing: %s", out)
			return
		}
		t.Errorf("%v: %s", err, out)
	}
}

func TestWhatIsWrongInADocumentIsFound(t *testing.T) {
	for call, good := range map[string]bool{
		` cameras list --data /srv/v720dvr`: true,
		` sdcard list|get|delete`:           true,
		` check [--repair]`:                 true,
		` keep NAME FROM TO`:                true,
		` completion --help`:                true,
		` cameras lsit`:                     false,
		` sdcard list|get|remove`:           false,
		` cameras list --jsn`:               false,
		` recrod`:                           false,
	} {
		if err := checkCall(call); (err == nil) != good {
			t.Errorf("v720dvr%s: got %v, want good %v", call, err, good)
		}
	}
	text := "Do:\n\n    sudo -u v720dvr v720dvr check   # all\n\nor\n\n1. so\n\n       [web]\n       listen = \":1\"\n\n```yaml\na:\n  b: 1\n```\n"
	var got []string
	for _, b := range blocks(text) {
		got = append(got, fmt.Sprint(b.line, b.kind, " ", b.text))
	}
	want := []string{"3 sudo -u v720dvr v720dvr check   # all\n", "9 [web]\nlisten = \":1\"\n", "13yaml a:\n  b: 1\n"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
