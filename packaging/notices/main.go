// Command notices prints the licences of everything that is in built binaries of v720dvr, as their
// authors ask of who passes them on: of each Go module of which a package is linked in, of Go's own library, and of what
// the page brings. It reads the list out of the binaries themselves and fails where a licence is missing, so that no
// dependency is passed on without. With -bill it prints the bill of materials instead: the same parts, with their versions, checksums
// and SPDX ids of their licences, as CycloneDX 1.6 in JSON.
//
//	go run ./packaging/notices dist/v720dvr-linux-amd64 … > NOTICES.txt
//	go run ./packaging/notices -bill dist/v720dvr-linux-amd64 … > v720dvr.cdx.json
package main

import (
	"bytes"
	"cmp"
	"debug/buildinfo"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

func main() {
	materials := flag.Bool("bill", false, "print the bill of materials")
	version := flag.String("version", "", "of v720dvr, for the bill")
	flag.Parse()
	if flag.NArg() == 0 {
		fmt.Fprintln(os.Stderr, "notices: name the binaries to read")
		os.Exit(2)
	}
	say := write
	if *materials {
		say = func(w io.Writer, binaries []string) error { return writeBill(w, *version, binaries) }
	}
	if err := say(os.Stdout, flag.Args()); err != nil {
		fmt.Fprintln(os.Stderr, "notices:", err)
		os.Exit(1)
	}
}

// part is something of others' in a binary.
type part struct {
	Path, Version string
	Sum           string   // its checksum as in go.sum, "h1:…"; "" of Go itself
	Dir           string   // where its source is
	Folders       []string // of it that are linked in; licences of others are not ours to pass on
}

// gather finds what is in some binaries, by name, and on the page.
func gather(binaries []string) (parts map[string]part, page []pagePart, err error) {
	parts = map[string]part{}
	for _, binary := range binaries {
		info, err := buildinfo.ReadFile(binary)
		if err != nil {
			return nil, nil, fmt.Errorf("read the modules of %s: %w", binary, err)
		}
		for _, m := range info.Deps {
			if m.Replace != nil {
				m = m.Replace
			}
			parts[m.Path] = part{Path: m.Path, Version: m.Version, Sum: m.Sum}
		}
		parts["Go"] = part{Path: "Go", Version: info.GoVersion}
	}
	for _, binary := range binaries {
		if err := locate(parts, binary); err != nil {
			return nil, nil, err
		}
	}
	for name, p := range parts {
		if p.Dir == "" {
			return nil, nil, fmt.Errorf("%s is in a binary and not in the source: build both from the same commit", name)
		}
	}
	page, err = pageParts()
	return parts, page, err
}

// write prints the notices of some binaries, in the order of the parts' names.
func write(w io.Writer, binaries []string) error {
	parts, page, err := gather(binaries)
	if err != nil {
		return err
	}
	fmt.Fprintf(w, "v720dvr is made with the work of others. These are the %d parts of it and their licences.\n", len(parts)+len(page))
	for _, name := range slices.Sorted(maps.Keys(parts)) {
		texts, err := parts[name].licences()
		if err != nil {
			return err
		}
		if len(texts) == 0 {
			return fmt.Errorf("%s %s has no licence in %s: find out whether it may be passed on", name, parts[name].Version, parts[name].Dir)
		}
		section(w, name+" "+parts[name].Version, texts)
	}
	for _, p := range page {
		section(w, p.name+" (on the page)", [][]byte{p.text})
	}
	return nil
}

func section(w io.Writer, title string, texts [][]byte) {
	fmt.Fprintf(w, "\n%s\n%s\n\n", strings.Repeat("=", 78), title)
	for i, text := range texts {
		if i > 0 {
			fmt.Fprintf(w, "\n%s\n\n", strings.Repeat("-", 78))
		}
		fmt.Fprintf(w, "%s\n", bytes.TrimSpace(bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n"))))
	}
}

// locate asks go for the source of each part, and for its packages that a binary has in it.
func locate(parts map[string]part, binary string) error {
	info, err := buildinfo.ReadFile(binary)
	if err != nil {
		return fmt.Errorf("read how %s was built: %w", binary, err)
	}
	cmd := exec.Command("go", "list", "-deps", "-json=Dir,Module", info.Path)
	cmd.Env = os.Environ()
	for _, s := range info.Settings {
		if strings.HasPrefix(s.Key, "GO") || s.Key == "CGO_ENABLED" {
			cmd.Env = append(cmd.Env, s.Key+"="+s.Value)
		}
	}
	cmd.Stderr = os.Stderr
	list, err := cmd.Output()
	if err != nil {
		return fmt.Errorf("list packages: %w", err)
	}
	root, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		return fmt.Errorf("find Go's own source: %w", err)
	}
	own := parts["Go"]
	own.Dir = strings.TrimSpace(string(root))
	own.Folders = []string{own.Dir}
	parts["Go"] = own
	for decoder := json.NewDecoder(bytes.NewReader(list)); ; {
		var found struct {
			Dir    string
			Module *struct {
				Path, Dir string
				Replace   *struct{ Path, Dir string }
			}
		}
		err := decoder.Decode(&found)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return fmt.Errorf("read the list of packages: %w", err)
		}
		if found.Module == nil {
			continue
		}
		if found.Module.Replace != nil {
			found.Module.Path = cmp.Or(found.Module.Replace.Path, found.Module.Path)
		}
		if p, ok := parts[found.Module.Path]; ok {
			p.Dir = found.Module.Dir
			p.Folders = append(p.Folders, found.Dir)
			parts[found.Module.Path] = p
		}
	}
	return nil
}

var licence = regexp.MustCompile(`(?i)^(licen[cs]e|copying|notice|patents)([-._].*)?$`)

// licences are the texts that stand in the part's folders that are linked in, and above them.
func (p part) licences() (texts [][]byte, err error) {
	folders := map[string]bool{p.Dir: true}
	for _, folder := range p.Folders {
		for ; len(folder) > len(p.Dir); folder = filepath.Dir(folder) {
			folders[folder] = true
		}
	}
	for _, folder := range slices.Sorted(maps.Keys(folders)) {
		entries, err := os.ReadDir(folder)
		if err != nil {
			return nil, fmt.Errorf("look for licences: %w", err)
		}
		for _, entry := range entries {
			if !entry.Type().IsRegular() || !licence.MatchString(entry.Name()) || filepath.Ext(entry.Name()) == ".go" {
				continue
			}
			text, err := os.ReadFile(filepath.Join(folder, entry.Name()))
			if err != nil {
				return nil, fmt.Errorf("read licence: %w", err)
			}
			if !slices.ContainsFunc(texts, func(other []byte) bool { return bytes.Equal(other, text) }) {
				texts = append(texts, text)
			}
		}
	}
	return texts, nil
}

type pagePart struct {
	name string
	text []byte
}

// pageLib is where others' parts of the page stand.
const pageLib = "web/assets/lib"

// pageParts are what stands in the page's lib folder, each with a licence LICENSE-NAME.txt beside it.
func pageParts() (list []pagePart, err error) {
	err = fs.WalkDir(os.DirFS(pageLib), ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		called, ok := strings.CutPrefix(strings.TrimSuffix(name, ".txt"), "LICENSE-")
		if !ok {
			return nil
		}
		text, err := os.ReadFile(filepath.Join(pageLib, name))
		list = append(list, pagePart{called, text})
		return err
	})
	if err == nil && len(list) == 0 {
		err = errors.New("no licence stands in " + pageLib)
	}
	return list, err
}
