package homeassistant

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"v720dvr/camera"
)

const door = camera.ID("0800c00128F8")

func said(list []state) map[string]string {
	got := make(map[string]string)
	for _, s := range list {
		got[s.topic[strings.LastIndex(s.topic, "/")+1:]] = string(s.payload)
	}
	return got
}

func TestACamerasStatesAreWhatHomeAssistantReads(t *testing.T) {
	tp, yes, no, percent := topics{"homeassistant", "n"}, true, false, int64(57)
	moves := map[camera.EventKind]time.Time{camera.Motion: time.Now(), camera.Asked: time.Now()}
	for _, c := range []struct {
		name  string
		of    Camera
		going map[camera.EventKind]time.Time
		loss  float64
		want  string // in order
	}{
		{"well", Camera{Online: true, Recorded: "on", FPS: 9.96, Battery: &percent, Detection: true, Switches: map[string]*bool{keyInfrared: &yes, keyFlip: &no, keyLamp: &no}}, moves, 1.26,
			"online=ON shown=ON motion=ON light=OFF sound=OFF battery=57 fps=10.0 loss=1.3 recorded=on recording=ON motion_detection=ON infrared=ON flip=OFF lamp=OFF"},
		{"away: nothing goes on, and what it is set to is not known", Camera{Recorded: "absent", FPS: math.NaN()}, moves, -1,
			"online=OFF shown=OFF motion=OFF light=OFF sound=OFF battery=None fps=None loss=None recorded=absent recording=ON motion_detection=OFF infrared=None flip=None"},
		{"paused: nobody is told what moves", Camera{Online: true, Paused: true, Recorded: "paused"}, moves, 0,
			"online=ON shown=OFF motion=OFF light=OFF sound=OFF battery=None fps=0.0 loss=0.0 recorded=paused recording=OFF motion_detection=OFF infrared=None flip=None"},
	} {
		c.of.ID = door
		var got []string
		for _, s := range tp.statesOf(c.of, c.going, c.loss) {
			rest, ours := strings.CutPrefix(s.topic, "v720dvr/n/0800c00128F8/")
			if !ours {
				t.Errorf("%s: a state at %s", c.name, s.topic)
			}
			got = append(got, fmt.Sprintf("%s=%s", rest, s.payload))
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%s:\ngot  %s\nwant %s", c.name, strings.Join(got, " "), c.want)
		}
	}
}

func TestTheBoxSaysWhatItKnows(t *testing.T) {
	tp := topics{"homeassistant", "n"}
	got := said(tp.statesOfBox(Status{Size: 500e9, Free: 123.45e9, Days: 12.34, Trouble: "full", Errors: []string{"the disk is full", strings.Repeat("ä", 400)}}))
	for key, want := range map[string]string{"disk_free": "123.5", "disk_used": "75.3", "forecast": "12.3", "disk": "ON", "errors": "2"} {
		if got[key] != want {
			t.Errorf("%s is %s, want %s", key, got[key], want)
		}
	}
	if d := got["errors_details"]; !strings.Contains(d, "the disk is full") || len(d) > 700 {
		t.Errorf("details are %s", d)
	}
	got = said(tp.statesOfBox(Status{}))
	for key, want := range map[string]string{"disk_free": "None", "disk_used": "None", "forecast": "None", "disk": "OFF", "errors": "0", "errors_details": `{"disk":"well","errors":[]}`} {
		if got[key] != want {
			t.Errorf("of a box that knows nothing %s is %s, want %s", key, got[key], want)
		}
	}
}

// Each entity that has a state is told one, and each switch is commanded where it is announced.
func TestEveryEntityIsToldAState(t *testing.T) {
	tp, yes := topics{"homeassistant", "n"}, true
	told := make(map[string]bool)
	for _, s := range append(tp.statesOf(Camera{ID: door, Switches: map[string]*bool{keyLamp: &yes}}, nil, 0), tp.statesOfBox(Status{})...) {
		told[s.topic] = true
	}
	for _, th := range ofCamera {
		c := tp.component(th, "d", tp.ofCamera(door, th.key))
		if c.StateTopic != "" && !told[c.StateTopic] {
			t.Errorf("nobody says %s", c.StateTopic)
		}
		if c.CommandTopic == "" {
			continue
		}
		payload := on
		if th.platform == button {
			payload = press
		}
		if got, err := tp.parseCommand(c.CommandTopic, []byte(payload)); err != nil || got.What != th.key {
			t.Errorf("%s: got %+v, %v", c.CommandTopic, got, err)
		}
	}
	for _, th := range ofBox {
		if c := tp.component(th, "d", tp.ofBox(th.key)); !told[c.StateTopic] {
			t.Errorf("nobody says %s", c.StateTopic)
		}
	}
}

func TestLossIsThatOfTheLastMinute(t *testing.T) {
	var l losses
	at := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	look := func(seconds int, frames, lost int64) float64 {
		return math.Round(10*l.look(at.Add(time.Duration(seconds)*time.Second), frames, lost)) / 10
	}
	for i, c := range []struct {
		seconds      int
		frames, lost int64
		want         float64
	}{
		{0, 1000, 500, -1}, // what was before is nobody's business
		{10, 1090, 510, 10}, {60, 1590, 510, 1.7},
		{70, 1690, 510, 0}, // the ten are more than a minute ago
		{130, 1690, 510, -1},
		{132, 5, 1, -1}, // counted from 0 again
		{134, 13, 3, 20},
	} {
		if got := look(c.seconds, c.frames, c.lost); got != c.want {
			t.Errorf("look %d: got %v, want %v", i, got, c.want)
		}
	}
	for i := range 10_000 {
		look(200+2*i, int64(100*i), 0)
	}
	if len(l) > 40 {
		t.Errorf("%d counts are kept", len(l))
	}
}

func TestCommandsAreReadAndStrangeOnesRefused(t *testing.T) {
	tp := topics{"homeassistant", "n"}
	for _, c := range []struct {
		topic, payload string
		want           Command
		err            string
	}{
		{"v720dvr/n/0800c00128F8/recording/set", "OFF", Command{door, Recording, false}, ""},
		{"v720dvr/n/0800c00128F8/infrared/set", "ON", Command{door, Infrared, true}, ""},
		{"v720dvr/n/0800c00128F8/reboot/set", "PRESS", Command{door, Reboot, false}, ""},
		{"v720dvr/n/0800c00128F8/reboot/set", "ON", Command{}, "want PRESS"},
		{"v720dvr/n/0800c00128F8/flip/set", "on", Command{}, "want ON or OFF"},
		{"v720dvr/n/0800c00128F8/flip/set", "", Command{}, "want ON or OFF"},
		{"v720dvr/n/0800c00128F8/battery/set", "5", Command{}, "want v720dvr/n/CAMERA/THING/set"},
		{"v720dvr/n/0800c00128F8/flip", "ON", Command{}, "want v720dvr"},
		{"v720dvr/n/../flip/set", "ON", Command{}, "want v720dvr"},
		{"v720dvr/other/0800c00128F8/flip/set", "ON", Command{}, "want v720dvr"},
		{"v720dvr/n/0800c00128F8/flip/set/set", "ON", Command{}, "want v720dvr"},
	} {
		got, err := tp.parseCommand(c.topic, []byte(c.payload))
		if got != c.want || (err == nil) != (c.err == "") || err != nil && !strings.Contains(err.Error(), c.err) {
			t.Errorf("%s %q: got %+v, %v; want %+v, %q", c.topic, c.payload, got, err, c.want, c.err)
		}
	}
}

func FuzzCommand(f *testing.F) {
	f.Add("v720dvr/n/0800c00128F8/recording/set", []byte("OFF"))
	f.Add("v720dvr/n/0800c00128F8/reboot/set", []byte("PRESS"))
	f.Add("homeassistant/device/v720dvr_0800c00128F8/config", []byte(`{}`))
	f.Fuzz(func(t *testing.T, topic string, payload []byte) {
		tp := topics{"homeassistant", "n"}
		if c, err := tp.parseCommand(topic, payload); err == nil && tp.command(c.Camera, c.What) != topic {
			t.Errorf("%q is %+v, which is commanded at %q", topic, c, tp.command(c.Camera, c.What))
		}
		if id, ok := tp.cameraAnnounced(topic); ok && tp.announcement(deviceOf(id)) != topic {
			t.Errorf("%q announces %s, which is announced at %q", topic, id, tp.announcement(deviceOf(id)))
		}
	})
}

func TestOfEachTopicTheNewestAloneWaitsAndPicturesAreBounded(t *testing.T) {
	o := newOutbox()
	o.put(message{topic: "a", payload: []byte("1")})
	o.put(message{topic: "b", payload: []byte("1")})
	o.put(message{topic: "a", payload: []byte("2")})
	for i := range 12 {
		o.put(message{topic: fmt.Sprint("picture ", i), payload: make([]byte, 1<<20), picture: true})
	}
	o.put(message{topic: "picture 11", payload: make([]byte, 1<<20), picture: true})
	o.put(message{topic: "c"})
	var got []string
	for m, ok := o.take(); ok; m, ok = o.take() {
		got = append(got, m.topic)
		if m.topic == "a" && string(m.payload) != "2" {
			t.Errorf("the older one was sent: %q", m.payload)
		}
	}
	want := "a b picture 4 picture 5 picture 6 picture 7 picture 8 picture 9 picture 10 picture 11 c"
	if strings.Join(got, " ") != want || o.lost() != 4 || o.pictures != 0 {
		t.Errorf("got %q, %d dropped, %d bytes left; want %q and 4", got, o.lost(), o.pictures, want)
	}
	o.put(message{topic: "huge", payload: make([]byte, mostPictureBytes+1), picture: true})
	if m, ok := o.take(); !ok || m.topic != "huge" {
		t.Error("one picture is kept whatever its size")
	}
}
