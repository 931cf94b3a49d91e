package homeassistant

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"v720dvr/camera"
	"v720dvr/recorder/live"
)

const anybody = "allow_anonymous true\n"

// at is a topic of the door's.
func at(key string) string { return "v720dvr/n/" + string(door) + "/" + key }

const announced = "homeassistant/device/v720dvr_" + string(door) + "/config"

func TestACameraAppearsTellsWhatHappensAndTakesCommands(t *testing.T) {
	b, w := newBroker(t, anybody), newWorld(t)
	// What somebody wanted once, and a command that the broker kept, is none.
	b.publish("-r", "-t", at("reboot/set"), "-m", "PRESS")
	seen := b.read()
	_, stop := w.start(Options{Broker: b.url()})
	until(t, "the camera appears", func() bool { return seen.says(announced) != "" && seen.says(at(keyMotion)) == off })
	until(t, "the box appears", func() bool {
		return seen.says("homeassistant/device/v720dvr_box_n/config") != "" && seen.says("v720dvr/n/box/disk_free") == "50.0"
	})
	if got := seen.says("v720dvr/n/status"); got != available {
		t.Errorf("the status is %q", got)
	}

	now := time.Date(2026, 11, 23, 12, 0, 7, 0, time.UTC)
	w.hub.Frame(camera.Frame{Camera: door, At: now, JPEG: []byte("JPEG now")})
	until(t, "a picture comes", func() bool { return seen.says(at(keyPicture)) == "JPEG now" })
	moment := live.Moment{Camera: door, ID: 1, Phase: live.PhaseStart, Kind: camera.Motion, Start: now, End: now}
	w.hub.Moment(moment)
	until(t, "it moves", func() bool { return seen.says(at(keyMotion)) == on })
	until(t, "the event has a picture", func() bool { return strings.HasSuffix(seen.says(at(keyEvent)), "at 07.0") })
	moment.Phase, moment.Best, moment.End = live.PhaseEnd, now.Add(2*time.Second), now.Add(5*time.Second)
	w.hub.Moment(moment)
	until(t, "it rests", func() bool { return seen.says(at(keyMotion)) == off })
	until(t, "the best picture stays", func() bool { return strings.HasSuffix(seen.says(at(keyEvent)), "at 09.0") })
	until(t, "it is told what that was", func() bool {
		var e event
		err := json.Unmarshal([]byte(seen.says(details(at(keyEvent)))), &e)
		return err == nil && e.Kind == camera.Motion && e.End.Equal(moment.End)
	})

	b.publish("-t", at("recording/set"), "-m", "OFF")
	until(t, "the pause is the answer", func() bool { return seen.says(at(keyRecording)) == off && seen.says(at(keyShown)) == off })
	before := seen.times(at(keyInfrared))
	b.publish("-t", at("infrared/set"), "-m", "OFF")
	until(t, "what was refused is answered by what is", func() bool { return seen.times(at(keyInfrared)) > before })
	if got := seen.says(at(keyInfrared)); got != on {
		t.Errorf("the lamp is told to be %s", got)
	}
	b.publish("-t", at("recording/set"), "-m", "perhaps")
	b.publish("-t", "v720dvr/n/0800c0999999/recording/set", "-m", "OFF")
	b.publish("-t", at("recording/set"), "-m", "ON")
	until(t, "it is recorded again", func() bool { return seen.says(at(keyRecording)) == on })
	if got, want := w.ordered(), []Command{{door, Recording, false}, {door, Infrared, false}, {door, Recording, true}}; !slices.Equal(got, want) {
		t.Errorf("got the commands %+v, want %+v", got, want)
	}

	w.change(func() { w.cameras[0].Name = "Garage" })
	until(t, "it has another name", func() bool { return strings.Contains(seen.says(announced), `"name":"Garage"`) })

	// Home Assistant was started anew.
	for _, topic := range []string{announced, at(keyMotion), "v720dvr/n/status", "v720dvr/n/box/disk_free"} {
		before := seen.times(topic)
		b.publish("-t", "homeassistant/status", "-m", "online")
		until(t, topic+" is told again", func() bool { return seen.times(topic) > before })
	}

	w.change(func() { w.cameras = nil })
	until(t, "it is gone, and all that was kept of it", func() bool {
		return !slices.ContainsFunc(b.read().topics(), func(topic string) bool { return strings.Contains(topic, string(door)) && topic != at("reboot/set") })
	})
	stop()
	until(t, "it says goodbye", func() bool { return seen.says("v720dvr/n/status") == gone })
}

func TestABrokerThatComesLateOrGoesIsToldEverythingWhenItIsBack(t *testing.T) {
	b, w := newBroker(t, anybody), newWorld(t)
	b.kill()
	r, _ := w.start(Options{Broker: b.url()})
	until(t, "it is told that it is not there", func() bool { return r.Trouble() != nil })
	if err := r.Trouble(); !strings.Contains(err.Error(), "127.0.0.1:"+b.port) || !strings.Contains(err.Error(), "refused") {
		t.Errorf("got %v", err)
	}
	for round := range 2 {
		until(t, "mosquitto listens again", b.start)
		seen := b.read()
		until(t, "everything is there", func() bool {
			return seen.says("v720dvr/n/status") == available && seen.says(announced) != "" && seen.says(at(keyOnline)) == on
		})
		until(t, "nothing is amiss", func() bool { return r.Trouble() == nil })
		if round == 0 {
			b.kill()
			until(t, "it is noticed", func() bool { return r.Trouble() != nil })
		}
	}
}

func TestWhatTheBrokerKeepsOfCamerasThatWentMeanwhileIsTakenOut(t *testing.T) {
	b, w := newBroker(t, anybody), newWorld(t)
	old := topics{"homeassistant", "n"}
	other := topics{"homeassistant", "other"}
	gone, elsewhere := camera.ID("0800c0000009"), camera.ID("0800c0000008")
	b.publish("-r", "-t", old.announcement(deviceOf(gone)), "-m", string(old.announceCamera(Camera{ID: gone}, About{})))
	b.publish("-r", "-t", old.ofCamera(gone, keyMotion), "-m", on)
	b.publish("-r", "-t", other.announcement(deviceOf(elsewhere)), "-m", string(other.announceCamera(Camera{ID: elsewhere}, About{})))
	b.publish("-r", "-t", other.ofCamera(elsewhere, keyMotion), "-m", on)
	b.publish("-r", "-t", "homeassistant/device/kitchen/config", "-m", `{"device":{}}`)
	w.start(Options{Broker: b.url()})
	var kept []string
	until(t, "the one that is gone is taken out", func() bool {
		kept = b.read().topics()
		return slices.Contains(kept, announced) && !slices.ContainsFunc(kept, func(topic string) bool { return strings.Contains(topic, string(gone)) })
	})
	for _, want := range []string{other.announcement(deviceOf(elsewhere)), other.ofCamera(elsewhere, keyMotion), "homeassistant/device/kitchen/config", at(keyMotion)} {
		if !slices.Contains(kept, want) {
			t.Errorf("%s is gone: it is somebody else's", want)
		}
	}
}

func TestPasswordsAndTLSAreThoseOfTheBroker(t *testing.T) {
	dir, w := t.TempDir(), newWorld(t)
	passwords, cert, key := filepath.Join(dir, "passwords"), filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	if text, err := exec.CommandContext(t.Context(), tool(t, "mosquitto_passwd"), "-b", "-c", passwords, "home", "p@ss/word").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	makeCertificate(t, cert, key)
	b := newBroker(t, "allow_anonymous false\npassword_file "+passwords+"\ncertfile "+cert+"\nkeyfile "+key+"\n")
	for name, c := range map[string]struct {
		user string
		o    Options
		want string
	}{
		"a wrong password":                    {"home:wrong@", Options{CAFile: cert}, "refuses user and password"},
		"nobody":                              {"", Options{CAFile: cert}, "refuses user and password"},
		"a certificate that nobody trusts":    {"home:p%40ss%2Fword@", Options{}, "certificate"},
		"all as it should be, another prefix": {"home:p%40ss%2Fword@", Options{CAFile: cert, Prefix: "ha/discovery"}, ""},
	} {
		c.o.Broker = "mqtts://" + c.user + "127.0.0.1:" + b.port
		r, stop := w.start(c.o)
		if c.want != "" {
			until(t, name, func() bool { return r.Trouble() != nil })
			if err := r.Trouble().Error(); !strings.Contains(err, c.want) || strings.Contains(err, "wrong@") || strings.Contains(err, "p%40ss") {
				t.Errorf("%s: got %q, want %q and no password", name, err, c.want)
			}
		} else {
			until(t, name, func() bool { return r.link.up() && r.isKnown(door) })
			if !strings.HasPrefix(r.t.announcement("x"), "ha/discovery/device/x/") {
				t.Errorf("announced at %s", r.t.announcement("x"))
			}
		}
		stop()
	}
}

// rights are the lines of a mosquitto's acl_file that docs/homeassistant.md tells people to write.
func rights(t *testing.T) string {
	t.Helper()
	doc, err := os.ReadFile("../../docs/homeassistant.md")
	if err != nil {
		t.Fatal(err)
	}
	lines := regexp.MustCompile(`(?m)^    ((?:user|topic) .*)$`).FindAllSubmatch(doc, -1)
	if len(lines) < 4 {
		t.Fatalf("docs/homeassistant.md has %d lines of rights", len(lines))
	}
	var text strings.Builder
	for _, line := range lines {
		text.Write(line[1])
		text.WriteByte('\n')
	}
	return text.String()
}

func TestTheRightsThatTheDocumentNamesAreEnough(t *testing.T) {
	dir, w := t.TempDir(), newWorld(t)
	passwords, acl := filepath.Join(dir, "passwords"), filepath.Join(dir, "acl")
	for user, password := range map[string]string{"v720dvr": "one", "homeassistant": "two"} {
		args := []string{"-b", passwords, user, password}
		if _, err := os.Stat(passwords); err != nil {
			args = append([]string{"-c"}, args...)
		}
		if text, err := exec.CommandContext(t.Context(), tool(t, "mosquitto_passwd"), args...).CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, text)
		}
	}
	if err := os.WriteFile(acl, []byte(rights(t)+"user homeassistant\ntopic readwrite #\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	b := newBroker(t, "allow_anonymous false\npassword_file "+passwords+"\nacl_file "+acl+"\n")
	as := []string{"-u", "homeassistant", "-P", "two"}
	old := topics{"homeassistant", "n"}.announcement(deviceOf("0800c0000009"))
	b.publish(append(as, "-r", "-t", old, "-m", `{"components":{"a":{"state_topic":"v720dvr/n/0800c0000009/motion"}}}`)...)
	seen := b.read(as...)
	r, _ := w.start(Options{Broker: "mqtt://v720dvr:one@127.0.0.1:" + b.port})
	until(t, "the camera appears", func() bool {
		return seen.says(announced) != "" && seen.says(at(keyMotion)) == off && r.Trouble() == nil
	})
	until(t, "an old one is taken out", func() bool { return seen.says(old) == "" })
	b.publish(append(as, "-t", at("recording/set"), "-m", "OFF")...)
	until(t, "a command is done", func() bool { return seen.says(at(keyRecording)) == off })
	before := seen.times(announced)
	b.publish(append(as, "-t", "homeassistant/status", "-m", "online")...)
	until(t, "all is told again", func() bool { return seen.times(announced) > before })
	if s := r.Stats(); !s.Connected || s.Sent < 20 || s.Commands != 1 || s.Refused != 0 {
		t.Errorf("got %+v", s)
	}
}

func TestHomeAssistantIsHeardAtItsOwnPlaceWhateverThePrefix(t *testing.T) {
	b, w := newBroker(t, anybody), newWorld(t)
	seen := b.read()
	w.start(Options{Broker: b.url(), Prefix: "ha/found"})
	const announced = "ha/found/device/v720dvr_" + string(door) + "/config"
	for _, birth := range []string{"homeassistant/status", "ha/found/status"} {
		until(t, "the camera appears", func() bool { return seen.says(announced) != "" })
		before := seen.times(announced)
		b.publish("-t", birth, "-m", "offline")
		b.publish("-t", birth, "-m", "online")
		until(t, birth+" is heard", func() bool { return seen.times(announced) > before })
	}
}

func TestWhatCannotBeABrokerIsSaidAtTheStartWithoutItsPassword(t *testing.T) {
	w := newWorld(t)
	junk := filepath.Join(t.TempDir(), "junk.pem")
	if err := os.WriteFile(junk, []byte("no certificate"), 0o600); err != nil {
		t.Fatal(err)
	}
	for address, ca := range map[string]string{"http://u:secret@host": "", "mqtt://": "", "mqtt://h:a:b": "", "mqtts://u:secret@host": junk, "mqtts://host": junk + "-none"} {
		_, err := New(Options{Broker: address, CAFile: ca, Node: "n", Box: w, Live: w.hub})
		if err == nil || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s %s: got %v", address, ca, err)
		}
	}
}
