package web

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"v720dvr/camera"
	"v720dvr/storage"
)

// The hall judges nothing: it tells what it was asked for, or is busy until it is let go of.
func (h *hall) Replay(ctx context.Context, q ReplayQuery) (Replay, error) {
	h.mu.Lock()
	busy := h.busy
	h.mu.Unlock()
	if busy != nil {
		busy <- struct{}{}
		<-ctx.Done()
		busy <- struct{}{}
		return Replay{}, ctx.Err()
	}
	if q.Settings.Hold == "never" {
		return Replay{}, fmt.Errorf("replay: %w", &SettingError{Key: "hold", Text: "never is no time"})
	}
	if q.Pictures {
		return Replay{}, fmt.Errorf("replay: %w", &JudgeError{"more than 30m0s"})
	}
	event := ReplayedEvent{Kind: "motion", Start: q.From.UTC(), End: q.To.UTC(), PeakAt: q.From.UTC(), Best: q.From.UTC()}
	return Replay{Events: []ReplayedEvent{event}, Now: []ReplayedEvent{}, New: 1, From: q.From.UTC(), To: q.To.UTC(), Settings: q.Settings}, nil
}

func (h *hall) Why(ctx context.Context, q WhyQuery) (Why, error) {
	if _, err := h.store.FrameAt(ctx, q.Camera, q.At); err != nil {
		return Why{}, err
	}
	w := Why{At: q.At.UTC(), Because: []string{fmt.Sprint(q.Settings)}}
	if q.Draw {
		w.PNG = []byte("\x89PNG of " + string(q.Camera))
	}
	return w, nil
}

func (h *hall) Busy(_ context.Context, q BusyQuery) (Busy, error) {
	return Busy{Width: 2, Height: 1, Frames: q.Sensitivity, Shares: []float64{q.Above, 0}, Zones: []MotionZone{}}, nil
}

func TestBusyIsAskedOfACameraThatMayBeSeen(t *testing.T) {
	s := open(t)
	v := s.with("reader", storage.SomeCameras(door), ScopeRead)
	span := url.Values{"from": {noon.Format(time.RFC3339)}, "to": {noon.Add(time.Hour).Format(time.RFC3339)}}
	path := func(id camera.ID, more ...string) string {
		return "/api/v1/cameras/" + string(id) + "/motion/busy?" + strings.Join(append(more, span.Encode()), "&")
	}
	var told Busy
	v.want(200, "GET", path(door), nil).into(t, &told)
	if told.Frames != 0 || told.Shares[0] != 0.2 {
		t.Errorf("got %+v", told)
	}
	v.want(200, "GET", path(door, "sensitivity=7", "above=0.5"), nil).into(t, &told)
	if told.Frames != 7 || told.Shares[0] != 0.5 {
		t.Errorf("got %+v", told)
	}
	v.want(404, "GET", path(yard), nil)
	for _, bad := range []string{"sensitivity=11", "above=0", "above=2", "x=1"} {
		v.want(422, "GET", path(door, bad), nil)
	}
	span.Set("to", noon.AddDate(0, 2, 0).Format(time.RFC3339))
	v.want(422, "GET", path(door), nil)
	s.with("live", storage.AllCameras, ScopeLive).want(403, "GET", path(door), nil)
}

// eventIn is the number of the first event in a segment.
func eventIn(t *testing.T, store *storage.Store, in storage.SegmentRecord) int64 {
	t.Helper()
	list, err := store.Events(t.Context(), storage.EventQuery{Segment: in.ID})
	if err != nil || len(list) == 0 {
		t.Fatalf("%+v, %v", list, err)
	}
	return list[0].ID
}

func replayPath(id camera.ID) string {
	return "/api/v1/cameras/" + string(id) + "/motion/replay"
}

func TestReplayIsAnsweredWithTimesOfTheZone(t *testing.T) {
	s := open(t)
	v := s.with("reader", storage.SomeCameras(door), ScopeRead)
	var told Replay
	settings := fields{"sensitivity": 7, "min_size": "1%", "zones": []any{}}
	got := v.want(200, "POST", replayPath(door), fields{"from": noon, "to": noon.Add(time.Hour), "settings": settings})
	got.into(t, &told)
	if got.Header.Get("Content-Type") != "application/json" || !strings.Contains(string(got.body), `"start":"2026-11-22T14:05:00+01:00"`) {
		t.Errorf("got %s %s", got.Header.Get("Content-Type"), got.body)
	}
	if told.New != 1 || told.Settings.Sensitivity != 7 || told.Settings.MinSize != "1%" || told.Settings.Zones == nil {
		t.Errorf("got %+v", told)
	}
}

func TestReplayRefusesWhatCannotBe(t *testing.T) {
	s := open(t)
	v := s.with("reader", storage.SomeCameras(door), ScopeRead)
	from, to := noon, noon.Add(time.Hour)
	zone := func(more fields) fields {
		z := fields{"kind": "include", "points": [][]float64{{0, 0}, {1, 0}, {1, 1}}}
		for k, v := range more {
			z[k] = v
		}
		return fields{"from": from, "to": to, "settings": fields{"zones": []any{z}}}
	}
	var many []any
	for range 65 {
		many = append(many, fields{"kind": "include", "points": [][]float64{{0, 0}, {1, 0}, {1, 1}}})
	}
	for _, c := range []struct {
		body  any
		place string
	}{
		{fields{}, "body"},
		{fields{"from": from}, "body"},
		{fields{"from": to, "to": from}, ""},
		{fields{"from": from, "to": from.AddDate(0, 0, 32)}, ""},
		{fields{"from": "0001-01-01T00:00:00Z", "to": "0001-01-02T00:00:00Z"}, ""},
		{fields{"from": "9999-12-31T00:00:00Z", "to": "9999-12-31T01:00:00Z"}, ""},
		{fields{"from": "yesterday", "to": to}, "body.from"},
		{fields{"from": from, "to": to, "settings": fields{"sensitivity": 11}}, "body.settings.sensitivity"},
		{fields{"from": from, "to": to, "settings": fields{"sensitivity": 1e300}}, "body.settings.sensitivity"},
		{fields{"from": from, "to": to, "settings": fields{"sound": 5}}, "body.settings.sound"},
		{fields{"from": from, "to": to, "settings": fields{"hold": "never"}}, "body.settings.hold"},
		{fields{"from": from, "to": to, "settings": fields{"hold": strings.Repeat("1", 30) + "s"}}, "body.settings.hold"},
		{fields{"from": from, "to": to, "settings": fields{"zones": many}}, "body.settings.zones"},
		{zone(fields{"kind": "around"}), "body.settings.zones[0].kind"},
		{zone(fields{"points": [][]float64{{0, 0}, {1, 0}}}), "body.settings.zones[0].points"},
		{zone(fields{"points": [][]float64{{0, 0}, {1, 0}, {1}}}), "body.settings.zones[0].points[2]"},
		{zone(fields{"points": [][]float64{{0, 0}, {1, 0}, {1, 1, 1}}}), "body.settings.zones[0].points[2]"},
		{fields{"from": from, "to": to, "pictures": true}, ""},
	} {
		var problem struct {
			Errors []struct{ Message, Location string }
		}
		got := v.want(422, "POST", replayPath(door), c.body)
		got.into(t, &problem)
		if c.place != "" && (len(problem.Errors) == 0 || problem.Errors[0].Location != c.place) {
			t.Errorf("%v: got %s, want %s", c.body, got.body, c.place)
		}
	}
	v.want(404, "POST", replayPath(yard), fields{"from": from, "to": to})
	s.with("all", storage.AllCameras, ScopeRead).want(404, "POST", replayPath("0800c0000009"), fields{"from": from, "to": to})
}

// One replay a user, whatever session or token asks, and two in all. Those that are given up make room.
func TestReplaysAreBoundedAndEndWithTheirRequests(t *testing.T) {
	s := open(t)
	s.addUser("viewer", storage.RoleViewer, storage.SomeCameras(door))
	busy := make(chan struct{})
	s.hall.mu.Lock()
	s.hall.busy = busy
	s.hall.mu.Unlock()
	body := fields{"from": noon, "to": noon.Add(time.Hour)}
	giveUp := func(v *visitor) (stop func()) {
		ctx, cancel := context.WithCancel(t.Context())
		gone := make(chan struct{})
		go func() {
			defer close(gone)
			raw, _ := json.Marshal(body)
			r, err := http.NewRequestWithContext(ctx, "POST", s.base+replayPath(door), strings.NewReader(string(raw)))
			if err != nil {
				t.Error(err)
				return
			}
			r.Header.Set("Content-Type", "application/json")
			if v.token != "" {
				r.Header.Set("Authorization", "Bearer "+v.token)
			}
			if got, err := v.http.Do(r); err == nil {
				got.Body.Close()
				t.Errorf("answered with %s, want nothing", got.Status)
			}
		}()
		<-busy
		return func() { cancel(); <-gone; <-busy }
	}
	viewer := s.visitor()
	viewer.logIn("viewer", "password of viewer")
	again := s.visitor()
	again.logIn("viewer", "password of viewer")
	first := giveUp(viewer)
	if got := again.want(429, "POST", replayPath(door), body); got.Header.Get("Retry-After") == "" {
		t.Error("429 without Retry-After")
	}
	second := giveUp(s.with("second", storage.AllCameras, ScopeRead))
	if got := s.with("third", storage.AllCameras, ScopeRead).want(503, "POST", replayPath(door), body); got.Header.Get("Retry-After") == "" {
		t.Error("503 without Retry-After")
	}
	first()
	third := giveUp(again) // the one before was given up a moment ago
	second()
	third()
	s.hall.mu.Lock()
	s.hall.busy = nil
	s.hall.mu.Unlock()
	viewer.want(200, "POST", replayPath(door), body)
}

func TestWhyIsToldOfEventsThatMayBeSeen(t *testing.T) {
	s := open(t)
	mine, theirs := film(t, s.o.Store, door, noon), film(t, s.o.Store, yard, noon)
	v := s.with("reader", storage.SomeCameras(door), ScopeRead)
	at := "?at=" + url.QueryEscape(noon.Add(200*time.Millisecond).Format(time.RFC3339Nano))
	for _, path := range []string{fmt.Sprintf("/api/v1/events/%d/why", eventIn(t, s.o.Store, mine)), "/api/v1/cameras/" + string(door) + "/motion/why"} {
		query, and := "", "?"
		if strings.Contains(path, "motion") {
			query, and = at, at+"&"
		}
		var told Why
		v.want(200, "GET", path+".json"+query, nil).into(t, &told)
		if !told.At.Equal(noon.Add(200*time.Millisecond)) || len(told.Because) != 1 {
			t.Errorf("%s: got %+v", path, told)
		}
		got := v.want(200, "GET", path+".png"+query, nil)
		if got.Header.Get("Content-Type") != "image/png" || string(got.body) != "\x89PNG of "+string(door) || got.Header.Get("X-Timestamp") == "" {
			t.Errorf("%s: got %v %q", path, got.Header, got.body)
		}
		zones := url.Values{"sensitivity": {"8"}, "min_size": {"1%"}, "zones": {`[{"name":"a","kind":"exclude","points":[[0,0],[1,0],[1,1]]}]`}}
		v.want(200, "GET", path+".json"+and+zones.Encode(), nil).into(t, &told)
		if want := fmt.Sprint(MotionSettings{Sensitivity: 8, MinSize: "1%", Zones: []MotionZone{{Name: "a", Kind: "exclude", Points: [][2]float64{{0, 0}, {1, 0}, {1, 1}}}}}); told.Because[0] != want {
			t.Errorf("%s: asked with %s, want %s", path, told.Because[0], want)
		}
		for _, bad := range []string{"sensitivity=0", "sensitivity=11", "sensitivity=x", "zones=null", "zones=%7B%7D", "zones=[{}]]", `zones=[{"a":1}]`, "zones=[[", "pictures=perhaps", "nothing=1", "zones=" + strings.Repeat("[", 11_000)} {
			v.want(422, "GET", path+".json"+and+strings.NewReplacer(`"`, "%22", "{", "%7B", "}", "%7D").Replace(bad), nil)
		}
	}
	for _, event := range []string{fmt.Sprint(eventIn(t, s.o.Store, theirs)), "4711", "9223372036854775807"} {
		hidden := v.want(404, "GET", "/api/v1/events/"+event+"/why.json", nil)
		v.want(404, "GET", "/api/v1/events/"+event+"/why.png?zones=null", nil)
		if strings.Contains(string(hidden.body), string(yard)) {
			t.Errorf("event %s: told %s", event, hidden.body)
		}
	}
	for _, event := range []string{"0", "-1", "x", "9223372036854775808", "1e3"} {
		v.want(422, "GET", "/api/v1/events/"+event+"/why.png", nil)
	}
	v.want(404, "GET", "/api/v1/cameras/"+string(yard)+"/motion/why.json"+at, nil)
	if got := v.want(404, "GET", "/api/v1/cameras/"+string(door)+"/motion/why.png?at=2026-11-22T10:00:00Z", nil); !strings.Contains(string(got.body), "nothing stands there") {
		t.Errorf("got %s", got.body)
	}
	v.want(422, "GET", "/api/v1/cameras/"+string(door)+"/motion/why.png?at=0001-01-01T00:00:00Z", nil)
}

// Whatever a body is, the answer is a replay or a refusal of who asks.
func FuzzReplayBody(f *testing.F) {
	f.Add(`{"from":"2026-11-22T14:05:00+01:00","to":"2026-11-22T15:05:00+01:00","settings":{"sensitivity":7,"zones":[{"kind":"include","points":[[0,0],[1,0],[1,1]]}]}}`)
	f.Add(`{"from":"2026-11-22T14:05:00+01:00","to":"2026-11-22T15:05:00+01:00","settings":{"zones":[{"points":[[1e999,0],[],{}]}]}}`)
	f.Add(strings.Repeat(`{"settings":`, 1000))
	h, token := fuzzed(f)
	f.Fuzz(func(t *testing.T, body string) {
		ask1(t, h, &http.Request{
			Method: "POST", URL: &url.URL{Path: replayPath(door)}, Host: "x", RemoteAddr: "127.0.0.1:1", ContentLength: int64(len(body)),
			Header: http.Header{"Authorization": {"Bearer " + token}, "Content-Type": {"application/json"}}, Body: io.NopCloser(strings.NewReader(body)),
		})
	})
}

// Whatever zones are in a query, they are read as they are written, or refused.
func FuzzWhyZones(f *testing.F) {
	f.Add(`[]`)
	f.Add(`[{"name":"street","kind":"exclude","points":[[0,0],[1,0],[1,0.3]],"sensitivity":3}]`)
	f.Add(`[{"points":[[1e999]]}] []`)
	f.Fuzz(func(t *testing.T, zones string) {
		tried := WhyTried{Zones: zones}
		s, err := tried.settings()
		if err != nil || zones == "" {
			return
		}
		written, err := json.Marshal(s.Zones)
		if err != nil {
			t.Fatal(err)
		}
		tried.Zones = string(written)
		if again, err := tried.settings(); err != nil || fmt.Sprint(again) != fmt.Sprint(s) {
			t.Errorf("%q is read as %+v, and written %s, which is %+v, %v", zones, s, written, again, err)
		}
	})
}
