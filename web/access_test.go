package web

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"v720dvr/camera"
	"v720dvr/storage"
)

// walk says of every route, once more and by hand, who may use it for the camera "door": all those who
// are named, and nobody else. "socket" may all, and so may "admin" and "admin token" but for what
// needs a session.
var walk = map[string]struct {
	may  string
	body func(who string) any
}{
	"GET /api/v1/openapi.json": {may: "viewer neighbour read live control half-admin"},

	"POST /api/v1/session": {may: "nobody viewer neighbour read live control half-admin",
		body: func(string) any { return fields{"user": "login", "password": "the right one"} }},
	"GET /api/v1/session":    {may: "viewer neighbour read live control half-admin"},
	"DELETE /api/v1/session": {may: "viewer neighbour"},
	"PUT /api/v1/session/password": {may: "viewer neighbour",
		body: func(who string) any { return fields{"old": "password of " + who, "new": "password of " + who} }},

	"GET /api/v1/preferences": {may: "viewer neighbour"},
	"PUT /api/v1/preferences": {may: "viewer neighbour", body: func(string) any {
		return fields{"order": []string{}, "phone": "one", "desk": "auto"}
	}},

	"GET /metrics": {may: "read"},
	"GET /healthz": {may: "nobody viewer neighbour read live control half-admin"},
	"GET /readyz":  {may: "nobody viewer neighbour read live control half-admin"},

	"GET /api/v1/hooks":              {},
	"POST /api/v1/hooks/{hook}/test": {body: func(string) any { return fields{} }},

	"GET /api/v1/archive":                   {},
	"POST /api/v1/archive/retry":            {},
	"GET /api/v1/cameras/{camera}/archived": {may: "half-admin"},
	"POST /api/v1/cameras/{camera}/restore": {may: "half-admin", body: func(string) any {
		return fields{"from": "2026-11-22T00:00:00Z", "to": "2026-11-23T00:00:00Z", "keep": true}
	}},

	"GET /api/v1/users":                    {},
	"POST /api/v1/users":                   {body: func(who string) any { return fields{"name": "made-by-" + short(who), "role": "viewer"} }},
	"PATCH /api/v1/users/{user}":           {body: func(string) any { return fields{"all_cameras": true} }},
	"DELETE /api/v1/users/{user}":          {},
	"PUT /api/v1/users/{user}/password":    {body: func(string) any { return fields{} }},
	"DELETE /api/v1/users/{user}/sessions": {},

	"GET /api/v1/tokens": {},
	"POST /api/v1/tokens": {body: func(who string) any {
		return fields{"name": "made-by-" + short(who), "scopes": []string{"read"}}
	}},
	"DELETE /api/v1/tokens/{token}": {},
	"GET /api/v1/audit":             {},

	"GET /api/v1/arrivals": {may: "viewer neighbour read half-admin"},
	"GET /api/v1/doctor":   {may: "viewer neighbour read half-admin"},
	"POST /api/v1/demo":    {},
	"DELETE /api/v1/demo":  {},

	"GET /api/v1/cameras":                               {may: "viewer neighbour read half-admin"},
	"GET /api/v1/cameras/{camera}":                      {may: "viewer read half-admin"},
	"GET /api/v1/cameras/{camera}/coverage":             {may: "viewer read half-admin"},
	"GET /api/v1/cameras/{camera}/schedule":             {may: "viewer read half-admin"},
	"GET /api/v1/cameras/{camera}/state":                {may: "viewer read half-admin"},
	"POST /api/v1/cameras/{camera}/say":                 {may: "control half-admin", body: func(string) any { return fields{"alaw": []byte{0x55}} }},
	"POST /api/v1/cameras/{camera}/command":             {may: "control half-admin", body: func(string) any { return fields{"set": fields{"ir": "on"}} }},
	"GET /api/v1/cameras/{camera}/sdcard":               {may: "control half-admin"},
	"GET /api/v1/cameras/{camera}/sdcard/{day}":         {may: "control half-admin"},
	"GET /api/v1/cameras/{camera}/sdcard/{minute}/file": {may: "control half-admin"},
	"DELETE /api/v1/cameras/{camera}/sdcard/{minute}":   {may: "half-admin"},
	"POST /api/v1/cameras/{camera}/import":              {may: "half-admin", body: func(string) any { return fields{"path": "/nowhere.avi"} }},
	"POST /api/v1/cameras/{camera}/approve":             {may: "control half-admin"},
	"POST /api/v1/cameras/{camera}/pause":               {may: "control half-admin", body: func(string) any { return fields{"seconds": 60} }},
	"POST /api/v1/cameras/{camera}/resume":              {may: "control half-admin"},
	"POST /api/v1/cameras/{camera}/trigger":             {may: "control half-admin", body: func(string) any { return fields{"detail": "bell"} }},
	"GET /api/v1/cameras/{camera}/settings":             {may: "half-admin"},
	"PATCH /api/v1/cameras/{camera}/settings": {may: "half-admin", body: func(string) any {
		return fields{"recording.segment": "1m"}
	}},

	"GET /api/v1/live":                        {may: "viewer neighbour live half-admin"},
	"GET /api/v1/cameras/{camera}/latest.jpg": {may: "viewer live half-admin"},
	"GET /api/v1/cameras/{camera}/live.mjpeg": {may: "viewer live half-admin"},
	"GET /api/v1/cameras/{camera}/live.wav":   {may: "viewer live half-admin"},

	"GET /api/v1/segments/{segment}/file":      {may: "viewer read half-admin"},
	"GET /api/v1/cameras/{camera}/open.avi":    {may: "viewer read half-admin"},
	"GET /api/v1/cameras/{camera}/footage.avi": {may: "viewer read half-admin"},
	"GET /api/v1/cameras/{camera}/footage":     {may: "viewer read half-admin"},
	"GET /api/v1/exports":                      {may: "viewer neighbour read half-admin"},
	"GET /api/v1/cameras/{camera}/frames":      {may: "viewer read half-admin"},
	"GET /api/v1/cameras/{camera}/index":       {may: "viewer read half-admin"},
	"GET /api/v1/cameras/{camera}/frame.jpg":   {may: "viewer read half-admin"},

	"GET /api/v1/cameras/{camera}/footage/erasure": {may: "half-admin"},
	"DELETE /api/v1/cameras/{camera}/footage":      {may: "half-admin"},

	"GET /api/v1/cameras/{camera}/tiles/{level}/{number}": {may: "viewer read half-admin"},
	"GET /api/v1/cameras/{camera}/spans":                  {may: "viewer read half-admin"},
	"GET /api/v1/cameras/{camera}/thumb.jpg":              {may: "viewer read half-admin"},
	"GET /api/v1/cameras/{camera}/sheets/{number}":        {may: "viewer read half-admin"},

	"POST /api/v1/cameras/{camera}/motion/replay": {may: "viewer read half-admin", body: func(string) any {
		return fields{"from": noon.Add(-time.Hour), "to": noon.Add(time.Hour)}
	}},
	"GET /api/v1/cameras/{camera}/motion/busy":     {may: "viewer read half-admin"},
	"GET /api/v1/cameras/{camera}/motion/why.png":  {may: "viewer read half-admin"},
	"GET /api/v1/cameras/{camera}/motion/why.json": {may: "viewer read half-admin"},
	"GET /api/v1/events/{event}/why.png":           {may: "viewer read half-admin"},
	"GET /api/v1/events/{event}/why.json":          {may: "viewer read half-admin"},

	"GET /api/v1/segments":       {may: "viewer neighbour read half-admin"},
	"GET /api/v1/events":         {may: "viewer neighbour read half-admin"},
	"GET /api/v1/events/days":    {may: "viewer neighbour read half-admin"},
	"GET /api/v1/events/{event}": {may: "viewer read half-admin"},
	"POST /api/v1/events/seen": {may: "viewer neighbour", body: func(string) any {
		return fields{"from": noon, "to": noon.Add(time.Hour)}
	}},
	"GET /api/v1/keeps":             {may: "viewer neighbour read half-admin"},
	"GET /api/v1/schedule":          {may: "viewer neighbour read half-admin"},
	"POST /api/v1/schedule/preview": {body: func(string) any { return fields{"settings": fields{}} }},

	"POST /api/v1/keeps": {may: "control half-admin", body: func(string) any {
		return fields{"camera": door, "from": noon, "to": noon.Add(time.Minute)}
	}},
	"PATCH /api/v1/keeps/{keep}":  {may: "control half-admin", body: func(string) any { return fields{"note": "a fox"} }},
	"DELETE /api/v1/keeps/{keep}": {may: "control half-admin"},

	"GET /api/v1/settings":          {},
	"PATCH /api/v1/settings":        {body: func(string) any { return fields{"recording.segment": "1m"} }},
	"GET /api/v1/system":            {may: "viewer neighbour read half-admin"},
	"GET /api/v1/system/zone":       {may: "viewer neighbour read half-admin"},
	"POST /api/v1/capture":          {body: func(string) any { return fields{"seconds": 1} }},
	"DELETE /api/v1/capture":        {},
	"GET /api/v1/system/names":      {},
	"GET /api/v1/health":            {may: "viewer neighbour read half-admin"},
	"GET /api/v1/storage":           {may: "viewer neighbour read half-admin"},
	"GET /api/v1/storage/next":      {may: "viewer neighbour read half-admin"},
	"GET /api/v1/storage/deletions": {may: "viewer neighbour read half-admin"},
	"GET /api/v1/storage/files":     {},
	"POST /api/v1/storage/preview":  {body: func(string) any { return fields{} }},
	"POST /api/v1/storage/sweep":    {},
}

func short(who string) string { return strings.ReplaceAll(who, " ", "-") }

// addUser adds a user whose password is "password of " and its name.
func (s *site) addUser(name string, role storage.Role, cameras storage.CameraSet) {
	s.t.Helper()
	hash, err := HashPassword("password of " + name)
	if err != nil {
		s.t.Fatal(err)
	}
	if _, err := s.accounts.AddUser(s.t.Context(), storage.User{Name: name, Role: role, Cameras: cameras}, hash, s.clock.read()); err != nil {
		s.t.Fatal(err)
	}
}

// socket serves the API at a unix socket, and gives who comes in there.
func (s *site) socket() *visitor {
	s.t.Helper()
	path := filepath.Join(s.t.TempDir(), "s")
	l, err := net.Listen("unix", path)
	if err != nil {
		s.t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.ServeLocal(ctx, l) }()
	s.t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			s.t.Errorf("serve the socket: %v", err)
		}
	})
	v := s.visitor()
	v.overSocket(path)
	return v
}

func TestEveryRouteIsForThoseWhoMay(t *testing.T) {
	for pattern := range routes {
		if _, ok := walk[pattern]; !ok {
			t.Errorf("%s: nobody walks it", pattern)
		}
	}
	s := open(t)
	s.addUser("viewer", storage.RoleViewer, storage.SomeCameras(door))
	s.addUser("neighbour", storage.RoleViewer, storage.SomeCameras(other))
	hash, err := HashPassword("the right one")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.accounts.AddUser(t.Context(), storage.User{Name: "login", Role: storage.RoleViewer}, hash, noon); err != nil {
		t.Fatal(err)
	}
	tokens := map[string]*visitor{
		"read": s.with("read", storage.AllCameras, ScopeRead), "live": s.with("live", storage.AllCameras, ScopeLive),
		"control": s.with("control", storage.AllCameras, ScopeControl), "admin token": s.with("admin", storage.AllCameras, ScopeAdmin),
		"half-admin": s.with("half-admin", storage.SomeCameras(door), ScopeAdmin),
		"socket":     s.socket(),
	}
	recorded := film(t, s.o.Store, door, noon)
	shoot(t, s.o.Store, door, noon.Add(-time.Hour), 0)
	filmOpen(t, s.o.Store, door, noon.Add(time.Minute))
	who := []string{"nobody", "viewer", "neighbour", "admin", "read", "live", "control", "admin token", "half-admin", "socket"}
	browsers := map[string]*visitor{"nobody": s.visitor(), "viewer": s.visitor(), "neighbour": s.visitor(), "admin": s.visitor()}
	for pattern, w := range walk {
		for _, who := range who {
			// What one of them does must not be in the way of the next.
			_ = s.accounts.RemoveUser(t.Context(), "target")
			s.addUser("target", storage.RoleViewer, storage.CameraSet{})
			_ = s.accounts.RevokeToken(t.Context(), "target")
			s.with("target", storage.CameraSet{}, ScopeRead)
			kept, err := s.o.Store.Keep(t.Context(), storage.Keep{Camera: door, From: noon, To: noon.Add(time.Minute)})
			if err != nil {
				t.Fatal(err)
			}
			v := tokens[who]
			if v == nil {
				v = browsers[who]
				password := "password of " + who
				if who == "admin" {
					password = s.first
				}
				if who != "nobody" && v.send("GET", "/api/v1/session", nil).StatusCode != http.StatusOK {
					v.logIn(who, password)
				}
			}
			if pattern == "POST /api/v1/session" {
				v = &visitor{site: s, http: &http.Client{Transport: v.http.Transport}, token: v.token} // it logs in as another
				s.clock.add(slotEvery)
			}
			method, path, _ := strings.Cut(pattern, " ")
			path = strings.NewReplacer("{camera}", string(door), "{user}", "target", "{version}/{file...}", anAsset(), "{token}", "target", "{$}", "", "{segment}", itoa(recorded.ID), "{event}", itoa(eventIn(t, s.o.Store, recorded)), "{keep}", itoa(kept.ID),
				"{day}", "2026-11-22", "{minute}", "2026-11-22T14:05",
				"{level}/{number}", "1m/0", "{number}", itoa(noon.Add(-time.Hour).Unix()/600)).Replace(path)
			if strings.HasSuffix(path, "/thumb.jpg") {
				path += "?at=2026-11-22T12:05:00.5Z"
			}
			if strings.HasSuffix(path, "/frame.jpg") || strings.Contains(path, "/motion/why.") {
				path += "?at=2026-11-22T13:05:00.5Z"
			}
			if strings.HasSuffix(path, "/coverage") || strings.HasSuffix(path, "/archived") || strings.HasSuffix(path, "/zone") || strings.HasSuffix(path, "/footage.avi") ||
				strings.HasSuffix(path, "/index") || strings.HasSuffix(path, "/frames") || strings.HasSuffix(path, "/spans") || strings.HasSuffix(path, "/erasure") || strings.HasSuffix(path, "/health") || strings.HasSuffix(path, "/busy") ||
				method == "GET" && strings.HasSuffix(path, "/footage") {
				path += "?from=2026-11-22T00:00:00Z&to=2026-11-23T00:00:00Z"
			}
			if strings.HasSuffix(path, "/days") {
				path += "?from=2026-11-01&to=2026-11-30"
			}
			if method == "DELETE" && strings.HasSuffix(path, "/footage") { // of a day without any: the plan names nothing
				path += "?from=2001-11-22T00:00:00Z&to=2001-11-23T00:00:00Z&plan=e3b0c44298fc1c149afbf4c8996fb924"
			}
			if strings.HasSuffix(path, "/latest.jpg") {
				s.o.Live.Frame(camera.Frame{Camera: door, At: s.clock.read(), JPEG: picture})
			}
			var body any
			if w.body != nil {
				body = w.body(who)
				if b, ok := body.(fields); ok && who == "admin" && b["old"] != nil {
					body = fields{"old": s.first, "new": s.first}
				}
			}
			var got answered
			if routes[pattern].stream && method == "GET" {
				got = v.begin(path)
			} else {
				got = v.send(method, path, body)
			}
			allowed := slices.Contains(strings.Fields(w.may), who) || who == "admin" ||
				(who == "socket" || who == "admin token" && !routes[pattern].person) && !routes[pattern].session
			ok := got.StatusCode < 400
			if strings.HasSuffix(path, "/import") { // who may is told that it is for the socket alone, and there that there is no such file
				ok = got.StatusCode == http.StatusConflict && who != "socket" || got.StatusCode == http.StatusUnprocessableEntity && who == "socket"
			}
			if ok != allowed {
				t.Errorf("%s as %s: got %s %.200s, want it allowed: %v", pattern, who, got.Status, got.body, allowed)
			}
			if !allowed && got.StatusCode != http.StatusUnauthorized && got.StatusCode != http.StatusForbidden && got.StatusCode != http.StatusNotFound {
				t.Errorf("%s as %s: refused with %s", pattern, who, got.Status)
			}
			if who == "neighbour" && routes[pattern].camera && routes[pattern].scope == ScopeRead && got.StatusCode != http.StatusNotFound {
				t.Errorf("%s as %s: got %s, want a camera of others not to be there", pattern, who, got.Status)
			}
		}
	}
	if strings.Contains(s.log.String(), "level=ERROR") {
		t.Errorf("log: %s", s.log)
	}
}

func TestRouteWithoutALineInTheTableIsNotServed(t *testing.T) {
	s := open(t)
	defer func() {
		if recover() == nil {
			t.Error("it was registered")
		}
	}()
	s.handle("GET /api/v1/secret", http.NotFoundHandler())
}

func TestEveryChangeStandsInTheAuditLog(t *testing.T) {
	quiet := []string{ // they ask and change nothing, or change what one user alone sees
		"POST /api/v1/cameras/{camera}/motion/replay", "POST /api/v1/storage/preview", "POST /api/v1/schedule/preview", "POST /api/v1/events/seen", "PUT /api/v1/preferences",
	}
	for pattern, need := range routes {
		if safe := strings.HasPrefix(pattern, "GET ") || slices.Contains(quiet, pattern); safe != (need.audit == "") {
			t.Errorf("%s: audit %q", pattern, need.audit)
		}
	}
}

func TestListsHaveTheCamerasOfWhoAsksAlone(t *testing.T) {
	s := open(t)
	for i, id := range []camera.ID{yard, door, other, door} {
		film(t, s.o.Store, id, noon.Add(time.Duration(i)*time.Minute))
	}
	s.addUser("viewer", storage.RoleViewer, storage.SomeCameras(door))
	v := s.visitor()
	v.logIn("viewer", "password of viewer")

	var cameras struct{ Cameras []Camera }
	v.want(200, "GET", "/api/v1/cameras", nil).into(t, &cameras)
	if len(cameras.Cameras) != 1 || cameras.Cameras[0].ID != door {
		t.Errorf("got %+v", cameras)
	}
	var segments struct{ Segments []Segment }
	v.want(200, "GET", "/api/v1/segments", nil).into(t, &segments)
	var events struct{ Events []Event }
	v.want(200, "GET", "/api/v1/events", nil).into(t, &events)
	if len(segments.Segments) != 2 || len(events.Events) != 2 || segments.Segments[0].Camera != door || events.Events[1].Camera != door {
		t.Errorf("got %+v and %+v, want the two of its camera", segments, events)
	}
	v.want(404, "GET", "/api/v1/segments?camera="+string(yard), nil)
	v.want(404, "GET", fmt.Sprintf("/api/v1/events?camera=%s,%s", door, yard), nil)
	var state SystemState
	v.want(200, "GET", "/api/v1/system", nil).into(t, &state)
	if state.Well || len(state.Problems) != 0 {
		t.Errorf("a viewer is told %+v, want that something is wrong, and not what", state)
	}
	if state.Disk.Error+state.Disk.Folder+state.Retention.Problem != "" || state.Retention.LastSweep.IsZero() {
		t.Errorf("a viewer is told of files: %+v", state)
	}
	var me Me
	v.want(200, "GET", "/api/v1/session", nil).into(t, &me)
	if me.User != "viewer" || me.AllCameras || !slices.Equal(me.Cameras, []camera.ID{door}) || !slices.Equal(me.Scopes, []Scope{ScopeRead, ScopeLive}) {
		t.Errorf("got %+v", me)
	}
}

// A token may no more than who made it may now.
func TestTokenLosesWhatItsOwnerLoses(t *testing.T) {
	s := open(t)
	s.addUser("boss", storage.RoleAdmin, storage.AllCameras)
	boss := s.visitor()
	boss.logIn("boss", "password of boss")
	var made struct{ Token string }
	boss.want(201, "POST", "/api/v1/tokens", fields{"name": "script", "scopes": []string{"admin"}, "all_cameras": true}).into(t, &made)
	script := s.visitor()
	script.token = made.Token
	script.want(200, "GET", "/api/v1/users", nil)
	script.want(200, "GET", "/api/v1/cameras/"+string(yard), nil)
	s.admin().want(200, "PATCH", "/api/v1/users/boss", fields{"role": "viewer", "cameras": []string{string(door)}})
	script.want(403, "GET", "/api/v1/users", nil)
	script.want(403, "POST", "/api/v1/cameras/"+string(door)+"/pause", fields{})
	script.want(404, "GET", "/api/v1/cameras/"+string(yard), nil)
	script.want(200, "GET", "/api/v1/cameras/"+string(door), nil)
	s.admin().want(204, "DELETE", "/api/v1/users/boss", nil)
	script.want(401, "GET", "/api/v1/cameras/"+string(door), nil)
	boss.want(401, "GET", "/api/v1/session", nil)
}
