package main

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

const scheduledConfig = `[recording]
mode = "continuous"
[[camera]]
id = "0800c00128F8"
name = "front door"
[[camera]]
id = "0800c00128F9"
name = "garden"
[camera.recording]
mode = "motion"
[[schedule]]
cameras = ["front door"]
start = "0 22 * * *"
stop = "0 6 * * *"
mode = "motion"
[[schedule]]
cameras = ["0800c00128F8"]
start = "30 2 * * sun"
stop = "0 3 * * *"
mode = "off"
`

func TestScheduleShowTellsWhatIsInForceAndWhy(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "config.toml"), scheduledConfig)
	ask := func(args ...string) (int, string, string) {
		t.Helper()
		p := command(t, dir, append([]string{"schedule", "show"}, args...)...)
		p.Env = append(p.Env, "TZ=Europe/Berlin")
		return p.run()
	}

	code, out, stderr := ask("--at", "2026-10-24 23:10")
	want := []string{
		"In force at Sat 2026-10-24 23:10 +0200:", "",
		"CAMERA      MODE    SINCE                       UNTIL                       WHY",
		`front door  motion  Sat 2026-10-24 22:00 +0200  Sun 2026-10-25 02:30 +0200  schedule 1 (config.toml:13), "0 22 * * *" to "0 6 * * *"`,
		"garden      motion  always                      always                      its recording.mode (config.toml:10)", "",
		"The next 10 changes:", "",
		"WHEN                        CAMERA      MODE        WHY",
		`Sun 2026-10-25 02:30 +0200  front door  off         schedule 2 (config.toml:18), "30 2 * * sun" to "0 3 * * *"`,
		`Sun 2026-10-25 03:00 +0100  front door  motion      schedule 1 (config.toml:13), "0 22 * * *" to "0 6 * * *"`,
		"Sun 2026-10-25 06:00 +0100  front door  continuous  no schedule is open: its recording.mode (config.toml:2)",
		`Sun 2026-10-25 22:00 +0100  front door  motion      schedule 1 (config.toml:13), "0 22 * * *" to "0 6 * * *"`,
	}
	if code != exitDone || stderr != "" || !strings.HasPrefix(out, strings.Join(want, "\n")+"\n") || strings.Count(out, "\n") != 19 {
		t.Errorf("exit code %d, %q, got\n%s\nwant\n%s\nand six more", code, stderr, out, strings.Join(want, "\n"))
	}

	code, out, stderr = ask("--camera", "Front Door", "--at", "2026-03-28T21:00:00Z", "--json")
	var shown shownSchedule
	if err := json.Unmarshal([]byte(out), &shown); err != nil || code != exitDone {
		t.Fatalf("exit code %d, %v, %q %q", code, err, out, stderr)
	}
	if len(shown.Cameras) != 1 || shown.Cameras[0].Schedule != 1 || shown.Cameras[0].ID != "0800c00128F8" || len(shown.Changes) != 10 {
		t.Errorf("got %+v", shown)
	}
	// Clocks go from 02:00 to 03:00: what would begin at 02:30 and end at 03:00 does not begin.
	if first := shown.Changes[0]; first.Mode != "continuous" || !first.From.Equal(time.Date(2026, 3, 29, 4, 0, 0, 0, time.UTC)) {
		t.Errorf("the first change is %+v", first)
	}

	code, out, stderr = ask("--camera", "garden")
	if code != exitDone || !strings.HasSuffix(out, "\nNothing changes.\n") {
		t.Errorf("garden: exit code %d, %q %q", code, out, stderr)
	}
	for _, args := range [][]string{{"--camera", "nowhere"}, {"--at", "soon"}, {"more"}} {
		if code, _, stderr := ask(args...); code != exitUsage || strings.Count(stderr, "\n") != 1 {
			t.Errorf("%v: exit code %d, %q; want 2 and a reason", args, code, stderr)
		}
	}
}

func TestScheduleShowWithoutCamerasTellsOfThoseThatWillCome(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "config.toml"), "[[schedule]]\nstart = \"0 22 * * *\"\nstop = \"0 6 * * *\"\nmode = \"off\"\n")
	code, out, stderr := command(t, dir, "schedule", "show", "--at", "23:00").run()
	if code != exitDone || !strings.Contains(out, "every camera  off ") {
		t.Errorf("exit code %d, %q %q", code, out, stderr)
	}
	write(t, filepath.Join(dir, "config.toml"), "[[schedule]]\nstart = \"0 22 * * *\"\nstop = \"0 22 * * *\"\nmode = \"off\"\n")
	code, _, stderr = command(t, dir, "schedule", "show").run()
	if code != exitUsage || !strings.Contains(stderr, "config.toml:3: schedule.stop") || !strings.Contains(stderr, "never closes") {
		t.Errorf("a window that never closes: exit code %d, %q", code, stderr)
	}
}

func TestMomentsOfTheCommandLineAreReadInManyForms(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 11, 22, 20, 15, 0, 0, berlin)
	for text, want := range map[string]string{
		"": "2026-11-22T20:15:00+01:00", "14:05": "2026-11-22T14:05:00+01:00", "2026-07-01": "2026-07-01T00:00:00+02:00", "2026-07-01 9:30": "2026-07-01T09:30:00+02:00",
		"2026-07-01 09:30": "2026-07-01T09:30:00+02:00", "2026-07-01T09:30:05": "2026-07-01T09:30:05+02:00", "2026-07-01T09:30:05Z": "2026-07-01T11:30:05+02:00", "tomorrow": "",
	} {
		got, err := momentFlag(text, now)
		if (err != nil) != (want == "") || err == nil && got.Format(time.RFC3339) != want {
			t.Errorf("%q: got %v, %v; want %s", text, got, err, want)
		}
	}
}
