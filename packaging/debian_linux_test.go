package packaging

import (
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"
)

var (
	packages = flag.String("packages", "", "folder with the packages to install, as `make dist` makes it")
	suite    = flag.String("suite", "bookworm", "Debian's suite to install them on")
	mirror   = flag.String("mirror", "http://deb.debian.org/debian", "where Debian comes from")
	tree     = flag.String("tree", "", "a Debian that `mmdebstrap --variant=essential --include=apt,systemd,systemd-sysv,adduser SUITE FILE.tar` made, in place of a new one")
)

// What a person does with the package in years, on a Debian with systemd that is as clean as it can be.
func TestPackageOnDebian(t *testing.T) {
	if *packages == "" {
		t.Log("SKIPPED: no package to install; `make test-dist` makes one, and a Debian for it, as root")
		return
	}
	fresh := newest(t)
	m := boot(t, *suite, *mirror, *tree)
	for name, file := range map[string]string{"new.deb": fresh, "old.deb": older(t, fresh)} {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		m.write("root/"+name, string(data))
	}
	for _, step := range []struct {
		name string
		try  func(*testing.T, *machine)
	}{
		{"installed, it runs and is well", installs},
		{"systemd finds nothing wrong with the unit", verifies},
		{"the service writes nowhere but into its folders", confines},
		{"it records to another disk", records},
		{"when it hangs it is started again", revives},
		{"upgraded, it keeps its settings", upgrades},
		{"disabled, it stays so", staysDisabled},
		{"removed, it leaves settings and recordings", leaves},
		{"purged, it leaves recordings", purges},
	} {
		if !t.Run(step.name, func(t *testing.T) { m.t = t; step.try(t, m) }) {
			m.t = t
			return // what follows builds on it
		}
	}
	m.t = t
}

// newest is the package for this machine.
func newest(t *testing.T) string {
	t.Helper()
	arch := runtime.GOARCH
	if arch == "arm" {
		arch = "armhf"
	}
	found, _ := filepath.Glob(filepath.Join(*packages, "v720dvr_*_"+arch+".deb"))
	if len(found) != 1 {
		t.Fatalf("got packages %q in %s for %s, want one", found, *packages, arch)
	}
	return found[0]
}

// older is the same package as an earlier version of itself, with another config.toml.
func older(t *testing.T, deb string) string {
	t.Helper()
	tree := filepath.Join(t.TempDir(), "older")
	local(t, "dpkg-deb", "-R", deb, tree)
	control := filepath.Join(tree, "DEBIAN", "control")
	edit(t, control, func(text string) string {
		return regexp.MustCompile(`(?m)^Version: .*`).ReplaceAllString(text, "Version: 0~0")
	})
	edit(t, filepath.Join(tree, "etc/v720dvr/config.toml"), func(text string) string { return "# An earlier text.\n" + text })
	file := filepath.Join(t.TempDir(), "old.deb")
	local(t, "dpkg-deb", "--root-owner-group", "-Zgzip", "-z1", "--build", tree, file)
	return file
}

func edit(t *testing.T, path string, change func(string) string) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(change(string(data))), 0o644); err != nil {
		t.Fatal(err)
	}
}

func installs(t *testing.T, m *machine) {
	m.run("apt-get install -y /root/old.deb")
	// Type=notify: the installation came back when the service had said that it is ready.
	for property, want := range map[string]string{
		"ActiveState": "active", "SubState": "running", "UnitFileState": "enabled", "NRestarts": "0",
		"StatusText": "0 cameras connected, 0 streaming.",
	} {
		if got := m.property(property); got != want {
			t.Errorf("%s: got %q, want %q", property, got, want)
		}
	}
	if said := m.run("v720dvr healthcheck"); !strings.Contains(said, "All is well") {
		t.Errorf("healthcheck: got %q", said)
	}
	status := m.run("cat /proc/" + m.property("MainPID") + "/status")
	for _, line := range []string{"NoNewPrivs:\t1", "Seccomp:\t2", "CapEff:\t0000000000000400", "CapBnd:\t0000000000000400"} { // 1<<10 is CAP_NET_BIND_SERVICE
		if !strings.Contains(status, line) {
			t.Errorf("the process is without %q:\n%s", line, status)
		}
	}
	if id := m.run("id -u v720dvr"); !strings.Contains(status, "Uid:\t"+id+"\t"+id) {
		t.Errorf("it does not run as v720dvr (%s):\n%s", id, status)
	}
	if said := m.run("journalctl -u v720dvr"); !strings.Contains(said, "First start: log in on the page as admin") {
		t.Errorf("nobody finds the first password: %s", said)
	}
	if said := m.run("stat -c '%a %U:%G' /etc/v720dvr/config.toml /var/lib/v720dvr"); said != "640 root:v720dvr\n750 v720dvr:v720dvr" {
		t.Errorf("rights: got %q", said)
	}
	m.run("test -s /usr/share/bash-completion/completions/v720dvr")
	m.run("gzip -dc /usr/share/man/man1/v720dvr-cameras.1.gz | grep -q TH")
}

func verifies(t *testing.T, m *machine) {
	if said, err := m.try("systemd-analyze verify --man=no v720dvr.service 2>&1"); err != nil || strings.Contains(said, "v720dvr") {
		t.Errorf("%v: %s", err, said)
	}
}

// confines asks the service's own sandbox which files and folders can be written there.
func confines(t *testing.T, m *machine) {
	unit := m.run("cat /usr/lib/systemd/system/v720dvr.service")
	unit = regexp.MustCompile(`(?m)^(Type|ExecStart|Restart|RestartSec|WatchdogSec|Wants|After)=.*\n`).ReplaceAllString(unit, "")
	unit = strings.Replace(unit, "[Service]\n", "[Service]\nType=oneshot\nStandardOutput=file:/run/writable\n"+
		`ExecStart=/bin/sh -c "find / \( -path /proc -o -path /sys \) -prune -o \( -type d -o -type f \) -writable -print 2>/dev/null; true"`+"\n", 1)
	m.write("etc/systemd/system/probe.service", unit)
	m.run("systemctl daemon-reload; systemctl start probe")
	var outside []string
	found := strings.Fields(m.run("cat /run/writable"))
	for _, path := range found {
		if path != "/tmp" && path != "/var/tmp" && path != "/var/lib/v720dvr" && !strings.HasPrefix(path, "/var/lib/v720dvr/") {
			outside = append(outside, path)
		}
	}
	if len(outside) > 0 {
		t.Errorf("can be written: %q", outside)
	}
	if !slices.Contains(found, "/var/lib/v720dvr") {
		t.Errorf("got %q, want /var/lib/v720dvr among it", found)
	}
	if m.run("touch /tmp/a; systemctl show --value -p PrivateTmp probe") != "yes" {
		t.Error("its /tmp is everybody's")
	}
}

// records takes the way of docs/packages.md to another disk, with a simulated camera.
func records(t *testing.T, m *machine) {
	m.run(`install -d -o v720dvr -g v720dvr -m 0750 /srv/cameras
sed -i 's|^recordings = ""$|recordings = "/srv/cameras"|' /etc/v720dvr/config.toml
grep -q '^recordings = "/srv/cameras"$' /etc/v720dvr/config.toml
install -D -m 644 /usr/share/doc/v720dvr/examples/disk.conf /etc/systemd/system/v720dvr.service.d/disk.conf`)
	m.write("etc/systemd/system/v720dvr.service.d/simulate.conf",
		"[Service]\nExecStart=\nExecStart=/usr/bin/v720dvr run --config /etc/v720dvr/config.toml --simulate 1\n")
	m.run("systemctl daemon-reload; systemctl restart v720dvr")
	m.until("a picture is in a file on the other disk", func() bool {
		size, err := m.try("find /srv/cameras -name '*.avi*' -size +64k | grep .")
		return err == nil && size != ""
	})
	if mounts := m.property("RequiresMountsFor"); !strings.Contains(mounts, "/srv/cameras") || !strings.Contains(mounts, "/var/lib/v720dvr") {
		t.Errorf("it does not wait for its disks: %s", mounts)
	}
	m.run("v720dvr healthcheck")
}

// revives stops the process as a hang would, and waits for systemd.
func revives(t *testing.T, m *machine) {
	m.write("etc/systemd/system/v720dvr.service.d/hasty.conf", "[Service]\nWatchdogSec=2s\nTimeoutStopSec=1s\nRestartSec=100ms\n")
	m.run("systemctl daemon-reload; systemctl restart v720dvr")
	before := m.property("MainPID")
	m.run("kill -STOP " + before)
	m.until("it has been started again", func() bool {
		return m.restarts() == 1 && m.property("ActiveState") == "active" && m.property("MainPID") != before
	})
	m.run("rm /etc/systemd/system/v720dvr.service.d/hasty.conf; systemctl daemon-reload; v720dvr healthcheck")
}

func upgrades(t *testing.T, m *machine) {
	before := m.property("MainPID")
	said := m.run("apt-get install -y -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold /root/new.deb")
	if installed := m.run("dpkg-query -W -f '${Version} ${Status}' v720dvr"); strings.HasPrefix(installed, "0~0 ") || !strings.HasSuffix(installed, " install ok installed") {
		t.Errorf("got %q installed: %s", installed, said)
	}
	if pid := m.property("MainPID"); pid == before || m.property("ActiveState") != "active" {
		t.Errorf("the new one does not run: process %s, before %s", pid, before)
	}
	m.run(`grep -q '^recordings = "/srv/cameras"$' /etc/v720dvr/config.toml`)
	m.run("test -f /etc/systemd/system/v720dvr.service.d/disk.conf; v720dvr healthcheck")
	if said := m.run("stat -c '%a %U:%G' /etc/v720dvr/config.toml"); said != "640 root:v720dvr" {
		t.Errorf("rights: got %q", said)
	}
}

func staysDisabled(t *testing.T, m *machine) {
	m.run("systemctl disable v720dvr; apt-get install -y --reinstall /root/new.deb")
	if got := m.property("UnitFileState"); got != "disabled" {
		t.Errorf("got %q, want disabled", got)
	}
	m.run("systemctl enable v720dvr")
}

func leaves(t *testing.T, m *machine) {
	m.run("apt-get remove -y v720dvr")
	if state := m.property("ActiveState"); state != "inactive" && state != "failed" {
		t.Errorf("it still runs: %s", state)
	}
	if m.has("usr/bin/v720dvr") {
		t.Error("the program is still there")
	}
	for _, path := range []string{"etc/v720dvr/config.toml", "var/lib/v720dvr/state.sqlite"} {
		if !m.has(path) {
			t.Errorf("%s is gone", path)
		}
	}
	if parts := m.run("find /srv/cameras -name '*.part'"); parts != "" {
		t.Errorf("open files were not finished: %s", parts)
	}
	m.run("find /srv/cameras -name '*.avi' | grep .")
}

func purges(t *testing.T, m *machine) {
	said := m.run("apt-get purge -y v720dvr")
	if !strings.Contains(said, "stays in /var/lib/v720dvr") {
		t.Errorf("it does not say what stays: %s", said)
	}
	for _, path := range []string{"etc/v720dvr/config.toml", "etc/systemd/system/multi-user.target.wants/v720dvr.service"} {
		if m.has(path) {
			t.Errorf("%s is still there", path)
		}
	}
	m.run("id v720dvr; test -f /var/lib/v720dvr/state.sqlite; find /srv/cameras -name '*.avi' | grep .")
}
