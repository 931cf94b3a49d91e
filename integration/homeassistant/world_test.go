package homeassistant

import (
	"bufio"
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"v720dvr/camera"
	"v720dvr/recorder/live"
)

// tool finds a program of mosquitto's, or skips.
func tool(t *testing.T, name string) string {
	t.Helper()
	for _, path := range []string{name, "/usr/sbin/" + name} {
		if found, err := exec.LookPath(path); err == nil {
			return found
		}
	}
	if os.Getenv("V720DVR_TEST_ALL") != "" {
		t.Fatalf("%s is not installed and V720DVR_TEST_ALL is set", name)
	}
	t.Skipf("SKIPPED: %s is not installed, so nothing was told to Home Assistant over a real broker", name)
	return ""
}

// until waits for something that another process does.
func until(t *testing.T, what string, is func() bool) {
	t.Helper()
	every := time.NewTicker(10 * time.Millisecond)
	defer every.Stop()
	late := time.After(30 * time.Second)
	for !is() {
		select {
		case <-every.C:
		case <-late:
			t.Fatalf("%s: not within 30 s", what)
		}
	}
}

// broker is a mosquitto of its own.
type broker struct {
	t      *testing.T
	port   string
	config string // behind its listener
	log    *bytes.Buffer
	kill   func() // nobody is told anything
}

// newBroker starts one on a free port, with lines of configuration behind its listener.
func newBroker(t *testing.T, config string) *broker {
	t.Helper()
	b := &broker{t: t, config: config}
	for range 10 { // another process may take the port in between
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		_, b.port, _ = net.SplitHostPort(l.Addr().String())
		l.Close()
		if b.start() {
			return b
		}
	}
	t.Fatalf("mosquitto does not start: %s", b.log)
	return nil
}

func (b *broker) start() bool {
	b.t.Helper()
	file := filepath.Join(b.t.TempDir(), "mosquitto.conf")
	text := "persistence false\nlistener " + b.port + " 127.0.0.1\n" + b.config
	if os.Getuid() == 0 { // it would become a user who may not read the test's files
		text = "user root\n" + text
	}
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		b.t.Fatal(err)
	}
	cmd, log := exec.Command(tool(b.t, "mosquitto"), "-c", file), new(bytes.Buffer)
	cmd.Stderr = log
	if err := cmd.Start(); err != nil {
		b.t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() { cmd.Wait(); close(ended) }()
	b.log, b.kill = log, func() { cmd.Process.Kill(); <-ended }
	b.t.Cleanup(b.kill)
	late := time.After(30 * time.Second)
	every := time.NewTicker(10 * time.Millisecond)
	defer every.Stop()
	for {
		select {
		case <-ended:
			return false
		case <-late:
			b.t.Fatal("mosquitto does not listen within 30 s")
		case <-every.C:
			if c, err := net.Dial("tcp", "127.0.0.1:"+b.port); err == nil {
				c.Close()
				return true
			}
		}
	}
}

func (b *broker) url() string { return "mqtt://127.0.0.1:" + b.port }

// publish has mosquitto_pub say something.
func (b *broker) publish(args ...string) {
	b.t.Helper()
	args = append([]string{"-V", "5", "-h", "127.0.0.1", "-p", b.port, "-q", "1"}, args...)
	if text, err := exec.CommandContext(b.t.Context(), tool(b.t, "mosquitto_pub"), args...).CombinedOutput(); err != nil {
		b.t.Fatalf("mosquitto_pub %q: %v: %s", args, err, text)
	}
}

// reader is a mosquitto_sub that remembers what each topic said last.
type reader struct {
	mu    sync.Mutex
	last  map[string]string
	count map[string]int
	kept  map[string]bool // the broker had it before the reader came
}

// read begins to read all topics; more are arguments of mosquitto_sub.
func (b *broker) read(more ...string) *reader {
	b.t.Helper()
	ready := fmt.Sprint("test/ready/", time.Now().UnixNano())
	args := append([]string{"-V", "5", "-h", "127.0.0.1", "-p", b.port, "-t", "#", "-q", "1", "-F", "%t %r %x"}, more...)
	b.publish(append([]string{"-r", "-t", ready, "-m", "1"}, more...)...)
	sub := exec.CommandContext(b.t.Context(), tool(b.t, "mosquitto_sub"), args...)
	out, err := sub.StdoutPipe()
	if err == nil {
		err = sub.Start()
	}
	if err != nil {
		b.t.Fatal(err)
	}
	r := &reader{last: make(map[string]string), count: make(map[string]int), kept: make(map[string]bool)}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		in := bufio.NewScanner(out)
		in.Buffer(nil, 4<<20)
		for in.Scan() {
			r.line(in.Text())
		}
		sub.Wait()
	}()
	b.t.Cleanup(func() { sub.Process.Kill(); <-ended })
	until(b.t, "mosquitto_sub reads", func() bool { return r.says(ready) == "1" })
	return r
}

func (r *reader) line(text string) {
	topic, rest, _ := strings.Cut(text, " ")
	kept, payload, _ := strings.Cut(rest, " ")
	bytes, _ := hex.DecodeString(payload)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.last[topic] = string(bytes)
	r.count[topic]++
	r.kept[topic] = kept == "1"
}

// says is what a topic said last; "" when nothing.
func (r *reader) says(topic string) string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.last[topic]
}

func (r *reader) times(topic string) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.count[topic]
}

// topics are all that said something that is not empty.
func (r *reader) topics() (list []string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for topic, text := range r.last {
		if text != "" && !strings.HasPrefix(topic, "test/") {
			list = append(list, topic)
		}
	}
	return list
}

// world is a recorder as this room sees it, with the real hub.
type world struct {
	t   *testing.T
	hub *live.Hub

	mu      sync.Mutex
	cameras []Camera
	status  Status
	orders  []Command
}

func (w *world) Cameras(context.Context) ([]Camera, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return append([]Camera(nil), w.cameras...), nil
}

func (w *world) Status(context.Context) (Status, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.status, nil
}

// Do obeys, but for the lamp: that camera has none.
func (w *world) Do(_ context.Context, c Command) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.orders = append(w.orders, c)
	for i := range w.cameras {
		switch {
		case w.cameras[i].ID != c.Camera:
		case c.What == Recording:
			w.cameras[i].Paused = !c.On
		case c.What == Infrared:
			return errors.New("the camera does not answer")
		}
	}
	return nil
}

func (w *world) Picture(_ context.Context, id camera.ID, at time.Time) ([]byte, error) {
	return fmt.Appendf(nil, "JPEG of %s at %s", id, at.UTC().Format("05.0")), nil
}

func (w *world) change(do func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	do()
}

func (w *world) ordered() []Command {
	w.mu.Lock()
	defer w.mu.Unlock()
	return append([]Command(nil), w.orders...)
}

// start runs a Runner until the returned function is called, or the test ends.
func (w *world) start(o Options) (*Runner, func()) {
	w.t.Helper()
	o.Box, o.Live, o.Look, o.Log = w, w.hub, 20*time.Millisecond, slog.New(slog.NewTextHandler(w.t.Output(), nil))
	if o.Node == "" {
		o.Node = "n"
	}
	r, err := New(o)
	if err != nil {
		w.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- r.Run(ctx) }()
	var once sync.Once
	stop := func() {
		once.Do(func() {
			cancel()
			if err := <-ended; err != nil {
				w.t.Error(err)
			}
		})
	}
	w.t.Cleanup(stop)
	return r, stop
}

func newWorld(t *testing.T) *world {
	yes := true
	return &world{t: t, hub: live.NewHub(), status: Status{Size: 100e9, Free: 50e9}, cameras: []Camera{
		{ID: door, Name: "Front door", Online: true, Recorded: "on", FPS: 10, Detection: true, Switches: map[string]*bool{keyInfrared: &yes}},
	}}
}
