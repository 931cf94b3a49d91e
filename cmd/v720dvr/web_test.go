package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"v720dvr/storage"
	"v720dvr/web"
)

// A browser that visits a v720dvr.
type browser struct {
	t    *testing.T
	http http.Client
	base string
}

// visit waits for the page's address in a v720dvr's log.
func (p *process) visit(t *testing.T) *browser {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	if p.base == "" {
		line := p.await(`msg="page and API" at=`)
		p.base = regexp.MustCompile(`at="?(http\S+?)"?$`).FindStringSubmatch(line)[1]
	}
	return &browser{t: t, http: http.Client{Jar: jar}, base: p.base}
}

// send sends a request and reads the answer into answer unless that is nil.
func (b *browser) send(status int, method, path string, body, answer any) {
	b.t.Helper()
	var sent bytes.Buffer
	if body != nil {
		if err := json.NewEncoder(&sent).Encode(body); err != nil {
			b.t.Fatal(err)
		}
	}
	req, err := http.NewRequestWithContext(b.t.Context(), method, b.base+"/api/v1"+path, &sent)
	if err != nil {
		b.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	got, err := b.http.Do(req)
	if err != nil {
		b.t.Fatal(err)
	}
	defer got.Body.Close()
	raw, err := io.ReadAll(got.Body)
	if err != nil || got.StatusCode != status {
		b.t.Fatalf("%s %s %v: got %s %.500s, %v; want %d", method, path, body, got.Status, raw, err, status)
	}
	if answer != nil {
		if err := json.Unmarshal(raw, answer); err != nil {
			b.t.Fatalf("%s %s: %v in %.500s", method, path, err, raw)
		}
	}
}

var firstPassword = regexp.MustCompile(`log in on the page as admin with the password (\S+)\n`)

// logIn logs in with the password that the first start told.
func (b *browser) logIn(p *process) {
	b.t.Helper()
	told := firstPassword.FindAllStringSubmatch(p.errors(), -1)
	if len(told) != 1 {
		b.t.Fatalf("told %d passwords, want one; the log:\n%s", len(told), p.errors())
	}
	b.send(http.StatusUnauthorized, "GET", "/cameras", nil, nil)
	b.send(http.StatusOK, "POST", "/session", map[string]string{"user": "admin", "password": told[0][1]}, nil)
}

func TestPageAndCommandsDoTheSameAndBothAreAudited(t *testing.T) {
	t.Parallel()
	const id = "0800c0F00001"
	dir := t.TempDir()
	p := command(t, dir, "run", "--simulate", "1").start()
	b := p.visit(t)
	p.await("camera streaming.* addr=127")
	b.logIn(p)

	var c web.Camera
	b.send(http.StatusOK, "POST", "/cameras/"+id+"/pause", map[string]int{"seconds": 3600}, &c)
	if c.Recording != web.RecordingPaused || c.PausedUntil.Before(time.Now().Add(59*time.Minute)) {
		t.Errorf("pause: got %+v", c)
	}
	if code, out, stderr := command(t, dir, "schedule", "show").run(); code != exitDone || !strings.Contains(out, "paused; then continuous: its recording.mode (default)") {
		t.Errorf("schedule show: exit code %d, %q %q", code, out, stderr)
	}
	code, _, stderr := command(t, dir, "cameras", "record", id).run()
	for limit := time.Now().Add(20 * time.Second); code == exitDone && time.Now().Before(limit); { // the next picture tells the recorder
		code, _, stderr = command(t, dir, "cameras", "record", id).run()
	}
	if code != exitFailed || stderr != "v720dvr: it is not recorded now: paused: v720dvr cameras pause\n" {
		t.Errorf("record: exit code %d, %q", code, stderr)
	}
	b.send(http.StatusConflict, "POST", "/cameras/"+id+"/trigger", map[string]int{}, nil)
	b.send(http.StatusOK, "POST", "/cameras/"+id+"/resume", nil, &c)
	if c.Recording == web.RecordingPaused {
		t.Errorf("resume: got %+v", c)
	}
	if code, out, stderr := command(t, dir, "cameras", "pause", id, "2h").run(); code != exitDone || !strings.Contains(out, "is paused until ") {
		t.Errorf("pause: exit code %d, %q %q", code, out, stderr)
	}
	b.send(http.StatusOK, "GET", "/cameras/"+id, nil, &c)
	if c.Recording != web.RecordingPaused || c.PausedUntil.Before(time.Now().Add(119*time.Minute)) || c.State != "streaming" || !c.Approved {
		t.Errorf("after the command: got %+v", c)
	}
	var schedule web.Schedule
	b.send(http.StatusOK, "GET", "/cameras/"+id+"/schedule", nil, &schedule)
	if schedule.Mode != "off" || !strings.HasPrefix(schedule.Why, "paused") || !schedule.Until.Equal(c.PausedUntil) || schedule.Since.IsZero() {
		t.Errorf("schedule: got %+v", schedule)
	}
	var state web.SystemState
	b.send(http.StatusOK, "GET", "/system", nil, &state)
	if !state.Well || len(state.Problems) > 0 || state.Disk.Folder != filepath.Join(dir, "data", "recordings") || state.Version != version || state.Disk.Budget == 0 {
		t.Errorf("system: got %+v", state)
	}

	p.finish()
	accounts, err := storage.OpenAccounts(t.Context(), filepath.Join(dir, "data"))
	if err != nil {
		t.Fatal(err)
	}
	defer accounts.Close()
	log, err := accounts.AuditLog(t.Context(), 0, 100)
	if err != nil {
		t.Fatal(err)
	}
	var did []string
	for _, e := range log {
		did = append(did, e.Who+" "+e.What+" "+e.About)
	}
	for _, want := range []string{"user admin session.begin admin", "user admin camera.pause " + id, "user admin camera.resume " + id, "command line camera.pause " + id} {
		if !slices.Contains(did, want) {
			t.Errorf("the audit log has no %q: %q", want, did)
		}
	}
	if n := slices.Index(did, "user admin camera.trigger "+id); n >= 0 {
		t.Errorf("what was refused is in the audit log: %+v", log[n])
	}
	p = command(t, dir, "run", "--simulate", "1").start()
	p.visit(t)
	p.finish()
	if firstPassword.MatchString(p.errors()) {
		t.Errorf("the second start told a password:\n%s", p.errors())
	}
}

func TestSettingsOfThePageStandAboveTheFileAndSurviveARestart(t *testing.T) {
	t.Parallel()
	const id = "0800c0F00001"
	dir := t.TempDir()
	write(t, filepath.Join(dir, "config.toml"), "[recording]\nsegment = \"1m\"\npreroll = \"3s\"\n[log]\nlevel = \"warn\"\n")
	p := command(t, dir, "run", "--simulate", "1")
	p.Env = append(p.Env, "V720DVR_LOG_LEVEL=info", "V720DVR_RECORDING_POSTROLL=4s")
	p.start()
	b := p.visit(t)
	p.await("camera streaming.* addr=127")
	b.logIn(p)
	var got struct{ Settings []web.Setting }
	change := func(path string, changes map[string]any) {
		t.Helper()
		got.Settings = nil
		b.send(http.StatusOK, "PATCH", path, changes, &got)
	}
	setting := func(key string) web.Setting {
		t.Helper()
		i := slices.IndexFunc(got.Settings, func(s web.Setting) bool { return s.Key == key })
		if i < 0 {
			t.Fatalf("%s is missing in %+v", key, got.Settings)
		}
		return got.Settings[i]
	}
	b.send(http.StatusOK, "GET", "/settings", nil, &got)
	if s := setting("recording.segment"); string(s.Value) != `"1m"` || string(s.Default) != `"5m"` || s.Origin != "file" || s.Fixed || s.Restart {
		t.Errorf("got %+v %s", s, s.Value)
	}
	if s := setting("recording.postroll"); !s.Fixed || s.Origin != "environment" {
		t.Errorf("got %+v", s)
	}

	change("/settings", map[string]any{"recording.segment": "2m", "recording.postroll": "9s", "motion.sensitivity": 7})
	if s := setting("recording.segment"); string(s.Value) != `"2m"` || s.Origin != "set" || s.Who != "user admin" || s.At.IsZero() {
		t.Errorf("got %+v %s", s, s.Value)
	}
	if s := setting("recording.postroll"); string(s.Value) != `"4s"` || !s.Fixed {
		t.Errorf("the environment stands above: got %+v %s", s, s.Value)
	}
	change("/cameras/"+id+"/settings", map[string]any{"name": "door", "recording.preroll": "5s"})
	if s := setting("recording.preroll"); !s.Own || string(s.Value) != `"5s"` || string(s.Default) != `"3s"` {
		t.Errorf("got %+v %s", s, s.Value)
	}
	var c web.Camera
	for limit := time.Now().Add(20 * time.Second); !strings.HasPrefix(c.Segment, "door/"); { // the next picture begins it
		if b.send(http.StatusOK, "GET", "/cameras/"+id, nil, &c); time.Now().After(limit) {
			t.Fatalf("no segment under the new name: %+v", c)
		}
	}
	for _, bad := range []map[string]any{
		{"recording.preroll": "1h", "recording.segment": "3m"}, {"recording.segment": 5}, {"recording.segmnt": "1m"}, {"web.listen": ":1"}, {"storage.dir": "x"}, {"motion.zones": []any{map[string]any{"name": "a"}}},
	} {
		var problem struct {
			Errors []struct{ Message, Location string }
		}
		b.send(http.StatusUnprocessableEntity, "PATCH", "/settings", bad, &problem)
		if len(problem.Errors) == 0 || !strings.HasPrefix(problem.Errors[0].Location, "body.") || problem.Errors[0].Message == "" {
			t.Errorf("%v: got %+v, want the key and what is wrong", bad, problem)
		}
	}
	got.Settings = nil
	b.send(http.StatusOK, "GET", "/settings", nil, &got)
	if s := setting("recording.segment"); string(s.Value) != `"2m"` {
		t.Errorf("half of a refused change was made: got %+v", s)
	}
	origin := func(want ...string) {
		t.Helper()
		code, out, stderr := command(t, dir, "config", "print", "--origin").run()
		for _, line := range want {
			if code != exitDone || !regexp.MustCompile(line).MatchString(out) {
				t.Errorf("config print: exit code %d, no line like %q in\n%s%s", code, line, out, stderr)
			}
		}
	}
	origin(`(?m)^segment = "2m" # set$`, `(?m)^preroll = "3s" # config.toml:3$`, `(?m)^name = "door" # set$`, `(?m)^preroll = "5s" # set$`, `(?m)^sensitivity = 7 # set$`)
	if code, out, stderr := command(t, dir, "cameras", "pause", "Door").run(); code != exitDone {
		t.Errorf("a name of the page: exit code %d, %q %q", code, out, stderr)
	}
	p.finish()

	// What is kept cannot be any more, by what the file says now.
	write(t, filepath.Join(dir, "config.toml"), "[recording]\nsegment = \"1m\"\n[[camera]]\nid = \"0800c0F00002\"\nname = \"door\"\n")
	accounts, err := storage.OpenAccounts(t.Context(), filepath.Join(dir, "data"))
	if err != nil {
		t.Fatal(err)
	}
	for key, value := range map[string]string{"recording.mode": `"sometimes"`, "a.key.of.tomorrow": `1`} {
		if err := accounts.ChangeSettings(t.Context(), storage.Setting{Key: key, Value: json.RawMessage(value), Who: "user admin", At: time.Now()}); err != nil {
			t.Fatal(err)
		}
	}
	accounts.Close()
	p = command(t, dir, "run", "--simulate", "1").start()
	p.await("not in force.*a.key.of.tomorrow")
	p.await("camera streaming.* addr=127")
	code, _, stderr := command(t, dir, "healthcheck").run()
	if code != exitFailed || strings.Count(stderr, "left out") != 3 || !strings.Contains(stderr, `"sometimes" is not known`) || !strings.Contains(stderr, `"door" is the name of camera 0800c0F00002`) {
		t.Errorf("healthcheck: exit code %d, %q", code, stderr)
	}
	origin(`(?m)^segment = "2m" # set$`, `(?m)^preroll = "5s" # set$`, `(?m)^mode = "continuous" # default$`)
	b = &browser{t: t, base: "http://v720dvr", http: http.Client{Transport: &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "unix", filepath.Join(dir, "data", socketName))
	}}}}
	change("/settings", map[string]any{"recording.mode": nil, "a.key.of.tomorrow": nil, "recording.segment": nil})
	if s := setting("recording.segment"); string(s.Value) != `"1m"` || s.Origin != "file" || s.Who != "" {
		t.Errorf("taken back: got %+v", s)
	}
	change("/cameras/"+id+"/settings", map[string]any{"name": "gate"})
	if code, out, stderr := command(t, dir, "healthcheck").run(); code != exitDone {
		t.Errorf("healthcheck: exit code %d, %q %q", code, out, stderr)
	}
	b.http.CloseIdleConnections()
	p.finish()
}

// Who comes in there is asked for nothing.
func TestSocketIsForItsOwnerAlone(t *testing.T) {
	path := filepath.Join(t.TempDir(), socketName)
	for range 2 { // the second finds what a killed process left
		l, err := listenAt(path)
		if err != nil {
			t.Fatal(err)
		}
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("got %v, %v, want one that nobody else can open", info, err)
		}
		l.(*net.UnixListener).SetUnlinkOnClose(false)
		l.Close()
	}
}

func TestStoppingWaitsForNoOpenConnection(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	p := command(t, dir, "run", "--simulate", "1").start()
	b := p.visit(t)
	b.logIn(p)
	for _, begun := range []string{"", "GET / HTTP/1.1\r\n", "POST /api/v1/session HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n{"} {
		for _, at := range [][2]string{{"tcp", strings.TrimPrefix(b.base, "http://")}, {"unix", filepath.Join(dir, "data", socketName)}} {
			c, err := net.Dial(at[0], at[1])
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			fmt.Fprint(c, begun)
		}
	}
	b.send(http.StatusOK, "GET", "/system", nil, nil) // the others have been taken in
	asked := time.Now()
	p.Process.Signal(syscall.SIGTERM)
	if code := p.end(); code != exitDone || time.Since(asked) > shutdownLimit {
		t.Errorf("exit code %d after %v; its log:\n%s", code, time.Since(asked), p.errors())
	}
}

func TestPageWithoutLogInIsForThisMachineAlone(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, filepath.Join(dir, "config.toml"), "[web]\nauth = \"none\"\n")
	p := command(t, dir, "run", "--simulate", "1")
	p.Env = slices.DeleteFunc(p.Env, func(v string) bool { return strings.HasPrefix(v, "V720DVR_WEB_LISTEN=") })
	if code, _, stderr := p.run(); code != exitUsage || !strings.Contains(stderr, "config.toml:2: web.auth: ") || !strings.Contains(stderr, "127.0.0.1") {
		t.Errorf("exit code %d, %q; want 2, the key and what would be right", code, stderr)
	}
	p = command(t, dir, "run", "--simulate", "1").start()
	b := p.visit(t)
	b.send(http.StatusOK, "GET", "/settings", nil, nil)
	p.finish()
	if firstPassword.MatchString(p.errors()) {
		t.Errorf("told a password that nobody needs:\n%s", p.errors())
	}
}

func TestPageIsServedWithACertificateThatIsMade(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	p := command(t, dir, "run", "--simulate", "1")
	p.Env = append(p.Env, "V720DVR_WEB_TLS_MADE=true")
	p.start()
	if line := p.await(`msg="page and API" at=`); !strings.Contains(line, "at=https://127.0.0.1:") {
		t.Errorf("got %s", line)
	}
	if code, out, stderr := command(t, dir, "healthcheck").run(); code != exitDone {
		t.Errorf("healthcheck: exit code %d, %q %q", code, out, stderr)
	}
	p.finish()
}
