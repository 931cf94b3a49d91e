package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"v720dvr/camera"
	"v720dvr/web"
)

func TestRetentionPlanAndApplyWorkBesideARunningOneAndWithoutOne(t *testing.T) {
	t.Parallel()
	const id = "0800c0F00001"
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "config.toml"), []byte("[recording]\nsegment = \"5s\"\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	p := command(t, dir, "run", "--simulate", "1").start()
	p.await("camera streaming.* addr=127")
	files := func() (n int) {
		found, err := filepath.Glob(filepath.Join(dir, "data", "recordings", "*", "*", "*.avi"))
		if err != nil {
			t.Fatal(err)
		}
		return len(found)
	}
	eventually(t, "three files", func() bool { return files() >= 3 })
	plan := func(args ...string) (told shownPlan) {
		t.Helper()
		code, out, stderr := command(t, dir, append([]string{"retention", "plan", "--json"}, args...)...).run()
		if err := json.Unmarshal([]byte(out), &told); code != exitDone || err != nil {
			t.Fatalf("plan %q: exit code %d, %v, %q %q", args, code, err, out, stderr)
		}
		return told
	}
	there := files()
	if told := plan(); told.Goes.Segments != 0 || told.All.Segments < there {
		t.Errorf("by the rules in force: got %+v of %d files", told, there)
	}
	if told := plan("--what-if", id+".max_size=1kB"); told.Goes.Segments < 2 || !told.Most || len(told.Cameras) != 1 || told.Cameras[0].Goes.Bytes != told.Goes.Bytes {
		t.Errorf("with 1 kB for it: got %+v", told)
	}
	if files() < there {
		t.Error("a plan has deleted files")
	}
	// More than half goes when that is said twice.
	code, out, stderr := command(t, dir, "retention", "apply", "--what-if", "max_size=1kB", "--yes").run()
	if code != exitFailed || !strings.Contains(stderr, "--more-than-half") || files() < there || !strings.Contains(out, "more than half") {
		t.Errorf("said once: exit code %d, %q %q, %d files", code, out, stderr, files())
	}
	apply := command(t, dir, "retention", "apply", "--what-if", "max_size=1kB")
	apply.Stdin = strings.NewReader("yes\nmore than half\n")
	if code, out, stderr := apply.run(); code != exitDone || !strings.Contains(out, "Deleted: ") {
		t.Errorf("said twice: exit code %d, %q %q", code, out, stderr)
	}
	if n := files(); n > 2 { // the newest, and one that was finished meanwhile
		t.Errorf("%d files are left", n)
	}
	code, out, _ = command(t, dir, "config", "print", "--origin").run()
	if code != exitDone || !strings.Contains(out, `max_size = "1kB"`) {
		t.Errorf("the rule is not set: %q", out)
	}
	eventually(t, "three files", func() bool { return files() >= 3 })
	p.finish()

	if told := plan("--what-if", "max_size="); told.Goes.Segments != 0 || told.All.Segments < 3 {
		t.Errorf("without a running one, the rule taken back: got %+v", told)
	}
	there = files()
	no := command(t, dir, "retention", "apply")
	no.Stdin = strings.NewReader("no\n")
	if code, _, stderr := no.run(); code != exitFailed || !strings.Contains(stderr, "nothing was changed") || files() != there {
		t.Errorf("said no: exit code %d, %q", code, stderr)
	}
	if code, out, stderr := command(t, dir, "retention", "apply", "--yes", "--more-than-half", "--json").run(); code != exitDone || !strings.Contains(out, `"by_rule":{"max_size":`) || files() != 1 {
		t.Errorf("without a running one: exit code %d, %q %q, %d files", code, out, stderr, files())
	}
	if code, out, _ := command(t, dir, "retention", "plan").run(); code != exitDone || !strings.Contains(out, "Nothing would be deleted now.") {
		t.Errorf("exit code %d, %q", code, out)
	}
	for _, wrong := range [][]string{
		{"retention", "plan", "--what-if", "max_size"}, {"retention", "plan", "--what-if", "max_size=much"}, {"retention", "plan", "now"},
	} {
		if code, _, stderr := command(t, dir, wrong...).run(); code != exitUsage || stderr == "" {
			t.Errorf("%q: exit code %d, %q", wrong, code, stderr)
		}
	}
	if code, _, stderr := command(t, dir, "retention", "plan", "--what-if", "nowhere.max_age=1d").run(); code != exitFailed || !strings.Contains(stderr, "nowhere") {
		t.Errorf("exit code %d, %q", code, stderr)
	}
}

// Thinned at once, too: by the command itself where nobody records, else by who does.
func TestRetentionApplyThinsAtOnce(t *testing.T) {
	t.Parallel()
	const thin = `thin=[{"after":"1d","fps":0.1}]`
	dir, noon := t.TempDir(), time.Now().UTC().Truncate(24*time.Hour).Add(-36*time.Hour)
	film := func(id string, from time.Time) {
		past{cameras: []pastCamera{{id: camera.ID(id), name: id, fps: 1, footage: []pastSpan{{from, from.Add(2 * time.Minute)}}}}}.write(t, dir)
	}
	film("0800c0F00001", noon)
	var told shownPlan
	code, out, stderr := command(t, dir, "retention", "plan", "--what-if", thin, "--json").run()
	if err := json.Unmarshal([]byte(out), &told); code != exitDone || err != nil || len(told.Thins) != 1 || told.Thins[0].Due.Segments != 1 || told.Thins[0].Frees == 0 {
		t.Fatalf("exit code %d, %v, %q %q", code, err, out, stderr)
	}
	var swept web.Swept
	code, out, stderr = command(t, dir, "retention", "apply", "--yes", "--what-if", thin, "--json").run()
	if err := json.Unmarshal([]byte(out), &swept); code != exitDone || err != nil || swept.Thinned != 1 || swept.Freed == 0 || swept.Segments != 0 || !strings.Contains(stderr, "Would be thinned now") {
		t.Errorf("exit code %d, %v, %q %q", code, err, out, stderr)
	}
	film("0800c0F00002", noon)
	p := command(t, dir, "run")
	p.Env = append(p.Env, "V720DVR_CLOUD_HTTP=127.0.0.1:0", "V720DVR_CLOUD_CONTROL=127.0.0.1:0", "V720DVR_CLOUD_MQTT=127.0.0.1:0", "V720DVR_RETENTION_CRON=0 0 1 1 *")
	p.start().await("ready for cameras")
	if code, out, stderr := command(t, dir, "retention", "apply", "--yes").run(); code != exitDone || !strings.Contains(out, "Thinning goes on") {
		t.Errorf("exit code %d, %q %q", code, out, stderr)
	}
	p.await("recordings thinned")
	p.finish()
	if code, out, _ := command(t, dir, "retention", "plan").run(); code != exitDone || strings.Contains(out, "thinned") {
		t.Errorf("exit code %d, %q", code, out)
	}
}
