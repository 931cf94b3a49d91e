package packaging

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// tool skips the test where a program is not installed, unless all tests have to run.
func tool(t *testing.T, name string) {
	t.Helper()
	if _, err := exec.LookPath(name); err != nil {
		if os.Getenv("V720DVR_TEST_ALL") != "" {
			t.Fatalf("%s is not installed and V720DVR_TEST_ALL is set", name)
		}
		t.Skipf("SKIPPED: %s is not installed", name)
	}
}

// unit is the service's text, with another program in place of the one that is not installed here.
func unit(t *testing.T) string {
	t.Helper()
	data, err := os.ReadFile("debian/v720dvr.service")
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "v720dvr.service")
	text := regexp.MustCompile(`(?m)^ExecStart=\S+`).ReplaceAllString(string(data), "ExecStart=/bin/true")
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return file
}

func TestSystemdFindsNothingWrongWithTheUnit(t *testing.T) {
	tool(t, "systemd-analyze")
	out, err := exec.Command("systemd-analyze", "verify", "--man=no", unit(t)).CombinedOutput()
	// Where systemd is not the first process, targets of the system may be missing; that is not the unit's.
	for line := range strings.Lines(string(out)) {
		if strings.Contains(line, "v720dvr.service") && !strings.Contains(line, ".target not found") {
			t.Errorf("%v: %s", err, line)
		}
	}
}

// What the sandbox leaves open is what a recorder cannot do without: the network, one right, its folder.
func TestServiceIsExposedByLessThanTwoOfTen(t *testing.T) {
	tool(t, "systemd-analyze")
	out, err := exec.Command("systemd-analyze", "security", "--offline=yes", "--no-pager", unit(t)).CombinedOutput()
	if strings.Contains(string(out), "unrecognized option") {
		if os.Getenv("V720DVR_TEST_ALL") != "" {
			t.Fatal("this systemd is older than 250 and V720DVR_TEST_ALL is set")
		}
		t.Skip("SKIPPED: this systemd is older than 250 and cannot judge a unit that is not running")
	}
	found := regexp.MustCompile(`exposure level for v720dvr.service: ([0-9.]+)`).FindSubmatch(out)
	if found == nil {
		t.Fatalf("no judgement: %v\n%s", err, out)
	}
	level, err := strconv.ParseFloat(string(found[1]), 64)
	if err != nil || level >= 2 {
		t.Errorf("got %s (%v), want less than 2.0:\n%s", found[1], err, out)
	}
}
