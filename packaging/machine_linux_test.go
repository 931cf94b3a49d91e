package packaging

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// machine is a Debian made for a test, with systemd as its first process, in namespaces of this one.
type machine struct {
	t    *testing.T
	root string // its files, seen from here
	pid  string // of its first process, likewise
}

// boot makes a Debian of a suite, as small as it can be with apt and systemd, or takes one out of a file, and starts it
// without a network.
func boot(t *testing.T, suite, mirror, tree string) *machine {
	t.Helper()
	m := &machine{t: t, root: filepath.Join(t.TempDir(), "debian")}
	began := time.Now()
	if tree != "" {
		local(t, "mkdir", m.root)
		local(t, "tar", "--directory="+m.root, "--numeric-owner", "-xf", tree)
	} else {
		local(t, "mmdebstrap", "--quiet", "--variant=essential", "--include=apt,systemd,systemd-sysv,adduser", suite, m.root, mirror)
	}
	t.Logf("%s made in %v", suite, time.Since(began).Round(time.Second))

	// A mount namespace of its own: what the container leaves in /run is gone with it.
	cmd := exec.Command("unshare", "--mount", "--propagation", "private", "--", "systemd-nspawn", "--quiet",
		"--register=no", "--keep-unit", "--private-network", "--machine=v720dvr-test", "--directory="+m.root, "--boot")
	var console bytes.Buffer
	cmd.Stdout, cmd.Stderr = &console, &console
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	t.Cleanup(func() {
		cmd.Process.Signal(syscall.SIGTERM) // which nspawn takes for: switch it off
		select {
		case <-ended:
		case <-time.After(30 * time.Second):
			cmd.Process.Kill()
			<-ended
		}
		if t.Failed() {
			t.Logf("its console:\n%s", console.Bytes())
		}
	})
	m.until("systemd is the first process", func() bool { return m.find(cmd.Process.Pid) })
	m.until("it has started", func() bool {
		said, _ := m.try("systemctl is-system-running")
		return said == "running" || said == "degraded"
	})
	return m
}

// find looks for the first process of the machine: the child of nspawn that is systemd.
func (m *machine) find(nspawn int) bool {
	children, _ := os.ReadFile(fmt.Sprintf("/proc/%d/task/%[1]d/children", nspawn))
	for pid := range strings.FieldsSeq(string(children)) {
		if name, _ := os.ReadFile("/proc/" + pid + "/comm"); strings.TrimSpace(string(name)) == "systemd" {
			m.pid = pid
			return true
		}
	}
	return false
}

// try has a shell of the machine run a script, as root, and returns what it says.
func (m *machine) try(script string) (string, error) {
	cmd := exec.Command("nsenter", "--target", m.pid, "--all", "--", "/bin/sh", "-ec", script)
	cmd.Env = []string{"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "DEBIAN_FRONTEND=noninteractive", "LC_ALL=C", "HOME=/root"}
	out, err := cmd.CombinedOutput()
	return strings.TrimSpace(string(out)), err
}

// run is try for what must work.
func (m *machine) run(script string) string {
	m.t.Helper()
	out, err := m.try(script)
	if err != nil {
		m.t.Fatalf("%s: %v\n%s\n%s", script, err, out, m.journal())
	}
	return out
}

// journal is what the service said last.
func (m *machine) journal() string {
	out, _ := m.try("systemctl status v720dvr --no-pager -n 60 || true")
	return out
}

// until waits for what comes within a minute.
func (m *machine) until(what string, is func() bool) {
	m.t.Helper()
	look := time.NewTicker(100 * time.Millisecond)
	defer look.Stop()
	for limit := time.After(time.Minute); !is(); {
		select {
		case <-look.C:
		case <-limit:
			m.t.Fatalf("not within a minute: %s\n%s", what, m.journal())
		}
	}
}

// has reports whether a file of the machine is there.
func (m *machine) has(path string) bool {
	_, err := os.Lstat(filepath.Join(m.root, path))
	return err == nil
}

// write makes a file of the machine.
func (m *machine) write(path, text string) {
	m.t.Helper()
	path = filepath.Join(m.root, path)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		m.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		m.t.Fatal(err)
	}
}

// property is what systemd says of the service.
func (m *machine) property(name string) string {
	out, _ := m.try("systemctl show --value -p " + name + " v720dvr")
	return out
}

func (m *machine) restarts() int {
	n, _ := strconv.Atoi(m.property("NRestarts"))
	return n
}

// local runs a command of this machine.
func local(t *testing.T, name string, args ...string) string {
	t.Helper()
	out, err := exec.Command(name, args...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
	return string(out)
}
