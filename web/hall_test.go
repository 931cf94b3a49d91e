package web

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/cookiejar"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"v720dvr/camera"
	"v720dvr/storage"
	"v720dvr/storage/storagetest"
)

var (
	cet  = time.FixedZone("CET", 3600)
	noon = time.Date(2026, 11, 22, 14, 5, 0, 0, cet)
)

// The cameras of the hall. One that only the admin sees is first and last, so that "the first one"
// and "the last one" are wrong answers.
const (
	door  = camera.ID("0800c0000002") // the viewer sees it
	yard  = camera.ID("0800c0000001")
	other = camera.ID("0800c0000003")
)

// hall is what package main's box does for the API, as far as a test can look at: it keeps what it is
// told in the store, and tells it again.
type hall struct {
	store *storage.Store
	now   func() time.Time

	mu        sync.Mutex
	cameras   []Camera
	triggered []string
	commanded []string
	busy      chan struct{} // Replay does not end until it is given up; nil: it does
	problems  []string
	arrivals  []Arrival
	number    uint64 // of the newest arrival
	changed   chan struct{}
	demo      bool
}

func newHall(store *storage.Store, now func() time.Time) *hall {
	h := &hall{store: store, now: now, changed: make(chan struct{}), problems: []string{"/etc/secret.toml: a mistake"}}
	for _, id := range []camera.ID{yard, door, other} {
		h.cameras = append(h.cameras, Camera{ID: id, Name: "camera " + string(id), Online: true, State: "streaming", Since: noon.UTC(), Recording: RecordingOn})
	}
	return h
}

func (h *hall) Location() *time.Location { return cet }

func (h *hall) Cameras(context.Context) ([]Camera, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	list := slices.Clone(h.cameras)
	for i := range list {
		if pause, paused := h.store.Paused(list[i].ID, h.now()); paused {
			list[i].Recording, list[i].PausedUntil = RecordingPaused, pause.Until
		}
	}
	return list, nil
}

func (h *hall) System(context.Context) (System, error) {
	return System{
		Started: noon.UTC(), Problems: h.problems, Disk: Disk{Size: 1 << 40, Error: "write /srv/a.avi: no", Folder: "/srv"},
		Retention: Retention{LastSweep: noon.UTC(), Problem: "/srv is another volume"},
	}, nil
}

func (h *hall) Capture(context.Context, CaptureQuery) (func(context.Context, io.Writer) error, error) {
	return func(_ context.Context, w io.Writer) error {
		_, err := w.Write([]byte("a capture"))
		return err
	}, nil
}

func (h *hall) EndCapture(context.Context) error { return nil }

func (h *hall) Names(context.Context) (Names, error) {
	return Names{Asked: []NameAsked{{Address: "192.168.1.7", Camera: yard, Name: "v720.naxclow.com", At: noon.UTC(), Count: 3}}}, nil
}

func (h *hall) Approve(_ context.Context, id camera.ID) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	for i := range h.cameras {
		if h.cameras[i].ID == id {
			h.cameras[i].Approved = true
		}
	}
	return nil
}

// arrive has a step of an arrival seen.
func (h *hall) arrive(a Arrival) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.arrivals = append(h.arrivals, a)
	h.number++
	close(h.changed)
	h.changed = make(chan struct{})
}

func (h *hall) Arrivals(since uint64) ([]Arrival, uint64, <-chan struct{}) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Clone(h.arrivals[min(since, h.number):]), h.number, h.changed
}

func (h *hall) Diagnose(context.Context) (Diagnosis, error) {
	steps := []WayStep{{Step: "http", Seen: true, At: noon.UTC(), Line: "POST /app/api"}}
	return Diagnosis{
		At: noon.UTC(), Running: true,
		Findings: []Finding{
			{Severity: SeverityFault, About: "disk space", Found: "/srv is full", Do: "`rm /srv/old`"},
			{Severity: SeverityWarning, About: "yard", Camera: yard, Found: "it is away", Do: "give it power"},
			{Severity: SeverityNote, About: "camera door", Camera: door, Found: "it is not at the broker"},
			{Severity: SeverityNote, About: "192.168.1.9", Address: "192.168.1.9", Found: "a stranger"},
		},
		Ways: []Way{{Camera: yard, MAC: "b4:6d:c2:01:02:03", Steps: steps}, {Camera: door, MAC: "b4:6d:c2:01:02:04", Steps: steps}, {Address: "192.168.1.9", Steps: steps}},
	}, nil
}

func (h *hall) Hooks(context.Context) ([]HookState, error) {
	return []HookState{{Name: "phone", On: []string{"event_end"}, Form: "ntfy", Where: "ntfy.sh", Waiting: 2, Oldest: noon.UTC()}}, nil
}

func (h *hall) TestHook(_ context.Context, name, on string, _ camera.ID) (HookTrial, error) {
	if name == "nobody" {
		return HookTrial{}, ErrNoHook
	}
	return HookTrial{On: on, Sent: "a test", OK: true, Answer: "200 OK"}, nil
}

func (h *hall) Archive(context.Context) (Archive, error) {
	return Archive{On: true, Place: "https://s3/bucket/", Known: true, Waiting: ArchiveWaiting{Segments: 2, Bytes: 300, Oldest: noon}}, nil
}

func (h *hall) RetryArchive(context.Context) error { return nil }

func (h *hall) Archived(_ context.Context, id camera.ID, from, to time.Time) ([]ArchivedSegment, error) {
	return []ArchivedSegment{{Key: string(id) + "/2026-11-22/x.avi", From: from, To: to, Bytes: 100}}, nil
}

func (h *hall) RestoreArchived(_ context.Context, id camera.ID, _, _ time.Time, keep bool, who string) error {
	if !keep {
		return &RefusedError{Text: "it is busy"}
	}
	return nil
}

func (h *hall) StartDemo(context.Context, string) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.demo = true
	return nil
}

func (h *hall) StopDemo(context.Context) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.demo = false
	return nil
}

func (h *hall) Pause(ctx context.Context, id camera.ID, until time.Time) error {
	return h.store.Pause(ctx, id, h.now(), until)
}

func (h *hall) Resume(ctx context.Context, id camera.ID) error { return h.store.Unpause(ctx, id) }

func (h *hall) Trigger(_ context.Context, id camera.ID, length time.Duration, detail string) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if id == other {
		return fmt.Errorf("trigger: %w", &RefusedError{Text: "it is not recorded now: paused"})
	}
	h.triggered = append(h.triggered, strings.Join([]string{string(id), length.String(), detail}, " "))
	return nil
}

// The hall's cameras have infrared, and know how to leave.
func (h *hall) Commands() []CommandName {
	return []CommandName{{Name: "ir", Setting: true}, {Name: "reboot"}, {Name: "power-off", Danger: "its button alone switches it on"}}
}

func (h *hall) CameraState(_ context.Context, id camera.ID) (CameraState, error) {
	return CameraState{Settings: map[string]string{"ir": "on"}, Since: noon.UTC(), Control: true}, nil
}

func (h *hall) Say(_ context.Context, _ camera.ID, _ string, _ bool, _ []byte) error { return nil }

// The hall's card has one file; that of six minutes past breaks off.
func (h *hall) CardDays(context.Context, camera.ID) ([]string, error) {
	return []string{"2026-11-22"}, nil
}

func (h *hall) CardMinutes(_ context.Context, _ camera.ID, day string) ([]string, error) {
	return []string{day + "T14:05", day + "T14:06"}, nil
}

func (h *hall) SendCardFile(_ context.Context, _ camera.ID, minute string, begin func(int64) io.Writer) error {
	if !strings.HasSuffix(minute, "T14:05") && !strings.HasSuffix(minute, "T14:06") {
		return &CommandError{Status: 404, Text: "there is no such file on the camera's SD card"}
	}
	w := begin(4)
	if _, err := w.Write([]byte("RIF")); err != nil {
		return err
	}
	if strings.HasSuffix(minute, "T14:06") {
		return errors.New("the camera is gone")
	}
	_, err := w.Write([]byte("F"))
	return err
}

func (h *hall) DeleteCardFile(context.Context, camera.ID, string) error { return nil }

func (h *hall) Command(_ context.Context, id camera.ID, c Command) (CommandResult, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.commanded = append(h.commanded, fmt.Sprint(id, " ", c.Set, "=", c.Value, " ", c.Do, " ", c.Parameters, " ", string(c.Raw), " ", c.MQTT))
	switch {
	case c.Value == "late":
		return CommandResult{}, &CommandError{504, "the camera said nothing", true}
	case c.Value == "away":
		return CommandResult{}, &CommandError{409, "the camera cannot be reached", false}
	}
	return CommandResult{Command: c.Set + c.Do, Channel: "control", Shown: true, Replies: []Message{{At: noon.UTC(), Channel: "control", Text: "{}"}}}, nil
}

func (h *hall) Schedule(_ context.Context, _ camera.ID, at time.Time, changes int) (Schedule, error) {
	s := Schedule{Mode: "continuous", Why: "recording.mode", Until: at.UTC().Add(time.Hour)}
	for i := range changes {
		s.Changes = append(s.Changes, ModeChange{At: at.UTC().Add(time.Duration(i+1) * time.Hour), Mode: "off", Why: "[[schedule]] 1"})
	}
	return s, nil
}

// Week has a rule of each of two cameras, and one of all.
func (h *hall) Week(_ context.Context, changes RuleChanges, days []WeekDay) (Week, error) {
	if value, is := changes[""]["schedule"]; is && value != nil && string(value) != "[]" {
		return Week{}, errors.Join(&SettingError{Key: "schedule[0].start", Text: "is no cron line"}, &SettingError{Key: "schedule[1]", Text: "has no effect"})
	}
	w := Week{At: h.now(), Otherwise: "motion", Origin: "file", Days: days, Rules: []ScheduleRule{
		{Number: 1, Cameras: []string{"door"}, Mode: "off", For: []camera.ID{door}}, {Number: 2, Cameras: []string{"yard"}, Mode: "off", For: []camera.ID{yard}}, {Number: 3, Mode: "off", For: []camera.ID{door, yard}},
	}}
	for _, id := range []camera.ID{door, yard} {
		w.Cameras = append(w.Cameras, CameraWeek{Camera: id, Mode: "off", Spans: []WeekSpan{{From: days[0].From, To: days[6].To, Mode: "off"}}})
		for i := range 8 {
			w.Changes = append(w.Changes, WeekChange{Camera: id, At: noon.Add(time.Duration(i) * time.Hour), Mode: "off"})
		}
	}
	return w, nil
}

// The hall knows one key of the whole box and of cameras.
func (h *hall) Settings(ctx context.Context, id camera.ID) ([]Setting, error) {
	setting := Setting{Key: "recording.segment", Value: json.RawMessage(`"5m"`), Default: json.RawMessage(`"5m"`), Origin: "default"}
	kept, err := h.store.Settings(ctx)
	for _, s := range kept {
		if s.Camera == id && s.Key == setting.Key {
			setting.Value, setting.Origin, setting.Who, setting.At = s.Value, "set", s.Who, s.At
		}
	}
	return []Setting{setting}, err
}

func (h *hall) ChangeSettings(ctx context.Context, id camera.ID, changes map[string]json.RawMessage, who string) error {
	var wrong []error
	var kept []storage.Setting
	for key, value := range changes {
		if text := ""; key != "recording.segment" || value != nil && json.Unmarshal(value, &text) != nil {
			wrong = append(wrong, &SettingError{Key: key, Text: "is not known"})
		}
		kept = append(kept, storage.Setting{Camera: id, Key: key, Value: value, Who: who, At: h.now()})
	}
	if wrong != nil {
		return errors.Join(wrong...)
	}
	return h.store.Accounts().ChangeSettings(ctx, kept...)
}

// clock is the wall clock of a test.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) read() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// site is a running server with its store.
type site struct {
	*Server
	t     *testing.T
	hall  *hall
	clock *clock
	base  string
	first string // the first admin's password
	log   *lockedBuffer
}

type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// open starts a server on a free port of this machine; it is stopped when the test ends.
func open(t *testing.T, change ...func(*Options)) *site {
	t.Helper()
	cheap(t)
	c := &clock{now: noon}
	store := storagetest.Open(t, storage.Options{Now: c.read})
	s := &site{t: t, clock: c, hall: newHall(store, c.read), log: new(lockedBuffer)}
	o := Options{
		Listen: "127.0.0.1:0", Store: store, Box: s.hall, Version: "test", Now: c.read,
		Log:      slog.New(slog.NewTextHandler(s.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
		Announce: func(_, password string) { s.first = password },
		Metrics:  http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "figures") }),
	}
	for _, f := range change {
		f(&o)
	}
	server, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	if err := server.Listen(t.Context()); err != nil {
		t.Fatal(err)
	}
	s.Server = server
	scheme := "http://"
	if o.TLS.on() {
		scheme = "https://"
	}
	if server.listener != nil {
		s.base = scheme + server.Addr().String()
	}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- server.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Errorf("run: %v", err)
		}
	})
	return s
}

var costOnce sync.Once

// cheap makes hashes of passwords cost nothing to speak of: what is tested is who may, not argon2.
func cheap(t *testing.T) {
	t.Helper()
	costOnce.Do(func() { cost = argon{memory: 8, passes: 1, lanes: 1} })
}

// visitor is a browser, or a program with a token.
type visitor struct {
	site  *site
	http  *http.Client
	token string
}

func (s *site) visitor() *visitor {
	jar, err := cookiejar.New(nil)
	if err != nil {
		s.t.Fatal(err)
	}
	return &visitor{site: s, http: &http.Client{Jar: jar, Transport: &http.Transport{DisableKeepAlives: true}}}
}

// answered is an answer that was read to its end.
type answered struct {
	*http.Response
	body []byte
}

func (a answered) into(t *testing.T, v any) {
	t.Helper()
	if err := json.Unmarshal(a.body, v); err != nil {
		t.Errorf("%s: %v in %.300s", a.Status, err, a.body)
	}
}

func (v *visitor) send(method, path string, body any, change ...func(*http.Request)) answered {
	v.site.t.Helper()
	var reader io.Reader
	switch b := body.(type) {
	case nil:
	case string:
		reader = strings.NewReader(b)
	default:
		raw, err := json.Marshal(b)
		if err != nil {
			v.site.t.Fatal(err)
		}
		reader = bytes.NewReader(raw)
	}
	r, err := http.NewRequestWithContext(v.site.t.Context(), method, v.site.base+path, reader)
	if err != nil {
		v.site.t.Fatal(err)
	}
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	if v.token != "" {
		r.Header.Set("Authorization", "Bearer "+v.token)
	}
	for _, f := range change {
		f(r)
	}
	got, err := v.http.Do(r)
	if err != nil {
		v.site.t.Fatalf("%s %s: %v", method, path, err)
	}
	defer got.Body.Close()
	raw, err := io.ReadAll(got.Body)
	if err != nil {
		v.site.t.Fatalf("%s %s: %v", method, path, err)
	}
	return answered{got, raw}
}

// want sends a request and holds its answer's status against what is wanted.
func (v *visitor) want(status int, method, path string, body any) answered {
	v.site.t.Helper()
	got := v.send(method, path, body)
	if got.StatusCode != status {
		v.site.t.Errorf("%s %s: got %s %.300s, want %d", method, path, got.Status, got.body, status)
	}
	if got.StatusCode >= 400 && got.Header.Get("Content-Type") != "application/problem+json" {
		v.site.t.Errorf("%s %s: a refusal of type %q", method, path, got.Header.Get("Content-Type"))
	}
	return got
}

type fields map[string]any

func (v *visitor) logIn(user, password string) answered {
	v.site.t.Helper()
	return v.want(http.StatusOK, "POST", "/api/v1/session", fields{"user": user, "password": password})
}

// admin is the first user, logged in.
func (s *site) admin() *visitor {
	s.t.Helper()
	v := s.visitor()
	v.logIn("admin", s.first)
	return v
}

// with is a program with a token for these scopes, made at the command line.
func (s *site) with(name string, cameras storage.CameraSet, scopes ...Scope) *visitor {
	s.t.Helper()
	token, hash := NewToken()
	var texts []string
	for _, scope := range scopes {
		texts = append(texts, string(scope))
	}
	if _, err := s.accounts.AddToken(s.t.Context(), storage.Token{Name: name, Scopes: texts, Cameras: cameras, Created: s.clock.read()}, hash); err != nil {
		s.t.Fatal(err)
	}
	v := s.visitor()
	v.token = token
	return v
}

// overSocket sends a visitor's requests through a unix socket.
func (v *visitor) overSocket(path string) {
	v.http.Transport = &http.Transport{DisableKeepAlives: true, DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "unix", path)
	}}
}

func itoa(n int64) string { return strconv.FormatInt(n, 10) }

func newReader(b []byte) *bufio.Reader { return bufio.NewReader(bytes.NewReader(b)) }
