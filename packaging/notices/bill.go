package main

import (
	"bytes"
	"cmp"
	"debug/buildinfo"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// The types below are those of CycloneDX 1.6, JSON, of which a scanner needs this much: what it is, which version,
// under which name databases of holes know it (purl), and by what it may be passed on.
type bill struct {
	Schema     string      `json:"$schema"`
	Format     string      `json:"bomFormat"`
	Spec       string      `json:"specVersion"`
	Version    int         `json:"version"`
	Metadata   metadata    `json:"metadata"`
	Components []component `json:"components"`
}

type metadata struct {
	Component component `json:"component"`
}

type component struct {
	Type     string     `json:"type"`
	Ref      string     `json:"bom-ref"`
	Name     string     `json:"name"`
	Version  string     `json:"version"`
	PURL     string     `json:"purl,omitempty"`
	Hashes   []hash     `json:"hashes,omitempty"`
	Licences []licensed `json:"licenses,omitempty"`
}

type hash struct {
	Algorithm string `json:"alg"`
	Content   string `json:"content"`
}

// licensed is one licence by its SPDX id, or an expression of several.
type licensed struct {
	License    *spdx  `json:"license,omitempty"`
	Expression string `json:"expression,omitempty"`
}

type spdx struct {
	ID string `json:"id"`
}

// writeBill prints the bill of materials of some binaries. Nothing of this machine or moment is in it: the same binaries
// have the same bill. Without a version it is the one that Go wrote into the first.
func writeBill(w io.Writer, version string, binaries []string) error {
	parts, page, err := gather(binaries)
	if err != nil {
		return err
	}
	info, err := buildinfo.ReadFile(binaries[0])
	if err != nil {
		return fmt.Errorf("read the version of %s: %w", binaries[0], err)
	}
	b := bill{Schema: "http://cyclonedx.org/schema/bom-1.6.schema.json", Format: "CycloneDX", Spec: "1.6", Version: 1}
	b.Metadata.Component = component{Type: "application", Ref: "v720dvr", Name: "v720dvr", Version: cmp.Or(version, info.Main.Version)}
	for _, name := range slices.Sorted(maps.Keys(parts)) {
		c, err := parts[name].component()
		if err != nil {
			return err
		}
		b.Components = append(b.Components, c)
	}
	for _, p := range page {
		c, err := p.component()
		if err != nil {
			return err
		}
		b.Components = append(b.Components, c)
	}
	out, err := json.MarshalIndent(b, "", "  ")
	if err != nil {
		return fmt.Errorf("write the bill: %w", err)
	}
	_, err = fmt.Fprintf(w, "%s\n", out)
	return err
}

func (p part) component() (component, error) {
	texts, err := p.licences()
	if err != nil {
		return component{}, err
	}
	c := component{Type: "library", Name: p.Path, Version: p.Version, PURL: "pkg:golang/" + p.Path + "@" + p.Version}
	if p.Path == "Go" { // the name by which databases know it
		c.Name, c.PURL = "std", "pkg:golang/std@"+strings.TrimPrefix(p.Version, "go")
	}
	c.Ref = c.PURL
	if sum, ok := strings.CutPrefix(p.Sum, "h1:"); ok {
		raw, err := base64.StdEncoding.DecodeString(sum)
		if err != nil {
			return component{}, fmt.Errorf("read the checksum of %s: %w", p.Path, err)
		}
		c.Hashes = []hash{{"SHA-256", hex.EncodeToString(raw)}}
	}
	if c.Licences, err = identify(p.Path, texts); err != nil {
		return component{}, err
	}
	return c, nil
}

func (p pagePart) component() (component, error) {
	version, err := p.version()
	if err != nil {
		return component{}, err
	}
	c := component{Type: "library", Name: p.name, Version: version, PURL: "pkg:npm/" + p.name + "@" + version}
	c.Ref = c.PURL
	c.Licences, err = identify(p.name, [][]byte{p.text})
	return c, err
}

// version stands in the first lines of the file of ours that has the part in it: "Lit 3.3.3 (…".
func (p pagePart) version() (string, error) {
	said := regexp.MustCompile(`(?i)\b` + regexp.QuoteMeta(p.name) + ` (\d+\.\d+\.\d+)\b`)
	for _, name := range []string{filepath.Join(pageLib, p.name+".js"), "web/assets/core/icons.js"} {
		text, err := os.ReadFile(name)
		if err != nil && !os.IsNotExist(err) {
			return "", fmt.Errorf("read the version of %s: %w", p.name, err)
		}
		if match := said.FindSubmatch(text[:min(len(text), 500)]); match != nil {
			return string(match[1]), nil
		}
	}
	return "", fmt.Errorf("no file of the page says in its first lines which version of %s it has: write \"%s 1.2.3\" there", p.name, p.name)
}

// phrases are what a text says that is a licence, once its lines are joined. Only those are there that let us pass a part
// on as we do: another licence is an error, and somebody has to think.
var phrases = []struct{ id, phrase string }{
	{"Apache-2.0", "Apache License Version 2.0"},
	{"Apache-2.0", "Licensed under the Apache License, Version 2.0"},
	{"MIT", "Permission is hereby granted, free of charge"},
	{"ISC", "Permission to use, copy, modify, and"},
	{"BSD-2-Clause", "Redistribution and use in source and binary forms"},
	{"blessing", "All of the code and documentation in SQLite has been dedicated to the public domain"},
}

// chosen are the parts whose authors let one choose, in words that no phrase tells.
var chosen = map[string]string{"github.com/eclipse/paho.golang": "EPL-2.0 OR BSD-3-Clause"}

var (
	// endorsement makes a BSD licence of two clauses one of three.
	endorsement = regexp.MustCompile(`(?i)neither the names? of`)
	// besides are texts beside a licence: notices, grants of patents, and lists of others' licences, in which much stands that
	// is not linked in. They are passed on with the rest.
	besides = regexp.MustCompile(`(?i)^\W*(third-party|additional ip rights grant)`)
	space   = regexp.MustCompile(`[\s"*/#]+`)
	// grants are words of who lets others do something: a text with none of them is a notice.
	grants = regexp.MustCompile(`(?i)\b(redistribut\w+|permission|permitted|hereby grant\w*|licen[cs]ed (under|by))\b`)
)

// identify tells the licences of a part by their SPDX ids. An error where a text is none that is known.
func identify(name string, texts [][]byte) ([]licensed, error) {
	if expression, ok := chosen[name]; ok {
		return []licensed{{Expression: expression}}, nil
	}
	var ids []string
	for _, text := range texts {
		if besides.Match(text) {
			continue
		}
		plain := string(bytes.TrimSpace(space.ReplaceAll(text, []byte(" "))))
		known := false
		for _, p := range phrases {
			if !strings.Contains(plain, p.phrase) {
				continue
			}
			known = true
			if p.id == "BSD-2-Clause" && endorsement.MatchString(plain) {
				p.id = "BSD-3-Clause"
			}
			if !slices.Contains(ids, p.id) {
				ids = append(ids, p.id)
			}
		}
		if !known && grants.MatchString(plain) {
			return nil, fmt.Errorf("%s has a text that is no licence known here: %.80q: find out whether it may be passed on, and add its words to packaging/notices/bill.go", name, plain)
		}
	}
	if len(ids) == 0 {
		return nil, fmt.Errorf("%s has no licence that is known here: find out whether it may be passed on", name)
	}
	slices.Sort(ids)
	list := make([]licensed, len(ids))
	for i, id := range ids {
		list[i].License = &spdx{id}
	}
	return list, nil
}
