package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"v720dvr/cloud/cloudtest"
	"v720dvr/storage/avi"
)

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// files lists what is in the recordings of a data folder.
func files(t *testing.T, dir, ending string) []string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(dir, "data", "recordings", "*", "*", "*"+ending))
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func TestRunCommitsAtSIGTERMAndAnswersMeanwhile(t *testing.T) {
	dir := t.TempDir()
	p := command(t, dir, "run", "--simulate", "2").start()
	p.await("ready for cameras")
	for range 2 {
		p.await("camera streaming.* addr=127")
	}

	code, out, stderr := command(t, dir, "healthcheck").run()
	if code != exitDone || !strings.Contains(out, "All is well") {
		t.Errorf("healthcheck: exit code %d, %q %q", code, out, stderr)
	}
	code, out, stderr = command(t, dir, "cameras", "list").run()
	if code != exitDone || strings.Count(out, "streaming") != 2 || !strings.Contains(out, "0800c0F00001") {
		t.Errorf("cameras list: exit code %d, %q %q", code, out, stderr)
	}
	code, _, stderr = command(t, dir, "run", "--simulate", "1").run()
	if code != exitFailed || strings.Count(stderr, "\n") != 1 || !strings.Contains(stderr, fmt.Sprint(p.Process.Pid)) {
		t.Errorf("a second one on the same folder: exit code %d, %q; want 1 and one line with the first one's pid", code, stderr)
	}

	asked := time.Now()
	p.Process.Signal(syscall.SIGTERM)
	if code := p.end(); code != exitDone {
		t.Errorf("exit code %d after SIGTERM, want 0; its log:\n%s", code, p.errors())
	}
	if took := time.Since(asked); took > shutdownLimit {
		t.Errorf("stopping took %v, want at most %v", took, shutdownLimit)
	}
	if parts, whole := files(t, dir, ".part"), files(t, dir, ".avi"); len(parts) != 0 || len(whole) != 2 {
		t.Errorf("left are %v and %v, want two finished files", parts, whole)
	}
	if strings.Contains(p.errors(), "level=ERROR") || strings.Contains(p.errors(), "level=WARN") {
		t.Errorf("warned without a reason:\n%s", p.errors())
	}

	code, out, _ = command(t, dir, "cameras", "list", "--json").run()
	var cameras []cameraHealth
	if err := json.Unmarshal([]byte(out), &cameras); err != nil || code != exitDone || len(cameras) != 2 || cameras[1].Firmware == "" || cameras[0].Online {
		t.Errorf("cameras list without a running one: exit code %d, %v, %q", code, err, out)
	}
	code, _, stderr = command(t, dir, "healthcheck").run()
	if code != exitFailed || !strings.Contains(stderr, "not running") {
		t.Errorf("healthcheck without a running one: exit code %d, %q", code, stderr)
	}
}

// A camera that does not hang up is waited for a second: the time for a second signal.
func TestFootageIsRecordedWithItsPicturesAndSound(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	footage := filepath.Join(dir, "footage.avi")
	writeFootage(t, footage)
	p := command(t, dir, "run", "--simulate", "1", "--footage", footage).start()
	p.await("camera streaming.* addr=127")
	for limit := time.Now().Add(20 * time.Second); ; {
		h, err := askHealth(t.Context(), filepath.Join(dir, "data"))
		if err != nil {
			t.Fatal(err)
		}
		if len(h.Cameras) == 1 && h.Cameras[0].Recorded >= 20 {
			break
		}
		if time.Now().After(limit) {
			t.Fatalf("not 20 pictures in 20 s: %+v", h.Cameras)
		}
	}
	p.Process.Signal(syscall.SIGTERM)
	if code := p.end(); code != exitDone {
		t.Fatalf("exit code %d; its log:\n%s", code, p.errors())
	}
	played := pictures(t, footage)
	var recorded [][]byte
	for _, path := range files(t, dir, ".avi") {
		recorded = append(recorded, pictures(t, path)...)
	}
	at := slices.IndexFunc(played, func(p []byte) bool { return bytes.Equal(p, recorded[0]) })
	for i, picture := range recorded {
		if at < 0 || !bytes.Equal(picture, played[(at+i)%len(played)]) {
			t.Fatalf("picture %d of %d is not the footage's", i, len(recorded))
		}
	}
	if code, _, stderr := command(t, dir, "run", "--simulate", "1", "--footage", os.Args[0]).run(); code != exitFailed || !strings.Contains(stderr, "AVI") {
		t.Errorf("footage that is no AVI: exit code %d, %q", code, stderr)
	}
}

// writeFootage makes an AVI of 15 pictures and their sound.
func writeFootage(t *testing.T, path string) {
	t.Helper()
	scene, err := cloudtest.NewScene(cloudtest.SceneOptions{})
	if err != nil {
		t.Fatal(err)
	}
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	start := time.Date(2026, 11, 22, 14, 5, 0, 0, time.UTC)
	w, err := avi.NewWriter(file, avi.Meta{Start: start})
	if err != nil {
		t.Fatal(err)
	}
	for i := range 15 {
		at := start.Add(time.Duration(i) * 100 * time.Millisecond)
		if err := w.WriteFrame(avi.Frame{At: at, JPEG: scene.Picture(i, at)}); err != nil {
			t.Fatal(err)
		}
		sound := make([]byte, 800)
		scene.Sound(int64(i)*800, sound)
		if err := w.WriteAudio(at, sound); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := w.Close(start.Add(1500 * time.Millisecond)); err != nil {
		t.Fatal(err)
	}
}

// pictures reads all pictures of an AVI.
func pictures(t *testing.T, path string) (all [][]byte) {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		t.Fatal(err)
	}
	r, err := avi.Open(file, info.Size())
	if err != nil {
		t.Fatal(err)
	}
	for i := range r.Frames() {
		picture, err := r.ReadFrame(nil, i)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, picture)
	}
	return all
}

func TestASecondSignalEndsAtOnce(t *testing.T) {
	p := command(t, t.TempDir(), "run")
	p.Env = append(p.Env, "V720DVR_CLOUD_HTTP=127.0.0.1:0", "V720DVR_CLOUD_CONTROL=127.0.0.1:0", "V720DVR_CLOUD_MQTT=127.0.0.1:0")
	p.start()
	ready := p.await("ready for cameras")
	address := regexp.MustCompile(`control=(\S+)`).FindStringSubmatch(ready)[1]
	camera, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer camera.Close()
	message := `{"code": 100, "uid": "0800c00128F8", "token": "91edf41f"}`
	camera.Write(append([]byte{byte(len(message)), 19: 0}, message...))
	p.await("camera registered")

	p.Process.Signal(syscall.SIGINT)
	p.await("stopping")
	first := time.Now()
	const again = sameSignal + 50*time.Millisecond
	for time.Since(first) <= again {
		select {
		case <-time.After(again - time.Since(first)):
		case line, more := <-p.lines:
			if !more {
				t.Fatalf("ended by the first signal, after %v", time.Since(first))
			}
			t.Log(line)
		}
	}
	p.Process.Signal(syscall.SIGINT)
	if code := p.end(); code != exitFailed || !strings.Contains(p.errors(), "second signal") {
		t.Errorf("exit code %d; its log:\n%s", code, p.errors())
	}
}

func TestRunSaysWhatToDoAboutABusyPort(t *testing.T) {
	busy, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer busy.Close()
	for _, variable := range []string{"V720DVR_CLOUD_HTTP", "V720DVR_CLOUD_CONTROL", "V720DVR_CLOUD_MQTT", "V720DVR_WEB_LISTEN"} {
		p := command(t, t.TempDir(), "run", "--simulate", "1")
		p.Env = append(p.Env, variable+"="+busy.Addr().String())
		code, _, stderr := p.run()
		key := strings.ToLower(strings.Replace(strings.TrimPrefix(variable, "V720DVR_"), "_", ".", 1))
		if code != exitFailed || strings.Count(stderr, "\n") != 1 || !strings.Contains(stderr, key) || !strings.Contains(stderr, "ss -ltunp") {
			t.Errorf("%s: exit code %d, %q; want 1, the key and what to do", variable, code, stderr)
		}
	}
}

// asNobody makes p run without root's rights; a machine whose tests are not run as root has none.
func asNobody(t *testing.T, p *process) {
	t.Helper()
	if os.Getuid() == 0 {
		program, err := os.ReadFile(p.Path)
		if err != nil {
			t.Fatal(err)
		}
		p.Path = filepath.Join(openDir(t), "v720dvr") // the test binary's own folder is root's
		if err := os.WriteFile(p.Path, program, 0o755); err != nil {
			t.Fatal(err)
		}
		p.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
	}
}

func TestRunSaysWhatToDoWithoutTheRightToPort80(t *testing.T) {
	if start, err := os.ReadFile("/proc/sys/net/ipv4/ip_unprivileged_port_start"); err == nil && strings.TrimSpace(string(start)) == "0" {
		if os.Getenv("V720DVR_TEST_ALL") != "" {
			t.Fatal("every port may be bound by anybody on this machine: sysctl net.ipv4.ip_unprivileged_port_start=1024, for this test to see anything")
		}
		t.Skip("SKIPPED: every port may be bound by anybody on this machine")
	}
	p := command(t, openDir(t), "run")
	asNobody(t, p)
	code, _, stderr := p.run()
	if code != exitFailed || strings.Count(stderr, "\n") != 1 || !strings.Contains(stderr, "cloud.http") || !strings.Contains(stderr, "setcap") {
		t.Errorf("exit code %d, %q; want 1 and one line with the key and what to do", code, stderr)
	}
}

// openDir is a temporary folder that anybody may use.
func openDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "v720dvr-test-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestRunSaysWhatToDoAboutAFolderItCannotWrite(t *testing.T) {
	dir := openDir(t)
	if err := os.Chmod(dir, 0o555); err != nil {
		t.Fatal(err)
	}
	p := command(t, dir, "run", "--simulate", "1")
	asNobody(t, p)
	code, _, stderr := p.run()
	if code != exitFailed || strings.Count(stderr, "\n") != 1 || !strings.Contains(stderr, "data") {
		t.Errorf("exit code %d, %q; want 1 and one line that names the folder", code, stderr)
	}
}

func TestConfigCommands(t *testing.T) {
	dir := t.TempDir()
	good := "[recording]\nsegment = \"1m\"\n[compat]\nlisten = \":8554\"\n[[camera]]\nid = \"0800c00128F8\"\nname = \"front door\"\n"
	write(t, filepath.Join(dir, "config.toml"), good)
	code, out, stderr := command(t, dir, "config", "check").run()
	if code != exitDone || !strings.Contains(out, "good (config.toml)") || strings.Contains(out, "No effect") {
		t.Errorf("check: exit code %d, %q %q", code, out, stderr)
	}
	p := command(t, dir, "config", "print", "--origin", "--data", "elsewhere")
	p.Env = append(p.Env, "V720DVR_LOG_LEVEL=debug")
	code, out, stderr = p.run()
	for _, want := range []string{`segment = "1m".*config.toml:2`, `dir = "elsewhere".*flag --data`, `level = "debug".*environment V720DVR_LOG_LEVEL`, `control = ":6123".*default`} {
		if !regexp.MustCompile(want).MatchString(out) {
			t.Errorf("print: exit code %d, no line like %q in\n%s%s", code, want, out, stderr)
		}
	}
	write(t, filepath.Join(dir, "config.toml"), "[recording]\nsegment = \"5 minutes\"\nsegmnt = \"1m\"\n")
	code, _, stderr = command(t, dir, "config", "check").run()
	if code != exitFailed || !strings.Contains(stderr, "config.toml:2: recording.segment") || !strings.Contains(stderr, "config.toml:3: recording.segmnt") {
		t.Errorf("check of a bad file: exit code %d, %q", code, stderr)
	}
	if code, _, stderr = command(t, dir, "run").run(); code != exitUsage || !strings.Contains(stderr, "config.toml:2") {
		t.Errorf("run with a bad file: exit code %d, %q", code, stderr)
	}
}

func TestRunFollowsTheConfigurationWithoutDisturbingStreams(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "config.toml")
	write(t, path, "[recording]\nsegment = \"1m\"\n")
	p := command(t, dir, "run", "--simulate", "2").start()
	for range 2 {
		p.await("camera streaming.* addr=127")
	}
	write(t, path, "[recording]\nsegmnt = \"1m\"\n")
	p.await("config.toml:2")
	write(t, filepath.Join(dir, "empty.toml"), "")
	if code, _, stderr := command(t, dir, "healthcheck", "--config", "empty.toml").run(); code != exitFailed || !strings.Contains(stderr, "recording.segmnt") {
		t.Errorf("healthcheck with a bad file: exit code %d, %q; want 1 and the mistake", code, stderr)
	}
	write(t, path, "[recording]\nsegment = \"1m\"\n[[camera]]\nid = \"0800c0F00001\"\nname = \"door\"\n[cloud]\nmax_cameras = 3\n")
	p.await("configuration changed.*camera.0800c0F00001")
	p.await("next start.*cloud.max_cameras")
	for limit := time.Now().Add(20 * time.Second); ; { // until the next picture has begun a segment under the new name
		if time.Now().After(limit) {
			t.Fatal("no segment under the new name in 20 s")
		}
		h, err := askHealth(t.Context(), filepath.Join(dir, "data"))
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(h.Cameras[0].Segment, "/door/") {
			break
		}
	}
	p.Process.Signal(syscall.SIGTERM)
	if code := p.end(); code != exitDone {
		t.Errorf("exit code %d; its log:\n%s", code, p.errors())
	}
	if n := strings.Count(p.errors(), `msg="camera registered"`); n != 2 {
		t.Errorf("registered %d times, want 2: the streams were disturbed\n%s", n, p.errors())
	}
	for folder, want := range map[string]int{"door": 1, "0800c0F00002": 1} {
		if got, _ := filepath.Glob(filepath.Join(dir, "data", "recordings", folder, "*", "*.avi")); len(got) != want {
			t.Errorf("%s has %v, want %d file", folder, got, want)
		}
	}
}

func TestWrongUseIsExitCode2(t *testing.T) {
	for _, args := range [][]string{{"nonsense"}, {"run", "--nonsense"}, {"run", "more"}, {"run", "--simulate", "-1"}, {"run", "--footage", "x.avi"}, {"run", "--config", "missing.toml"}} {
		if code, _, stderr := command(t, t.TempDir(), args...).run(); code != exitUsage || stderr == "" {
			t.Errorf("%v: exit code %d, %q; want 2 and a reason", args, code, stderr)
		}
	}
	if code, out, _ := command(t, t.TempDir(), "version").run(); code != exitDone || !strings.HasPrefix(out, "v720dvr ") {
		t.Errorf("version: exit code %d, %q", code, out)
	}
}
