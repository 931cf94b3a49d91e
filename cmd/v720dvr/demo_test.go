package main

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"v720dvr/web"
)

func TestDemoCameraComesAndGoesWhileThereIsNoOther(t *testing.T) {
	dir := t.TempDir()
	p := command(t, dir, "run")
	p.Env = append(p.Env, "V720DVR_CLOUD_HTTP=127.0.0.1:0", "V720DVR_CLOUD_CONTROL=127.0.0.1:0", "V720DVR_CLOUD_MQTT=127.0.0.1:0", "V720DVR_CLOUD_NEW_CAMERAS=approve")
	p.start()
	b := p.visit(t)
	b.logIn(p)
	var cameras struct{ Cameras []web.Camera }
	b.send(http.StatusConflict, "DELETE", "/demo", nil, nil)
	b.send(http.StatusNoContent, "POST", "/demo", nil, nil)
	b.send(http.StatusConflict, "POST", "/demo", nil, nil)
	eventually(t, "the demo camera is recorded", func() bool {
		b.send(http.StatusOK, "GET", "/cameras", nil, &cameras)
		return len(cameras.Cameras) == 1 && cameras.Cameras[0].Recording == web.RecordingOn && cameras.Cameras[0].Loud > 0 && cameras.Cameras[0].Segment != ""
	})
	if c := cameras.Cameras[0]; c.Name != demoName || !c.Demo || !strings.HasPrefix(c.Segment, "demo/") {
		t.Errorf("got %+v", c)
	}
	var arrivals struct{ Arrivals []web.Arrival }
	b.send(http.StatusOK, "GET", "/arrivals", nil, &arrivals)
	if len(arrivals.Arrivals) != 1 {
		t.Fatalf("got %+v", arrivals)
	}
	seen := map[web.Step]web.ArrivalStep{}
	for _, s := range arrivals.Arrivals[0].Steps {
		seen[s.Step] = s
	}
	for _, step := range []web.Step{web.StepHTTP, web.StepConnect, web.StepMQTT, web.StepStream, web.StepFrame} {
		if seen[step].At.IsZero() {
			t.Errorf("%s was not seen: %+v", step, arrivals)
		}
	}
	if line := seen[web.StepHTTP].Line; !strings.Contains(line, "/app/api/") {
		t.Errorf("its last request is %q", line)
	}
	if line := seen[web.StepConnect].Line; !strings.Contains(line, `"token": "..."`) || !strings.Contains(line, string(demoID)) {
		t.Errorf("it registered with %q", line)
	}
	b.send(http.StatusNoContent, "DELETE", "/demo", nil, nil)
	b.send(http.StatusOK, "GET", "/cameras", nil, &cameras)
	if len(cameras.Cameras) != 0 {
		t.Errorf("it is still there: %+v", cameras.Cameras)
	}
	p.finish()
	files, err := filepath.Glob(filepath.Join(dir, "data", "recordings", "demo", "*", "*.avi"))
	if err != nil || len(files) == 0 {
		t.Errorf("nothing was recorded in the folder demo: %v, %v", files, err)
	}
	if _, err := os.Stat(filepath.Join(dir, "data", "recordings", string(demoID))); err == nil {
		t.Error("something was recorded before it had its name")
	}
}

// eventually waits until something is so.
func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	limit, again := time.After(20*time.Second), time.NewTicker(50*time.Millisecond)
	defer again.Stop()
	for !is() {
		select {
		case <-again.C:
		case <-limit:
			t.Fatalf("it never came so far: %s", what)
		}
	}
}
