package main

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

func TestZoneFollowsTheSystemsFile(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "zoneinfo", "Europe")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(t.TempDir(), "localtime")
	point := func(name string) {
		t.Helper()
		data, err := os.ReadFile(filepath.Join("testdata", "zone", name))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o644); err != nil {
			t.Fatal(err)
		}
		os.Remove(link)
		if err := os.Symlink(filepath.Join(dir, name), link); err != nil {
			t.Fatal(err)
		}
	}
	var told []string
	z := newZone(time.UTC, testLog(t))
	z.file = link
	z.changed = func(l *time.Location) { told = append(told, l.String()) }
	summer := time.Date(2026, 7, 1, 12, 0, 0, 0, time.UTC)

	point("Berlin")
	z.look()
	z.look() // nothing new
	if got := summer.In(z.now()).Format("15:04 MST"); got != "14:00 CEST" {
		t.Errorf("got %s in Berlin", got)
	}
	os.Remove(link)
	z.look() // it is being replaced
	if err := os.WriteFile(link, []byte("TZif, and no more of it"), 0o644); err != nil {
		t.Fatal(err)
	}
	z.look()
	if got := z.now().String(); got != "Europe/Berlin" {
		t.Errorf("got %s after a file that is broken, want the zone of before", got)
	}
	point("London")
	z.look()
	if got := summer.In(z.now()).Format("15:04 MST"); got != "13:00 BST" {
		t.Errorf("got %s in London", got)
	}
	if len(told) != 2 || told[0] != "Europe/Berlin" || told[1] != "Europe/London" {
		t.Errorf("told of %q, want both changes once", told)
	}
}
