package main

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"v720dvr/storage"
)

// coverageOf asks for the coverage of the hour up to a time.
func coverageOf(t *testing.T, dir, name string, to time.Time) (shown shownCoverage) {
	t.Helper()
	code, out, stderr := command(t, dir, "coverage", name, to.Add(-time.Hour).Format(time.RFC3339Nano), to.Format(time.RFC3339Nano), "--json").run()
	if code != exitDone {
		t.Fatalf("coverage: exit code %d, %q", code, stderr)
	}
	if err := json.Unmarshal([]byte(out), &shown); err != nil {
		t.Fatalf("coverage: %v in %s", err, out)
	}
	return shown
}

func (s shownCoverage) has(reason string) bool {
	return slices.ContainsFunc(s.Gaps, func(g shownGap) bool { return g.Reason == reason && g.Means != "" })
}

func TestAPauseHoldsOverARestartAndIsAGapWithItsReason(t *testing.T) {
	const id = "0800c0F00001"
	dir := t.TempDir()
	p := command(t, dir, "run", "--simulate", "1").start()
	p.await("camera streaming.* addr=127")
	code, out, stderr := command(t, dir, "cameras", "pause", id).run()
	if code != exitDone || !strings.Contains(out, "is paused until: v720dvr cameras resume "+id) {
		t.Errorf("pause: exit code %d, %q %q", code, out, stderr)
	}
	p.await("a person changed what is recorded.*paused=true")
	p.finish()
	if code, out, _ := command(t, dir, "schedule", "show").run(); code != exitDone || !strings.Contains(out, "paused; then continuous") {
		t.Errorf("schedule show: exit code %d, %q", code, out)
	}

	p = command(t, dir, "run", "--simulate", "1").start()
	p.await("camera streaming.* addr=127")
	if covered := coverageOf(t, dir, id, time.Now()); !covered.has(storage.GapPaused) || covered.Share == 1 {
		t.Errorf("got %+v, want a gap that is paused", covered)
	}
	code, out, stderr = command(t, dir, "cameras", "resume", id, "--json").run()
	if code != exitDone || out != `{"id":"`+id+`","name":"`+id+`","paused":false,"running":true}`+"\n" {
		t.Errorf("resume: exit code %d, %q %q", code, out, stderr)
	}
	p.await("a person changed what is recorded.*paused=false")
	p.finish()
	ended := time.Now()
	covered := coverageOf(t, dir, id, ended)
	if !covered.has(storage.GapPaused) || !covered.has(storage.GapRestarted) || covered.has(storage.GapUnknown) {
		t.Errorf("got %+v without a running one, want paused, and restarted before", covered)
	}
	if code, out, stderr := command(t, dir, "reindex").run(); code != exitDone {
		t.Fatalf("reindex: exit code %d, %q %q", code, out, stderr)
	}
	again := coverageOf(t, dir, id, ended)
	if !reflect.DeepEqual(again, covered) {
		t.Errorf("got %+v after reindex, want %+v", again, covered)
	}
	if code, out, _ := command(t, dir, "coverage", id, "00:00").run(); code != exitDone || !strings.Contains(out, "recorded: ") || !strings.Contains(out, "v720dvr cameras pause") {
		t.Errorf("coverage: exit code %d, %q", code, out)
	}
}

func TestACameraThatIsAskedForIsRecordedWithTheSecondsBefore(t *testing.T) {
	t.Parallel()
	const id = "0800c0F00001"
	dir := t.TempDir()
	p := command(t, dir, "run", "--simulate", "1")
	p.Env = append(p.Env, "V720DVR_RECORDING_MODE=motion", "V720DVR_RECORDING_POSTROLL=0s", "V720DVR_LOG_LEVEL=debug", "V720DVR_MOTION_ENABLED=false")
	p.start()
	p.await("camera streaming.* addr=127")
	code, out, stderr := command(t, dir, "cameras", "record", id, "0s").run()
	if code != exitDone || !strings.Contains(out, "is recorded") {
		t.Errorf("record: exit code %d, %q %q", code, out, stderr)
	}
	p.await(`segment committed.*_motion\.avi`)
	if covered := coverageOf(t, dir, id, time.Now()); !covered.has(storage.GapIdle) || covered.Frames == 0 {
		t.Errorf("got %+v, want some pictures and a gap that is idle", covered)
	}
	p.finish()
	if code, _, stderr := command(t, dir, "cameras", "record", id).run(); code != exitFailed || !strings.Contains(stderr, "not running") {
		t.Errorf("record without a running one: exit code %d, %q", code, stderr)
	}
}

func TestPauseRecordAndCoverageRefuseWhatTheyCannotRead(t *testing.T) {
	const id = "0800c0F00001"
	dir := t.TempDir()
	p := command(t, dir, "run", "--simulate", "1").start()
	p.await("camera streaming.* addr=127")
	p.finish()
	for _, c := range []struct {
		args []string
		code int
		says string
	}{
		{[]string{"cameras", "pause"}, exitUsage, "takes a camera's name"},
		{[]string{"cameras", "pause", "nowhere"}, exitFailed, "cameras list"},
		{[]string{"cameras", "pause", id, "soon"}, exitUsage, "soon"},
		{[]string{"cameras", "pause", id, "0s"}, exitUsage, "cameras resume"},
		{[]string{"cameras", "pause", id, "1h", "--until", "18:00"}, exitUsage, "not both"},
		{[]string{"cameras", "pause", id, "--until", "2020-01-01"}, exitUsage, "is over"},
		{[]string{"cameras", "record", id, "48h"}, exitUsage, "up to 24h"},
		{[]string{"coverage", id}, exitUsage, "one or two times"},
		{[]string{"coverage", id, "then"}, exitUsage, "is no time"},
		{[]string{"coverage", id, "2026-11-23", "2026-11-22"}, exitUsage, "is no time"},
		{[]string{"coverage", "nowhere", "00:00"}, exitFailed, "cameras list"},
	} {
		if code, _, stderr := command(t, dir, c.args...).run(); code != c.code || !strings.Contains(stderr, c.says) {
			t.Errorf("%q: exit code %d, %q; want %d and %q", c.args, code, stderr, c.code, c.says)
		}
	}
	code, out, stderr := command(t, dir, "cameras", "pause", id, "2h").run()
	if code != exitDone || !strings.Contains(out, "v720dvr is not running now") {
		t.Errorf("pause without a running one: exit code %d, %q %q", code, out, stderr)
	}
	if code, out, _ := command(t, dir, "schedule", "show", "--json").run(); code != exitDone || !strings.Contains(out, `"why":"paused; then`) {
		t.Errorf("schedule show: exit code %d, %s", code, out)
	}
	if code, _, stderr := command(t, dir, "cameras", "resume", id).run(); code != exitDone {
		t.Errorf("resume without a running one: exit code %d, %q", code, stderr)
	}
}
