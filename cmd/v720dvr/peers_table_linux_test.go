package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"time"
)

// writePeers puts the table in the place of the one that is there.
func writePeers(t *testing.T, cameras int, rows []string) {
	t.Helper()
	var text strings.Builder
	fmt.Fprintf(&text, "%s: %s, %d cores, %s, %s, %s; %s. `go test ./cmd/v720dvr -run TestPeersBesideEachOther -peers %v`: %d cameras of 10 pictures of 18 KB a second.\n\n",
		time.Now().Format(time.DateOnly), processor(), runtime.NumCPU(), kernel(), saysOfItself("ffmpeg", "-version"), saysOfItself("motion", "-h"), runtime.Version(), *peers, cameras)
	head, rule := "| ", "|---|"
	for _, v := range recorders() {
		head, rule = head+"| "+v.name+" ", rule+"---|"
	}
	fmt.Fprintf(&text, "%s|\n%s\n%s\n\n", head, rule, strings.Join(rows, "\n"))
	for _, v := range recorders() {
		fmt.Fprintf(&text, "- %s: %s\n", v.name, v.line)
	}
	t.Logf("\n%s", &text)
	if *peersDraft {
		return
	}
	const document, begin, end = "../../docs/performance.md", "<!-- peers: written by make bench-peers -->\n", "<!-- end of peers -->"
	old, err := os.ReadFile(filepath.FromSlash(document))
	must(t, err)
	before, rest, found := bytes.Cut(old, []byte(begin))
	_, after, closed := bytes.Cut(rest, []byte(end))
	if !found || !closed {
		t.Fatalf("%s has no place for the table", document)
	}
	must(t, os.WriteFile(document, bytes.Join([][]byte{before, []byte(begin), []byte(text.String()), []byte(end), after}, nil), 0o644))
}

func processor() string {
	text, _ := os.ReadFile("/proc/cpuinfo")
	if m := regexp.MustCompile(`(?m)^(?:model name|Model)\s*: (.*)$`).FindSubmatch(text); m != nil {
		return string(m[1])
	}
	return runtime.GOARCH
}

func kernel() string {
	text, _ := os.ReadFile("/proc/sys/kernel/osrelease")
	return "Linux " + strings.TrimSpace(string(text))
}

// saysOfItself is the beginning of what a program says of itself.
func saysOfItself(name string, args ...string) string {
	out, _ := exec.Command(name, args...).CombinedOutput() // motion -h ends with 1
	line, _, _ := strings.Cut(strings.TrimSpace(string(out)), ",")
	line, _, _ = strings.Cut(line, " Copyright")
	return strings.TrimSpace(strings.SplitN(line, "\n", 2)[0])
}
