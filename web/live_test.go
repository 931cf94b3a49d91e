package web

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"v720dvr/camera"
	"v720dvr/recorder/live"
	"v720dvr/storage"
)

// begin sends a request for a stream, and takes no more of the answer than its header.
func (v *visitor) begin(path string, change ...func(*http.Request)) answered {
	v.site.t.Helper()
	ctx, stop := context.WithCancel(v.site.t.Context())
	defer stop()
	r, err := http.NewRequestWithContext(ctx, "GET", v.site.base+path, nil)
	if err != nil {
		v.site.t.Fatal(err)
	}
	if strings.HasSuffix(path, "/live") {
		for name, value := range map[string]string{"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA=="} {
			r.Header.Set(name, value)
		}
	}
	if v.token != "" {
		r.Header.Set("Authorization", "Bearer "+v.token)
	}
	for _, f := range change {
		f(r)
	}
	got, err := v.http.Do(r)
	if err != nil {
		v.site.t.Fatalf("GET %s: %v", path, err)
	}
	got.Body.Close()
	return answered{Response: got}
}

// looker is a viewer at the websocket.
type looker struct {
	t    testing.TB
	conn *websocket.Conn
}

// look opens the websocket.
func (v *visitor) look() *looker {
	v.site.t.Helper()
	header := http.Header{}
	if v.token != "" {
		header.Set("Authorization", "Bearer "+v.token)
	}
	conn, got, err := websocket.Dial(v.site.t.Context(), v.site.base+"/api/v1/live", &websocket.DialOptions{HTTPClient: v.http, HTTPHeader: header})
	if err != nil {
		v.site.t.Fatalf("open the websocket: %v (%+v)", err, got)
	}
	conn.SetReadLimit(2 << 20)
	v.site.t.Cleanup(func() { conn.CloseNow() })
	return &looker{v.site.t, conn}
}

func (l *looker) read() (websocket.MessageType, []byte, error) {
	ctx, done := context.WithTimeout(context.Background(), 30*time.Second)
	defer done()
	return l.conn.Read(ctx)
}

func (l *looker) send(message any) {
	l.t.Helper()
	text, ok := message.(string)
	if !ok {
		raw, err := json.Marshal(message)
		if err != nil {
			l.t.Fatal(err)
		}
		text = string(raw)
	}
	if err := l.conn.Write(context.Background(), websocket.MessageText, []byte(text)); err != nil {
		l.t.Fatal(err)
	}
}

// told is a message, of whatever kind.
type told struct {
	Type    string
	Run     string
	Build   string
	Cameras []struct {
		Cam   uint16
		ID    camera.ID
		State string
		FPS   float64
	}
	Cam    uint16
	ID     json.Number
	Phase  string
	Start  string
	Events int

	kind   byte // of a message in bytes
	number uint32
	at     time.Time
	body   []byte
}

// next is the next message of a type, or the next one; states that come in between are passed over.
func (l *looker) next(want string) told {
	l.t.Helper()
	for {
		kind, raw, err := l.read()
		if err != nil {
			l.t.Fatalf("want %s: %v", want, err)
		}
		var got told
		if kind == websocket.MessageBinary {
			if len(raw) < messageHead {
				l.t.Fatalf("got %x", raw)
			}
			got = told{
				Type: "bytes", kind: raw[0], Cam: binary.BigEndian.Uint16(raw[1:]), number: binary.BigEndian.Uint32(raw[3:]),
				at: time.UnixMicro(int64(binary.BigEndian.Uint64(raw[7:]))), body: raw[messageHead:],
			}
		} else if err := json.Unmarshal(raw, &got); err != nil {
			l.t.Fatalf("%v in %s", err, raw)
		}
		if got.Type == "state" && want != "state" {
			continue
		}
		if got.Type != want {
			l.t.Fatalf("got %s: %.200s, want %s", got.Type, raw, want)
		}
		return got
	}
}

// ended reads until the websocket is closed, and tells how.
func (l *looker) ended() (code int, reason string) {
	for {
		if _, _, err := l.read(); err != nil {
			code = int(websocket.CloseStatus(err))
			_, reason, _ = strings.Cut(err.Error(), "reason = ")
			return code, reason
		}
	}
}

// numbers are the numbers of the cameras that were told.
func (t told) numbers() map[camera.ID]uint16 {
	n := make(map[camera.ID]uint16)
	for _, c := range t.Cameras {
		n[c.ID] = c.Cam
	}
	return n
}

// shot is a picture of a camera, so many tenths of a second after noon.
func shot(id camera.ID, tenths, size int) camera.Frame {
	jpeg := append(slices.Clone(picture[:len(picture)-2]), make([]byte, size)...)
	return camera.Frame{Camera: id, At: noon.Add(time.Duration(tenths) * 100 * time.Millisecond), JPEG: append(jpeg, 0xFF, 0xD9)}
}

func TestWebsocketGivesWhatWhoAsksMaySee(t *testing.T) {
	s := open(t)
	s.addUser("viewer", storage.RoleViewer, storage.SomeCameras(door))
	v := s.visitor()
	v.logIn("viewer", "password of viewer")
	l := v.look()
	hello := l.next("hello")
	if hello.Run != s.run || hello.Build != "test" || len(hello.Cameras) != 1 || hello.Cameras[0].ID != door || hello.Cameras[0].Cam != 1 || hello.Cameras[0].State != "streaming" {
		t.Fatalf("got %+v", hello)
	}
	h := s.o.Live
	h.Frame(shot(door, 1, 100))
	l.send(fields{"type": "subscribe", "cameras": []fields{{"cam": 1, "pictures": true, "sound": true}}, "events": true})
	if got := l.next("bytes"); got.kind != messagePicture || got.Cam != 1 || got.number != 1 || !got.at.Equal(shot(door, 1, 0).At) || string(got.body) != string(shot(door, 1, 100).JPEG) {
		t.Errorf("got %+v", got)
	}
	h.Frame(shot(yard, 2, 100))
	h.Frame(shot(door, 2, 100))
	if got := l.next("bytes"); got.Cam != 1 || got.number != 2 {
		t.Errorf("got %+v", got)
	}
	h.Frame(shot(door, 3, 100)) // two are on their way
	h.Frame(shot(door, 4, 100))
	h.Audio(camera.Audio{Camera: yard, At: noon, ALaw: make([]byte, 80)})
	h.Audio(camera.Audio{Camera: door, At: noon, ALaw: []byte{1, 2, 3}})
	if got := l.next("bytes"); got.kind != messageSound || got.Cam != 1 || got.number != 1 || !got.at.Equal(noon) || string(got.body) != "\x01\x02\x03" {
		t.Errorf("got %+v", got)
	}
	h.Moment(live.Moment{Camera: yard, ID: 1, Phase: live.PhaseStart, Kind: camera.Motion, Start: noon})
	h.Moment(live.Moment{Camera: door, ID: 2, Phase: live.PhaseStart, Kind: camera.Motion, Start: noon.UTC()})
	if got := l.next("event"); got.Cam != 1 || got.ID != "2" || got.Phase != "start" || got.Start != "2026-11-22T14:05:00+01:00" {
		t.Errorf("got %+v", got)
	}
	l.send(fields{"type": "ping", "id": 7})
	if got := l.next("pong"); got.ID != "7" {
		t.Errorf("got %+v", got)
	}
	l.send(fields{"type": "ack", "cam": 1, "seq": 1})
	if got := l.next("bytes"); got.number != 4 {
		t.Errorf("got picture %d, want the newest", got.number)
	}
}

// Who may look and not read gets pictures and sound, and no state and no events.
func TestTokenForLookingReadsNothing(t *testing.T) {
	s := open(t)
	l := s.with("live", storage.AllCameras, ScopeLive).look()
	hello := l.next("hello")
	if len(hello.Cameras) != 3 || hello.Cameras[0].State != "" || hello.Cameras[0].ID != yard {
		t.Fatalf("got %+v", hello)
	}
	l.send(fields{"type": "subscribe", "cameras": []fields{{"cam": hello.numbers()[door], "pictures": true}}, "events": true})
	l.send(fields{"type": "ping"})
	l.next("pong")
	s.o.Live.Moment(live.Moment{Camera: door, ID: 1, Phase: live.PhaseStart})
	s.o.Live.Frame(shot(door, 1, 0))
	if got := l.next("bytes"); got.Cam != hello.numbers()[door] {
		t.Errorf("got %+v", got)
	}
}

func TestWebsocketTellsWhenCamerasChange(t *testing.T) {
	s := open(t)
	l := s.admin().look()
	before := l.next("hello").numbers()
	s.hall.mu.Lock()
	s.hall.cameras[1].State = "gone"
	s.hall.cameras = append(s.hall.cameras, Camera{ID: "0800c0000000", Name: "new"})
	s.hall.mu.Unlock()
	for {
		got := l.next("state")
		after := got.numbers()
		for id, n := range before {
			if after[id] != n {
				t.Errorf("%s was %d and is %d", id, n, after[id])
			}
		}
		if i := slices.IndexFunc(got.Cameras, func(c struct {
			Cam   uint16
			ID    camera.ID
			State string
			FPS   float64
		}) bool {
			return c.State == "gone"
		}); i >= 0 && len(got.Cameras) == 4 && after["0800c0000000"] == 4 {
			return
		}
	}
}

// strangeMessages are those that a viewer may not send; they are seeds of FuzzViewerMessage too.
var strangeMessages = []string{
	"", "null", "[]", "7", `"subscribe"`, "{", "{}", `{"type":""}`, `{"type":"Subscribe "}`, `{"type":"hello"}`, `{"type":"ping"}{"type":"ping"}`, `{"type":"ping"} x`,
	`{"type":"ping","id":-1}`, `{"type":"ping","id":4294967296}`, `{"type":"ping","id":1.5}`, `{"type":"ping","id":"1"}`, `{"type":"ping","cam":1}`,
	`{"type":"ack"}`, `{"type":"ack","cam":1,"seq":1}`, `{"type":"ack","cam":65536,"seq":1}`, `{"type":"ack","cam":1,"seq":1e9}`, `{"type":"ack","events":true}`,
	`{"type":"subscribe","cam":1}`, `{"type":"subscribe","cameras":{}}`, `{"type":"subscribe","cameras":[{"cam":0,"pictures":true}]}`, `{"type":"subscribe","cameras":[{"cam":99,"pictures":true}]}`,
	`{"type":"subscribe","cameras":[{"cam":1},{"cam":1}]}`, `{"type":"subscribe","cameras":[{"cam":1,"fps":-1}]}`, `{"type":"subscribe","cameras":[{"cam":1,"fps":1e300}]}`,
	`{"type":"subscribe","cameras":[{"cam":1,"fps":0.0001}]}`, `{"type":"subscribe","cameras":[{"cam":1,"fps":"NaN"}]}`, `{"type":"subscribe","cameras":[{"cam":1,"quality":1}]}`,
	`{"type":"subscribe","cameras":[{"cam":"0800c0000001","pictures":true}]}`, `{"type":"subscribe","cameras":[` + strings.Repeat(`{"cam":1},`, 200) + `{"cam":2}]}`,
	"\x00\xff\xfe", `{"type":"ping","id":` + strings.Repeat("9", 5000) + "}", strings.Repeat("[", 10_000), `{"__proto__":{}}`, `{"type":"ping","type":"ack"}`,
}

func TestStrangeMessagesEndTheConnectionAndNothingElse(t *testing.T) {
	s := open(t)
	v := s.admin()
	good := v.look()
	good.next("hello")
	for _, text := range strangeMessages {
		l := v.look()
		l.next("hello")
		l.send(text)
		if code, reason := l.ended(); code != closeBad || reason == "" || len(text) > 20 && strings.Contains(reason, text) {
			t.Errorf("%.80q: closed with %d %s", text, code, reason)
		}
	}
	l := v.look()
	if err := l.conn.Write(t.Context(), websocket.MessageBinary, []byte{1}); err != nil {
		t.Fatal(err)
	}
	if code, _ := l.ended(); code != closeBad {
		t.Errorf("bytes: closed with %d", code)
	}
	if n := s.audience.bad.Load(); n != int64(len(strangeMessages)+1) {
		t.Errorf("%d were counted of %d", n, len(strangeMessages)+1)
	}
	l = v.look()
	l.next("hello")
	l.send(`{"type":"ping","id":` + strings.Repeat(" ", mostMessage) + "1}")
	if code, _ := l.ended(); code != 1009 {
		t.Errorf("a long one: closed with %d", code)
	}
	good.send(fields{"type": "ping"})
	good.next("pong")
	if strings.Contains(s.log.String(), "level=ERROR") {
		t.Errorf("log: %s", s.log)
	}
}

func FuzzViewerMessage(f *testing.F) {
	for _, text := range strangeMessages {
		f.Add([]byte(text))
	}
	f.Add([]byte(`{"type":"subscribe","cameras":[{"cam":1,"pictures":true,"fps":5},{"cam":2,"sound":true}],"events":true}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		m, err := parseViewerMessage(text)
		if err != nil {
			if _, ok := err.(badMessage); !ok || len(err.Error()) > 120 {
				t.Errorf("%q: refused with %T %q, which is no reason to close with", text, err, err)
			}
			return
		}
		written, err := json.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		again, err := parseViewerMessage(written)
		if text, err2 := json.Marshal(again); err != nil || err2 != nil || string(text) != string(written) {
			t.Errorf("%q reads as %s, which reads as %s: %v %v", text, written, text, err, err2)
		}
	})
}

func TestPagesOfOthersCannotLook(t *testing.T) {
	s := open(t)
	v := s.admin()
	header := func(name, value string) func(*http.Request) {
		return func(r *http.Request) { r.Header.Set(name, value) }
	}
	for _, c := range []struct {
		name   string
		change func(*http.Request)
		want   int
	}{
		{"our own page", header("Origin", s.base), 101},
		{"no page", header("X", "y"), 101},
		{"another page", header("Origin", "http://evil.example"), 403},
		{"another port", header("Origin", "http://127.0.0.1:1"), 403},
		{"a file", header("Origin", "null"), 403},
		{"another site", header("Sec-Fetch-Site", "cross-site"), 403},
		{"no websocket", func(r *http.Request) { r.Header.Del("Upgrade") }, 426},
		{"another upgrade", header("Upgrade", "h2c"), 426},
		{"an old version", header("Sec-WebSocket-Version", "8"), 400},
		{"no key", func(r *http.Request) { r.Header.Del("Sec-WebSocket-Key") }, 400},
		{"a short key", header("Sec-WebSocket-Key", "AAAA"), 400},
		{"two keys", func(r *http.Request) { r.Header.Add("Sec-WebSocket-Key", "AAAAAAAAAAAAAAAAAAAAAA==") }, 400},
		{"compression", header("Sec-WebSocket-Extensions", "permessage-deflate"), 101},
	} {
		got := v.begin("/api/v1/live", c.change)
		if got.StatusCode != c.want || got.StatusCode >= 400 && got.Header.Get("Content-Type") != "application/problem+json" {
			t.Errorf("%s: got %s %s, want %d", c.name, got.Status, got.Header.Get("Content-Type"), c.want)
		}
		if got.Header.Get("Sec-WebSocket-Extensions") != "" {
			t.Errorf("%s: pictures would be compressed again: %v", c.name, got.Header)
		}
	}
}

func TestLookingEndsWithTheRightToIt(t *testing.T) {
	s := open(t)
	s.addUser("viewer", storage.RoleViewer, storage.SomeCameras(door))
	v := s.visitor()
	v.logIn("viewer", "password of viewer")
	l := v.look()
	l.next("hello")
	s.admin().want(200, "PATCH", "/api/v1/users/viewer", fields{"cameras": []string{string(yard)}})
	if code, reason := l.ended(); code != closeRights {
		t.Errorf("closed with %d %s", code, reason)
	}
	l = v.look()
	if got := l.next("hello"); len(got.Cameras) != 1 || got.Cameras[0].ID != yard {
		t.Errorf("got %+v", got)
	}
	v.want(204, "DELETE", "/api/v1/session", nil)
	if code, reason := l.ended(); code != closeRights {
		t.Errorf("closed with %d %s", code, reason)
	}
}

func TestViewersAreToldWhenTheRecorderStops(t *testing.T) {
	outer := t
	var s *site
	var l *looker
	t.Run("it runs, and stops behind this", func(t *testing.T) {
		s = open(t)
		s.t = outer // its viewers are still there then
		l = s.admin().look()
		l.next("hello")
		stalled := s.admin().look() // takes nothing
		stalled.send(fields{"type": "subscribe", "cameras": []fields{{"cam": 1, "pictures": true}}})
		s.o.Live.Frame(shot(yard, 0, 8<<20))
	})
	if code, reason := l.ended(); code != closeGoing {
		t.Errorf("closed with %d %s", code, reason)
	}
	if s.audience.all != 0 || s.o.Live.Viewers() != 0 {
		t.Errorf("Run has ended, and %d look", s.audience.all)
	}
}

func TestThoseWhoLookHaveBounds(t *testing.T) {
	a := newAudience()
	one, two, here := netip.MustParseAddr("192.168.1.5"), netip.MustParseAddr("192.168.1.6"), netip.MustParseAddr("127.0.0.1")
	var leave []func()
	for i := range mostViewersOfOneAddress + 1 {
		left, ok := a.enter(one)
		if ok != (i < mostViewersOfOneAddress) {
			t.Fatalf("viewer %d of an address: %v", i+1, ok)
		}
		if ok {
			leave = append(leave, left)
		}
	}
	if _, ok := a.enter(two); !ok {
		t.Error("another address is not let in")
	}
	for range mostViewers - mostViewersOfOneAddress - 1 {
		if _, ok := a.enter(here); !ok {
			t.Fatal("this machine, a proxy of many, is bounded as one")
		}
	}
	if _, ok := a.enter(two); ok {
		t.Error("more than there may be")
	}
	leave[0]()
	if _, ok := a.enter(one); !ok {
		t.Error("a place that is free is not given")
	}
	s := open(t)
	for range mostViewers {
		left, ok := s.audience.enter(netip.Addr{})
		if !ok {
			t.Fatal("no place")
		}
		defer left()
	}
	v := s.admin()
	for _, path := range []string{"/api/v1/live", "/api/v1/cameras/" + string(door) + "/live.mjpeg", "/api/v1/cameras/" + string(door) + "/live.wav"} {
		if got := v.begin(path); got.StatusCode != 503 || got.Header.Get("Retry-After") == "" || got.Header.Get("Content-Type") != "application/problem+json" {
			t.Errorf("%s: got %s %v", path, got.Status, got.Header)
		}
	}
}

// One takes nothing from its socket and acknowledges nothing; seven others get each of 300 pictures.
func TestStalledSocketChangesNothingForTheOthers(t *testing.T) {
	s := open(t)
	v := s.admin()
	wish := fields{"type": "subscribe", "cameras": []fields{{"cam": 1, "pictures": true, "sound": true}}, "events": true}
	stalled := v.look()
	stalled.send(wish)
	var others []*looker
	for range 7 {
		l := v.look()
		l.next("hello")
		l.send(wish)
		l.send(fields{"type": "ping"})
		l.next("pong")
		others = append(others, l)
	}
	for i := range 300 {
		s.o.Live.Frame(shot(yard, i, 18<<10))
		s.o.Live.Audio(camera.Audio{Camera: yard, At: noon, ALaw: make([]byte, 800)})
		for _, l := range others {
			for _, kind := range []byte{0, 0} {
				got := l.next("bytes")
				if kind = got.kind; kind == messagePicture {
					l.send(fields{"type": "ack", "cam": 1, "seq": got.number})
				}
				if got.number != uint32(i+1) {
					t.Fatalf("got number %d of kind %d, want %d", got.number, kind, i+1)
				}
			}
		}
	}
	if got := fmt.Sprint(stalled.next("hello").Type, stalled.next("bytes").kind); got != "hello"+fmt.Sprint(messagePicture) && got != "hello"+fmt.Sprint(messageSound) {
		t.Errorf("got %s", got)
	}
}

func TestWebsocketGivesWhatMovesToWhoAsks(t *testing.T) {
	s := open(t)
	l := s.with("live", storage.SomeCameras(door), ScopeLive).look()
	l.next("hello")
	g := live.Grid{Camera: door, At: noon, Score: 0x0102, Largest: 0x0304, Needed: 0x0506, Motion: true, Light: true, Track: []byte{0x10, 80, 60}}
	s.o.Live.Grid(g) // nobody asked
	l.send(fields{"type": "subscribe", "cameras": []fields{{"cam": 1, "motion": true, "fps": 10}}})
	l.send(fields{"type": "ping", "id": 1})
	l.next("pong") // so the wish was heard
	g.At = noon.Add(time.Second)
	s.o.Live.Grid(g)
	if got := l.next("bytes"); got.kind != messageGrid || got.Cam != 1 || !got.at.Equal(g.At) || string(got.body) != "\x01\x02\x03\x04\x05\x06\x05\x10\x50\x3c" {
		t.Errorf("got %+v", got)
	}
}
