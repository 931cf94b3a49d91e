package cloud

import (
	"bufio"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"v720dvr/cloud/cloudtest"
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
	t.Skipf("SKIPPED: %s is not installed, so our MQTT has not been held against mosquitto's", name)
	return ""
}

// until waits for something that another process does.
func until(t *testing.T, what string, is func() bool) {
	t.Helper()
	every := time.NewTicker(10 * time.Millisecond)
	defer every.Stop()
	late := time.After(20 * time.Second)
	for !is() {
		select {
		case <-every.C:
		case <-late:
			t.Fatalf("%s: not within 20 s", what)
		}
	}
}

// liveOn runs a simulated camera over real sockets until the test ends.
func liveOn(t *testing.T, s *Server, mqtt string) *cloudtest.Camera {
	t.Helper()
	c, err := cloudtest.NewCamera(cloudtest.Options{
		ID: string(doorID), Host: cloudtest.Loopback{}, HTTP: s.Addrs().HTTP.String(), MQTT: mqtt,
		Source: scene(t, cloudtest.SceneOptions{Width: 160, Height: 120, Bytes: 2048}),
	})
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- c.Run(t.Context()) }()
	t.Cleanup(func() { <-ended })
	return c
}

func TestMosquittosProgramsReadAndCommandFromThisMachine(t *testing.T) {
	sub, pub := tool(t, "mosquitto_sub"), tool(t, "mosquitto_pub")
	s := startServer(t, Options{Clients: prefixes("127.0.0.0/8")})
	_, port, _ := net.SplitHostPort(s.Addrs().MQTT.String())
	watching := exec.CommandContext(t.Context(), sub, "-h", "127.0.0.1", "-p", port, "-t", "#", "-v")
	out, err := watching.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := watching.Start(); err != nil {
		t.Fatal(err)
	}
	lines := make(chan string, 1000)
	go func() {
		for in := bufio.NewScanner(out); in.Scan(); {
			lines <- in.Text()
		}
		close(lines)
	}()
	await := func(part ...string) {
		t.Helper()
		late := time.After(20 * time.Second)
		for {
			select {
			case line := <-lines:
				all := true
				for _, p := range part {
					all = all && strings.Contains(line, p)
				}
				if all {
					return
				}
			case <-late:
				t.Fatalf("mosquitto_sub did not say %q", part)
			}
		}
	}
	until(t, "mosquitto_sub subscribes", func() bool { return len(s.broker.mqtt.Topics.Subscribers(topicInfo).Subscriptions) > 0 })
	c := liveOn(t, s, s.Addrs().MQTT.String())
	await(topicStatus, `"status": 1`)
	await(topicInfo, `"IrLed": 0`)
	publish := func(topic, message string) {
		t.Helper()
		if text, err := exec.CommandContext(t.Context(), pub, "-h", "127.0.0.1", "-p", port, "-t", topic, "-m", message).CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, text)
		}
	}
	publish(topicSub+string(doorID), `{ "code": 202, "IrLed": 1}`)
	await(topicSub+string(doorID), `{ "code": 202, "IrLed": 1}`)
	await(topicInfo, `"IrLed": 1`)
	publish(topicInfo, `{"devicesCode":"`+string(doorID)+`","IrLed":0}`) // nobody but the camera says how it is
	if s.Condition(doorID).Values["IrLed"] != 1 || c.State().Commands != 1 {
		t.Errorf("got %+v, %d commands", s.Condition(doorID), c.State().Commands)
	}
	if err := watching.Process.Kill(); err != nil {
		t.Error(err)
	}
	_ = watching.Wait() // it was killed
}

// freePort finds one. Somebody may take it meanwhile: then mosquitto says so and the test fails.
func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, port, _ := net.SplitHostPort(l.Addr().String())
	return port
}

// Cameras have another password each time, so that mosquitto needs a listener for them that asks for none.
func TestABrokerThatIsThereAlreadyServesAsOurOwnDoes(t *testing.T) {
	daemon, passwd := tool(t, "mosquitto"), tool(t, "mosquitto_passwd")
	dir := t.TempDir()
	cameras, ours := freePort(t), freePort(t)
	passwords, config := filepath.Join(dir, "passwords"), filepath.Join(dir, "mosquitto.conf")
	if text, err := exec.CommandContext(t.Context(), passwd, "-c", "-b", passwords, "dvr", "p@ss word").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	text := fmt.Sprintf("per_listener_settings true\nlistener %s 127.0.0.1\nallow_anonymous true\nlistener %s 127.0.0.1\npassword_file %s\n", cameras, ours, passwords)
	if os.Getuid() == 0 {
		text += "user root\n" // else it cannot read the password file any more
	}
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	s := startServer(t, Options{Broker: "mqtt://dvr:p%40ss%20word@127.0.0.1:" + ours}) // it is not there yet: we come again
	start := func() (stop func()) {
		running := exec.CommandContext(t.Context(), daemon, "-c", config)
		if err := running.Start(); err != nil {
			t.Fatal(err)
		}
		return func() {
			if err := running.Process.Kill(); err != nil {
				t.Error(err)
			}
			_ = running.Wait() // it was killed
		}
	}
	stop := start()
	until(t, "the server finds the broker", func() bool { return s.elsewhere.reaches(doorID) })
	c := liveOn(t, s, "127.0.0.1:"+cameras)
	until(t, "the camera's Info arrives", func() bool { return s.Condition(doorID).Values["sdCardReco"] == 1 })
	for i, value := range []string{"off", "on"} {
		record, err := Setting("sd-record", value) // over MQTT alone
		a, err := s.Do(t.Context(), doorID, mustCommand(t, record, err))
		if err != nil || a.Channel != ByMQTT || !a.Shown || s.Condition(doorID).Values["sdCardReco"] != int64(i) || !s.Condition(doorID).Broker {
			t.Fatalf("sd-record=%s: %+v, %v", value, a, err)
		}
		if i == 0 { // it goes, and comes again
			stop()
			until(t, "the server misses the broker", func() bool { return !s.elsewhere.reaches(doorID) })
			if _, err := s.Do(t.Context(), doorID, record); err == nil {
				t.Error("a command went out without a broker")
			}
			stop = start()
			until(t, "the server finds it again", func() bool { return s.elsewhere.reaches(doorID) })
			until(t, "the camera too", func() bool { return s.Condition(doorID).Broker })
		}
	}
	if c.State().Commands != 2 {
		t.Errorf("the camera obeyed %d commands, want 2", c.State().Commands)
	}
	stop()
}

func TestABrokersAddressThatIsNoneIsRefusedWithoutItsPassword(t *testing.T) {
	for _, address := range []string{"host:1883", "http://me:secret@host", "mqtt://", "mqtt://me:secret@"} {
		if _, err := New(Options{Registry: &registry{}, Sink: newCollector(), Broker: address}); err == nil || strings.Contains(err.Error(), "secret") {
			t.Errorf("%q: %v", address, err)
		}
	}
}
