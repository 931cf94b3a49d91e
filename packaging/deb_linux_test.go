package packaging

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"v720dvr/internal/config"
)

// pack makes a package of a program that says nothing but its name, and of two pages of nothing.
func pack(t *testing.T, version string) string {
	t.Helper()
	tool(t, "dpkg-deb")
	dir := t.TempDir()
	write := func(name, text string, mode os.FileMode) string {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), mode); err != nil {
			t.Fatal(err)
		}
		return path
	}
	binary, notices := write("v720dvr", "#!/bin/sh\necho v720dvr\n", 0o755), write("NOTICES.txt", "all licences\n", 0o600)
	for _, name := range []string{"v720dvr.1", "v720dvr-run.1", "v720dvr.bash", "v720dvr.zsh", "v720dvr.fish"} {
		write("pages/"+name, name+"\n", 0o600)
	}
	deb := filepath.Join(dir, "v720dvr.deb")
	cmd := exec.Command("./deb", binary, "amd64", version, notices, filepath.Join(dir, "pages"), deb)
	cmd.Env = append(os.Environ(), "SOURCE_DATE_EPOCH=1700000000")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return deb
}

func TestSameInputMakesThePackageOfTheSameBytes(t *testing.T) {
	var made [2][]byte
	for i := range made {
		data, err := os.ReadFile(pack(t, "1.2.3"))
		if err != nil {
			t.Fatal(err)
		}
		made[i] = data
	}
	if !bytes.Equal(made[0], made[1]) {
		t.Error("two packages of the same files differ")
	}
}

func TestPackageHoldsWhatItShouldWithTheRightsItShould(t *testing.T) {
	deb := pack(t, "0~20261123.130904.7ad8de3+dirty")
	list := local(t, "dpkg-deb", "--contents", deb)
	for _, want := range []string{
		"drwxr-xr-x root/root ./\n",
		"-rwxr-xr-x root/root ./usr/bin/v720dvr\n",
		"-rw-r----- root/root ./etc/v720dvr/config.toml\n",
		"-rw-r--r-- root/root ./usr/lib/systemd/system/v720dvr.service\n",
		"-rw-r--r-- root/root ./usr/lib/sysctl.d/60-v720dvr.conf\n",
		"-rw-r--r-- root/root ./usr/share/man/man1/v720dvr-run.1.gz\n",
		"-rw-r--r-- root/root ./usr/share/bash-completion/completions/v720dvr\n",
		"-rw-r--r-- root/root ./usr/share/zsh/vendor-completions/_v720dvr\n",
		"-rw-r--r-- root/root ./usr/share/fish/vendor_completions.d/v720dvr.fish\n",
		"-rw-r--r-- root/root ./usr/share/doc/v720dvr/copyright\n",
		"-rw-r--r-- root/root ./usr/share/doc/v720dvr/examples/disk.conf\n",
		"-rw-r--r-- root/root ./usr/share/doc/v720dvr/examples/cameras.nft\n",
	} {
		found := false
		for line := range strings.Lines(list) {
			if words := strings.Fields(line); len(words) == 6 && fmt.Sprintln(words[0], words[1], words[5]) == want {
				found = true
				if day, err := time.Parse(time.DateOnly, words[3]); err != nil || day.Year() != 2023 {
					t.Errorf("%s: bears another time than its commit: %s", words[5], words[3])
				}
			}
		}
		if !found {
			t.Errorf("not in the package: %s", want)
		}
	}
	dir := t.TempDir()
	local(t, "dpkg-deb", "--raw-extract", deb, dir)
	read := func(name string) string {
		data, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		return string(data)
	}
	if got := read("DEBIAN/conffiles"); got != "/etc/v720dvr/config.toml\n" {
		t.Errorf("conffiles: got %q", got)
	}
	if got := read("DEBIAN/control"); !strings.Contains(got, "\nVersion: 0~20261123.130904.7ad8de3+dirty\nArchitecture: amd64\n") || strings.Contains(got, "@") && !strings.Contains(got, "maintainers@") {
		t.Errorf("control: got %s", got)
	}
	for _, script := range []string{"postinst", "prerm", "postrm"} {
		local(t, "sh", "-n", filepath.Join(dir, "DEBIAN", script))
	}
	sums := exec.Command("md5sum", "--quiet", "--check", "DEBIAN/md5sums")
	sums.Dir = dir
	if out, err := sums.CombinedOutput(); err != nil {
		t.Errorf("md5sums: %v %s", err, out)
	}
	loaded, err := config.Load(config.LoadOptions{File: filepath.Join(dir, "etc/v720dvr/config.toml"), Explicit: true})
	if err != nil {
		t.Fatal(err)
	}
	if changed := config.Diff(config.Default(), loaded.Config); !reflect.DeepEqual(changed, []string{"storage.dir"}) || loaded.Config.Storage.Dir != "/var/lib/v720dvr" {
		t.Errorf("the packaged configuration: %v differ, dir %q", changed, loaded.Config.Storage.Dir)
	}
}

// An upgrade must be one for dpkg too, whatever git says of the commit.
func TestVersionsOfPackagesGrow(t *testing.T) {
	tool(t, "dpkg")
	before := "0"
	for _, commit := range []struct{ described, seconds, want string }{
		{"f4aef46", "1763900000", "0~20251123.121320.f4aef46"},
		{"7ad8de3-dirty", "1763900001", "0~20251123.121321.7ad8de3+dirty"},
		{"v0.9.0", "1763900002", "0.9.0"},
		{"v0.9.0-12-gabcdef0", "1763900003", "0.9.0+12+gabcdef0"},
		{"1.0.0", "1763900004", "1.0.0"},
		{"v1.0.0-1-g0123456-dirty", "1763900005", "1.0.0+1+g0123456+dirty"},
		{"v1.0.1", "1763900006", "1.0.1"},
	} {
		got := strings.TrimSpace(local(t, "./debian-version", commit.described, commit.seconds))
		if got != commit.want {
			t.Errorf("%s: got %s, want %s", commit.described, got, commit.want)
		}
		if before != "0" {
			local(t, "dpkg", "--compare-versions", before, "lt", got)
		}
		before = got
	}
}
