package main

import (
	"bytes"
	"debug/buildinfo"
	"encoding/json"
	"strings"
	"testing"
)

func TestBillHasEachPartWithVersionChecksumAndLicence(t *testing.T) {
	binary := built(t)
	var first, second bytes.Buffer
	if err := writeBill(&first, "v1.2.3", []string{binary}); err != nil {
		t.Fatal(err)
	}
	if err := writeBill(&second, "v1.2.3", []string{binary}); err != nil || !bytes.Equal(first.Bytes(), second.Bytes()) {
		t.Errorf("a second bill of the same binary is another one: %v", err)
	}
	var got bill
	if err := json.Unmarshal(first.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	if got.Format != "CycloneDX" || got.Spec != "1.6" || got.Metadata.Component.Version != "v1.2.3" {
		t.Errorf("got %s %s of %+v", got.Format, got.Spec, got.Metadata)
	}
	have := map[string]component{}
	for _, c := range got.Components {
		if have[c.PURL].PURL != "" {
			t.Errorf("%s stands there twice", c.PURL)
		}
		have[c.PURL] = c
		if c.PURL == "" || c.Ref != c.PURL || len(c.Licences) == 0 {
			t.Errorf("got %+v, want a name and a licence", c)
		}
	}
	info, err := buildinfo.ReadFile(binary)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range info.Deps {
		c := have["pkg:golang/"+m.Path+"@"+m.Version]
		if len(c.Hashes) != 1 || c.Hashes[0].Algorithm != "SHA-256" || len(c.Hashes[0].Content) != 64 {
			t.Errorf("%s %s: got %+v, want it with its checksum", m.Path, m.Version, c)
		}
	}
	for purl, licence := range map[string]string{
		"pkg:golang/std@" + strings.TrimPrefix(info.GoVersion, "go"): "BSD-3-Clause",
		"pkg:golang/modernc.org/sqlite@v1.61.1":                      "blessing",
		"pkg:golang/github.com/eclipse/paho.golang@v0.23.0":          "EPL-2.0 OR BSD-3-Clause",
		"pkg:golang/github.com/coder/websocket@v1.8.15":              "ISC",
		"pkg:npm/lit@3.3.3": "BSD-3-Clause", "pkg:npm/uplot@1.6.32": "MIT", "pkg:npm/lucide@1.62.0": "ISC",
	} {
		said := false
		for _, l := range have[purl].Licences {
			said = said || l.Expression == licence || l.License != nil && l.License.ID == licence
		}
		if !said {
			t.Errorf("%s: got %+v, want %s", purl, have[purl].Licences, licence)
		}
	}
}

func TestTextThatIsNoKnownLicenceIsRefused(t *testing.T) {
	for text, ids := range map[string]string{
		"Permission is hereby granted,\nfree of charge":                               "MIT",
		"Redistribution and use in\n// source and binary forms … Neither the name of": "BSD-3-Clause",
		"Redistribution and use in source and binary forms":                           "BSD-2-Clause",
		"Permission to use, copy, modify, and/or distribute":                          "ISC",
		"GNU GENERAL PUBLIC LICENSE … you are permitted":                              "",
		"You may use it on Tuesdays, if permission is given.":                         "",
		"a notice of somebody":                                                        "",
	} {
		list, err := identify("example.org/a", [][]byte{[]byte(text)})
		if (err != nil) != (ids == "") || err == nil && (len(list) != 1 || list[0].License.ID != ids) {
			t.Errorf("%q: got %+v, %v; want %q", text, list, err, ids)
		}
	}
	mixed := [][]byte{[]byte("Permission is hereby granted, free of charge"), []byte("a notice"), []byte("This is GPL software, redistributable")}
	if list, err := identify("example.org/a", mixed); err == nil {
		t.Errorf("got %+v of a licence beside one that is not known", list)
	}
}
