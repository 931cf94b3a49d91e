package main

import (
	"bufio"
	"encoding/json"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"v720dvr/storage"
)

// mosquitto finds one of its programs, or skips.
func mosquitto(t *testing.T, name string) string {
	t.Helper()
	for _, path := range []string{name, "/usr/sbin/" + name} {
		if found, err := exec.LookPath(path); err == nil {
			return found
		}
	}
	if os.Getenv("V720DVR_TEST_ALL") != "" {
		t.Fatalf("%s is not installed and V720DVR_TEST_ALL is set", name)
	}
	t.Skipf("SKIPPED: %s is not installed, so nothing was told to Home Assistant", name)
	return ""
}

// startMosquitto starts a broker that lets everybody in, and tells its port.
func startMosquitto(t *testing.T) (port string) {
	t.Helper()
	program := mosquitto(t, "mosquitto")
	for range 10 { // another process may take the port in between
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		_, port, _ = net.SplitHostPort(l.Addr().String())
		l.Close()
		config := filepath.Join(t.TempDir(), "mosquitto.conf")
		write(t, config, "persistence false\nlistener "+port+" 127.0.0.1\nallow_anonymous true\n")
		if os.Getuid() == 0 { // it would become a user who may not read the test's files
			write(t, config, "user root\npersistence false\nlistener "+port+" 127.0.0.1\nallow_anonymous true\n")
		}
		cmd := exec.Command(program, "-c", config)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		ended := make(chan struct{})
		go func() { cmd.Wait(); close(ended) }()
		t.Cleanup(func() { cmd.Process.Kill(); <-ended })
		if answersBefore(port, ended) {
			return port
		}
	}
	t.Fatal("mosquitto does not start")
	return ""
}

// answersBefore tells whether a port is listened at, before its process has ended.
func answersBefore(port string, ended <-chan struct{}) bool {
	every := time.NewTicker(10 * time.Millisecond)
	defer every.Stop()
	for {
		select {
		case <-ended:
			return false
		case <-every.C:
			if c, err := net.Dial("tcp", "127.0.0.1:"+port); err == nil {
				c.Close()
				return true
			}
		}
	}
}

// listener hears what is said at a broker: each topic's last, and whether it said something before.
type listener struct {
	t    *testing.T
	mu   sync.Mutex
	last map[string]string
	all  map[string]bool // topic and payload
}

func listenAtBroker(t *testing.T, port string) *listener {
	t.Helper()
	sub := exec.Command(mosquitto(t, "mosquitto_sub"), "-V", "5", "-h", "127.0.0.1", "-p", port, "-t", "v720dvr/#", "-t", "homeassistant/#", "-T", "+/+/+/picture", "-T", "+/+/+/event", "-F", "%t %p")
	out, err := sub.StdoutPipe()
	if err == nil {
		err = sub.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	l := &listener{t: t, last: make(map[string]string), all: make(map[string]bool)}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		in := bufio.NewScanner(out)
		in.Buffer(nil, 1<<20)
		for in.Scan() {
			topic, text, _ := strings.Cut(in.Text(), " ")
			l.mu.Lock()
			l.last[topic], l.all[topic+" "+text] = text, true
			l.mu.Unlock()
		}
		sub.Wait()
	}()
	t.Cleanup(func() { sub.Process.Kill(); <-ended })
	return l
}

func (l *listener) says(topic string) string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.last[topic]
}

// await waits until a topic says something, or something else than before.
func (l *listener) await(what, topic, text string) {
	l.t.Helper()
	late := time.After(40 * time.Second)
	every := time.NewTicker(10 * time.Millisecond)
	defer every.Stop()
	for l.says(topic) != text {
		select {
		case <-every.C:
		case <-late:
			l.t.Fatalf("%s: %s says %q after 40 s, want %q", what, topic, l.says(topic), text)
		}
	}
}

// The issue's own words: entities appear, motion turns on and off with the simulated camera, all goes unavailable when
// the recorder is killed, and comes back.
func TestHomeAssistantSeesACameraMoveAndTheRecorderDieAndComeBack(t *testing.T) {
	t.Parallel()
	port, dir := startMosquitto(t), t.TempDir()
	heard := listenAtBroker(t, port)
	filmFile(t, filepath.Join(dir, "walk.avi"), nil)
	write(t, filepath.Join(dir, "config.toml"), "[homeassistant]\nbroker = \"mqtt://127.0.0.1:"+port+"\"\n[motion]\nhold = \"0s\"\n[[camera]]\nid = \"0800c0F00001\"\nname = \"Front door\"\n")
	start := func() *process {
		return command(t, dir, "run", "--simulate", "1", "--footage", "walk.avi").start()
	}
	p := start()
	p.await("camera streaming.* addr=127")
	node := node(t, heard)
	at := func(key string) string { return "v720dvr/" + node + "/0800c0F00001/" + key }
	heard.await("it is there", at("online"), "ON")
	heard.await("somebody walks by", at("motion"), "ON")
	heard.await("and is gone", at("motion"), "OFF")

	pub := exec.CommandContext(t.Context(), mosquitto(t, "mosquitto_pub"), "-h", "127.0.0.1", "-p", port, "-t", at("infrared/set"), "-m", "ON")
	if text, err := pub.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	heard.await("the lamp is on", at("infrared"), "ON")
	if code, out, _ := command(t, dir, "doctor").run(); strings.Contains(out, "Home Assistant") {
		t.Errorf("doctor, exit code %d, finds something in a broker that is there:\n%s", code, out)
	}
	p.Process.Kill()
	p.end()
	heard.await("nobody tells anything any more", "v720dvr/"+node+"/status", "offline")
	p = start()
	heard.await("it is back", "v720dvr/"+node+"/status", "online")
	heard.await("with its camera", at("online"), "ON")
	p.finish()
	heard.await("it said goodbye", "v720dvr/"+node+"/status", "offline")
	audited(t, filepath.Join(dir, "data"))
}

// node waits until the camera is announced, and finds out how the recorder calls itself.
func node(t *testing.T, heard *listener) string {
	t.Helper()
	const topic = "homeassistant/device/v720dvr_0800c0F00001/config"
	late := time.After(40 * time.Second)
	every := time.NewTicker(10 * time.Millisecond)
	defer every.Stop()
	for heard.says(topic) == "" {
		select {
		case <-every.C:
		case <-late:
			t.Fatal("no camera appears within 40 s")
		}
	}
	var told struct {
		Device     struct{ Name string }
		Components struct {
			Motion struct {
				Topic string `json:"state_topic"`
			}
		}
	}
	if err := json.Unmarshal([]byte(heard.says(topic)), &told); err != nil || told.Device.Name != "Front door" {
		t.Fatalf("got %+v, %v", told, err)
	}
	parts := strings.Split(told.Components.Motion.Topic, "/")
	if len(parts) != 4 {
		t.Fatalf("motion is told at %q", told.Components.Motion.Topic)
	}
	return parts[1]
}

// audited looks for what Home Assistant did in the audit log.
func audited(t *testing.T, data string) {
	t.Helper()
	s, err := storage.Open(t.Context(), storage.Options{Dir: data})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	log, err := s.Accounts().AuditLog(t.Context(), 0, 100)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range log {
		if e.Who == byHome && e.What == "camera.command" && e.About == "0800c0F00001" && e.Detail == "ir=on" {
			return
		}
	}
	t.Errorf("what Home Assistant did is not in the audit log: %+v", log)
}

func TestABrokerThatIsAwayIsToldByHealthcheckAndDoctorAndFailsNothing(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, filepath.Join(dir, "config.toml"), "[homeassistant]\nbroker = \"mqtt://me:hush4711@127.0.0.1:1\"\n")
	p := command(t, dir, "run", "--simulate", "1").start()
	p.await("Home Assistant is not told anything.*127.0.0.1:1")
	code, out, stderr := command(t, dir, "healthcheck").run()
	if code != exitDone || !strings.Contains(out, "Only Home Assistant is not told") || !strings.Contains(out, "127.0.0.1:1") {
		t.Errorf("healthcheck: exit code %d, %q %q", code, out, stderr)
	}
	_, found, _ := command(t, dir, "doctor").run()
	if !strings.Contains(found, "Home Assistant") || !strings.Contains(found, "homeassistant.broker") {
		t.Errorf("doctor says\n%s", found)
	}
	p.finish()
	if all := out + found + stderr + p.errors(); strings.Contains(all, "hush4711") {
		t.Errorf("the password is told:\n%s", all)
	}
}
