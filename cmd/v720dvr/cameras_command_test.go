package main

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"

	"v720dvr/web"
)

func TestCamerasAreToldWhatToDoFromTheCommandLine(t *testing.T) {
	t.Parallel()
	const id = "0800c0F00001"
	dir := t.TempDir()
	p := command(t, dir, "run", "--simulate", "1").start()
	p.await("camera streaming.* addr=127")
	says := func(want int, args ...string) string {
		t.Helper()
		c := command(t, dir, append([]string{"cameras"}, args...)...)
		c.Stdin = strings.NewReader("\n")
		code, out, stderr := c.run()
		if code != want {
			t.Errorf("%q: exit code %d, want %d; %q %q", args, code, want, out, stderr)
		}
		return out + stderr
	}

	if got := says(exitDone, "set", id, "ir=on", "flip=on", "led=off", "motion-alert=3"); strings.Count(got, ": done (control, ") != 4 {
		t.Errorf("set: %q", got)
	}
	var state web.CameraState
	if err := json.Unmarshal([]byte(says(exitDone, "state", id, "--json")), &state); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"ir": "on", "flip": "on", "led": "off", "motion-alert": "3"} {
		if state.Settings[name] != want {
			t.Errorf("%s is %q, want %q", name, state.Settings[name], want)
		}
	}
	if !state.Control || state.WiFi != "intl-laptop" || state.Battery == nil || *state.Battery != 100 || state.Connections != 1 {
		t.Errorf("got %+v", state)
	}
	if got := says(exitDone, "state", id); !regexp.MustCompile(`(?m)^battery +100 %$`).MatchString(got) || !strings.Contains(got, "control connection") {
		t.Errorf("state: %q", got)
	}
	if got := says(exitDone, "wifi-scan", id); !strings.Contains(got, "Nachbar 2.4") {
		t.Errorf("wifi-scan: %q", got)
	}
	if got := says(exitDone, "send", id, "--forward", `{"code":223}`, "--listen", "1s"); !strings.Contains(got, `control {"code": 301, `) || !strings.Contains(got, `"devPower": 100`) {
		t.Errorf("send: %q", got)
	}
	if got := says(exitDone, "send", id, "--mqtt", `{"code":210,"instLed":1}`, "--listen", "1s"); !strings.Contains(got, `mqtt Naxclow/P2P/Users/Device/Info {`) || !strings.Contains(got, `"instLed": 1`) {
		t.Errorf("send: %q", got)
	}
	if got := says(exitDone, "reboot", id); !strings.Contains(got, "done") {
		t.Errorf("reboot: %q", got)
	}
	p.await("camera registered")

	for _, c := range []struct {
		code int
		says string
		args []string
	}{
		{exitUsage, "they have ir, flip", []string{"set", id, "infrared=on"}},
		{exitUsage, "off or on", []string{"set", id, "ir=maybe"}},
		{exitUsage, "write ir=on", []string{"set", id, "ir"}},
		{exitFailed, "Go on?", []string{"power-off", id}}, // Enter is no
		{exitFailed, "nothing was done", []string{"sd-format", id}},
		{exitUsage, "8 to 36", []string{"wifi-join", id, "home", "--yes"}},
		{exitUsage, "and not both", []string{"send", id}},
		{exitUsage, "no JSON object", []string{"send", id, "--mqtt", "x"}},
		{exitUsage, "up to 20s", []string{"send", id, "--mqtt", "{}", "--listen", "1m"}},
		{exitFailed, "cameras list", []string{"reboot", "nowhere"}},
	} {
		if got := says(c.code, c.args...); !strings.Contains(got, c.says) {
			t.Errorf("%q: %q, want %q", c.args, got, c.says)
		}
	}
	p.await("camera streaming")
	if got := says(exitDone, "power-off", id, "--yes"); !strings.Contains(got, "done") {
		t.Errorf("power-off: %q", got)
	}
	if got := says(exitFailed, "set", id, "ir=off"); !strings.Contains(got, "no control connection") {
		t.Errorf("set of one that is off: %q", got)
	}
	p.finish()

	// What it said is known over a restart, though it is off; and nothing can be told without a running one.
	if got := says(exitFailed, "set", id, "ir=off"); !strings.Contains(got, "nobody can reach the cameras") {
		t.Errorf("without a running one: %q", got)
	}
	p = command(t, dir, "run")
	p.Env = append(p.Env, "V720DVR_CLOUD_HTTP=127.0.0.1:0", "V720DVR_CLOUD_CONTROL=127.0.0.1:0", "V720DVR_CLOUD_MQTT=127.0.0.1:0")
	p.start()
	p.await("ready for cameras")
	if err := json.Unmarshal([]byte(says(exitDone, "state", id, "--json")), &state); err != nil {
		t.Fatal(err)
	}
	if state.Control || state.Settings["flip"] != "on" || state.WiFi != "intl-laptop" || state.Pictures == 0 || slices.Contains([]string{"", "0"}, state.Firmware) {
		t.Errorf("after a restart: %+v", state)
	}
	p.finish()
}
